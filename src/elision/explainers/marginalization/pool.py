"""One unit's candidates: which were evaluated, with what chance, and what their sum is estimated to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from elision.arrays import Bools, Floats, Ints
from elision.explainers.marginalization.links import Link, lesser
from elision.explainers.marginalization.surrogate import CandidateSurrogate
from elision.likelihood.unequal_sampling import excess_variance
from elision.models.answers import AnswerKind, Watched

Stems = Sequence[tuple[Ints, Floats]]


@dataclass(frozen=True, eq=False)
class PoolEstimate:
    """The mean answer without a unit, of c labels.

    Attributes:
        sides: float64 (k, c), the mean probabilities and what they leave of 1, or the mean scores.
        std_error: float64 (c,), of either side; for other labels than the one explained at least its expected one.
        least: float64 (k, c), what the sides are at least, whatever the candidates not evaluated would have said; -inf
            where they may say anything.
        left_out: the likelihood of those.
        deviation: float64 (n,), how far off the explained label's side with each candidate is expected to be.
        kind: what the answers are.
    """

    sides: Floats
    std_error: Floats
    least: Floats
    left_out: float
    deviation: Floats
    kind: AnswerKind

    @property
    def mean(self) -> Floats:
        """float64 (c,), plain numbers."""
        return np.asarray(self.sides[0])

    @property
    def lower(self) -> Floats:
        """float64 (c,), what the mean is at least."""
        return np.asarray(self.least[0])

    @property
    def upper(self) -> Floats:
        """float64 (c,), what the mean is at most."""
        return np.asarray(self._most[0])

    @property
    def watched(self) -> Watched:
        """The means of all labels (c,)."""
        return self.kind.watch_sides(self.sides)

    @property
    def watched_bounds(self) -> tuple[Watched, Watched]:
        """The means of all labels (c,) at least and at most."""
        low, high = self.least.copy(), self._most.copy()
        low[1:], high[1:] = high[1:], low[1:].copy()
        return self.kind.watch_sides(low), self.kind.watch_sides(high)

    @property
    def _most(self) -> Floats:
        return np.minimum(self.least + self.left_out, 1.0) if self.kind.bounded else np.full_like(self.least, np.inf)


class Pool:
    """The candidates of one unit.

    Args:
        weights: float64 (n,), what each stands for in the mean; they sum to 1.
        likelihood: float64 (n,), each one's own; the candidates that they were drawn from have the rest of 1.
        kind: what the model's answers are.
        n_labels: c.
        stems: as in Fillings, where candidates grew from a few.
    """

    def __init__(
        self, weights: Floats, likelihood: Floats, kind: AnswerKind, n_labels: int, *, stems: Stems = ()
    ) -> None:
        n = len(weights)
        self.weights, self.likelihood, self.stems = weights, likelihood, stems
        self._kind = kind
        self.answers = np.zeros((n, kind.columns(n_labels)))
        self._sides = np.zeros((2 if kind.bounded else 1, n, n_labels))
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
        """Take in the model's answers (m, a) to candidates."""
        self.evaluated[index] = True
        self.answers[index] = answers
        self._sides[:, index] = self._kind.sides(answers)

    def estimate(self, surrogate: CandidateSurrogate, link: Link, unit: int, label: int) -> PoolEstimate:
        """Return the surrogate's sum over what was not evaluated, put right by what was.

        The residual of each evaluated candidate is to what all other answers predict of it, and is weighted by the
        inverse of its chance to be evaluated in any round.
        """
        typical = surrogate.typical(unit)
        fitted, spread = surrogate.predict(unit)
        usual, cautious = link.deviations(fitted, spread, typical, label, surrogate.outliers)
        w, seen = self.weights, surrogate.seen(unit)
        own, others = self._sides[:, seen], link.expected(*surrogate.predict_others(unit), typical)
        values = np.where(self.evaluated[:, None], self._sides, link.expected(fitted, spread, typical))
        residual = w[seen, None] * (own - others)
        chance = np.maximum(np.where(self._certain, 1.0, -np.expm1(self._missed)), 1e-9)
        extra = 1.0 / chance[seen] - 1.0
        mean = w @ values + extra @ residual
        left_out = max(1.0 - float(self.likelihood[seen].sum()), 0.0)
        least = np.full_like(mean, -np.inf)
        if self._kind.bounded:
            least = self.likelihood[seen] @ own
            mean = np.clip(mean, least, np.minimum(least + left_out, 1.0))
        # Squares of what is near nothing would be nothing.
        size = float(cautious.max()) or 1.0
        drawn = (extra / chance[seen]) @ (lesser(residual, others) / size) ** 2
        expected = (1.0 / chance - 1.0) @ (w[:, None] * (cautious / size)) ** 2
        variance = np.maximum(drawn, expected) + self._of_candidates(lesser(values / size, mean), cautious / size)
        return PoolEstimate(mean, size * np.sqrt(variance), least, left_out, usual, self._kind)

    def _of_candidates(self, values: Floats, deviation: Floats) -> Floats:
        """Return the variance (c,) that comes of candidates that stand for others too."""
        excess = excess_variance(self.weights, self.likelihood)
        variance = np.zeros(values.shape[1]) + excess @ np.where(self.evaluated[:, None], 0.0, deviation**2)
        for stem, own in [*self.stems, (np.arange(len(excess)), excess)]:
            if own.sum() > 0:
                of_stem = np.zeros((len(own), values.shape[1]))
                np.add.at(of_stem, stem, self.weights[:, None] * values)
                mean = of_stem / np.maximum(np.bincount(stem, self.weights, len(own)), 1e-300)[:, None]
                n = own.sum() ** 2 / (own**2).sum()
                variance += own @ (mean - own @ mean / own.sum()) ** 2 * (n / max(n - 1.0, 1.0))
        return variance
