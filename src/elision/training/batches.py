"""Token rows of unequal length, and batches of rows of about equal length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from elision.text import Example

Ints = NDArray[np.int64]
_POOL = 50
"""Batches whose rows are sorted by length together: they are padded little and still drawn at random. A choice."""
_WIDTH_STEP = 4
"""Lengths are rounded up to multiples, as in `models.papers.layers`."""
_CHUNK = 20_000


@dataclass(frozen=True, eq=False)
class EncodedRows:
    """Token ids and types of n rows, end to end: row i is `starts[i]:starts[i + 1]`.

    Attributes:
        ids: int32 (t,).
        types: int8 (t,).
        starts: int64 (n + 1,).
        labels: int64 (n,), or None.
        pad_id: the id on padding.
    """

    ids: NDArray[np.int32]
    types: NDArray[np.int8]
    starts: Ints
    labels: Ints | None
    pad_id: int

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> Ints:
        """int64 (n,), the rows' numbers of tokens."""
        return np.diff(self.starts)

    def batch(self, chosen: Ints, device: Any = "cpu") -> dict[str, torch.Tensor]:
        """Return the chosen rows as a model takes them, as wide as the longest rounded up to a multiple of four."""
        lengths = self.lengths[chosen]
        columns = np.arange(-(-int(lengths.max()) // _WIDTH_STEP) * _WIDTH_STEP)
        inside = columns[None] < lengths[:, None]
        source = (self.starts[chosen][:, None] + columns[None])[inside]
        ids = np.full(inside.shape, self.pad_id, dtype=np.int64)
        types = np.zeros(inside.shape, dtype=np.int64)
        ids[inside], types[inside] = self.ids[source], self.types[source]
        arrays = {"input_ids": ids, "token_type_ids": types, "attention_mask": inside.astype(np.int64)}
        if self.labels is not None:
            arrays["labels"] = self.labels[chosen]
        return {name: torch.from_numpy(array).to(device) for name, array in arrays.items()}

    def shuffled(self, size: int, draws: np.random.Generator) -> list[Ints]:
        """Return every row once, in random batches of at most `size` rows that are alike in length."""
        order, lengths = draws.permutation(len(self)), self.lengths
        found: list[Ints] = []
        for start in range(0, len(order), _POOL * size):
            part = order[start : start + _POOL * size]
            part = part[np.argsort(lengths[part], kind="stable")]
            found += [part[i : i + size] for i in range(0, len(part), size)]
        return [found[i] for i in draws.permutation(len(found))]

    def ordered(self, size: int) -> list[Ints]:
        """Return every row once, the shortest first."""
        order = np.argsort(self.lengths, kind="stable")
        return [order[i : i + size] for i in range(0, len(order), size)]


def encode_rows(tokenizer: Any, examples: Sequence[Example], labels: Ints | None, *, max_length: int) -> EncodedRows:
    """Return examples as token rows, over-long ones cut.

    Args:
        tokenizer: of the transformers library; it is not changed.
        examples: texts or pairs, not mixed.
        labels: int64 (n,), or None.
        max_length: the most tokens in a row.
    """
    ids: list[list[int]] = []
    types: list[list[int]] = []
    for start in range(0, len(examples), _CHUNK):
        part = examples[start : start + _CHUNK]
        texts = [[e[side] for e in part] for side in (0, 1)] if isinstance(part[0], tuple) else [list(part)]
        encoded = tokenizer(*texts, truncation=True, max_length=max_length, return_token_type_ids=True, verbose=False)
        ids += encoded["input_ids"]
        types += encoded["token_type_ids"]
    starts = np.zeros(len(ids) + 1, dtype=np.int64)
    np.cumsum([len(row) for row in ids], out=starts[1:])
    return EncodedRows(
        np.concatenate([np.array(row, dtype=np.int32) for row in ids]),
        np.concatenate([np.array(row, dtype=np.int8) for row in types]),
        starts,
        labels,
        int(tokenizer.pad_token_id),
    )
