"""Units that a model needs together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self, final

import numpy as np

from elision.arrays import Floats
from elision.errors import OptionError
from elision.results.findings.finding import Finding, frozen, restored
from elision.text import Unit


@dataclass(frozen=True, eq=False, repr=False)
class Group:
    """Units that the model needs together.

    Attributes:
        units: those whose likeliest group this is, in reading order.
        importance: psi; the groups' add up to 1.
        loss: expected cross entropy (or minus the watched behaviour) when only this group is there, from the sampling
            solver that of its units alone; with both sides half of it, and half of the loss when all but they are.
        membership: float64 (u,), phi: each unit's probability of being in this group; 0 for units not short-listed.
    """

    units: tuple[Unit, ...]
    importance: float
    loss: float
    membership: Floats

    def __post_init__(self) -> None:
        object.__setattr__(self, "membership", frozen(self.membership))

    def __setstate__(self, state: dict[str, Any]) -> None:
        restored(self, state)

    def __repr__(self) -> str:
        return f"Group({self.words!r}, importance={self.importance:.3g}, loss={self.loss:.3g})"

    @property
    def words(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The units' texts: of the first text, and of the second."""
        first, second = (tuple(u.text for u in self.units if u.segment == segment) for segment in (0, 1))
        return first, second


@final
@dataclass(frozen=True, eq=False)
class Groups(Finding):
    """All groups.

    Attributes:
        groups: the most important first.
    """

    name: ClassVar[str] = "groups"

    groups: tuple[Group, ...]

    def check(self, units: Sequence[Unit], labels: Sequence[str]) -> None:
        """Refuse groups of other units, and what is not finite."""
        shape = (len(units),)
        for group in self.groups:
            if not (np.isfinite([group.importance, group.loss]).all() and set(group.units) <= set(units)):
                raise OptionError("a group must have units of the explanation, and finite importance and loss")
            if np.shape(group.membership) != shape or not np.isfinite(group.membership).all():
                raise OptionError(f"a group's membership must have shape {shape}, got {np.shape(group.membership)}")

    def to_dict(self, units: Sequence[Unit]) -> dict[str, Any]:
        """Return the groups, with the indices of their units."""
        place = {unit: i for i, unit in enumerate(units)}
        return {
            "groups": [
                {
                    "units": [place[unit] for unit in group.units],
                    "importance": group.importance,
                    "loss": group.loss,
                    "membership": group.membership,
                }
                for group in self.groups
            ]
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], units: Sequence[Unit]) -> Self:
        """Return the groups."""
        return cls(
            tuple(
                Group(tuple(units[i] for i in own["units"]), own["importance"], own["loss"], own["membership"])
                for own in data["groups"]
            )
        )

    def cut(self, kept: Sequence[int], moved: Mapping[Unit, Unit]) -> Groups:
        """Return the groups with these of their units."""
        return Groups(
            tuple(
                replace(
                    group,
                    units=tuple(moved[unit] for unit in group.units if unit in moved),
                    membership=group.membership[list(kept)],
                )
                for group in self.groups
            )
        )
