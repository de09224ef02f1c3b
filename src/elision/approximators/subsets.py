"""What all approximators share: subsets chosen beforehand, and scores with errors from the values there."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from elision.arrays import Bools, Floats


@dataclass(frozen=True, eq=False)
class Approximation:
    """Scores of u units for c games that are played on the same subsets.

    Attributes:
        scores: float64 (c, u).
        variance: float64 (c, u), of the scores; None where nothing was sampled, or where too little was to tell.
        record: what provenance records of the estimate, for the game at index `target` where it is of one game.
        notes: what a reader should know.
    """

    scores: Floats
    variance: Floats | None
    record: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


class Approximator(ABC):
    """Subsets to ask about.

    Attributes:
        known: bool (r, u); rows may repeat, since a subset that was drawn twice weighs twice.
    """

    known: Bools

    @abstractmethod
    def estimate(self, values: Floats, noise: Floats | None = None) -> Approximation:
        """Return the scores.

        Args:
            values: float64 (r, c), of c games.
            noise: float64 (r, c), standard errors of the values themselves, or None where they have none.
        """

    @property
    def n_subsets(self) -> int:
        """Different subsets, other than all units."""
        packed = np.unique(np.packbits(self.known, axis=1), axis=0)
        return len(packed) - bool(self.known.all(axis=1).any())


def shared_noise(known: Bools, coefficients: Floats, noise: Floats, *, seen: Bools) -> Floats:
    """Return the variance that errors of the values add to scores that are linear in them.

    A subset that was drawn again brings the same error again, so errors do not average out over it; and where rows
    were not drawn, the spread between draws does not show their errors at all.

    Args:
        known: bool (r, u).
        coefficients: float64 (r, u); the scores are coefficients.T @ values.
        noise: float64 (r, c).
        seen: bool (r,); True where the spread between draws holds the row's own error already.
    Returns:
        float64 (c, u).
    """
    _, first, back = np.unique(np.packbits(known, axis=1), axis=0, return_index=True, return_inverse=True)
    total = np.zeros((len(first), known.shape[1]))
    counted = np.zeros_like(total)
    np.add.at(total, back.reshape(-1), coefficients)
    np.add.at(counted, back.reshape(-1), coefficients**2 * seen[:, None])
    return np.asarray((noise[first] ** 2).T @ np.maximum(total**2 - counted, 0.0))


def choose_known(generator: np.random.Generator, sizes: Any, n_units: int) -> Bools:
    """Return bool (r, u): for each size in int (r,), so many units drawn without replacement, all sets alike."""
    ranks = generator.random((len(sizes), n_units)).argsort(axis=1).argsort(axis=1)
    return np.asarray(ranks < np.asarray(sizes)[:, None])


def bounded(known: Bools) -> Bools:
    """Return bool (2 + 2 r, u): no units, all units, the subsets bool (r, u), and their complements."""
    u = known.shape[1]
    return np.concatenate([np.zeros((1, u), dtype=bool), np.ones((1, u), dtype=bool), known, ~known])
