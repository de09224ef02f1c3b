"""What stands where a unit is absent."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from elision.arrays import Bools, Floats, Ints
from elision.constructed import Constructed
from elision.models.encoding import Encoding
from elision.models.model import Model
from elision.models.rows import Rows


@dataclass(frozen=True, eq=False)
class Draws:
    """Inputs that stand for subsets of known units.

    Attributes:
        blocks: rows with the index of the subset that each row belongs to, int (r,), and its weight, float64 (r,);
            a subset's weights sum to 1.
        left_out: float64 (s,), likelihood of the fillings that were truncated away; 0 where nothing was.
        sampled: bool (s,); True where rows are random draws, so that their mean has a standard error.
        strata: for each block int (r,): rows of different numbers are no draws of one thing, so that they differ by
            more than chance; None where all are.
    """

    blocks: Sequence[tuple[Rows, Ints, Floats]]
    left_out: Floats
    sampled: Bools
    strata: Sequence[Ints] | None = None


class BoundRemoval(ABC):
    """A removal made ready for one model and one example."""

    @abstractmethod
    def draws(self, known: Bools) -> Draws:
        """Return the inputs of subsets.

        Args:
            known: bool (s, u); at least one unit is absent in each row.
        """

    def most_rows(self, known: Bools) -> Ints:
        """Return int (s,), the most rows that `draws` gives for each of the subsets known bool (s, u)."""
        return np.ones(len(known), dtype=np.int64)

    @property
    def likelihood_evaluations(self) -> int:
        """Rows that went through a likelihood model so far."""
        return 0


class Removal(Constructed, ABC):
    """An operator for absent units.

    Attributes:
        name: as users write it.
        summary: what an absent unit's tokens are.
        needs: what it must have of a model.
        cost: rows that stand for one subset of units.
        averages: whether several rows stand for a subset, drawn or summed, whose mean is what counts.
        silences: whether an absent unit's embeddings are multiplied by 0, of which gradients can be taken.
    """

    name: ClassVar[str]
    summary: ClassVar[str] = ""
    needs: ClassVar[str] = "any model"
    cost: ClassVar[str] = "1 row"
    averages: ClassVar[bool] = False
    silences: ClassVar[bool] = False

    @property
    def expected_rows(self) -> int:
        """About how many rows stand for one subset."""
        return 1

    @abstractmethod
    def bind(self, model: Model, encoding: Encoding, *, seed: int) -> BoundRemoval:
        """Return the removal made ready for an example.

        Raises:
            UnsupportedError: the model lacks what the removal needs.
        """

    def describe(self) -> dict[str, Any]:
        """Return name and settings, for provenance."""
        return {"name": self.name}
