"""Sampling candidates with unequal probabilities."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from elision.arrays import Floats


def inclusion(size: Floats, n: float) -> tuple[Floats, float]:
    """Return inclusion probabilities proportional to size, capped at 1, that sum to n.

    Args:
        size: float64 (m,), at least 0; 0 is never included.
        n: how many are wanted.
    Returns:
        float64 (m,), and the factor between size and those probabilities that are under 1.
    """
    certain = np.zeros(len(size), dtype=bool)
    possible = size > 0
    if n >= possible.sum():
        return possible.astype(np.float64), float("inf")
    while True:
        factor = (n - certain.sum()) / size[~certain].sum()
        more = ~certain & (size * factor >= 1.0)
        if not more.any():
            return np.where(certain, 1.0, size * factor), float(factor)
        certain |= more


def excess_variance(shares: Floats, own: Floats) -> Floats:
    """Return the variance (n,) that each of a drawn sample brings to a weighted mean, for a spread of 1.

    Args:
        shares: float64 (n,), what each stands for, drawn with a chance in proportion.
        own: float64 (n,), its own part; the same where it was certain.
    """
    return np.asarray(shares * np.where(shares > 1.000001 * own, shares - own, 0.0))


def systematic(probabilities: Floats, order: Floats | None, generator: np.random.Generator) -> NDArray[np.int64]:
    """Draw a systematic sample: one random start, then equal steps along the cumulated probabilities.

    Neighbours in the order are rarely drawn together, so the sample is spread over it.

    Args:
        probabilities: float64 (m,), inclusion probabilities.
        order: float64 (m,), sort key, or None where they are in order.
        generator: of the one random number.
    Returns:
        int (n,), ascending; n is the probabilities' sum, rounded up or down.
    """
    line = slice(None) if order is None else np.argsort(order, kind="stable")
    steps = np.floor(np.cumsum(probabilities[line]) - generator.random() + 1e-9)
    hit = np.flatnonzero(np.diff(steps, prepend=-1.0) > 0)
    return hit if order is None else np.sort(np.asarray(line)[hit])
