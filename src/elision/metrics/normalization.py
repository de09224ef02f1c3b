"""Figures on a scale from the worst order of an example's units, 0, to the best, 1."""

from __future__ import annotations

import numpy as np

from elision.arrays import Floats
from elision.errors import OptionError, require_count, require_one_of
from elision.metrics.extremes import EXACT_UNITS, extremes
from elision.metrics.games import MeteredModel
from elision.metrics.rewards import Reward, lost_on_average

NORMALIZATIONS = ("exact", "beam", "guided")
BEAM = 5
"""Orders that "beam" follows, unless told."""
_LEAST_RANGE = 1e-9


def check_normalization(how: str | None, beam: int) -> None:
    """Refuse a way to find the best and the worst order that there is not."""
    require_count("beam", beam, 1)
    if how is not None:
        require_one_of("normalize", how, NORMALIZATIONS)


def normalized(values: Floats, metered: MeteredModel, reward: Reward, how: str, beam: int) -> Floats:
    """Return where figures (n,) lie between those of the worst and of the best order; NaN where both are one.

    Args:
        values: the figures of the explained examples.
        metered: what is asked.
        reward: what the figures are of.
        how: "exact", "beam" or "guided".
        beam: how many orders "beam" follows.
    Raises:
        OptionError: an example has too many units to try all subsets.
    Source: Edin et al. 2025, Section 4 (exact and beam search). Deviations: besides AOPC other figures; "guided".
    """
    worst, best = _ends(metered, reward, how, beam).T
    if not reward.higher_is_better:
        worst, best = best, worst
    wide = np.abs(best - worst) > _LEAST_RANGE
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(wide, (values - worst) / (best - worst), np.nan)


def _ends(metered: MeteredModel, reward: Reward, how: str, beam: int) -> Floats:
    longest = max(len(explanation.units) for explanation in metered.explanations)
    if how == "exact" and longest > EXACT_UNITS:
        raise OptionError(
            f"normalize='exact' tries all subsets of at most {EXACT_UNITS} units, and an example has {longest}; "
            "use normalize='beam'"
        )
    return np.array([[own.low, own.high] for own in extremes(metered, reward, solver=how, beam=beam)])


def extreme_aopc(metered: MeteredModel, n_units: int, beam: int | None) -> Floats:
    """Return float64 (n, 2): the smallest and the largest AOPC that an order of each example's units has.

    Args:
        metered: what is asked.
        n_units: U of Eq. 9.
        beam: how many orders are followed, or None to try all subsets.
    Raises:
        OptionError: an example has too many units to try all subsets.
    """
    return _ends(metered, lost_on_average(n_units), "exact" if beam is None else "beam", beam or BEAM)
