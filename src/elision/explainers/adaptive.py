"""Adaptive marginalization of a value function's units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elision.adaptive.features import active_directions
from elision.adaptive.pool import Estimate, Pool
from elision.adaptive.run import LEAST, Candidates, marginalize
from elision.errors import BudgetError
from elision.models.rows import Floats, Ints
from elision.removal.filling import Fillings, Slots
from elision.removal.marginal import BoundMarginal
from elision.value import ValueFunction, Values

_OWN_COMPONENTS = 16
_MOST_CLASSES = 4
_ROOM = 30
_ALONG, _PREDICTED, _FURTHEST = 10 / 3, 7 / 3, 20.0
"""How much more than of a component the surrogate expects of a nat along active directions and as predicted."""


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
    units, n_first_order = _candidates(v, bound, fillings)
    remaining = v.engine.remaining
    if remaining is not None and remaining < LEAST * len(units):
        raise BudgetError(
            f"budget must be at least {v.engine.evaluations + LEAST * len(units)} for a first look at {len(units)} "
            f"units; got {v.engine.budget}"
        )

    def width(estimate: Estimate) -> float:
        p = estimate.mean[v.target : v.target + 1]
        return float(estimate.std_error[v.target] * v.behaviour.slope(p)[0])

    run = marginalize(
        units,
        width,
        target=v.target,
        n_classes=len(v.model.labels),
        tolerance=tolerance,
        budget=remaining,
        seed=v.seed,
        n_own=n_first_order + _OWN_COMPONENTS,
    )
    asked = next(run)
    while True:
        try:
            asked = run.send(_answers(v, bound, fillings, asked))
        except StopIteration as stop:
            return _found(fillings, stop.value)


def _answers(
    v: ValueFunction, bound: BoundMarginal, fillings: Sequence[Fillings], asked: Sequence[NDArray[np.int64]]
) -> list[Floats]:
    """Return for each unit float64 (m, c), the model's answers to the fillings of an index."""
    blocks = [
        (unit, rows, at)
        for unit, index in enumerate(asked)
        if len(index)
        for rows, at in bound.slots.render(fillings[unit].absent, fillings[unit].fills[index])
    ]
    answers = [np.empty((len(index), len(v.model.labels))) for index in asked]
    for (unit, _, at), answer in zip(blocks, v.evaluate([rows for _, rows, _ in blocks]), strict=True):
        answers[unit][at] = answer
    return answers


def _candidates(v: ValueFunction, bound: BoundMarginal, fillings: Sequence[Fillings]) -> tuple[list[Candidates], int]:
    """Return each unit's candidates, and how many of their features tell about this text."""
    slots = bound.slots
    first_order = _first_order(v, slots, fillings)
    table, ranks = (None, None) if slots.features is None else slots.features()
    found = []
    for own, filling in zip(first_order, fillings, strict=True):
        features = partial(_features, own, table, filling.fills)
        order = filling.fills[:, 0].astype(np.float64) if ranks is None else ranks[filling.fills[:, 0]]
        original = slots.original[slots.slots(filling.absent)]
        known = np.flatnonzero((filling.fills == original).all(axis=1))
        found.append(Candidates(filling.weights, filling.likelihood, features, order, known, filling.stems))
    return found, first_order[0].shape[1] if first_order else 0


def _features(
    own: NDArray[np.float32], table: NDArray[np.float32] | None, fills: NDArray[np.int32], index: Any
) -> NDArray[np.float32]:
    """Return float32 (m, d), the features of the candidates of an index."""
    return own[index] if table is None else np.concatenate([own[index], table[fills[index]].mean(axis=1)], axis=1)


def _first_order(v: ValueFunction, slots: Slots, fillings: Sequence[Fillings]) -> list[NDArray[np.float32]]:
    """Return for each unit float32 (n, r): what a model's gradient at the text itself says of candidates.

    That is how far each candidate moves along the text's active directions, and the change of each class's log-odds
    that the gradient predicts; nothing where the model gives no gradient, or the budget has no room for it.
    """
    c = len(v.model.labels)
    classes = [1] if c == 2 else list(range(c)) if c <= _MOST_CLASSES else [v.target]
    remaining = v.engine.remaining
    room = remaining is None or remaining >= _ROOM * len(fillings)
    if not (slots.of_model and v.model.gives_gradients and room):
        return [np.zeros((len(filling.fills), 0), np.float32) for filling in fillings]
    gradients = v.engine.linearize(v.encoding.untouched, classes)
    places = sorted({slot for filling in fillings for slot in slots.slots(filling.absent)})
    directions = active_directions(np.concatenate(list(gradients[:, places])))
    found = []
    for filling in fillings:
        own = slots.slots(filling.absent)
        features = np.zeros((len(filling.fills), directions.shape[1] + len(classes)), np.float32)
        for k, slot in enumerate(own):
            moved = v.model.embed(filling.fills[:, k]) - v.model.embed(slots.original[slot : slot + 1])
            features += moved @ np.concatenate([_ALONG * directions, _PREDICTED * gradients[:, slot].T], axis=1)
        found.append(np.clip(features, -_FURTHEST, _FURTHEST))
    return found


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
