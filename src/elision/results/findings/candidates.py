"""What could stand in each unit's place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self, final

from elision.errors import OptionError
from elision.results.findings.finding import Finding
from elision.text import Unit


@dataclass(frozen=True, slots=True)
class Candidate:
    """What could stand in a unit's place.

    Attributes:
        word: its characters.
        likelihood: by the likelihood model, of all candidates.
        probability: of the target with it in the unit's place; where answers are scores, the target's score.
    """

    word: str
    likelihood: float
    probability: float


@final
@dataclass(frozen=True)
class Candidates(Finding):
    """Candidates of every unit.

    Attributes:
        of_units: for each unit what could stand in its place, the likeliest first.
    """

    name: ClassVar[str] = "candidates"

    of_units: tuple[tuple[Candidate, ...], ...]

    def check(self, units: Sequence[Unit], labels: Sequence[str]) -> None:
        """Refuse candidates of more or fewer units."""
        if len(self.of_units) != len(units):
            raise OptionError(f"an explanation's candidates must be of {len(units)} units, got {len(self.of_units)}")

    def to_dict(self, units: Sequence[Unit]) -> dict[str, Any]:
        """Return the candidates of each unit; the target's number with one is its value."""
        return {
            "of_units": [
                [{"word": one.word, "likelihood": one.likelihood, "value": one.probability} for one in own]
                for own in self.of_units
            ]
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], units: Sequence[Unit]) -> Self:
        """Return the candidates."""
        return cls(
            tuple(
                tuple(Candidate(one["word"], one["likelihood"], one["value"]) for one in own)
                for own in data["of_units"]
            )
        )

    def cut(self, kept: Sequence[int], moved: Mapping[Unit, Unit]) -> Candidates:
        """Return these units' candidates."""
        return Candidates(tuple(self.of_units[i] for i in kept))
