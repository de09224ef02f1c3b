"""Tables as Markdown, CSV and JSON, and files that are whole or not there."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from elision.errors import OptionError
from elision.reproduction.result import Cell, Picture, Result, Row
from elision.reproduction.writer import to_csv, to_json, to_markdown, write
from elision.results.measurement import Curve

CURVE = Curve(x=np.array([0.0, 1.0]), y=np.array([[1.0, 0.5], [1.0, 0.7]]), x_label="x", y_label="y")
RESULT = Result(
    "A title",
    ("model", "method"),
    ("one", "two"),
    (
        Row(("BERT", "a|b"), (Cell(0.51234, 0.4, 0.6, 20, 0.528), Cell("a / b", paper="12"))),
        Row(("BERT", "c"), (Cell(reason="no data", paper=0.1), Cell(1234))),
    ),
    "Setting: small.",
    ("a remark",),
    pictures=(Picture("part", "curves", curves={"m": CURVE}),),
)


def test_markdown() -> None:
    assert to_markdown(RESULT) == (
        "# A title\n\nSetting: small.\n\n"
        "| model | method | one | two |\n|---|---|---|---|\n"
        "| BERT | a\\|b | 0.512 (0.400 to 0.600); paper 0.528 | a / b; paper 12 |\n"
        "| BERT | c | no data; paper 0.1 | 1,234 |\n\n"
        "- a remark\n"
    )


def test_csv_and_json() -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(RESULT))))
    assert [(row["method"], row["column"], row["value"], row["paper"]) for row in rows] == [
        ("a|b", "one", "0.51234", "0.528"),
        ("a|b", "two", "a / b", "12"),
        ("c", "one", "", "0.1"),
        ("c", "two", "1234", ""),
    ]
    found = json.loads(to_json(RESULT))
    assert found["rows"][0]["cells"]["one"] == {
        "value": 0.51234,
        "lower": 0.4,
        "upper": 0.6,
        "n": 20,
        "paper": 0.528,
        "reason": "",
    }
    assert found["curves"]["part"]["m"]["mean"] == [1.0, 0.6]


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(RESULT, tmp_path, "t")
    before = (tmp_path / "t.md").read_text()
    real = Path.write_text

    def full(self: Path, text: str, **options: Any) -> int:
        real(self, text[:10], **options)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OptionError, match="No space left on device"):
        write(RESULT, tmp_path, "t")
    monkeypatch.undo()
    assert (tmp_path / "t.md").read_text() == before
    assert not [file for file in tmp_path.iterdir() if file.name.startswith(".")]
