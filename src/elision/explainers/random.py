"""Random scores: the floor for every comparison."""

from __future__ import annotations

import hashlib
from typing import ClassVar, final

import numpy as np

from elision.explainers.explainer import Attribution
from elision.explainers.white_box_explainer import WhiteBoxExplainer
from elision.game.prediction import Prediction
from elision.results.meaning import Meaning


@final
class Random(WhiteBoxExplainer):
    """Score each unit by a seeded uniform draw between -1 and 1.

    Args:
        seed: of the draws.
    Cost: one row, for the text.
    """

    name: ClassVar[str] = "random"
    default_behaviour: ClassVar[str] = "probability"
    summary: ClassVar[str] = "a baseline: random numbers"
    cost: ClassVar[str] = "no row"

    def __init__(self, *, seed: int = 0) -> None:
        super().__init__(seed=seed)

    def look(self, v: Prediction) -> Attribution:
        """Return the scores of an example's units."""
        digest = hashlib.blake2b("\0".join(v.encoding.segments).encode(), digest_size=16).digest()
        generator = np.random.default_rng([self.seed, int.from_bytes(digest, "big")])
        scores = generator.uniform(-1.0, 1.0, size=len(v.units))
        return Attribution(scores=scores, meaning=Meaning("random score", range=(-1.0, 1.0)))
