"""What a metric found: one value for each example, their mean, and how sure the mean is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from elision.arrays import Floats
from elision.errors import OptionError
from elision.results.intervals import LEVEL, N_RESAMPLES, bootstrap


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Curve:
    """A figure along an axis, averaged over n examples at p points.

    Attributes:
        x: float64 (p,).
        y: float64 (n, p), of each example.
        low: float64 (n,) or None; what is 0 on the normalised axis, averaged over examples before it is used.
        high: float64 (n,) or None; likewise what is 1.
        x_label: what x counts.
        y_label: what y is.
    """

    x: Floats
    y: Floats
    low: Floats | None = None
    high: Floats | None = None
    x_label: str = ""
    y_label: str = ""

    def __repr__(self) -> str:
        labels = "".join(f", {name}={getattr(self, name)!r}" for name in ("x_label", "y_label") if getattr(self, name))
        return f"Curve({len(self.x)} points, {len(self.y)} examples{labels})"

    @property
    def mean(self) -> Floats:
        """float64 (p,), the average over examples; normalised where low and high are given."""
        return np.asarray(self._normalised(np.full((1, len(self.y)), 1.0 / max(len(self.y), 1)))[0])

    def interval(self, *, level: float = LEVEL, n_resamples: int = N_RESAMPLES, seed: int = 0) -> Floats:
        """Return float64 (2, p), lower and upper ends of each point's bootstrap interval."""
        n = max(len(self.y), 1)
        return bootstrap(
            lambda counts: self._normalised(counts / n), len(self.y), level=level, n_resamples=n_resamples, seed=seed
        )

    def _normalised(self, shares: Floats) -> Floats:
        """Return float64 (b, p), the curve for b sets of examples' shares (b, n)."""
        y = shares @ self.y
        if self.low is None or self.high is None:
            return np.asarray(y)
        low, high = shares @ self.low, shares @ self.high
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray((y - low[:, None]) / (high - low)[:, None])


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Measurement:
    """A metric's value for each of n examples, and over all of them.

    Attributes:
        name: the metric's name.
        values: float64 (n,), one an example; NaN where an example says nothing.
        weights: float64 (n,) or None. With weights the figure over all examples is the sum of values divided by the
            sum of weights: a ratio of averages, not an average of ratios.
        higher_is_better: True or False; None where neither is.
        removal: what the metric itself puts in absent units' places, as `Removal.describe`; None where nothing is.
        settings: what else was chosen.
        curves: what it was read from, by name.
        notes: what a reader should know.
    """

    name: str
    values: Floats
    weights: Floats | None = None
    higher_is_better: bool | None = True
    removal: Mapping[str, Any] | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    curves: Mapping[str, Curve] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.weights is not None and self.weights.shape != self.values.shape:
            raise OptionError(f"weights must have shape {self.values.shape}, got {self.weights.shape}")

    def __repr__(self) -> str:
        return f"Measurement({self.name!r}, mean={self.mean:.4g}, n={self.n})"

    @cached_property
    def mean(self) -> float:
        """The figure over all examples that say something; NaN where none does."""
        return float(self.over(np.ones((1, len(self.values))))[0]) if len(self.values) else float("nan")

    @property
    def n(self) -> int:
        """How many examples say something."""
        return int(np.isfinite(self.values).sum())

    def over(self, counts: Floats) -> Floats:
        """Return float64 (b,), the figure for b samples in which example i stands counts (b, n) times."""
        told = np.isfinite(self.values)
        weights = told.astype(np.float64) if self.weights is None else np.where(told, self.weights, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(counts @ np.where(told, self.values, 0.0) / (counts @ weights))

    def interval(self, *, level: float = LEVEL, n_resamples: int = N_RESAMPLES, seed: int = 0) -> tuple[float, float]:
        """Return the lower and upper end of the figure's bootstrap interval over examples.

        Args:
            level: how often such intervals hold the figure for all examples there could be.
            n_resamples: samples drawn.
            seed: of the draws.
        Raises:
            OptionError: a setting is out of range.
        Source: Efron & Tibshirani 1993, the percentile interval; with few examples it is too narrow.
        """
        ends = bootstrap(
            lambda counts: self.over(counts)[:, None],
            len(self.values),
            level=level,
            n_resamples=n_resamples,
            seed=seed,
        )
        return float(ends[0, 0]), float(ends[1, 0])

    def __str__(self) -> str:
        lower, upper = self.interval()
        return f"{self.name} {self.mean:.4g} ({LEVEL:.0%} interval {lower:.4g} to {upper:.4g}, n = {self.n})"
