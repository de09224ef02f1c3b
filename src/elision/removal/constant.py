"""Removals that put the same thing, or nothing, in a unit's place."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, final

import numpy as np

from elision.arrays import Bools, Ints
from elision.errors import UnsupportedError
from elision.models.encoding import Encoding, TokenEncoding, tokens_of
from elision.models.model import Model
from elision.models.rows import Rows
from elision.removal.removal import BoundRemoval, Draws, Removal


@final
class Fixed(BoundRemoval):
    """A removal that makes one row of each subset.

    Args:
        rows: known (s, u) -> blocks of rows with the index of each row's subset.
    """

    def __init__(self, rows: Callable[[Bools], list[tuple[Rows, Ints]]]) -> None:
        self._rows = rows

    def draws(self, known: Bools) -> Draws:
        """Return one row a subset, of weight 1."""
        blocks = [(rows, index, np.ones(len(index))) for rows, index in self._rows(known)]
        return Draws(blocks, np.zeros(len(known)), np.zeros(len(known), dtype=bool))


def _whole(rows: Callable[[Bools], Rows]) -> Fixed:
    return Fixed(lambda known: [(rows(known), np.arange(len(known)))])


class SpecialToken(Removal):
    """Replace each token of an absent unit by one special token; abstract."""

    def bind(self, model: Model, encoding: Encoding, *, seed: int) -> BoundRemoval:
        """Return the removal for an example.

        Raises:
            UnsupportedError: the model has no such token.
        """
        make = encoding.special(self.name)
        if make is None:
            tokens_of(encoding, f"the removal '{self.name}'")
            raise UnsupportedError(
                f"the model {model.name} has no {self.name} token; use 'delete', which every model has"
            )
        return _whole(make)


@final
class Pad(SpecialToken):
    """Replace each token by [PAD], still attended: zero erasure. Source: Li et al. 2016; Kim et al. 2020, Section 4."""

    name: ClassVar[str] = "pad"
    summary: ClassVar[str] = "replaced by [PAD], still attended: the papers' zero erasure"
    needs: ClassVar[str] = "tokens"


@final
class Unk(SpecialToken):
    """Replace each token by [UNK]; a function of texts gets its `unk` word."""

    name: ClassVar[str] = "unk"
    summary: ClassVar[str] = "replaced by [UNK]; a function of texts gets its `unk` word"


@final
class Mask(SpecialToken):
    """Replace each token by [MASK]; a function of texts gets its `mask` word."""

    name: ClassVar[str] = "mask"
    summary: ClassVar[str] = "replaced by [MASK]; a function of texts gets its `mask` word"


@final
class Zero(Removal):
    """Multiply the embedding of each token by zero. Source: Chen et al. 2021, Eq. 1."""

    name: ClassVar[str] = "zero"
    summary: ClassVar[str] = "there, with their embeddings multiplied by 0"
    needs: ClassVar[str] = "embeddings"
    silences: ClassVar[bool] = True

    def bind(self, model: Model, encoding: Encoding, *, seed: int) -> BoundRemoval:
        """Return the removal for an example.

        Raises:
            UnsupportedError: the model takes no embeddings, or reads texts.
        """
        tokens = tokens_of(encoding, "the removal 'zero'")
        if not model.gives_gradients:
            raise UnsupportedError(
                f"the removal 'zero' needs a model that takes embeddings, which {model.name} does not; "
                "use 'pad', 'mask' or 'delete'"
            )
        return _whole(tokens.silence)


@final
class Drop(Removal):
    """Hide each token from attention; positions stay."""

    name: ClassVar[str] = "drop"
    summary: ClassVar[str] = "hidden from attention; positions stay"
    needs: ClassVar[str] = "tokens, and a model that reads none that are hidden: found out by trial"

    def bind(self, model: Model, encoding: Encoding, *, seed: int) -> BoundRemoval:
        """Return the removal for an example.

        Raises:
            UnsupportedError: the model reads texts, or reads hidden tokens all the same.
        """
        tokens: TokenEncoding = tokens_of(encoding, "the removal 'drop'")
        if not model.hides(encoding):
            raise UnsupportedError(
                f"{model.name} reads tokens that are hidden from attention all the same, so that 'drop' would leave "
                "them in; use 'delete', which every model has"
            )
        return _whole(tokens.hide)


@final
class Delete(Removal):
    """Make the text shorter."""

    name: ClassVar[str] = "delete"
    summary: ClassVar[str] = (
        "gone; the text is shorter; where all would be gone and no special token stays, the first token does"
    )

    def bind(self, model: Model, encoding: Encoding, *, seed: int) -> BoundRemoval:
        """Return the removal for an example."""
        return Fixed(encoding.delete)
