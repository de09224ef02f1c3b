"""What people marked in an example, as spans of characters: their words need not be the explanation's units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from numbers import Integral, Real
from typing import NamedTuple

import numpy as np

from elision.arrays import Floats
from elision.errors import OptionError, UnitError
from elision.results.explanation import Explanation

SENTIMENT_TAGS = ("very negative", "negative", "neutral", "positive", "very positive")


class Mark(NamedTuple):
    """A stretch of a text and what people said of it.

    Attributes:
        start: first character's index.
        end: index after the last character.
        value: above 0 for what supports the explained class or is highlighted, below 0 for what speaks against it, 0
            for what is neutral or not highlighted.
    """

    start: int
    end: int
    value: float


@dataclass(frozen=True, slots=True)
class Annotation:
    """What people marked in one example.

    Attributes:
        marks: of the text, or of each text of a pair.
        segments: the texts that were annotated, where known; an explanation of others is then refused.

    Raises:
        OptionError: there are not one or two texts, or a mark is no (start, end, value) with 0 <= start < end.
    """

    marks: tuple[tuple[Mark, ...], ...]
    segments: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        n_texts = len(self.marks if self.segments is None else self.segments)
        if n_texts not in (1, 2) or len(self.marks) != n_texts:
            raise OptionError(f"an annotation has marks for one text or two, got {len(self.marks)} for {n_texts}")
        marks = tuple(tuple(_mark(mark) for mark in own) for own in self.marks)
        object.__setattr__(self, "marks", marks)
        for own, text in zip(marks, self.segments or (), strict=False):
            _require_inside(own, text)

    @classmethod
    def of_tokens(cls, tokens: Sequence[Sequence[str]], values: Sequence[Sequence[float]]) -> Annotation:
        """Return the annotation of texts that are tokens joined by single spaces.

        Args:
            tokens: of each text, one or two.
            values: as many numbers for each text.
        Raises:
            OptionError: texts, tokens and values do not fit each other.
        """
        if len(tokens) != len(values):
            raise OptionError(
                f"each text's tokens need values, got tokens of {len(tokens)} and values of {len(values)}"
            )
        marks = []
        for own, numbers in zip(tokens, values, strict=True):
            if isinstance(own, str) or not all(isinstance(token, str) and token for token in own):
                raise OptionError(f"tokens must be a list of words for each text, got {own!r:.60}")
            if len(own) != len(numbers):
                raise OptionError(f"each token needs a value, got {len(own)} tokens and {len(numbers)} values")
            starts = np.cumsum([0, *(len(token) + 1 for token in own)]).tolist()
            marks.append(tuple(map(Mark, starts, [end - 1 for end in starts[1:]], numbers)))
        return cls(tuple(marks), tuple(" ".join(own) for own in tokens))

    def of_units(self, explanation: Explanation) -> Floats:
        """Return what people said of an explanation's units.

        Args:
            explanation: of the annotated example.
        Returns:
            float64 (u,), the value of the mark that shares most characters with the unit, the first of several; NaN
            where no mark touches it.
        Raises:
            UnitError: the explanation is of another example: its texts are fewer, more, shorter or different.
        """
        texts = explanation.segments
        if len(texts) != len(self.marks):
            raise UnitError(f"an annotation of {len(self.marks)} texts does not fit an explanation of {len(texts)}")
        for i, (own, text) in enumerate(zip(self.marks, texts, strict=True)):
            if self.segments is not None and self.segments[i] != text:
                raise UnitError(
                    f"the annotation is of the text {_head(self.segments[i])}, its explanation of {_head(text)}; "
                    "give annotations in the explanations' order"
                )
            _require_inside(own, text)
        found = np.full(len(explanation.units), np.nan)
        for i, unit in enumerate(explanation.units):
            most = 0
            for mark in self.marks[unit.segment]:
                shared = min(unit.end, mark.end) - max(unit.start, mark.start)
                if shared > most:
                    most, found[i] = shared, mark.value
        return found


def sentiment_annotation(tokens: Sequence[str], token_labels: Sequence[int], *, positive: bool) -> Annotation:
    """Return the Stanford Sentiment Treebank's tags of words as an annotation, seen from the explained class.

    Args:
        tokens: the sentence's words; the text explained is these, joined by single spaces.
        token_labels: of each word, an index of SENTIMENT_TAGS.
        positive: whether the class explained is the positive one; tags then count as they stand, else reversed.
    Returns:
        Values 2 and 1 for words that support the class, 0 for neutral ones, -1 and -2 for those against it.
    Raises:
        OptionError: a tag is none of 0 to 4, or they are not as many as the words.
    """
    middle = len(SENTIMENT_TAGS) // 2
    for label in token_labels:
        if not isinstance(label, Integral) or not 0 <= label < len(SENTIMENT_TAGS):
            raise OptionError(f"token_labels must be 0 (very negative) to 4 (very positive), got {label!r}")
    sign = 1 if positive else -1
    return Annotation.of_tokens([tokens], [[sign * (int(label) - middle) for label in token_labels]])


def _mark(given: object) -> Mark:
    """Return a checked mark.

    Raises:
        OptionError: it is none.
    """
    if isinstance(given, tuple | list) and len(given) == 3:
        start, end, value = given
        whole = isinstance(start, Integral) and isinstance(end, Integral)
        if whole and 0 <= start < end and isinstance(value, Real | np.bool_) and isfinite(value):
            return Mark(int(start), int(end), float(value))
    raise OptionError(f"a mark must be (start, end, value) with 0 <= start < end and a finite value, got {given!r:.60}")


def _require_inside(marks: Sequence[Mark], text: str) -> None:
    for mark in marks:
        if mark.end > len(text):
            raise UnitError(
                f"an annotation's marks must lie inside the text of {len(text)} characters, got {tuple(mark)}"
            )


def _head(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:37]}...")
