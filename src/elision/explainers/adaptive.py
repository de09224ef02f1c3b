"""Adaptive marginalization of a value function's units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from elision.adaptive.pool import Estimate, Pool
from elision.adaptive.run import Candidates, least_candidates, marginalize
from elision.errors import BudgetError
from elision.models.rows import Floats, Ints
from elision.removal.filling import Fillings
from elision.removal.marginal import BoundMarginal
from elision.value import ValueFunction, Values


@dataclass(frozen=True, eq=False)
class Found:
    """What adaptive marginalization found of u units.

    Attributes:
        values: mean probabilities without each unit, with standard errors and bounds.
        evaluated: for each unit the fillings that were evaluated, the likeliest first.
        answers: for each unit float64 (n, c), the model's answers to them.
        spent: int (u,), how many fillings were evaluated.
    """

    values: Values
    evaluated: tuple[Fillings, ...]
    answers: tuple[Floats, ...]
    spent: Ints


def marginalize_units(v: ValueFunction, bound: BoundMarginal, fillings: Sequence[Fillings], tolerance: float) -> Found:
    """Estimate the mean probabilities without each unit from as few model rows as the tolerance asks for.

    Args:
        v: the game.
        bound: its removal.
        fillings: all of each unit's candidates.
        tolerance: the largest standard error wanted, in the behaviour's unit.
    Raises:
        BudgetError: the budget does not suffice for the first look at each unit.
    """
    units = [_candidates(bound, filling) for filling in fillings]
    known = sum(len(unit.known) for unit in units)
    remaining = v.engine.remaining
    least = sum(least_candidates(unit) for unit in units)
    if remaining is not None and remaining + known < least:
        raise BudgetError(
            f"budget must be at least {v.engine.evaluations + least - known} for a first look at {len(units)} units; "
            f"got {v.engine.budget}"
        )

    def ask(index: list[NDArray[np.int64]]) -> list[Floats]:
        blocks = [
            (i, rows, own[at])
            for i, own in enumerate(index)
            if len(own)
            for rows, at in bound.slots.render(fillings[i].absent, fillings[i].fills[own])
        ]
        answers = [np.empty((len(f.fills), len(v.model.labels))) for f in fillings]
        for (i, _, at), answer in zip(blocks, v.evaluate([rows for _, rows, _ in blocks]), strict=True):
            answers[i][at] = answer
        return [answers[i][own] for i, own in enumerate(index)]

    def width(estimate: Estimate) -> float:
        p = estimate.mean[v.target : v.target + 1]
        return float(estimate.std_error[v.target] * v.behaviour.slope(p)[0])

    pools = marginalize(
        units,
        ask,
        width,
        target=v.target,
        n_classes=len(v.model.labels),
        tolerance=tolerance,
        budget=None if remaining is None else remaining + known,
        seed=v.seed,
    )
    return _found(fillings, pools)


def _candidates(bound: BoundMarginal, filling: Fillings) -> Candidates:
    if bound.slots.features is None:
        features, order = np.zeros((len(filling.fills), 0)), np.arange(len(filling.fills), dtype=np.float64)
    else:
        components, ranks = bound.slots.features()
        features, order = components[filling.fills].mean(axis=1), ranks[filling.fills[:, 0]]
    own = bound.slots.original[bound.slots.slots(filling.absent)]
    known = np.flatnonzero((filling.fills == own).all(axis=1))
    return Candidates(filling.weights, features, order, known, filling.left_out)


def _found(fillings: Sequence[Fillings], pools: Sequence[tuple[Pool, Estimate]]) -> Found:
    estimates = [estimate for _, estimate in pools]
    return Found(
        Values(
            np.array([estimate.mean for estimate in estimates]),
            np.array([estimate.std_error for estimate in estimates]),
            np.array([estimate.lower for estimate in estimates]),
            np.array([estimate.upper for estimate in estimates]),
        ),
        tuple(
            Fillings(f.absent, f.fills[pool.seen], f.likelihood[pool.seen], f.left_out, f.original)
            for f, (pool, _) in zip(fillings, pools, strict=True)
        ),
        tuple(pool.answers[pool.seen] for pool, _ in pools),
        np.array([len(pool.seen) for pool, _ in pools]),
    )
