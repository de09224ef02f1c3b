"""What is known of candidates beforehand: leading components of word embeddings, and where a model's answer changes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from elision.arrays import Floats

COMPONENTS = 64
"""How many leading components a single text can make use of."""

_MOST = 256
"""The most components that are kept at all, for what is learnt from many texts. A choice, as is COMPONENTS."""
_DIRECTIONS = 8
"""The most directions in which a model's answer changes that are looked at. A choice."""
_LEAF, _DEPTH = 4, 14
"""Halving ends with so few candidates, or after so many halvings. Choices."""


def principal_components(embeddings: NDArray[Any]) -> NDArray[np.float32]:
    """Return the leading components float32 (V, d); the spread of each is the root of its own among the embeddings.

    The first has variance 1.

    Args:
        embeddings: (V, e).
    """
    centred = embeddings.astype(np.float64) - embeddings.mean(axis=0)
    variance, axes = np.linalg.eigh(centred.T @ centred / len(centred))
    leading = np.argsort(-variance)[: min(_MOST, int((variance > 1e-12).sum()))]
    spread = np.sqrt(variance[leading])
    components = centred @ axes[:, leading] / spread * np.sqrt(spread / spread[:1].max(initial=1e-12))
    return np.asarray(components, dtype=np.float32)


def neighbour_order(components: NDArray[Any]) -> Floats:
    """Return ranks (V,) in which like candidates stand near each other: halves along the widest axis, again and again.

    Args:
        components: float (V, d).
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


def active_directions(gradients: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the leading directions (e, r) in which a model's answer changes, as long as it changes along them.

    Args:
        gradients: float32 (g, e), of the answer by an embedding, at several places.
    Source: active subspaces (Constantine et al. 2014).
    """
    _, size, directions = np.linalg.svd(gradients, full_matrices=False)
    leading = min(_DIRECTIONS, int((size > 1e-6 * size[:1].max(initial=0.0)).sum()))
    scale = size[:leading] / np.sqrt(max(len(gradients), 1))
    return np.asarray(directions[:leading].T * scale, dtype=np.float32)
