"""Files as they are read: what kind each is, unpacked and decoded."""

from __future__ import annotations

import gzip
import io
import sys
from pathlib import Path

import pytest

from elision.data.source import Source, decoded, head_rows, kind_of, parsed, read_source, table_delimiter
from elision.errors import OptionError


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("a.csv", "one line", "csv"),
        ("a.TSV", "one line", "tsv"),
        ("a.csv.gz", "one line", "csv"),
        ("a.json", '{"text": "a"}\n{"text": "b"}\n', "jsonl"),
        ("a.jsonl", '[{"text": "a"},\n {"text": "b"}]', "json"),
        ("a.jsonl", '["a", "b"]\n["c", "d"]\n', "jsonl"),
        ("a.json", '["a", "b"]', "json"),
        ("a.json", '{\n"text": "a"\n}', "json"),
        ("a.txt", '{"text": "a"}\n', "jsonl"),
        ("a.txt", '[\n"a"]', "json"),
        ("a.txt", "a {good} film\n", "text"),
        ("a.txt", "text,label\ngood,1\n", "csv"),
        ("a.txt", "text\tlabel\ngood\t1\n", "tsv"),
        ("a", "well, yes\nno, never\n", "text"),
    ],
)
def test_the_kind_of_a_file(name: str, text: str, kind: str) -> None:
    assert kind_of(name, text) == kind


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("text,label\na,1\n", ","),
        ("text;label\na, b;1\n", ";"),
        ("text|label\na|1\n", "|"),
        ("x\ty\na\tb\n", "\t"),
        ("x,y\na,b\n", None),
        ("text,label\n", None),
        ("text,label\na\n", None),
    ],
)
def test_what_stands_between_columns_beyond_doubt(text: str, delimiter: str | None) -> None:
    assert table_delimiter(text) == delimiter


def test_the_first_rows_of_a_table() -> None:
    rows = head_rows("a,b\n\n" + "1,2\n" * 30, ",")
    assert (len(rows), rows[0], rows[1]) == (20, ["a", "b"], ["1", "2"])


@pytest.mark.parametrize(("text", "found"), [('{"a": 1}', {"a": 1}), ("[1]", [1]), ("1", None), ("no", None)])
def test_only_objects_and_lists_are_rows(text: str, found: object) -> None:
    assert parsed(text) == found
    assert parsed("[" * 100000) is None


def test_packed_and_marked_files_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "text,label\ngood – film,1\n"
    file = tmp_path / "a.csv.gz"
    file.write_bytes(gzip.compress(b"\xef\xbb\xbf" + text.encode()))
    assert read_source(file) == Source(str(file), "csv", text)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert read_source("-") == Source("standard input", "csv", text)


def test_what_a_file_looks_like() -> None:
    lines = Source("a", "text", "one\n\n  \ntwo\n")
    assert (lines.n_lines, lines.looks) == (2, "2 lines")
    assert [Source("a", kind, "").looks for kind in ("csv", "tsv", "jsonl", "json")] == [
        "a table",
        "a table",
        "rows in JSON",
        "rows in JSON",
    ]


def test_what_cannot_be_read_is_said_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"^a is not UTF-8 text: byte 2 is 0xff$"):
        decoded(b"ab\xffc", "a")
    with pytest.raises(OptionError, match=r"^a is a Parquet file, which only elision report reads"):
        decoded(b"PAR1...", "a")
    (tmp_path / "half.gz").write_bytes(gzip.compress(b"text" * 99)[:-9])
    with pytest.raises(OptionError, match=r"^cannot read .*half\.gz: Compressed file ended before"):
        read_source(tmp_path / "half.gz")
    with pytest.raises(OptionError, match=r"^cannot read .*none\.csv: No such file or directory$"):
        read_source(tmp_path / "none.csv")
