"""Orders of units that are made longer, unit by unit, the best ones followed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from elision.arrays import Bools, Floats, Ints


@dataclass(frozen=True, eq=False)
class States:
    """Orders under way.

    Attributes:
        sets: bool (b, u), the units ordered so far.
        worth: float64 (b,).
        orders: a list of indices each.
    """

    sets: Bools
    worth: Floats
    orders: list[list[int]]

    @classmethod
    def start(cls, n_units: int) -> States:
        """Return the empty order."""
        return cls(np.zeros((1, n_units), dtype=bool), np.zeros(1), [[]])

    def longer(self) -> tuple[Bools, Ints, Ints]:
        """Return all sets with one unit more, each once, from the order that is worth most; their orders and units."""
        owner, unit = np.nonzero(~self.sets)
        by_worth = np.argsort(-settled(self.worth[owner]), kind="stable")
        owner, unit = owner[by_worth], unit[by_worth]
        grown = self.sets[owner]
        grown[np.arange(len(unit)), unit] = True
        _, first = np.unique(np.packbits(grown, axis=1), axis=0, return_index=True)
        first.sort()
        return grown[first], owner[first], unit[first]

    def best(self, sets: Bools, owner: Ints, unit: Ints, gain: Floats, n: int) -> States:
        """Return the n best of the longer orders, whose last sets are worth gain (s,)."""
        total = self.worth[owner] + gain
        chosen = np.argsort(-settled(total), kind="stable")[:n]
        orders = [[*self.orders[owner[i]], int(unit[i])] for i in chosen]
        return States(sets[chosen], total[chosen], orders)


def settled(values: Floats) -> Floats:
    """Return values rounded to nine digits of the largest, so that what is equal but for rounding keeps its order."""
    finite = np.abs(values[np.isfinite(values)])
    scale = float(finite.max()) if finite.size and finite.max() > 0 else 1.0
    return np.asarray(np.round(values / scale, 9))
