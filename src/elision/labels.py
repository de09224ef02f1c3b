"""Names of classes: what a config calls them, what a caller calls them, and which of them a label means."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral
from typing import Any

from elision.errors import OptionError, TargetError, did_you_mean

_LEADING = re.compile(r"(\d+)\b")


def index_of(label: object, labels: Sequence[str], what: str = "class") -> int:
    """Return the index of the class that a label means.

    A word is read as a name to the letter, then as the one name that differs in capitals only, then as an index
    written in digits; so "7" of the classes "3" and "7" is the second, and so is "1". A number is always an index.

    Args:
        label: a name, an index, or a string of an index.
        labels: the classes' names.
        what: the word for what has these names.
    Raises:
        TargetError: no class, or more than one, is meant.
    """
    index = None
    if isinstance(label, str):
        index = _named(label, labels)
    elif isinstance(label, Integral) and not isinstance(label, bool) and int(label) in range(len(labels)):
        index = int(label)
    if index is None:
        meant = did_you_mean(label, labels)
        raise TargetError(f"the model has no {what} {label!r}; it has {', '.join(labels)}{meant}")
    return index


def index_of_label(label: object, labels: Sequence[str]) -> int:
    """Return the index of the class that a label in data means: a name goes before an index, in numbers too.

    1 and "1" are the same, however a file writes them: the class "1", or else the one class whose name begins with that
    number where all begin with one ("1 star"), or else the second class.

    Raises:
        TargetError: no class, or more than one, is meant.
    """
    number = isinstance(label, Integral) and not isinstance(label, bool)
    text = str(int(label)) if number else label.strip() if isinstance(label, str) else ""  # type: ignore[call-overload]
    if text.isdigit() and text not in labels:
        begin = [match[1] if (match := _LEADING.match(name)) else "" for name in labels]
        if all(begin) and begin.count(text) == 1:
            return begin.index(text)
        if all(begin):
            raise TargetError(f"the model has no class {label!r}; it has {', '.join(labels)}")
    return index_of(text if number and text in labels else label, labels)


def _named(label: str, labels: Sequence[str]) -> int | None:
    if label in labels:
        return list(labels).index(label)
    alike = [i for i, name in enumerate(labels) if name.casefold() == label.casefold()]
    if len(alike) == 1:
        return alike[0]
    digits = [str(i) for i in range(len(labels))]
    return digits.index(label) if label in digits else None


def distinct(labels: Iterable[object]) -> tuple[str, ...]:
    """Return the names of classes that a caller gave.

    Raises:
        OptionError: they are none, or not different.
    """
    names = () if isinstance(labels, str) or not isinstance(labels, Iterable) else tuple(map(str, labels))
    if not names or len(set(names)) < len(names):
        raise OptionError(f"labels must be the names of different classes, got {labels!r}")
    return names


def require_own_order(given: Sequence[str], own: Sequence[str], model: str) -> None:
    """Refuse names that are the model's own in another order: they would swap its classes.

    Raises:
        OptionError: they are.
    """
    mine, theirs = ([name.casefold() for name in names] for names in (own, given))
    if mine != theirs and sorted(mine) == sorted(theirs):
        raise OptionError(
            f"labels are the classes of {model} in another order, which is {', '.join(own)}; leave labels out"
        )


def config_names(id2label: Mapping[Any, Any] | None, n: int) -> tuple[str, ...]:
    """Return n different names of classes, as a config has them.

    A class that the config leaves out is called LABEL_0 by its index, as the transformers library does; classes of one
    name are told apart by theirs: "positive (0)", "positive (2)".

    Args:
        id2label: class's index, or that in digits -> its name.
        n: the number of classes.
    """
    own = {str(key): name for key, name in (id2label or {}).items() if name is not None}
    names = [str(own.get(str(i), f"LABEL_{i}")) for i in range(n)]
    while len(set(names)) < n:
        count = Counter(names)
        names = [f"{name} ({i})" if count[name] > 1 else name for i, name in enumerate(names)]
    return tuple(names)
