"""KernelSHAP: Shapley values as a regression weighted by the Shapley kernel.

They minimise sum over S of k(S) (v(S) - v(none) - sum of phi over S)^2 with sum of phi = v(all) - v(none), where
k(S) = (u - 1) / (C(u, |S|) |S| (u - |S|)). With every subset its complement is asked about, so that the even half of
the game cancels, and what is left is a regression of (v(S) - v(complement)) / 2 on S - 1/2.
"""

from __future__ import annotations

from itertools import combinations
from math import comb
from typing import final

import numpy as np

from elision.approximators.subsets import Approximation, Approximator, bounded, choose_known, shared_noise
from elision.arrays import Bools, Floats


def least_kernel(n_units: int) -> int:
    """Return the fewest subsets, other than none and all, from which the regression is solved."""
    return min(4 * n_units, (1 << min(n_units, 60)) - 2)


@final
class Kernel(Approximator):
    """Pairs of a subset and its complement: sizes that the samples can pay for in full, and draws of the others.

    Size 1 always comes in full, so that the regression has one solution. Further sizes do as long as their share of
    the kernel would draw at least as many pairs as there are; the rest is drawn from the kernel, each draw with the
    same weight.

    Args:
        n_units: u.
        n_samples: the most subsets, other than none and all; at least `least_kernel`.
        seed: of the draws.
    Source: Lundberg & Lee 2017, Theorem 2; paired draws: Covert & Lee 2021. Deviations: the standard errors are those
        of the linearised solution with each draw left out in turn, in place of their variance between batches.
    """

    def __init__(self, n_units: int, n_samples: int, *, seed: int) -> None:
        self._chosen, self._weight, self._drawn = _choose(n_units, n_samples // 2, np.random.default_rng(seed))
        self.known = bounded(self._chosen)

    @property
    def exact(self) -> bool:
        """Whether all subsets are there, so that the scores are the Shapley values themselves."""
        return not self._drawn.any()

    def estimate(self, values: Floats, noise: Floats | None = None) -> Approximation:
        """Return the regression's scores, which sum to v(all) - v(none), and their variance over the draws."""
        n, u = self._chosen.shape
        share = (values[1] - values[0]) / u
        halves: Floats = self._chosen.astype(np.float64) - 0.5
        spread = _inverse(halves.T @ (self._weight[:, None] * halves))
        influence = halves @ spread
        rest = (values[2 : 2 + n] - values[2 + n :]) / 2 - halves.sum(axis=1)[:, None] * share
        scores = share[:, None] + rest.T @ (self._weight[:, None] * influence)
        variance = None
        if not self.exact:
            variance = self._variance(influence, np.asarray(rest - halves @ (scores.T - share)), halves)
        if noise is not None:
            added = self._noise(influence, halves, noise)
            variance = added if variance is None else variance + added
        return Approximation(scores, variance)

    def _variance(self, influence: Floats, residual: Floats, halves: Floats) -> Floats:
        """Return float64 (c, u): from the residuals of the drawn pairs, each to the fit without it."""
        drawn = self._drawn
        leverage = self._weight * (influence * halves).sum(axis=1)
        steps = self._weight[drawn, None] * influence[drawn]
        left = residual[drawn] / np.maximum(1.0 - leverage[drawn], 1e-9)[:, None]
        return np.asarray((left**2).T @ steps**2)

    def _noise(self, influence: Floats, halves: Floats, noise: Floats) -> Floats:
        u = halves.shape[1]
        by_pair = self._weight[:, None] * influence
        of_all = (1.0 - halves.sum(axis=1) @ by_pair) / u
        weights = np.concatenate([[-of_all, of_all], by_pair / 2, -by_pair / 2])
        seen = np.concatenate([[False, False], self._drawn, self._drawn])
        return shared_noise(self.known, weights, noise, seen=seen)


def _inverse(matrix: Floats) -> Floats:
    """Return the inverse on the vectors that sum to 0: a change of scores keeps their sum."""
    u = len(matrix)
    mean = np.full((u, u), 1.0 / u)
    centred = matrix - mean @ matrix
    centred -= centred @ mean
    return np.asarray(np.linalg.inv(centred + mean) - mean)


def _choose(n_units: int, n_pairs: int, generator: np.random.Generator) -> tuple[Bools, Floats, Bools]:
    """Return bool (p, u), one subset of each pair; float64 (p,), its weight; bool (p,), whether it was drawn."""
    sizes = np.arange(1, n_units // 2 + 1)
    mass = np.where(2 * sizes == n_units, 1.0, 2.0) / (sizes * (n_units - sizes))
    mass /= mass.sum()
    known, weight = [np.zeros((0, n_units), dtype=bool)], [np.zeros(0)]
    left, n = n_pairs, 0
    for size in sizes.tolist():
        count = comb(n_units, size) // (2 if 2 * size == n_units else 1)
        if size > 1 and left * mass[n] / mass[n:].sum() < count:
            break
        known.append(_layer(n_units, size))
        weight.append(np.full(count, mass[n] / count))
        left, n = left - count, n + 1
    drawn = left if n < len(sizes) else 0
    if drawn:
        known.append(choose_known(generator, generator.choice(sizes[n:], drawn, p=mass[n:] / mass[n:].sum()), n_units))
        weight.append(np.full(drawn, mass[n:].sum() / drawn))
    chosen = np.concatenate(known)
    return chosen, np.concatenate(weight), np.arange(len(chosen)) >= len(chosen) - drawn


def _layer(n_units: int, size: int) -> Bools:
    """Return all subsets of a size, bool (r, u); of half the units, only those with the first one."""
    members = np.array(list(combinations(range(n_units), size)))
    if 2 * size == n_units:
        members = members[members[:, 0] == 0]
    known = np.zeros((len(members), n_units), dtype=bool)
    np.put_along_axis(known, members, True, axis=1)
    return known
