"""LIME against the lime package on the same rows, a slow sum, and its own errors."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
import scipy.stats

from elision.approximators.exact import Exact
from elision.approximators.lattice import subsets
from elision.approximators.lime import LocalRegression, proximity, ridge


def curved(u: int, seed: int = 0):
    rng = np.random.default_rng(seed)
    alone, pairs = rng.normal(0, 1, u), np.triu(rng.normal(0, 0.7, (u, u)), 1)

    def play(known: np.ndarray) -> np.ndarray:
        kept = known.astype(float)
        z = kept @ alone + np.einsum("si,sj,ij->s", kept, kept, pairs)
        return np.stack([3 * np.tanh(z / 2), z], axis=1)

    return play


def make(u: int, n_samples: int, **options) -> LocalRegression:
    return LocalRegression(u, n_samples, **({"kernel_width": 25.0, "alpha": 1.0, "seed": 0} | options))


def population(u: int, n_samples: int, game) -> np.ndarray:
    """Return float64 (c, u): the fit to every subset at its chance to be drawn, without a penalty."""
    known = subsets(u)
    absent = u - known.sum(axis=1)
    chance = np.array([1.0 / (u * comb(u, int(n))) if n else 0.0 for n in absent])
    weights = (n_samples - 1) * chance * proximity(known, 25.0)
    weights[-1] += 1.0
    return ridge(known, game(known), weights, 0.0)[0]


def test_ridge_is_the_closed_form() -> None:
    approximator, game = make(7, 60, alpha=2.5), curved(7)
    values = game(approximator.known)
    x = np.column_stack([np.ones(60), approximator.known])
    penalty = np.diag([0.0] + [2.5] * 7)
    slow = np.linalg.solve(
        x.T @ (approximator.weights[:, None] * x) + penalty, x.T @ (approximator.weights[:, None] * values)
    )
    found = approximator.estimate(values)
    np.testing.assert_allclose(found.scores, slow[1:].T, atol=1e-9)
    np.testing.assert_allclose(found.record["intercept"], slow[0], atol=1e-9)


@pytest.mark.parametrize("u", [2, 7, 25, 60])
def test_as_the_lime_package_has_it_on_the_same_rows(u: int) -> None:
    lime_base = pytest.importorskip("lime.lime_base")
    metrics = pytest.importorskip("sklearn.metrics")
    approximator, game = make(u, 400), curved(u, u)
    values = game(approximator.known)
    rows = approximator.known.astype(float)
    distances = metrics.pairwise_distances(rows, rows[:1], metric="cosine").ravel() * 100
    explainer = lime_base.LimeBase(lambda d: np.sqrt(np.exp(-(d**2) / 25**2)))
    for label in (0, 1):
        intercept, weighed, r2, _ = explainer.explain_instance_with_data(
            rows, values, distances, label, u, feature_selection="none"
        )
        theirs = np.array([weight for _, weight in sorted(weighed)])
        found = approximator.estimate(values)
        np.testing.assert_allclose(found.scores[label], theirs, atol=1e-8)
        assert scipy.stats.spearmanr(found.scores[label], theirs).statistic >= 0.95
        assert found.record["intercept"][label] == pytest.approx(intercept, abs=1e-8)
        assert found.record["r2"][label] == pytest.approx(r2, abs=1e-8)


def test_the_whole_package_ranks_words_alike() -> None:
    lime_text = pytest.importorskip("lime.lime_text")
    u = 12
    game = curved(u, 3)
    words = [f"w{i}" for i in range(u)]

    def answer(texts: list[str]) -> np.ndarray:
        known = np.array([[word in text.split() for word in words] for text in texts])
        p = 1.0 / (1.0 + np.exp(-game(known)[:, 0]))
        return np.stack([1.0 - p, p], axis=1)

    theirs = lime_text.LimeTextExplainer(bow=True, random_state=0, feature_selection="none").explain_instance(
        " ".join(words), answer, num_features=u, num_samples=5000
    )
    by_place = dict(theirs.as_map()[1])
    approximator = make(u, 5000)
    p = 1.0 / (1.0 + np.exp(-game(approximator.known)))
    own = approximator.estimate(p).scores[0]
    assert scipy.stats.spearmanr(own, [by_place[i] for i in range(u)]).statistic >= 0.95


def test_rows_are_drawn_as_the_lime_package_draws_them() -> None:
    approximator = make(8, 8001)
    assert approximator.known[0].all()
    absent = 8 - approximator.known[1:].sum(axis=1)
    np.testing.assert_allclose(np.bincount(absent, minlength=9)[1:] / 1000, 1.0, atol=0.12)
    assert absent.min() == 1
    np.testing.assert_allclose(approximator.known[1:].mean(axis=0), 7 / 16, atol=0.03)
    np.testing.assert_allclose(proximity(np.array([[True] * 4, [True, False, False, False]]), 25.0), [1, np.exp(-2)])
    assert approximator.n_subsets <= 255


@pytest.mark.parametrize("u", [2, 5, 20])
def test_additive_games_give_their_weights_back(u: int) -> None:
    weights = np.random.default_rng(u).normal(0, 2, (u, 2))
    """Within 3 standard errors; of two units the rows that tell them apart hardly weigh, so the penalty takes much."""
    for n_samples in (50, 500, 5000):
        approximator = make(u, n_samples)
        found = approximator.estimate(0.3 + approximator.known @ weights)
        assert (np.abs(found.scores - weights.T) <= 3 * np.sqrt(found.variance) + 1e-9).all()
        free = make(u, n_samples, alpha=0.0)
        np.testing.assert_allclose(free.estimate(0.3 + free.known @ weights).scores, weights.T, atol=1e-9)
    if u > 2:
        assert np.abs(found.scores - weights.T).max() < 0.02


@pytest.mark.parametrize("n_samples", [50, 200, 1000])
def test_intervals_of_two_standard_errors_cover(n_samples: int) -> None:
    u, game = 10, curved(10, 3)
    wanted = population(u, n_samples, game)
    found = [
        approximator.estimate(game(approximator.known))
        for approximator in (make(u, n_samples, seed=s) for s in range(300))
    ]
    z = np.array([(estimate.scores - wanted) / np.sqrt(estimate.variance) for estimate in found])
    assert 0.92 <= (np.abs(z) < 1.96).mean() <= 0.98


@pytest.mark.parametrize(("u", "n_samples"), [(5, 400), (10, 60)])
def test_errors_of_the_values_are_carried_once(u: int, n_samples: int) -> None:
    rng, game = np.random.default_rng(0), curved(u, 1)
    truth = game(subsets(u))
    spread = rng.uniform(0.8, 2.0, truth.shape)
    wanted = population(u, n_samples, game)
    place = 1 << np.arange(u)[::-1]
    z = []
    for seed in range(400):
        approximator = make(u, n_samples, seed=seed)
        rows = approximator.known @ place
        noisy = truth + spread * rng.normal(0, 1, truth.shape)
        noise = spread[rows] * (1 - approximator.known.all(axis=1))[:, None]
        noisy[-1] = truth[-1]
        found = approximator.estimate(noisy[rows], noise)
        z.append((found.scores - wanted) / np.sqrt(found.variance))
    assert 0.92 <= (np.abs(z) < 1.96).mean() <= 0.98


def test_a_subset_that_is_drawn_twice_weighs_twice() -> None:
    approximator, game = make(4, 200), curved(4)
    known, first, count = np.unique(approximator.known, axis=0, return_index=True, return_counts=True)
    grouped, _ = ridge(known, game(known), approximator.weights[first] * count, 1.0)
    np.testing.assert_allclose(approximator.estimate(game(approximator.known)).scores, grouped, atol=1e-9)
    assert len(known) < 20


def test_few_features_are_fitted_again_without_the_others() -> None:
    game = curved(9)
    whole, part = (make(9, 300, n_features=n).estimate(game(make(9, 300).known)) for n in (None, 3))
    for c in range(2):
        chosen = np.sort(np.argsort(-np.abs(whole.scores[c]))[:3])
        assert np.flatnonzero(part.scores[c]).tolist() == chosen.tolist()
        again, _ = ridge(make(9, 300).known[:, chosen], game(make(9, 300).known)[:, [c]], make(9, 300).weights, 1.0)
        np.testing.assert_allclose(part.scores[c, chosen], again[0], atol=1e-12)


def test_too_few_samples_own_up_to_it() -> None:
    game = curved(30)
    for n_samples in (2, 20, 31):
        approximator = make(30, n_samples)
        found = approximator.estimate(game(approximator.known))
        assert found.variance is None
        assert "too few samples to tell all units apart" in found.notes[0]
        assert np.isfinite(found.scores).all()


@pytest.mark.parametrize("u", [1, 2, 400])
def test_equal_answers_and_sizes_at_the_ends(u: int) -> None:
    approximator = make(u, 1000)
    found = approximator.estimate(np.full((1000, 2), 0.4))
    np.testing.assert_allclose(found.scores, 0.0, atol=1e-12)
    np.testing.assert_array_equal(found.record["r2"], 0.0)
    weights = np.linspace(-1, 1, u)[:, None] if u > 1 else np.ones((1, 1))
    found = approximator.estimate(approximator.known @ weights)
    assert (np.abs(found.scores[0] - weights[:, 0]) <= 3 * np.sqrt(found.variance[0]) + 1e-9).all()


def test_lime_is_not_shapley() -> None:
    game = curved(8, 6)
    approximator = make(8, 5000)
    lime, shapley = approximator.estimate(game(approximator.known)).scores, Exact(8).estimate(game(subsets(8))).scores
    assert np.abs(lime - shapley).max() > 0.1
