"""Several removals at once: what the model says on average, whichever way units are left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, final

import numpy as np

from elision.arrays import Bools, Ints
from elision.errors import OptionError
from elision.models.encoding import Encoding
from elision.models.model import Model
from elision.removal.removal import BoundRemoval, Draws, Removal


@final
class Mixture(Removal):
    """Leave units out in several ways, and average what the model says.

    An explanation that holds under each of them is no trait of one. By name: "drop+mask+delete".

    Args:
        parts: removals, each once; they weigh alike.
    Raises:
        OptionError: there are none, or two are the same.
    """

    name: ClassVar[str] = "mixture"
    summary: ClassVar[str] = "several removals, averaged, with + between their names"

    def __init__(self, parts: Sequence[Removal]) -> None:
        self.parts = tuple(parts)
        names = [part.name for part in self.parts]
        if not names or len(set(names)) < len(names):
            raise OptionError(f"a mixture must be of different removals, got {'+'.join(names) or 'none'}")
        self.averages = any(part.averages for part in self.parts)  # type: ignore[misc]

    @property
    def expected_rows(self) -> int:
        """About how many rows stand for one subset: the parts' together."""
        return sum(part.expected_rows for part in self.parts)

    def bind(self, model: Model, encoding: Encoding, *, seed: int) -> BoundRemoval:
        """Return the removals for an example.

        Raises:
            UnsupportedError: the model lacks what one of them needs.
        """
        return _Bound([part.bind(model, encoding, seed=seed) for part in self.parts])

    def describe(self) -> dict[str, Any]:
        """Return the names with + between, and each part."""
        parts = [part.describe() for part in self.parts]
        return {"name": "+".join(part.name for part in self.parts), "parts": parts}


class _Bound(BoundRemoval):
    def __init__(self, parts: Sequence[BoundRemoval]) -> None:
        self._parts = parts

    def draws(self, known: Bools) -> Draws:
        """Return the parts' rows, each part's weights summing to its share."""
        found = [part.draws(known) for part in self._parts]
        share = 1.0 / len(found)
        blocks = [(rows, owner, weight * share) for own in found for rows, owner, weight in own.blocks]
        strata = [np.full(len(owner), i) for i, own in enumerate(found) for _, owner, _ in own.blocks]
        return Draws(
            blocks,
            np.asarray(np.mean([own.left_out for own in found], axis=0)),
            np.asarray(np.any([own.sampled for own in found], axis=0)),
            strata=strata,
        )

    def most_rows(self, known: Bools) -> Ints:
        """Return the most rows of each subset: the parts' together."""
        return np.asarray(np.sum([part.most_rows(known) for part in self._parts], axis=0))

    @property
    def likelihood_evaluations(self) -> int:
        """Rows that went through the parts' likelihood models so far."""
        return sum(part.likelihood_evaluations for part in self._parts)
