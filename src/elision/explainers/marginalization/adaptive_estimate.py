"""Adaptive marginalization of value functions' units, of one text or of several at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from elision.arrays import Floats
from elision.errors import BudgetError
from elision.explainers.marginalization.adaptive_sampling import LEAST, Candidates, marginalize
from elision.explainers.marginalization.candidate_features import sort_keys, text_features
from elision.explainers.marginalization.pool import Estimate, Pool
from elision.explainers.marginalization.warm_start import Warmth
from elision.game.value import ValueFunction, Values
from elision.likelihood.filling import Fillings
from elision.models.answers import EPSILON
from elision.models.rows import Rows
from elision.removal.marginal import BoundMarginal

_ROOM = 30


@dataclass(frozen=True, eq=False)
class Found:
    """What adaptive marginalization found of u units.

    Attributes:
        values: mean probabilities without each unit, with standard errors and bounds.
        evaluated: for each unit the fillings that were evaluated, the likeliest first.
        answers: for each unit float64 (n, c), the model's answers to them.
        lessons: for each unit float32 (n, d), their features from which other texts can learn.
    """

    values: Values
    evaluated: tuple[Fillings, ...]
    answers: tuple[Floats, ...]
    lessons: tuple[NDArray[np.float32], ...]


class Inquiry:
    """The questions that a text's estimates need answered, round after round.

    Args:
        v: the game.
        bound: its removal.
        fillings: each unit's candidates.
        tolerance: the largest standard error wanted, in the behaviour's unit.
        budget: the most rows that this text may still cost, or None.
        warmth: what was learnt on other texts, or None.
    Raises:
        BudgetError: the budget does not suffice for the first look at each unit.
    """

    def __init__(
        self,
        v: ValueFunction,
        bound: BoundMarginal,
        fillings: Sequence[Fillings],
        tolerance: float,
        *,
        budget: int | None,
        warmth: Warmth | None = None,
    ) -> None:
        if budget is not None and budget < LEAST * len(fillings):
            raise BudgetError(
                f"budget must be at least {v.evaluations + LEAST * len(fillings)} for a first look at "
                f"{len(fillings)} units; got {v.evaluations + budget}"
            )
        self.v, self._bound, self._fillings = v, bound, fillings
        before = v.engine.evaluations
        room = budget is None or budget >= _ROOM * len(fillings)
        self._features = text_features(v, bound.slots, fillings, warmth, gradients=room)
        units = [self._candidates(unit) for unit in range(len(fillings))]
        free = sum(len(unit.known) for unit in units)
        self._run = marginalize(
            units,
            self._width,
            target=v.target,
            n_own=self._features.n_own,
            prior=self._features.prior,
            tolerance=tolerance,
            budget=None if budget is None else budget - (v.engine.evaluations - before) + free,
            seed=v.seed,
        )
        self._asked = next(self._run)
        v.charge(0)
        self._found: list[tuple[Pool, Estimate]] | None = None
        self._places: list[tuple[int, NDArray[np.int64]]] = []

    @property
    def open(self) -> bool:
        """Whether there are questions."""
        return self._found is None

    def rows(self) -> list[Rows]:
        """Return the rows asked for in this round."""
        blocks = [
            (unit, rows, at)
            for unit, index in enumerate(self._asked)
            if len(index)
            for rows, at in self._bound.slots.render(self._fillings[unit].absent, self._fillings[unit].fills[index])
        ]
        self._places = [(unit, at) for unit, _, at in blocks]
        return [rows for _, rows, _ in blocks]

    def answer(self, answers: Sequence[Floats]) -> None:
        """Take in the model's answers to those rows, float64 (r, c) for each block."""
        own = [np.empty((len(index), len(self.v.model.labels))) for index in self._asked]
        for (unit, at), answer in zip(self._places, answers, strict=True):
            own[unit][at] = answer
        try:
            self._asked = self._run.send(own)
        except StopIteration as stop:
            self._found = stop.value

    def found(self) -> Found:
        """Return what was found, when there are no more questions."""
        assert self._found is not None
        estimates = [estimate for _, estimate in self._found]
        values = _values(self.v, estimates)
        evaluated, lessons = [], []
        for unit, (filling, (pool, _)) in enumerate(zip(self._fillings, self._found, strict=True)):
            seen = pool.seen
            evaluated.append(
                replace(filling, fills=filling.fills[seen], likelihood=filling.likelihood[seen], shares=None, stems=())
            )
            lessons.append(self._features.lesson(unit, filling.fills, seen))
        answers = tuple(pool.answers[pool.seen] for pool, _ in self._found)
        return Found(values, tuple(evaluated), answers, tuple(lessons))

    def _candidates(self, unit: int) -> Candidates:
        filling, slots = self._fillings[unit], self._bound.slots
        original = slots.original[slots.slots(filling.absent)]
        return Candidates(
            filling.weights,
            filling.likelihood,
            partial(self._features.rows, unit, filling.fills),
            sort_keys(slots, filling),
            np.flatnonzero((filling.fills == original).all(axis=1)),
            filling.stems,
        )

    def _width(self, estimate: Estimate) -> float:
        target = self.v.target
        slope = self.v.behaviour.slope(estimate.mean[target : target + 1])
        return float(estimate.std_error[target] * slope[0])


def _values(v: ValueFunction, estimates: Sequence[Estimate]) -> Values:
    """Return estimates of mean probabilities as values; what was not asked about may speak for or against a class."""
    mean, error, lower, upper = (np.array([getattr(e, name) for e in estimates]) for name in _VALUES)
    left_out = (upper - lower).max(axis=1)
    seen = v.kind.read(lower / np.maximum(1.0 - left_out, EPSILON)[:, None])
    bounds = v.kind.bounds(seen, left_out) if left_out.any() else None
    return Values(v.kind, v.kind.of_linear(mean), error, bounds, left_out)


_VALUES = ("mean", "std_error", "lower", "upper")
