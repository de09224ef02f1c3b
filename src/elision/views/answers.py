"""How views say what a model answered: a class's probability in per cent, or a score as a number."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from elision.results.explanation import Explanation

_DIGITS = 2
_DIGITS_WITHOUT_SIGN = 3
_MOST_DIGITS = 6
_SIGNIFICANT = 3


class Sides(NamedTuple):
    """Words for what a score does.

    Attributes:
        towards: of a positive score.
        away: of a negative one.
    """

    towards: str
    away: str


def sides(explanation: Explanation) -> Sides:
    """Return the words: for and against a class, or raising and lowering a score."""
    return Sides("for", "against") if explanation.is_probability else Sides("raises", "lowers")


def named_target(explanation: Explanation) -> str:
    """Return what is explained: a class, or a score by its name where that is not just "score"."""
    return "the score" if not explanation.is_probability and explanation.target == "score" else explanation.target


def answer_text(explanation: Explanation, value: float) -> str:
    """Return a number of the model's answer as people read it, such as 60 %, or 3.20."""
    if explanation.is_probability:
        return percent(value)
    return f"{round(value, digits := score_digits(explanation)) + 0.0:.{digits}f}"


def percent(value: float) -> str:
    """Return a probability as people read it: 60 %, 0.12 %, < 0.01 %."""
    if np.isnan(value):
        return "-"
    if value in (0.0, 1.0):
        return f"{100 * value:.0f} %"
    if 0 < value < 1e-4:
        return "< 0.01 %"
    if 0.9999 < value < 1:
        return "> 99.99 %"
    digits = 2 if value < 0.01 or value > 0.99 else 1
    return f"{100 * value:.{digits}f} %"


def headline(explanation: Explanation) -> str:
    """Return what the model says, and the class explained if it is another.

    A class stands with its probability, a score with its name.
    """
    best = float(explanation.answers.max()) if explanation.is_probability else explanation.value
    line = f"{explanation.predicted}  {answer_text(explanation, best)}"
    if explanation.target != explanation.predicted:
        line += f"   explained: {explanation.target}  {answer_text(explanation, explanation.value)}"
    return line


def score_digits(explanation: Explanation) -> int:
    """Return how many decimals a score is shown with.

    Where the model answers with scores, which may be of any size, the answer and the strongest score both have three
    significant digits at least.
    """
    if not explanation.meaning.signed:
        return _DIGITS_WITHOUT_SIGN
    if explanation.is_probability:
        return _DIGITS
    return max(map(_decimals, (abs(explanation.value), float(np.abs(explanation.scores).max(initial=0.0)))))


def _decimals(size: float) -> int:
    """Return how many decimals show three significant digits, 6 at most."""
    if size == 0.0:
        return _DIGITS
    return int(min(max(_SIGNIFICANT - 1 - np.floor(np.log10(size)), 0), _MOST_DIGITS))
