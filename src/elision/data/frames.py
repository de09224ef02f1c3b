"""Examples in memory: sequences of texts, Series, and a DataFrame's column, whichever library made them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from elision.data.columns import chosen_texts, listed, named_texts
from elision.errors import ExampleError, OptionError

Column = str | Sequence[str]


def examples_of(examples: Any, column: Column | None = None) -> Iterable[Any]:
    """Return texts or pairs one after another.

    Args:
        examples: a sequence of texts or pairs, a Series, or a table: a DataFrame, an Arrow table, a dict of columns.
        column: of a table, the column of the texts, or the two of pairs.
    Raises:
        OptionError: examples are one text or no sequence, or it is not said which column holds texts.
    """
    if isinstance(examples, str | bytes):
        raise OptionError("examples must be a sequence of examples, not one text; put it in a list")
    names = _names(examples)
    if names is None:
        if column is not None:
            raise OptionError(f"column goes with a table, such as a DataFrame; got {_kind(examples)}")
        if not isinstance(examples, Iterable):
            raise OptionError(f"examples must be a sequence of texts or pairs of texts, got {_kind(examples)}")
        return _values(examples)
    if column is None:
        likely = named_texts(names) or tuple(names)[:1] or ("text",)
        written = repr(likely[0]) if len(likely) == 1 else repr(likely)
        raise OptionError(
            f"examples are {_kind(examples)} with the columns {listed(names)}; say which holds the texts: "
            f"column={written}"
        )
    wanted = list(column) if isinstance(column, list | tuple) else [column]
    chosen = chosen_texts([str(name) for name in wanted], list(names), type(examples).__name__)
    columns = [_values(examples[names[name]]) for name in chosen]
    return columns[0] if len(columns) == 1 else _pairs(*columns)


def _pairs(first: Iterable[Any], second: Iterable[Any]) -> Iterator[Any]:
    for pair in zip(first, second, strict=True):
        yield next((own for own in pair if isinstance(own, ExampleError)), pair)


def _names(examples: Any) -> dict[str, Any] | None:
    """Return a table's columns by their names as text, or None where it is no table."""
    if isinstance(examples, Mapping):
        return {str(name): name for name in examples}
    for attribute in ("column_names", "columns"):
        names = getattr(examples, attribute, None)
        if isinstance(names, Iterable) and not isinstance(names, str):
            found = [(str(name), name) for name in names]
            if len(dict(found)) < len(found):
                raise OptionError(f"examples are {_kind(examples)} with several columns of one name; rename them")
            return dict(found)
    return None


def _values(column: Any) -> Iterable[Any]:
    """Return a column's values as Python's own, the missing ones as errors."""
    for method in ("to_pylist", "tolist", "to_list"):
        made = getattr(column, method, None)
        if callable(made):
            column = made()
            break
    return (ExampleError("there is no text, the value is missing") if _missing(value) else value for value in column)


def _missing(value: Any) -> bool:
    """Tell whether a value is None, NaN or pandas' NA, whose comparison with itself is neither True nor False."""
    if isinstance(value, str | tuple | list):
        return False
    return (
        value is None or type(value).__name__ in ("NAType", "NaTType") or (isinstance(value, float) and value != value)
    )


def _kind(examples: Any) -> str:
    name = type(examples).__name__
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"
