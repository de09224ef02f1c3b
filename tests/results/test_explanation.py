"""Explanations: frozen, equal where their JSON is, the same after JSON out and in, and refused where JSON is wrong."""

from __future__ import annotations

import copy
import csv
import dataclasses
import io
import json
import math
import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toys.whole import SCORES, SEGMENTS, UNITS, full, make

import elision
from elision.errors import OptionError, TargetError
from elision.results.explanation import SCHEMA, Explanation, Group, Scored
from elision.text import Unit

KEYS = [
    *("schema", "segments", "units", "target", "labels", "answer", "meaning", "findings", "notes", "provenance"),
]


def test_json_out_and_in_is_the_same() -> None:
    for before in (make(), full()):
        after = Explanation.from_json(before.to_json())
        assert after == before
        assert after.to_json() == before.to_json()
        assert hash(after) == hash(before)
        assert (after.segments, after.units, after.labels, after.notes) == (
            before.segments,
            before.units,
            before.labels,
            before.notes,
        )
        assert after.candidates == before.candidates


def test_the_repr_is_one_line() -> None:
    shown = "Explanation('positive', probability=0.3, method='leave-one-out', top='slow -2, film +2, a +0.5')"
    assert repr(full()) == shown
    long = make(segments=("x" * 99, "it drags"), units=(Unit("x" * 99, 0, 99), *UNITS[3:]), scores=np.ones(3))
    assert len(repr(long)) < 160
    group = Group(UNITS[1:4], 0.123456, 1.5, np.ones(5))
    assert repr(group) == "Group((('slow', 'film'), ('it',)), importance=0.123, loss=1.5)"


@pytest.mark.parametrize("renew", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_pickled_and_copied_explanations_are_equal_and_frozen(renew: Any) -> None:
    before = full()
    before = dataclasses.replace(before, groups=(Group(UNITS[1:4], 1.0, 1.5, np.ones(5)),))
    after = renew(before)
    assert after == before
    assert after.provenance == before.provenance
    for values in (after.scores, after.std_error, after.class_scores, after.groups[0].membership):
        assert not values.flags.writeable
    with pytest.raises(dataclasses.FrozenInstanceError):
        after.target = "negative"


def test_csv_has_a_row_a_unit_and_only_the_columns_that_are_there(tmp_path: Path) -> None:
    assert make().to_csv().splitlines() == [
        "unit,segment,start,end,score",
        "a,0,0,1,0.5",
        "slow,0,2,6,-2.0",
        "film,0,7,11,2.0",
        "it,1,0,2,0.0",
        "drags,1,3,8,0.25",
    ]
    membership = np.array([0.0, 0.9, 0.1, 0.4, 0.2])
    groups = (Group((UNITS[1],), 0.7, 1.0, membership), Group(UNITS[2:], 0.3, 1.0, (1 - membership) * (membership > 0)))
    whole = dataclasses.replace(full(), groups=groups)
    file = tmp_path / "scores.csv"
    text = whole.to_csv(file)
    assert file.read_text(encoding="utf-8") == text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0]) == [
        *("unit", "segment", "start", "end", "score", "std_error", "lower", "upper"),
        *("absent_probability", "likelihood", "group"),
    ]
    assert [row["likelihood"] for row in rows] == ["0.1", "", "1e-12", "0.0", "1.0"]
    assert [row["group"] for row in rows] == ["", "0", "1", "1", "1"]
    assert [float(row["lower"]) for row in rows] == whole.lower.tolist()  # type: ignore[union-attr]


def test_csv_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"cannot write .*none/x.csv'") as caught:
        make().to_csv(tmp_path / "none" / "x.csv")
    assert "\n" not in str(caught.value)


def test_awkward_words_come_back_from_csv() -> None:
    text = 'say "a, b"\n now'
    units = (Unit('"a, b"', 4, 10), Unit("\n now", 10, 15))
    found = make(segments=(text,), units=units, scores=np.array([1 / 3, -1e-300]))
    rows = list(csv.DictReader(io.StringIO(found.to_csv(), newline="")))
    assert [row["unit"] for row in rows] == [unit.text for unit in units]
    assert [float(row["score"]) for row in rows] == found.scores.tolist()


def test_the_frame_has_the_columns_of_the_csv() -> None:
    pandas = pytest.importorskip("pandas")
    groups = (Group((UNITS[1],), 1.0, 1.0, np.array([0.0, 1.0, 1.0, 1.0, 1.0])),)
    whole = dataclasses.replace(full(), groups=groups)
    frame = whole.to_frame()
    read = pandas.read_csv(io.StringIO(whole.to_csv()), dtype={"group": "Int64"})
    pandas.testing.assert_frame_equal(frame, read, check_dtype=False)
    assert frame["score"].to_numpy().tolist() == list(SCORES)
    assert frame["group"].isna().tolist() == [True, False, False, False, False]
    assert list(make().to_frame()) == ["unit", "segment", "start", "end", "score"]


def test_without_pandas_the_frame_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(OptionError, match=r"^to_frame needs the pandas library: pip install pandas$"):
        make().to_frame()


def test_numbers_come_back_to_the_last_bit_and_in_float64() -> None:
    awkward = np.array([0.1, 1 / 3, -1e-300, 1e300, 5e-324])
    after = Explanation.from_json(make(scores=awkward, std_error=awkward).to_json(indent=None))
    assert after.scores.tobytes() == awkward.tobytes()
    assert after.std_error is not None
    assert after.std_error.dtype == np.float64
    assert after.class_scores is None


def test_unknown_likelihoods_are_null_in_json_and_nan_again() -> None:
    text = full().to_json()
    assert json.loads(text)["findings"][0]["likelihoods"] == [0.1, None, 1e-12, 0.0, 1.0]
    assert "NaN" not in text
    likelihoods = Explanation.from_json(text).likelihoods
    assert likelihoods is not None
    np.testing.assert_array_equal(likelihoods, [0.1, math.nan, 1e-12, 0.0, 1.0])


def test_json_is_plain_and_says_its_schema() -> None:
    data = full().to_dict()
    assert data["schema"] == SCHEMA == 2
    assert list(data) == KEYS
    assert data["units"][4] == {"text": "drags", "start": 3, "end": 8, "segment": 1}
    assert data["answer"] == {"kind": "classes", "values": [0.6, 0.3, 0.1]}
    assert data["meaning"] == {
        "name": "weight of evidence",
        "unit": "bits",
        "signed": True,
        "range": None,
        "adds_up_to": None,
    }
    scores, candidates = data["findings"]
    assert (scores["kind"], scores["scores"], candidates["kind"]) == ("scores", list(SCORES), "candidates")
    assert candidates["of_units"][0][1] == {"word": "\U0001f600", "likelihood": 0.25, "value": 1 / 3}
    assert data["provenance"]["seed"] == 3
    assert type(data["provenance"]["seed"]) is int
    assert data["provenance"]["threshold"] == 0.1
    assert data["provenance"]["order"] == [1, 0]
    assert scores["std_error"] == [0.1, 0.2, 0.3, 0.4, 0.5]
    assert make().to_dict()["findings"] == [{"kind": "scores", "scores": list(SCORES)}]
    assert "\n" not in full().to_json(indent=None)
    assert "\U0001f600" in full().to_json()


def test_arrays_are_copies_that_cannot_be_written() -> None:
    scores = np.array(SCORES)
    explanation = make(scores=scores, class_scores=np.ones((3, 5)))
    scores[0] = 99.0
    assert explanation.scores[0] == 0.5
    for array in (explanation.scores, explanation.probabilities, explanation.scores_for("negative")):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        explanation.target = "negative"  # type: ignore[misc]


def test_arrays_become_float64() -> None:
    assert make(scores=np.array([1, 2, 3, 4, 5], dtype=np.int32)).scores.dtype == np.float64
    assert make(probabilities=np.array([0.5, 0.5, 0], dtype=np.float32)).probabilities.dtype == np.float64


def test_top_gives_the_heaviest_in_reading_order_where_they_tie() -> None:
    explanation = make()
    assert explanation.top(3) == [Scored(UNITS[1], -2.0), Scored(UNITS[2], 2.0), Scored(UNITS[0], 0.5)]
    assert [unit.text for unit, _ in explanation.top()] == ["slow", "film", "a", "drags", "it"]
    assert len(explanation.top(99)) == 5
    assert type(explanation.top(1)[0].score) is float
    many = tuple(Unit("a", i, i + 1) for i in range(100))
    ties = make(segments=("a" * 100,), units=many, scores=np.tile([1.0, -1.0, 2.0, -2.0], 25))
    heavy = [unit.start for unit, _ in ties.top(50)]
    assert heavy == sorted(heavy)
    assert heavy[:4] == [2, 3, 6, 7]


@pytest.mark.parametrize("k", [0, -1, "2", None, True])
def test_top_of_less_than_one_is_refused(k: Any) -> None:
    with pytest.raises(OptionError) as caught:
        make().top(k)
    assert str(caught.value) == f"k must be at least 1, got {k!r}"


def test_top_of_a_fraction_is_refused() -> None:
    with pytest.raises(OptionError, match=r"k must be .*got 2\.5"):
        make().top(2.5)  # type: ignore[arg-type]


def test_scores_for_every_class() -> None:
    explanation = make(class_scores=np.arange(15.0).reshape(3, 5))
    np.testing.assert_array_equal(explanation.scores_for("positive"), SCORES)
    np.testing.assert_array_equal(explanation.scores_for("neither"), [10, 11, 12, 13, 14])
    with pytest.raises(TargetError) as caught:
        explanation.scores_for("odd")
    assert str(caught.value) == "the model has no class 'odd'; it has negative, positive, neither"


def test_scores_for_another_class_need_class_scores() -> None:
    with pytest.raises(TargetError) as caught:
        make(provenance={"method": "random"}).scores_for("negative")
    assert str(caught.value) == "random scored the target 'positive' only; explain again with target='negative'"


def test_what_it_says_of_itself() -> None:
    explanation = full()
    assert explanation.example == SEGMENTS
    assert make(segments=("a slow film",), units=UNITS[:3], scores=np.ones(3)).example == "a slow film"
    assert explanation.predicted == "negative"
    assert explanation.probability == 0.3
    assert (explanation.method, explanation.unit_of_scores) == ("leave-one-out", "bits")
    assert (make().method, make().unit_of_scores) == ("", "")


def test_equal_where_the_json_is() -> None:
    assert make() == make()
    assert hash(make()) == hash(make())
    assert make() != make(target="negative")
    assert make() != make(notes=("a note",))
    assert make() != make(scores=np.array([0.5, -2.0, 2.0, 0.0, 0.26]))
    assert make(likelihoods=np.full(5, math.nan)) == make(likelihoods=np.full(5, math.nan))
    assert make() != make().to_dict()
    assert make() != None  # noqa: E711


def test_text_and_html_are_the_views() -> None:
    assert str(full()).startswith("negative  60.0 %   explained: positive  30.0 %\n")
    assert full()._repr_html_().startswith("<div ")


def test_a_real_explanation_survives_json(keywords: elision.BlackBox) -> None:
    before = elision.LeaveOneOut(removal="delete")(keywords, ("a good film", "a bad one"))
    after = Explanation.from_json(before.to_json())
    assert after == before
    assert str(after) == str(before)
    assert after._repr_html_() == before._repr_html_()
