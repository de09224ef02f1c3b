"""A run: the explanations of many examples in one file, JSON lines or Parquet, each with its label where there is one.

JSON lines have `Explanation.to_json(indent=None)` a line, and the key "label" for the true class, or the true score.
Parquet has a row an explanation: the same JSON in the column `explanation`, and the label, in letters, in the column
`label`.
"""

from __future__ import annotations

import codecs
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import Any, BinaryIO

from elision._lazy import renamed
from elision.errors import ElisionError, OptionError, TargetError
from elision.files import beside
from elision.labels import index_of_label
from elision.results.explanation import PROBABILITIES, Explanation

_PARQUET = b"PAR1"
_ROWS = 256
_NAMED = 10
_FAILURE = {"row", "error"}
_NONE_LEFT: Any = object()
Label = str | int | float | None


@dataclass(frozen=True, slots=True)
class LabelledExplanation:
    """An explanation of a run.

    Attributes:
        explanation: what was found.
        label: the example's true class, by name, or true score; None where it is not known.
    """

    explanation: Explanation
    label: str | float | None = None

    def __post_init__(self) -> None:
        known = true_label(self.label, self.explanation.labels, self.explanation.answer)
        object.__setattr__(self, "label", known)


def true_label(label: object, known: Sequence[str], answer: str = "classes") -> str | float | None:
    """Return what a label means of a model's answers, or None where there is none.

    Args:
        label: a class, as `class_of` takes it; a number, or a string of one, where answers are scores.
        known: the model's labels.
        answer: the kind of its answers.
    Raises:
        TargetError: no class, or no number, is meant.
    """
    if answer in PROBABILITIES or label is None or label != label:
        return class_of(label, known)
    try:
        found = float(label)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        found = float("nan")
    if not isfinite(found) or isinstance(label, bool):
        raise TargetError(f"a label must be a number where answers are scores, got {label!r}")
    return found


def class_of(label: object, known: Sequence[str]) -> str | None:
    """Return the name of the class that a label means, or None where there is no label.

    Args:
        label: a class's name in any case, its index or a string of that; None or NaN for none.
        known: the model's classes.
    Raises:
        TargetError: no class is meant.
    """
    if label is None or (isinstance(label, float) and label != label):
        return None
    whole = int(label) if isinstance(label, float) and label.is_integer() else label
    try:
        return known[index_of_label(whole, known)]
    except TargetError as error:
        some = ", ".join(map(str, known[:_NAMED])) + (", ..." if len(known) > _NAMED else "")
        raise TargetError(f"a label must be one of the model's classes ({some}), got {label!r}") from error


def labelled(
    explanations: Iterable[Explanation | LabelledExplanation], labels: Iterable[Label] | None = None
) -> Iterator[LabelledExplanation]:
    """Yield explanations with their labels, one after another.

    Args:
        explanations: as methods give them or as `read_run` does.
        labels: for each a class, by name in any case or by index, or a score, or None; they replace those of the run.
    Yields:
        Each explanation with its label.
    Raises:
        OptionError: there are more or fewer labels than explanations, or an explanation is none.
        TargetError: a label is no class of its explanation.
    """
    if isinstance(explanations, Explanation | LabelledExplanation):
        raise OptionError("a run must be of several explanations: give [explanation] for one")
    given = None if labels is None else iter(labels)
    count = 0
    for count, one in enumerate(explanations, 1):
        if not isinstance(one, Explanation | LabelledExplanation):
            raise OptionError(f"a run must be of explanations, got {type(one).__name__} as number {count}")
        own = one if isinstance(one, LabelledExplanation) else LabelledExplanation(one)
        if given is not None:
            label = next(given, _NONE_LEFT)
            if label is _NONE_LEFT:
                raise OptionError(f"labels must be one for each explanation, got {count - 1} for more explanations")
            own = LabelledExplanation(own.explanation, label)
        yield own
    if given is not None and next(given, _NONE_LEFT) is not _NONE_LEFT:
        raise OptionError(f"labels must be one for each explanation, got more than {count} for {count} explanations")


def write_run(
    path: str | os.PathLike[str],
    explanations: Iterable[Explanation | LabelledExplanation],
    labels: Iterable[Label] | None = None,
) -> None:
    """Write explanations to one file; it is there whole or not at all.

    Args:
        path: a name ending in .parquet is written as Parquet (`pip install "elision[parquet]"`), others as JSON lines.
        explanations: what to write; read one after another.
        labels: the true class of each, by name in any case or by index, or the true score; None or NaN where it is not
            known.
    Raises:
        OptionError: the file cannot be written, or labels are not one for each explanation.
        TargetError: a label is no class of its explanation.
    """
    file, found = Path(path), labelled(explanations, labels)
    if file.suffix == ".parquet":
        _parquet()
        with beside(file) as half:
            _write_parquet(half, found)
        return
    with beside(file) as half, half.open("wb") as out:
        for one in found:
            out.write(line_of(one))


def line_of(one: LabelledExplanation, **more: Any) -> bytes:
    """Return an explanation as its line in a run.

    Args:
        one: the explanation with its label.
        more: other keys for the line; readers of runs leave them aside.
    """
    label = {} if one.label is None else {"label": one.label}
    return _encoded(one.explanation.to_dict() | label | more) + b"\n"


def failure_line(row: int, reason: str) -> bytes:
    """Return the line in a run of a row that was not explained; `read_run` leaves it out."""
    return _encoded({"row": row, "error": reason}) + b"\n"


def read_run(path: str | os.PathLike[str]) -> Iterator[LabelledExplanation]:
    """Yield the explanations of a file one after another.

    JSON lines or Parquet, whichever the file is. Read too: what `elision explain --json FILE` writes, several one after
    another, and a study's explanations, whose first line has settings. Rows that `elision run` could not explain
    are left out.

    Args:
        path: what `write_run` or `to_json` wrote.
    Yields:
        Each explanation with its label.
    Raises:
        OptionError: there is no such file, it has no explanations, or a line or row of it is none; it says which.
    """
    file, count = Path(path), 0
    try:
        with file.open("rb") as source:
            parquet = source.read(len(_PARQUET)) == _PARQUET
            source.seek(0)
            for place, text, label in _rows(file) if parquet else _documents(source, file):
                data = _object(text, place)
                settings = count == 0 and place == "line 1"
                if "schema" not in data and (settings or data.keys() == _FAILURE):
                    continue
                count += 1
                yield _one(data, label, place)
    except OSError as error:
        raise OptionError(f"cannot read {str(file)!r}: {error.strerror or error}") from error
    except _PlaceError as error:
        raise OptionError(f"{str(file)!r}, {error}") from error.__cause__
    if not count:
        raise OptionError(f"{str(file)!r} has no explanations; write them with elision.write_run")


class _PlaceError(Exception):
    """A line or row is no explanation: which, and why."""


def _one(data: dict[str, Any], label: str | None, place: str) -> LabelledExplanation:
    """Return what a line or row says."""
    if "schema" not in data:
        raise _PlaceError(f"{place}, is no explanation: it has no schema; write explanations with elision.write_run")
    own = data.get("label") if label is None else label
    try:
        explanation = Explanation.from_dict(data)
        if explanation.is_probability and not isinstance(own, str | None):
            raise _PlaceError(f"{place}: a label must be the name of a class, got {own!r}")
        return LabelledExplanation(explanation, own)
    except ElisionError as error:
        raise _PlaceError(f"{place}: {error}") from error


def _object(text: bytes | str | None, place: str) -> dict[str, Any]:
    try:
        data = json.loads(text or "")
    except (ValueError, TypeError, RecursionError) as error:
        raise _PlaceError(f"{place}, is no JSON ({error}); a run has one explanation a line") from error
    if not isinstance(data, dict):
        raise _PlaceError(f"{place}, is no explanation: it is a {type(data).__name__}, not an object")
    return data


def _documents(source: BinaryIO, file: Path) -> Iterator[tuple[str, bytes, None]]:
    """Yield each object of a file: a line, or the lines from a { that stands alone to such a }."""
    if file.suffix == ".parquet":
        raise OptionError(f"{str(file)!r} is no Parquet file; if it has JSON lines, name it .jsonl")
    inside: list[bytes] = []
    started, line = 0, b""
    for number, line in enumerate(source, 1):
        bare = (line.removeprefix(codecs.BOM_UTF8) if number == 1 else line).strip()
        if inside or bare == b"{":
            started = started if inside else number
            inside.append(line.rstrip(b"\r\n") if inside else bare)
            if inside[-1] == b"}":
                yield f"line {started}", b"\n".join(inside), None
                inside = []
        elif bare:
            if not line.endswith(b"\n") and not _is_json(bare):
                raise _PlaceError(_cut(number))
            yield f"line {number}", bare, None
    if inside:
        raise _PlaceError(_cut(started))


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _cut(line: int) -> str:
    return f"line {line}, was cut short; remove what is left of it, or write the file again"


def _rows(file: Path) -> Iterator[tuple[str, str | None, str | None]]:
    """Yield the rows of a Parquet file, a few hundred at a time in memory."""
    pyarrow, parquet = _parquet()
    try:
        with parquet.ParquetFile(file) as table:
            names = table.schema_arrow.names
            if "explanation" not in names:
                raise OptionError(
                    f"{str(file)!r} must have the column explanation, with what Explanation.to_json gives; "
                    f"it has {', '.join(names)}"
                )
            row = 0
            columns = [name for name in ("explanation", "label") if name in names]
            for batch in table.iter_batches(batch_size=_ROWS, columns=columns):
                for own in batch.to_pylist():
                    row += 1
                    yield f"row {row}", own["explanation"], own.get("label")
    except pyarrow.ArrowException as error:
        raise OptionError(
            f"{str(file)!r} is no Parquet file that can be read: {' '.join(str(error).split())}"
        ) from error


def _write_parquet(file: Path, found: Iterator[LabelledExplanation]) -> None:
    pyarrow, parquet = _parquet()
    schema = pyarrow.schema([("explanation", pyarrow.string()), ("label", pyarrow.string())])
    with file.open("wb") as own, parquet.ParquetWriter(own, schema, compression="zstd") as out:
        while some := list(islice(found, _ROWS)):
            texts = [_encoded(one.explanation.to_dict()).decode() for one in some]
            labels = [None if one.label is None else str(one.label) for one in some]
            out.write_table(pyarrow.table([texts, labels], schema=schema))


def _parquet() -> tuple[Any, Any]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise OptionError('Parquet needs the pyarrow library: pip install "elision[parquet]"') from error
    return pyarrow, parquet


def _encoded(data: dict[str, Any]) -> bytes:
    """Return JSON in one line of UTF-8; a surrogate without its other half is written as JSON's escape."""
    return json.dumps(data, ensure_ascii=False, allow_nan=False).encode("utf-8", "backslashreplace")


__getattr__ = renamed(__name__, {"Recorded": LabelledExplanation, "recorded": labelled})
