"""Marginalization that stops when it knows enough: model rows go where they narrow intervals."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from elision.arrays import Floats
from elision.explainers.marginalization.pool import Estimate, Pool, Stems
from elision.explainers.marginalization.surrogate import Features, Prior, Surrogate
from elision.likelihood.unequal_sampling import inclusion, systematic

Asked = list[NDArray[np.int64]]
Run = Generator[Asked, Sequence[Floats], list[tuple[Pool, Estimate]]]
Width = Callable[[Estimate], float]

LEAST = 4
"""Candidates of each unit without which there is no estimate."""

_LIKELIEST, _FIRST, _STEP, _MOST_ROUNDS = 5, 14, 3, 10
_FLOOR = 0.05
_KEPT, _WORTH_KEEPING = (0.3, 0.5), 10


@dataclass(frozen=True, eq=False)
class Candidates:
    """One unit's candidates, as adaptive marginalization sees them.

    Attributes:
        weights: float64 (n,), what each stands for in the mean: its likelihood, and where candidates were drawn that
            of others too; they sum to 1.
        likelihood: float64 (n,), each one's own.
        features: index -> float32 (m, d).
        order: float64 (n,), a sort key that puts like candidates side by side.
        known: int (m,), those whose answers cost nothing, such as the original word.
        stems: as in Fillings, where candidates grew from a few.
    """

    weights: Floats
    likelihood: Floats
    features: Features
    order: Floats
    known: NDArray[np.int64]
    stems: Stems = ()


def marginalize(
    units: Sequence[Candidates],
    width: Width,
    *,
    target: int,
    n_own: int,
    prior: Prior,
    tolerance: float,
    budget: int | None,
    seed: int,
) -> Run:
    """Estimate each unit's mean probabilities over its candidates.

    The likeliest candidates are evaluated, and a first sample; a surrogate predicts the others; each further round
    samples with chances proportional to likelihood times the surrogate's expected error, where intervals are wide.

    Args:
        units: each unit's candidates.
        width: an estimate -> its standard error in the watched unit.
        target: the class whose interval is to be narrow.
        n_own: how many leading features have a weight of each unit's own.
        prior: of the features' shared weights.
        tolerance: the largest standard error wanted.
        budget: the most candidates to be asked for, those known included, or None.
        seed: of all draws.
    Yields:
        For each unit the indices of candidates; it is to be sent the model's answers to them, float64 (m, c) for each
        unit. So the questions of several texts can be asked together.
    Returns:
        For each unit its pool, with all answers, and the estimate.
    """
    generator = np.random.default_rng(seed)
    n_classes = prior.mean.shape[1]
    pools = [Pool(unit.weights, unit.likelihood, n_classes=n_classes, stems=unit.stems) for unit in units]
    surrogate = Surrogate([unit.features for unit in units], n_own=n_own, prior=prior)
    look = _FIRST if budget is None else min(_FIRST, budget // max(len(units), 1))
    first = [_first(unit, pool, look, generator) for unit, pool in zip(units, pools, strict=True)]
    _take_in(pools, surrogate, first, (yield first))
    found: list[Estimate] = []
    for n_round in range(_MOST_ROUNDS + 1):
        surrogate.fit()
        found = [pool.estimate(surrogate, i, target) for i, pool in enumerate(pools)]
        ratio = np.array([width(estimate) for estimate in found]) / tolerance
        wanted = _wanted(pools, ratio, n_round)
        if budget is not None:
            wanted = _within(wanted, found, width, budget - sum(len(pool.seen) for pool in pools), n_round)
        if n_round == _MOST_ROUNDS or not wanted.any():
            break
        drawn = [_draw(units[i], pools[i], found[i].deviation, int(n), generator) for i, n in enumerate(wanted)]
        _take_in(pools, surrogate, drawn, (yield drawn))
    return list(zip(pools, found, strict=True))


def _take_in(pools: Sequence[Pool], surrogate: Surrogate, index: Asked, answered: Sequence[Floats]) -> None:
    for i, (pool, own, answers) in enumerate(zip(pools, index, answered, strict=True)):
        if len(own):
            pool.answer(own, answers)
            surrogate.observe(i, own, answers)


def _first(unit: Candidates, pool: Pool, look: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """Return what is known, the likeliest candidates, and a first sample by a power of the likelihood."""
    sure = np.zeros(len(unit.weights), dtype=bool)
    sure[unit.known] = True
    sure[np.argsort(-unit.weights, kind="stable")[: min(_LIKELIEST, (look - 1) // 2)]] = True
    size = np.where(sure, 0.0, unit.weights**0.6)
    chances, _ = inclusion(size, max(look - int(sure.sum()), 1))
    pool.plan(np.where(sure, 1.0, chances))
    return np.union1d(np.flatnonzero(sure), systematic(chances, unit.order, generator))


def _wanted(pools: Sequence[Pool], ratio: Floats, n_round: int) -> NDArray[np.int64]:
    """Return how many more candidates each unit needs: the error falls with the root of their number."""
    wanted = np.zeros(len(pools), dtype=np.int64)
    for i, pool in enumerate(pools):
        seen, room = len(pool.seen), int((~pool.evaluated).sum())
        if ratio[i] > 1.0 and room:
            growth = min(0.6 * (float(ratio[i]) ** 2 - 1.0), 1.5 if n_round < 2 else 1.0)
            wanted[i] = min(max(int(np.ceil(seen * growth)), _STEP), room)
    return wanted


def _within(
    wanted: NDArray[np.int64], found: Sequence[Estimate], width: Width, left: int, n_round: int
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


def _draw(unit: Candidates, pool: Pool, deviation: Floats, n: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """Return n more candidates of a unit, the likelier the more and the less the surrogate knows of them."""
    if n == 0:
        return np.zeros(0, dtype=np.int64)
    size = unit.weights * (deviation + _FLOOR * np.median(deviation))
    chances, factor = inclusion(np.where(pool.evaluated, 0.0, size), n)
    pool.plan(np.where(pool.evaluated, np.minimum(size * factor, 1.0), chances))
    return systematic(chances, unit.order, generator)
