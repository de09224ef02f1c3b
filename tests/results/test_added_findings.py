"""A kind of findings that is added in one file and a line in the registry."""

from __future__ import annotations

import pytest
from toys.order import Greedy, Order

import elision
from elision.results.findings import KINDS

TEXT = "a good film"


@pytest.fixture
def found(keywords: elision.BlackBox) -> elision.Explanation:
    """Return an explanation with an order."""
    return Greedy(removal="delete")(keywords, TEXT)


def test_an_explainer_hands_it_over(found: elision.Explanation) -> None:
    assert found.finding(Order) == Order((1, 2, 0))
    with pytest.raises(elision.OptionError, match=r"an order must name each of 3 units once, got \(0, 1\)"):
        found.replace(findings=(*found.findings[:1], Order((0, 1))))


def test_a_line_reads_it_back(found: elision.Explanation, monkeypatch: pytest.MonkeyPatch) -> None:
    written = found.to_json()
    unread = elision.Explanation.from_json(written)
    assert unread.finding(Order) is None
    assert unread.to_json() == written
    monkeypatch.setitem(KINDS.own, "order", "toys.order:Order")
    read = elision.Explanation.from_json(written)
    assert read.finding(Order) == Order((1, 2, 0))
    assert read == found
