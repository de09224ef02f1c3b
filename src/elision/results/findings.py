"""What an explanation consists of: scored units, candidates, groups, interactions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from elision.arrays import Floats
from elision.text import Unit


class Scored(NamedTuple):
    """A unit and its score."""

    unit: Unit
    score: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """What could stand in a unit's place.

    Attributes:
        word: its characters.
        likelihood: by the likelihood model, of all candidates.
        probability: of the target with it in the unit's place.
    """

    word: str
    likelihood: float
    probability: float


@dataclass(frozen=True, eq=False, repr=False)
class Group:
    """Units that the model needs together.

    Attributes:
        units: those whose likeliest group this is, in reading order.
        importance: psi; the groups' add up to 1.
        loss: expected cross entropy (or minus the watched behaviour) when only this group is there; from the sampling
            solver, the loss of its units alone.
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


@dataclass(frozen=True, slots=True)
class Interaction:
    """How much more two units do together than each alone, in the behaviour's unit.

    Attributes:
        first: a unit.
        second: a later unit.
        shapley: the Shapley interaction index.
        banzhaf: the Banzhaf interaction.
    """

    first: Unit
    second: Unit
    shapley: float
    banzhaf: float

    @property
    def across(self) -> bool:
        """Whether the units are of different texts."""
        return self.first.segment != self.second.segment


def restored(to: Any, state: dict[str, Any]) -> None:
    """Set the attributes of an unpickled object, whose arrays have forgotten that they cannot be changed."""
    for name, value in state.items():
        object.__setattr__(to, name, frozen(value) if isinstance(value, np.ndarray) else value)


def frozen(value: Any) -> Floats:
    """Return a copy that cannot be changed."""
    frozen = np.array(value, dtype=np.float64)
    frozen.flags.writeable = False
    return frozen
