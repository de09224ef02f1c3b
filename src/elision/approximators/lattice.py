"""Numbers on the lattice of all subsets of k units: what follows from a game's values there, without the game.

Subset s keeps unit j where bit k - 1 - j of s is set, so that `losses.reshape((2,) * k)[w]` is the loss of the word
mask w. The multilinear extension L(q) is the expected loss when unit j is kept with probability q_j, independently.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np

from elision.arrays import Bools, Floats


def subsets(k: int) -> Bools:
    """Return bool (2^k, k): every subset of k units, the empty one first."""
    return ((np.arange(1 << k)[:, None] >> np.arange(k)[::-1]) & 1).astype(bool)


def products(factors: Floats) -> Floats:
    """Return the products (n, 2^k) of one factor of each pair: factors (n, k, 2), absent first."""
    found = np.ones((len(factors), 1))
    for j in range(factors.shape[1]):
        found = (found[:, :, None] * factors[:, j, None, :]).reshape(len(factors), -1)
    return found


def multilinear(losses: Floats, q: Floats) -> Floats:
    """Return the multilinear extension's values.

    L(q) = sum over subsets w of losses(w) prod_j q_j^w_j (1 - q_j)^(1 - w_j).

    Args:
        losses: float64 (2^k,).
        q: float64 (r, k), each unit's probability of being kept.
    Returns:
        float64 (r,).
    """
    half = q.shape[1] // 2
    factors = np.stack([1.0 - q, q], axis=2)
    first = products(factors[:, :half]) @ losses.reshape(1 << half, -1)
    return np.asarray((first * products(factors[:, half:])).sum(axis=1))


@dataclass(frozen=True, eq=False)
class Partials:
    """The multilinear extension at r points.

    Attributes:
        value: float64 (r,).
        gradient: float64 (r, k); L with unit j kept minus L with it absent.
        mixed: float64 (r, k, k), second derivatives; 0 on the diagonal.
    """

    value: Floats
    gradient: Floats
    mixed: Floats


def partials(losses: Floats, q: Floats) -> Partials:
    """Return value, gradient and second derivatives of the multilinear extension.

    Args:
        losses: float64 (2^k,).
        q: float64 (r, k).
    """
    r, k = q.shape
    half = k // 2
    table = losses.reshape(1 << half, -1)
    left = _derivatives(q[:, :half])
    right = _derivatives(q[:, half:])
    both = (left @ table) @ right.transpose(0, 2, 1)
    a, b = half, k - half
    gradient = np.concatenate([both[:, 1 : 1 + a, 0], both[:, 0, 1 : 1 + b]], axis=1)
    mixed = np.zeros((r, k, k))
    for n, (i, j) in enumerate(combinations(range(a), 2)):
        mixed[:, i, j] = mixed[:, j, i] = both[:, 1 + a + n, 0]
    for n, (i, j) in enumerate(combinations(range(b), 2)):
        mixed[:, a + i, a + j] = mixed[:, a + j, a + i] = both[:, 0, 1 + b + n]
    mixed[:, :a, a:] = both[:, 1 : 1 + a, 1 : 1 + b]
    mixed[:, a:, :a] = mixed[:, :a, a:].transpose(0, 2, 1)
    return Partials(both[:, 0, 0], gradient, mixed)


def _derivatives(q: Floats) -> Floats:
    """Return weights (r, 1 + k + k(k-1)/2, 2^k): of the value, of each derivative, of each pair's."""
    r, k = q.shape
    pairs = list(combinations(range(k), 2))
    factors = np.broadcast_to(np.stack([1.0 - q, q], axis=2)[:, None], (r, 1 + k + len(pairs), k, 2)).copy()
    singles: list[tuple[int, ...]] = [(i,) for i in range(k)]
    for n, axes in enumerate([*singles, *pairs], start=1):
        factors[:, n, list(axes)] = (-1.0, 1.0)
    return products(factors.reshape(r * (1 + k + len(pairs)), k, 2)).reshape(r, -1, 1 << k)


def posterior(losses: Floats, *, rho: float | Floats, beta: float = 1.0) -> Floats:
    """Return the probability that each unit was kept, given that the model still answered the same.

    P(w) is proportional to rho^|w| (1 - rho)^(k - |w|) exp(-beta losses(w)); the result is E[w_j].

    Args:
        losses: float64 (..., 2^k).
        rho: each unit's probability of being kept, before the model is asked; one for all or float64 (k,).
        beta: inverse temperature; 1 with a cross entropy makes exp(-loss) the model's probability of the target.
    Returns:
        float64 (..., k).
    """
    return posterior_weights(losses, rho=rho, beta=beta) @ subsets(_k(losses)).astype(np.float64)


def posterior_weights(losses: Floats, *, rho: float | Floats, beta: float = 1.0) -> Floats:
    """Return the posterior P(w) of every subset, float64 (..., 2^k)."""
    z = _log_prior(_k(losses), rho) - beta * losses
    weights = np.exp(z - z.max(axis=-1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def posterior_error(losses: Floats, error: Floats, *, rho: float | Floats, beta: float = 1.0) -> Floats:
    """Return the posterior's standard errors (k,), to first order, from those of the losses (2^k,)."""
    by_loss = posterior_slopes(losses, rho=rho, beta=beta)
    return np.asarray(np.sqrt(((by_loss * error[:, None]) ** 2).sum(axis=0)))


def posterior_slopes(losses: Floats, *, rho: float | Floats, beta: float = 1.0) -> Floats:
    """Return the posterior's derivatives (2^k, k) by each of the losses (2^k,)."""
    weights = posterior_weights(losses, rho=rho, beta=beta)
    kept = subsets(_k(losses)).astype(np.float64)
    return np.asarray(-beta * weights[:, None] * (kept - weights @ kept))


def posterior_range(least: Floats, most: Floats, *, rho: float | Floats, beta: float = 1.0) -> tuple[Floats, Floats]:
    """Return the posterior's bounds, two (k,), for losses anywhere between least and most (2^k,)."""
    prior = _log_prior(_k(least), rho)
    heavy, light = prior - beta * least, prior - beta * most
    low, high = np.empty(_k(least)), np.empty(_k(least))
    for j, kept in enumerate(subsets(_k(least)).T):
        low[j] = 1.0 / (1.0 + np.exp(min(_log_sum(heavy[~kept]) - _log_sum(light[kept]), 700.0)))
        high[j] = 1.0 / (1.0 + np.exp(min(_log_sum(light[~kept]) - _log_sum(heavy[kept]), 700.0)))
    return low, high


def _log_sum(z: Floats) -> float:
    """Return ln sum exp z."""
    top = float(z.max())
    return top + float(np.log(np.exp(z - top).sum()))


def _log_prior(k: int, rho: float | Floats) -> Floats:
    """Return ln of the product of rho_j over kept and 1 - rho_j over absent units, float64 (2^k,)."""
    chance, kept = np.broadcast_to(rho, (k,)), subsets(k)
    return np.asarray(kept @ np.log(chance) + ~kept @ np.log1p(-chance))


def _k(losses: Floats) -> int:
    return int(losses.shape[-1]).bit_length() - 1


def interactions(values: Floats) -> tuple[Floats, Floats]:
    """Return the Shapley interaction indices and the Banzhaf interactions of all pairs.

    I_ij = sum over S without i and j of weight(|S|) [v(S+i+j) - v(S+i) - v(S+j) + v(S)], with weight
    |S|! (k - |S| - 2)! / (k - 1)! (Shapley) or 2^-(k - 2) (Banzhaf).

    Args:
        values: float64 (2^k,), a game's values.
    Returns:
        Two float64 (k, k), symmetric, 0 on the diagonal.
    Source: Grabisch & Roubens 1999.
    """
    k = _k(values)
    shapley, banzhaf = np.zeros((k, k)), np.zeros((k, k))
    if k < 2:
        return shapley, banzhaf
    sizes = subsets(k - 2).sum(axis=1)
    weight = np.array([1.0 / ((k - 1) * comb(k - 2, int(size))) for size in sizes])
    cube = values.reshape((2,) * k)
    for i, j in combinations(range(k), 2):
        moved = np.moveaxis(cube, (i, j), (0, 1)).reshape(2, 2, -1)
        second = moved[1, 1] - moved[1, 0] - moved[0, 1] + moved[0, 0]
        shapley[i, j] = shapley[j, i] = weight @ second
        banzhaf[i, j] = banzhaf[j, i] = second.mean()
    return shapley, banzhaf
