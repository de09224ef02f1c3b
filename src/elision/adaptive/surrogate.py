"""A cheap surrogate of the model: what it would say of a candidate, from what it said of others.

    logit f_i(v) = a_i + x(v) . (w + u_i) + noise

with candidate features x, an intercept a_i and a small correction u_i for each unit, and weights w that all units of a
text share. Everything has a normal prior, so the fit is a ridge regression with predictive variances.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from elision.models.rows import Floats

_INTERCEPT, _SHARED, _OWN = 3.0, 0.3, 0.12
"""Prior standard deviations: of intercepts, of shared weights and of a unit's own, in nats a unit of feature."""

_NOISE = 1.1
_CLIP = 1e-7


def to_logit(p: Floats) -> Floats:
    """Return ln(p / (1 - p)), clipped at 1e-7."""
    inside = np.clip(p, _CLIP, 1.0 - _CLIP)
    return np.asarray(np.log(inside) - np.log1p(-inside))


class Surrogate:
    """Ridge regression of all classes' logits on candidate features, pooled over a text's units.

    Args:
        features: for each unit float64 (n_i, d), of its candidates.
        n_own: how many leading features have a correction of each unit's own.
        n_classes: c.
    """

    def __init__(self, features: Sequence[Floats], *, n_own: int, n_classes: int) -> None:
        self._features = features
        d = features[0].shape[1] if features else 0
        n_own = min(n_own, d)
        self._n_own = n_own
        size = d + len(features) * (1 + n_own)
        self._where = [
            np.concatenate([np.arange(d), d + i * (1 + n_own) + np.arange(1 + n_own)]) for i in range(len(features))
        ]
        self._precision = np.eye(size)
        self._target = np.zeros((size, n_classes))
        self._seen: list[tuple[int, NDArray[np.int64], Floats]] = []
        self._covariance: Floats = np.eye(size)
        self._weights: Floats = np.zeros((size, n_classes))
        self.noise: Floats = np.full(n_classes, _NOISE)

    def observe(self, unit: int, index: NDArray[np.int64], answers: Floats) -> None:
        """Take in the model's answers, float64 (n, c) probabilities, to candidates of a unit."""
        design, logits = self._design(unit, index), to_logit(answers)
        where = self._where[unit]
        self._precision[np.ix_(where, where)] += design.T @ design / _NOISE**2
        self._target[where] += design.T @ logits / _NOISE**2
        self._seen.append((unit, index, logits))

    def fit(self) -> None:
        """Fit all that was observed; the noise is that of the residuals, each predicted from the others."""
        self._covariance = np.asarray(np.linalg.inv(self._precision), dtype=np.float64)
        self._weights = self._covariance @ self._target
        residuals = [logits - self.predict_others(unit, index, logits)[0] for unit, index, logits in self._seen]
        self.noise = np.asarray(np.sqrt((np.concatenate(residuals) ** 2).mean(axis=0)))

    def predict(self, unit: int) -> tuple[Floats, Floats]:
        """Return for every candidate of a unit the logits (n_i, c) and their standard deviations (n_i, c)."""
        design = self._design(unit, slice(None))
        return design @ self._weights[self._where[unit]], np.sqrt(self._spread(unit, design)[:, None] + self.noise**2)

    def predict_others(self, unit: int, index: NDArray[np.int64], logits: Floats) -> tuple[Floats, Floats]:
        """Return for observed candidates what all other observations would predict, as `predict` does."""
        design = self._design(unit, index)
        spread = self._spread(unit, design)
        residual = logits - design @ self._weights[self._where[unit]]
        others = logits - residual / (1.0 - np.clip(spread / _NOISE**2, 0.0, 0.95))[:, None]
        return others, np.sqrt(spread[:, None] + self.noise**2)

    def _spread(self, unit: int, design: Floats) -> Floats:
        block = self._covariance[np.ix_(self._where[unit], self._where[unit])]
        return np.asarray(((design @ block) * design).sum(axis=1))

    def _design(self, unit: int, index: NDArray[np.int64] | slice) -> Floats:
        x = self._features[unit][index]
        return np.concatenate([_SHARED * x, np.full((len(x), 1), _INTERCEPT), _OWN * x[:, : self._n_own]], axis=1)
