"""The lattice: a model's loss on every subset of k short-listed units, as `approximators.lattice` orders them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from elision.approximators.lattice import subsets
from elision.arrays import Floats
from elision.explainers.masks.sides import Side, ask_sides, total
from elision.game.driver import Conversation
from elision.game.value import ValueFunction, Values


@dataclass(frozen=True, eq=False)
class Lattice:
    """What the model says of every subset of k short-listed units, and without it where both sides count.

    Attributes:
        units: int (k,), the short-listed units' indices.
        sides: int (k,), the segment of each.
        parts: what losses are made of: of each subset alone, all others being absent, and of all units but it.
        losses: float64 (2^k,), of the target.
        whole: whether all of the example's units are short-listed: then what one subset leaves is another subset.
    """

    units: NDArray[np.int64]
    sides: NDArray[np.int64]
    parts: tuple[Side, ...]
    losses: Floats
    whole: bool

    @property
    def k(self) -> int:
        """Short-listed units."""
        return len(self.units)

    @property
    def values(self) -> Values:
        """The values (2^k) of the subsets alone."""
        return self.parts[0].values

    @property
    def drawn(self) -> bool:
        """Whether a value rests on draws of the removal."""
        return any(bool(part.values.std_error.any()) for part in self.parts)


def evaluate(v: ValueFunction, units: Sequence[int], *, sides: str = "kept") -> Conversation[Lattice]:
    """Ask for the lattice over some units of a value function.

    Args:
        v: the game; its behaviour's negative is the loss (log_probability: the cross entropy, in nats).
        units: the short-listed units' indices.
        sides: "kept" or "both", `elision.explainers.masks.sides`.
    Raises:
        BudgetError: the rows needed are more than the budget leaves.
    Cost: at most `lattice_rows` through the model, or as many for each draw of a marginal removal.
    """
    chosen = np.array(units, dtype=np.int64)
    known = np.zeros((1 << len(chosen), len(v.units)), dtype=bool)
    known[:, chosen] = subsets(len(chosen))
    parts = yield from ask_sides(v, known, sides)
    segments = np.array([v.units[i].segment for i in chosen], dtype=np.int64)
    losses = total(parts, v.behaviour, v.target)
    return Lattice(chosen, segments, parts, losses, len(chosen) == len(v.units))


def lattice_rows(k: int, n_units: int, sides: str) -> int:
    """Return how many rows the lattice of k of an example's units takes at most."""
    return 1 << (k + 1 if sides == "both" and k < n_units else k)
