"""DataFrames and Series as examples."""

from __future__ import annotations

from typing import Any

import pytest
from toys.models import keyword_model

import elision
from elision.data.frames import examples_of
from elision.errors import ExampleError, OptionError

TWO = ["a good film", "a bad film"]


class Series:
    """A column as pandas has it: values by tolist, with NaN where one is missing."""

    def __init__(self, values: list[Any]) -> None:
        self.values = values

    def tolist(self) -> list[Any]:
        return self.values

    def __iter__(self) -> Any:
        return iter(self.values)

    def __len__(self) -> int:
        return len(self.values)


class Frame:
    """A table as pandas and polars have it: iterating gives the columns' names."""

    def __init__(self, **columns: list[Any]) -> None:
        self.columns = list(columns)
        self._own = columns

    def __getitem__(self, name: str) -> Series:
        return Series(self._own[name])

    def __iter__(self) -> Any:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(next(iter(self._own.values())))


def test_frames_and_series_are_explained() -> None:
    frame = Frame(id=[1, 2], review=TWO, other=["good", "film"])
    explainer = elision.LeaveOneOut()

    def told(examples: Any, **options: Any) -> list[Any]:
        return [(e.example, e.scores.tolist()) for e in explainer.many(keyword_model(), examples, **options)]

    assert told(frame, column="review") == told(TWO)
    assert told(frame["review"]) == told(TWO)
    assert told({"review": TWO}, column="review") == told(TWO)
    pairs = explainer.many(keyword_model(), frame, column=("review", "other"))
    assert [e.example for e in pairs] == [("a good film", "good"), ("a bad film", "film")]


def test_a_missing_value_costs_its_row() -> None:
    with pytest.warns(elision.ElisionWarning, match="1 of 2 examples were not explained"):
        found = elision.Random().many(keyword_model(), Series(["a film", float("nan")]))
    assert found.failures == ((1, "there is no text, the value is missing"),)


def test_pandas_and_arrow() -> None:
    pandas, pyarrow = pytest.importorskip("pandas"), pytest.importorskip("pyarrow")
    frame = pandas.DataFrame({"review": [*TWO, None], "stars": [1, 0, 1]})
    for table in (frame, pyarrow.table({"review": [*TWO, None], "stars": [1, 0, 1]})):
        first, second, missing = examples_of(table, "review")
        assert [first, second] == TWO
        assert isinstance(missing, ExampleError)
        with pytest.raises(OptionError, match="columns review, stars; say which holds the texts: column='review'"):
            examples_of(table)
    found = elision.Random().many(keyword_model(), frame["review"][:2])
    assert 'class="elision-report' in elision.report(found, labels=frame["stars"][:2])


@pytest.mark.parametrize(
    ("examples", "column", "message"),
    [
        (Frame(id=[1], review=["a"]), None, "a Frame with the columns id, review; say which .*: column='review'"),
        (
            {"premise": ["a"], "hypothesis": ["b"]},
            None,
            r"a dict with .*: column=\('premise', 'hypothesis'\)",
        ),
        (Frame(id=[1], review=["a"]), "text", "Frame has no column 'text'; it has id, review"),
        (["a film"], "text", "column goes with a table, such as a DataFrame; got a list"),
        ("a film", None, "examples must be a sequence of examples, not one text"),
        (5, None, "examples must be a sequence of texts or pairs of texts, got an int"),
        (None, None, "examples must be a sequence of texts or pairs of texts, got a NoneType"),
    ],
)
def test_what_is_no_sequence_of_examples_is_refused(examples: Any, column: Any, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        elision.Random().many(keyword_model(), examples, column=column)
    with pytest.raises(OptionError, match=message):
        elision.metrics.compare(keyword_model(), examples, ["random"], ["aopc"], column=column)
