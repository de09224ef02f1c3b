"""Pairs of texts whose answer hangs on two planted words."""

from __future__ import annotations

import numpy as np

import elision

FILLERS = "lamp river cloud stone paper window bread chair green seven under quick".split()


def lock_model(first: str, second: str, decoys: tuple[str, ...] = ()) -> elision.BlackBox:
    """A function of pairs that says yes only where both words stand in their texts; decoys move it a little."""

    def answer(pairs: list[tuple[str, str]]) -> np.ndarray:
        z = np.array(
            [
                (4.0 if first in one.split() and second in two.split() else -2.0)
                + sum(0.4 for word in decoys if word in one.split() + two.split())
                for one, two in pairs
            ]
        )
        p = 1.0 / (1.0 + np.exp(-z))
        return np.stack([1.0 - p, p], axis=1)

    return elision.BlackBox(answer, ["no", "yes"], name="lock")


def planted(seed: int) -> tuple[tuple[str, str], tuple[str, str], tuple[str, ...]]:
    """Return a pair of texts of 5 to 9 words, its key words, and its decoys."""
    rng = np.random.default_rng(seed)
    texts = [list(rng.permutation(FILLERS)[: rng.integers(5, 10)]) for _ in range(2)]
    places = [int(rng.integers(len(text))) for text in texts]
    texts[0][places[0]], texts[1][places[1]] = "guitar", "banjo"
    decoys = tuple(rng.choice([w for text in texts for w in text if w in FILLERS], 3, replace=False))
    return (" ".join(texts[0]), " ".join(texts[1])), ("guitar", "banjo"), decoys
