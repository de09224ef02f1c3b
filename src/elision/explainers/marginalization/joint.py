"""What input marginalization finds of several units that are left out together."""

from __future__ import annotations

from dataclasses import dataclass, field

from elision.results.explanation import Candidate
from elision.text import Unit


@dataclass(frozen=True)
class JointScore:
    """The score of several units left out together.

    Attributes:
        units: the units.
        score: v(all) - v(all but them), in the behaviour's unit.
        std_error: of the score; 0 for a sum.
        lower: the score is at least this, whatever the truncated fillings would have said.
        upper: the score is at most this.
        likelihood: of the original words together; NaN where unknown.
        absent_probability: the target's probability without the units.
        candidates: fillings (one word for each unit, joined by a space), the likeliest first.
    """

    units: tuple[Unit, ...]
    score: float
    std_error: float
    lower: float
    upper: float
    likelihood: float
    absent_probability: float
    candidates: tuple[Candidate, ...] = field(repr=False)
