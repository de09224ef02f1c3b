"""A score for each unit, with its errors, bounds and what they rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, NamedTuple, Self, final

import numpy as np

from elision.arrays import Floats
from elision.errors import OptionError
from elision.results.findings.finding import Finding, frozen
from elision.text import Unit


class Scored(NamedTuple):
    """A unit and its score."""

    unit: Unit
    score: float


@final
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class UnitScores(Finding):
    """Scores of u units for the target, one of c labels.

    Attributes:
        scores: float64 (u,).
        std_error: float64 (u,) or None; of scores that rest on random draws.
        lower: float64 (u,) or None; the score is at least this, whatever the truncated candidates would have said.
        upper: float64 (u,) or None; likewise.
        class_scores: float64 (c, u) or None; the scores for every label.
        absent_values: float64 (u,) or None; the target's probability, or score, without each unit.
        likelihoods: float64 (u,) or None; of each unit's original word, NaN where unknown.
    """

    name: ClassVar[str] = "scores"

    scores: Floats
    std_error: Floats | None = None
    lower: Floats | None = None
    upper: Floats | None = None
    class_scores: Floats | None = None
    absent_values: Floats | None = None
    likelihoods: Floats | None = None

    def __post_init__(self) -> None:
        for name, value in self._arrays().items():
            object.__setattr__(self, name, frozen(value))

    def __repr__(self) -> str:
        return f"UnitScores({len(self.scores)} units, {', '.join(self._arrays())})"

    def _arrays(self) -> dict[str, Floats]:
        return {item.name: value for item in fields(self) if (value := getattr(self, item.name)) is not None}

    def check(self, units: Sequence[Unit], labels: Sequence[str]) -> None:
        """Refuse arrays of another shape, and what is not finite but a likelihood."""
        for name, value in {"scores": self.scores, **self._arrays()}.items():
            shape = (len(labels), len(units)) if name == "class_scores" else (len(units),)
            if np.shape(value) != shape:
                raise OptionError(f"an explanation's {name} must have shape {shape}, got {np.shape(value)}")
            if name != "likelihoods" and not np.isfinite(value).all():
                raise OptionError(f"an explanation's {name} must be finite")

    def to_dict(self, units: Sequence[Unit]) -> dict[str, Any]:
        """Return the arrays that there are."""
        return dict(self._arrays())

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], units: Sequence[Unit]) -> Self:
        """Return the scores; null is NaN."""
        known: dict[str, Any] = {item.name: data.get(item.name) for item in fields(cls)}
        return cls(**known | {"scores": data["scores"]})

    def cut(self, kept: Sequence[int], moved: Mapping[Unit, Unit]) -> UnitScores:
        """Return these units' columns."""
        return replace(self, **{name: value[..., list(kept)] for name, value in self._arrays().items()})
