"""Random scores: the floor for every comparison."""

from __future__ import annotations

from typing import ClassVar, final

import numpy as np

from elision.explainers.base import Attribution, Explainer
from elision.value import ValueFunction


@final
class Random(Explainer):
    """Score each unit by a seeded uniform draw between -1 and 1.

    Args:
        seed: of the draws.
    Cost: one row, for the text.
    """

    name: ClassVar[str] = "random"

    def __init__(self, *, seed: int = 0) -> None:
        super().__init__(removal="delete", behaviour="probability", seed=seed)

    def _attribute(self, v: ValueFunction) -> Attribution:
        text = "\0".join(v.encoding.segments).encode()
        generator = np.random.default_rng([self.seed, int.from_bytes(text, "big")])
        return Attribution(scores=generator.uniform(-1.0, 1.0, size=len(v.units)))
