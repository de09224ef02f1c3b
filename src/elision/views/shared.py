"""What all views say alike: numbers, colours, provenance."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import numpy as np
from rich.cells import cell_len

from elision.arrays import Floats
from elision.results.explanation import Explanation
from elision.results.origin import Rounding
from elision.views.answers import answer_text as answer_text
from elision.views.answers import headline as headline
from elision.views.answers import named_target, score_digits, sides
from elision.views.answers import percent as percent

LONGEST_WORD = 24
WEAK = 0.1
"""Words that score less than this part of the strongest have no colour."""
_NORMAL_95 = 1.959963984540054
_LEFT_TO_RIGHT_MARK = "\u200e"
_RIGHT_TO_LEFT = ("R", "AL", "AN")
_BIDI_CONTROLS = {*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"}


def visible(text: str) -> str:
    """Return a text in one line, without characters that would steer a terminal or turn what stands beside it."""
    return "".join(
        " " if c in "\n\r\t\v\f\u0085\u2028\u2029" else "\ufffd" if unicodedata.category(c) == "Cc" else c
        for c in text
        if c not in _BIDI_CONTROLS
    )


def upright(text: str) -> str:
    """Return a text after which a line goes on from left to right: beside right-to-left letters columns keep order.

    A terminal that orders letters as people read them would else turn a row's bars and numbers with its word. The mark
    takes no column.
    """
    turns = any(unicodedata.bidirectional(c) in _RIGHT_TO_LEFT for c in text)
    return f"{_LEFT_TO_RIGHT_MARK}{text}{_LEFT_TO_RIGHT_MARK}" if turns else text


def shorten(word: str, room: int) -> str:
    """Return a word that is no wider than its column."""
    word = word[: 8 * max(room, LONGEST_WORD)]
    if cell_len(word) <= room:
        return word
    while cell_len(word) > room - 1:
        word = word[:-1]
    return word + "…"


def signed(score: float, digits: int = 2) -> str:
    """Return a score with its sign and two decimals; what rounds to zero is +0.00."""
    return f"{round(score, digits) + 0.0:+.{digits}f}"


def points(explanation: Explanation, i: int) -> str:
    """Return by how many percentage points the target's probability changes without a unit.

    It is nothing where that is not known, and where the answer is a score: by how much it changes says the unit's own.
    """
    absent = explanation.absent_values
    if absent is None or not explanation.is_probability:
        return ""
    return signed(100.0 * (float(absent[i]) - explanation.value), 1)


def without(explanation: Explanation, i: int) -> str:
    """Return the target's probability, or score, without a unit, or nothing where it is not known."""
    absent = explanation.absent_values
    return "" if absent is None else answer_text(explanation, float(absent[i]))


def is_signed(explanation: Explanation) -> bool:
    """Tell whether scores speak for and against the target, or are probabilities of being needed."""
    return explanation.meaning.signed


def number(explanation: Explanation, score: float) -> str:
    """Return a score as its method means it: with its sign, or a probability in three decimals."""
    digits = score_digits(explanation)
    return signed(score, digits) if is_signed(explanation) else f"{score:.{digits}f}"


def strength(explanation: Explanation) -> list[float]:
    """Return each score over the largest, between -1 and 1."""
    largest = float(np.abs(explanation.scores).max(initial=0.0))
    return [float(score) / largest if largest > 0 else 0.0 for score in explanation.scores]


def pieces(explanation: Explanation, segment: int) -> Iterator[tuple[str, int | None]]:
    """Yield a segment's text in order, in pieces that are a unit (with its index) or lie between units."""
    text, cursor = explanation.segments[segment], 0
    for i, unit in enumerate(explanation.units):
        if unit.segment == segment:
            if unit.start > cursor:
                yield text[cursor : unit.start], None
            yield text[unit.start : unit.end], i
            cursor = unit.end
    if cursor < len(text):
        yield text[cursor:], None


def provenance_line(explanation: Explanation) -> str:
    """Return method, models, precision, cost and time in one line."""
    origin = explanation.origin
    parts = [origin.method, f"model {short_name(origin.model or '?')}"]
    if origin.likelihood:
        parts.append(f"likelihood {short_name(origin.likelihood)}")
    elif origin.method != "random":
        parts.append(f"removal {origin.removal or '?'}")
    parts += [said] if (said := precision(explanation)) else []
    cost = f"{origin.evaluations:,} evaluations"
    if origin.likelihood_evaluations:
        cost += f" + {origin.likelihood_evaluations:,} of the likelihood model"
    return " · ".join([*parts, cost, f"{origin.seconds:.1f} s"])


def precision(explanation: Explanation) -> str:
    """Return in what numbers the model computes and what their rounding may do; nothing where that is not known."""
    origin = explanation.origin
    said = precision_of(origin.dtype, origin.rounding, explanation.unit_of_scores)
    own = origin.gradients_dtype
    return said + (f"; gradients in {own}" if said and own and own != origin.dtype else "")


def precision_of(dtype: str, rounding: Rounding | None, unit: str) -> str:
    """Return the same of a model's numbers, and of rounding, which is measured against float32."""
    if not dtype:
        return ""
    told = rounding or Rounding()
    moves = "" if told.moves is None else f"a score by about {told.moves:.2g} {unit}".rstrip()
    if not moves and told.probability is not None:
        moves = f"a probability by about {100.0 * told.probability:.2g} percentage points"
    if not moves and told.score is not None:
        moves = f"the model's score by about {told.score:.2g}"
    return f"computed in {dtype}" + (f"; rounding may move {moves}" if moves else "")


def short_name(name: str) -> str:
    """Return a folder's own name, and any other name as it is."""
    return name.rstrip("/\\").replace("\\", "/").rsplit("/", 1)[-1] if name.startswith((".", "/", "~")) else name


def interval(explanation: Explanation, i: int) -> str:
    """Return a unit's bounds or standard error, or nothing where its score is exact."""
    if explanation.std_error is not None:
        return f"± {explanation.std_error[i]:.{score_digits(explanation)}f}"
    if explanation.lower is not None and explanation.upper is not None:
        return f"[{number(explanation, explanation.lower[i])}, {number(explanation, explanation.upper[i])}]"
    return ""


def interval_ends(explanation: Explanation) -> Floats | None:
    """Return float64 (2, u), the lower and upper end of each score's interval; None where scores are exact."""
    if explanation.std_error is not None:
        reach = _NORMAL_95 * explanation.std_error
        return np.stack([explanation.scores - reach, explanation.scores + reach])
    if explanation.lower is not None and explanation.upper is not None:
        return np.stack([explanation.lower, explanation.upper])
    return None


def meaning(explanation: Explanation) -> str:
    """Return what the scores are and how their sign is read."""
    title = score_title(explanation)
    return f"{title}: {signs(explanation)}" if is_signed(explanation) else f"{title} for {explanation.target}"


def signs(explanation: Explanation) -> str:
    """Return how a score's sign is read."""
    towards, away = sides(explanation)
    return f"+ {towards} {named_target(explanation)}, - {away} it"


def score_title(explanation: Explanation) -> str:
    """Return what the scores are, with their unit."""
    return explanation.meaning.title
