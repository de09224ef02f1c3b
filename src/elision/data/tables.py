"""CSV and TSV: every row with the number of columns that the header has, or what is wrong with it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

from elision.data.columns import listed, looks_like_data
from elision.data.source import DELIMITERS, Source, head_rows
from elision.errors import ExampleError, OptionError

_NO_DELIMITER = "\x1f"
_COMPARED = 100
_SAID = {
    "unexpected end": "a quote is opened and never closed",
    "field larger": f"a quote is never closed, or a column has more than {csv.field_size_limit():,} characters",
    "expected after": "a quote ends before its column does; write a quote inside a text twice",
}
Record = Mapping[str, object] | ExampleError


def table_rows(source: Source) -> tuple[list[str], list[Record]]:
    """Return a table's column names, and each row by column, or the error that says what is wrong with it.

    Raises:
        OptionError: it is empty, or its first row looks like data.
    """
    delimiter = delimiter_of(source)
    rows = _best_read(source.text, delimiter)
    first = next((row for _, row in rows if isinstance(row, list)), None)
    if first is None:
        raise OptionError(f"there is no text in {source.name}")
    others = [row for _, row in rows if isinstance(row, list) and row is not first]
    _require_header(source, delimiter, first, others[:_COMPARED])
    names = [name.strip() for name in first]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise OptionError(f"{source.name} has two columns named {twice!r}; name them differently in the first line")
    return names, [_record(row, names, lines) for lines, row in rows if row is not first]


def delimiter_of(source: Source) -> str:
    """Return what stands between columns: what splits the first rows alike, and the name's kind where several do."""
    likely = "\t" if source.kind == "tsv" else ","
    best, most = _NO_DELIMITER, 0.0
    for delimiter in (likely, *(own for own in DELIMITERS if own != likely)):
        rows = head_rows(source.text, delimiter)
        if rows and len(rows[0]) > 1:
            alike = sum(len(row) == len(rows[0]) for row in rows) / len(rows)
            if alike > most:
                best, most = delimiter, alike
    return best


def _best_read(text: str, delimiter: str) -> list[tuple[str, list[str] | str]]:
    """Return the rows; quotes in a table by tabs are characters where rows fit the header only so."""
    quoted = list(_read(text, delimiter, csv.QUOTE_MINIMAL))
    if delimiter != "\t" or _fits(quoted):
        return quoted
    bare = list(_read(text, delimiter, csv.QUOTE_NONE))
    return bare if _fits(bare) else quoted


def _fits(rows: list[tuple[str, list[str] | str]]) -> bool:
    return len({len(row) if isinstance(row, list) else 0 for _, row in rows}) <= 1


def _read(text: str, delimiter: str, quoting: int) -> Iterator[tuple[str, list[str] | str]]:
    """Yield the lines of each row that is not blank, and its fields or what is wrong with it."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting, strict=True)  # type: ignore[arg-type]
    while True:
        start = reader.line_num + 1
        try:
            row: list[str] | str = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            row = str(error)
        end = reader.line_num
        if isinstance(row, str) or any(field.strip() for field in row) or len(row) > 1:
            yield f"line {start}" if end == start else f"lines {start} to {end}", row


def _record(row: list[str] | str, names: list[str], lines: str) -> Record:
    if isinstance(row, str):
        reason = next((said for sign, said in _SAID.items() if sign in row), row)
        return ExampleError(f"{lines} cannot be read: {reason}")
    if len(row) > len(names):
        counts = f"there are {len(row)} columns in {lines} and {len(names)} in the header"
        return ExampleError(f"{counts}; put quotes around the text")
    return dict(zip(names, row, strict=False))


def _require_header(source: Source, delimiter: str, first: list[str], others: list[list[str]]) -> None:
    if not looks_like_data(first, others):
        return
    longest = max(range(len(first)), key=lambda column: len(first[column]))
    spare = iter(["label", *(f"column{number}" for number in range(3, len(first) + 2))])
    example = delimiter.join("text" if column == longest else next(spare) for column in range(len(first)))
    raise OptionError(
        f"{source.name} has no header: its first row, {listed([field[:30] for field in first])}, looks like data; "
        f"put a first line with the columns' names there: {example}"
    )
