"""Rows and seconds of examples that take turns: each is counted once, for whom it is spent."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from toys.models import keyword_model

import elision
from elision.game.account import Account

NAP = 0.2


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """A clock that goes on when it is told to."""
    now = [100.0]
    monkeypatch.setattr("elision.game.account.time.perf_counter", lambda: now[0])

    def go_on(seconds: float) -> None:
        now[0] += seconds

    return go_on


def test_time_between_turns_is_not_counted(keywords: elision.BlackBox, clock: Callable[[float], None]) -> None:
    account = Account(elision.Engine(keywords))
    with account.counting():
        clock(3.0)
    clock(50.0)
    account.charge(2, 0.5)
    with account.counting():
        clock(1.0)
    assert (account.seconds, account.evaluations) == (4.5, 2)


def test_what_is_counted_within_counts_once(keywords: elision.BlackBox, clock: Callable[[float], None]) -> None:
    engine = elision.Engine(keywords)
    account = Account(engine)
    with account.counting():
        engine.evaluate([keywords.encode("a plot").untouched])
        account.charge(1, 2.0)
        clock(2.0)
        with account.counting():
            engine.evaluate([keywords.encode("a story").untouched])
            clock(1.0)
        assert account.evaluations == 2
    assert (account.seconds, account.evaluations) == (3.0, 2)


class Napping(elision.WhiteBoxExplainer):
    """Takes its time within one look."""

    name = "napping"

    def look(self, v: Any) -> elision.Attribution:
        time.sleep(NAP)
        return elision.Attribution(scores=np.zeros(len(v.units)))


def drowsy() -> elision.BlackBox:
    answer = keyword_model().function

    def judge(texts: list[Any]) -> Any:
        time.sleep(NAP)
        return answer(texts)

    return elision.BlackBox(judge, ["negative", "positive"])


def test_an_explanation_says_how_long_it_took() -> None:
    assert Napping()(keyword_model(), "a good film").provenance["seconds"] == pytest.approx(NAP, abs=NAP / 2)
    # One call for the text, and one for its three words.
    found = elision.LeaveOneOut(removal="delete")(drowsy(), "a good film")
    assert found.provenance["seconds"] == pytest.approx(2 * NAP, abs=NAP / 2)


def test_texts_together_share_the_time_of_their_batches() -> None:
    found = elision.LeaveOneOut(removal="delete").many(drowsy(), ["a good film", "the bad plot"])
    # A call for each text, and one for all six words: half of it is each text's.
    assert [one.provenance["seconds"] for one in found] == pytest.approx([1.5 * NAP] * 2, abs=NAP / 4)
