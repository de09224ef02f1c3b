"""Group masks against slow, independent sums: Eq. 7, its gradient and minimum, the posterior, the interactions."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import scipy.optimize

from elision.approximators.lattice import (
    interactions,
    multilinear,
    partials,
    posterior,
    posterior_error,
    posterior_range,
    subsets,
)
from elision.explainers.masks.exact import _Stage, solve
from elision.explainers.masks.mean_field import exact_mean_field
from elision.explainers.masks.objective import group_gradient, group_objective


def game(k: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return losses that hang on pairs and single units, and the units' sides, both present."""
    rng = np.random.default_rng(seed)
    kept = subsets(k).astype(float)
    logit = kept @ rng.normal(0, 1, k) + np.einsum("si,sj,ij->s", kept, kept, rng.normal(0, 1, (k, k))) / 2
    sides = rng.integers(0, 2, k)
    sides[:2] = (0, 1)
    return np.log1p(np.exp(-logit + rng.normal(0, 0.5, 1 << k))), np.sort(sides)


def simplex(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.dirichlet(np.ones(shape[-1]), shape[:-1])


def h(p: np.ndarray) -> float:
    return -sum(float(x) * math.log(float(x)) for x in p if x > 0)


def brute_force(losses, phi, psi, sides, gamma1, gamma2) -> float:
    """Eq. 7 with its expectation summed over all assignments of units to groups and all selected groups."""
    k, t = phi.shape
    expected = 0.0
    for z in itertools.product(range(t), repeat=k):
        chance = math.prod(phi[j, z[j]] for j in range(k))
        for g in range(t):
            subset = int("".join("1" if own == g else "0" for own in z), 2)
            expected += chance * psi[g] * losses[subset]
    spread = sum(h(phi[sides == side].mean(axis=0)) for side in (0, 1) if (sides == side).any())
    return expected - gamma1 * spread + gamma2 * h(psi)


@pytest.mark.parametrize(
    ("k", "t", "seed"), [(2, 2, 0), (3, 2, 1), (4, 3, 2), (5, 3, 3), (6, 2, 4), (7, 2, 5), (8, 2, 6)]
)
def test_objective_is_the_sum_over_all_assignments(k: int, t: int, seed: int) -> None:
    losses, sides = game(k, seed)
    rng = np.random.default_rng(seed + 100)
    phi, psi = simplex(rng, k, t), simplex(rng, t)
    terms = group_objective(losses, phi, psi, sides, gamma1=3.0, gamma2=0.7)
    assert terms.total == pytest.approx(brute_force(losses, phi, psi, sides, 3.0, 0.7), abs=1e-9)
    assert terms.total == pytest.approx(
        terms.loss - 3.0 * (terms.entropy_first + terms.entropy_second) + 0.7 * terms.entropy_groups, abs=1e-12
    )


def test_objective_of_a_single_text_has_one_entropy() -> None:
    losses, _ = game(4, 7)
    rng = np.random.default_rng(8)
    phi, psi, sides = simplex(rng, 4, 2), simplex(rng, 2), np.zeros(4, dtype=int)
    terms = group_objective(losses, phi, psi, sides, gamma1=2.0, gamma2=1.0)
    assert terms.entropy_second == 0.0
    assert terms.total == pytest.approx(brute_force(losses, phi, psi, sides, 2.0, 1.0), abs=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_gradient_is_that_of_finite_differences(seed: int) -> None:
    k, t, step = 6, 3, 1e-6
    losses, sides = game(k, seed)
    rng = np.random.default_rng(seed)
    phi, psi = simplex(rng, k, t), simplex(rng, t)
    by_phi, by_psi = group_gradient(losses, phi, psi, sides, gamma1=2.0, gamma2=0.5)

    def at(phi: np.ndarray, psi: np.ndarray) -> float:
        return group_objective(losses, phi, psi, sides, gamma1=2.0, gamma2=0.5).total

    for j, i in itertools.product(range(k), range(t)):
        move = np.zeros((k, t))
        move[j, i] = step
        assert by_phi[j, i] == pytest.approx((at(phi + move, psi) - at(phi - move, psi)) / (2 * step), abs=1e-6)
    for i in range(t):
        move = np.eye(t)[i] * step
        assert by_psi[i] == pytest.approx((at(phi, psi + move) - at(phi, psi - move)) / (2 * step), abs=1e-6)


@pytest.mark.parametrize("k", [1, 2, 5, 6])
def test_second_derivatives_are_those_of_finite_differences(k: int) -> None:
    losses = game(max(k, 2), k)[0][: 1 << k]
    q = np.random.default_rng(k).random((3, k))
    found = partials(losses, q)
    assert found.value == pytest.approx(multilinear(losses, q), abs=1e-12)
    for i, j in itertools.product(range(k), repeat=2):
        corners = [q.copy() for _ in range(4)]
        for corner, (a, b) in zip(corners, itertools.product((0.0, 1.0), repeat=2), strict=True):
            corner[:, i], corner[:, j] = a, b
        low, up_j, up_i, both = (multilinear(losses, corner) for corner in corners)
        if i == j:
            low, both = (multilinear(losses, np.where(np.arange(k) == i, end, q)) for end in (0.0, 1.0))
            assert found.gradient[:, i] == pytest.approx(both - low, abs=1e-12)
            assert not found.mixed[:, i, i].any()
        else:
            assert found.mixed[:, i, j] == pytest.approx(both - up_i - up_j + low, abs=1e-12)


@pytest.mark.parametrize(
    ("k", "t", "gamma1", "seed"), [(4, 2, 10.0, 0), (5, 2, 1.0, 1), (6, 3, 10.0, 2), (6, 3, 0.3, 3), (8, 3, 2.0, 4)]
)
def test_no_start_of_a_public_optimiser_gets_below_the_solver(k: int, t: int, gamma1: float, seed: int) -> None:
    losses, sides = game(k, seed)
    found = solve(losses, sides, t, gamma1=gamma1, gamma2=1.0, seed=0)
    rng = np.random.default_rng(seed)

    def parts(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        z = x.reshape(k + 1, t)
        p = np.exp(z - z.max(axis=1, keepdims=True))
        p = np.maximum(p / p.sum(axis=1, keepdims=True), 1e-12)
        return p[:k], p[k]

    def loss(x: np.ndarray) -> tuple[float, np.ndarray]:
        phi, psi = parts(x)
        by_phi, by_psi = group_gradient(losses, phi, psi, sides, gamma1=gamma1, gamma2=1.0)
        p, slope = np.vstack([phi, psi]), np.vstack([by_phi, by_psi])
        gradient = p * (slope - (p * slope).sum(axis=1, keepdims=True))
        return group_objective(losses, phi, psi, sides, gamma1=gamma1, gamma2=1.0).total, gradient.ravel()

    reached = min(
        scipy.optimize.minimize(
            loss, rng.normal(0, 2, (k + 1) * t), jac=True, method="L-BFGS-B", options={"maxiter": 200}
        ).fun
        for _ in range(200)
    )
    assert found.converged
    assert found.optimum.total <= reached + 1e-6 * abs(reached)
    assert reached - found.optimum.total < 0.05 * abs(reached), "the optimiser should come near, or it proves little"


@pytest.mark.parametrize(("gamma1", "seed"), [(10.0, 0), (10.0, 1), (1.0, 2), (0.1, 3)])
def test_no_step_along_a_unit_or_between_two_helps_any_more(gamma1: float, seed: int) -> None:
    k = 6
    losses, sides = game(k, seed)
    losses = 4.0 * losses
    left = np.random.default_rng(seed).uniform(0.4, 1.0, k)
    stage = _Stage(losses, sides, left, 3, gamma1)
    points = stage._descend(np.random.default_rng(seed).random((20, k)) * left)
    reached = stage.objective(points)
    assert stage.converged
    for i, j in itertools.product(range(k), repeat=2):
        for step in np.linspace(-1, 1, 41):
            moved = points.copy()
            moved[:, i] += step
            if i != j and sides[i] == sides[j]:
                moved[:, j] -= step
            inside = ((moved >= 0) & (moved <= left)).all(axis=1)
            if inside.any():
                assert (stage.objective(moved[inside]) >= reached[inside] - 1e-8).all()


@pytest.mark.parametrize("seed", range(6))
def test_solution_is_groups_each_with_its_own_loss(seed: int) -> None:
    losses, sides = game(8, seed)
    found = solve(losses, sides, 3)
    assert found.membership.sum(axis=1) == pytest.approx(1.0, abs=1e-12)
    assert found.membership.min() >= 0.0
    assert found.losses == pytest.approx(multilinear(losses, found.membership.T), abs=1e-12)
    assert found.importance == pytest.approx(np.exp(-found.losses) / np.exp(-found.losses).sum(), abs=1e-12)
    assert (np.diff(found.importance) <= 0).all()
    assert found.restarts[0] == pytest.approx(found.optimum.total, rel=1e-9)
    again = solve(losses, sides, 3)
    assert (again.membership == found.membership).all()


def test_the_most_important_group_comes_first_whichever_was_found_first() -> None:
    losses = np.random.default_rng(16).exponential(2, 256)
    found = solve(losses, np.array([0, 0, 0, 0, 1, 1, 1, 1]), 4)
    assert (np.diff(found.importance) <= 0).all()
    assert found.losses[1] < found.losses[2]


def test_equal_minima_give_the_same_group_every_time() -> None:
    losses = -subsets(6).sum(axis=1).astype(float)
    sides = np.array([0, 0, 0, 1, 1, 1])
    found = [solve(losses, sides, 3, seed=seed).membership for seed in range(5)]
    for other in found[1:]:
        assert other == pytest.approx(found[0], abs=1e-6)


@pytest.mark.parametrize(("rho", "beta"), [(0.5, 1.0), (0.25, 2.0), (0.2, 0.0)])
def test_posterior_is_the_mean_over_all_subsets(rho: float, beta: float) -> None:
    k = 6
    losses, _ = game(k, 3)
    weights, kept = [], []
    for w, loss in zip(itertools.product((0, 1), repeat=k), losses, strict=True):
        weights.append(rho ** sum(w) * (1 - rho) ** (k - sum(w)) * math.exp(-beta * loss))
        kept.append(w)
    expected = np.average(np.array(kept, dtype=float), axis=0, weights=weights)
    assert posterior(losses, rho=rho, beta=beta) == pytest.approx(expected, abs=1e-12)
    if beta == 0.0:
        assert expected == pytest.approx(rho)


def test_posterior_error_is_the_spread_under_noise() -> None:
    losses, _ = game(4, 5)
    rng = np.random.default_rng(0)
    error = rng.uniform(0.001, 0.01, 16)
    noisy = [posterior(losses + error * rng.normal(size=16), rho=0.3) for _ in range(4000)]
    # 4,000 draws give a spread to about 1.1 %, four times that is allowed.
    assert posterior_error(losses, error, rho=0.3) == pytest.approx(np.std(noisy, axis=0), rel=0.05)


def test_posterior_range_holds_for_any_losses_between() -> None:
    losses, _ = game(4, 6)
    rng = np.random.default_rng(0)
    least, most = losses - 0.3, losses + rng.uniform(0, 0.5, 16)
    low, high = posterior_range(least, most, rho=0.25)
    for _ in range(300):
        inside = posterior(np.where(rng.random(16) < 0.5, least, most), rho=0.25)
        assert (inside >= low - 1e-12).all()
        assert (inside <= high + 1e-12).all()
    kept = subsets(4)[:, 2]
    assert posterior(np.where(kept, least, most), rho=0.25)[2] == pytest.approx(high[2], abs=1e-12)


@pytest.mark.parametrize("k", [2, 3, 5])
def test_interactions_are_the_sums_of_their_definition(k: int) -> None:
    values = np.random.default_rng(k).normal(size=1 << k)
    shapley, banzhaf = interactions(values)

    def v(units: set[int]) -> float:
        return float(values[sum(1 << (k - 1 - j) for j in units)])

    for i, j in itertools.combinations(range(k), 2):
        rest = [u for u in range(k) if u not in (i, j)]
        first = second = 0.0
        for size in range(k - 1):
            for chosen in map(set, itertools.combinations(rest, size)):
                delta = v(chosen | {i, j}) - v(chosen | {i}) - v(chosen | {j}) + v(chosen)
                first += delta * math.factorial(size) * math.factorial(k - size - 2) / math.factorial(k - 1)
                second += delta / 2 ** (k - 2)
        assert shapley[i, j] == shapley[j, i] == pytest.approx(first, abs=1e-12)
        assert banzhaf[i, j] == banzhaf[j, i] == pytest.approx(second, abs=1e-12)


def test_mean_field_is_the_minimum_of_loss_minus_entropy() -> None:
    losses, _ = game(5, 9)
    found = exact_mean_field(losses, entropy_weight=0.8).kept

    def free(z: np.ndarray) -> float:
        q = 1 / (1 + np.exp(-z))
        return float(multilinear(losses, q[None])[0] - 0.8 * sum(h(np.array([x, 1 - x])) for x in q))

    rng = np.random.default_rng(1)
    best = min((scipy.optimize.minimize(free, rng.normal(size=5)) for _ in range(20)), key=lambda r: r.fun)
    assert free(np.log(found / (1 - found))) <= best.fun + 1e-9
