"""Attention: the mean weight that a word receives, marked as a baseline."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from toys.additive import toy
from toys.models import build, keyword_model

import elision

TEXT = "the man plays a moving story , well made !"
PAIR = ("the man plays guitar .", "a woman sings on stage")


@pytest.mark.parametrize("kind", ["bert", "electra", "distilbert", "roberta", "gpt2", "xlnet", "slow"])
@pytest.mark.parametrize("example", [TEXT, PAIR], ids=["text", "pair"])
def test_each_family_gives_its_own_weights(kind: str, example: object) -> None:
    net, tokenizer = build(kind)
    model = elision.HuggingFaceModel(net, tokenizer)
    found = elision.explain(example, model=model, method="attention")
    own = copy.deepcopy(net)
    own.set_attn_implementation("eager")
    with torch.inference_mode():
        inputs = tokenizer(*([example] if isinstance(example, str) else example), return_tensors="pt")
        layers = own(**inputs, output_attentions=True).attentions
    received = np.mean([layer.numpy()[0].mean(axis=(0, 1)) for layer in layers], axis=0)
    units = model.encode(example).unit_of_token
    wanted = [received[units == unit].sum() for unit in range(len(found.units))]
    np.testing.assert_allclose(found.scores, wanted, rtol=1e-4, atol=1e-6)
    assert found.scores.sum() + found.provenance["special_tokens"]["score"] == pytest.approx(1.0, abs=1e-5)
    assert net.config._attn_implementation != "eager" or kind == "xlnet"


def test_it_is_marked_as_a_baseline(bert: elision.HuggingFaceModel) -> None:
    found = elision.Attention()(bert, TEXT)
    assert found.provenance["baseline"] is True
    assert found.notes[0].startswith("a baseline: attention says where a model looks, not why it answers so")
    assert (found.provenance["evaluations"], found.provenance["removal"]) == (2, {"name": "none"})
    assert "attention received for" in str(found)


def test_one_layer(bert: elision.HuggingFaceModel) -> None:
    both = [elision.Attention(layer=i)(bert, TEXT).scores for i in (0, 1)]
    assert np.abs(both[0] - both[1]).max() > 1e-2
    np.testing.assert_allclose(np.mean(both, axis=0), elision.Attention()(bert, TEXT).scores, rtol=1e-9)
    with pytest.raises(elision.OptionError, match="layer must be less than 2, the model's layers, got 2"):
        elision.Attention(layer=2)(bert, TEXT)
    with pytest.raises(elision.OptionError, match="layer must be at least 0, got -1"):
        elision.Attention(layer=-1)


def test_models_without_attention_are_refused() -> None:
    with pytest.raises(
        elision.UnsupportedError, match=r"toy has no attention .* use another baseline, such as 'random'"
    ):
        elision.Attention()(toy(), TEXT)
    with pytest.raises(elision.UnsupportedError, match=r"keywords is known by its answers alone, .* 'leave-one-out'"):
        elision.Attention()(keyword_model(), TEXT)
