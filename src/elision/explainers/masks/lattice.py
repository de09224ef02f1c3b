"""The lattice: a model's loss on every subset of k short-listed units, as `approximators.lattice` orders them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from elision.approximators.lattice import subsets
from elision.arrays import Floats
from elision.game.driver import Conversation
from elision.game.value import ValueFunction, Values


@dataclass(frozen=True, eq=False)
class Lattice:
    """What the model says of every subset of k short-listed units, all others being absent.

    Attributes:
        units: int (k,), the short-listed units' indices.
        sides: int (k,), the segment of each.
        values: probabilities (2^k, c) with errors and bounds.
        losses: float64 (2^k,), minus the behaviour of the target.
    """

    units: NDArray[np.int64]
    sides: NDArray[np.int64]
    values: Values
    losses: Floats

    @property
    def k(self) -> int:
        """Short-listed units."""
        return len(self.units)


def evaluate(v: ValueFunction, units: Sequence[int]) -> Conversation[Lattice]:
    """Ask for the lattice over some units of a value function.

    Args:
        v: the game; its behaviour's negative is the loss (log_probability: the cross entropy, in nats).
        units: the short-listed units' indices.
    Raises:
        BudgetError: the rows needed are more than the budget leaves.
    Cost: at most 2^k rows through the model, or as many for each draw of a marginal removal.
    """
    chosen = np.array(units, dtype=np.int64)
    known = np.zeros((1 << len(chosen), len(v.units)), dtype=bool)
    known[:, chosen] = subsets(len(chosen))
    values = yield from v.asking(known)
    sides = np.array([v.units[i].segment for i in chosen], dtype=np.int64)
    return Lattice(chosen, sides, values, -v.watch(values))
