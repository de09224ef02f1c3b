"""Units replaced by one thing or left out: what the model then reads, and what it cannot serve."""

from __future__ import annotations

import pytest
from toys.models import build

import elision

TEXT = "a good film"


def test_removals_that_a_model_cannot_serve(keywords: elision.BlackBox) -> None:
    for removal in ("pad", "zero", "drop"):
        with pytest.raises(elision.UnsupportedError, match=f"'{removal}' needs a model with tokens"):
            elision.LeaveOneOut(removal=removal)(keywords, TEXT)
    net, tokenizer = build("bert")
    tokenizer.mask_token = None
    with pytest.raises(elision.UnsupportedError, match="tiny has no mask token; use 'delete'"):
        elision.LeaveOneOut(removal="mask")(elision.HuggingFaceModel(net, tokenizer, name="tiny"), TEXT)
