"""Marginalization that stops when it knows enough: model rows go where they narrow intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from elision.adaptive.pool import Estimate, Pool
from elision.adaptive.sampling import inclusion, systematic
from elision.adaptive.surrogate import Surrogate
from elision.models.rows import Floats

Ask = Callable[[list[NDArray[np.int64]]], list[Floats]]
Width = Callable[[Estimate], float]

_LIKELIEST, _FIRST, _MOST_ROUNDS = 5, 14, 8
_LEAST = 3
_FLOOR = 0.05


@dataclass(frozen=True, eq=False)
class Candidates:
    """One unit's candidates, as adaptive marginalization sees them.

    Attributes:
        weights: float64 (n,), likelihoods that sum to 1.
        features: float64 (n, d).
        order: float64 (n,), a sort key that puts like candidates side by side.
        known: int (m,), those whose answers cost nothing, such as the original word.
        left_out: likelihood outside the candidates.
    """

    weights: Floats
    features: Floats
    order: Floats
    known: NDArray[np.int64]
    left_out: float = 0.0


def marginalize(
    units: Sequence[Candidates],
    ask: Ask,
    width: Width,
    *,
    target: int,
    n_classes: int,
    tolerance: float,
    budget: int | None,
    seed: int,
) -> list[tuple[Pool, Estimate]]:
    """Estimate each unit's mean probabilities over its candidates.

    The likeliest candidates are evaluated, and a first sample; a surrogate predicts the others; each further round
    samples with chances proportional to likelihood times the surrogate's expected error, where intervals are wide.

    Args:
        units: each unit's candidates.
        ask: for each unit the indices of candidates -> float64 (m, c) answers.
        width: an estimate -> its standard error in the watched unit.
        target: the class whose interval is to be narrow.
        n_classes: c.
        tolerance: the largest standard error wanted.
        budget: the most candidates to be asked for, those known included, or None.
        seed: of all draws.
    Returns:
        For each unit its pool, with all answers, and the estimate.
    """
    generator = np.random.default_rng(seed)
    pools = [Pool(unit.weights, left_out=unit.left_out, n_classes=n_classes) for unit in units]
    surrogate = Surrogate([unit.features for unit in units], n_own=16, n_classes=n_classes)
    first = [_first(unit, pool, generator) for unit, pool in zip(units, pools, strict=True)]
    _evaluate(pools, surrogate, first, ask)
    for n_round in range(_MOST_ROUNDS):
        surrogate.fit()
        found = [pool.estimate(surrogate, i, target) for i, pool in enumerate(pools)]
        wanted = _wanted(pools, found, width, tolerance, n_round)
        if budget is not None:
            wanted = _within(wanted, found, width, budget - sum(len(pool.seen) for pool in pools), n_round)
        if not wanted.any():
            break
        drawn = [_draw(units[i], pools[i], found[i].deviation, int(n), generator) for i, n in enumerate(wanted)]
        _evaluate(pools, surrogate, drawn, ask)
    surrogate.fit()
    return [(pool, pool.estimate(surrogate, i, target)) for i, pool in enumerate(pools)]


def least_candidates(unit: Candidates) -> int:
    """Return how many candidates the first look at a unit evaluates."""
    return min(_FIRST + len(unit.known), len(unit.weights))


def _evaluate(pools: Sequence[Pool], surrogate: Surrogate, index: list[NDArray[np.int64]], ask: Ask) -> None:
    for i, (pool, own, answers) in enumerate(zip(pools, index, ask(index), strict=True)):
        if len(own):
            pool.answer(own, answers)
            surrogate.observe(i, own, answers)


def _first(unit: Candidates, pool: Pool, generator: np.random.Generator) -> NDArray[np.int64]:
    """Return what is known, the likeliest candidates, and a first sample by a power of the likelihood."""
    sure = np.zeros(len(unit.weights), dtype=bool)
    sure[unit.known] = True
    sure[np.argsort(-unit.weights, kind="stable")[:_LIKELIEST]] = True
    size = np.where(sure, 0.0, unit.weights**0.6)
    chances, _ = inclusion(size, max(_FIRST - int(sure.sum()), 1))
    pool.plan(np.where(sure, 1.0, chances))
    return np.union1d(np.flatnonzero(sure), systematic(chances, unit.order, generator))


def _wanted(
    pools: Sequence[Pool], found: Sequence[Estimate], width: Width, tolerance: float, n_round: int
) -> NDArray[np.int64]:
    """Return how many more candidates each unit needs: the error falls with the root of their number."""
    wanted = np.zeros(len(pools), dtype=np.int64)
    for i, (pool, estimate) in enumerate(zip(pools, found, strict=True)):
        ratio = width(estimate) / tolerance if tolerance > 0 else float("inf")
        seen, room = len(pool.seen), int((~pool.evaluated).sum())
        if ratio > 1.0 and room:
            growth = min(0.6 * (ratio**2 - 1.0), 1.5 if n_round < 2 else 1.0)
            wanted[i] = min(max(int(np.ceil(seen * growth)), _LEAST), room)
    return wanted


def _within(
    wanted: NDArray[np.int64], found: Sequence[Estimate], width: Width, left: int, n_round: int
) -> NDArray[np.int64]:
    """Return what a budget allows: shares by the intervals' widths, a part of it for later rounds."""
    allowed = left if n_round >= 2 else int(left * (0.3, 0.5)[n_round])
    if wanted.sum() <= allowed:
        return wanted
    share = np.array([width(estimate) for estimate in found]) * (wanted > 0)
    cut = np.minimum(np.floor(share / share.sum() * allowed).astype(np.int64), wanted)
    return np.asarray(cut)


def _draw(unit: Candidates, pool: Pool, deviation: Floats, n: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """Return n more candidates of a unit, the likelier the more and the less the surrogate knows of them."""
    if n == 0:
        return np.zeros(0, dtype=np.int64)
    size = unit.weights * (deviation + _FLOOR * np.median(deviation))
    chances, factor = inclusion(np.where(pool.evaluated, 0.0, size), n)
    pool.plan(np.where(pool.evaluated, np.minimum(size * factor, 1.0), chances))
    return systematic(chances, unit.order, generator)
