"""The surrogate of games on subsets: it keeps what it was told, and tells what it was not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from elision.approximators.lattice import subsets
from elision.approximators.subset_surrogate import SubsetSurrogate, from_link, to_link


def fitted(values: np.ndarray, told: np.ndarray, game: np.ndarray, *, bounded: bool) -> SubsetSurrogate:
    surrogate = SubsetSurrogate(np.ones(told.shape[1]), bounded=bounded)
    surrogate.fit(told, game, values, int(game.max()) + 1)
    return surrogate


def test_it_gives_back_what_it_was_told() -> None:
    known = subsets(5)
    values = np.random.default_rng(0).normal(size=32)
    found = fitted(values, known, np.zeros(32, dtype=int), bounded=False).predict(known)[:, 0]
    assert np.abs(found - values).max() < 0.3 * values.std()


def test_sets_not_told_of_are_foretold_where_units_act_alone_and_in_pairs() -> None:
    rng = np.random.default_rng(1)
    known = subsets(8)
    weights, pairs = rng.normal(size=8), 0.3 * rng.normal(size=(8, 8))
    values = expit(known @ weights + np.einsum("si,ij,sj->s", known, pairs, known))
    told = rng.permutation(256)[:100]
    rest = np.setdiff1d(np.arange(256), told)
    found = fitted(values[told], known[told], np.zeros(100, dtype=int), bounded=True).predict(known[rest])[:, 0]
    assert np.corrcoef(found, values[rest])[0, 1] > 0.97
    assert ((found - values[rest]) ** 2).mean() < 0.1 * values[rest].var()


def test_what_one_game_said_tells_of_another_that_is_alike_and_each_keeps_its_own() -> None:
    rng, known = np.random.default_rng(0), subsets(6)
    values = known @ np.array([2.0, -1.0, 0.5, 0.0, 1.0, -0.5]) + 0.3 * rng.normal(size=64)
    told = rng.permutation(64)[:40]
    game = (np.arange(40) < 30).astype(int)
    found = fitted(values[told], known[told], game, bounded=False).predict(known)
    assert found.shape == (64, 2)
    off = np.abs(found[told, 0] - values[told]) / values.std()
    assert np.sqrt((off[game == 1] ** 2).mean()) < 0.3
    assert np.sqrt((off[game == 0] ** 2).mean()) < 0.02


def test_a_game_that_says_the_same_of_all_is_foretold_to_do_so() -> None:
    known = subsets(3)
    found = fitted(np.full(8, 0.4), known, np.zeros(8, dtype=int), bounded=False).predict(known)
    assert found == pytest.approx(np.full((8, 1), 0.4))


def test_probabilities_are_fitted_as_logits_that_end_somewhere() -> None:
    p = np.array([0.0, 0.3, 1.0])
    assert to_link(p, True)[1] == pytest.approx(np.log(3 / 7))
    assert np.isfinite(to_link(p, True)).all()
    assert from_link(to_link(p, True), True) == pytest.approx([0.002, 0.3, 0.998])
    assert to_link(p, False) is p
