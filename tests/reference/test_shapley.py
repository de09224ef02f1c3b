"""Shapley values against the definition, the shapiq package and games whose answers are known; errors that cover."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest

from elision.approximators.exact import Exact
from elision.approximators.kernel import Kernel, least_kernel
from elision.approximators.lattice import subsets
from elision.approximators.permutation import Permutation, least_permutation
from elision.approximators.subsets import Approximator

Game = Callable[[np.ndarray], np.ndarray]


def curved(u: int, seed: int, symmetric: bool = False) -> Game:
    """Return two games with interactions of every order, as float64 (s, 2)."""
    rng = np.random.default_rng(seed)
    alone, pairs = rng.normal(0, 1, u), np.triu(rng.normal(0, 0.7, (u, u)), 1)
    if symmetric:
        alone[1] = alone[0]
        pairs = pairs + pairs.T
        pairs[1, 2:] = pairs[2:, 1] = pairs[0, 2:]
        pairs[2:, 0] = pairs[0, 2:]

    def play(known: np.ndarray) -> np.ndarray:
        kept = known.astype(float)
        z = kept @ alone + np.einsum("si,sj,ij->s", kept, kept, pairs)
        return np.stack([3 * np.tanh(z / 2), np.exp(z / 4)], axis=1)

    return play


def additive(u: int) -> tuple[Game, np.ndarray]:
    weights = np.random.default_rng(u).normal(0, 2, (u, 2))
    return lambda known: 0.3 + known @ weights, weights


def brute_force(game: Game, u: int) -> np.ndarray:
    """Return float64 (2, u): each unit's mean step over all u! orders."""
    found = np.zeros((2, u))
    for order in itertools.permutations(range(u)):
        known = np.tril(np.ones((u + 1, u), dtype=bool), -1)
        inside = np.zeros_like(known)
        inside[:, list(order)] = known
        found[:, list(order)] += np.diff(game(inside), axis=0).T
    return found / math.factorial(u)


def solve(approximator: Approximator, game: Game, noise: np.ndarray | None = None):
    return approximator.estimate(game(approximator.known), noise)


def approximators(u: int, seed: int = 0) -> list[Approximator]:
    many = max(least_kernel(u), least_permutation(u), 60)
    return (
        [Exact(u), Kernel(u, many, seed=seed), Permutation(u, many, seed=seed)]
        if u <= 12
        else [
            Kernel(u, many, seed=seed),
            Permutation(u, many, seed=seed),
        ]
    )


@pytest.mark.parametrize("u", range(1, 9))
def test_exact_and_complete_kernel_are_the_mean_over_all_orders(u: int) -> None:
    game = curved(u, u)
    wanted = brute_force(game, u)
    exact = solve(Exact(u), game)
    np.testing.assert_allclose(exact.scores, wanted, atol=1e-9)
    assert exact.variance is None
    kernel = Kernel(u, (1 << u) - 2, seed=0)
    np.testing.assert_allclose(solve(kernel, game).scores, wanted, atol=1e-9)
    assert kernel.exact
    assert kernel.n_subsets == (1 << u) - 1
    assert solve(kernel, game).variance is None


@pytest.mark.parametrize("u", [1, 2, 3, 4, 7, 20])
def test_scores_add_up_to_all_less_none(u: int) -> None:
    game = curved(u, u)
    ends = game(np.stack([np.ones(u, dtype=bool), np.zeros(u, dtype=bool)]))
    for approximator in approximators(u):
        np.testing.assert_allclose(solve(approximator, game).scores.sum(axis=1), ends[0] - ends[1], atol=1e-9)


@pytest.mark.parametrize("u", [1, 2, 5, 13, 40])
def test_additive_games_give_their_weights_back(u: int) -> None:
    game, weights = additive(u)
    for approximator in approximators(u):
        found = solve(approximator, game)
        np.testing.assert_allclose(found.scores, weights.T, atol=1e-9)
        assert found.variance is None or found.variance.max() < 1e-20


@pytest.mark.parametrize("u", [3, 6])
def test_units_that_play_alike_score_alike_and_idle_units_score_nothing(u: int) -> None:
    game = curved(u, 5, symmetric=True)
    scores = solve(Exact(u), game).scores
    np.testing.assert_allclose(scores[:, 0], scores[:, 1], atol=1e-12)
    assert np.abs(scores[:, 0] - scores[:, 2]).min() > 0.01
    idle = solve(Exact(u + 1), lambda known: game(known[:, :u]))
    np.testing.assert_allclose(idle.scores[:, u], 0.0, atol=1e-12)
    np.testing.assert_allclose(idle.scores[:, :u], scores, atol=1e-9)


def test_paired_kernel_is_exact_where_units_interact_in_pairs_only() -> None:
    rng = np.random.default_rng(0)
    alone, pairs = rng.normal(0, 1, 20), np.triu(rng.normal(0, 1, (20, 20)), 1)

    def game(known: np.ndarray) -> np.ndarray:
        kept = known.astype(float)
        return (kept @ alone + np.einsum("si,sj,ij->s", kept, kept, pairs))[:, None]

    wanted = alone + (pairs + pairs.T).sum(axis=1) / 2
    np.testing.assert_allclose(solve(Kernel(20, 100, seed=0), game).scores[0], wanted, atol=1e-9)


def test_equal_answers_give_zero() -> None:
    for approximator in approximators(13):
        found = solve(approximator, lambda known: np.full((len(known), 2), 0.7))
        assert np.abs(found.scores).max() < 1e-15
        assert found.variance.max() < 1e-30


@pytest.mark.parametrize("n_samples", [40, 100, 200])
def test_kernel_weights_are_those_of_the_shapley_kernel(n_samples: int) -> None:
    u = 10
    total = np.zeros(u + 1)
    for seed in range(300):
        approximator = Kernel(u, n_samples, seed=seed)
        assert approximator.n_subsets <= n_samples + 1
        np.add.at(total, approximator._chosen.sum(axis=1), approximator._weight / 300)
        assert approximator._weight.sum() == pytest.approx(1.0)
    sizes = np.arange(1, u)
    wanted = 1.0 / (sizes * (u - sizes))
    found = (total + total[::-1])[1:u] / 2
    np.testing.assert_allclose(found, wanted / wanted.sum(), atol=0.006)


def test_sizes_that_are_paid_for_come_in_full() -> None:
    sizes = Kernel(10, 400, seed=0).known.sum(axis=1)
    assert [(sizes == s).sum() for s in (1, 2, 8, 9)] == [10, 45, 45, 10]
    for n_samples in (60, 400):
        known = Kernel(10, n_samples, seed=0).known
        assert len(known) == n_samples + 2
        n = n_samples // 2
        np.testing.assert_array_equal(known[2 : 2 + n], ~known[2 + n :])


@pytest.mark.parametrize(
    ("make", "n_samples", "least", "bias"),
    [(Kernel, 40, 0.9, 0.6), (Kernel, 100, 0.93, 0.3), (Kernel, 300, 0.93, 0.3), (Permutation, 900, 0.93, 0.25)],
)
def test_intervals_of_two_standard_errors_cover(
    make: type[Approximator], n_samples: int, least: float, bias: float
) -> None:
    """The regression is biased by a share of its spread where it has little more pairs than units."""
    u, runs = 10, 300
    game = curved(u, 3)
    wanted = solve(Exact(u), game).scores
    found = [solve(make(u, n_samples, seed=seed), game) for seed in range(runs)]
    errors = np.array([estimate.scores - wanted for estimate in found])
    variances = np.array([estimate.variance for estimate in found])
    covered = np.abs(errors) < 1.96 * np.sqrt(variances)
    assert least <= covered.mean() <= 0.98
    assert np.abs(errors.mean(axis=0) / errors.std(axis=0)).max() < bias
    assert 0.75 <= variances.mean() / (errors**2).mean() <= (1.3 if n_samples > 40 else 1.7)


@pytest.mark.parametrize(
    "make", [lambda s: Exact(6), lambda s: Kernel(6, 24, seed=s), lambda s: Permutation(6, 60, seed=s)]
)
def test_errors_of_the_values_are_carried(make: Callable[[int], Approximator]) -> None:
    u, runs = 6, 600
    rng = np.random.default_rng(1)
    game = curved(u, 2)
    truth = game(subsets(u))
    spread = rng.uniform(0.2, 0.6, truth.shape)
    wanted = solve(Exact(u), game).scores
    place = 1 << np.arange(u)[::-1]
    ratio = []
    for seed in range(runs):
        noisy = truth + spread * rng.normal(0, 1, truth.shape)
        approximator = make(seed)
        rows = approximator.known @ place
        found = approximator.estimate(noisy[rows], spread[rows])
        ratio.append((found.scores - wanted) / np.sqrt(found.variance))
    assert 0.92 <= (np.abs(ratio) < 1.96).mean() <= 0.98


@pytest.mark.parametrize(
    "approximator", [Exact(6), Kernel(6, 24, seed=0), Kernel(6, 62, seed=0), Permutation(6, 60, seed=0)]
)
def test_the_error_of_no_units_is_shared_out(approximator: Approximator) -> None:
    noise = np.zeros((len(approximator.known), 2))
    noise[~approximator.known.any(axis=1)] = (0.6, 1.2)
    found = approximator.estimate(np.zeros_like(noise), noise)
    np.testing.assert_allclose(np.sqrt(found.variance).sum(axis=1), (0.6, 1.2), atol=1e-9)


@pytest.mark.parametrize("make", [Kernel, Permutation])
def test_same_seed_same_subsets(make: type[Kernel] | type[Permutation]) -> None:
    one, again, other = (make(20, 200, seed=seed).known for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()


def test_four_hundred_units() -> None:
    weights = np.random.default_rng(0).normal(0, 1, (400, 1))
    for approximator in (Kernel(400, least_kernel(400), seed=0), Permutation(400, least_permutation(400), seed=0)):
        np.testing.assert_allclose(
            solve(approximator, lambda known: known @ weights).scores[0], weights[:, 0], atol=1e-8
        )


def test_as_shapiq_has_it() -> None:
    shapiq = pytest.importorskip("shapiq")
    u = 9
    game = curved(u, 4)

    def play(known: np.ndarray) -> np.ndarray:
        return game(known)[:, 0]

    wanted = shapiq.ExactComputer(game=play, n_players=u)("SV")
    theirs = np.array([wanted[(i,)] for i in range(u)])
    np.testing.assert_allclose(solve(Exact(u), game).scores[0], theirs, atol=1e-9)
    sampled = shapiq.KernelSHAP(n=u, random_state=0).approximate(256, play)
    found = solve(Kernel(u, 254, seed=0), game)
    own = np.abs(found.scores[0] - theirs)
    assert (own < 4 * np.sqrt(found.variance[0]) + 1e-9).all()
    assert own.max() <= max(2 * np.abs([sampled[(i,)] for i in range(u)] - theirs).max(), 0.1)
