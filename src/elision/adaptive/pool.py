"""One unit's candidates: which were evaluated, with what chance, and what their sum is estimated to be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from elision.adaptive.surrogate import Surrogate, to_logit
from elision.models.rows import Bools, Floats

_NODES = 26


@dataclass(frozen=True, eq=False)
class Estimate:
    """The mean probabilities without a unit.

    Attributes:
        mean: float64 (c,).
        std_error: float64 (c,).
        lower: float64 (c,); the mean is at least this, whatever the candidates not evaluated would have said.
        upper: float64 (c,); at most this.
        deviation: float64 (n,), how far the surrogate may be off the target's probability with each candidate.
    """

    mean: Floats
    std_error: Floats
    lower: Floats
    upper: Floats
    deviation: Floats


class Pool:
    """The candidates of one unit.

    Args:
        weights: float64 (n,), likelihoods q that sum to 1.
        left_out: likelihood outside the candidates.
        n_classes: c.
    """

    def __init__(self, weights: Floats, *, left_out: float, n_classes: int) -> None:
        n = len(weights)
        self.weights, self.left_out = weights, left_out
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
        g, deviation = _mean_probability(logits, spread), _deviation(logits[:, target], spread[:, target])
        q, seen = self.weights, self.seen
        inside = q[seen] @ self.answers[seen]
        rest = np.where(self.evaluated, 0.0, q)
        others = _mean_probability(*surrogate.predict_others(unit, seen, to_logit(self.answers[seen])))
        residual = q[seen, None] * (self.answers[seen] - others)
        chance = np.where(self._certain, 1.0, -np.expm1(self._missed))
        extra = 1.0 / np.maximum(chance[seen], 1e-9) - 1.0
        mean = np.clip(inside + rest @ g + extra @ residual, inside, inside + rest.sum())
        drawn = (extra / np.maximum(chance[seen], 1e-9)) @ residual**2
        expected = ((q * deviation) ** 2 * (1.0 / np.maximum(chance, 1e-9) - 1.0)).sum()
        keep = 1.0 - self.left_out
        return Estimate(
            mean,
            np.sqrt(np.maximum(drawn, expected)),
            inside * keep,
            np.minimum((inside + rest.sum()) * keep + self.left_out, 1.0),
            deviation,
        )


def _mean_probability(logits: Floats, spread: Floats) -> Floats:
    """Return E[sigmoid] of a normal logit, by the probit approximation (MacKay 1992)."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logits / np.sqrt(1.0 + np.pi / 8.0 * spread**2), -700, 700))))


def _deviation(logits: Floats, spread: Floats) -> Floats:
    """Return the standard deviation (n,) of sigmoid of a logit with the heavy tails of Student's t."""
    weights = _T_WEIGHTS.astype(np.float32)
    p = 1.0 / (1.0 + np.exp(-(logits[:, None] + spread[:, None] * _T_NODES[None]).astype(np.float32)))
    return np.sqrt(np.maximum((p**2) @ weights - (p @ weights) ** 2, 1e-14)).astype(np.float64)


def _student_nodes() -> tuple[Floats, Floats]:
    """Return quantiles of Student's t with 4 degrees of freedom, scaled to variance 1, and their weights."""
    inner = _NODES - 2
    p = np.concatenate([[0.004], (np.arange(inner) + 0.5) / inner, [0.996]])
    weights = np.concatenate([[0.008], np.full(inner, 0.984 / inner), [0.008]])
    alpha = 4.0 * p * (1.0 - p)
    root = np.sqrt(np.maximum(np.cos(np.arccos(np.sqrt(alpha)) / 3.0) / np.sqrt(alpha) - 1.0, 0.0))
    nodes = np.sign(p - 0.5) * 2.0 * root
    return nodes / np.sqrt(weights @ nodes**2), weights


_T_NODES, _T_WEIGHTS = _student_nodes()
