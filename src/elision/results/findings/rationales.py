"""Sets of units that keep the answer alone, or take it with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, Self, final

import numpy as np

from elision.errors import OptionError
from elision.results.findings.finding import Finding
from elision.text import Unit

Role = Literal["sufficient", "necessary"]
ROLES: tuple[Role, ...] = ("sufficient", "necessary")


@dataclass(frozen=True)
class Rationale:
    """A set of units on which the answer hangs.

    Attributes:
        role: "sufficient": with these units alone the model still gives the answer; "necessary": without them it gives
            it no more.
        units: in reading order; none where the model gives the answer without any unit.
        values: for each removal, by its name, the target's probability, or score, with the units alone, or without
            them.
        smallest: whether no smaller set does so: all subsets were asked about. Otherwise none of these units can be
            spared, but other sets may be smaller.
        n_cut: how many units more it has, in an explanation that was cut.
    """

    role: Role
    units: tuple[Unit, ...]
    values: Mapping[str, float]
    smallest: bool = False
    n_cut: int = 0

    @property
    def removals(self) -> tuple[str, ...]:
        """The removals under which it holds, by name."""
        return tuple(self.values)


@final
@dataclass(frozen=True)
class Rationales(Finding):
    """Smallest sets that were found.

    Attributes:
        sets: first those that hold under all removals asked about, then those of each.
    """

    name: ClassVar[str] = "rationales"

    sets: tuple[Rationale, ...]

    def of(self, role: Role) -> Rationale | None:
        """Return the set that holds under most removals, or None where there is none."""
        own = [one for one in self.sets if one.role == role]
        return max(own, key=lambda one: len(one.values), default=None)

    def check(self, units: Sequence[Unit], labels: Sequence[str]) -> None:
        """Refuse sets of other units, of no such role, and values that are not finite."""
        for one in self.sets:
            if one.role not in ROLES or not set(one.units) <= set(units):
                raise OptionError("a rationale must be sufficient or necessary, and of units of the explanation")
            if not one.values or not np.isfinite(list(one.values.values())).all():
                raise OptionError("a rationale must have a finite value for each of its removals")

    def to_dict(self, units: Sequence[Unit]) -> dict[str, Any]:
        """Return the sets, with the indices of their units."""
        place = {unit: i for i, unit in enumerate(units)}
        return {
            "sets": [
                {
                    "role": one.role,
                    "units": [place[unit] for unit in one.units],
                    "values": dict(one.values),
                    "smallest": one.smallest,
                    **({"n_cut": one.n_cut} if one.n_cut else {}),
                }
                for one in self.sets
            ]
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], units: Sequence[Unit]) -> Self:
        """Return the sets."""
        return cls(
            tuple(
                Rationale(
                    own["role"],
                    tuple(units[i] for i in own["units"]),
                    {str(name): float(value) for name, value in own["values"].items()},
                    bool(own["smallest"]),
                    int(own.get("n_cut", 0)),
                )
                for own in data["sets"]
            )
        )

    def cut(self, kept: Sequence[int], moved: Mapping[Unit, Unit]) -> Rationales:
        """Return the sets with those of their units that are there, and how many more they have."""
        found = []
        for one in self.sets:
            units = tuple(moved[unit] for unit in one.units if unit in moved)
            found.append(replace(one, units=units, n_cut=one.n_cut + len(one.units) - len(units)))
        return Rationales(tuple(found))
