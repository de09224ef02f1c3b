"""What views share: percentages, pieces of a text, strength, intervals, the record in one line, titles of scores."""

from __future__ import annotations

import math

import numpy as np
import pytest
from toys.outlines import PROVENANCE, bounded, explained

from elision.text import Unit
from elision.views.shared import interval, percent, pieces, provenance_line, score_title, strength, visible


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, "0 %"),
        (1e-9, "< 0.01 %"),
        (0.0001, "0.01 %"),
        (0.00123, "0.12 %"),
        (0.01, "1.0 %"),
        (0.5, "50.0 %"),
        (0.99, "99.0 %"),
        (0.9912, "99.12 %"),
        (0.99999, "> 99.99 %"),
        (1.0, "100 %"),
        (math.nan, "-"),
    ],
)
def test_percentages_as_people_read_them(value: float, expected: str) -> None:
    assert percent(value) == expected


def test_visible_keeps_what_people_read() -> None:
    kept = "naïve e\u0301 \U0001f468\u200d\U0001f469 می\u200cخواهم"
    assert visible(kept) == kept
    assert visible("a\nb\tc\u0085d\u2028e\x0cf") == "a b c d e f"
    assert visible("a\x1b\x00\x9bb\x7f") == "a\ufffd\ufffd\ufffdb\ufffd"
    assert visible("a\u202eb\u2066c") == "abc"


def test_pieces_are_the_whole_text() -> None:
    units = (Unit("two", 2, 5), Unit("dog", 5, 8, 1))
    explanation = explained(("  two cats ", "one  dog!"), units=units, scores=[1, 2])
    assert list(pieces(explanation, 0)) == [("  ", None), ("two", 0), (" cats ", None)]
    assert list(pieces(explanation, 1)) == [("one  ", None), ("dog", 1), ("!", None)]


def test_strength_is_a_share_of_the_largest() -> None:
    assert strength(explained()) == [0.05, -1.0, 0.5, 0.0]
    assert strength(explained(scores=[0.0] * 4)) == [0.0] * 4


def test_interval_says_bounds_or_error_or_nothing() -> None:
    assert interval(explained(), 0) == ""
    assert interval(bounded(), 1) == "[-2.50, -1.50]"
    assert interval(explained(std_error=np.ones(4)), 0) == "± 1.00"


def test_the_provenance_in_one_line() -> None:
    assert provenance_line(explained(provenance={"method": "random"})) == "random · model ? · 0 evaluations · 0.0 s"
    for name, shown in (("hub/name", "hub/name"), ("./a/b", "b"), ("~/a/b/", "b"), ("name", "name")):
        line = provenance_line(explained(provenance=PROVENANCE | {"model": {"name": name}}))
        assert line == f"leave-one-out · model {shown} · removal pad · 1,234 evaluations · 0.3 s"


@pytest.mark.parametrize(
    ("method", "name", "unit", "expected"),
    [
        ("leave-one-out", "log_odds", "bits", "weight of evidence, bits"),
        ("leave-one-out", "probability", "probability", "change in probability"),
        ("leave-one-out", "log_probability", "nats", "change in log probability, nats"),
        ("leave-one-out", "logit", "nats", "change in logit, nats"),
        ("leave-one-out", "similarity", "similarity", "similarity"),
        ("random", "probability", "probability", "random score"),
    ],
)
def test_the_title_of_the_scores(method: str, name: str, unit: str, expected: str) -> None:
    record = {"method": method, "behaviour": {"name": name, "unit": unit}}
    assert score_title(explained(provenance=record)) == expected
