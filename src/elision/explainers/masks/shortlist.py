"""The short-list: the k units among which groups are sought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from elision.arrays import Floats

_BELOW = 1e-3
"""What is not short-listed ranks below what is: any small number does."""


@dataclass(frozen=True, eq=False)
class ShortList:
    """A division of an example's u units.

    Attributes:
        chosen: int (k,), the short-listed units in reading order.
        outside: int (u - k,), all others; the best first if they are ranked.
        scores: float64 (u,), what ranked them, or None where they were named.
        close: whether the last chosen and the first left out are within their scores' error of each other.
    """

    chosen: NDArray[np.int64]
    outside: NDArray[np.int64]
    scores: Floats | None
    close: bool = False

    def spread(self, values: Floats, *, rank: bool = False) -> Floats:
        """Return values (u,) for all units from those of the short-listed ones (k,).

        Args:
            values: float64 (k,), at least 0 if ranks are wanted.
            rank: give units outside falling values below a thousandth of the least value, in their order; else 0.
        """
        found = np.zeros(len(self.chosen) + len(self.outside))
        found[self.chosen] = values
        if rank and self.scores is not None:
            steps = np.arange(len(self.outside), 0, -1) / (len(self.outside) + 1)
            found[self.outside] = _BELOW * values.min() * steps
        return found


def shortlist(scores: Floats, sides: NDArray[np.int64], k: int, std_error: Floats | None = None) -> ShortList:
    """Return the k units with the highest scores, with at least one of each side if k is 2 or more.

    Args:
        scores: float64 (u,); of equals the earlier unit comes first.
        sides: int (u,), each unit's segment.
        k: how many are wanted; a side that has none among them gets its best one for the last.
        std_error: float64 (u,), of the scores, or None.
    Source: Chen et al. 2021, Section 3.3. Deviations: the paper takes the k best, which may all be of one side; then no
        group could join the two texts.
    """
    order = np.argsort(-scores, kind="stable")
    chosen = order[:k].copy()
    if k >= 2:
        for side in np.unique(sides):
            if not (sides[chosen] == side).any():
                chosen[-1] = order[sides[order] == side][0]
    close = False
    if std_error is not None and len(order) > k:
        last, first = order[k - 1], order[k]
        close = bool(scores[last] - scores[first] < 2.0 * np.hypot(std_error[last], std_error[first]))
    return ShortList(np.sort(chosen), order[~np.isin(order, chosen)], scores, close)


def listed(units: Sequence[int], n_units: int) -> ShortList:
    """Return the short-list of units that were named; nothing is known of the order of the others."""
    chosen = np.array(sorted(units), dtype=np.int64)
    return ShortList(chosen, np.setdiff1d(np.arange(n_units), chosen), None)


def group_count(sides: NDArray[np.int64]) -> int:
    """Return t for short-listed units: min(k1, k2), k // 2 for a single text, at least 2 where there are two units.

    Source: Chen et al. 2021, Section 3.3: min(k1, k2). Deviations: at least 2, since one group would be all
        short-listed units and nothing would be chosen; single texts.
    """
    counts = np.unique(sides, return_counts=True)[1]
    t = int(counts.min()) if len(counts) == 2 else len(sides) // 2
    return max(t, min(2, len(sides)))
