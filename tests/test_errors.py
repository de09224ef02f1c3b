"""Errors in one line: near names, and long texts cut in their middle."""

from __future__ import annotations

import pytest

import elision
from elision.errors import brief, did_you_mean, nearest

TEXT = "a good film"


def test_python_says_what_was_probably_meant_after_what_is_allowed() -> None:
    with pytest.raises(elision.OptionError, match=r"^method must be .*, random; got 'lmie': did you mean 'lime'\?$"):
        elision.explain(TEXT, method="lmie")
    with pytest.raises(elision.OptionError, match=r"^metric must be .*, auprc; got 'aop': did you mean 'aopc'\?$"):
        elision.metrics.compare("builtin:sentiment", [TEXT], ["random"], ["aop"])
    found = elision.explain(TEXT, method="random")
    with pytest.raises(elision.TargetError, match=r"it has negative, positive: did you mean 'positive'\?$"):
        found.scores_for("positiv")
    with pytest.raises(elision.TargetError, match=r"it has negative, positive: did you mean 'positive'\?$"):
        elision.explain(TEXT, method="random", target="positiv")
    assert found.scores_for(found.target.upper()) is found.scores


def test_words_that_are_near() -> None:
    words = ("log_odds", "probability", "log_probability", "logit")
    assert nearest("Log-Odds", words) == "log_odds"
    assert nearest("prob", words) == "probability"
    assert [nearest(value, words) for value in ("mood", "", " ", None, 3, ["logit"], "x" * 10**6)] == [None] * 7
    assert nearest("lo", words) is None
    assert nearest("YES", ("Yes", "yes")) is None
    assert nearest("builtin:weather", ("builtin:sentiment", "builtin:nli")) is None
    assert nearest("builtin:sentimen", ("builtin:sentiment", "builtin:nli")) == "builtin:sentiment"
    assert did_you_mean("logits", words) == ": did you mean 'logit'?"
    assert did_you_mean("mood", words) == ""


def test_brief_keeps_both_ends() -> None:
    assert brief("x" * 60) == "x" * 60
    assert brief("a" * 500 + "end.txt") == f"{'a' * 30}...{'a' * 20}end.txt"
