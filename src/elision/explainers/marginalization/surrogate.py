"""A cheap surrogate of the model: what it would say of a candidate, from what it said of others.

    f_i(v) = a_i + x(v) . (w + u_i) + s_i x(v) . w_i + noise

with candidate features x, an intercept a_i, a correction u_i and a scale s_i for each unit, and weights w that all
units of a text share; w_i is what the other units said of w in the fit before, so that a unit in whose place candidates
matter little, or much, still learns from the others. f are log-odds, or scores in a unit in which they are as far apart
(`links`). Everything has a normal prior, so the fit is a ridge regression with predictive variances. The units' own
parts meet in the shared one only: they are eliminated first, and the cost grows with the number of units alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elision.arrays import Floats

Features = Callable[[Any], NDArray[np.float32]]
"""Index of candidates -> float32 (m, d), their features."""

INTERCEPT, SHARED, OWN = 3.0, 0.3, 0.12
"""Prior standard deviations of intercepts, of shared weights and of a unit's own, in nats a unit of feature. Choices:
`benchmarks/estimate_constants.py` tells what halving and doubling them does."""

SCALE, NOISE, OUTLIERS = 0.3, 1.1, 0.01
"""The prior standard deviation of s; the noise in nats; the share of candidates that answer quite unlike the rest, with
which errors reckon. Chosen by `benchmarks/marginalization.py` on the first 20 sentences of at most 20 tokens of SST-2
test; docs/performance.md has the figures of others."""

_DEGREES = 16.0
"""As many residuals of all units a unit's noise is made of, beside its own. A choice."""

_HIGHEST = 0.95
"""The largest leverage of an observation that its own residual is freed of. A choice, against division by nothing."""


@dataclass(frozen=True, eq=False)
class Prior:
    """What is known of the shared weights beforehand; they are in units of SHARED.

    Attributes:
        mean: float64 (d, c).
        deviation: float64 (d,).
        scale: the prior standard deviation of a unit's scale.
        outliers: the share of candidates that answer quite unlike the rest, with which errors reckon.
    """

    mean: Floats
    deviation: Floats
    scale: float = SCALE
    outliers: float = OUTLIERS


@dataclass(frozen=True, eq=False)
class _Posterior:
    """One unit's weights, shared ones first: float64 (k, c), and their covariance (k, k)."""

    weights: Floats
    covariance: Floats


class CandidateSurrogate:
    """Ridge regression of what all labels are said to be on candidate features, pooled over a text's units.

    Args:
        features: for each unit its candidates' features.
        n_own: how many leading features have a correction of each unit's own.
        prior: of the d shared weights, for c labels.
    """

    def __init__(self, features: Sequence[Features], *, n_own: int, prior: Prior) -> None:
        d, c = prior.mean.shape
        self._features, self._prior, self._n_own = features, prior, min(n_own, d)
        self.outliers = prior.outliers
        self._pooled: list[Floats] = [prior.mean for _ in features]
        self._by_others = self._pooled
        self._posteriors: list[_Posterior] = []
        self._seen: list[list[NDArray[np.int64]]] = [[] for _ in features]
        self._said: list[list[Floats]] = [[] for _ in features]
        self.noise: Floats = np.full((len(features), c), NOISE)

    def observe(self, unit: int, index: NDArray[np.int64], said: Floats) -> None:
        """Take in what the model said of candidates of a unit, float64 (n, c), as a link has it."""
        self._seen[unit].append(index)
        self._said[unit].append(said)

    def typical(self, unit: int) -> Floats:
        """Return float64 (c,), the median of what was observed of a unit."""
        return np.asarray(np.median(np.concatenate(self._said[unit]), axis=0))

    def fit(self) -> None:
        """Fit all that was observed; a unit's noise lies between that of its own residuals and that of all."""
        d = len(self._prior.deviation)
        self._pooled = self._by_others
        shared, target = np.diag(self._prior.deviation**-2.0), self._prior.mean / self._prior.deviation[:, None] ** 2
        parts = []
        for unit in range(len(self._features)):
            design, said = self._observed(unit)
            x, z = design[:, :d], design[:, d:]
            own, cross = np.eye(z.shape[1]) + z.T @ z / NOISE**2, x.T @ z / NOISE**2
            inverse = np.linalg.inv(own)
            own_target = z.T @ said / NOISE**2
            gain = -inverse @ cross.T
            precision = x.T @ x / NOISE**2 + cross @ gain
            pull = x.T @ said / NOISE**2 + gain.T @ own_target
            shared, target = shared + precision, target + pull
            parts.append((inverse, gain, own_target, precision, pull))
        covariance = np.linalg.inv(shared)
        weights = covariance @ target
        self._posteriors = []
        for inverse, gain, own_target, _, _ in parts:
            side = covariance @ gain.T
            self._posteriors.append(
                _Posterior(
                    np.concatenate([weights, inverse @ own_target + gain @ weights]),
                    np.block([[covariance, side], [side.T, inverse + gain @ side]]),
                )
            )
        self._find_noise()
        self._by_others = [
            np.asarray(np.linalg.solve(shared - precision, target - pull)) for *_, precision, pull in parts
        ]

    def _find_noise(self) -> None:
        square, count = np.zeros_like(self.noise), np.zeros((len(self.noise), 1))
        for unit in range(len(self._features)):
            _, said = self._observed(unit)
            square[unit] = ((said - self.predict_others(unit)[0]) ** 2).sum(axis=0)
            count[unit] = len(said)
        common = square.sum(axis=0) / max(count.sum(), 1.0)
        self.noise = np.sqrt((_DEGREES * common + square) / (_DEGREES + count))

    def predict(self, unit: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return for every candidate of a unit what the model would say (n, c), and its standard deviations (n, c)."""
        design = self._design(unit, slice(None))
        noise = self.noise[unit].astype(np.float32)
        said = design @ self._posteriors[unit].weights.astype(np.float32)
        return said, np.sqrt(self._spread(unit, design)[:, None] + noise**2)

    def predict_others(self, unit: int) -> tuple[Floats, Floats]:
        """Return for a unit's observed candidates, in order, what all others would predict, as `predict` does."""
        design, said = self._observed(unit)
        spread = self._spread(unit, design)
        residual = said - design @ self._posteriors[unit].weights
        others = said - residual / (1.0 - np.clip(spread / NOISE**2, 0.0, _HIGHEST))[:, None]
        return others, np.sqrt(spread[:, None] + self.noise[unit] ** 2)

    def seen(self, unit: int) -> NDArray[np.int64]:
        """Return the indices of a unit's observed candidates, in the order of `predict_others`."""
        return np.concatenate(self._seen[unit])

    def _observed(self, unit: int) -> tuple[Floats, Floats]:
        """Return design (n, k) and said (n, c) of what was observed of a unit."""
        return self._design(unit, self.seen(unit)).astype(np.float64), np.concatenate(self._said[unit])

    def _spread(self, unit: int, design: NDArray[Any]) -> NDArray[Any]:
        block = self._posteriors[unit].covariance.astype(design.dtype)
        return np.asarray(np.maximum(np.einsum("nd,nd->n", design @ block, design), 0.0))

    def _design(self, unit: int, index: Any) -> NDArray[np.float32]:
        x = self._features[unit](index)
        pooled = (SHARED * self._pooled[unit]).astype(np.float32)
        columns = [SHARED * x, np.full((len(x), 1), INTERCEPT, np.float32), OWN * x[:, : self._n_own]]
        return np.concatenate([*columns, self._prior.scale * (x @ pooled)], axis=1)
