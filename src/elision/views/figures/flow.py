"""Words in lines: where each word of a text stands, by measured widths, in the direction that its script is read."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from elision.results.explanation import Explanation
from elision.views.figures.fonts import broken, measure
from elision.views.figures.page import POINT, SIZE, SMALL, score_text
from elision.views.shared import pieces

EMPTY = "∅"
PAD = 1.6 * POINT
SPACE = 1.6 * POINT
_BESIDE = 0.7 * POINT


@dataclass(frozen=True, slots=True)
class Word:
    """A word, or what stands between words, as it is drawn.

    Attributes:
        text: its characters.
        unit: its index in the explanation; None between words.
        width: in inches, with room for its box and its score.
        gap: in inches, to the word before it.
        score: what is written below it, or nothing.
    """

    text: str
    unit: int | None
    width: float
    gap: float
    score: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """Words side by side.

    Attributes:
        words: from left to right.
        width: of all, in inches.
        from_right: whether the text is read from right to left.
    """

    words: tuple[Word, ...]
    width: float
    from_right: bool


def flow(explanation: Explanation, segment: int, room: float, *, numbers: bool) -> list[Line]:
    """Return a text's words in lines of at most room inches, broken at white space wherever that is possible."""
    rows: list[list[Word]] = [[]]
    used = 0.0
    for clump in _clumps(explanation, segment, room, numbers=numbers):
        width = sum(word.width + word.gap for word in clump)
        for i, word in enumerate(clump):
            needed = width if i == 0 and width <= room else word.gap + word.width
            if rows[-1] and used + needed > room:
                rows.append([])
                used = 0.0
            placed = word if rows[-1] else Word(word.text, word.unit, word.width, 0.0, word.score)
            rows[-1].append(placed)
            used += placed.gap + placed.width
    from_right = _direction(explanation.segments[segment]) == "R"
    return [Line(_ordered(row, from_right), sum(word.gap + word.width for word in row), from_right) for row in rows]


def _clumps(explanation: Explanation, segment: int, room: float, *, numbers: bool) -> Iterator[list[Word]]:
    """Yield the words that no white space parts."""
    clump: list[Word] = []
    gap = SPACE
    for text, unit in pieces(explanation, segment):
        if unit is None and not text.strip():
            if clump:
                yield clump
            clump, gap = [], SPACE
            continue
        score = score_text(explanation, unit) if numbers and unit is not None else ""
        for i, part in enumerate(broken(text.strip() if unit is None else text or EMPTY, SIZE, room - 2 * PAD)):
            below = score if i == 0 else ""
            width = max(measure(part, SIZE), measure(below, SMALL)) + 2 * PAD
            clump.append(Word(part, unit, width, gap, below))
            gap = _BESIDE
    if clump:
        yield clump


def _direction(text: str) -> str:
    """Return L or R, the direction of a text's first letter that has one; L where none has."""
    for character in text:
        found = unicodedata.bidirectional(character)
        if found in ("L", "R", "AL"):
            return "L" if found == "L" else "R"
    return "L"


def _ordered(row: list[Word], from_right: bool) -> tuple[Word, ...]:
    """Return a line's words from left to right: runs of words against the text's direction are turned around.

    What has no direction of its own, such as a mark or a figure, goes with its neighbours where both agree.
    """
    base = "R" if from_right else "L"
    own = [_direction(word.text) if _has_direction(word.text) else "" for word in row]
    before, after = [base], [base]
    for direction in own:
        before.append(direction or before[-1])
    for direction in reversed(own):
        after.append(direction or after[-1])
    directions = [
        direction or (before[i] if before[i] == after[len(row) - 1 - i] else base) for i, direction in enumerate(own)
    ]
    turned: list[Word] = []
    start = 0
    for end in range(1, len(row) + 1):
        if end == len(row) or directions[end] != directions[start]:
            run = row[start:end]
            turned += run if directions[start] == base else run[::-1]
            start = end
    return tuple(turned[::-1] if from_right else turned)


def _has_direction(text: str) -> bool:
    return any(unicodedata.bidirectional(character) in ("L", "R", "AL") for character in text)
