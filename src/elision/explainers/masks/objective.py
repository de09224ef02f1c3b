"""The objective of group masks: Eq. 7, exactly, with its gradient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from elision.approximators.lattice import multilinear, partials
from elision.arrays import Floats


@dataclass(frozen=True)
class Terms:
    """Eq. 7, term by term.

    Attributes:
        loss: expected cross entropy (or the negative of another behaviour).
        entropy_first: H(ZU), of how the first text's short-listed units spread over the groups, in nats.
        entropy_second: H(ZL), of the second text's; 0 for a single text.
        entropy_groups: H(G), of the groups' importance.
        total: loss - gamma1 (entropy_first + entropy_second) + gamma2 entropy_groups.
    """

    loss: float
    entropy_first: float
    entropy_second: float
    entropy_groups: float
    total: float


def entropy(p: Floats) -> Floats:
    """Return -sum p ln p over the last axis, in nats; 0 ln 0 is 0."""
    return np.asarray(-np.where(p > 0, p * np.log(np.where(p > 0, p, 1.0)), 0.0).sum(axis=-1))


def group_objective(
    losses: Floats,
    membership: Floats,
    importance: Floats,
    sides: NDArray[np.int64],
    *,
    gamma1: float = 10.0,
    gamma2: float = 1.0,
) -> Terms:
    """Return Eq. 7: the expected loss with its two regularisers, without sampling.

    Given the selected group i, unit j is kept with probability membership[j, i], independently of the others, so the
    expected loss is sum_i importance[i] L(membership[:, i]) with the multilinear extension L.

    Args:
        losses: float64 (2^k,), of every subset.
        membership: float64 (k, t), phi; rows sum to 1.
        importance: float64 (t,), psi; sums to 1.
        sides: int (k,), 0 for units of the first text and 1 for those of the second.
        gamma1: weight of the words' entropies.
        gamma2: weight of the groups' entropy.
    Source: Chen et al. 2021, Eq. 7.
    """
    loss = float(importance @ multilinear(losses, membership.T))
    return group_terms(loss, membership, importance, sides, gamma1=gamma1, gamma2=gamma2)


def group_terms(
    loss: float,
    membership: Floats,
    importance: Floats,
    sides: NDArray[np.int64],
    *,
    gamma1: float,
    gamma2: float,
) -> Terms:
    """Return Eq. 7 from its expected loss; the other arguments are those of `group_objective`."""
    first, second = (
        float(entropy(membership[sides == side].mean(axis=0))) if (sides == side).any() else 0.0 for side in (0, 1)
    )
    groups = float(entropy(importance))
    return Terms(loss, first, second, groups, loss - gamma1 * (first + second) + gamma2 * groups)


def group_gradient(
    losses: Floats,
    membership: Floats,
    importance: Floats,
    sides: NDArray[np.int64],
    *,
    gamma1: float = 10.0,
    gamma2: float = 1.0,
) -> tuple[Floats, Floats]:
    """Return the derivatives of Eq. 7 by membership (k, t) and importance (t,), each entry moved by itself."""
    at = partials(losses, membership.T)
    by_membership = at.gradient.T * importance
    for side in (0, 1):
        own = sides == side
        if own.any():
            by_membership[own] += gamma1 * (np.log(membership[own].mean(axis=0)) + 1.0) / own.sum()
    return by_membership, at.value - gamma2 * (np.log(importance) + 1.0)
