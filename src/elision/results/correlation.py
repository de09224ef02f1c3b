"""How alike two lists of scores are."""

from __future__ import annotations

import numpy as np

from elision.arrays import Floats, Ints
from elision.errors import require_one_of

CORRELATIONS = ("spearman", "kendall", "pearson")


def correlate(one: Floats, other: Floats, kind: str = "spearman") -> float:
    """Return how alike two lists of scores are, between -1 and 1.

    Args:
        one: float64 (u,).
        other: float64 (u,).
        kind: "spearman" and "kendall" (tau-b) compare ranks, "pearson" the scores.
    Returns:
        The correlation; NaN where there are fewer than two scores, or one list has them all alike.
    Raises:
        OptionError: the kind is unknown.
    """
    require_one_of("kind", kind, CORRELATIONS)
    if min(len(one), len(np.unique(one)), len(np.unique(other))) < 2:
        return float("nan")
    if kind == "kendall":
        from scipy import stats

        return float(stats.kendalltau(one, other).statistic)
    shares = np.ones(len(one))
    columns = [midranks(places_of(own), shares) if kind == "spearman" else own for own in (one, other)]
    return pearson(columns[0], columns[1], shares)


def places_of(values: Floats) -> Ints:
    """Return int64 (u,), the place of each value among the different ones."""
    return np.asarray(np.unique(values, return_inverse=True)[1], dtype=np.int64)


def midranks(places: Ints, shares: Floats) -> Floats:
    """Return float64 (u,), the mean rank of each value where value i stands shares (u,) times.

    Args:
        places: of values, as `places_of` gives them.
        shares: how often each stands.
    """
    counts = np.bincount(places, weights=shares)
    return np.asarray((np.cumsum(counts) - (counts - 1.0) / 2.0)[places])


def pearson(one: Floats, other: Floats, shares: Floats) -> float:
    """Return the correlation of columns (u,) whose rows stand shares (u,) times; NaN where a column is constant."""
    there = shares > 0
    if not there.any() or min(np.ptp(one[there]), np.ptp(other[there])) == 0:
        return float("nan")
    a, b = (column - np.average(column, weights=shares) for column in (one, other))
    # The largest deviation is taken out first: squares of scores near 0 or of huge ones would leave floating point.
    a, b = a / np.abs(a[there]).max(), b / np.abs(b[there]).max()
    covariance = (shares * a) @ b
    return float(np.clip(covariance / np.sqrt(((shares * a) @ a) * ((shares * b) @ b)), -1.0, 1.0))
