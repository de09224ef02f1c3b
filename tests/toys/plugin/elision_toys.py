"""A package of somebody else's: an explainer, a removal, a metric, a model and a view, by entry points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

import elision
from elision.metrics import Measurement


class FirstWord(elision.GameExplainer):
    """Score the first unit by what the answer loses without it, and no other.

    Args:
        weight: what the score is multiplied by.
        removal: what stands where the unit is absent.
        seed: recorded; nothing is drawn.
    Source: the neighbours 2024. Deviations: none.
    """

    name: ClassVar[str] = "first-word"
    summary: ClassVar[str] = "the first word's effect"
    cost: ClassVar[str] = "1 row"

    def __init__(self, *, weight: float = 1.0, removal: str | elision.Removal = "delete", seed: int = 0) -> None:
        self.weight = weight
        super().__init__(removal=removal, behaviour="probability", seed=seed)

    def ask(self, v: elision.ValueFunction) -> Any:
        """Ask about the text without its first unit."""
        known = np.ones((1, len(v.units)), dtype=bool)
        known[0, 0] = False
        found = elision.explainers.game_explainer.differences(v, (yield known))
        scores = np.zeros(len(v.units))
        scores[0] = self.weight * found["scores"][0]
        return elision.Attribution(scores=scores)


class BoundHash(elision.BoundRemoval):
    """Hashes made ready for an example."""

    def __init__(self, encoding: Any, word: str) -> None:
        self._encoding, self._word = encoding, word

    def draws(self, known: Any) -> elision.Draws:
        """Return a row a subset."""
        n = len(known)
        rows = self._encoding.replace(known, self._word)
        return elision.Draws([(rows, np.arange(n), np.ones(n))], np.zeros(n), np.zeros(n, dtype=bool))


class Hash(elision.Removal):
    """Put a word of hashes in an absent unit's place.

    Args:
        word: what stands there.
    """

    name: ClassVar[str] = "hash"
    summary: ClassVar[str] = "a word of hashes"
    needs: ClassVar[str] = "a function of texts"

    def __init__(self, word: str = "###") -> None:
        self.word = word

    def bind(self, model: Any, encoding: Any, *, seed: int) -> BoundHash:
        """Return the removal for an example."""
        return BoundHash(encoding, self.word)


def length(
    model: Any, explanations: Sequence[elision.Explanation], *, times: int = 1, engine: Any = None, seed: int = 0
) -> Measurement:
    """How many units there are.

    Args:
        model: is not asked.
        explanations: of n examples.
        times: what the number is multiplied by.
        engine: is not asked.
        seed: nothing is drawn.
    Returns:
        One number an example; higher is better.
    Cost: no row.
    """
    return Measurement(name="length", values=np.array([float(times * len(e.units)) for e in explanations]))


def spotter(word: str, *, labels: Sequence[str] = ("absent", "there")) -> elision.Model:
    """Return a model that says whether a word is in a text."""
    return elision.BlackBox(lambda texts: [[0.1, 0.9] if word in text else [0.8, 0.2] for text in texts], labels)


def bare(explanation: elision.Explanation) -> str:
    """Return words and scores, with a space between."""
    scored = zip(explanation.units, explanation.scores, strict=True)
    return " ".join(f"{unit.text}:{score:.1f}" for unit, score in scored)
