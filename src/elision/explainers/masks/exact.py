"""Group masks without sampling: Eq. 7 minimised over its multilinear extension.

For any membership Eq. 7 is concave in the importance, so one group takes all of it, and the others matter only through
the entropies, which want the rest spread evenly. What remains is a problem in that group's k memberships q alone:
L(q) plus a convex penalty on the two sides' shares. Along one q_j the loss is linear, along q_i - q_j within a side it
is quadratic and the penalty constant: both steps have closed minima, and the best of all is taken until none helps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from elision.approximators.lattice import Partials, multilinear, partials, subsets
from elision.arrays import Floats
from elision.explainers.masks.objective import Terms, group_objective

RESTARTS = 64
"""Starts of the minimisation. A choice; in `python benchmarks/group_masks.py` sampling never came below."""
TOLERANCE = 1e-12
"""A minimum is reached when a step gains no more: rounding in float64."""
_MOST_STEPS = 2000
"""Steps after which a minimum that is not reached is said not to be. A choice."""


@dataclass(frozen=True, eq=False)
class Solution:
    """Groups, the most important first.

    Attributes:
        membership: float64 (k, t), phi; rows sum to 1.
        importance: float64 (t,), psi = softmax of minus the groups' losses.
        losses: float64 (t,), each group's expected loss.
        optimum: Eq. 7's terms at its minimum, where one group has all importance and the rest is spread evenly.
        restarts: float64 (n,), Eq. 7 reached from each start, the best first.
        converged: False where a start was stopped before nothing helped any more.
    """

    membership: Floats
    importance: Floats
    losses: Floats
    optimum: Terms
    restarts: Floats
    converged: bool


def solve(
    losses: Floats,
    sides: NDArray[np.int64],
    n_groups: int,
    *,
    gamma1: float = 10.0,
    gamma2: float = 1.0,
    n_restarts: int = RESTARTS,
    seed: int = 0,
) -> Solution:
    """Minimise Eq. 7, then peel: the best group's memberships are set aside and what is left is solved again.

    Args:
        losses: float64 (2^k,), of every subset.
        sides: int (k,), each unit's segment.
        n_groups: t.
        gamma1: weight of the words' entropies.
        gamma2: weight of the groups' entropy; at least 0, or one group taking all importance is no minimum.
        n_restarts: starts, half of them the best subsets and half random.
        seed: of the random starts.
    Source: Chen et al. 2021, Eq. 7, its expectation in closed form. Deviations: peeling.
    """
    k = len(sides)
    generator = np.random.default_rng(seed)
    left = np.ones(k)
    columns: list[Floats] = []
    stages: list[_Stage] = []
    for m in range(n_groups, 1, -1):
        stage = _Stage(losses, sides, left, m, gamma1)
        q = stage.minimise(n_restarts, generator)
        stages.append(stage)
        columns.append(q)
        left = np.clip(left - q, 0.0, 1.0)
    columns.append(left)
    membership = np.stack(columns, axis=1)
    group_losses = multilinear(losses, membership.T)
    importance = np.exp(group_losses.min() - group_losses)
    importance /= importance.sum()
    order = np.argsort(-importance, kind="stable")
    first = columns[0]
    spread = np.column_stack([first, *[(1.0 - first) / max(n_groups - 1, 1)] * (n_groups - 1)])
    optimum = group_objective(losses, spread, np.eye(n_groups)[0], sides, gamma1=gamma1, gamma2=gamma2)
    return Solution(
        membership[:, order],
        importance[order],
        group_losses[order],
        optimum,
        stages[0].reached if stages else np.array([optimum.total]),
        all(stage.converged for stage in stages),
    )


class _Stage:
    """One group against m - 1 others: minimise L(q) - gamma1 (entropies) for 0 <= q <= left.

    A side's penalty at share a of the mass R that is left to it is a ln a + (R - a) ln((R - a) / (m - 1)).
    """

    def __init__(self, losses: Floats, sides: NDArray[np.int64], left: Floats, m: int, gamma1: float) -> None:
        self.losses, self.left, self.m, self.gamma1 = losses, left, m, gamma1
        present = [sides == side for side in (0, 1) if (sides == side).any()]
        self.side = np.stack([own / own.sum() for own in present])
        self.own = np.stack(present)
        self.mass = self.side @ left
        self.same = (self.own[:, :, None] & self.own[:, None, :]).any(axis=0) & ~np.eye(len(sides), dtype=bool)
        self.reached = np.empty(0)
        self.converged = True

    def objective(self, q: Floats) -> Floats:
        """Return the objective (r,) at points q (r, k)."""
        return np.asarray(multilinear(self.losses, q) + self._penalty(q @ self.side.T, self.mass).sum(axis=1))

    def minimise(self, n_restarts: int, generator: np.random.Generator) -> Floats:
        """Return the best point (k,) over all starts; of equals the first, and the best subsets are tried first."""
        q = self._descend(self._starts(n_restarts, generator))
        value = self.objective(q)
        first = np.flatnonzero(value <= value.min() + 1e-9 * (1.0 + abs(value.min())))[0]
        self.reached = np.sort(value)
        return np.asarray(q[first])

    def _starts(self, n: int, generator: np.random.Generator) -> Floats:
        k = len(self.left)
        corners = subsets(k) * self.left
        best = np.argsort(self.objective(corners), kind="stable")[: max(n // 2, 1)]
        even = self.left[None] / self.m
        inside = generator.random((max(n - len(best) - 1, 0), k)) ** 2 * self.left
        return np.concatenate([corners[best], even, inside])

    def _penalty(self, share: Floats, mass: Floats) -> Floats:
        """Return a side's part of the objective at a share of the mass that is left to it."""
        rest = np.maximum(mass - share, 0.0)
        return np.asarray(self.gamma1 * (_x_ln_x(share) + _x_ln_x(rest) - rest * np.log(self.m - 1.0)))

    def _descend(self, q: Floats) -> Floats:
        """Return the points after steps of best improvement, until no single or paired step helps."""
        q = q.copy()
        active = np.arange(len(q))
        for _ in range(_MOST_STEPS):
            at = partials(self.losses, q[active])
            single, gain = self._single(q[active], at)
            pair, pair_gain = self._pair(q[active], at)
            r = np.arange(len(active))
            j = gain.argmin(axis=1)
            flat = pair_gain.reshape(len(active), -1).argmin(axis=1)
            a, b = np.divmod(flat, q.shape[1])
            best, best_pair = gain[r, j], pair_gain[r, a, b]
            paired = best_pair < best
            one, two = active[~paired], active[paired]
            q[one, j[~paired]] = single[~paired, j[~paired]]
            step = pair[paired, a[paired], b[paired]]
            q[two, a[paired]] += step
            q[two, b[paired]] -= step
            moving = np.minimum(best, best_pair) < -TOLERANCE * (1.0 + np.abs(at.value))
            active = active[moving]
            if not len(active):
                return np.clip(q, 0.0, self.left)
        self.converged = False
        return np.clip(q, 0.0, self.left)

    def _single(self, q: Floats, at: Partials) -> tuple[Floats, Floats]:
        """Return each coordinate's best value (r, k), the others staying, and the change (r, k) it brings."""
        weight = self.side.sum(axis=0)
        share = (q @ self.side.T) @ self.own
        mass = self.mass @ self.own
        if self.gamma1 > 0:
            z = np.clip(-at.gradient / (weight * self.gamma1) - np.log(self.m - 1.0), -700, 700)
            wanted = mass / (1.0 + np.exp(-z))
            target = np.clip(q + (wanted - share) / weight, 0.0, self.left)
        else:
            target = np.where(at.gradient < 0, self.left, np.where(at.gradient > 0, 0.0, q))
        step = target - q
        change = self._penalty(share + weight * step, mass) - self._penalty(share, mass)
        return target, at.gradient * step + change

    def _pair(self, q: Floats, at: Partials) -> tuple[Floats, Floats]:
        """Return the best step (r, k, k) from unit j to unit i of its side, and the change it brings."""
        room = self.left - q
        high = np.minimum(room[:, :, None], q[:, None, :])
        slope = at.gradient[:, :, None] - at.gradient[:, None, :]
        bend = -at.mixed
        with np.errstate(divide="ignore", invalid="ignore"):
            turn = np.where(bend > 0, -slope / (2.0 * bend), high)
        inner = np.clip(turn, 0.0, high)
        change = slope * inner + bend * inner**2
        ends = slope * high + bend * high**2
        step = np.where(ends < change, high, inner)
        change = np.where(self.same, np.minimum(change, ends), 0.0)
        return step, change


def _x_ln_x(x: Floats) -> Floats:
    return np.asarray(np.where(x > 0, x * np.log(np.where(x > 0, x, 1.0)), 0.0))
