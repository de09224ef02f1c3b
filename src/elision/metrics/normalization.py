"""The best and the worst order in which an example's units could go: what AOPC is normalised by."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from elision.arrays import Bools, Floats
from elision.errors import OptionError
from elision.game.value import ValueFunction
from elision.metrics.games import MeteredModel

EXACT_UNITS = 16
"""All 2^16 subsets are tried at most. A choice, by cost."""


def extreme_aopc(metered: MeteredModel, n_units: int, beam: int | None) -> Floats:
    """Return float64 (n, 2): the smallest and the largest AOPC that an order of each example's units has.

    Args:
        metered: what is asked.
        n_units: U of Eq. 9.
        beam: how many orders are followed, or None to try all subsets.
    Raises:
        OptionError: an example has too many units to try all subsets.
    Source: Edin et al. 2025, Section 4 (exact and beam search).
    Cost: exact: a row for each subset without at most U units; beam: at most 2 beam u U rows.
    """
    found = []
    for explanation in metered.explanations:
        v = metered.game(explanation)
        n = len(v.units)
        if beam is None and n > EXACT_UNITS:
            raise OptionError(
                f"normalize='exact' tries all subsets of at most {EXACT_UNITS} units, and an example has {n}; "
                "use normalize='beam'"
            )
        ends = [_exact(v, n_units, sign) if beam is None else _search(v, n_units, sign, beam) for sign in (-1.0, 1.0)]
        found.append([sign * end / (n_units + 1) for sign, end in zip((-1.0, 1.0), ends, strict=True)])
    return np.array(found)


def _lost(v: ValueFunction, known: Bools, sign: float) -> Floats:
    """Return sign times the explained class's probability lost, float64 (s,)."""
    return np.asarray(sign * (v.prediction[v.target] - v.probabilities(known)[:, v.target]))


def _exact(v: ValueFunction, n_units: int, sign: float) -> float:
    """Return the largest sum of sign times what is lost along an order, over all orders."""
    n, steps = len(v.units), min(n_units, len(v.units))
    best: dict[tuple[int, ...], float] = {(): 0.0}
    for size in range(1, steps + 1):
        sets = list(combinations(range(n), size))
        known = np.ones((len(sets), n), dtype=bool)
        known[np.arange(len(sets))[:, None], np.array(sets)] = False
        lost = _lost(v, known, sign).tolist()
        best = {
            chosen: own + max(best[chosen[:i] + chosen[i + 1 :]] for i in range(size))
            for chosen, own in zip(sets, lost, strict=True)
        }
        last = dict(zip(sets, lost, strict=True))
    chosen = max(best, key=lambda key: best[key] + (n_units - steps) * last[key])
    return float(best[chosen] + (n_units - steps) * last[chosen])


def _search(v: ValueFunction, n_units: int, sign: float, beam: int) -> float:
    """Return the largest such sum that a beam search over orders finds."""
    n, steps = len(v.units), min(n_units, len(v.units))
    known, sums, last = np.ones((1, n), dtype=bool), np.zeros(1), np.zeros(1)
    for _ in range(steps):
        owner, unit = np.nonzero(known)
        grown = known[owner]
        grown[np.arange(len(unit)), unit] = False
        lost = _lost(v, grown, sign)
        total = sums[owner] + lost
        order = np.argsort(-total, kind="stable")
        _, first = np.unique(grown[order], axis=0, return_index=True)
        kept = order[np.sort(first)[:beam]]
        known, sums, last = grown[kept], total[kept], lost[kept]
    return float((sums + (n_units - steps) * last).max())
