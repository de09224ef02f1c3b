"""How pairs of units act together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self, final

import numpy as np

from elision.errors import OptionError, require_one_of
from elision.results.findings.finding import Finding
from elision.text import Unit


@dataclass(frozen=True, slots=True)
class Interaction:
    """How much more two units do together than each alone, in the behaviour's unit.

    Of group masks that ask both sides: half of what they do when all else is absent, half of what their absence does.

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


@final
@dataclass(frozen=True)
class Interactions(Finding):
    """Interactions of pairs of units.

    Attributes:
        pairs: those across the two texts first and the strongest first.
    """

    name: ClassVar[str] = "interactions"

    pairs: tuple[Interaction, ...]

    def check(self, units: Sequence[Unit], labels: Sequence[str]) -> None:
        """Refuse pairs of other units, and what is not finite."""
        for pair in self.pairs:
            if not (np.isfinite([pair.shapley, pair.banzhaf]).all() and {pair.first, pair.second} <= set(units)):
                raise OptionError("an interaction must be of two units of the explanation, and finite")

    def to_dict(self, units: Sequence[Unit]) -> dict[str, Any]:
        """Return the pairs, with the indices of their units."""
        place = {unit: i for i, unit in enumerate(units)}
        return {
            "pairs": [
                {"units": [place[one.first], place[one.second]], "shapley": one.shapley, "banzhaf": one.banzhaf}
                for one in self.pairs
            ]
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], units: Sequence[Unit]) -> Self:
        """Return the pairs."""
        found = []
        for own in data["pairs"]:
            first, second = own["units"]
            found.append(Interaction(units[first], units[second], own["shapley"], own["banzhaf"]))
        return cls(tuple(found))

    def cut(self, kept: Sequence[int], moved: Mapping[Unit, Unit]) -> Interactions:
        """Return the pairs that have both of their units."""
        return Interactions(
            tuple(
                replace(pair, first=moved[pair.first], second=moved[pair.second])
                for pair in self.pairs
                if pair.first in moved and pair.second in moved
            )
        )

    def to_shapiq(self, units: Sequence[Unit], index: str) -> Any:
        """Return the shapiq library's InteractionValues of order 2, with the units as players.

        Raises:
            OptionError: the index is neither "SII" nor "BII", or shapiq is not installed.
        """
        require_one_of("index", index, ("SII", "BII"))
        try:
            from shapiq import InteractionValues
        except ImportError as error:
            raise OptionError("to_shapiq needs the shapiq library: pip install shapiq") from error
        place = {unit: i for i, unit in enumerate(units)}
        pairs = {(place[pair.first], place[pair.second]): pair for pair in self.pairs}
        return InteractionValues(
            np.array([pair.shapley if index == "SII" else pair.banzhaf for pair in pairs.values()]),
            index=index,
            max_order=2,
            min_order=2,
            n_players=len(units),
            interaction_lookup={pair: i for i, pair in enumerate(pairs)},
            estimated=False,
        )
