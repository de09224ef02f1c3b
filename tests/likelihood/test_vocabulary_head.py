"""Logits at the wanted positions are those of the full computation, in every family; attention as chosen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from toys.masked import FAMILIES, masked_language_model
from toys.models import build

import elision
from elision.models.rows import TokenRows


def ask(likelihood: elision.MaskedLanguageModel) -> tuple[np.ndarray, np.ndarray]:
    """Return found and expected logits for six questions to four rows."""
    size = len(likelihood.vocabulary)
    ids = np.random.default_rng(0).integers(5, size, size=(4, 7), dtype=np.int32)
    ids[:, 3] = likelihood.vocabulary.mask_id
    owners, at = np.array([0, 0, 1, 2, 3, 3]), np.array([3, 5, 3, 1, 6, 3])
    rows = TokenRows(ids, np.ones(ids.shape, dtype=bool))
    found = likelihood._logits(rows, owners, at)
    net = likelihood.transformer
    with torch.no_grad():
        full = net.forward([rows]).logits.double().numpy()
    return found, full[owners, at][:, :size]


@pytest.mark.parametrize("kind", FAMILIES)
def test_logits_where_they_are_wanted_are_those_of_the_full_computation(kind: str) -> None:
    net, tokenizer = masked_language_model(kind)
    seen: list[tuple[int, ...]] = []
    layer = net.get_output_embeddings()
    layer.register_forward_hook(lambda module, inputs, output: seen.append(tuple(output.shape)))
    likelihood = elision.MaskedLanguageModel(net, tokenizer)
    found, expected = ask(likelihood)
    np.testing.assert_allclose(found, expected, atol=1e-10)
    assert likelihood._head.selects is True
    assert seen[-2][:2] == (6, 1), "six positions reached the vocabulary"
    assert seen[-1][:2] == (4, 7), "nothing is left of it afterwards"
    assert len(layer._forward_pre_hooks) == 0


class NoLayer(transformers.BertForMaskedLM):
    def get_output_embeddings(self) -> None:
        return None


class OtherLayer(transformers.BertForMaskedLM):
    def get_output_embeddings(self) -> Any:
        return self.bert.embeddings.word_embeddings


class Reshapes(transformers.BertForMaskedLM):
    def forward(self, input_ids: Any = None, **inputs: Any) -> Any:
        output = super().forward(input_ids, **inputs)
        output.logits = output.logits.reshape(*input_ids.shape, -1)
        return output


class Mixes(transformers.BertForMaskedLM):
    """Its logits depend on the other positions' too."""

    def forward(self, input_ids: Any = None, **inputs: Any) -> Any:
        output = super().forward(input_ids, **inputs)
        output.logits = output.logits - output.logits.mean(dim=(1, 2), keepdim=True) * 3
        output.logits = output.logits * output.logits.shape[1]
        return output


@pytest.mark.parametrize("kind", [NoLayer, OtherLayer, Reshapes, Mixes])
def test_where_the_layer_cannot_be_given_some_positions_all_are_computed(kind: Any) -> None:
    net, tokenizer = build("bert", "MaskedLM")
    odd = kind(net.config).eval().double()
    odd.load_state_dict(net.double().state_dict())
    likelihood = elision.MaskedLanguageModel(odd, tokenizer)
    found, expected = ask(likelihood)
    np.testing.assert_allclose(found, expected, atol=1e-10)
    assert likelihood._head.selects is False
    found, expected = ask(likelihood)
    np.testing.assert_allclose(found, expected, atol=1e-10)


def test_short_memory_at_the_first_try_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    net, tokenizer = build("bert", "MaskedLM")
    likelihood = elision.MaskedLanguageModel(net.double(), tokenizer)

    def short(*_: Any) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory")

    with monkeypatch.context() as patch:
        patch.setattr(likelihood._head, "_selected", short)
        with pytest.raises(torch.OutOfMemoryError):
            ask(likelihood)
    assert likelihood._head.selects is None


def test_attention_is_chosen_and_recorded(tmp_path: Path) -> None:
    net, tokenizer = build("bert")
    net.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    found = {}
    for attention in ("auto", "eager", "sdpa"):
        model = elision.load(tmp_path, dtype="float64", attention=attention)
        explanation = elision.LeaveOneOut(removal="mask")(model, "a deep film")
        found[explanation.provenance["model"]["attention"]] = explanation.scores
    assert set(found) == {"eager", "sdpa"}
    np.testing.assert_allclose(found["eager"], found["sdpa"], atol=1e-9)
    with pytest.raises(elision.OptionError, match="attention must be one of auto, eager, sdpa; got 'flash'"):
        elision.load(tmp_path, attention="flash")


def test_a_model_in_memory_keeps_its_attention() -> None:
    net, tokenizer = build("bert")
    own = net.config._attn_implementation
    other = "eager" if own == "sdpa" else "sdpa"
    assert elision.load(net, tokenizer, attention=own).describe()["attention"] == own
    message = f"attention must be 'auto' or what the model in memory has, '{own}'; got '{other}'"
    with pytest.raises(elision.OptionError, match=message):
        elision.load(net, tokenizer, attention=other)
    lm, tokenizer = build("bert", "MaskedLM")
    with pytest.raises(elision.OptionError, match="attention must be 'auto' or what the model in memory has"):
        elision.MaskedLanguageModel(lm, tokenizer, attention=other)
    assert net.config._attn_implementation == own
