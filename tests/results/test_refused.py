"""JSON that is no explanation, or one that cannot be true: refused in one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from toys.schema_1 import schema_1
from toys.whole import SCORES, full

import elision
from elision.errors import OptionError
from elision.results.explanation import Explanation

TEXT = "a good film"


@pytest.mark.parametrize("text", ["", "nonsense", "null", "5", "[]", '"text"', "{}", '{"schema": 1}', "{", "\x00"])
def test_what_is_no_explanation_is_refused(text: str) -> None:
    with pytest.raises(OptionError, match=r"^the text is no explanation in JSON: "):
        Explanation.from_json(text)


def test_deeply_nested_nonsense_is_refused() -> None:
    with pytest.raises(OptionError, match=r"^the text is no explanation in JSON: "):
        Explanation.from_json("[" * 200_000)


@pytest.mark.parametrize("schema", [0, 3, "1", None, [], True])
def test_another_schema_is_refused(schema: Any) -> None:
    with pytest.raises(OptionError) as caught:
        Explanation.from_json(json.dumps({"schema": schema}))
    newer = "; install a newer elision" * (schema == 3)
    assert str(caught.value) == f"this explanation has schema {schema}, and this elision reads schemas 1 and 2{newer}"


@pytest.mark.parametrize("schema", [schema_1, Explanation.to_dict])
@pytest.mark.parametrize("name", ["segments", "units", "target", "labels", "notes", "provenance"])
def test_a_missing_field_is_refused_by_name(name: str, schema: Callable[[Explanation], dict[str, Any]]) -> None:
    data = schema(full())
    del data[name]
    with pytest.raises(OptionError, match=f"KeyError: '{name}'"):
        Explanation.from_json(json.dumps(data))


@pytest.mark.parametrize("name", ["answer", "meaning", "findings"])
def test_a_missing_field_of_schema_2_is_refused_by_name(name: str) -> None:
    data = full().to_dict()
    del data[name]
    with pytest.raises(OptionError, match=f"KeyError: '{name}'"):
        Explanation.from_json(json.dumps(data))


@pytest.mark.parametrize("name", sorted(set(schema_1(full())) - set(full().to_dict())))
def test_a_missing_field_of_schema_1_is_refused_by_name(name: str) -> None:
    data = schema_1(full())
    del data[name]
    with pytest.raises(OptionError, match=f"KeyError: '{name}'"):
        Explanation.from_json(json.dumps(data))


@pytest.mark.parametrize(
    "changes",
    [
        {"scores": ["much", 1, 2, 3, 4]},
        {"scores": [[1], [1, 2], 3, 4, 5]},
        {"scores": [1.0, 2.0]},
        {"scores": 5},
        {"scores": None},
        {"probabilities": None},
        {"probabilities": [0.5, 0.5]},
        {"class_scores": [[1, 2, 3, 4, 5]]},
        {"lower": [1.0]},
        {"target": "odd"},
        {"units": ["a"]},
        {"units": 5},
        {"units": [{"text": "a"}]},
        {"labels": None},
        {"notes": 5},
        {"candidates": [5]},
        {"candidates": [[{"word": "a"}]]},
        {"provenance": None},
        {"segments": []},
    ],
    ids=lambda changes: json.dumps(changes)[:40],
)
def test_fields_that_do_not_fit_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match="explanation"):
        Explanation.from_json(json.dumps(schema_1(full()) | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"answer": [0.6, 0.3, 0.1]},
        {"answer": {"kind": "classes", "values": [0.6, 0.4]}},
        {"answer": {"kind": "classes", "values": [0.6, None, 0.1]}},
        {"answer": {"values": [0.6, 0.3, 0.1]}},
        {"meaning": "bits"},
        {"meaning": {"name": 5}},
        {"meaning": {"range": [0.0]}},
        {"findings": {}},
        {"findings": []},
        {"findings": [5]},
        {"findings": [{"scores": list(SCORES)}]},
        {"findings": [{"kind": "scores"}]},
        {"findings": [{"kind": "scores", "scores": [1.0]}]},
        {"findings": [{"kind": "scores", "scores": list(SCORES), "std_error": [[1.0]]}]},
        {"findings": [{"kind": "scores", "scores": list(SCORES)}] * 2},
        {"findings": [{"kind": "scores", "scores": list(SCORES)}, {"kind": "candidates", "of_units": [5]}]},
        {"findings": [{"kind": "scores", "scores": list(SCORES)}, {"kind": "candidates", "of_units": []}]},
        {"findings": [{"kind": "scores", "scores": list(SCORES)}, {"kind": "groups", "groups": [{"units": [9]}]}]},
        {"findings": [{"kind": "scores", "scores": list(SCORES)}, {"kind": "interactions", "pairs": [{"units": [1]}]}]},
        {"target": "odd"},
        {"units": ["a"]},
        {"units": [{"text": "a"}]},
        {"labels": None},
        {"notes": 5},
        {"provenance": None},
        {"segments": []},
    ],
    ids=lambda changes: json.dumps(changes)[:60],
)
def test_fields_of_schema_2_that_do_not_fit_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match="explanation"):
        Explanation.from_json(json.dumps(full().to_dict() | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"scores": [float("inf"), 1.0, 0.0]},
        {"probabilities": [float("nan"), 1.0]},
        {"labels": "ab"},
        {"units": [{"text": "a", "start": "x", "end": 1, "segment": 0}] * 3},
        {"units": [{"text": "a", "start": 0, "end": 1, "segment": 7}] * 3},
    ],
)
def test_explanations_that_cannot_be_true_are_refused(keywords, changes: dict) -> None:
    whole = elision.LeaveOneOut(removal="delete")(keywords, TEXT)
    with pytest.raises(elision.OptionError, match="explanation"):
        elision.Explanation.from_json(json.dumps(schema_1(whole) | changes))
