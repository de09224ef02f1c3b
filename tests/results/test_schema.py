"""Files of schema 1, as version 0.1.0 wrote them, are read; what a newer version may add is left aside."""

from __future__ import annotations

import json
import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toys.reports import full, grouped
from toys.schema_1 import schema_1

from elision.results.explanation import Candidate, Explanation
from elision.results.findings import Unread
from elision.results.meaning import Meaning
from elision.runs.file import read_run, write_run

FILE = Path(__file__).with_name("schema-1.jsonl")
"""Eight explanations by eight methods, two of them with NaN likelihoods or fewer candidates; made by version 0.1.0."""
WRITTEN = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
SAID = [(data["provenance"]["method"], data) for data in WRITTEN]


def test_a_run_of_version_0_1_0_is_read_with_its_labels() -> None:
    found = list(read_run(FILE))
    assert [one.explanation.method for one in found] == [
        *("leave-one-out", "group-masks", "marginalization", "marginalization"),
        *("word-masks", "iba", "random", "saliency"),
    ]
    assert [one.label for one in found] == ["likes", None, "dislikes", "likes", "likes", None, None, "dislikes"]


@pytest.mark.parametrize(("method", "data"), SAID)
def test_everything_that_schema_1_says_is_there(method: str, data: dict[str, Any]) -> None:
    found = Explanation.from_dict(data)
    assert {**schema_1(found), "label": data.get("label")} == {**data, "label": data.get("label")}
    assert (found.answer, found.method) == ("classes", method)
    assert found.predicted == data["labels"][int(np.argmax(data["probabilities"]))]
    assert found.probability == data["probabilities"][data["labels"].index(data["target"])]


@pytest.mark.parametrize(("method", "data"), SAID)
def test_written_again_it_is_schema_2_and_the_same(method: str, data: dict[str, Any]) -> None:
    found = Explanation.from_dict(data)
    again = found.to_dict()
    assert again["schema"] == 2
    assert Explanation.from_dict(json.loads(json.dumps(again))) == found
    assert Explanation.from_dict(again).to_html() == found.to_html()


MEANINGS = {
    "leave-one-out": Meaning("weight of evidence", "bits"),
    "group-masks": Meaning("weighted attribution", "probability", signed=False),
    "marginalization": Meaning("weight of evidence", "bits"),
    "word-masks": Meaning("probability of being kept", "probability", signed=False),
    "iba": Meaning("information", "bits", signed=False),
    "random": Meaning("random score", "probability", range=(-1.0, 1.0)),
    "saliency": Meaning("size of the gradient", "bits per embedding", signed=False),
}


@pytest.mark.parametrize(("method", "data"), SAID)
def test_what_scores_mean_is_read_from_the_provenance_of_schema_1(method: str, data: dict[str, Any]) -> None:
    found = Explanation.from_dict(data)
    assert found.meaning == MEANINGS[method]
    assert found.unit_of_scores == MEANINGS[method].unit


def test_the_parts_of_schema_1_are_findings() -> None:
    kinds = [[own.name for own in Explanation.from_dict(data).findings] for data in WRITTEN[:4]]
    assert kinds == [
        ["scores"],
        ["scores", "groups", "interactions"],
        ["scores", "candidates"],
        ["scores", "candidates"],
    ]
    bounded, estimated = (Explanation.from_dict(data) for data in WRITTEN[2:4])
    assert bounded.likelihoods is not None
    np.testing.assert_array_equal(bounded.likelihoods, [math.nan, 0.25, math.nan, 0.5, 1.0])
    assert bounded.lower is not None
    assert bounded.lower[0] == -23.90284354721759
    assert bounded.std_error is None
    assert estimated.std_error is not None
    assert bounded.candidates is not None
    assert bounded.candidates[1][1] == Candidate("the", 0.011904761904761904, 0.9646175668323488)


def test_a_parquet_file_of_schema_1_is_read(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    file = tmp_path / "run.parquet"
    labels = [data.get("label") for data in WRITTEN]
    texts = [json.dumps({name: data[name] for name in data if name != "label"}) for data in WRITTEN]
    parquet.write_table(pyarrow.table({"explanation": texts, "label": labels}), file)
    found = list(read_run(file))
    assert found == list(read_run(FILE))
    write_run(tmp_path / "again.parquet", found)
    assert list(read_run(tmp_path / "again.parquet")) == found
    assert json.loads(parquet.read_table(tmp_path / "again.parquet").to_pydict()["explanation"][0])["schema"] == 2


def test_keys_that_are_not_known_are_left_aside() -> None:
    data = full().to_dict()
    data["mine"] = 1
    data["units"] = [{**unit, "parent": 3} for unit in data["units"]]
    data["answer"]["margin"] = 0.5
    data["meaning"]["colour"] = "red"
    data["findings"] = [{**own, "model": "other"} for own in data["findings"]]
    assert Explanation.from_dict(data) == full()


def test_findings_of_a_kind_that_is_not_known_are_written_again() -> None:
    data = grouped().to_dict()
    orders = {"kind": "orders", "of": [[2, 0, 1], {"deep": [1.5, None]}]}
    data["findings"].insert(1, orders)
    found = Explanation.from_dict(data)
    assert found.findings[1] == Unread("orders", {"of": orders["of"]})
    assert found.groups is not None
    assert len(found.groups) == 2
    assert found.to_dict() == data
    assert json.loads(found.replace(target="negative").to_json())["findings"][1] == orders


def test_what_was_pickled_with_one_attribute_for_each_finding_is_read() -> None:
    now = full()
    names = ("segments", "units", "scores", "target", "labels", "probabilities", "std_error", "lower", "upper")
    names += ("class_scores", "absent_probabilities", "likelihoods", "candidates", "groups", "interactions", "notes")
    state = {name: getattr(now, name) for name in (*names, "provenance")}
    before = object.__new__(Explanation)
    before.__setstate__(state)
    assert before == now
    assert pickle.loads(pickle.dumps(before)) == now
