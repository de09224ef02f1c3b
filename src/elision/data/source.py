"""A file's text, and what kind of file it is, by its content and its name."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elision.data.columns import is_header
from elision.errors import OptionError

STANDARD_INPUT = "-"
_BY_SUFFIX = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
}
_GZIP, _PARQUET = b"\x1f\x8b", b"PAR1"
_HEAD = 20
DELIMITERS = ("\t", ",", ";", "|")


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it was read.

    Attributes:
        name: what messages call it.
        kind: "csv", "tsv", "jsonl" (an object a line), "json" (one list) or "text" (a text a line).
        text: its content.
    """

    name: str
    kind: str
    text: str

    @property
    def n_lines(self) -> int:
        """How many lines are not blank."""
        return sum(1 for line in self.text.split("\n") if line.strip())

    @property
    def looks(self) -> str:
        """What it seems to hold, for a message."""
        return {"csv": "a table", "tsv": "a table", "text": f"{self.n_lines} lines"}.get(self.kind, "rows in JSON")


def read_source(file: str | os.PathLike[str]) -> Source:
    """Return a file's content with its kind.

    Args:
        file: its path, or - for standard input; it may be packed by gzip.
    Raises:
        OptionError: it cannot be read or is no text.
    """
    path = os.fspath(file)
    name = "standard input" if path == STANDARD_INPUT else path
    text = decoded(content(path), name)
    return Source(name, kind_of(path, text), text)


def content(path: str) -> bytes:
    """Return a file's bytes, unpacked.

    Raises:
        OptionError: it cannot be read.
    """
    try:
        if path == STANDARD_INPUT:
            data = sys.stdin.buffer.read() if sys.stdin is not None else b""
        else:
            data = Path(path).read_bytes()
        return gzip.decompress(data) if data.startswith(_GZIP) else data
    except (OSError, EOFError, zlib.error) as error:
        raise OptionError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error


def decoded(data: bytes, name: str) -> str:
    """Return the text of a file's bytes.

    Raises:
        OptionError: they are no UTF-8.
    """
    if data.startswith(_PARQUET):
        raise OptionError(f"{name} is a Parquet file, which only elision report reads; write it as CSV or JSON lines")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise OptionError(f"{name} is not UTF-8 text: byte {error.start} is {error.object[error.start]:#x}") from error


def kind_of(path: str, text: str) -> str:
    """Return what kind of file it is; a name that says so is believed, but for JSON's two forms."""
    suffixes = [suffix for suffix in map(str.lower, Path(path).suffixes) if suffix != ".gz"]
    named = _BY_SUFFIX.get(suffixes[-1]) if suffixes else None
    if named in ("json", "jsonl"):
        return _json_kind(text)
    return named or _kind_by_content(text)


def _json_kind(text: str) -> str:
    """Return "json" where the whole is one value that a single line does not hold, else "jsonl"."""
    start = text.lstrip()
    first = start.partition("\n")[0]
    if start[:1] == "[":
        # A line that is a list of its own is a row: a pair of texts.
        return "jsonl" if _is_json(first) and start[len(first) :].strip() else "json"
    return "json" if start[:1] == "{" and not _is_json(first) and _is_json(text) else "jsonl"


def _kind_by_content(text: str) -> str:
    start = text.lstrip()
    first = start.partition("\n")[0]
    if start[:1] == "{" and _is_json(first):
        return "jsonl"
    if start[:1] in ("{", "[") and _is_json(text):
        return "json"
    delimiter = table_delimiter(text)
    return "text" if delimiter is None else "tsv" if delimiter == "\t" else "csv"


def table_delimiter(text: str) -> str | None:
    """Return what stands between the columns of a text that is a table beyond doubt, or None.

    It has a header with a name that a column of texts has, or a tab between columns in every line; and its first rows
    have as many columns as the first.
    """
    for delimiter in DELIMITERS:
        rows = head_rows(text, delimiter)
        columns = {len(row) for row in rows}
        if len(rows) < 2 or len(columns) > 1 or columns == {1}:
            continue
        if delimiter == "\t" or is_header(rows[0]):
            return delimiter
    return None


def head_rows(text: str, delimiter: str) -> list[list[str]]:
    """Return the first rows of a table, blank lines left out; fewer where quotes do not fit."""
    found: list[list[str]] = []
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in rows:
            if any(field.strip() for field in row):
                found.append(row)
            if len(found) == _HEAD:
                break
    except csv.Error:
        pass
    return found


def _is_json(text: str) -> bool:
    return parsed(text) is not None


def parsed(text: str) -> Any:
    """Return JSON's object or list, or None where the text is neither."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict | list) else None
