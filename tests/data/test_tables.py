"""Tables: rows by column, with quotes and without, and what is wrong with a broken one."""

from __future__ import annotations

import pytest

from elision.data.source import Source
from elision.data.tables import delimiter_of, table_rows
from elision.errors import ExampleError, OptionError


def rows(text: str, kind: str = "csv") -> list[object]:
    return [str(row) if isinstance(row, ExampleError) else row for row in table_rows(Source("a", kind, text))[1]]


def test_rows_by_column() -> None:
    names, found = table_rows(Source("a", "csv", ' text , label\n"so, ""good""\nand long",1\n\nbad,0,\n'))
    assert names == ["text", "label"]
    assert found[0] == {"text": 'so, "good"\nand long', "label": "1"}
    assert str(found[1]) == "there are 3 columns in line 5 and 2 in the header; put quotes around the text"
    assert rows("text,label\ngood\n") == [{"text": "good"}]


@pytest.mark.parametrize(
    ("text", "kind", "delimiter"),
    [
        ("text,label\na,1\n", "csv", ","),
        ("text;label\na, b;1\nc;0\n", "csv", ";"),
        ("text\tlabel\na\t1\n", "csv", "\t"),
        ("text,x\tlabel\na,b\t1\n", "tsv", "\t"),
        ("text,x\tlabel\na,b\t1\n", "csv", ","),
        ("text\ngood\n", "csv", "\x1f"),
    ],
)
def test_what_stands_between_columns(text: str, kind: str, delimiter: str) -> None:
    assert delimiter_of(Source("a", kind, text)) == delimiter


def test_quotes_in_a_table_by_tabs_are_characters_where_rows_fit_only_so() -> None:
    assert rows('text\tlabel\n"good\t1\nbad\t0\n', "tsv") == [
        {"text": '"good', "label": "1"},
        {"text": "bad", "label": "0"},
    ]
    assert rows('text\tlabel\n"a\tb"\t1\n', "tsv") == [{"text": "a\tb", "label": "1"}]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('text,label\n"good,1\nbad,0\n', "lines 2 to 3 cannot be read: a quote is opened and never closed"),
        ('text,label\n"so "good",1\n', "line 2 cannot be read: a quote ends before its column does; write a"),
        (f"text,label\n{'x' * 200000},1\n", "line 2 cannot be read: a quote is never closed, or a column has"),
    ],
)
def test_a_broken_row_says_why(text: str, said: str) -> None:
    assert rows(text)[0].startswith(said)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "^there is no text in a$"),
        ("text,text\na,b\n", "^a has two columns named 'text'; name them differently in the first line$"),
        (
            "so good a film,1,x\nbad,0,y\n",
            "^a has no header: its first row, so good a film, 1, x, looks like data; put a first line with the "
            "columns' names there: text,label,column3$",
        ),
    ],
)
def test_tables_that_are_refused(text: str, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        table_rows(Source("a", "csv", text))
