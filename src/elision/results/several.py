"""Explanations of several examples: those that were made, and why the others were not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from elision.errors import ElisionError, TargetError, UnsupportedError, reason_of
from elision.results.explanation import Explanation

ERRORS = ("skip", "raise")
_SETTINGS = (TargetError, UnsupportedError)
_ALIKE = 3
_TOLD = 3


class Failure(NamedTuple):
    """An example that was not explained.

    Attributes:
        index: which of the examples, from 0.
        reason: why, in a line.
    """

    index: int  # type: ignore[assignment]
    reason: str


class Explanations(list[Explanation]):
    """A list of explanations, with the examples that have none.

    Attributes:
        indices: which example each explanation is of, from 0.
        failures: the examples that were not explained, with the reasons.
    """

    def __init__(
        self,
        explanations: Iterable[Explanation] = (),
        indices: Iterable[int] = (),
        failures: Iterable[Failure] = (),
    ) -> None:
        super().__init__(explanations)
        self.indices: tuple[int, ...] = tuple(indices)
        self.failures: tuple[Failure, ...] = tuple(failures)


Outcome = tuple[int, Explanation | Exception]


def sift(
    outcomes: Iterable[Outcome], *, errors: str, name: str, report: Callable[[Failure], None], alike: int = _ALIKE
) -> Iterator[tuple[int, Explanation]]:
    """Yield the explanations among outcomes and tell of the others; where there is none, raise the first error.

    A setting that goes with no example fails on the first few alike: then there is no need to try all.

    Args:
        outcomes: for each example its index, and its explanation or the error.
        errors: "skip" or "raise".
        name: the model's, for the message where its own code failed.
        report: is told of each example that was not explained.
        alike: so many failures of a setting, alike and the first, are enough.
    Raises:
        Exception: the first error, where errors is "raise" or nothing is explained.
    """
    explained = False
    held: list[Failure] = []
    first: Exception | None = None
    for index, found in outcomes:
        if isinstance(found, Explanation):
            explained, first = True, None
            _tell(held, report)
            yield index, found
            continue
        first = first if explained else first or found
        if errors == "raise":
            raise found
        failure = Failure(index, why(found, name))
        setting = isinstance(found, _SETTINGS) and not explained
        if not setting or (held and failure.reason != held[0].reason):
            _tell(held, report)
        held.append(failure)
        if setting and (len(held) == alike or isinstance(found, TargetError)):
            raise found
        if not setting:
            _tell(held, report)
    if first is not None:
        raise first


def _tell(held: list[Failure], report: Callable[[Failure], None]) -> None:
    for failure in held:
        report(failure)
    held.clear()


def usable(example: Any) -> Any:
    """Return an example; where a reader hands over the error that says why it has none, raise that."""
    if isinstance(example, Exception):
        raise example
    return example


def why(error: Exception, name: str) -> str:
    """Return in a line why an example was not explained.

    Args:
        error: what was raised.
        name: the model's, for errors that are not the library's.
    """
    return " ".join(str(error).split()) if isinstance(error, ElisionError) else f"{name} raised {reason_of(error)}"


def summary(failures: Iterable[Failure], n: int) -> str:
    """Return in a line how many of n examples were not explained, with the first reasons."""
    known = list(failures)
    told = "; ".join(f"example {failure.index}: {failure.reason}" for failure in known[:_TOLD])
    more = f"; and {len(known) - _TOLD} more" if len(known) > _TOLD else ""
    return f"{len(known)} of {n} examples were not explained ({told}{more}); see .failures, or errors='raise'"
