"""What a callable can be told: its options, from its signature and its docstring, and their values from strings."""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from inspect import Parameter, cleandoc, formatannotation, signature
from typing import Any

from elision.errors import OptionError

REQUIRED = Parameter.empty
"""What stands for the default of an option that has none."""
_SECTION = re.compile(r"^(Args|Attributes|Returns|Yields|Raises|Source|Cost):(.*?)(?=^\S|\Z)", re.MULTILINE | re.DOTALL)
_SENTENCE = re.compile(r"(?<=\.)\s+(?=[A-Z])")
_ARGUMENT = re.compile(r"(\w+)(?: \([^)]*\))?: *(.*)")
_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_SEQUENCES = ("Sequence", "Iterable", "Collection", "tuple", "list")
_RANKS = {"bool": 0, "int": 1, "float": 2, "str": 4, "Any": 5}
_SEQUENCE_RANK, _OTHER_RANK = 3, 6
_WORDS = {"int": "a whole number", "float": "a number", "bool": "yes or no", "None": "none"}
_NAMED = ("str", "PathLike", "Path", "Literal", "Any", "Explainer")
"""Types that a string may name."""


@dataclass(frozen=True)
class Option:
    """What a callable can be told.

    Attributes:
        name: of the parameter.
        annotation: its type, as it is written.
        default: its value where nothing is said; `REQUIRED` where something must be.
        text: what its docstring says of it.
    """

    name: str
    annotation: str
    default: Any
    text: str

    @property
    def kinds(self) -> tuple[str, ...]:
        """The types that it takes, such as "int" and "None"."""
        return _members(self.annotation)

    @property
    def takes(self) -> str:
        """What it takes of what a string can say, in words."""
        said = list(dict.fromkeys(filter(None, map(_said, sorted(self.kinds, key=_rank)))))
        return " or ".join(filter(None, [", ".join(said[:-1]), *said[-1:]]))

    def may_be(self, kind: str) -> bool:
        """Tell whether it takes a type, such as "Removal", in whatever module that is."""
        return any(_bare(own) == kind for own in self.kinds)

    def read(self, text: str) -> Any:
        """Return the value that a string says, by the option's type.

        Raises:
            OptionError: no type of the option reads it.
        """
        if self.may_be("None") and text.strip().casefold() == "none":
            return None
        try:
            return _read_as_one_of(text, self.kinds)
        except ValueError:
            raise OptionError(f"{self.name} must be {self.takes or self.annotation}, got {text!r}") from None


@dataclass(frozen=True)
class Description:
    """What a method, a removal or a metric says of itself.

    Attributes:
        name: as `explain` and the command line take it.
        summary: what it is, in a line.
        needs: what it must have.
        cost: in rows through the model.
        source: whom it is from.
        options: what it can be told.
    """

    name: str
    summary: str
    needs: str
    cost: str
    source: str = ""
    options: tuple[Option, ...] = ()


def options_of(call: Callable[..., Any], *, without: Collection[str] = ()) -> tuple[Option, ...]:
    """Return the options of a function, or of a class's constructor, in their order.

    Args:
        call: a function or a class, with a docstring in Google style.
        without: parameters that are no options.
    """
    texts = arguments(call.__doc__ or "")
    return tuple(
        Option(own.name, _written(own.annotation), own.default, texts.get(own.name, ""))
        for own in signature(call).parameters.values()
        if own.name not in without and own.kind not in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
    )


def summary(docstring: str) -> str:
    """Return a docstring's first sentence, without the point at its end."""
    first = " ".join(cleandoc(docstring).split("\n\n")[0].split())
    return _SENTENCE.split(first)[0].removesuffix(".")


def section(docstring: str, name: str) -> str:
    """Return what stands under a heading of a docstring, such as "Cost", in one line; "" where there is none."""
    return " ".join(_sections(docstring).get(name, "").split())


def source(docstring: str) -> str:
    """Return what a docstring names as its source, without the deviations from it; "" where it names none."""
    first = " ".join(cleandoc(docstring).split("\n\n")[0].split())
    text = section(docstring, "Source") or first.partition("Source: ")[2]
    return text.partition(" Deviations: ")[0].removesuffix(".")


def arguments(docstring: str) -> dict[str, str]:
    """Return what a docstring says of each argument, each in one line."""
    found: dict[str, str] = {}
    name = ""
    for line in cleandoc("\n" + _sections(docstring).get("Args", "")).splitlines():
        if (head := _ARGUMENT.match(line)) is not None:
            name = head[1]
            found[name] = head[2]
        elif name:
            found[name] = f"{found[name]} {line.strip()}".strip()
    return found


def _sections(docstring: str) -> dict[str, str]:
    return {found[1]: found[2] for found in _SECTION.finditer(cleandoc(docstring))}


def _written(annotation: Any) -> str:
    if annotation is Parameter.empty:
        return "Any"
    return annotation if isinstance(annotation, str) else formatannotation(annotation)


def _members(annotation: str) -> tuple[str, ...]:
    """Return the members of a union, which may be written as `Optional[X]` or `Union[X, Y]` too."""
    text = annotation.strip().strip("\"'").removeprefix("typing.")
    outer = re.fullmatch(r"(Optional|Union)\[(.*)\]", text, re.DOTALL)
    if outer is None:
        return tuple(_split(text, "|"))
    inside = [member for own in _split(outer[2], ",") for member in _members(own)]
    return (*inside, "None") if outer[1] == "Optional" else tuple(inside)


def _split(text: str, sign: str) -> Iterator[str]:
    """Yield the parts of a type between signs that stand in no brackets."""
    depth, start = 0, 0
    for i, character in enumerate(text):
        depth += {"[": 1, "]": -1}.get(character, 0)
        if character == sign and not depth:
            yield text[start:i].strip()
            start = i + 1
    yield text[start:].strip()


def _bare(kind: str) -> str:
    """Return a type's name without its module and what stands in brackets."""
    return kind.partition("[")[0].split(".")[-1].strip()


def _items(kind: str) -> tuple[str, ...]:
    """Return the types of a sequence's items; none for what is no sequence."""
    if _bare(kind) not in _SEQUENCES or "[" not in kind:
        return ()
    return _members(next(_split(kind.partition("[")[2].removesuffix("]"), ",")))


def _rank(kind: str) -> int:
    """Return what is tried earlier: the narrower type."""
    return _SEQUENCE_RANK if _items(kind) else _RANKS.get(_bare(kind), _OTHER_RANK)


def _said(kind: str) -> str:
    if items := _items(kind):
        each = [f"{said.removeprefix('a ')}s" for said in filter(None, map(_said, items))]
        return f"{' or '.join(each)} with commas between" if each else ""
    return _WORDS.get(kind, "a name" if _bare(kind) in _NAMED else "")


def _read_as_one_of(text: str, kinds: Collection[str]) -> Any:
    for kind in sorted(kinds, key=_rank):
        try:
            return _read(text, kind)
        except ValueError:
            continue
    raise ValueError(text)


def _read(text: str, kind: str) -> Any:
    """Return what a string says as a type.

    Raises:
        ValueError: it says no such value.
    """
    if items := _items(kind):
        return tuple(_read_as_one_of(part.strip(), items) for part in text.split(",") if part.strip())
    bare = _bare(kind)
    if bare == "bool":
        if text.strip().casefold() not in _TRUTHS:
            raise ValueError(text)
        return _TRUTHS[text.strip().casefold()]
    if bare in ("int", "float"):
        return int(text) if bare == "int" else float(text)
    if bare not in _NAMED:
        raise ValueError(text)
    if bare == "Any":
        try:
            return literal_eval(text)
        except (ValueError, SyntaxError):
            return text
    return text
