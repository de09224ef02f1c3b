"""A kind of findings of somebody else's, and an explainer that finds it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np

import elision
from elision.results.findings import Finding
from elision.text import Unit


@final
@dataclass(frozen=True)
class Order(Finding):
    """The order in which units were taken away."""

    name: ClassVar[str] = "order"
    units: tuple[int, ...]

    def check(self, units: Sequence[Unit], labels: Sequence[str]) -> None:
        """Refuse an order that leaves units out."""
        if sorted(self.units) != list(range(len(units))):
            raise elision.OptionError(f"an order must name each of {len(units)} units once, got {self.units}")

    def to_dict(self, units: Sequence[Unit]) -> dict[str, Any]:
        """Return the units' indices."""
        return {"units": list(self.units)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], units: Sequence[Unit]) -> Order:
        """Return the order."""
        return cls(tuple(data["units"]))

    def cut(self, kept: Sequence[int], moved: Mapping[Unit, Unit]) -> Order:
        """Return the order of these units."""
        return Order(tuple(list(kept).index(i) for i in self.units if i in kept))


class Greedy(elision.GameExplainer):
    """Finds an order beside its scores."""

    name = "greedy"

    def expected_rows(self, n_units: int) -> int:
        """Return one row a unit."""
        return n_units

    def ask(self, v: elision.ValueFunction) -> Any:
        """Order units by what the answer is without them."""
        values = yield ~np.eye(len(v.units), dtype=bool)
        scores = v.full - v.watch(values)
        return elision.Attribution(scores=scores, findings=(Order(tuple((-scores).argsort(kind="stable").tolist())),))
