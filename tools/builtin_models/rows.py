"""Token rows of unequal length kept flat, and batches of rows of about equal length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from .data import Example
from .settings import PAD

_POOL = 64
_CHUNK = 20_000


@dataclass(frozen=True)
class Rows:
    """Token numbers and segment numbers of many rows, end to end, row ``i`` at ``starts[i]:starts[i + 1]``."""

    ids: NDArray[np.int32]
    types: NDArray[np.int8]
    starts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Number of tokens of every row."""
        return np.diff(self.starts)

    @classmethod
    def pack(cls, ids: Sequence[Sequence[int]], types: Sequence[Sequence[int]]) -> Rows:
        """Rows from lists."""
        starts = np.zeros(len(ids) + 1, np.int64)
        np.cumsum([len(row) for row in ids], out=starts[1:])
        flat = np.fromiter((number for row in ids for number in row), np.int32, int(starts[-1]))
        kinds = np.fromiter((number for row in types for number in row), np.int8, int(starts[-1]))
        return cls(flat, kinds, starts)

    def batch(self, chosen: NDArray[np.int64]) -> dict[str, torch.Tensor]:
        """The chosen rows padded to a multiple of four, which matrix kernels like better than odd widths."""
        lengths = self.lengths[chosen]
        width = int(-(-lengths.max() // 4) * 4)
        columns = np.arange(width)
        inside = columns[None, :] < lengths[:, None]
        source = (self.starts[chosen][:, None] + columns[None, :])[inside]
        ids = np.full(inside.shape, PAD, np.int64)
        types = np.zeros(inside.shape, np.int64)
        ids[inside] = self.ids[source]
        types[inside] = self.types[source]
        return {
            "input_ids": torch.from_numpy(ids),
            "attention_mask": torch.from_numpy(inside.astype(np.int64)),
            "token_type_ids": torch.from_numpy(types),
        }


def encode(tokenizer: Tokenizer, examples: Sequence[Example], max_length: int) -> Rows:
    """Examples as rows with special tokens, over-long ones truncated."""
    tokenizer.enable_truncation(max_length)
    ids, types = [], []
    for start in range(0, len(examples), _CHUNK):
        part = examples[start : start + _CHUNK]
        inputs = [row.first if row.second is None else (row.first, row.second) for row in part]
        for encoding in tokenizer.encode_batch(inputs):
            ids.append(encoding.ids)
            types.append(encoding.type_ids)
    tokenizer.no_truncation()
    return Rows.pack(ids, types)


def _split(order: NDArray[np.int64], lengths: NDArray[np.int64], tokens: int) -> Iterator[NDArray[np.int64]]:
    """Cut rows in ascending order of length into batches of about ``tokens`` padded tokens."""
    start = 0
    while start < len(order):
        count = max(1, tokens // int(lengths[order[start]]))
        # The last row decides the width, so the count is taken again from it.
        last = min(start + count, len(order)) - 1
        count = max(1, tokens // int(lengths[order[last]]))
        yield order[start : start + count]
        start += count


def ordered_batches(rows: Rows, tokens: int) -> Iterator[NDArray[np.int64]]:
    """All rows once, shortest first: for labelling and measuring."""
    yield from _split(np.argsort(rows.lengths, kind="stable"), rows.lengths, tokens)


def shuffled_batches(rows: Rows, tokens: int, generator: np.random.Generator) -> list[NDArray[np.int64]]:
    """All rows once in random order, rows of about equal length together."""
    lengths = rows.lengths
    order = generator.permutation(len(rows))
    pool = max(1, int(_POOL * tokens / lengths.mean()))
    batches: list[NDArray[np.int64]] = []
    for start in range(0, len(order), pool):
        part = order[start : start + pool]
        batches.extend(_split(part[np.argsort(lengths[part], kind="stable")], lengths, tokens))
    return [batches[index] for index in generator.permutation(len(batches))]
