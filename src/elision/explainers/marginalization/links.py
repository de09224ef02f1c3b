"""How answers look to the surrogate, and what its predictions mean.

Probabilities are fitted as log-odds. What is averaged are their two sides, p and 1 - p, side by side: so neither loses
its digits, however sure the model is. Scores are fitted in a unit of their own, and have one side.

Axes: k sides, n candidates, c labels.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from elision.arrays import Floats
from elision.models.answers import AnswerKind, Watched

_FURTHEST = 500.0
"""Log-odds in nats are cut there, so that what is infinite can be fitted; a choice, not a tuned value."""

_SURE = 10.0
"""Where half of a unit's log-odds are further from 0 than this, in nats, its candidates are looked at by the logarithms
of their sides. A choice: the built-in models stay below it, and MacKay's approximation is good there."""

SPREAD = 2.0
"""How many nats of log-odds the answers of a text's first look are apart, as a standard deviation: 1.8 in the first
four sentences of `benchmarks/estimate_constants.py`. Scores are fitted in such a unit that theirs are too, so that
the surrogate's priors fit them."""

_HIGHEST = 700.0
"""The exponential of more is no float64."""

_FAR = 6.0
"""How many standard deviations off an outlier is. A choice; `surrogate.OUTLIERS` was chosen with it."""

_ROUNDING = 1e-6
"""Scores that are less apart than this share of the largest are taken for rounded copies of one."""


class Link(ABC):
    """What the surrogate fits of answers, and back; abstract.

    Attributes:
        unit: float64 (c,), how much of the watched number one unit of the surrogate is, for gradients.
    """

    unit: Floats

    @abstractmethod
    def of(self, watched: Watched) -> Floats:
        """Return float64 (n, c), what the surrogate is fitted to."""

    @abstractmethod
    def expected(self, fitted: NDArray[Any], spread: NDArray[Any], typical: Floats) -> Floats:
        """Return the sides float64 (k, n, c) to be expected.

        Args:
            fitted: (n, c), what the surrogate predicts.
            spread: (n, c), its standard deviations.
            typical: float64 (c,), the median of what was observed.
        """

    @abstractmethod
    def deviations(
        self, fitted: NDArray[Any], spread: NDArray[Any], typical: Floats, label: int, outliers: float
    ) -> tuple[Floats, Floats]:
        """Return how far off the sides are expected to be.

        The surrogate's own residuals cannot tell how many candidates answer quite unlike the rest, so an error reckons
        with a share of them, six standard deviations off.

        Args:
            fitted: (n, c), as for `expected`.
            spread: (n, c), likewise.
            typical: float64 (c,), likewise.
            label: the one explained.
            outliers: that share.
        Returns:
            For that label float64 (n,), as Student's t has it; and with outliers beside that float64 (n, c), or (n, 1)
            where it is taken for all labels.
        """


@final
class LogOdds(Link):
    """Log-odds of c probabilities, in nats."""

    def __init__(self, n_labels: int) -> None:
        self.unit = np.ones(n_labels)

    def of(self, watched: Watched) -> Floats:
        """Return ln p - ln (1 - p), cut at +-500."""
        log_p, log_q = watched.logs
        return np.clip(log_p - log_q, -_FURTHEST, _FURTHEST)

    def expected(self, fitted: NDArray[Any], spread: NDArray[Any], typical: Floats) -> Floats:
        """Return p and 1 - p of a normal logit, by the probit approximation (MacKay 1992); if sure, by a sum."""
        p = 1.0 / (1.0 + np.exp(-np.clip(fitted / np.sqrt(1.0 + np.pi / 8.0 * spread**2), -80, 80)))
        sides = np.stack([p, 1.0 - p.astype(np.float64)])
        for label in np.flatnonzero(np.abs(typical) > _SURE):
            mean = _lesser_sides(fitted[:, label], spread[:, label]) @ _WEIGHTS
            below = fitted[:, label] < 0
            sides[:, :, label] = np.where(below, mean, 1.0 - mean), np.where(below, 1.0 - mean, mean)
        return sides

    def deviations(
        self, fitted: NDArray[Any], spread: NDArray[Any], typical: Floats, label: int, outliers: float
    ) -> tuple[Floats, Floats]:
        """Return standard deviations of the label's probability, the second for all labels."""
        cautious = np.concatenate([[outliers / 2], (1.0 - outliers) * _WEIGHTS[1:-1], [outliers / 2]])
        weights = np.stack([_WEIGHTS, cautious], axis=1)
        logits, spread = fitted[:, label], spread[:, label]
        if abs(typical[label]) > _SURE:
            values = _lesser_sides(logits, spread)
            # Squares of what is near nothing would be nothing.
            most = values[:, -1:].copy()
            values /= most
            usual, careful = (most * np.sqrt(np.maximum(values**2 @ weights - (values @ weights) ** 2, 0.0))).T
            return usual, careful[:, None]
        at = (logits[:, None] + spread[:, None] * _NODES[None]).astype(np.float32)
        p = 1.0 / (1.0 + np.exp(-np.clip(at, -80, 80)))
        p -= p[:, p.shape[1] // 2, None]
        weights = weights.astype(np.float32)
        variance = np.maximum((p**2) @ weights - (p @ weights) ** 2, 1e-14)
        usual, careful = np.sqrt(variance).T.astype(np.float64)
        return usual, careful[:, None]


@final
class Standardized(Link):
    """Scores less their mean, in a unit of their own.

    Args:
        centre: float64 (c,).
        unit: float64 (c,).
    """

    def __init__(self, centre: Floats, unit: Floats) -> None:
        self.centre, self.unit = centre, unit

    def of(self, watched: Watched) -> Floats:
        """Return scores in the unit."""
        return np.asarray((watched.number - self.centre) / self.unit)

    def expected(self, fitted: NDArray[Any], spread: NDArray[Any], typical: Floats) -> Floats:
        """Return the scores."""
        return np.asarray(self.centre + self.unit * fitted)[None]

    def deviations(
        self, fitted: NDArray[Any], spread: NDArray[Any], typical: Floats, label: int, outliers: float
    ) -> tuple[Floats, Floats]:
        """Return standard deviations of the scores, the second of all labels'."""
        usual = self.unit * spread
        return usual[:, label], usual * np.sqrt(1.0 - outliers + outliers * _FAR**2)


def link_of(kind: AnswerKind, first: Sequence[Floats], unit: Floats | None = None) -> Link:
    """Return the link of a text's answers.

    Args:
        kind: what they are.
        first: float64 (n, a) for each unit of the text, the first answers.
        unit: float64 (c,), as it is known from other texts, or None.
    """
    numbers = kind.numbers(np.concatenate(list(first)))
    if kind.bounded:
        return LogOdds(numbers.shape[-1])
    found = np.maximum(numbers.std(axis=0), _ROUNDING * np.abs(numbers).max(axis=0))
    own = np.where(found > 0, found, 1.0) / SPREAD
    return Standardized(numbers.mean(axis=0), own if unit is None else unit)


def lesser(sides: Floats, judged: Floats | None = None) -> Floats:
    """Return of two sides (2, ...) the lesser one by `judged`, or by themselves: it has the digits; of one that one."""
    judged = sides if judged is None else judged
    return np.asarray(sides[0] if len(sides) == 1 else np.where(judged[0] <= judged[1], sides[0], sides[1]))


def _lesser_sides(logits: NDArray[Any], spread: NDArray[Any]) -> Floats:
    """Return float64 (n, m), the lesser of p and 1 - p at the nodes of Student's t about logits (n,), ascending."""
    away = np.abs(logits[:, None]).astype(np.float64) - spread[:, None] * _NODES[None]
    return np.asarray(1.0 / (1.0 + np.exp(np.clip(away, -_HIGHEST, _HIGHEST))))


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


_NODES, _WEIGHTS = _nodes()
