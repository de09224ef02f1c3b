"""Fillings from a likelihood model made by hand: three words of one slot each, the last of two slots."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from elision.likelihood import filling
from elision.likelihood.filling import MASKED, Slots, Truncation, draw_fillings, enumerate_fillings

SIZE = 4
ORIGINAL = np.array([0, 1, 2, 3], dtype=np.int32)


def copycat(states: np.ndarray, slots: np.ndarray) -> np.ndarray:
    """The first slot is 0.4, 0.3, 0.2, 0.1; every other repeats the slot before it, or is flat while that is empty."""
    found = np.full((len(slots), SIZE), 1.0 / SIZE)
    for row, slot in enumerate(slots):
        if slot == 0:
            found[row] = [0.4, 0.3, 0.2, 0.1]
        elif states[row, slot - 1] != MASKED:
            found[row] = np.eye(SIZE)[states[row, slot - 1]]
    return found


def make() -> Slots:
    return Slots(
        original=ORIGINAL,
        of_unit=((0,), (1,), (2, 3)),
        size=SIZE,
        distribution=copycat,
        render=lambda absent, fills: [],
        spell=lambda unit, ids: str(ids),
    )


def draw(absent: tuple[int, ...], *, sequential: bool, exclude: bool = False, seed: int = 0) -> np.ndarray:
    return draw_fillings(make(), [absent], 4000, sequential=sequential, exclude_original=exclude, seed=seed)[0]


def test_sequential_draws_are_conditioned_on_what_was_drawn_before() -> None:
    fills = draw((0, 1), sequential=True)
    np.testing.assert_array_equal(fills[:, 0], fills[:, 1])
    together = draw((0, 1), sequential=False)
    assert np.mean(together[:, 0] == together[:, 1]) == pytest.approx(0.25, abs=0.03)
    for drawn in (fills, together):
        shares = np.bincount(drawn[:, 0], minlength=SIZE) / len(drawn)
        np.testing.assert_allclose(shares, [0.4, 0.3, 0.2, 0.1], atol=0.03)


@pytest.mark.parametrize("sequential", [True, False])
def test_an_excluded_original_is_never_drawn_and_the_rest_keeps_its_shares(sequential: bool) -> None:
    fills = draw((0,), sequential=sequential, exclude=True)
    shares = np.bincount(fills[:, 0], minlength=SIZE) / len(fills)
    np.testing.assert_allclose(shares, [0.0, 0.5, 1 / 3, 1 / 6], atol=0.03)
    assert shares[0] == 0


@pytest.mark.parametrize("sequential", [True, False])
def test_of_a_word_of_two_slots_only_the_whole_original_is_excluded(sequential: bool) -> None:
    fills = draw((0, 1, 2), sequential=sequential, exclude=True)
    words = {tuple(row) for row in fills[:, 2:].tolist()}
    assert (2, 3) not in words
    assert (2, 2) in words
    if not sequential:
        assert (1, 3) in words


def test_an_original_without_any_rival_stays() -> None:
    fills = draw((0, 1), sequential=True, exclude=True)
    np.testing.assert_array_equal(fills[:, 0], fills[:, 1])
    assert (fills == 1).any()


def test_draws_belong_to_the_set_and_the_seed() -> None:
    alone = draw((0, 1), sequential=False)
    among = draw_fillings(make(), [(2,), (0, 1)], 4000, sequential=False, exclude_original=False, seed=0)[1]
    np.testing.assert_array_equal(alone, among)
    assert (draw((0, 1), sequential=False, seed=1) != alone).any()


def test_enumeration_follows_the_chain_rule_and_finds_the_originals_likelihood() -> None:
    cut = Truncation(threshold=0.0, beam=100)
    found, single = enumerate_fillings(make(), [(0, 1), (0,)], cut)
    assert {tuple(row): q for row, q in zip(found.fills.tolist(), found.likelihood, strict=True)} == pytest.approx(
        {(0, 0): 0.4, (1, 1): 0.3, (2, 2): 0.2, (3, 3): 0.1}
    )
    assert found.original == 0.0
    assert found.left_out == pytest.approx(0.0, abs=1e-12)
    assert (single.original, single.left_out) == (0.4, 0.0)


def test_enumeration_cuts_at_the_joint_likelihood_the_beam_and_the_number() -> None:
    for cut, kept in (
        (Truncation(threshold=0.15), [0.4, 0.3, 0.2]),
        (Truncation(threshold=0.0, beam=2), [0.4, 0.3]),
        (Truncation(threshold=0.0, top_n=1), [0.4]),
        (Truncation(threshold=0.5, beam=3), [0.4, 0.3, 0.2]),
    ):
        found = enumerate_fillings(make(), [(0, 1)], cut)[0]
        np.testing.assert_allclose(found.likelihood, kept)
        assert found.left_out == pytest.approx(1 - sum(kept))
        np.testing.assert_allclose(found.weights.sum(), 1.0)
    assert enumerate_fillings(make(), [(0, 1)], Truncation(0.0))[0].first(1).left_out == pytest.approx(0.6)


def chain(states: np.ndarray, slots: np.ndarray) -> np.ndarray:
    """Each slot's distribution depends on the one before it, by a fixed table."""
    table = np.random.default_rng(5).dirichlet(np.ones(SIZE), size=SIZE + 1)
    before = [
        SIZE if slot == 0 or states[row, slot - 1] == MASKED else states[row, slot - 1]
        for row, slot in enumerate(slots)
    ]
    return table[before]


@pytest.mark.parametrize("threshold", [0.0, 0.03, 0.9])
def test_enumeration_in_small_pieces_finds_the_same(monkeypatch: pytest.MonkeyPatch, threshold: float) -> None:
    slots = replace(make(), distribution=chain)
    cut = Truncation(threshold=threshold, beam=3)
    whole = enumerate_fillings(slots, [(0, 1, 2), (1, 2), (0,)], cut)
    monkeypatch.setattr(filling, "CELLS", SIZE)
    pieces = enumerate_fillings(slots, [(0, 1, 2), (1, 2), (0,)], cut)
    for one, other in zip(whole, pieces, strict=True):
        np.testing.assert_allclose(one.likelihood, other.likelihood)
        np.testing.assert_array_equal(one.fills, other.fills)
        assert one.original == pytest.approx(other.original)
        assert len(one.fills) == len(other.fills)


def test_the_originals_likelihood_is_known_even_where_the_beam_lost_it() -> None:
    table = np.random.default_rng(5).dirichlet(np.ones(SIZE), size=SIZE + 1)
    slots = replace(make(), distribution=chain)
    found = enumerate_fillings(slots, [(0, 1, 2)], Truncation(threshold=0.0, beam=1))[0]
    assert found.original == pytest.approx(table[4, 0] * table[0, 1] * table[1, 2] * table[2, 3])
