"""The findings that most explainers have, as attributes of an explanation and as arguments of its constructor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypedDict, TypeVar

import numpy as np

from elision.arrays import Floats
from elision.errors import OptionError
from elision.results.findings import (
    Candidate,
    Candidates,
    Finding,
    Group,
    Groups,
    Interaction,
    Interactions,
    Rationale,
    Rationales,
    UnitScores,
)


class Parts(TypedDict, total=False):
    """What can be given by name; None takes it away."""

    scores: Floats
    std_error: Floats | None
    lower: Floats | None
    upper: Floats | None
    class_scores: Floats | None
    absent_values: Floats | None
    absent_probabilities: Floats | None
    likelihoods: Floats | None
    candidates: tuple[tuple[Candidate, ...], ...] | None
    groups: tuple[Group, ...] | None
    interactions: tuple[Interaction, ...] | None
    rationales: tuple[Rationale, ...] | None


_Kind = TypeVar("_Kind", bound=Finding)
_KINDS: dict[str, Any] = {
    "candidates": Candidates,
    "groups": Groups,
    "interactions": Interactions,
    "rationales": Rationales,
}


def with_parts(findings: Iterable[Finding], parts: Parts) -> tuple[Finding, ...]:
    """Return findings in which each part that is given by name stands in place of what was there.

    Raises:
        OptionError: two findings are of one kind, or there are no scores.
        TypeError: there is no part of a name.
    """
    given: Mapping[str, Any] = parts
    if unknown := given.keys() - Parts.__annotations__.keys():
        raise TypeError(f"Explanation got an unexpected keyword argument {min(unknown)!r}")
    listed = tuple(findings)
    found = {own.name: own for own in listed}
    if len(found) < len(listed):
        raise OptionError(f"an explanation must have one finding of a kind, got {', '.join(o.name for o in listed)}")
    numbers = {name: value for name, value in given.items() if name not in _KINDS}
    if "absent_probabilities" in numbers:
        numbers["absent_values"] = numbers.pop("absent_probabilities")
    before = found.get(UnitScores.name)
    if before is None and "scores" not in numbers:
        raise OptionError("an explanation must have scores, one for each of its units")
    if numbers:
        scores = UnitScores(**numbers) if before is None else replace(before, **numbers)  # type: ignore[type-var]
        found = {UnitScores.name: scores} | {kind: own for kind, own in found.items() if kind != UnitScores.name}
    for name, kind in _KINDS.items():
        if given.get(name) is not None:
            found[kind.name] = kind(given[name])
        elif name in given:
            found.pop(kind.name, None)
    return tuple(found.values())


class HasFindings:
    """What has findings, and those that most explainers have as attributes; abstract.

    Attributes:
        findings: what was found, one of a kind, scores among them.
    """

    findings: tuple[Finding, ...]

    def finding(self, kind: type[_Kind]) -> _Kind | None:
        """Return what was found of a kind, such as `Groups`, or None."""
        return next((own for own in self.findings if isinstance(own, kind)), None)

    @property
    def _scores(self) -> UnitScores:
        found = self.finding(UnitScores)
        assert found is not None
        return found

    @property
    def scores(self) -> Floats:
        """float64 (u,), in `unit_of_scores`; positive supports the target, where they have a sign."""
        return self._scores.scores

    @property
    def std_error(self) -> Floats | None:
        """float64 (u,) or None; of scores that rest on random draws."""
        return self._scores.std_error

    @property
    def lower(self) -> Floats | None:
        """float64 (u,) or None; the score is at least this, whatever the truncated candidates would have said."""
        return self._scores.lower

    @property
    def upper(self) -> Floats | None:
        """float64 (u,) or None; the score is at most this, likewise."""
        return self._scores.upper

    @property
    def class_scores(self) -> Floats | None:
        """float64 (c, u) or None; the scores for every label."""
        return self._scores.class_scores

    @property
    def absent_values(self) -> Floats | None:
        """float64 (u,) or None; the target's probability, or score, without each unit."""
        return self._scores.absent_values

    @property
    def likelihoods(self) -> Floats | None:
        """float64 (u,) or None; of each unit's original word, NaN where unknown."""
        return self._scores.likelihoods

    @property
    def candidates(self) -> tuple[tuple[Candidate, ...], ...] | None:
        """For each unit what could stand in its place, the likeliest first; or None."""
        found = self.finding(Candidates)
        return None if found is None else found.of_units

    @property
    def groups(self) -> tuple[Group, ...] | None:
        """Units that belong together, the most important group first; or None."""
        found = self.finding(Groups)
        return None if found is None else found.groups

    @property
    def interactions(self) -> tuple[Interaction, ...] | None:
        """Of pairs of units, those across the two texts first and the strongest first; or None."""
        found = self.finding(Interactions)
        return None if found is None else found.pairs

    @property
    def rationales(self) -> tuple[Rationale, ...] | None:
        """Sets that keep the answer alone, or take it with them: under all removals first, then each; or None."""
        found = self.finding(Rationales)
        return None if found is None else found.sets

    def group_of(self, i: int) -> int | None:
        """Return the index of unit i's likeliest group, or None where it is in none."""
        shares = [group.membership[i] for group in self.groups or ()]
        return int(np.argmax(shares)) if max(shares, default=0.0) > 0 else None
