"""Shapley values from random orders in which units come in."""

from __future__ import annotations

from typing import final

import numpy as np

from elision.approximators.subsets import Approximation, Approximator, bounded, shared_noise
from elision.arrays import Floats

_FEW = 10
"""Pairs of orders below which a standard error is said to be rough: from ten it is off by a quarter."""


def least_permutation(n_units: int) -> int:
    """Return the fewest subsets, other than none and all: two pairs of orders, or an error could not be told."""
    return 4 * (n_units - 1)


@final
class Permutation(Approximator):
    """Random orders, each with its reverse: a unit's score is its mean step.

    The subsets that an order passes through are the complements of those of its reverse.

    Args:
        n_units: u.
        n_samples: the most subsets, other than none and all; at least `least_permutation`.
        seed: of the orders.
    Source: Castro et al. 2009; antithetic orders: Mitchell et al. 2022. Deviations: none.
    """

    def __init__(self, n_units: int, n_samples: int, *, seed: int) -> None:
        self.n_pairs = n_samples // (2 * (n_units - 1)) if n_units > 1 else 2
        generator = np.random.default_rng(seed)
        self._orders = generator.permuted(np.tile(np.arange(n_units), (self.n_pairs, 1)), axis=1)
        ranks = self._orders.argsort(axis=1)
        inside = ranks[:, None, :] < np.arange(1, n_units)[None, :, None]
        self.known = bounded(inside.reshape(-1, n_units))

    def estimate(self, values: Floats, noise: Floats | None = None) -> Approximation:
        """Return mean steps, which sum to v(all) - v(none), and their variance between pairs of orders."""
        n, u = self._orders.shape
        c = values.shape[1]
        forth, back = np.split(values[2:], 2)
        ends = np.broadcast_to((values[1] - values[0]) / 2, (n, 1, c))
        halves = np.concatenate([-ends, ((forth - back) / 2).reshape(n, u - 1, c), ends], axis=1)
        steps = np.empty((n, u, c))
        np.put_along_axis(steps, self._orders[:, :, None], np.diff(halves, axis=1), axis=1)
        variance = steps.var(axis=0, ddof=1).T / n
        if noise is not None:
            variance = variance + self._noise(noise)
        rough = n < _FEW and u > 2
        notes = (f"the standard errors rest on {n} pairs of orders and are rough; raise n_samples",) * rough
        return Approximation(steps.mean(axis=0).T, variance, notes=notes)

    def _noise(self, noise: Floats) -> Floats:
        n, u = self._orders.shape
        by_place = np.zeros((n, u - 1, u))
        np.put_along_axis(by_place, self._orders[:, :-1, None], 1.0, axis=2)
        np.put_along_axis(by_place, self._orders[:, 1:, None], -1.0, axis=2)
        by_subset = by_place.reshape(-1, u) / (2 * n)
        of_all = np.zeros(u)
        np.add.at(of_all, self._orders[:, [0, -1]], 1.0 / (2 * n))
        weights = np.concatenate([[-of_all, of_all], by_subset, -by_subset])
        return shared_noise(self.known, weights, noise, seen=np.arange(len(weights)) >= 2)
