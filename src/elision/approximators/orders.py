"""Orders of units: what one is worth, the best one where all subsets are known, and scores that agree with it.

The top k units of an order are its first k. Arrays of sets are known, bool (s, u), as everywhere: True where a unit is
there. Plain numpy: no model, no game.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import isotonic_regression

from elision.approximators.lattice import subsets
from elision.arrays import Bools, Floats, Ints

TILT = 1e-6
"""By how much scores of a pooled block differ, as a share of the largest: far under what is shown."""

FILL = 1e-6
"""What sizes weigh that do not count, as a share of the next that does, where orders are told apart as they grow."""


def top_kept(order: Ints) -> Bools:
    """Return known bool (u + 1, u): row k has the first k units of an order int (u,), and no other."""
    return np.asarray(~top_removed(order))


def top_removed(order: Ints) -> Bools:
    """Return known bool (u + 1, u): row k lacks the first k units of an order int (u,)."""
    known = np.ones((len(order) + 1, len(order)), dtype=bool)
    known[:, order] = ~np.tril(np.ones_like(known), -1)
    return known


@dataclass(frozen=True, eq=False)
class Worth:
    """What an order of u units is worth: sum over k = 0..u of kept[k] v(top k) + removed[k] v(all but top k).

    Attributes:
        kept: float64 (u + 1,), the weight of v where the top k units are all that is there.
        removed: float64 (u + 1,), the weight of v where the top k units are absent; negative where v should fall.
    """

    kept: Floats
    removed: Floats

    @property
    def n_units(self) -> int:
        """How many units are ordered."""
        return len(self.kept) - 1

    @property
    def sizes(self) -> Bools:
        """Bool (u + 1,): of which sizes the subsets are that count."""
        return np.asarray((self.kept != 0) | (self.removed[::-1] != 0))

    def of(self, kept: Floats, removed: Floats) -> float:
        """Return the worth of an order from v along it, two float64 (u + 1,)."""
        return float(self.kept @ kept + self.removed @ removed)

    def filled(self) -> Worth:
        """Return a worth in which sizes before one that counts do so a trifle: it tells orders apart as they grow."""
        sides = self.kept.copy(), self.removed.copy()
        for side in sides:
            counted = np.flatnonzero(side[1:]) + 1
            for size in range(1, counted.max(initial=0)):
                if not side[size]:
                    side[size] = FILL * side[counted[counted > size][0]]
        return Worth(*sides)

    def __neg__(self) -> Worth:
        return Worth(-self.kept, -self.removed)


def both_sides(n_units: int, removed: float, front: float = 0.0) -> Worth:
    """Return the worth of orders whose top units keep the answer, and take it with them.

    F(S) = (1 - removed) v(S) - removed v(all but S), summed over the top parts S of an order, the top k weighing
    k^-front.

    Args:
        n_units: u.
        removed: the share of the side where the top units are absent, 0 to 1.
        front: how much more the front of the order counts; 0 for all parts alike.
    """
    weight = np.concatenate([[0.0], np.arange(1.0, n_units + 1) ** -front])
    weight /= max(weight.sum(), 1.0)
    return Worth((1.0 - removed) * weight, -removed * weight)


def best_order(values: Floats, worth: Worth) -> tuple[Ints, float]:
    """Return the order that is worth most of all, by dynamic programming over subsets, and its worth.

    best(S) = f(S) + max over i in S of best(S without i), with f(S) the part of the worth that S has as a top part.

    Args:
        values: float64 (2^u,), v of every subset, as `lattice.subsets` orders them.
        worth: of u units.
    Returns:
        int (u,) and a float; of equals the order whose last units come first in reading order.
    """
    n = worth.n_units
    sizes = subsets(n).sum(axis=1)
    own = worth.kept[sizes] * values + worth.removed[sizes] * values[::-1]
    best, last = own.copy(), np.zeros(len(values), dtype=np.int64)
    bits = 1 << np.arange(n)[::-1]
    for size in range(1, n + 1):
        sets = np.flatnonzero(sizes == size)
        before = np.where(sets[:, None] & bits, best[sets[:, None] & ~bits], -np.inf)
        last[sets] = before.argmax(axis=1)
        best[sets] += before.max(axis=1)
    order, left = [], len(values) - 1
    while left:
        order.append(int(last[left]))
        left &= ~int(bits[order[-1]])
    return np.array(order[::-1], dtype=np.int64), float(best[-1])


def contributions(kept: Floats, removed: Floats, share: float) -> Floats:
    """Return what each unit adds along an order, float64 (u,), by rank: the two sides' mean.

    c_k = (1 - share) [v(top k) - v(top k - 1)] + share [v(all but top k - 1) - v(all but top k)]; they add up to
    v(all) - v(none).

    Args:
        kept: float64 (u + 1,), v of the top k units.
        removed: float64 (u + 1,), v of all but them.
        share: of the removed side.
    """
    return np.asarray((1.0 - share) * np.diff(kept) - share * np.diff(removed))


def pooled(values: Floats) -> Ints:
    """Return where the blocks of the least squares fit that never rises begin, int (b + 1,), with u at the end."""
    return np.asarray(isotonic_regression(values, increasing=False).blocks)


def falling(values: Floats) -> Floats:
    """Return the nearest values that fall all along, float64 (u,), with the same sum.

    Neighbours that rise are pooled to their mean (pool adjacent violators: the least squares fit that never rises);
    then each value is put a trifle above the next, so that ranking them gives the order back.

    Args:
        values: float64 (u,).
    Source: Barlow et al. 1972. Deviations: the trifle, TILT of the largest from the first to the last.
    """
    pooled = isotonic_regression(values, increasing=False).x
    scale = TILT * max(float(np.abs(values).max()), 1e-9)
    return np.asarray(pooled + scale * np.linspace(0.5, -0.5, len(values)) if len(values) > 1 else pooled)
