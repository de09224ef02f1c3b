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

from math import isfinite
from numbers import Integral, Real
from typing import Any


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


def require_one_of(name: str, value: object, allowed: tuple[str, ...]) -> None:
    """Raise OptionError unless value is one of the allowed words.

    Args:
        name: parameter's name, for the message.
        value: what the user gave.
        allowed: the words that are allowed.
    Raises:
        OptionError: value is none of them.
    """
    if value not in allowed:
        raise OptionError(f"{name} must be one of {', '.join(allowed)}; got {value!r}")
