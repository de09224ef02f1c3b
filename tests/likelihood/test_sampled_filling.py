"""Fillings drawn from the whole vocabulary: the likely ones for certain, the others for all that were not drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from elision.likelihood import filling, sampled_filling
from elision.likelihood.filling import Slots, Truncation, enumerate_fillings
from elision.likelihood.sampled_filling import sample_fillings

SIZE = 6
TABLE = np.random.default_rng(0).dirichlet(np.full(SIZE, 0.5), size=(4, SIZE + 1))
ORIGINAL = np.array([0, 1, 2, 3], dtype=np.int32)
ALL = Truncation(threshold=0.0, beam=10_000)


def chain(states: np.ndarray, slots: np.ndarray) -> np.ndarray:
    """Each slot depends on the one before it; an empty one counts as another value."""
    return np.array([TABLE[slot, states[row, slot - 1]] for row, slot in enumerate(slots)])


def make(original: np.ndarray = ORIGINAL) -> Slots:
    return Slots(
        original=original,
        of_unit=((0,), (1,), (2, 3)),
        size=SIZE,
        distribution=chain,
        render=lambda absent, fills: [],
        spell=lambda unit, ids: str(ids),
    )


def test_all_fillings_are_found_where_all_are_asked_for() -> None:
    for absent in ((0,), (2,), (1, 2)):
        whole = enumerate_fillings(make(), [absent], ALL)[0]
        found = sample_fillings(make(), [absent], 10_000, ALL, seed=0)[0]
        np.testing.assert_array_equal(found.fills, whole.fills)
        np.testing.assert_allclose(found.likelihood, whole.likelihood, atol=1e-12)
        np.testing.assert_allclose(found.weights, whole.likelihood, atol=1e-12)
        assert found.original == pytest.approx(whole.original)
        assert found.left_out == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(("absent", "n", "beam"), [((0,), 4, 9), ((2,), 8, 3), ((1, 2), 9, 4)])
def test_sums_over_the_shares_are_unbiased(absent: tuple[int, ...], n: int, beam: int) -> None:
    whole = enumerate_fillings(make(), [absent], ALL)[0]
    answers = {tuple(fill): value for fill, value in zip(whole.fills.tolist(), np.sin(np.arange(999.0)), strict=False)}
    truth = sum(q * answers[tuple(fill)] for q, fill in zip(whole.likelihood, whole.fills.tolist(), strict=True))
    cut = Truncation(threshold=0.0, beam=beam)
    sums = []
    for seed in range(3000):
        found = sample_fillings(make(), [absent], n, cut, seed=seed)[0]
        assert len(found.fills) <= n + 1
        assert len(np.unique(found.fills, axis=0)) == len(found.fills)
        own = [answers[tuple(fill)] for fill in found.fills.tolist()]
        sums.append(found.shares @ own)
    assert np.mean(sums) == pytest.approx(truth, abs=4 * np.std(sums) / np.sqrt(3000) + 1e-12)
    assert np.std(sums) > 0


def test_each_filling_keeps_its_own_likelihood_and_the_original_is_always_there() -> None:
    whole = enumerate_fillings(make(), [(1, 2)], ALL)[0]
    true = {tuple(fill): q for fill, q in zip(whole.fills.tolist(), whole.likelihood, strict=True)}
    for seed in range(20):
        found = sample_fillings(make(), [(1, 2)], 9, Truncation(threshold=0.0, beam=4), seed=seed)[0]
        assert [1, 2, 3] in found.fills.tolist()
        np.testing.assert_allclose(found.likelihood, [true[tuple(fill)] for fill in found.fills.tolist()])
        assert found.left_out == pytest.approx(1 - found.likelihood.sum())
        assert found.original == pytest.approx(whole.original)
        assert (found.shares >= found.likelihood - 1e-12).all()
        assert found.shares.sum() == pytest.approx(1.0)


@pytest.mark.parametrize("absent", [(0,), (2,)])
def test_an_excluded_original_is_never_among_them(absent: tuple[int, ...]) -> None:
    cut = replace(ALL, exclude_original=True)
    whole = enumerate_fillings(make(), [absent], cut)[0]
    found = sample_fillings(make(), [absent], 10_000, cut, seed=0)[0]
    np.testing.assert_array_equal(found.fills, whole.fills)
    np.testing.assert_allclose(found.likelihood, whole.likelihood, atol=1e-12)
    np.testing.assert_allclose(found.weights, whole.weights, atol=1e-12)


def test_draws_depend_on_seed_and_set_alone_and_not_on_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    cut = Truncation(threshold=0.0, beam=4)
    alone = sample_fillings(make(), [(2,)], 9, cut, seed=5)[0]
    beside = sample_fillings(make(), [(0,), (1,), (2,)], 9, cut, seed=5)[2]
    np.testing.assert_array_equal(alone.fills, beside.fills)
    others = [sample_fillings(make(), [(2,)], 9, cut, seed=seed)[0].fills.tolist() for seed in range(5)]
    assert any(other != alone.fills.tolist() for other in others)
    monkeypatch.setattr(sampled_filling, "CELLS", SIZE)
    monkeypatch.setattr(filling, "CELLS", SIZE)
    whole = enumerate_fillings(make(), [(1, 2)], ALL)[0]
    true = {tuple(fill): q for fill, q in zip(whole.fills.tolist(), whole.likelihood, strict=True)}
    _, found = sample_fillings(make(), [(0,), (1, 2)], 100, ALL, seed=5)
    assert len(found.fills) < 110
    np.testing.assert_allclose(found.likelihood, [true[tuple(fill)] for fill in found.fills.tolist()])
    assert found.shares.sum() == pytest.approx(1.0)


def test_an_original_outside_the_vocabulary_has_no_likelihood() -> None:
    unknown = np.array([0, 1, filling.UNKNOWN, 3], dtype=np.int32)
    found = sample_fillings(make(unknown), [(2,)], 9, Truncation(threshold=0.0, beam=4), seed=0)[0]
    assert np.isnan(found.original)
    assert found.shares.sum() == pytest.approx(1.0)


def test_partial_fillings_that_stand_for_others_bring_variance() -> None:
    found = sample_fillings(make(), [(2,)], 9, Truncation(threshold=0.0, beam=3), seed=0)[0]
    ((stem, excess),) = found.stems
    for one in np.unique(stem):
        assert len(np.unique(found.fills[stem == one, 0])) == 1
    assert excess.sum() > 0
    ((_, none),) = sample_fillings(make(), [(2,)], 9, ALL, seed=0)[0].stems
    np.testing.assert_array_equal(none, 0.0)
