"""Word masks from values alone: independent Bernoulli masks fitted without a gradient through the model.

The fitted probabilities minimise L(q) - w sum_j H(q_j). At the minimum q_j = sigmoid(-c_j / w) with the derivative
c_j = E[loss | j kept] - E[loss | j absent], which a linear regression of losses on masks estimates.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from elision.approximators.lattice import partials
from elision.arrays import Bools, Floats

_NEAREST = 0.03
"""Masks are drawn no nearer to 0 and 1, so that both are seen of every unit. A choice."""
_MOST_SWEEPS = 1000
"""Sweeps after which the exact masks are taken as they are; far more than they need. A choice."""
_FADE = 0.8
"""What a step's losses still weigh one step later: they were drawn around other masks. A choice."""
_STILL = 1e-12
"""Masks that move no more are fitted: rounding in float64."""


@dataclass(frozen=True, eq=False)
class MeanField:
    """Fitted masks.

    Attributes:
        kept: float64 (u,), each unit's probability of being kept.
        std_error: float64 (u,), of these, or None where nothing was sampled.
    """

    kept: Floats
    std_error: Floats | None


def exact_mean_field(losses: Floats, *, entropy_weight: float) -> MeanField:
    """Return the masks that fit every subset's loss, float64 (2^u,): coordinate descent from 1/2."""
    k = len(losses).bit_length() - 1
    q = np.full((1, k), 0.5)
    for _ in range(_MOST_SWEEPS):
        before = q.copy()
        for j in range(k):
            q[0, j] = _sigmoid(-partials(losses, q).gradient[0, j] / entropy_weight)
        if np.abs(q - before).max() < _STILL:
            break
    return MeanField(q[0], None)


def sampled_mean_field(
    n_units: int,
    *,
    entropy_weight: float,
    n_samples: int,
    n_epochs: int,
    seed: int,
) -> Generator[Bools, Floats, MeanField]:
    """Fit masks to sampled subsets' losses.

    Each step draws masks from the present probabilities (stratified, so that every unit is kept as often as it should
    be), regresses all losses so far on the masks, older steps weighing less, and moves half-way to the minimum.

    Args:
        n_units: u.
        entropy_weight: w.
        n_samples: masks a step.
        n_epochs: steps.
        seed: of all draws.
    Yields:
        Masks bool (n, u), to be sent their losses float64 (n,).
    Returns:
        The fitted masks.
    """
    generator = np.random.default_rng(seed)
    logit = np.zeros(n_units)
    masks, losses, weights = np.zeros((0, n_units), dtype=bool), np.zeros(0), np.zeros(0)
    slope, error = np.zeros(n_units), np.zeros(n_units)
    for _ in range(n_epochs):
        kept = np.clip(_sigmoid(logit), _NEAREST, 1.0 - _NEAREST)
        strata = np.stack([generator.permutation(n_samples) for _ in range(n_units)], axis=1)
        new = (strata + generator.random(strata.shape)) / n_samples < kept
        masks = np.concatenate([masks, new])
        losses = np.concatenate([losses, (yield new)])
        weights = np.concatenate([_FADE * weights, np.ones(n_samples)])
        slope, error = _regress(masks - kept, losses, weights)
        logit += 0.5 * (-slope / entropy_weight - logit)
    kept = _sigmoid(logit)
    return MeanField(kept, kept * (1.0 - kept) * error / entropy_weight)


def _regress(x: Floats, y: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Return slopes (u,) of a weighted ridge regression with intercept, and their standard errors."""
    design = np.column_stack([np.ones(len(x)), x])
    weighted = design * weights[:, None]
    inverse = np.linalg.inv(design.T @ weighted + np.diag([0.0] + [1.0] * x.shape[1]))
    fit = inverse @ (weighted.T @ y)
    residual = y - design @ fit
    meat = (weighted * residual[:, None]).T @ (weighted * residual[:, None])
    variance = np.diag(inverse @ meat @ inverse)
    return fit[1:], np.sqrt(np.maximum(variance[1:], 0.0))


def _sigmoid(z: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(z, -700.0, 700.0))))
