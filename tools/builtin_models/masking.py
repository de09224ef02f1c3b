"""Masked rows for the masked language model, aligned between the student's and the teacher's tokens."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from .data import Example
from .rows import Rows
from .settings import CLS, MASK, SEP, SPECIAL_TOKENS, UNK

_CHUNK = 20_000
_RATE = 0.2
_SPAN_SHARE = 0.15
_LONGEST_SPAN = 4
_SHOWN_SHARE = 0.06
_MAX_TOKENS = 96


@dataclass(frozen=True)
class Masked:
    """Masked student rows, the teacher's view of the same rows, and the positions to predict.

    ``teacher_position`` is -1 where the teacher cannot be asked: a word of several pieces, or one not hidden.
    """

    student: Rows
    teacher: Rows
    row: NDArray[np.int64]
    position: NDArray[np.int64]
    gold: NDArray[np.int64]
    teacher_position: NDArray[np.int64]


class _Builder:
    """Collects masked rows."""

    def __init__(self, vocab_size: int, teacher_tokenizer: Tokenizer, seed: int) -> None:
        self.random = random.Random(seed)
        self.vocab_size = vocab_size
        self.teacher_cls, self.teacher_sep, self.teacher_mask = (
            teacher_tokenizer.get_vocab()[SPECIAL_TOKENS[index]] for index in (CLS, SEP, MASK)
        )
        self.ids: list[list[int]] = []
        self.types: list[list[int]] = []
        self.teacher_ids: list[list[int]] = []
        self.teacher_types: list[list[int]] = []
        self.targets: list[tuple[int, int, int, int]] = []

    def _chosen(self, count: int) -> set[int]:
        """Numbers of the words to predict; now and then neighbours, as an explainer hides whole phrases."""
        wanted = max(1, min(count - 1, int(count * _RATE + self.random.random())))
        if count > 3 and self.random.random() < _SPAN_SHARE:
            length = self.random.randint(2, min(_LONGEST_SPAN, count - 1))
            start = self.random.randrange(count - length + 1)
            return set(range(start, start + length))
        return set(self.random.sample(range(count), wanted))

    def _hide(
        self, pieces: list[int], at: int, teacher_pieces: list[int], teacher_at: int
    ) -> tuple[list[int], list[int]]:
        """What student and teacher see in place of one chosen word; notes the positions to predict."""
        row = len(self.ids)
        if pieces == [UNK]:
            return pieces, teacher_pieces
        if len(pieces) > 1:
            hidden = set(range(len(pieces)))
            if self.random.random() < 0.5:
                hidden = {self.random.randrange(len(pieces))}
            self.targets.extend((row, at + index, pieces[index], -1) for index in sorted(hidden))
            shown = [MASK if index in hidden else piece for index, piece in enumerate(pieces)]
            return shown, [self.teacher_mask] * len(teacher_pieces)
        draw = self.random.random()
        if draw >= _SHOWN_SHARE or len(teacher_pieces) != 1:
            self.targets.append((row, at, pieces[0], teacher_at if len(teacher_pieces) == 1 else -1))
            return [MASK], [self.teacher_mask] * len(teacher_pieces)
        self.targets.append((row, at, pieces[0], -1))
        if draw < _SHOWN_SHARE / 2:
            return [self.random.randrange(len(SPECIAL_TOKENS), self.vocab_size)], teacher_pieces
        return pieces, teacher_pieces

    def add(self, segments: Sequence[tuple[Encoding, Encoding]]) -> None:
        """One row from one or two segments, each given in student and in teacher tokens."""
        words = [(number, *word) for number, pair in enumerate(segments) for word in _aligned(*pair)]
        if len(words) < 2:
            return
        chosen = self._chosen(len(words))
        ids, types, teacher_ids, teacher_types = [CLS], [0], [self.teacher_cls], [0]
        for index, (segment, pieces, teacher_pieces) in enumerate(words):
            if index in chosen:
                pieces, teacher_pieces = self._hide(pieces, len(ids), teacher_pieces, len(teacher_ids))
            ids += pieces
            teacher_ids += teacher_pieces
            if index + 1 == len(words) or words[index + 1][0] != segment:
                ids.append(SEP)
                teacher_ids.append(self.teacher_sep)
            types += [segment] * (len(ids) - len(types))
            teacher_types += [segment] * (len(teacher_ids) - len(teacher_types))
        self.ids.append(ids)
        self.types.append(types)
        self.teacher_ids.append(teacher_ids)
        self.teacher_types.append(teacher_types)

    def finish(self) -> Masked:
        """Everything collected."""
        targets = np.array(self.targets, np.int64).reshape(-1, 4)
        student, teacher = Rows.pack(self.ids, self.types), Rows.pack(self.teacher_ids, self.teacher_types)
        return Masked(student, teacher, targets[:, 0], targets[:, 1], targets[:, 2], targets[:, 3])


def _aligned(student: Encoding, teacher: Encoding) -> list[tuple[list[int], list[int]]]:
    """The words of a segment as (student pieces, teacher pieces); both tokenizers split words alike."""
    pairs: list[tuple[list[int], list[int]]] = []
    for word, piece in zip(student.word_ids, student.ids, strict=True):
        if word is not None:
            pairs.extend(([], []) for _ in range(word + 1 - len(pairs)))
            pairs[word][0].append(piece)
    for word, piece in zip(teacher.word_ids, teacher.ids, strict=True):
        # Truncation cuts the student's longer row first, so the teacher may know words beyond its end.
        if word is not None and word < len(pairs):
            pairs[word][1].append(piece)
    return [pair for pair in pairs if pair[0] and pair[1]]


def mask_examples(examples: Sequence[Example], student: Tokenizer, teacher: Tokenizer, seed: int) -> Masked:
    """Masked rows for all examples, drawn afresh for every seed."""
    builder = _Builder(student.get_vocab_size(), teacher, seed)
    for tokenizer in (student, teacher):
        tokenizer.enable_truncation(_MAX_TOKENS)
    for start in range(0, len(examples), _CHUNK):
        part = examples[start : start + _CHUNK]
        texts = [text for row in part for text in (row.first, row.second) if text is not None]
        encoded = [tokenizer.encode_batch(texts, add_special_tokens=False) for tokenizer in (student, teacher)]
        pairs = iter(zip(*encoded, strict=True))
        for row in part:
            builder.add([next(pairs) for _ in range(1 if row.second is None else 2)])
    for tokenizer in (student, teacher):
        tokenizer.no_truncation()
    return builder.finish()
