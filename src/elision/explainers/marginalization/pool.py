"""One unit's candidates: which were evaluated, with what chance, and what their sum is estimated to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elision.arrays import Bools, Floats, Ints
from elision.explainers.marginalization.surrogate import Surrogate
from elision.likelihood.unequal_sampling import excess_variance

Stems = Sequence[tuple[Ints, Floats]]


@dataclass(frozen=True, eq=False)
class Estimate:
    """The mean probabilities without a unit.

    Attributes:
        mean: float64 (c,).
        std_error: float64 (c,).
        lower: float64 (c,); the mean is at least this, whatever the candidates not evaluated would have said.
        upper: float64 (c,); at most this.
        deviation: float64 (n,), how far off the target's probability with each candidate is expected to be.
    """

    mean: Floats
    std_error: Floats
    lower: Floats
    upper: Floats
    deviation: Floats


class Pool:
    """The candidates of one unit.

    Args:
        weights: float64 (n,), what each stands for in the mean; they sum to 1.
        likelihood: float64 (n,), each one's own; the candidates that they were drawn from have the rest of 1.
        n_classes: c.
        stems: as in Fillings, where candidates grew from a few.
    """

    def __init__(self, weights: Floats, likelihood: Floats, *, n_classes: int, stems: Stems = ()) -> None:
        n = len(weights)
        self.weights, self.likelihood, self.stems = weights, likelihood, stems
        self.answers = np.zeros((n, n_classes))
        self.evaluated: Bools = np.zeros(n, dtype=bool)
        self._certain: Bools = np.zeros(n, dtype=bool)
        self._missed = np.zeros(n)

    @property
    def seen(self) -> NDArray[np.int64]:
        """Indices of the candidates that were evaluated."""
        return np.flatnonzero(self.evaluated)

    def plan(self, chances: Floats) -> None:
        """Take note of a round's inclusion probabilities (n,): also what an evaluated candidate's would have been."""
        self._certain |= chances >= 1.0
        self._missed += np.log1p(-np.clip(chances, 0.0, 1.0 - 1e-12))

    def answer(self, index: NDArray[np.int64], answers: Floats) -> None:
        """Take in the model's answers (n, c) to candidates."""
        self.evaluated[index] = True
        self.answers[index] = answers

    def estimate(self, surrogate: Surrogate, unit: int, target: int) -> Estimate:
        """Return the surrogate's sum over what was not evaluated, put right by what was.

        The residual of each evaluated candidate is to what all other answers predict of it, and is weighted by the
        inverse of its chance to be evaluated in any round.
        """
        logits, spread = surrogate.predict(unit)
        g = _mean_probability(logits, spread)
        usual, cautious = _deviations(logits[:, target], spread[:, target], surrogate.outliers)
        w, seen = self.weights, surrogate.seen(unit)
        values = np.where(self.evaluated[:, None], self.answers, g)
        others = _mean_probability(*surrogate.predict_others(unit))
        residual = w[seen, None] * (self.answers[seen] - others)
        chance = np.maximum(np.where(self._certain, 1.0, -np.expm1(self._missed)), 1e-9)
        extra = 1.0 / chance[seen] - 1.0
        lower = self.likelihood[seen] @ self.answers[seen]
        upper = np.minimum(lower + max(1.0 - float(self.likelihood[seen].sum()), 0.0), 1.0)
        drawn = (extra / chance[seen]) @ residual**2
        expected = ((w * cautious) ** 2 * (1.0 / chance - 1.0)).sum()
        variance = np.maximum(drawn, expected) + self._of_candidates(values, cautious)
        return Estimate(np.clip(w @ values + extra @ residual, lower, upper), np.sqrt(variance), lower, upper, usual)

    def _of_candidates(self, values: Floats, deviation: Floats) -> Floats:
        """Return the variance (c,) that comes of candidates that stand for others too."""
        excess = excess_variance(self.weights, self.likelihood)
        variance = np.full(values.shape[1], excess @ np.where(self.evaluated, 0.0, deviation**2))
        for stem, own in [*self.stems, (np.arange(len(excess)), excess)]:
            if own.sum() > 0:
                of_stem = np.zeros((len(own), values.shape[1]))
                np.add.at(of_stem, stem, self.weights[:, None] * values)
                mean = of_stem / np.maximum(np.bincount(stem, self.weights, len(own)), 1e-300)[:, None]
                n = own.sum() ** 2 / (own**2).sum()
                variance += own @ (mean - own @ mean / own.sum()) ** 2 * (n / max(n - 1.0, 1.0))
        return variance


def _mean_probability(logits: NDArray[Any], spread: NDArray[Any]) -> NDArray[Any]:
    """Return E[sigmoid] of a normal logit, by the probit approximation (MacKay 1992)."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logits / np.sqrt(1.0 + np.pi / 8.0 * spread**2), -80, 80))))


def _deviations(logits: NDArray[Any], spread: NDArray[Any], outliers: float) -> tuple[Floats, Floats]:
    """Return standard deviations (n,) of sigmoid of a logit: as Student's t has it, and with outliers beside that.

    The surrogate's own residuals cannot tell how many candidates answer quite unlike the rest, so an error reckons with
    a share of them, six standard deviations off.
    """
    p = 1.0 / (1.0 + np.exp(-(logits[:, None] + spread[:, None] * _NODES[None]).astype(np.float32)))
    p -= p[:, p.shape[1] // 2, None]
    cautious = np.concatenate([[outliers / 2], (1.0 - outliers) * _WEIGHTS[1:-1], [outliers / 2]])
    weights = np.stack([_WEIGHTS, cautious], axis=1).astype(np.float32)
    variance = np.maximum((p**2) @ weights - (p @ weights) ** 2, 1e-14)
    usual, careful = np.sqrt(variance).T.astype(np.float64)
    return usual, careful


def _nodes() -> tuple[Floats, Floats]:
    """Return nodes and weights of Student's t with 4 degrees of freedom and variance 1, between two far nodes."""
    inner = 24
    p = np.concatenate([[0.004], (np.arange(inner) + 0.5) / inner, [0.996]])
    weights = np.concatenate([[0.008], np.full(inner, 0.984 / inner), [0.008]])
    alpha = 4.0 * p * (1.0 - p)
    root = np.sqrt(np.maximum(np.cos(np.arccos(np.sqrt(alpha)) / 3.0) / np.sqrt(alpha) - 1.0, 0.0))
    nodes = np.sign(p - 0.5) * 2.0 * root
    nodes /= np.sqrt(weights @ nodes**2)
    return np.concatenate([[-_FAR], nodes, [_FAR]]), np.concatenate([[0.0], weights, [0.0]])


_FAR = 6.0
_NODES, _WEIGHTS = _nodes()
