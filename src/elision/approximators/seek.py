"""Seek the best order of units, asking about few of the 2^u subsets.

`seek` is a generator: it yields questions to g games on the same units, and is sent their values. What is sought is
the best order by a `Worth`, for the mean of the games.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from functools import partial

import numpy as np

from elision.approximators.asked import Answers, Asked, Questions
from elision.approximators.growing import States, settled
from elision.approximators.guided import Guide
from elision.approximators.lattice import subsets
from elision.approximators.orders import Worth, best_order, top_kept, top_removed
from elision.arrays import Floats, Ints

BEAM = 3
"""Orders that are followed. A choice, by cost; `python benchmarks/search.py --tune` has ten beside it."""
EXACT_UNITS = 12
"""All 2^12 subsets are asked about at most. A choice, by cost."""
SUBSETS_A_UNIT = 30
"""What "guided" asks about at most, for each unit. A choice, by cost; it mostly ends at some 20."""


@dataclass(frozen=True, eq=False)
class Sought:
    """The best order that was found.

    Attributes:
        order: int (u,), the first unit first.
        solver: what found it.
        converged: whether the solver ended by itself: nothing that it proposed was left to ask about.
        n_asked: subsets asked about, over all games.
    """

    order: Ints
    solver: str
    converged: bool
    n_asked: int


def seek(
    worth: Worth,
    n_games: int,
    *,
    solver: str,
    bounded: bool,
    most: int | None = None,
    beam: int = BEAM,
    near: int | None = None,
    rounds: int = 0,
    final: Worth | None = None,
) -> Generator[Questions, Answers, Sought]:
    """Seek the order of u units that is worth most.

    Args:
        worth: what is sought.
        n_games: g; the order is best for their mean.
        solver: "exact" asks about every subset that counts; "beam" about every set that lengthens one of the best
            orders so far; "guided" about what a surrogate proposes.
        bounded: whether values are probabilities.
        most: subsets asked about at most, over all games; for "guided".
        beam: orders that are followed.
        near: for "guided", moves that are asked about where nothing better is foretold; None for the usual few.
        rounds: how often at most the best of all moves of single units is made afterwards, each round asking about
            all of them; an order that none betters is a local optimum.
        final: what those rounds better, where that is something else; where it weighs top parts of one size k only,
            they exchange a unit of the top k with another one.
    """
    asked = Asked(worth.n_units, n_games, most if solver == "guided" else None)
    converged = True
    if solver == "exact":
        sets = subsets(worth.n_units)
        values = np.zeros(len(sets))
        counted = worth.sizes[sets.sum(axis=1)]
        values[counted] = yield from asked.mean(sets[counted])
        order, _ = best_order(values, final or worth)
    elif solver == "beam":
        order = yield from _beam(worth, asked, beam)
    else:
        order, converged = yield from Guide(worth, asked, beam=beam, bounded=bounded, near=near).seek()
    if rounds and solver != "exact":
        asked.most = None
        order, converged = yield from _improved(final or worth, asked, order, rounds)
    return Sought(order, solver, converged, asked.n)


def _beam(worth: Worth, asked: Asked, beam: int) -> Generator[Questions, Answers, Ints]:
    states, worth = States.start(worth.n_units), worth.filled()
    for k in range(1, worth.n_units + 1):
        sets, owner, unit = states.longer()
        gain = np.zeros(len(sets))
        for weight, wanted in ((worth.kept[k], sets), (worth.removed[k], ~sets)):
            if weight:
                values = yield from asked.mean(wanted)
                gain += weight * values
        states = states.best(sets, owner, unit, gain, beam)
    return np.array(states.orders[0], dtype=np.int64)


def _improved(worth: Worth, asked: Asked, order: Ints, rounds: int) -> Generator[Questions, Answers, tuple[Ints, bool]]:
    """Return an order after the best of all moves, as often as one helps, and whether none does."""
    sizes = np.flatnonzero((worth.kept != 0) | (worth.removed != 0))
    neighbours = partial(_exchanged, k=int(sizes[0])) if len(sizes) == 1 else _inserted
    best = (yield from _worth_of(worth, asked, order[None]))[0]
    for _ in range(rounds):
        moved = neighbours(order)
        if not len(moved):
            return order, True
        found = yield from _worth_of(worth, asked, moved)
        if found.max() <= best + 1e-12 * (1.0 + abs(best)):
            return order, True
        order, best = moved[int(settled(found).argmax())], found.max()
    return order, False


def _inserted(order: Ints) -> Ints:
    """Return all orders (m, u) in which one unit stands elsewhere."""
    n = len(order)
    found = [np.insert(np.delete(order, i), j, order[i]) for i in range(n) for j in range(n) if j not in (i, i - 1)]
    return np.array(found, dtype=np.int64).reshape(len(found), n)


def _exchanged(order: Ints, k: int) -> Ints:
    """Return all orders (m, u) in which one of the first k units has changed places with one behind them."""
    n = len(order)
    found = np.repeat(order[None], k * (n - k), axis=0)
    first, behind = (own.ravel() for own in np.meshgrid(np.arange(k), np.arange(k, n), indexing="ij"))
    row = np.arange(len(found))
    found[row, first], found[row, behind] = order[behind], order[first]
    return found


def _worth_of(worth: Worth, asked: Asked, orders: Ints) -> Generator[Questions, Answers, Floats]:
    """Return what orders int (m, u) are worth, float64 (m,)."""
    found = np.zeros(len(orders))
    for weights, tops in ((worth.kept, top_kept), (worth.removed, top_removed)):
        counted = np.flatnonzero(weights)
        if len(counted):
            values = yield from asked.mean(np.concatenate([tops(order)[counted] for order in orders]))
            found += values.reshape(len(orders), -1) @ weights[counted]
    return found
