"""The sums over candidates of input marginalization: how many a budget allows, and the model's answers to them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from elision.arrays import Floats
from elision.errors import BudgetError
from elision.game.driver import Conversation
from elision.game.value import ValueFunction
from elision.likelihood.filling import Fillings
from elision.removal.marginal import BoundMarginal

_CELLS = 1 << 22
"""Fillings times tokens that are rendered at once: a bound on memory."""


def within_budget(v: ValueFunction, fillings: list[Fillings]) -> list[Fillings]:
    """Return the likeliest fillings that the budget allows, the same number for each set."""
    remaining = v.engine.remaining
    if remaining is None or sum(len(f.fills) for f in fillings) <= remaining:
        return fillings
    if remaining < len(fillings):
        raise BudgetError(
            f"budget must be at least {len(fillings) + 1}, one candidate a unit and one evaluation for the text; "
            f"got {v.engine.budget}"
        )
    sizes = np.sort([len(f.fills) for f in fillings])
    level = next(
        share
        for i in range(len(sizes))
        if (share := (remaining - int(sizes[:i].sum())) // (len(sizes) - i)) <= sizes[i]
    )
    return [f.first(level) for f in fillings]


def chunks(fillings: Sequence[Fillings], length: int) -> list[list[Fillings]]:
    """Return the fillings in groups whose rows fit in memory together."""
    found: list[list[Fillings]] = []
    cells = 0
    for filling in fillings:
        size = len(filling.fills) * length
        if not found or cells + size > _CELLS:
            found.append([])
            cells = 0
        found[-1].append(filling)
        cells += size
    return found


def answers_of(v: ValueFunction, bound: BoundMarginal, chunk: Sequence[Fillings]) -> Conversation[list[Floats]]:
    """Ask for the answers float64 (n, a) to the n fillings of each set."""
    blocks = [(i, rows, index) for i, filling in enumerate(chunk) for rows, index in bound.rows(filling)]
    found = [np.empty((len(f.fills), len(v.answer))) for f in chunk]
    rows = [own for _, own, _ in blocks]
    answers = yield rows
    v.asked.note(rows, answers)
    for (i, _, index), answer in zip(blocks, answers, strict=True):
        found[i][index] = answer
    return found
