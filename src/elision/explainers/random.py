"""Random scores: the floor for every comparison."""

from __future__ import annotations

import hashlib
from typing import ClassVar, final

import numpy as np

from elision.explainers.explainer import Attribution, Explainer
from elision.game.value import ValueFunction


@final
class Random(Explainer):
    """Score each unit by a seeded uniform draw between -1 and 1.

    Args:
        seed: of the draws.
    Cost: one row, for the text.
    """

    name: ClassVar[str] = "random"
    summary: ClassVar[str] = "a baseline: random numbers"
    cost: ClassVar[str] = "no row"
    leaves_out: ClassVar[bool] = False

    def __init__(self, *, seed: int = 0) -> None:
        super().__init__(removal="delete", behaviour="probability", seed=seed)

    def _attribute(self, v: ValueFunction) -> Attribution:
        digest = hashlib.blake2b("\0".join(v.encoding.segments).encode(), digest_size=16).digest()
        generator = np.random.default_rng([self.seed, int.from_bytes(digest, "big")])
        return Attribution(scores=generator.uniform(-1.0, 1.0, size=len(v.units)))
