"""A run in a file: out and in again, JSON lines or Parquet, read one by one; one line for each thing that is wrong."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from toys.reports import explained, full, grouped
from toys.schema_1 import schema_1
from toys.scored import scored

import elision
from elision.errors import OptionError, TargetError
from elision.results.explanation import Explanation
from elision.runs.file import LabelledExplanation, labelled, read_run, write_run

pyarrow = pytest.importorskip("pyarrow")
LABELS = ["positive", None, "negative"]


@pytest.fixture(params=["run.jsonl", "run.parquet"])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / str(request.param)


def run_of_three() -> list[Explanation]:
    return [full(), grouped(), explained("caf\u00e9 \u2028 \U0001f600 \x00 x")]


def line(**changes: Any) -> str:
    return json.dumps(full().to_dict() | changes)


def line_1(**changes: Any) -> str:
    return json.dumps(schema_1(full()) | changes)


def parquet(file: Path, **columns: list[Any]) -> None:
    from pyarrow import parquet

    parquet.write_table(pyarrow.table(columns), file)


def test_out_and_in_again(file: Path) -> None:
    write_run(file, run_of_three(), LABELS)
    found = list(read_run(file))
    assert [one.explanation for one in found] == run_of_three()
    assert [one.label for one in found] == LABELS
    assert elision.LabelledExplanation is LabelledExplanation
    again = file.with_name(f"again{file.suffix}")
    elision.write_run(again, elision.read_run(file))
    assert list(read_run(again)) == found


@pytest.mark.parametrize(
    "labels", [[1, None, 0], ["1", None, "0"], ["Positive", float("nan"), "NEGATIVE"], [1.0, None, 0.0]]
)
def test_labels_are_names_in_any_case_or_indices(file: Path, labels: list[Any]) -> None:
    write_run(file, run_of_three(), labels)
    assert [one.label for one in read_run(file)] == LABELS
    assert elision.report(run_of_three(), labels=labels) == elision.report(run_of_three(), labels=LABELS)
    for wrong in (2, -1, "2", True, 0.5, "good"):
        with pytest.raises(TargetError, match="a label must be one of the model's classes"):
            write_run(file, run_of_three(), [wrong, None, None])


def test_rows_that_were_not_explained_are_left_out(tmp_path: Path) -> None:
    from elision.runs.file import failure_line, line_of

    file = tmp_path / "run.jsonl"
    lines = [
        failure_line(1, "the text is empty"),
        line_of(LabelledExplanation(full(), "negative"), row=2),
        failure_line(3, "too long"),
    ]
    file.write_bytes(b"".join(lines))
    assert list(read_run(file)) == [LabelledExplanation(full(), "negative")]
    file.write_bytes(lines[0] + lines[2])
    with pytest.raises(OptionError, match="has no explanations"):
        list(read_run(file))


def test_a_file_may_be_written_over_itself(file: Path) -> None:
    write_run(file, run_of_three())
    write_run(str(file), read_run(str(file)), LABELS)
    assert [one.label for one in read_run(file)] == LABELS


def test_who_reads_the_old_file_goes_on_reading_it(file: Path) -> None:
    write_run(file, run_of_three())
    old = file.read_bytes()
    with file.open("rb") as reader:
        write_run(file, [full()])
        assert reader.read() == old


def test_json_lines_have_an_explanation_a_line(tmp_path: Path) -> None:
    file = tmp_path / "run.jsonl"
    write_run(file, run_of_three(), LABELS)
    lines = file.read_bytes().splitlines()
    assert [json.loads(own).get("label") for own in lines] == LABELS
    assert ["label" in json.loads(own) for own in lines] == [True, False, True]
    assert [Explanation.from_json(own.decode()) for own in lines] == run_of_three()


def test_a_lone_surrogate_stays_what_it_is(file: Path) -> None:
    found = explained("a \ud800 b")
    write_run(file, [found])
    assert [one.explanation for one in read_run(file)] == [found]


def test_parquet_has_a_row_an_explanation(tmp_path: Path) -> None:
    from pyarrow import parquet

    file = tmp_path / "run.parquet"
    write_run(file, run_of_three() * 100, LABELS * 100)
    table = parquet.read_table(file).to_pydict()
    assert table["label"] == LABELS * 100
    assert [Explanation.from_json(text) for text in table["explanation"]] == run_of_three() * 100
    assert parquet.ParquetFile(file).num_row_groups == 2


def test_parquet_labels_may_lack_or_be_a_dictionary(tmp_path: Path) -> None:
    texts = [own.to_json() for own in run_of_three()]
    parquet(tmp_path / "none.parquet", explanation=texts, other=[1, 2, 3])
    assert [one.label for one in read_run(tmp_path / "none.parquet")] == [None] * 3
    parquet(tmp_path / "own", explanation=texts, label=pyarrow.array(LABELS).dictionary_encode())
    assert [one.label for one in read_run(tmp_path / "own")] == LABELS


def test_what_else_is_read(tmp_path: Path) -> None:
    """Blank lines, a byte-order mark, Windows' line ends, indented JSON one after another, a study's settings."""
    one, two = full(), grouped()
    for text in (
        f"\n{one.to_json(indent=None)}\n  \n{two.to_json(indent=None)}",
        f"\ufeff{one.to_json(indent=None)}\r\n{two.to_json(indent=None)}\r\n",
        f"{one.to_json()}\n{two.to_json()}\n",
        f"\ufeff{one.to_json()}\r\n\n{two.to_json(indent=None)}",
        f'{{"method": "lime"}}\n{one.to_json(indent=None)}\n{two.to_json(indent=None)}\n',
    ):
        (tmp_path / "run.jsonl").write_text(text, encoding="utf-8", newline="")
        assert [own.explanation for own in read_run(tmp_path / "run.jsonl")] == [one, two]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", " has no explanations; write them with elision.write_run"),
        ('{"method": "lime"}\n', " has no explanations; write them with elision.write_run"),
        (f"{line()}\n{line()[:-40]}", ", line 2, was cut short; remove what is left of it, or write the file again"),
        (f"{line()}\n{line()[:-1]}", ", line 2, was cut short; remove what is left of it, or write the file again"),
        (f"{line()}\n\n{full().to_json()[:-2]}", ", line 3, was cut short; remove what is left of it, or write"),
        ("words\n", ", line 1, is no JSON (Expecting value: line 1 column 1 (char 0)); a run has one explanation"),
        (f"{line()}\n\xff\n", ", line 2, is no JSON ("),
        ("[" * 100_000 + "\n", ", line 1, is no JSON ("),
        (f"{line()}\n[1]\n", ", line 2, is no explanation: it is a list, not an object"),
        (f'{line()}\n{{"text": "a film"}}\n', ", line 2, is no explanation: it has no schema; write explanations with"),
        ('{"text": "a"}\n{"text": "b"}\n', ", line 2, is no explanation: it has no schema; write explanations"),
        (f"{line(schema=99)}\n", ", line 1: this explanation has schema 99, and this elision reads schemas 1 and 2"),
        (f"{line_1(scores=[1, 2])}\n", ", line 1: an explanation's scores must have shape (4,), got (2,)"),
        (f"{line_1(scores=[None, 2, 3, 4])}\n", ", line 1: an explanation's scores must be finite"),
        (
            f"{line(label='neutral')}\n",
            ", line 1: a label must be one of the model's classes (negative, positive), got",
        ),
        (f"{line(label=1)}\n", ", line 1: a label must be the name of a class, got 1"),
    ],
)
def test_one_line_says_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "run.jsonl"
    file.write_text(text, encoding="latin-1")
    with pytest.raises(OptionError) as error:
        list(read_run(file))
    assert str(error.value).startswith(f"{str(file)!r}{message}")
    assert "\n" not in str(error.value)


def test_one_line_says_what_is_wrong_with_parquet(tmp_path: Path) -> None:
    file = tmp_path / "run.parquet"

    def message() -> str:
        with pytest.raises(OptionError) as error:
            list(read_run(file))
        assert "\n" not in str(error.value)
        return str(error.value).removeprefix(repr(str(file)))

    parquet(file, text=["a"], label=["b"])
    assert message() == " must have the column explanation, with what Explanation.to_json gives; it has text, label"
    parquet(file, explanation=[line(), None])
    assert message().startswith(", row 2, is no JSON (Expecting value")
    parquet(file, explanation=[1])
    assert message().startswith(", row 1, is no JSON (the JSON object must be str")
    parquet(file, explanation=[line()], label=[7])
    assert message() == ", row 1: a label must be the name of a class, got 7"
    parquet(file, explanation=pyarrow.array([], pyarrow.string()))
    assert message() == " has no explanations; write them with elision.write_run"
    write_run(file, [full()])
    file.write_bytes(file.read_bytes()[:-20])
    assert message().startswith(" is no Parquet file that can be read: ")
    file.write_text(line())
    assert message() == " is no Parquet file; if it has JSON lines, name it .jsonl"


def test_files_that_cannot_be_read_or_written(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"cannot read '.*nowhere.jsonl': No such file"):
        list(read_run(tmp_path / "nowhere.jsonl"))
    with pytest.raises(OptionError, match=r"cannot read '.*': Is a directory"):
        list(read_run(tmp_path))
    for name in ("run.jsonl", "run.parquet"):
        with pytest.raises(OptionError, match=rf"cannot write '.*nowhere/{name}': No such file"):
            write_run(tmp_path / "nowhere" / name, [full()])


def test_parquet_says_what_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_run(tmp_path / "run.parquet", [full()])
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    wanted = r'Parquet needs the pyarrow library: pip install "elision\[parquet\]"'
    with pytest.raises(OptionError, match=wanted):
        list(read_run(tmp_path / "run.parquet"))
    with pytest.raises(OptionError, match=wanted):
        write_run(tmp_path / "other.parquet", [full()])
    write_run(tmp_path / "run.jsonl", [full()])


def test_a_run_is_written_whole_or_not_at_all(file: Path) -> None:
    def breaks() -> Iterator[Explanation]:
        yield full()
        raise RuntimeError("stop")

    write_run(file, [grouped()])
    with pytest.raises(RuntimeError, match="stop"):
        write_run(file, breaks())
    assert [one.explanation for one in read_run(file)] == [grouped()]
    assert [own.name for own in file.parent.iterdir()] == [file.name]


def test_explanations_are_read_and_written_one_by_one(tmp_path: Path) -> None:
    file = tmp_path / "run.jsonl"
    file.write_text(f"{line()}\n{line()}\nwords\n")
    found = read_run(file)
    assert [next(found).label, next(found).label] == [None, None]
    with pytest.raises(OptionError, match="line 3, is no JSON"):
        next(found)


def test_labels_must_be_one_for_each_and_a_class(file: Path) -> None:
    with pytest.raises(OptionError, match="labels must be one for each explanation, got 1 for more explanations"):
        write_run(file, [full(), full()], ["positive"])
    with pytest.raises(OptionError, match="labels must be one for each explanation, got more than 2 for 2 explan"):
        write_run(file, [full(), full()], ["positive"] * 3)
    with pytest.raises(OptionError, match="a run must be of explanations, got str as number 2"):
        write_run(file, [full(), "a film"])  # type: ignore[list-item]
    with pytest.raises(TargetError, match=r"one of the model's classes \(negative, positive\), got 'neutral'"):
        write_run(file, [full()], ["neutral"])
    assert not file.exists()
    many = explained(labels=tuple(f"c{i}" for i in range(50)), target="c0", probabilities=[1.0] + [0.0] * 49)
    with pytest.raises(TargetError, match=r"classes \(c0, c1, .*, c9, \.\.\.\), got 'd'$"):
        LabelledExplanation(many, "d")


def test_labels_replace_those_of_the_run() -> None:
    run = [LabelledExplanation(full(), "positive"), LabelledExplanation(full(), "negative")]
    assert [one.label for one in labelled(run, iter([None, "positive"]))] == [None, "positive"]
    assert [one.label for one in labelled(run)] == ["positive", "negative"]


def test_from_dict_leaves_other_keys_aside() -> None:
    assert Explanation.from_dict(full().to_dict() | {"label": "positive", "mine": 1}) == full()
    with pytest.raises(OptionError, match="no explanation in JSON: KeyError"):
        Explanation.from_dict({})


def test_labels_of_scores_are_numbers(tmp_path: Path) -> None:
    run = [LabelledExplanation(scored(), label) for label in (3, "4.5", -0.25, None, float("nan"), 1e300)]
    assert [one.label for one in run] == [3.0, 4.5, -0.25, None, None, 1e300]
    for name in ("run.jsonl", "run.parquet"):
        if name.endswith("parquet"):
            pytest.importorskip("pyarrow")
        write_run(tmp_path / name, run)
        assert list(read_run(tmp_path / name)) == run
    assert [one.label for one in labelled([scored(), scored()], ["1", None])] == [1.0, None]
    for wrong in ("good", "", True, float("inf"), [1]):
        with pytest.raises(TargetError) as error:
            LabelledExplanation(scored(), wrong)  # type: ignore[arg-type]
        assert str(error.value) == f"a label must be a number where answers are scores, got {wrong!r}"


def test_a_line_of_scores_with_a_class_as_its_label_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "run.jsonl"
    file.write_text(json.dumps(scored().to_dict() | {"label": "good"}) + "\n")
    with pytest.raises(OptionError, match=r"line 1: a label must be a number where answers are scores, got 'good'"):
        list(read_run(file))


def test_the_former_names_go_on_working_and_say_so() -> None:
    with pytest.warns(DeprecationWarning, match=r"^elision.Recorded is elision.LabelledExplanation now; use"):
        assert elision.Recorded is LabelledExplanation
    for name, now in (("Recorded", LabelledExplanation), ("recorded", labelled)):
        with pytest.warns(DeprecationWarning, match=rf"^{name} is {now.__name__} now; use that name$"):
            assert getattr(elision.runs.file, name) is now
    assert "Recorded" not in dir(elision)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        elision.runs.file.nothing  # noqa: B018
