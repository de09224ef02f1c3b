"""Findings of several kinds: given by name or as a list; a new kind, and a view of it, are a file each and a line."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
import pytest
from toys.reports import explained, full, grouped

from elision.errors import OptionError
from elision.results.explanation import Candidate, Explanation
from elision.results.findings import KINDS, Candidates, Finding, Groups, Interactions, UnitScores, Unread
from elision.text import Unit
from elision.views.abridged import abridged
from elision.views.registry import VIEWS


@dataclasses.dataclass(frozen=True)
class Order(Finding):
    """A kind of its own: which unit goes first."""

    name: ClassVar[str] = "order"

    places: tuple[int, ...]

    def check(self, units: Sequence[Unit], labels: Sequence[str]) -> None:
        if sorted(self.places) != list(range(len(units))):
            raise OptionError(f"an order must have each unit once, got {self.places}")

    def to_dict(self, units: Sequence[Unit]) -> dict[str, Any]:
        return {"places": self.places}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], units: Sequence[Unit]) -> Self:
        return cls(tuple(data["places"]))

    def cut(self, kept: Sequence[int], moved: Mapping[Unit, Unit]) -> Order:
        return Order(tuple(np.argsort(np.argsort([self.places[i] for i in kept])).tolist()))


def first_word(explanation: Explanation) -> str:
    """Return, as a view does, the word that goes first."""
    found = explanation.finding(Order)
    return "" if found is None else explanation.units[found.places.index(0)].text


def ordered() -> Explanation:
    return full(findings=(Order((2, 0, 3, 1)),))


def test_a_new_kind_is_a_class_and_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    text = ordered().to_json()
    assert json.loads(text)["findings"][1] == {"kind": "order", "places": [2, 0, 3, 1]}
    unknown = Explanation.from_json(text)
    assert unknown.finding(Order) is None
    assert unknown == ordered()
    monkeypatch.setitem(KINDS.own, "order", f"{__name__}:Order")
    found = Explanation.from_json(text)
    assert found.finding(Order) == Order((2, 0, 3, 1))
    assert found == ordered()
    data = json.loads(text)
    data["findings"][1]["places"] = [2, 0, 3, 3]
    with pytest.raises(OptionError, match="an order must have each unit once"):
        Explanation.from_dict(data)


def test_a_new_kind_goes_through_copies_cuts_and_changes() -> None:
    before = ordered()
    for after in (copy.deepcopy(before), pickle.loads(pickle.dumps(before)), before.replace(target="negative")):
        assert after.finding(Order) == Order((2, 0, 3, 1))
    cut = abridged(before, 2)
    assert [unit.text for unit in cut.units] == ["deep", "film"]
    assert cut.finding(Order) == Order((0, 1))


def test_a_new_view_is_a_function_and_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(VIEWS.own, "first", f"{__name__}:first_word")
    assert VIEWS.find("first")(ordered()) == "deep"
    assert VIEWS.find("first")(full()) == ""


def test_parts_given_by_name_and_findings_given_as_a_list_are_the_same() -> None:
    by_name = grouped()
    as_list = by_name.replace(findings=by_name.findings)
    assert as_list == by_name
    assert [own.name for own in by_name.findings] == ["scores", "groups", "interactions"]
    groups, pairs = by_name.finding(Groups), by_name.finding(Interactions)
    assert groups is not None
    assert pairs is not None
    assert by_name.groups is groups.groups
    assert by_name.interactions is pairs.pairs
    assert by_name.finding(Candidates) is by_name.candidates is None


def test_a_part_given_by_name_stands_in_place_of_what_was_there() -> None:
    before = ordered()
    changed = dataclasses.replace(before, scores=np.arange(4.0))  # type: ignore[call-arg]
    assert changed.scores.tolist() == [0.0, 1.0, 2.0, 3.0]
    assert changed.std_error is not None
    assert changed.std_error.tolist() == [0.05, 0.1, 0.2, 0.0]
    without = before.replace(std_error=None, candidates=None)
    assert without.std_error is without.candidates is None
    assert without.likelihoods is not None
    assert [own.name for own in without.findings] == ["scores", "order"]
    again = without.replace(candidates=((Candidate("a", 0.5, 0.5),),) * 4)
    assert [own.name for own in again.findings] == ["scores", "order", "candidates"]
    assert before.replace(absent_probabilities=np.zeros(4)).absent_values.tolist() == [0.0] * 4  # type: ignore[union-attr]
    assert before.replace(probabilities=np.array([0.5, 0.5])).answers.tolist() == [0.5, 0.5]


def test_findings_that_do_not_fit_are_refused() -> None:
    scores = UnitScores(scores=np.zeros(4))
    bare = {name: getattr(full(), name) for name in ("segments", "units", "target", "labels", "answers")}
    with pytest.raises(OptionError, match="an explanation must have scores, one for each of its units"):
        Explanation(**bare, findings=(Order((0, 1, 2, 3)),))
    with pytest.raises(OptionError, match="an explanation must have one finding of a kind, got scores, scores"):
        Explanation(**bare, findings=(scores, scores))
    with pytest.raises(OptionError, match="an order must have each unit once, got \\(0, 0, 1, 2\\)"):
        Explanation(**bare, findings=(scores, Order((0, 0, 1, 2))))
    with pytest.raises(TypeError, match="Explanation got an unexpected keyword argument 'colours'"):
        Explanation(**bare, scores=np.zeros(4), colours=("red",))
    wrong = {"std_error": np.zeros(3), "class_scores": np.zeros((2, 3)), "lower": np.full(4, np.inf)}
    for name, value in wrong.items():
        with pytest.raises(OptionError, match=f"an explanation's {name} must"):
            Explanation(**bare, scores=np.zeros(4), **{name: value})


def test_cutting_keeps_what_is_of_the_units() -> None:
    whole = grouped()
    cut = abridged(whole, 2)
    assert [unit.text for unit in cut.units] == ["<b>cats", "dog"]
    assert cut.groups is not None
    assert [group.words for group in cut.groups] == [(("<b>cats",), ("dog",)), ((), ())]
    assert [group.membership.tolist() for group in cut.groups] == [[1.0, 0.75], [0.0, 0.01]]
    assert cut.interactions is not None
    assert [pair.shapley for pair in cut.interactions] == [1.25]
    assert cut.scores.tolist() == [0.8, 0.4]
    first = {cut.units[0]: cut.units[0]}
    assert whole.finding(Interactions).cut([1], first).pairs == ()  # type: ignore[union-attr]
    assert Unread("order", {"places": [0]}).cut([0], {}) is None
    candidates = Candidates(tuple((Candidate(word, 1.0, 0.5),) for word in "abcd"))
    assert [own[0].word for own in candidates.cut([1, 3], {}).of_units] == ["b", "d"]


def test_units_stand_in_findings_by_their_indices() -> None:
    findings = {own["kind"]: own for own in grouped().to_dict()["findings"]}
    assert [group["units"] for group in findings["groups"]["groups"]] == [[1, 3], [0, 2]]
    assert findings["interactions"]["pairs"][0] == {"units": [1, 3], "shapley": 1.25, "banzhaf": 1.0}
    assert explained().to_dict()["findings"] == [{"kind": "scores", "scores": [0.1, -2.0, 1.0, 0.0]}]


def test_the_arrays_of_findings_cannot_be_written() -> None:
    given = np.zeros(4)
    found = UnitScores(scores=given, likelihoods=given)
    given[0] = 1.0
    assert found.scores[0] == 0.0
    for renewed in (found, pickle.loads(pickle.dumps(found))):
        for values in (renewed.scores, renewed.likelihoods):
            with pytest.raises(ValueError, match="read-only"):
                values[0] = 1.0
