"""Marginalization that stops when it knows enough: model rows go where they narrow intervals."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from elision.arrays import Floats
from elision.explainers.marginalization.links import Link
from elision.explainers.marginalization.pool import Pool, PoolEstimate, Stems
from elision.explainers.marginalization.surrogate import CandidateSurrogate
from elision.likelihood.unequal_sampling import inclusion, systematic
from elision.models.answers import AnswerKind

Chosen = list[NDArray[np.int64]]
"""For each unit the indices of candidates."""

Rounds = Generator[Chosen, Sequence[Floats], list[tuple[Pool, PoolEstimate]]]
Width = Callable[[PoolEstimate], float]

LEAST = 4
"""Candidates of each unit without which there is no estimate."""

_FIRST = 14
"""Candidates of each unit in the first look. Chosen by `benchmarks/marginalization.py` on the first 20 sentences of at
most 20 tokens of SST-2 test, with the surrogate's."""

_LIKELIEST, _POWER = 5, 0.6
"""So many of those are the likeliest; the others are drawn by this power of the likelihood, between all alike and by
likelihood, for the surrogate learns from unlikely ones too. Choices, as all that follow."""

_GROWTH, _FASTEST, _FAST_ROUNDS = 0.6, (1.5, 1.0), 2
"""The part of what is missing that a round asks for: less than all, for the surrogate grows better. A round asks for at
most so many times what was seen, in the first two and later."""

_STEP, _MOST_ROUNDS = 3, 10
"""A round asks for no fewer; with so many rounds 6,000 candidates are all asked about."""

_FLOOR = 0.05
"""The part of the median expected error that a candidate is drawn by at least, lest the surrogate shut one out."""

_KEPT, _WORTH_KEEPING = (0.3, 0.5), 10
"""The part of a budget that the first rounds may spend, where so many rows a unit are left."""


@dataclass(frozen=True, eq=False)
class UnitCandidates:
    """One unit's candidates, as adaptive marginalization sees them.

    Attributes:
        weights: float64 (n,), what each stands for in the mean: its likelihood, and where candidates were drawn that
            of others too; they sum to 1.
        likelihood: float64 (n,), each one's own.
        order: float64 (n,), a sort key that puts like candidates side by side.
        known: int (m,), those whose answers cost nothing, such as the original word.
        stems: as in Fillings, where candidates grew from a few.
    """

    weights: Floats
    likelihood: Floats
    order: Floats
    known: NDArray[np.int64]
    stems: Stems = ()


@dataclass(frozen=True, eq=False)
class Setup:
    """What is settled once a first look was had at each unit.

    Attributes:
        link: how answers look to the surrogate.
        surrogate: of all units' candidates.
        tolerance: the largest standard error wanted.
    """

    link: Link
    surrogate: CandidateSurrogate
    tolerance: float


def marginalize(
    units: Sequence[UnitCandidates],
    kind: AnswerKind,
    settle: Callable[[Sequence[Floats]], Setup],
    width: Width,
    *,
    label: int,
    n_labels: int,
    budget: int | None,
    seed: int,
) -> Rounds:
    """Estimate each unit's mean answer over its candidates.

    The likeliest candidates are evaluated, and a first sample; a surrogate predicts the others; each further round
    samples with chances proportional to likelihood times the surrogate's expected error, where intervals are wide.

    Args:
        units: each unit's candidates.
        kind: what the model's answers are.
        settle: the first answers, float64 (m, a) for each unit -> what is settled by them.
        width: an estimate -> its standard error in the watched unit.
        label: the one whose interval is to be narrow.
        n_labels: c.
        budget: the most candidates to be asked for, those known included, or None.
        seed: of all draws.
    Yields:
        For each unit the indices of candidates; it is to be sent the model's answers to them, float64 (m, a) for each
        unit.
    Returns:
        For each unit its pool, with all answers, and the estimate.
    """
    generator = np.random.default_rng(seed)
    pools = [Pool(unit.weights, unit.likelihood, kind, n_labels, stems=unit.stems) for unit in units]
    look = _FIRST if budget is None else min(_FIRST, budget // max(len(units), 1))
    first = [_first(unit, pool, look, generator) for unit, pool in zip(units, pools, strict=True)]
    answered = yield first
    setup = settle(answered)
    _take_in(pools, setup, kind, first, answered)
    found: list[PoolEstimate] = []
    for n_round in range(_MOST_ROUNDS + 1):
        setup.surrogate.fit()
        found = [pool.estimate(setup.surrogate, setup.link, i, label) for i, pool in enumerate(pools)]
        ratio = np.array([width(estimate) for estimate in found]) / setup.tolerance
        wanted = _wanted(pools, ratio, n_round)
        if budget is not None:
            wanted = _within(wanted, found, width, budget - sum(len(pool.seen) for pool in pools), n_round)
        if n_round == _MOST_ROUNDS or not wanted.any():
            break
        drawn = [_draw(units[i], pools[i], found[i].deviation, int(n), generator) for i, n in enumerate(wanted)]
        _take_in(pools, setup, kind, drawn, (yield drawn))
    return list(zip(pools, found, strict=True))


def _take_in(pools: Sequence[Pool], setup: Setup, kind: AnswerKind, chosen: Chosen, answered: Sequence[Floats]) -> None:
    for i, (pool, own, answers) in enumerate(zip(pools, chosen, answered, strict=True)):
        if len(own):
            pool.answer(own, answers)
            setup.surrogate.observe(i, own, setup.link.of(kind.watch(answers)))


def _first(unit: UnitCandidates, pool: Pool, look: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """Return what is known, the likeliest candidates, and a first sample by a power of the likelihood."""
    sure = np.zeros(len(unit.weights), dtype=bool)
    sure[unit.known] = True
    sure[np.argsort(-unit.weights, kind="stable")[: min(_LIKELIEST, (look - 1) // 2)]] = True
    size = np.where(sure, 0.0, unit.weights**_POWER)
    chances, _ = inclusion(size, max(look - int(sure.sum()), 1))
    pool.plan(np.where(sure, 1.0, chances))
    return np.union1d(np.flatnonzero(sure), systematic(chances, unit.order, generator))


def _wanted(pools: Sequence[Pool], ratio: Floats, n_round: int) -> NDArray[np.int64]:
    """Return how many more candidates each unit needs: the error falls with the root of their number."""
    wanted = np.zeros(len(pools), dtype=np.int64)
    for i, pool in enumerate(pools):
        seen, room = len(pool.seen), int((~pool.evaluated).sum())
        if ratio[i] > 1.0 and room:
            growth = min(_GROWTH * (float(ratio[i]) ** 2 - 1.0), _FASTEST[n_round >= _FAST_ROUNDS])
            wanted[i] = min(max(int(np.ceil(seen * growth)), _STEP), room)
    return wanted


def _within(
    wanted: NDArray[np.int64], found: Sequence[PoolEstimate], width: Width, left: int, n_round: int
) -> NDArray[np.int64]:
    """Return what a budget allows: shares by the intervals' widths, a part of it for later rounds."""
    spare = n_round < len(_KEPT) and left >= _WORTH_KEEPING * len(wanted)
    allowed = int(left * _KEPT[n_round]) if spare else left
    if wanted.sum() <= allowed:
        return wanted
    share = np.array([width(estimate) for estimate in found]) * (wanted > 0)
    cut = np.minimum(np.floor(share / share.sum() * allowed).astype(np.int64), wanted)
    for i in np.argsort(-share, kind="stable"):
        cut[i] += min(allowed - int(cut.sum()), int(wanted[i] - cut[i]))
    return np.asarray(cut)


def _draw(
    unit: UnitCandidates, pool: Pool, deviation: Floats, n: int, generator: np.random.Generator
) -> NDArray[np.int64]:
    """Return n more candidates of a unit, the likelier the more and the less the surrogate knows of them."""
    if n == 0:
        return np.zeros(0, dtype=np.int64)
    size = unit.weights * (deviation + _FLOOR * np.median(deviation))
    chances, factor = inclusion(np.where(pool.evaluated, 0.0, size), n)
    pool.plan(np.where(pool.evaluated, np.minimum(size * factor, 1.0), chances))
    return systematic(chances, unit.order, generator)
