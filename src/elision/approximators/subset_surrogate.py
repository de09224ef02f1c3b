"""A surrogate of games on one set of units: what subsets not asked about would give, from those that were.

A Gaussian process over subsets. With z = +1 where a unit is there and -1 where not, and w the units' weights (sum 1),
two subsets are as alike as c = sum_i w_i z_i z'_i, and

    k(c) = 1 + 4 c + 2 c^2 + exp((c - 1) / 0.3),

a constant, what single units do, what pairs do, and what is local. Games of different removals share the most part:
k within a game, 0.7 k between two.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit, logit

from elision.arrays import Bools, Floats, Ints

TERMS = (1.0, 4.0, 2.0, 1.0)
"""Weights of the kernel's terms."""
LENGTH = 0.3
"""How far the local term reaches, in c."""
OWN = 0.3
"""Which part of the kernel two games do not share."""
NOISE = 0.02
"""Of the kernel's variance: what no term says. These four are choices; `python benchmarks/search.py --tune` has others
beside them, on dev data."""
_PROBABILITY = 2e-3
"""Probabilities nearer to 0 or 1 look alike to the surrogate: there logits grow without any change to speak of."""


class SubsetSurrogate:
    """Predicts values of several games on the same units.

    Args:
        weights: float64 (u,), at least 0: how much each unit seems to do.
        bounded: whether values are probabilities, which are fitted as logits.
    """

    def __init__(self, weights: Floats, *, bounded: bool) -> None:
        self._weights = (weights / weights.sum()).astype(np.float32)
        self._bounded = bounded

    def fit(self, known: Bools, game: Ints, values: Floats, n_games: int) -> None:
        """Learn from subsets known bool (s, u) of games int (s,), with values float64 (s,)."""
        y = to_link(values, self._bounded)
        self._signs = np.where(known, np.float32(1), np.float32(-1))
        self._centre, self._scale = float(y.mean()), float(y.std()) or 1.0
        shared = np.where(game[:, None] == game, 1.0, 1.0 - OWN)
        kernel = self._kernel(self._signs).astype(np.float64) * shared
        kernel[np.diag_indices(len(y))] += NOISE * sum(TERMS)
        solved = cho_solve(cho_factor(kernel, lower=True, overwrite_a=True), (y - self._centre) / self._scale)
        by_game = np.where(game[:, None] == np.arange(n_games), 1.0, 1.0 - OWN)
        self._weighted = (solved[:, None] * by_game).astype(np.float32)

    def predict(self, known: Bools) -> Floats:
        """Return each game's values (s, g) for subsets known bool (s, u)."""
        found = self._kernel(np.where(known, np.float32(1), np.float32(-1))) @ self._weighted
        return from_link(self._centre + self._scale * found.astype(np.float64), self._bounded)

    def _kernel(self, signs: Floats) -> Floats:
        alike = (signs * self._weights) @ self._signs.T
        constant, single, pairs, local = map(np.float32, TERMS)
        found = np.exp((alike - np.float32(1)) / np.float32(LENGTH)) * local
        found += constant + alike * (single + pairs * alike)
        return np.asarray(found)


def to_link(values: Floats, bounded: bool) -> Floats:
    """Return what is fitted of values: the logits of probabilities, or the values."""
    return np.asarray(logit(np.clip(values, _PROBABILITY, 1.0 - _PROBABILITY))) if bounded else values


def from_link(fitted: Floats, bounded: bool) -> Floats:
    """Return the values of what was fitted."""
    return np.asarray(expit(fitted)) if bounded else fitted
