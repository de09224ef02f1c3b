"""Rows: one input of a model each, token ids with their attention and segment ids, or a text.

Removals make rows from an encoding, the engine sends them to the model, and nobody else knows what a row is made of.
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elision.arrays import Bools
from elision.text import Example

_LONG_KEY = 512
"""Bytes beyond which a row is known by a digest. A choice."""
PADDED = -1
"""In place of a token id: the embedding of [PAD] stands there, and all else that a model makes of ids stays as is."""


@dataclass(frozen=True, eq=False)
class TokenRows:
    """r inputs of one length l for a model that reads token ids.

    Attributes:
        ids: int32 (r, l).
        attended: bool (r, l); False where the token is hidden from attention.
        segment_ids: int8 (r, l), as the tokenizer gave them, or None where it gives none.
        scale: float32 (r, l), factor of each token's embedding, or None for 1 everywhere.
    """

    ids: NDArray[np.int32]
    attended: Bools
    segment_ids: NDArray[np.int8] | None = None
    scale: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def length(self) -> int:
        """Tokens in each row."""
        return int(self.ids.shape[1])

    def take(self, index: Any) -> TokenRows:
        """Return the rows of an index, slice or mask."""
        return TokenRows(
            self.ids[index],
            self.attended[index],
            None if self.segment_ids is None else self.segment_ids[index],
            None if self.scale is None else self.scale[index],
        )

    def keys(self) -> list[Hashable]:
        """Return one hashable key a row; rows are equal where their keys are."""
        if not len(self):
            return []
        parts = [self.ids, self.attended, self.segment_ids, self.scale]
        kind = f"{self.length}:{self.segment_ids is not None:d}:{self.scale is not None:d}:".encode()
        arrays = [
            np.ascontiguousarray(part).view(np.uint8).reshape(len(self), -1) for part in parts if part is not None
        ]
        joined = np.ascontiguousarray(np.concatenate(arrays, axis=1))
        width = joined.shape[1]
        data = joined.tobytes()
        return [_digest(kind + data[i * width : (i + 1) * width]) for i in range(len(self))]


@dataclass(frozen=True, eq=False)
class TextRows:
    """r inputs for a model that reads texts.

    Attributes:
        examples: r texts, or r pairs of texts.
    """

    examples: tuple[Example, ...]

    def __len__(self) -> int:
        return len(self.examples)

    @property
    def length(self) -> int:
        """Always 1: texts are not padded."""
        return 1

    def take(self, index: Any) -> TextRows:
        """Return the rows of an index, slice or mask."""
        chosen = np.arange(len(self))[index]
        return TextRows(tuple(self.examples[i] for i in chosen))

    def keys(self) -> list[Hashable]:
        """Return one hashable key a row."""
        return [_digest(repr(example).encode()) for example in self.examples]


def _digest(key: bytes) -> bytes:
    """Return a long key's digest, so that remembering many long texts stays cheap."""
    return key if len(key) <= _LONG_KEY else hashlib.blake2b(key, digest_size=24).digest()


Rows = TokenRows | TextRows
