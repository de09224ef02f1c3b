"""The units that are left out of texts: words or tokens, aligned with characters.

Words follow the idea of Unicode's word boundaries (UAX #29): letters, digits and the marks on them run together,
an apostrophe between letters and a comma or point between digits belong to the word, every other visible character
cluster is a unit of its own, and a run of one punctuation character (an ellipsis of points) is one unit. Scripts that
are written without spaces are cut where the model's tokenizer cuts them, or else at character clusters.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import index

import regex

from elision.errors import OptionError, UnitError, require_one_of

Span = tuple[int, int]
UnitKind = str | Callable[[str], Iterable[Span]]

_CLUSTER = regex.compile(r"\X")
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_PIECE = regex.compile(
    rf"""
    (?P<space>  [\s\p{{Cc}}\p{{Cf}}]+ )
  | (?P<unspaced> (?: [{_UNSPACED}] [\p{{M}}ー々]* )+ )
  | (?P<abbreviation> (?<![\p{{L}}\p{{M}}\p{{N}}]) (?: \p{{L}}\. ){{2,}} (?: \p{{L}} (?![\p{{L}}\p{{M}}\p{{N}}]) )? )
  | (?P<word> (?: (?![{_UNSPACED}]) [\p{{L}}\p{{N}}\p{{Pc}}] [\p{{M}}\u200c\u200d\u00ad\u2060]*
                  (?: (?<=[\p{{L}}\p{{M}}]) ['’] (?=\p{{L}}) | (?<=\p{{N}}) [.,] (?=\p{{N}}) )?
              )+ )
  | (?P<run>  (?P<mark>\p{{P}}) (?P=mark)+ )
  | (?P<other> \X )
    """,
    regex.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Unit:
    """What is left out as one: a word or a token.

    Attributes:
        text: the characters as they stand in the text.
        start: first character's index in its segment.
        end: index after the last character.
        segment: 0 or 1, which text of the example.
    """

    text: str
    start: int
    end: int
    segment: int = 0

    def __str__(self) -> str:
        return self.text


def is_visible(text: str) -> bool:
    """Tell whether a text has a character that can be seen."""
    return any(found.lastgroup != "space" for found in _PIECE.finditer(text))


def clusters(text: str) -> list[Span]:
    """Return the spans of the text's character clusters (extended grapheme clusters)."""
    if text.isascii() and "\r\n" not in text:
        return [(i, i + 1) for i in range(len(text))]
    return [m.span() for m in _CLUSTER.finditer(text)]


def split_words(text: str, cuts: Iterable[int] | None = None) -> list[Span]:
    """Return the spans of the text's words and punctuation marks.

    Args:
        text: any text.
        cuts: character positions where a tokenizer cuts; runs of scripts without spaces are cut there. Without it
            they are cut at every character cluster.
    Returns:
        Ascending, disjoint (start, end) spans; none splits a character cluster, none holds white space alone.
    """
    edges = {0, len(text)}
    for start, end in clusters(text):
        edges.update((start, end))
    wanted = sorted(edges if cuts is None else edges.intersection(cuts))
    spans: list[Span] = []
    for match in _PIECE.finditer(text):
        if match.lastgroup == "space":
            continue
        start, end = match.span()
        bounds = [start, end]
        if match.lastgroup == "unspaced":
            bounds[1:1] = wanted[bisect_right(wanted, start) : bisect_left(wanted, end)]
        spans.extend(pairwise(bounds))
    return merge_spans(snap(span, edges) for span in spans)


def snap(span: Span, edges: set[int]) -> Span:
    """Widen a span until it starts and ends at cluster edges."""
    start, end = span
    while start not in edges:
        start -= 1
    while end not in edges:
        end += 1
    return start, end


def merge_spans(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in order, those that overlap joined to one."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif end > start:
            merged.append((start, end))
    return merged


def unit_spans(text: str, kind: UnitKind, tokens: Sequence[Span] | None = None) -> list[Span]:
    """Return the spans of a text's units, so that no token lies in two units.

    Args:
        text: one segment.
        kind: "word", "token", or a function from the text to spans.
        tokens: the tokenizer's character spans, empty ones left out; None for models without tokens.
    Returns:
        Ascending, disjoint spans.
    Raises:
        OptionError: the kind is unknown, or tokens are asked for where there are none.
        UnitError: the function's spans leave the text.
    """
    if callable(kind):
        own = _own_spans(text, kind(text))
        return merge_spans([*own, *_bridges(own, tokens or ())])
    if kind == "token":
        if tokens is None:
            raise OptionError("units='token' needs a model with a tokenizer; use units='word'")
        return merge_spans(tokens)
    if not isinstance(kind, str):
        raise OptionError(f"units must be 'word', 'token' or a function from a text to spans; got {kind!r}")
    require_one_of("units", kind, ("word", "token"))
    cuts = None if tokens is None else {edge for span in tokens for edge in span}
    words = split_words(text, cuts)
    return merge_spans([*words, *_bridges(words, tokens or ())])


def _own_spans(text: str, answer: object) -> list[Span]:
    """Return the spans that a user's function gave, in order.

    Raises:
        UnitError: it gave no spans, or spans that leave the text.
    """
    try:
        own = sorted((index(start), index(end)) for start, end in answer)  # type: ignore[attr-defined]
    except (TypeError, ValueError) as error:
        raise UnitError(f"units must give (start, end) spans of whole numbers, got {answer!r:.60}") from error
    for start, end in own:
        if not 0 <= start < end <= len(text):
            raise UnitError(f"a unit's span must lie inside the text of {len(text)} characters, got {(start, end)}")
    return own


def _bridges(words: Sequence[Span], tokens: Sequence[Span]) -> list[Span]:
    """Return spans that join neighbouring words wherever one token reaches into both."""
    joined: list[Span] = []
    i = 0
    for start, end in tokens:
        while i < len(words) and words[i][1] <= start:
            i += 1
        j = i
        while j + 1 < len(words) and words[j + 1][0] < end:
            j += 1
        if j > i and words[i][0] < end:
            joined.append((words[i][0], words[j][1]))
    return joined
