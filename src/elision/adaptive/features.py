"""Candidate features: leading principal components of a likelihood model's word embeddings, and an order of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from elision.models.rows import Floats

_COMPONENTS = 64
_LEAF = 4
_DEPTH = 14


def principal_components(embeddings: NDArray[Any]) -> Floats:
    """Return the leading components (V, d), of variance 1 times the root of their share of the first one's spread.

    Args:
        embeddings: (V, e).
    """
    centred = embeddings.astype(np.float64) - embeddings.mean(axis=0)
    variance, axes = np.linalg.eigh(centred.T @ centred / len(centred))
    leading = np.argsort(-variance)[: min(_COMPONENTS, int((variance > 1e-12).sum()))]
    spread = np.sqrt(variance[leading])
    return np.asarray(centred @ axes[:, leading] / spread * np.sqrt(spread / spread[:1].max(initial=1e-12)))


def neighbour_order(components: Floats) -> Floats:
    """Return ranks (V,) in which like candidates stand near each other: halves along the widest axis, again and again.

    Args:
        components: float64 (V, d).
    """
    ranks = np.empty(len(components))
    done = 0
    stack = [(np.arange(len(components)), 0)]
    while stack:
        index, depth = stack.pop()
        if len(index) <= _LEAF or depth >= _DEPTH:
            ranks[index] = np.arange(done, done + len(index))
            done += len(index)
            continue
        own = components[index]
        axis = int(own.var(axis=0).argmax())
        line = index[np.argsort(own[:, axis], kind="stable")]
        half = len(line) // 2
        stack += [(line[half:], depth + 1), (line[:half], depth + 1)]
    return ranks
