"""Rows of files: what is taken for text and label, what a broken row says, what is refused."""

from __future__ import annotations

import gzip
import io
import json
import sys
from pathlib import Path

import pytest

from elision.data.rows import read_rows
from elision.errors import ExampleError, OptionError

TWO = ["a good film", "a bad film"]


def written(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return file


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("a.csv", "text,label\na good film,pos\na bad film,neg\n", "csv"),
        ("a.csv", "\ufeffid,Review,Stars\r\n7,a good film,pos\r\n8,a bad film,neg\r\n", "csv"),
        ("a.csv", "label;sentence\npos;a good film\nneg;a bad film\n", "csv"),
        ("a.csv.gz", "text,label\na good film,pos\na bad film,neg\n", "csv"),
        ("a.tsv", "sentence\tlabel\na good film\tpos\na bad film\tneg\n", "tsv"),
        ("a.txt", "sentence\tlabel\na good film\tpos\na bad film\tneg\n", "tsv"),
        ("a", "content,class\na good film,pos\na bad film,neg\n", "csv"),
        ("a.jsonl", '{"text": "a good film", "label": "pos"}\n\n{"text": "a bad film", "label": "neg"}\n', "jsonl"),
        ("a.txt", '{"text": "a good film", "label": "pos"}\n{"text": "a bad film", "label": "neg"}', "jsonl"),
        ("a.json", json.dumps([{"text": t, "label": n} for t, n in zip(TWO, ["pos", "neg"], strict=True)]), "json"),
        (
            "a.json",
            '[\n{"tokens": ["a", "good", "film"], "label": "pos"},\n{"tokens": ["a", "bad", "film"], "label": "neg"}]',
            "json",
        ),
    ],
)
def test_texts_and_labels_are_found(tmp_path: Path, name: str, text: str, kind: str) -> None:
    found = read_rows(written(tmp_path, name, text))
    assert [row.example for row in found.rows] == TWO
    assert [row.label for row in found.rows] == ["pos", "neg"]
    assert [row.number for row in found.rows] == [1, 2]
    assert found.kind == kind
    assert found.said().startswith(f"{tmp_path / name}: ")
    assert f"text from {found.text_columns[0]}, label from {found.label_column}" in found.said()


@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz", "a"])
def test_other_files_have_a_text_a_line(tmp_path: Path, name: str) -> None:
    text = "a good film\n\n  Review, a bad film, and long \r\n"
    found = read_rows(written(tmp_path, name, text))
    assert [row.example for row in found.rows] == ["a good film", "Review, a bad film, and long"]
    assert found.text_columns == ()


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"text,label\na good film,1\n")))
    assert [(row.example, row.label) for row in read_rows("-").rows] == [("a good film", "1")]


def test_columns_that_are_named(tmp_path: Path) -> None:
    file = written(tmp_path, "a.csv", "text,title,mark,Other\nunused words here,a good film,pos,two cats\n")
    row = read_rows(file, text=["title"], label="mark").rows[0]
    assert (row.example, row.label) == ("a good film", "pos")
    for named in (["title", "other"], ["title,Other"]):
        assert read_rows(file, text=named).rows[0].example == ("a good film", "two cats")
    pairs = written(tmp_path, "b.csv", "Premise,Hypothesis,gold_label\na cat,an animal,entailment\n")
    assert read_rows(pairs).rows[0].example == ("a cat", "an animal")
    assert read_rows(pairs).is_pairs


def test_quotes_lines_and_delimiters_inside_a_text(tmp_path: Path) -> None:
    table = written(tmp_path, "a.csv", 'text,label\n"a ""good"", long\nfilm",pos\n')
    assert read_rows(table).rows[0].example == 'a "good", long\nfilm'
    bare = written(tmp_path, "a.tsv", 'sentence\tlabel\n"Good" they say\t1\n"open\t0\n')
    assert [row.example for row in read_rows(bare).rows] == ['"Good" they say', '"open']


def test_a_broken_row_says_why_and_costs_itself(tmp_path: Path) -> None:
    table = 'text,label\na good film,pos\na film, not bad,neg\n"odd"x,neg\n\na bad film,neg\n"never closed,pos\nlost\n'
    rows = read_rows(written(tmp_path, "a.csv", table)).rows
    assert [row.example for row in rows if isinstance(row.example, str)] == TWO
    assert [(row.number, str(row.example)) for row in rows if not isinstance(row.example, str)] == [
        (2, "there are 3 columns in line 3 and 2 in the header; put quotes around the text"),
        (3, "line 4 cannot be read: a quote ends before its column does; write a quote inside a text twice"),
        (5, "lines 7 to 8 cannot be read: a quote is opened and never closed"),
    ]
    lines = '{"text": "a good film"}\n{"text": null}\n{"text": 5}\n{"label": 1}\n{"text": \n[1]\n{"text": NaN}\n'
    rows = read_rows(written(tmp_path, "a.jsonl", lines)).rows
    assert all(isinstance(row.example, ExampleError) for row in rows[1:])
    assert [str(row.example) for row in rows[1:]] == [
        "there is no text",
        "text must be a text, got 5",
        "there is no text",
        "it is no JSON: Expecting value",
        "a row must be an object, a text or a pair of texts, got [1]",
        "there is no text",
    ]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (
            "a.csv",
            "a good film,1\na bad film,0\n",
            "has no header: its first row, a good film, 1, looks like data; put",
        ),
        ("a.csv", "a good film,1\n", "a first line with the columns' names there: text,label$"),
        ("a.tsv", "pos\ta good film\npos\ta bad film\n", "names there: label\ttext$"),
        ("a.txt", "1\ta good film\n0\ta bad film\n", "has no header"),
        ("a.csv", "one,two\na good film,a bad film\n", "no column of .* names, one, two: say --text-column NAME"),
        ("a.csv", "number,remark,class\n1,a good film,pos\n2,a bad film,neg\n", "say --text-column NAME"),
        # Nothing tells these short rows from a header, and none of them may be lost.
        ("a.csv", "a fine film,positive\nbad film,negative\n", "its first line is read as the columns' names"),
        ("a.csv", "a fine film\na bad film\n", "its first line is read as the columns' names"),
        ("a.csv", "text,text\na,b\n", "has two columns named 'text'"),
        ("a.csv", "text,label\n", "has a header and no rows"),
        ("a.csv", "\n", "there is no text in"),
        ("a.txt", " \n", "there is no text in"),
        ("a.jsonl", "\n", "there is no text in"),
        ("a.json", "[]", "there is no text in"),
    ],
)
def test_files_that_are_refused(tmp_path: Path, name: str, text: str, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        read_rows(written(tmp_path, name, text))


def test_columns_and_files_that_do_not_exist(tmp_path: Path) -> None:
    file = written(tmp_path, "a.csv", "text,label\na film,1\n")
    for options in ({"text": ["words"]}, {"label": "words"}):
        with pytest.raises(OptionError, match=r"a\.csv has no column 'words'; it has text, label"):
            read_rows(file, **options)
    with pytest.raises(OptionError, match="one text or two; got the columns a, b, c"):
        read_rows(file, text=["a", "b", "c"])
    with pytest.raises(OptionError, match="one text a line and no columns"):
        read_rows(written(tmp_path, "a.txt", "a film\n"), text=["text"])
    with pytest.raises(OptionError, match=r"cannot read .*: No such file"):
        read_rows(tmp_path / "none.csv")
    (tmp_path / "latin.csv").write_bytes(b"text\ncaf\xe9\n")
    with pytest.raises(OptionError, match="is not UTF-8 text: byte 8 is 0xe9"):
        read_rows(tmp_path / "latin.csv")
    (tmp_path / "cut.txt.gz").write_bytes(gzip.compress(b"a film")[:-6])
    with pytest.raises(OptionError, match="cannot read"):
        read_rows(tmp_path / "cut.txt.gz")
