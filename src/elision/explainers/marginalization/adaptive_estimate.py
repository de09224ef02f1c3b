"""Adaptive marginalization of a value function's units."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from elision.arrays import Floats
from elision.errors import BudgetError, UnsupportedError
from elision.explainers.marginalization.adaptive_sampling import (
    LEAST,
    Chosen,
    Rounds,
    Setup,
    UnitCandidates,
    marginalize,
)
from elision.explainers.marginalization.candidate_features import (
    Slopes,
    TextFeatures,
    sort_keys,
    text_features,
    text_slopes,
)
from elision.explainers.marginalization.links import link_of
from elision.explainers.marginalization.pool import Pool, PoolEstimate
from elision.explainers.marginalization.surrogate import CandidateSurrogate
from elision.explainers.marginalization.warm_start import WarmStart
from elision.game.value import ValueFunction, Values
from elision.likelihood.filling import Fillings
from elision.models.answers import Watched
from elision.models.rows import Rows
from elision.removal.marginal import BoundMarginal

_ROOM = 30
"""Rows a unit from which on the model is asked for its gradient: with fewer its rows are worth more; a choice."""


@dataclass(frozen=True)
class Tolerance:
    """The largest standard error wanted.

    Attributes:
        value: in the behaviour's unit, or a share.
        relative: whether it is a share of how far apart, as a standard deviation, the numbers watched in the text's
            first look are.
    """

    value: float
    relative: bool = False

    def times(self, factor: float) -> Tolerance:
        """Return a wider or narrower one."""
        return replace(self, value=self.value * factor)

    def of(self, first: Floats) -> float:
        """Return it in the behaviour's unit, from the watched numbers (n,) of the first look."""
        if not self.relative:
            return self.value
        apart = max(float(first.std()), _ROUNDING * float(np.abs(first).max()))
        return self.value * (apart or 1.0)


_ROUNDING = 1e-6
"""Numbers that are less apart than this share of the largest are taken for rounded copies of one."""


@dataclass(frozen=True, eq=False)
class AdaptiveEstimate:
    """What adaptive marginalization found of u units.

    Attributes:
        values: mean answers without each unit, with standard errors and bounds.
        tolerance: the largest standard error that was wanted, in the behaviour's unit.
        evaluated: for each unit the fillings that were evaluated, the likeliest first.
        answers: for each unit float64 (n, a), the model's answers to them.
        lessons: for each unit float32 (n, d), their features from which other texts can learn, and float64 (n, c), what
            the link has of the answers.
        unit: float64 (c,), the link's.
    """

    values: Values
    tolerance: float
    evaluated: tuple[Fillings, ...]
    answers: tuple[Floats, ...]
    lessons: tuple[tuple[NDArray[np.float32], Floats], ...]
    unit: Floats


def estimate(
    v: ValueFunction,
    bound: BoundMarginal,
    fillings: Sequence[Fillings],
    tolerance: Tolerance,
    *,
    budget: int | None,
    warm: WarmStart | None = None,
) -> Generator[list[Rows], list[Floats], AdaptiveEstimate]:
    """Ask about units' candidates, round after round, until the standard errors are within the tolerance.

    Args:
        v: the game.
        bound: its removal.
        fillings: each unit's candidates.
        tolerance: the largest standard error wanted.
        budget: the most rows that this text may still cost, or None.
        warm: what was learnt on other texts, or None.
    Yields:
        Blocks of rows, to be sent their answers, float64 (r, a) for each.
    Returns:
        What was found.
    Raises:
        UnsupportedError: means of the model's answers cannot be estimated from some of them.
        BudgetError: the budget does not suffice for the first look at each unit.
    """
    if not v.kind.estimable:
        raise UnsupportedError(
            f"means of {v.kind.name}, with which {v.model.name} answers, cannot be estimated from some of them; "
            "give threshold or top_n for a sum over candidates"
        )
    if budget is not None and budget < LEAST * len(fillings):
        raise BudgetError(
            f"budget must be at least {v.evaluations + LEAST * len(fillings)} for a first look at "
            f"{len(fillings)} units; got {v.evaluations + budget}"
        )
    text = _Text(v, bound, fillings, tolerance, warm)
    rounds = text.rounds(budget)
    chosen = next(rounds)
    while True:
        blocks = text.blocks(chosen)
        rows = [own for _, own, _ in blocks]
        answers = yield rows
        v.asked.note(rows, answers)
        try:
            chosen = rounds.send(text.by_unit(chosen, blocks, answers))
        except StopIteration as stop:
            return text.found(stop.value)


Blocks = list[tuple[int, Rows, NDArray[np.int64]]]
"""Rows, the unit that each block is about, and the place of each row's candidate among those chosen."""


class _Text:
    """A text whose units are estimated."""

    def __init__(
        self,
        v: ValueFunction,
        bound: BoundMarginal,
        fillings: Sequence[Fillings],
        tolerance: Tolerance,
        warm: WarmStart | None,
    ) -> None:
        self.v, self.bound, self.fillings, self.tolerance, self.warm = v, bound, fillings, tolerance, warm
        self.kind, self.n_labels = v.kind, len(v.model.labels)
        self.slopes: Slopes | None = None
        self.features: TextFeatures | None = None
        self.setup: Setup | None = None

    def rounds(self, budget: int | None) -> Rounds:
        """Ask for the model's gradient, where a budget has room for it, and return the rounds."""
        before = self.v.engine.evaluations
        if budget is None or budget >= _ROOM * len(self.fillings):
            self.slopes = text_slopes(self.v, self.bound.slots)
        units = [self._candidates(filling) for filling in self.fillings]
        free = sum(len(unit.known) for unit in units)
        return marginalize(
            units,
            self.kind,
            self._settle,
            self._width,
            label=self.v.target,
            n_labels=self.n_labels,
            budget=None if budget is None else budget - (self.v.engine.evaluations - before) + free,
            seed=self.v.seed,
        )

    def blocks(self, chosen: Chosen) -> Blocks:
        """Return the rows of chosen candidates."""
        slots = self.bound.slots
        return [
            (unit, rows, at)
            for unit, index in enumerate(chosen)
            if len(index)
            for rows, at in slots.render(self.fillings[unit].absent, self.fillings[unit].fills[index])
        ]

    def by_unit(self, chosen: Chosen, blocks: Blocks, answers: Sequence[Floats]) -> list[Floats]:
        """Return for each unit the answers float64 (m, a) to its chosen candidates."""
        found = [np.empty((len(index), self.kind.columns(self.n_labels))) for index in chosen]
        for (unit, _, at), answer in zip(blocks, answers, strict=True):
            found[unit][at] = answer
        return found

    def found(self, results: Sequence[tuple[Pool, PoolEstimate]]) -> AdaptiveEstimate:
        """Return what was found of all units."""
        assert self.setup is not None
        assert self.features is not None
        evaluated, lessons = [], []
        for unit, (filling, (pool, _)) in enumerate(zip(self.fillings, results, strict=True)):
            seen = pool.seen
            evaluated.append(
                replace(filling, fills=filling.fills[seen], likelihood=filling.likelihood[seen], shares=None, stems=())
            )
            said = self.setup.link.of(self.kind.watch(pool.answers[seen]))
            lessons.append((self.features.lesson(unit, filling.fills, seen), said))
        return AdaptiveEstimate(
            self._values([estimate for _, estimate in results]),
            self.setup.tolerance,
            tuple(evaluated),
            tuple(pool.answers[pool.seen] for pool, _ in results),
            tuple(lessons),
            self.setup.link.unit,
        )

    def _values(self, estimates: Sequence[PoolEstimate]) -> Values:
        errors, left_out = (np.array([getattr(e, name) for e in estimates]) for name in ("std_error", "left_out"))
        answers = self.kind.of_sides(np.stack([e.sides for e in estimates], axis=1), self.v.target)
        low, high = (_stacked(side) for side in zip(*(e.watched_bounds for e in estimates), strict=True))
        bounds = (low, high) if self.kind.bounded and left_out.any() else None
        return Values(self.kind, answers, errors, bounds, left_out)

    def _candidates(self, filling: Fillings) -> UnitCandidates:
        slots = self.bound.slots
        original = slots.original[slots.slots(filling.absent)]
        return UnitCandidates(
            filling.weights,
            filling.likelihood,
            sort_keys(slots, filling),
            np.flatnonzero((filling.fills == original).all(axis=1)),
            filling.stems,
        )

    def _settle(self, first: Sequence[Floats]) -> Setup:
        link = link_of(self.kind, first, None if self.warm is None else self.warm.unit)
        features = text_features(self.v, self.bound.slots, self.fillings, self.slopes, link, self.warm)
        by_unit = [partial(features.rows, unit, filling.fills) for unit, filling in enumerate(self.fillings)]
        watched = self.v.behaviour.of(self.kind.watch(np.concatenate(list(first)), self.v.target))
        surrogate = CandidateSurrogate(by_unit, n_own=features.n_own, prior=features.prior)
        self.features, self.setup = features, Setup(link, surrogate, self.tolerance.of(watched))
        return self.setup

    def _width(self, estimate: PoolEstimate) -> float:
        slope = self.v.behaviour.slope_of(estimate.watched.of_label(self.v.target))
        return float(estimate.std_error[self.v.target] * slope)


def _stacked(watched: Sequence[Watched]) -> Watched:
    """Return what is watched of n units together, (n, c)."""
    number = np.array([own.number for own in watched])
    return Watched(number) if watched[0].is_score else Watched(number, *np.stack([own.logs for own in watched], axis=1))
