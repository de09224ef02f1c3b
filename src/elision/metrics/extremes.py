"""The best and the worst order of an example's units under a metric, found by the search of `approximators.seek`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from math import comb

import numpy as np

from elision.approximators.asked import keys_of
from elision.approximators.orders import Worth, top_kept, top_removed
from elision.approximators.seek import BEAM, SUBSETS_A_UNIT, seek
from elision.arrays import Bools, Floats, Ints
from elision.errors import BudgetError, OptionError
from elision.game.driver import Conversation, drive
from elision.game.value import ValueFunction
from elision.metrics.games import MeteredModel
from elision.metrics.rewards import Reward, counted
from elision.results.explanation import Explanation

SOLVERS = ("auto", "exact", "guided", "beam")
EXACT_UNITS = 16
"""All 2^16 subsets are tried at most. A choice, by cost."""
EXACT_SUBSETS = 1 << 12
"""So many are tried where nothing is said. A choice, by cost: what two guided searches of 60 units ask at most."""
NEAR = 100
"""Moves of an order that are asked about before it is taken for the best. A choice, by cost: on pairs of some 22 words
8 and 32 find ends that lie up to 3 and 2 % of the range nearer together, at a third and a half of the rows."""
_AT_ONCE = 1 << 12
"""Subsets of an example that are asked about at once: a bound on memory."""


@dataclass(frozen=True)
class Extremes:
    """How low and how high an example's figure can be.

    Attributes:
        low: the lowest figure that was found.
        high: the highest.
        proven: whether no order has one beyond them.
    """

    low: float
    high: float
    proven: bool


@dataclass(frozen=True)
class _Search:
    """How orders are sought.

    Attributes:
        solver: one of SOLVERS.
        beam: orders that are followed.
        most: subsets of an example asked about at most; None for no end.
        cost: rows that stand for a subset.
    """

    solver: str
    beam: int
    most: int | None
    cost: int

    def solver_for(self, worth: Worth) -> str:
        """Return the solver for an example.

        Raises:
            OptionError: it has too many units for it.
        """
        n = worth.n_units
        if self.solver == "exact" and n > EXACT_UNITS:
            raise OptionError(
                f"solver='exact' tries all subsets of at most {EXACT_UNITS} units, and an example has {n}; "
                "use solver='guided'"
            )
        if self.solver != "auto":
            return self.solver
        few = n <= EXACT_UNITS and _n_subsets(worth) <= min(EXACT_SUBSETS, self.most or EXACT_SUBSETS)
        return "exact" if few else "guided"

    def most_for(self, worth: Worth, solver: str) -> int | None:
        """Return how many subsets each of the two searches for an example may ask about.

        Raises:
            BudgetError: the solver needs more.
        """
        n = worth.n_units
        along = 2 * (n + 1)
        if solver == "guided":
            most = SUBSETS_A_UNIT * n if self.most is None else min(SUBSETS_A_UNIT * n, self.most // 2 - along)
            least = 2 * (2 * n + 2 + along)
        else:
            most, least = None, _n_subsets(worth) if solver == "exact" else 2 * self.beam * n * (n + 1)
        if self.most is not None and least > self.most:
            raise BudgetError(
                f"budget must be at least {least * self.cost} model evaluations for solver={solver!r} and an example "
                f"of {n} units, got {self.most * self.cost}"
            )
        return most


def extremes(
    metered: MeteredModel, reward: Reward, *, solver: str = "auto", beam: int = BEAM, budget: int | None = None
) -> list[Extremes]:
    """Return how low and how high each example's figure can be, over all orders of its units.

    Args:
        metered: what is asked.
        reward: what the figures are of.
        solver: "exact", "guided", "beam", or "auto": the exact one where it asks about few subsets.
        beam: orders that are followed.
        budget: the most rows through the model for an example, or None.
    Raises:
        OptionError: an example has too many units to try all subsets.
        BudgetError: the budget does not suffice.
    """
    cost = metered.removal.expected_rows
    search = _Search(solver, beam, None if budget is None else budget // cost, cost)
    metered.engine.evaluate([metered.model.encode(own.example, "word").untouched for own in metered.explanations])
    openings = ((i, partial(_begin, metered, reward, own, search)) for i, own in enumerate(metered.explanations))
    found = []
    for _, own in drive(openings):
        if isinstance(own, Exception):
            raise own
        found.append(own)
    return found


def _begin(
    metered: MeteredModel, reward: Reward, explanation: Explanation, search: _Search
) -> tuple[ValueFunction, Conversation[Extremes]]:
    v = metered.game(explanation)
    return v, _find(_Said(reward, explanation), reward, len(v.units), search, v.kind.bounded)


def _find(said: _Said, reward: Reward, n_units: int, search: _Search, bounded: bool) -> Conversation[Extremes]:
    worth = reward.worth(n_units)
    solver = search.solver_for(worth)
    most = search.most_for(worth, solver)
    figures = []
    for sought in (-worth, worth):
        asking = seek(sought, 1, solver=solver, bounded=bounded, most=most, beam=search.beam, near=NEAR)
        answers: list[Floats] | None = None
        while True:
            try:
                (known,) = next(asking) if answers is None else asking.send(answers)
            except StopIteration as stop:
                order = stop.value.order
                break
            answers = [(yield from said.ask(known))]
        figures.append((yield from said.figure(order, worth)))
    return Extremes(min(figures), max(figures), solver == "exact")


class _Said:
    """What was read of subsets of an example's units, each asked about once."""

    def __init__(self, reward: Reward, explanation: Explanation) -> None:
        self._reward, self._explanation = reward, explanation
        self._values: dict[bytes, float] = {}

    def ask(self, known: Bools) -> Conversation[Floats]:
        """Return what is read of subsets bool (s, u), float64 (s,)."""
        keys = keys_of(known)
        fresh = list({key: i for i, key in enumerate(keys) if key not in self._values}.values())
        for start in range(0, len(fresh), _AT_ONCE):
            part = fresh[start : start + _AT_ONCE]
            values = yield known[part]
            read = self._reward.read(values.mean, self._explanation)
            self._values.update(zip([keys[i] for i in part], read.tolist(), strict=True))
        return np.array([self._values[key] for key in keys])

    def figure(self, order: Ints, worth: Worth) -> Conversation[float]:
        """Return an order's figure."""
        sides = []
        for tops, rows in zip((top_kept, top_removed), counted(worth), strict=True):
            line = np.full(len(order) + 1, np.nan)
            line[rows] = yield from self.ask(tops(order)[rows])
            sides.append(line)
        return self._reward.figure(*sides)


def _n_subsets(worth: Worth) -> int:
    return sum(comb(worth.n_units, int(size)) for size in np.flatnonzero(worth.sizes))
