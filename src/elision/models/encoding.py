"""Encodings: an example as one model reads it, and the rows that can be made of it."""

from __future__ import annotations

import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from elision.arrays import Bools, Ints
from elision.errors import UnsupportedError
from elision.models.rows import PADDED, Rows, TextRows, TokenRows
from elision.text import Example, Unit


class Vocabulary(ABC):
    """A model's list of tokens, read-only.

    Attributes:
        mask_id, unk_id, pad_id: the special tokens' ids, None where there is none.
        special_ids: ids that are never words.
    """

    mask_id: int | None
    unk_id: int | None
    pad_id: int | None
    special_ids: tuple[int, ...]

    @abstractmethod
    def __len__(self) -> int:
        """Return the number of ids."""

    @abstractmethod
    def token(self, i: int) -> str:
        """Return the token of an id as the tokenizer writes it; empty where the tokenizer knows none."""

    @abstractmethod
    def fingerprint(self) -> str:
        """Return a digest that two vocabularies share only if ids mean the same tokens in both."""

    @abstractmethod
    def pieces(self, word: str, before: str) -> list[int]:
        """Return the token ids of one word.

        Args:
            word: a word or punctuation mark.
            before: the character before it: empty at a text's start, a space, or another, to which it is joined.
        """

    @abstractmethod
    def word(self, ids: Sequence[int]) -> str:
        """Return the characters that token ids stand for."""

    @abstractmethod
    def starts_word(self) -> Bools:
        """Return bool (V,): True for tokens that can start a word."""


_CLOSING = ".,;:!?…،؛؟。、，！？；："


@dataclass(frozen=True, eq=False)
class Encoding(ABC):
    """An example as one model reads it.

    Attributes:
        segments: the example's texts, one or two.
        units: what can be left out, in reading order, segment 0 first.
        notes: what a reader should know, such as a text cut at the model's length limit.
    """

    segments: tuple[str, ...]
    units: tuple[Unit, ...]
    notes: tuple[str, ...] = field(default=(), kw_only=True)

    @property
    def example(self) -> Example:
        """The text, or the pair of texts."""
        return self.segments[0] if len(self.segments) == 1 else (self.segments[0], self.segments[1])

    @property
    def untouched(self) -> Rows:
        """The one row with nothing left out."""
        return self.delete(np.ones((1, len(self.units)), dtype=bool))[0][0]

    def special(self, kind: str) -> Callable[[Bools], Rows] | None:
        """Return what makes rows (s) with a special token, "mask", "unk" or "pad", in the place of each absent unit.

        Returns:
            known bool (s, u) -> rows; None where the model has no such token.
        """
        return None

    @abstractmethod
    def delete(self, known: Bools) -> list[tuple[Rows, Ints]]:
        """Return rows without the absent units.

        Args:
            known: bool (s, u); True where the unit is kept.
        Returns:
            Blocks of rows, each with the indices of its subsets (rows of `known`).
        """

    @abstractmethod
    def insert(self, absent: Sequence[int], words: Sequence[Sequence[str | None]]) -> list[tuple[Rows, Ints]]:
        """Return rows in which words stand where units stood.

        Args:
            absent: a units' indices.
            words: r times a words, one for each absent unit; None leaves the unit as it is.
        Returns:
            Blocks of rows, each with the indices of its entries in `words`.
        """


@dataclass(frozen=True, eq=False)
class TokenEncoding(Encoding):
    """An example as token ids.

    Attributes:
        ids: int32 (l,), the tokenizer's own, special tokens and all.
        unit_of_token: int (l,); each token's unit, -1 for special and other fixed tokens.
        segment_ids: int8 (l,) token type ids, or None.
        vocabulary: the model's vocabulary, to write words in.
    """

    ids: NDArray[np.int32] = field(kw_only=True)
    unit_of_token: Ints = field(kw_only=True)
    segment_ids: NDArray[np.int8] | None = field(kw_only=True)
    vocabulary: Vocabulary = field(kw_only=True)

    def special(self, kind: str) -> Callable[[Bools], Rows] | None:
        """Return what makes rows with a special token on every token of an absent unit."""
        token_id = getattr(self.vocabulary, f"{kind}_id")
        if token_id is None:
            return None
        return partial(self.replace, token_id=PADDED if kind == "pad" else token_id)

    def absent_tokens(self, known: Bools) -> Bools:
        """Return bool (s, l): True on the tokens of units that are not known."""
        padded = np.concatenate([known, np.ones((len(known), 1), dtype=bool)], axis=1)
        return ~padded[:, self.unit_of_token]

    def rows(self, ids: NDArray[np.int32]) -> TokenRows:
        """Return rows with other ids (r, l) on the example's own positions."""
        shape = ids.shape
        segments = None if self.segment_ids is None else np.broadcast_to(self.segment_ids, shape)
        return TokenRows(ids, np.ones(shape, dtype=bool), segments)

    def replace(self, known: Bools, token_id: int) -> TokenRows:
        """Return rows with one token id on every token of an absent unit."""
        return self.rows(np.where(self.absent_tokens(known), np.int32(token_id), self.ids))

    def hide(self, known: Bools) -> TokenRows:
        """Return rows in which the tokens of absent units are not attended."""
        absent = self.absent_tokens(known)
        rows = self.rows(np.broadcast_to(self.ids, absent.shape))
        return replace(rows, attended=~absent)

    def silence(self, known: Bools) -> TokenRows:
        """Return rows in which the embeddings of absent units are multiplied by zero."""
        absent = self.absent_tokens(known)
        rows = self.rows(np.broadcast_to(self.ids, absent.shape))
        return replace(rows, scale=(~absent).astype(np.float32))

    def delete(self, known: Bools) -> list[tuple[Rows, Ints]]:
        """Return rows without the tokens of absent units, by length."""
        kept = ~self.absent_tokens(known)
        if not kept.any(axis=1).all():
            kept[~kept.any(axis=1), 0] = True
        lengths = kept.sum(axis=1)
        blocks: list[tuple[Rows, Ints]] = []
        for length in np.unique(lengths):
            index = np.flatnonzero(lengths == length)
            columns = np.nonzero(kept[index])[1].reshape(len(index), length)
            segments = None if self.segment_ids is None else self.segment_ids[columns]
            blocks.append((TokenRows(self.ids[columns], np.ones(columns.shape, dtype=bool), segments), index))
        return blocks

    def insert(self, absent: Sequence[int], words: Sequence[Sequence[str | None]]) -> list[tuple[Rows, Ints]]:
        """Return rows with words in the place of units, cut by the model's own tokenizer."""
        by_shape: dict[tuple[int, ...], tuple[list[int], list[list[int]]]] = {}
        for i, row in enumerate(words):
            pieces = [self._pieces(unit, word) for word, unit in zip(row, absent, strict=True)]
            indices, contents = by_shape.setdefault(tuple(map(len, pieces)), ([], []))
            indices.append(i)
            contents.append([piece for unit in pieces for piece in unit])
        return [
            (self._splice(absent, shape, np.array(contents, dtype=np.int32)), np.array(indices))
            for shape, (indices, contents) in by_shape.items()
        ]

    def _pieces(self, unit: int, word: str | None) -> list[int]:
        if word is None:
            return [int(i) for i in self.ids[self.unit_of_token == unit]]
        place = self.units[unit]
        before = self.segments[place.segment][max(place.start - 1, 0) : place.start]
        return self.vocabulary.pieces(word, " " if before.isspace() else before)

    def _splice(self, absent: Sequence[int], shape: tuple[int, ...], contents: NDArray[np.int32]) -> TokenRows:
        """Return rows in which unit absent[i] has shape[i] new tokens, from the columns of contents."""
        source: list[int] = []
        segment_source: list[int] = []
        offset = len(self.ids)
        starts = dict(zip(absent, offset + np.cumsum([0, *shape[:-1]]), strict=True))
        sizes = dict(zip(absent, shape, strict=True))
        done: set[int] = set()
        for position, unit in enumerate(self.unit_of_token.tolist()):
            if unit not in sizes:
                source.append(position)
                segment_source.append(position)
            elif unit not in done:
                done.add(unit)
                source.extend(range(starts[unit], starts[unit] + sizes[unit]))
                segment_source.extend([position] * sizes[unit])
        own = np.broadcast_to(self.ids, (len(contents), offset))
        ids = np.concatenate([own, contents], axis=1)[:, source]
        segments = None
        if self.segment_ids is not None:
            segments = np.broadcast_to(self.segment_ids[segment_source], ids.shape)
        return TokenRows(ids, np.ones(ids.shape, dtype=bool), segments)


@dataclass(frozen=True, eq=False)
class TextEncoding(Encoding):
    """An example for a model that reads texts.

    Attributes:
        specials: what is written for a word that is hidden, by kind: "mask", "unk".
    """

    specials: Mapping[str, str] = field(default_factory=dict, kw_only=True)

    def special(self, kind: str) -> Callable[[Bools], Rows] | None:
        """Return what makes texts with the word for a hidden one in the place of each absent unit."""
        return partial(self.replace, word=self.specials[kind]) if kind in self.specials else None

    def delete(self, known: Bools) -> list[tuple[Rows, Ints]]:
        """Return texts without the absent units; the white space before a unit goes with it."""
        return self._write([{int(unit): "" for unit in np.flatnonzero(~row)} for row in known])

    def replace(self, known: Bools, word: str) -> Rows:
        """Return texts with one word in the place of every absent unit."""
        return self._write([{int(unit): word for unit in np.flatnonzero(~row)} for row in known])[0][0]

    def insert(self, absent: Sequence[int], words: Sequence[Sequence[str | None]]) -> list[tuple[Rows, Ints]]:
        """Return texts with words in the place of units."""
        return self._write(
            [
                {unit: self.units[unit].text if word is None else word for unit, word in zip(absent, row, strict=True)}
                for row in words
            ]
        )

    def _write(self, changes: Sequence[Mapping[int, str]]) -> list[tuple[Rows, Ints]]:
        """Return texts in which units are replaced by words, or left out where the word is empty."""
        examples: list[Example] = []
        for change in changes:
            texts = [self._write_segment(s, change) for s in range(len(self.segments))]
            examples.append(texts[0] if len(texts) == 1 else (texts[0], texts[1]))
        return [(TextRows(tuple(examples)), np.arange(len(examples)))]

    def _write_segment(self, segment: int, change: Mapping[int, str]) -> str:
        text, written, cursor, gap = self.segments[segment], "", 0, False
        for unit in [*sorted(change), None]:
            place = None if unit is None else self.units[unit]
            if place is not None and place.segment != segment:
                continue
            between = text[cursor : len(text) if place is None else place.start]
            written = _join(written, between) if gap else written + between
            if place is not None and unit is not None:
                written += change[unit]
                cursor, gap = place.end, not change[unit]
        return written.rstrip() if gap and cursor == len(text) else written


def _join(before: str, after: str) -> str:
    """Return the texts around a unit that is left out; of the white space on its two sides one side stays."""
    if not before.strip():
        return after.lstrip()
    closing = after[:1] and (unicodedata.category(after[0]) in ("Pe", "Pf") or after[0] in _CLOSING)
    return (before.rstrip() if after[:1].isspace() or closing else before) + after


def tokens_of(encoding: Encoding, need: str) -> TokenEncoding:
    """Return the encoding if it has tokens.

    Args:
        encoding: any.
        need: what asks for tokens, for the message.
    Raises:
        UnsupportedError: the model reads texts.
    """
    if not isinstance(encoding, TokenEncoding):
        raise UnsupportedError(
            f"{need} needs a model with tokens; for a function of texts use 'delete', 'mask' or 'unk'"
        )
    return encoding
