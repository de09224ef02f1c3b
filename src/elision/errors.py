"""Everything that elision raises for a user's mistake.

    ElisionError
    |- ExampleError     the text or pair cannot be explained (not a string, empty, a pair for a single-text model)
    |- UnitError        the units or subsets of units do not fit the example
    |- TargetError      the model has no such class
    |- OptionError      an option of a method or a command has a value out of range
    |- ModelError       the model gave no usable answer
    |  |- ModelNotFoundError   no folder, and no hub that could be reached, has the model
    |  |- UnsupportedError     the model lacks what the method needs (a mask token, embeddings, a head)
    |- BudgetError      the budget of model evaluations does not suffice

ExampleError, UnitError, TargetError, OptionError and BudgetError are ValueErrors too.
Each message is one line that names the rule, the value and the way out. ElisionWarning marks results that need care.
Interrupted is a KeyboardInterrupt that has what was finished.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Collection
from difflib import get_close_matches
from itertools import takewhile
from math import isfinite
from numbers import Integral, Real
from typing import Any

_ALIKE = 0.6
"""The least likeness of two words, by difflib, that is a slip: "lmie" and "lime" have 0.75."""
_LONGEST_SHOWN = 60
"""The most characters of what a user gave that a message repeats."""


class ElisionError(Exception):
    """Base of all errors that elision raises on purpose."""


class ExampleError(ElisionError, ValueError):
    """The text or pair cannot be explained."""


class UnitError(ElisionError, ValueError):
    """The units, or a set of them, do not fit the example."""


class TargetError(ElisionError, ValueError):
    """The model has no such class."""


class OptionError(ElisionError, ValueError):
    """An option has a value out of range."""


class ModelError(ElisionError):
    """The model gave no usable answer."""


class ModelNotFoundError(ModelError):
    """No folder and no reachable hub has the model."""


class UnsupportedError(ModelError):
    """The model lacks what the method needs."""


class BudgetError(ElisionError, ValueError):
    """The budget of model evaluations does not suffice."""


class ElisionWarning(UserWarning):
    """The explanation holds, but a reader should know something about it."""


class CostWarning(ElisionWarning):
    """The explanation will take long."""


class PluginWarning(ElisionWarning):
    """What another package adds is broken, and left out."""


class Interrupted(KeyboardInterrupt):
    """Work on several examples was stopped by Ctrl-C.

    Attributes:
        finished: what was done by then, as the call would have returned it; None where nothing was.
    """

    def __init__(self, message: str, finished: Any = None) -> None:
        super().__init__(message)
        self.finished = finished


def reason_of(error: BaseException) -> str:
    """Return another library's error in one line, with its kind."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return ": ".join([type(error).__name__, *lines[:1]])


def require_at_least(name: str, value: object, least: float) -> None:
    """Raise OptionError unless value is a finite number of at least `least`.

    Args:
        name: parameter's name, for the message.
        value: what the user gave.
        least: the smallest value allowed.
    Raises:
        OptionError: value is no number, not finite or too small.
    """
    if not _is_number(value) or not value >= least:  # type: ignore[operator]
        raise OptionError(f"{name} must be at least {least}, got {value!r}")


def require_positive(name: str, value: object) -> None:
    """Raise OptionError unless value is a finite number greater than 0.

    Args:
        name: parameter's name, for the message.
        value: what the user gave.
    Raises:
        OptionError: value is no number, not finite, or 0 or less.
    """
    if not _is_number(value) or not value > 0:  # type: ignore[operator]
        raise OptionError(f"{name} must be greater than 0, got {value!r}")


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and isfinite(value)


def require_count(name: str, value: object, least: int) -> None:
    """Raise OptionError unless value is a whole number of at least `least`.

    Args:
        name: parameter's name, for the message.
        value: what the user gave.
        least: the smallest value allowed.
    Raises:
        OptionError: value is no whole number or too small.
    """
    if isinstance(value, float) and value >= least:
        raise OptionError(f"{name} must be a whole number of at least {least}, got {value!r}")
    require_at_least(name, int(value) if isinstance(value, Integral) and not isinstance(value, bool) else value, least)


def require_one_of(name: str, value: object, allowed: Collection[str]) -> None:
    """Raise OptionError unless value is one of the allowed words.

    Args:
        name: parameter's name, for the message.
        value: what the user gave.
        allowed: the words that are allowed.
    Raises:
        OptionError: value is none of them; the message names the one that was probably meant.
    """
    if value not in tuple(allowed):
        meant = did_you_mean(value, allowed)
        raise OptionError(f"{name} must be one of {', '.join(allowed)}; got {brief(repr(value))}{meant}")


def did_you_mean(value: object, allowed: Collection[str]) -> str:
    """Return the end of a message that refuses a word: ": did you mean 'lime'?", or nothing where no word is near."""
    found = nearest(value, allowed)
    return "" if found is None else f": did you mean {found!r}?"


def nearest(value: object, allowed: Collection[str]) -> str | None:
    """Return the allowed word that was probably meant: but for a slip, for capitals, or for a missing end.

    Where words differ in capitals only, none is named.
    """
    if not isinstance(value, str) or not value.strip():
        return None
    own, folded = value.strip().casefold(), {word.casefold(): word for word in allowed}
    if len(folded) < len(allowed):
        return None
    begun = [word for word in folded if word.startswith(own)]
    # A beginning that all have, such as "builtin:", makes no word nearer.
    columns = takewhile(lambda column: len(set(column)) == 1, zip(own, *folded, strict=False))
    shared = len(list(columns))
    ends = {word[shared:]: word for word in folded}
    near = get_close_matches(own[shared:], ends, n=1, cutoff=_ALIKE) if len(own) <= _LONGEST_SHOWN else []
    found = ends[near[0]] if near else begun[0] if len(begun) == 1 else None
    return None if found is None else folded[found]


def brief(text: str, most: int = _LONGEST_SHOWN) -> str:
    """Return what a user gave, short enough for a message: a long text loses its middle, not the end of a file name."""
    return text if len(text) <= most else f"{text[: most // 2]}...{text[-(most // 2 - 3) :]}"


def warn(message: str, category: type[Warning] = ElisionWarning) -> None:
    """Warn of something at the line outside this package that called it, however deep within it is noticed."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and str(frame.f_globals.get("__name__", "")).partition(".")[0] == __package__:
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)
