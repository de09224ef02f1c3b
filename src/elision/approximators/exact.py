"""Exact Shapley values, from all subsets."""

from __future__ import annotations

from math import comb
from typing import final

import numpy as np

from elision.approximators.lattice import subsets
from elision.approximators.subsets import Approximation, Approximator, shared_noise
from elision.arrays import Floats


@final
class Exact(Approximator):
    """All 2^u subsets.

    phi_i = sum over S without i of |S|! (u - |S| - 1)! / u! (v(S with i) - v(S)).

    Args:
        n_units: u.
    Source: Shapley 1953. Deviations: none.
    """

    def __init__(self, n_units: int) -> None:
        self.known = subsets(n_units)

    def estimate(self, values: Floats, noise: Floats | None = None) -> Approximation:
        """Return the Shapley values; they have errors only where the values have some."""
        weights = self._weights()
        variance = None
        if noise is not None:
            variance = shared_noise(self.known, weights, noise, seen=np.zeros(len(self.known), dtype=bool))
        return Approximation((weights.T @ values).T, variance)

    def _weights(self) -> Floats:
        """Return float64 (2^u, u): what each subset's value counts for in each unit's score."""
        u = self.known.shape[1]
        joining = np.array([1.0 / (u * comb(u - 1, size)) for size in range(u)])
        size = self.known.sum(axis=1)
        kept = joining[np.maximum(size - 1, 0)][:, None]
        absent = joining[np.minimum(size, u - 1)][:, None]
        return np.asarray(np.where(self.known, kept, -absent))
