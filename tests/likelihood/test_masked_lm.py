"""Masked language models as likelihoods: what they need, and what is none."""

from __future__ import annotations

import pytest
from toys.models import build

import elision


def test_a_likelihood_model_needs_a_mask_token() -> None:
    net, tokenizer = build("bert", "MaskedLM")
    tokenizer.mask_token = None
    with pytest.raises(elision.UnsupportedError, match="has no mask token, so it gives no likelihoods"):
        elision.MaskedLanguageModel(net, tokenizer)


def test_what_is_no_tokenizer_is_refused() -> None:
    net, _ = build("bert", "MaskedLM")
    with pytest.raises(elision.OptionError, match="a model in memory needs its tokenizer too"):
        elision.MaskedLanguageModel(net)
    with pytest.raises(elision.OptionError, match="tokenizer must be a tokenizer of the transformers library, got 5"):
        elision.load(build("bert")[0], 5)
