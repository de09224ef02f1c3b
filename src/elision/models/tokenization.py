"""Hugging Face tokenizers, fast and slow: tokens with their characters, and vocabularies."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, final

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from elision.arrays import Bools, Ints
from elision.errors import ExampleError
from elision.models.encoding import Vocabulary
from elision.text import Span, Unit

_NO_LIMIT = 1_000_000
_MARKERS = re.compile(r"^##|</w>$|▁|Ġ|Ċ")


@dataclass(frozen=True, eq=False)
class Tokens:
    """An example's tokens before units are known.

    Attributes:
        ids: int32 (l,).
        segment_ids: int8 (l,) token type ids, or None where the tokenizer gives none.
        segments: int (l,), the segment of each token, -1 for those that the tokenizer puts around the texts.
        spans: each token's characters in its segment; empty where it stands for none.
        cut: the segments of which the tokenizer left a part out because the model reads no more.
    """

    ids: NDArray[np.int32]
    segment_ids: NDArray[np.int8] | None
    segments: Ints
    spans: tuple[Span, ...]
    cut: tuple[int, ...]

    def spans_of(self, segment: int) -> list[Span]:
        """Return the spans of one segment's tokens, empty ones left out, in order."""
        return [s for s, own in zip(self.spans, self.segments, strict=True) if own == segment and s[1] > s[0]]

    def unit_of_token(self, units: Sequence[Unit]) -> Ints:
        """Return int (l,): the unit that each token overlaps first, -1 for none.

        A token without characters of its own goes with the next token of its segment.
        """
        found = np.full(len(self.ids), -1, dtype=np.int64)
        for segment in sorted({unit.segment for unit in units}):
            own = [(unit.start, unit.end, i) for i, unit in enumerate(units) if unit.segment == segment]
            starts = np.array([start for start, _, _ in own])
            following = -1
            for position in np.flatnonzero(self.segments == segment)[::-1]:
                start, end = self.spans[position]
                if end > start:
                    at = int(np.searchsorted(starts, start, side="right")) - 1
                    at += at < 0 or own[at][1] <= start
                    following = own[at][2] if at < len(own) and own[at][0] < end else -1
                found[position] = following
        return found


@final
class Reader:
    """A tokenizer of one's own: the caller's stays as it is, and threads may share this one.

    A fast tokenizer keeps the length at which it cuts, writes it into its file, and refuses another one while some
    thread tokenizes; so each length has a copy, whose settings stay.

    Args:
        tokenizer: a Hugging Face tokenizer, fast or slow; it is not changed.
        n_embeddings: how many token ids the model has embeddings for, or None where that is not known.
    """

    def __init__(self, tokenizer: Any, n_embeddings: int | None = None) -> None:
        self.tokenizer = private_copy(tokenizer)
        self._n_embeddings = n_embeddings
        self._cutting: dict[int, Any] = {}

    def read(self, segments: Sequence[str], limit: int | None, *, with_types: bool = True) -> Tokens:
        """Return the tokens of one text or a pair, cut as the tokenizer cuts what is too long.

        Args:
            segments: one text or two.
            limit: the most tokens, special ones included, or None.
            with_types: False for models that take no token type ids.
        Returns:
            The tokens with their characters.
        Raises:
            ExampleError: the model has no embedding for a token.
        """
        encoded, owners = _encode(self.tokenizer, segments)
        cut: tuple[int, ...] = ()
        if limit is not None and len(owners) > limit:
            cutting = self._cutting.get(limit) or private_copy(self.tokenizer)
            whole = owners
            encoded, owners = _encode(cutting, segments, truncation=True, max_length=limit)
            self._cutting[limit] = cutting
            cut = tuple(s for s in range(len(segments)) if (owners == s).sum() < (whole == s).sum())
        ids = np.array(encoded["input_ids"], dtype=np.int32)
        self._require_embeddings(ids)
        types = encoded.get("token_type_ids") if with_types else None
        raw = encoded.get("offset_mapping") or _align(self.tokenizer, ids, owners, segments)
        spans = tuple(
            _trim((int(start), int(end)), segments[own]) if own >= 0 else (0, 0)
            for (start, end), own in zip(raw, owners, strict=True)
        )
        return Tokens(ids, None if types is None else np.array(types, dtype=np.int8), owners, spans, cut)

    def notes(self, tokens: Tokens, n_segments: int) -> tuple[str, ...]:
        """Return what a reader should know of tokens: which text was cut, and at which end."""
        if not tokens.cut:
            return ()
        before = getattr(self.tokenizer, "truncation_side", "right") == "left"
        if n_segments == 1:
            lost = f"the text {'before' if before else 'after'} them is"
        elif len(tokens.cut) == 1:
            lost = f"the {'start' if before else 'end'} of the {('first', 'second')[tokens.cut[0]]} text is"
        else:
            lost = f"the {'starts' if before else 'ends'} of both texts are"
        return (f"the model reads {len(tokens.ids)} tokens; {lost} left out",)

    def _require_embeddings(self, ids: NDArray[np.int32]) -> None:
        beyond = ids[ids >= (np.inf if self._n_embeddings is None else self._n_embeddings)]
        if len(beyond):
            token = self.tokenizer.convert_ids_to_tokens(int(beyond[0]))
            raise ExampleError(
                f"the model has {self._n_embeddings} embeddings and none for the token {token!r}, whose id is "
                f"{beyond[0]}; call model.resize_token_embeddings(len(tokenizer)) and train the model, or leave that "
                "token out of the text"
            )


def private_copy(tokenizer: Any) -> Any:
    """Return a tokenizer that shares the vocabulary but no settings; a slow one, which has none, is returned itself.

    Args:
        tokenizer: fast or slow; it is not changed.
    """
    backend = getattr(tokenizer, "_tokenizer", None)
    if not isinstance(backend, Tokenizer):
        return tokenizer
    own = copy(tokenizer)
    for name, value in vars(tokenizer).items():
        if isinstance(value, dict | list):
            vars(own)[name] = copy(value)
    own._tokenizer = _twin(backend)
    return own


@contextmanager
def kept_settings(tokenizer: Any) -> Iterator[None]:
    """Give a tokenizer back the cutting and padding it had, after others' code that cannot be given a copy."""
    backend = getattr(tokenizer, "_tokenizer", None)
    if not isinstance(backend, Tokenizer):
        yield
        return
    truncation, padding = backend.truncation, backend.padding
    try:
        yield
    finally:
        backend.no_truncation() if truncation is None else backend.enable_truncation(**truncation)
        backend.no_padding() if padding is None else backend.enable_padding(**padding)


def _twin(backend: Tokenizer) -> Tokenizer:
    """Return a backend of the same parts, without cutting and padding; a deep copy would write out its vocabulary."""
    own = Tokenizer(backend.model)
    for part in ("normalizer", "pre_tokenizer", "post_processor", "decoder"):
        if getattr(backend, part) is not None:
            setattr(own, part, getattr(backend, part))
    own.add_tokens([token for _, token in sorted(backend.get_added_tokens_decoder().items())])
    own.encode_special_tokens = backend.encode_special_tokens
    return own


def _encode(tokenizer: Any, segments: Sequence[str], **cutting: Any) -> tuple[Any, Ints]:
    """Return what a tokenizer says, and int (l,), the segment of each token, -1 for those put around the texts."""
    fast = bool(getattr(tokenizer, "is_fast", False))
    encoded = tokenizer(
        *segments, return_special_tokens_mask=True, return_offsets_mapping=fast, verbose=False, **cutting
    )
    if fast:
        return encoded, np.array([-1 if s is None else s for s in encoded.sequence_ids(0)], dtype=np.int64)
    owners = _places(tokenizer, encoded["input_ids"], segments, **cutting)
    if owners is None:
        owners = _runs(np.array(encoded["special_tokens_mask"], dtype=bool), len(segments))
    return encoded, owners


def _places(tokenizer: Any, ids: Sequence[int], segments: Sequence[str], **cutting: Any) -> Ints | None:
    """Return each token's segment by building the row of numbered blanks, or None where that gives another row.

    Special tokens that stand in a text look like those around it, so that ids do not tell them apart.
    """
    if not hasattr(tokenizer, "prepare_for_model"):
        return None
    own = [tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"] for text in segments]
    flat = [-1, *(token for text in own for token in text)]
    ends = np.cumsum([0, *map(len, own)])
    blanks = [[-1 - i for i in range(start, end)] for start, end in pairwise(ends)]
    built = tokenizer.prepare_for_model(*blanks, verbose=False, **cutting)["input_ids"]
    if [flat[-mark] if mark < 0 else mark for mark in built] != list(ids):
        return None
    return np.array([-1 if mark >= 0 else np.searchsorted(ends, -mark) - 1 for mark in built], dtype=np.int64)


def length_limit(tokenizer: Any, config: Any, offset: int = 0) -> int | None:
    """Return the most tokens a model reads, or None where nothing limits it.

    Args:
        tokenizer: its `model_max_length` counts.
        config: its `max_position_embeddings` counts, less `offset` positions that are never used.
        offset: the first position's index.
    """
    limits = [getattr(tokenizer, "model_max_length", None), getattr(config, "max_position_embeddings", None)]
    if limits[1] is not None:
        limits[1] -= offset
    found = [int(limit) for limit in limits if limit is not None and 0 < limit < _NO_LIMIT]
    return min(found) if found else None


def _trim(span: Span, text: str) -> Span:
    start, end = span
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _runs(special: Bools, n_segments: int) -> Ints:
    """Return each token's segment: runs between special tokens are numbered, special tokens get -1."""
    owners = np.full(len(special), -1, dtype=np.int64)
    run, inside = -1, False
    for position, is_special in enumerate(special):
        if not is_special:
            run += not inside
            owners[position] = min(run, n_segments - 1)
        inside = not is_special
    return owners


def _normalised(text: str) -> list[tuple[str, int]]:
    """Return the text's letters without case and accents, each with its index in the text."""
    return [
        (letter, i)
        for i, character in enumerate(text)
        for letter in unicodedata.normalize("NFKD", character).casefold()
        if not unicodedata.combining(letter) and not letter.isspace()
    ]


def _align(tokenizer: Any, ids: NDArray[np.int32], owners: Ints, segments: Sequence[str]) -> list[Span]:
    """Return character spans for a tokenizer that gives none, by reading the text along the tokens."""
    spans: list[Span] = [(0, 0)] * len(ids)
    tokens = tokenizer.convert_ids_to_tokens(ids.tolist())
    for segment, text in enumerate(segments):
        letters = _normalised(text)
        plain = "".join(letter for letter, _ in letters)
        cursor = 0
        waiting: list[Any] = []
        for position in np.flatnonzero(owners == segment):
            form = "".join(letter for letter, _ in _normalised(_MARKERS.sub("", tokens[position])))
            at = plain.find(form, cursor) if form and ids[position] != tokenizer.unk_token_id else -1
            if at < 0 or (not waiting and at > cursor):
                waiting.append(position)
                continue
            _fill(spans, waiting, letters[cursor:at])
            spans[position] = (letters[at][1], letters[at + len(form) - 1][1] + 1)
            cursor, waiting = at + len(form), []
        _fill(spans, waiting, letters[cursor:], tail=True)
    return spans


def _fill(spans: list[Span], positions: list[Any], letters: list[tuple[str, int]], *, tail: bool = False) -> None:
    """Share the letters between two aligned tokens out among the unknown tokens there, word by word.

    At the text's end, which may have been cut, the last unknown token takes one word only.
    """
    if not positions or not letters:
        return
    indices = [i for _, i in letters]
    gaps = [k for k in range(1, len(indices)) if indices[k] - indices[k - 1] > 1]
    bounds = [0, *gaps, len(indices)]
    if not tail:
        bounds[len(positions) : -1] = []
    for position, start, end in zip(positions, bounds[:-1], bounds[1:], strict=False):
        spans[position] = (indices[start], indices[end - 1] + 1)


class HuggingFaceVocabulary(Vocabulary):
    """The vocabulary of a Hugging Face tokenizer."""

    def __init__(self, tokenizer: Any, size: int | None = None) -> None:
        """Read the vocabulary.

        Args:
            tokenizer: fast or slow; it is not changed.
            size: number of the model's embeddings, where they are more or fewer than the tokenizer's ids.
        """
        self.tokenizer = tokenizer
        self._size = len(tokenizer) if size is None else size
        self.mask_id = self._embedded(tokenizer.mask_token_id)
        self.unk_id = self._embedded(tokenizer.unk_token_id)
        self.pad_id = self._embedded(tokenizer.pad_token_id)
        self.special_ids = tuple(sorted({int(i) for i in tokenizer.all_special_ids if i < self._size}))

    def __len__(self) -> int:
        return self._size

    def _embedded(self, token_id: int | None) -> int | None:
        return None if token_id is None or token_id >= self._size else int(token_id)

    def token(self, i: int) -> str:
        """Return the token of an id."""
        return self.tokens[i]

    @cached_property
    def tokens(self) -> list[str]:
        """Each id's token as the tokenizer writes it; empty for ids that it does not know."""
        known = {int(i): token for token, i in self.tokenizer.get_vocab().items()}
        return [known.get(i, "") for i in range(self._size)]

    def fingerprint(self) -> str:
        """Return a digest of all tokens in order."""
        return self._digest

    @cached_property
    def _digest(self) -> str:
        named = [(i, token) for i, token in enumerate(self.tokens) if token]
        return hashlib.sha256(json.dumps([named, self.special_ids]).encode()).hexdigest()

    def pieces(self, word: str, before: str) -> list[int]:
        """Return the token ids of one word; those without an embedding are unknown, or left out."""
        head = {"": "", " ": "- "}.get(before, "-")
        whole = self._ids(head + word)
        lead = self._ids("-") if head else []
        return whole[len(lead) :] if whole[: len(lead)] == lead else self._ids(word)

    def _ids(self, text: str) -> list[int]:
        found = self.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
        embedded = (self.unk_id if i >= self._size else int(i) for i in found)
        return [i for i in embedded if i is not None]

    def word(self, ids: Sequence[int]) -> str:
        """Return the characters that token ids stand for."""
        text = str(self.tokenizer.decode(list(ids), skip_special_tokens=False, clean_up_tokenization_spaces=False))
        return text.strip()

    def starts_word(self) -> Bools:
        """Return bool (V,): True for tokens that start a word by the tokenizer's own marks."""
        tokens = self.tokens
        if any(token.startswith("##") for token in tokens):
            return np.array([bool(token) and not token.startswith("##") for token in tokens])
        for mark in ("▁", "Ġ"):
            if sum(token.startswith(mark) for token in tokens) > 1:
                return np.array([token.startswith(mark) or not any(c.isalnum() for c in token) for token in tokens])
        return np.array([bool(token) for token in tokens])
