"""Which columns hold texts and labels: by plain names, or the only one that looks like text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from elision.errors import OptionError

PAIRS = (
    ("premise", "hypothesis"),
    ("text1", "text2"),
    ("sentence1", "sentence2"),
    ("question1", "question2"),
    ("premise_tokens", "hypothesis_tokens"),
)
SINGLES = ("text", "sentence", "tokens", "review", "content", "review_text", "review_body", "comment", "tweet", "body")
LABELS = ("label", "labels", "class", "target", "category", "gold_label", "sentiment", "polarity", "stars", "rating")
_PLAIN = {name for names in (*PAIRS, SINGLES, LABELS) for name in names}
_TEXTS = {name for names in (*PAIRS, SINGLES) for name in names}
_LONG, _MANY_WORDS, _SHOWN = 40, 5, 12
"""Characters and words by which a first row is data and no header, and columns that a message names. Choices."""
_NUMBER = re.compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?%?")


def plain(name: object) -> str:
    """Return a column's name as plain names are written: small, with _ between words."""
    return re.sub(r"[\s\-]+", "_", str(name).strip().lower())


def is_header(row: Sequence[str]) -> bool:
    """Tell whether a row names a column of texts."""
    return any(plain(name) in _TEXTS for name in row)


def looks_like_data(first: Sequence[str], others: Sequence[Sequence[str]]) -> bool:
    """Tell whether a table's first row is no header: it has a number, a sentence, or a value that stands below too."""
    if any(plain(name) in _PLAIN for name in first):
        return False
    return any(
        _is_datum(name) or any(column < len(row) and row[column].strip() == name for row in others)
        for column, name in enumerate(map(str.strip, first))
        if name
    )


def _is_datum(name: str) -> bool:
    """Tell whether what stands in a table's first row is a number or a sentence."""
    words = name.split()
    return bool(_NUMBER.fullmatch(name)) or len(name) > _LONG or len(words) >= _MANY_WORDS or name[-1] in ".!?"


def listed(names: Iterable[object]) -> str:
    """Return columns' names for a message."""
    known = [str(name) for name in names]
    return ", ".join(known[:_SHOWN]) + (f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else "")


def named_texts(names: Iterable[object]) -> tuple[str, ...] | None:
    """Return the column or the two columns that plain names say hold texts, as they are written; None without."""
    written = {plain(name): str(name) for name in reversed(list(names))}
    for pair in PAIRS:
        if all(name in written for name in pair):
            return tuple(written[name] for name in pair)
    return next(((written[name],) for name in SINGLES if name in written), None)


def named_label(names: Iterable[object]) -> str | None:
    """Return the column that a plain name says holds labels, or None."""
    written = {plain(name): str(name) for name in reversed(list(names))}
    return next((written[name] for name in LABELS if name in written), None)


def chosen_texts(chosen: Sequence[str], names: Sequence[str], where: str) -> tuple[str, ...]:
    """Return the columns that a user named, as they are written.

    Args:
        chosen: a column's name or two; one may hold both with a comma between.
        names: the columns there are.
        where: what messages call the file.
    Raises:
        OptionError: there is no such column, or there are more than two.
    """
    if len(chosen) == 1 and chosen[0] not in names and "," in chosen[0]:
        chosen = [name.strip() for name in chosen[0].split(",")]
    if len(chosen) > 2:
        raise OptionError(f"an example has one text or two; got the columns {listed(chosen)}")
    return tuple(existing(name, names, where) for name in chosen)


def existing(name: str, names: Sequence[str], where: str) -> str:
    """Return a column's name as it is written.

    Raises:
        OptionError: there is no such column.
    """
    if name in names:
        return name
    alike = [own for own in names if plain(own) == plain(name)]
    if len(alike) == 1:
        return alike[0]
    raise OptionError(f"{where} has no column {name!r}; it has {listed(names)}")


def only_text(rows: Sequence[Mapping[str, Any]], names: Sequence[str], without: str | None) -> str | None:
    """Return the only column that looks like text: most of what stands in it has several words."""
    found = [name for name in names if name != without and _reads(rows, name)]
    return found[0] if len(found) == 1 else None


def _reads(rows: Sequence[Mapping[str, Any]], name: str) -> bool:
    values = [row[name] for row in rows if isinstance(row.get(name), str) and row[name].strip()]
    return 2 * sum(len(value.split()) > 1 and not _NUMBER.fullmatch(value) for value in values) > len(values)
