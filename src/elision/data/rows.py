"""A file's examples, row by row, with their labels: a row that cannot be used costs itself only."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from elision.data.columns import chosen_texts, existing, listed, named_label, named_texts, only_text
from elision.data.source import Source, read_source
from elision.data.tables import table_rows
from elision.errors import ExampleError, OptionError, require_count

_KINDS = {"csv": "a table", "tsv": "a table", "jsonl": "JSON lines", "json": "a JSON list"}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file.

    Attributes:
        number: counted from 1; blank lines and a header do not count.
        example: a text, a pair of texts, or the error that says why there is none; explainers take all three.
        label: as it stands there, None where there is none.
        record: all columns, empty where there are none.
    """

    number: int
    example: Any
    label: Any
    record: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a file.

    Attributes:
        name: the file's.
        kind: "csv", "tsv", "jsonl", "json" or "text".
        text_columns: where texts were found, one column or two; empty for a text a line.
        label_column: where labels were found, or None.
        rows: all rows, broken ones too.
    """

    name: str
    kind: str
    text_columns: tuple[str, ...]
    label_column: str | None
    rows: tuple[Row, ...]

    @property
    def is_pairs(self) -> bool:
        """Whether the first row that can be used is a pair of texts."""
        return next((isinstance(row.example, tuple) for row in self.rows if _usable(row)), False)

    def first(self, limit: int | None) -> Rows:
        """Return the first rows alone, or all where there is no limit.

        Raises:
            OptionError: limit is less than 1.
        """
        if limit is None:
            return self
        require_count("limit", limit, 1)
        return replace(self, rows=self.rows[:limit])

    def said(self) -> str:
        """Return, in a line, what was taken for what; nothing where a file has no columns to choose from."""
        if not self.text_columns:
            return ""
        count = f"{len(self.rows):,} row{'' if len(self.rows) == 1 else 's'}"
        parts = [f"{self.name}: {_KINDS[self.kind]}, {count}", f"text from {' and '.join(self.text_columns)}"]
        if self.label_column is not None:
            parts.append(f"label from {self.label_column}")
        return ", ".join(parts)


def read_rows(file: str | os.PathLike[str], *, text: Sequence[str] = (), label: str | None = None) -> Rows:
    """Return a file's examples.

    Args:
        file: CSV or TSV with a header; JSON lines or a JSON list, of objects, texts or pairs; or one text a line.
            Any may be packed by gzip; - is standard input.
        text: the column of the texts, or the two of pairs; by default those with plain names (text, review, premise
            and hypothesis, ...), or the only column that looks like text.
        label: the column of the labels; by default one with a plain name (label, class, stars, ...), if there is one.
    Raises:
        OptionError: the file cannot be read or is empty, has no header, or it is not clear which column holds texts.
    """
    source = read_source(file)
    if source.kind == "text":
        if text or label is not None:
            raise OptionError(
                f"{source.name} has one text a line and no columns; name it .csv, .tsv or .jsonl if it has"
            )
        return _as_rows(source, (), None, [(line, None, {}) for line in _lines(source.text)])
    names, records = _records(source)
    if not records:
        raise OptionError(f"{source.name} has a header and no rows")
    return _of_records(source, names, records, text, label)


def _as_rows(
    source: Source, texts: tuple[str, ...], label: str | None, found: Sequence[tuple[Any, Any, Mapping[str, Any]]]
) -> Rows:
    if not found:
        raise OptionError(f"there is no text in {source.name}")
    rows = tuple(Row(number, *own) for number, own in enumerate(found, 1))
    return Rows(source.name, source.kind, texts, label, rows)


def _usable(row: Row) -> bool:
    return not isinstance(row.example, Exception)


def _lines(text: str) -> Iterator[str]:
    return (line.strip() for line in text.split("\n") if line.strip())


def _records(source: Source) -> tuple[list[str], list[Any]]:
    """Return the columns' names and what each row has: an object, a text, a pair, or what is wrong with it."""
    if source.kind in ("csv", "tsv"):
        return table_rows(source)
    given = _json_list(source) if source.kind == "json" else [_json_line(line) for line in _lines(source.text)]
    if not given:
        raise OptionError(f"there is no text in {source.name}")
    names = dict.fromkeys(str(name) for row in given if isinstance(row, Mapping) for name in row)
    return list(names), given


def _json_list(source: Source) -> list[Any]:
    try:
        found = json.loads(source.text)
    except (ValueError, RecursionError) as error:
        raise OptionError(f"{source.name} is no JSON: {error}") from error
    return found if isinstance(found, list) else [found]


def _json_line(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        return ExampleError(f"it is no JSON: {getattr(error, 'msg', error)}")
    except RecursionError:
        return ExampleError("it is no JSON: it nests too deep")


def _of_records(source: Source, names: list[str], records: list[Any], text: Sequence[str], label: str | None) -> Rows:
    objects = [record for record in records if isinstance(record, Mapping)]
    labels = existing(label, names, source.name) if label is not None else named_label(names)
    find, columns = _finder(source, names, objects, text, labels)
    found = [
        (_example(record, find), _label(record.get(labels)) if isinstance(record, Mapping) else None, _own(record))
        for record in records
    ]
    return _as_rows(source, columns, labels, found)


def _own(record: Any) -> Mapping[str, Any]:
    return record if isinstance(record, Mapping) else {}


def _label(value: Any) -> Any:
    """Return a label, None where nobody gave one."""
    if value in (None, "", "-", -1, "-1") or value != value:
        return None
    return value.strip() if isinstance(value, str) else value


Finder = Callable[[Mapping[str, Any]], tuple[str, ...] | None]


def _finder(
    source: Source, names: list[str], objects: Sequence[Mapping[str, Any]], text: Sequence[str], label: str | None
) -> tuple[Finder, tuple[str, ...]]:
    """Return what tells in which columns a row's texts stand, and those of the first row."""
    if text:
        chosen = chosen_texts(text, names, source.name)
        return (lambda record: chosen), chosen
    known = {tuple(record): named_texts(record) for record in objects}
    first = next((columns for columns in known.values() if columns is not None), None)
    if first is not None:
        # A table's short rows lack columns; JSON's rows may be of single texts and of pairs.
        return (lambda record: known[tuple(record)] or first), first
    if not objects:
        return (lambda record: None), ()
    if source.kind in ("csv", "tsv"):
        raise OptionError(
            f"no column of {source.name} has a plain name such as text; its first line is read as the columns' names, "
            f"{listed(names)}: say --text-column NAME, or put such a line there"
        )
    only = only_text(objects, names, label)
    if only is None:
        raise OptionError(
            f"say which column of {source.name} holds the text: --text-column NAME; it has {listed(names)}"
        )
    return (lambda record: (only,)), (only,)


def _example(record: Any, find: Finder) -> Any:
    """Return a row's text or pair, or the error that says why there is none."""
    if isinstance(record, Exception | str):
        return record
    if isinstance(record, list) and len(record) == 2 and all(isinstance(part, str) for part in record):
        return tuple(record)
    if not isinstance(record, Mapping):
        return ExampleError(f"a row must be an object, a text or a pair of texts, got {json.dumps(record)[:40]}")
    try:
        texts = tuple(_text(record, name) for name in find(record) or ())
    except ExampleError as error:
        return error
    return texts[0] if len(texts) == 1 else texts


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    if value is None or value != value:
        raise ExampleError(f"there is no {name}")
    if isinstance(value, list) and all(isinstance(token, str) for token in value):
        return " ".join(value)
    if not isinstance(value, str):
        raise ExampleError(f"{name} must be a text, got {json.dumps(value)[:40]}")
    return value.strip()
