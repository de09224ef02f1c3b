"""Many explanations reduced to what a report of all of them needs: no candidates, no groups, shared names kept once."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from elision.errors import OptionError
from elision.results.explanation import Explanation
from elision.results.findings import Rationales, UnitScores
from elision.results.findings.rationales import ROLES
from elision.results.meaning import Meaning
from elision.results.origin import short_record
from elision.runs.file import LabelledExplanation
from elision.text import Unit

_Value = TypeVar("_Value")
_CONTROLS = {i: "\ufffd" for i in (*range(32), *range(127, 160), *range(0xD800, 0xE000))}
_CONTROLS |= {ord("\n"): "\n", ord("\t"): "\t", ord("\r"): " "}


@dataclass(frozen=True, slots=True)
class Kind:
    """What explanations must share for their scores to be comparable.

    Attributes:
        model: its name.
        method: the explainer's name.
        removal: what stood where a word was absent, with the likelihood model where there is one.
        meaning: what the scores are.
        answer: the kind of answers.
        pairs: whether the examples are pairs of texts.
    """

    model: str
    method: str
    removal: str
    meaning: Meaning
    answer: str
    pairs: bool


@dataclass(frozen=True, slots=True)
class Item:
    """One explanation of a collection.

    Attributes:
        explanation: without candidates, groups, interactions and other classes' scores.
        label: the true class, or score, or None where it is not known.
        kind: index into the collection's kinds.
    """

    explanation: Explanation
    label: str | float | None
    kind: int

    @property
    def true_class(self) -> str | None:
        """The label, where it is a class."""
        return self.label if isinstance(self.label, str) else None

    @property
    def distance(self) -> float | None:
        """How far the score is from the label, where that is a score."""
        return abs(self.explanation.value - self.label) if isinstance(self.label, float) else None

    @property
    def wrong(self) -> bool:
        """Whether there is a label and another class is likeliest."""
        return self.true_class is not None and self.true_class != self.explanation.predicted


@dataclass(frozen=True, slots=True)
class Collection:
    """Explanations in the order in which they were given.

    Attributes:
        items: the explanations.
        kinds: all that occur, in the order of their first explanation.
    """

    items: tuple[Item, ...]
    kinds: tuple[Kind, ...]

    @property
    def labelled(self) -> bool:
        """Whether any explanation has a class as its label."""
        return any(item.true_class is not None for item in self.items)


def collect(found: Iterable[LabelledExplanation]) -> Collection:
    """Return explanations reduced one after another, so that a run of any size can be read from its file.

    Raises:
        OptionError: there are no explanations.
    """
    shared, kinds, items = _Shared(), dict[Kind, int](), list[Item]()
    for one in found:
        explanation = _reduced(one.explanation, shared)
        kind = kinds.setdefault(_kind(explanation), len(kinds))
        items.append(Item(explanation, one.label, kind))
    if not items:
        raise OptionError("a report needs at least one explanation")
    return Collection(tuple(items), tuple(kinds))


class _Shared:
    """Values kept once, however many explanations have them."""

    def __init__(self) -> None:
        self._values: dict[Any, Any] = {}

    def __call__(self, value: _Value, key: Hashable) -> _Value:
        found: _Value = self._values.setdefault(key, value)
        return found


def _reduced(explanation: Explanation, shared: _Shared) -> Explanation:
    """Return an explanation without what is large; characters that no page can hold are replaced, one by one."""
    record = short_record(explanation.provenance)
    scores = UnitScores(
        scores=explanation.scores,
        std_error=explanation.std_error,
        lower=explanation.lower,
        upper=explanation.upper,
        likelihoods=explanation.likelihoods,
    )
    units = tuple(Unit(u.text.translate(_CONTROLS), u.start, u.end, u.segment) for u in explanation.units)
    return explanation.replace(
        segments=tuple(text.translate(_CONTROLS) for text in explanation.segments),
        units=units,
        labels=shared(explanation.labels, explanation.labels),
        meaning=shared(explanation.meaning, explanation.meaning),
        findings=(scores, *_sets(explanation, units)),
        provenance=shared(record, repr(record)),
    )


def _sets(explanation: Explanation, units: tuple[Unit, ...]) -> tuple[Rationales, ...]:
    """Return the sets that entries show, of the units as they are shown."""
    found = explanation.finding(Rationales)
    if found is None:
        return ()
    shown = Rationales(tuple(own for role in ROLES if (own := found.of(role)) is not None))
    return (shown.cut(range(len(units)), dict(zip(explanation.units, units, strict=True))),)


def _kind(explanation: Explanation) -> Kind:
    """Return the kind of a reduced explanation."""
    origin = explanation.origin
    return Kind(
        model=origin.model,
        method=origin.method,
        removal=f"{origin.removal} ({origin.likelihood})" if origin.likelihood else origin.removal,
        meaning=explanation.meaning.comparable,
        answer=explanation.answer,
        pairs=len(explanation.segments) > 1,
    )
