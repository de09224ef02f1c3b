"""What a metric can give at best and at worst, whatever the order of each example's units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from elision.arrays import Bools, Floats
from elision.errors import OptionError
from elision.results.measurement import Measurement

_NO_RANGE = 1e-9
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Attainable:
    """The worst and the best figure that any order of each example's units has under a metric and its removal.

    Where an end is not proven, it is the best that a search found: an order that nobody met may lie beyond it. A figure
    that was measured beyond an end moves it there, see `with_measured`, so that no share is above 1 or below 0.

    Attributes:
        name: the metric's name.
        ends: float64 (n, 2), each example's worst and best.
        proven: bool (n,), where no order lies beyond the ends.
        higher_is_better: whether larger figures are better.
        weights: float64 (n,) or None, as a measurement's.
        removal: what the metric puts in absent units' places, as `Removal.describe`.
        settings: what else was chosen.
        evaluations: rows through the model that the search took.
        n_moved: of how many examples an end was moved to a measured figure.
    """

    name: str
    ends: Floats
    proven: Bools
    higher_is_better: bool
    weights: Floats | None = None
    removal: Mapping[str, Any] | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    evaluations: int = 0
    n_moved: int = 0

    def __repr__(self) -> str:
        return (
            f"Attainable({self.name!r}, worst={self.worst:.4g}, best={self.best:.4g}, "
            f"proven={int(self.proven.sum())} of {len(self.proven)})"
        )

    @property
    def worst(self) -> float:
        """The worst figure over all examples."""
        return self._over_all()[0]

    @property
    def best(self) -> float:
        """The best figure over all examples."""
        return self._over_all()[1]

    def share(self, measurement: Measurement) -> float:
        """Return (mean - worst) / (best - worst) of the metric's measurement; NaN where all orders give the same.

        Raises:
            OptionError: it is of another number of examples.
        """
        worst, best = self._over_all()
        self._check(measurement)
        return (measurement.mean - worst) / (best - worst) if abs(best - worst) > _NO_RANGE else float("nan")

    def with_measured(self, measurements: Sequence[Measurement]) -> Attainable:
        """Return what is attainable, seeing that these figures were: ends that one lies beyond are moved there.

        Raises:
            OptionError: one is of another number of examples.
        """
        low, high = np.sort(self.ends, axis=1).T
        for measurement in measurements:
            self._check(measurement)
            low, high = np.fmin(low, measurement.values), np.fmax(high, measurement.values)
        ends = np.stack([low, high] if self.higher_is_better else [high, low], axis=1)
        moved = (np.abs(ends - self.ends) > _ROUNDING).any(axis=1)
        return replace(self, ends=ends, n_moved=self.n_moved + int(moved.sum()))

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists and numbers."""
        return {
            "worst": self.worst,
            "best": self.best,
            "ends": self.ends.tolist(),
            "proven": self.proven.tolist(),
            "moved": self.n_moved,
            "evaluations": self.evaluations,
            "settings": dict(self.settings),
        }

    def _over_all(self) -> tuple[float, float]:
        totals = self.ends.sum(axis=0) / (len(self.ends) if self.weights is None else self.weights.sum())
        low, high = sorted(map(float, totals))
        return (low, high) if self.higher_is_better else (high, low)

    def _check(self, measurement: Measurement) -> None:
        if len(measurement.values) != len(self.ends):
            raise OptionError(
                f"a measurement of the same {len(self.ends)} examples is needed, got one of {len(measurement.values)}"
            )
