"""Columns of a table: which hold texts and labels, and which first row is no header."""

from __future__ import annotations

import pytest

from elision.data.columns import (
    chosen_texts,
    existing,
    is_header,
    listed,
    looks_like_data,
    named_label,
    named_texts,
    only_text,
    plain,
)
from elision.errors import OptionError


def test_names_are_read_plainly() -> None:
    written = {" Text ": "text", "Review Text": "review_text", "gold-label": "gold_label", 3: "3"}
    assert [plain(name) for name in written] == list(written.values())
    assert is_header(["id", "Review Text"])
    assert not is_header(["id", "label"])


@pytest.mark.parametrize(
    ("names", "texts", "label"),
    [
        (["id", "Sentence", "Label"], ("Sentence",), "Label"),
        (["hypothesis", "premise", "gold_label"], ("premise", "hypothesis"), "gold_label"),
        (["text", "text1", "text2"], ("text1", "text2"), None),
        (["comment", "text", "polarity", "class"], ("text",), "class"),
        (["Text", "text"], ("Text",), None),
        (["number", "remark"], None, None),
    ],
)
def test_plain_names_say_what_a_column_holds(names: list[str], texts: tuple[str, ...], label: str) -> None:
    assert named_texts(names) == texts
    assert named_label(names) == label


@pytest.mark.parametrize(
    ("first", "others", "data"),
    [
        (["text", "3"], [], False),
        (["remark", "kind"], [["so good", "pos"]], False),
        (["remark", "pos"], [["so good", "pos"]], True),
        (["remark", "-1.5e3"], [], True),
        (["remark", "40 %"], [], False),
        (["remark", "40%"], [], True),
        (["a film that is long", "kind"], [], True),
        (["a film that is", "kind"], [], False),
        (["Good!", "kind"], [], True),
        (["x" * 41, "kind"], [], True),
        (["x" * 40, ""], [["y", ""]], False),
    ],
)
def test_a_first_row_that_is_no_header(first: list[str], others: list[list[str]], data: bool) -> None:
    assert looks_like_data(first, others) is data


def test_columns_that_a_user_names() -> None:
    names = ["Text A", "text_b", "a,b"]
    assert chosen_texts(["text a"], names, "x.csv") == ("Text A",)
    assert chosen_texts(["Text A, text_b"], names, "x.csv") == ("Text A", "text_b")
    assert chosen_texts(["a,b"], names, "x.csv") == ("a,b",)
    assert existing("Text-B", names, "x.csv") == "text_b"
    with pytest.raises(OptionError, match=r"^x\.csv has no column 'c'; it has Text A, text_b, a,b$"):
        existing("c", names, "x.csv")
    with pytest.raises(OptionError, match=r"^an example has one text or two; got the columns a, b, c$"):
        chosen_texts(["a,b,c"], ["a", "b", "c"], "x.csv")
    with pytest.raises(OptionError, match="has no column 'text'"):
        existing("text", ["Text", "TEXT"], "x.csv")


def test_many_names_are_cut() -> None:
    assert listed(range(12)) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11"
    assert listed(range(14)) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 2 more"


def test_the_only_column_that_looks_like_text() -> None:
    rows = [
        {"id": "1", "remark": "a good film", "kind": "pos", "note": "see below"},
        {"id": "2", "remark": "dull", "kind": "neg", "note": ""},
        {"id": "3", "remark": "not so bad", "kind": "pos", "note": None},
    ]
    names = ["id", "remark", "kind"]
    assert only_text(rows, names, None) == "remark"
    assert only_text(rows, names, "remark") is None
    # Of what stands in the notes all has several words: now two columns look like text.
    assert only_text(rows, [*names, "note"], None) is None
    assert only_text(rows, [*names, "note"], "note") == "remark"
