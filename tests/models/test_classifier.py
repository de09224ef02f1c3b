"""Classifiers of the transformers library: answers that are none, and models that are no classifier."""

from __future__ import annotations

import pytest
from toys.models import build

import elision

TEXT = "a good film"


def test_models_that_answer_nonsense() -> None:
    net, tokenizer = build("bert")
    net.classifier.bias.data[0] = float("nan")
    with pytest.raises(elision.ModelError, match="answered with NaN or infinity; check its weights"):
        elision.LeaveOneOut()(elision.HuggingFaceModel(net, tokenizer), TEXT)
    lm, tokenizer = build("bert", "MaskedLM")
    with pytest.raises(elision.UnsupportedError, match="is no sequence classifier"):
        elision.LeaveOneOut()(elision.HuggingFaceModel(lm, tokenizer), TEXT)
    with pytest.raises(elision.UnsupportedError, match="is no masked language model"):
        elision.InputMarginalization(elision.MaskedLanguageModel(*build("bert")))(
            elision.HuggingFaceModel(*build("bert")), TEXT
        )
    lm.cls.predictions.bias.data[0] = float("inf")
    with pytest.raises(elision.ModelError, match="answered with NaN or infinity"):
        elision.InputMarginalization(elision.MaskedLanguageModel(lm, tokenizer))(
            elision.HuggingFaceModel(*build("bert")), TEXT
        )
