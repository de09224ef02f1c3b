"""What a long text will cost, said before it begins."""

from __future__ import annotations

import pytest
from toys.models import build

import elision


def test_a_long_text_says_what_it_will_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    from elision.explainers import cost

    net, tokenizer = build("xlnet")
    tokenizer.model_max_length = 10**9
    model = elision.load(net, tokenizer)
    text = "a film " * 300
    monkeypatch.setattr(cost, "_PATIENCE_SECONDS", 1e-4)
    with pytest.warns(elision.ElisionWarning, match=r"the text has 903 tokens: leave-one-out asks about some 601 rows"):
        elision.LeaveOneOut(removal="mask", budget=601).value_function(model, text)
