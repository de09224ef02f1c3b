"""Options from signatures and docstrings, and their values from strings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pytest

import elision
from elision.options import REQUIRED, Option, arguments, options_of, section, source, summary


def sample(
    first: int,
    second: str | None = "x",
    *rest: object,
    third: Sequence[float] = (0.5,),
    without: int | Literal['a'] | None = None,
    **more: object,
) -> None:
    """Do a thing. Then another, which
    takes two lines.

    Args:
        first: how many; the
            text goes on
            twice.
        second (str): what: with a colon.
        third: shares.
    Returns:
        Nothing; higher is better.
    Source: A & B 2001, Eq. 3; C 2002. Deviations: some,
        on two lines.
    Cost: u rows.
    """


def test_options_are_those_of_the_signature_with_the_texts_of_the_docstring() -> None:
    found = options_of(sample, without=("third",))
    assert [option.name for option in found] == ["first", "second", "without"]
    assert [option.default for option in found] == [REQUIRED, "x", None]
    assert [option.text for option in found] == ["how many; the text goes on twice.", "what: with a colon.", ""]
    assert found[1].kinds == ("str", "None")


def test_sections_of_a_docstring() -> None:
    text = sample.__doc__ or ""
    assert summary(text) == "Do a thing"
    assert section(text, "Cost") == "u rows."
    assert section(text, "Returns") == "Nothing; higher is better."
    assert section(text, "Raises") == ""
    assert source(text) == "A & B 2001, Eq. 3; C 2002"
    assert source("Replace it: a mask. Source: D 2003, Eq. 1.") == "D 2003, Eq. 1"
    assert source("Nothing is named.") == ""
    assert arguments("No sections.") == {}


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        ("int", "3", 3),
        ("int | None", "none", None),
        ("int | None", "None", None),
        ("float", "1e-5", 1e-5),
        ("float", "2", 2.0),
        ("bool", "yes", True),
        ("bool", "False", False),
        ("str", "3", "3"),
        ("str", "none", "none"),
        ("int | str | None", "3", 3),
        ("int | str | None", "bert.encoder", "bert.encoder"),
        ("str | Sequence[int]", "1,0", (1, 0)),
        ("str | Sequence[int]", "left-to-right", "left-to-right"),
        ("Sequence[float]", "0.1, 0.5", (0.1, 0.5)),
        ("tuple[str, ...]", "a,b", ("a", "b")),
        ("Explainer | Sequence[int] | None", "lime", "lime"),
        ("Explainer | Sequence[int] | None", "4", (4,)),
        ("str | Removal | None", "mask", "mask"),
        ("Likelihood | str | os.PathLike[str] | None", "./folder", "./folder"),
        ("typing.Optional[int]", "none", None),
        ("Union[int, str]", "7", 7),
        ("Literal['a', 'b']", "a", "a"),
        ("Any", "[1, 2]", [1, 2]),
        ("Any", "word", "word"),
    ],
)
def test_values_from_strings(annotation: str, text: str, value: object) -> None:
    found = Option("x", annotation, None, "").read(text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("annotation", "text", "message"),
    [
        ("int", "2.5", "x must be a whole number, got '2.5'"),
        ("int | None", "many", "x must be a whole number or none, got 'many'"),
        ("float", "", "x must be a number, got ''"),
        ("bool", "maybe", "x must be yes or no, got 'maybe'"),
        ("Sequence[int]", "1,b", "x must be whole numbers with commas between, got '1,b'"),
        ("Sequence[int] | None", "1,b", "x must be whole numbers with commas between or none, got '1,b'"),
        ("Engine", "this", "x must be Engine, got 'this'"),
    ],
)
def test_what_is_no_such_value_is_refused(annotation: str, text: str, message: str) -> None:
    with pytest.raises(elision.OptionError) as error:
        Option("x", annotation, None, "").read(text)
    assert str(error.value) == message


def test_what_an_option_takes_is_said_narrow_first() -> None:
    assert Option("x", "str | int | None", None, "").takes == "a whole number, a name or none"
    assert Option("x", "Likelihood | str | os.PathLike[str] | None", None, "").takes == "a name or none"
    assert Option("x", "Engine | None", None, "").takes == "none"
