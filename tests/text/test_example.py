"""Examples: a text or a pair, and what is neither."""

from __future__ import annotations

import pytest

from elision.errors import ExampleError
from elision.text import check_example


def test_check_example_returns_one_text_or_two() -> None:
    assert check_example("a film") == ("a film",)
    assert check_example(("a film", "no film")) == ("a film", "no film")
    assert check_example(["a film", "no film"]) == ("a film", "no film")
    assert check_example(" \u0301") == (" \u0301",)


@pytest.mark.parametrize(
    ("example", "message"),
    [
        ("", "the text is empty: it must hold at least one visible character, got ''"),
        (" \n ", "the text is empty: it must hold at least one visible character, got ' \\n '"),
        ("\u200b\x07", "the text is empty: it must hold at least one visible character, got '\\u200b\\x07'"),
        (" " * 500, f"the text is empty: it must hold at least one visible character, got {' ' * 20!r}"),
        (("a film", " "), "the second text is empty: it must hold at least one visible character, got ' '"),
        (None, "a text must be a str, got NoneType"),
        (5, "a text must be a str, got int"),
        (b"a film", "a text must be a str, got bytes"),
        (("a film", 5), "a text must be a str, got int"),
        ({"a": 1}, "a text must be a str, got dict"),
        ((), "an example is one text or a pair of texts, got 0 items"),
        (["a film"], "an example is one text or a pair of texts, got 1 items"),
        (("a", "b", "c"), "an example is one text or a pair of texts, got 3 items"),
        ("bad \udcff", "the text holds lone surrogates, which are no characters; decode it as UTF-8 first"),
        (("ok", "\ud800"), "the text holds lone surrogates, which are no characters; decode it as UTF-8 first"),
    ],
)
def test_check_example_says_what_is_wrong(example: object, message: str) -> None:
    with pytest.raises(ExampleError) as caught:
        check_example(example)
    assert str(caught.value) == message
