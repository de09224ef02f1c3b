"""LIME: a ridge regression of the model's answers on which units are there, the nearer the text the heavier."""

from __future__ import annotations

from typing import final

import numpy as np

from elision.approximators.subsets import Approximation, Approximator, choose_known, shared_noise
from elision.arrays import Bools, Floats

_FLAT = 1e-10
"""A spread that is rounding: values, or what tells units apart, do not vary."""
_TOO_FEW = "too few samples to tell all units apart, so the scores have no standard errors; raise n_samples"


@final
class LocalRegression(Approximator):
    """The untouched example, and draws that leave out 1 to u units: first how many, then which, all alike.

    A row's weight is sqrt(exp(-d^2 / width^2)), where d is 100 times the cosine distance between the row and the row
    of ones, 1 - sqrt(kept / u).

    Args:
        n_units: u.
        n_samples: rows, with the untouched one; at least 2.
        kernel_width: width, of distances times 100.
        alpha: the ridge's penalty.
        n_features: keep only so many units, those that weigh most, and fit again; None for all.
        seed: of the draws.
    Source: Ribeiro et al. 2016, Algorithm 1, and the lime package's `LimeTextExplainer`. Deviations: units are places,
        as with its bow=False, and n_features takes the largest weights, as its "highest_weights".
    """

    def __init__(
        self,
        n_units: int,
        n_samples: int,
        *,
        kernel_width: float,
        alpha: float,
        n_features: int | None = None,
        seed: int,
    ) -> None:
        generator = np.random.default_rng(seed)
        kept = n_units - generator.integers(1, n_units + 1, size=n_samples - 1)
        self.known = np.concatenate([np.ones((1, n_units), dtype=bool), choose_known(generator, kept, n_units)])
        self.weights = proximity(self.known, kernel_width)
        self.alpha = alpha
        self.n_features = n_features

    def estimate(self, values: Floats, noise: Floats | None = None) -> Approximation:
        """Return the ridge's coefficients, with what the draws and the penalty may have moved them by."""
        scores, intercepts = ridge(self.known, values, self.weights, self.alpha)
        variance = self._variance(values, scores, intercepts, noise)
        for c in range(len(scores)):
            if self.n_features is not None and self.n_features < scores.shape[1]:
                chosen = np.sort(np.argsort(-np.abs(scores[c]), kind="stable")[: self.n_features])
                part, intercepts[c : c + 1] = ridge(self.known[:, chosen], values[:, [c]], self.weights, self.alpha)
                scores[c] = 0.0
                scores[c, chosen] = part[0]
        notes = (_TOO_FEW,) if variance is None else ()
        fit = self.known @ scores.T + intercepts
        return Approximation(scores, variance, {"intercept": intercepts, "r2": self._r2(values, fit)}, notes)

    def _r2(self, values: Floats, fit: Floats) -> Floats:
        """Return float64 (c,): the weighted share of the values' variance that the fit explains."""
        mean = self.weights @ values / self.weights.sum()
        whole = self.weights @ (values - mean) ** 2
        missed = self.weights @ (values - fit) ** 2
        varies = np.ptp(values, axis=0) > _FLAT
        return np.asarray(np.where(varies, 1.0 - missed / np.where(varies, whole, 1.0), 0.0))

    def _variance(self, values: Floats, scores: Floats, intercepts: Floats, noise: Floats | None) -> Floats | None:
        """Return float64 (c, u), or None where the rows do not span the units.

        From the residuals, each to the fit without its row (so that few samples are not taken for certainty), plus the
        square of what the penalty alone takes off: the difference to the fit without it.
        """
        centred = self.known - self.weights @ self.known / self.weights.sum()
        gram = centred.T @ (self.weights[:, None] * centred)
        smallest = np.linalg.eigvalsh(gram)[0]
        if len(values) < gram.shape[0] + 2 or smallest <= _FLAT * max(np.trace(gram), _FLAT):
            return None
        inverse = np.linalg.inv(gram + self.alpha * np.eye(len(gram)))
        by_row = self.weights[:, None] * (centred @ inverse)
        leverage = (by_row * centred).sum(axis=1) + self.weights / self.weights.sum()
        residual = values - self.known @ scores.T - intercepts
        left = residual / np.maximum(1.0 - leverage, 1e-9)[:, None]
        penalty = self.alpha * np.linalg.solve(gram, scores.T).T
        variance = (left**2).T @ by_row**2 + penalty**2
        if noise is not None:
            variance = variance + shared_noise(self.known, by_row, noise, seen=np.ones(len(values), dtype=bool))
        return np.asarray(variance)


def proximity(known: Bools, kernel_width: float) -> Floats:
    """Return each row's weight, float64 (r,), for subsets known bool (r, u)."""
    distance = 100.0 * (1.0 - np.sqrt(known.mean(axis=1)))
    return np.asarray(np.sqrt(np.exp(-(distance**2) / kernel_width**2)))


def ridge(known: Bools, values: Floats, weights: Floats, alpha: float) -> tuple[Floats, Floats]:
    """Return coefficients float64 (c, u) and intercepts float64 (c,) of a weighted ridge regression.

    Args:
        known: bool (r, u).
        values: float64 (r, c).
        weights: float64 (r,).
        alpha: the penalty; the intercept is free of it.
    """
    from sklearn.linear_model import Ridge

    fitted = Ridge(alpha=alpha, solver="svd").fit(known.astype(np.float64), values, sample_weight=weights)
    return np.array(fitted.coef_).reshape(values.shape[1], -1), np.array(fitted.intercept_).reshape(-1)
