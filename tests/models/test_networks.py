"""Networks in memory: what is found inside wrappers and adapters, and what is no classifier."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from toys.models import build
from toys.refusals import refusal

import elision

TEXT = "a very good film , not a boring one"
PAIR = ("a man plays the guitar", "a woman sings on the stage")
FUNCTION = "give a function from texts to probabilities, with labels=[...]"
ONLY = (
    "only sequence classifiers are supported: give one of AutoModelForSequenceClassification, or a function from texts "
    "to probabilities, with labels=[...]"
)


def untouched(model: elision.Model, example: Any = TEXT) -> np.ndarray:
    """Return the model's answer to an example with nothing left out."""
    return np.asarray(model.predict([model.encode(example).untouched])[0])


@pytest.mark.parametrize(
    ("head", "why"),
    [
        ("MaskedLM", "is no sequence classifier: it gives no logits (rows, classes)"),
        ("TokenClassification", "is no sequence classifier: it gives no logits (rows, classes)"),
        ("QuestionAnswering", "is no sequence classifier: it gives no logits (rows, classes)"),
        ("MultipleChoice", "failed on a short text (RuntimeError: shape '[-1, 5]' is invalid for input of size 1)"),
    ],
)
def test_other_heads_are_refused_when_they_are_loaded(head: str, why: str) -> None:
    net, tokenizer = build("bert", head)
    assert refusal(elision.UnsupportedError, net, tokenizer) == f"BertFor{head} {why}; {ONLY}"


def generators() -> Iterator[tuple[str, Any, Any]]:
    """Yield language models, encoders without head, and the start of the reason why each is refused."""
    net, tokenizer = build("gpt2")
    yield (
        "GPT2LMHeadModel is no sequence classifier: it gives no logits",
        transformers.GPT2LMHeadModel(net.config),
        tokenizer,
    )
    yield "GPT2Model is no sequence classifier: it gives no logits", net.transformer, tokenizer
    net, tokenizer = build("bert")
    yield "BertModel is no sequence classifier: it gives no logits", net.bert, tokenizer
    size = {"vocab_size": len(tokenizer), "d_model": 16, "pad_token_id": 0, "decoder_start_token_id": 0}
    t5 = transformers.T5Config(**size, d_kv=8, d_ff=16, num_layers=1, num_heads=2)
    yield (
        "T5ForConditionalGeneration failed on a short text (ValueError: You",
        transformers.T5ForConditionalGeneration(t5),
        tokenizer,
    )
    layers = {
        f"{part}_{what}": n for part in ("encoder", "decoder") for what, n in (("layers", 1), ("attention_heads", 2))
    }
    bart = transformers.BartConfig(**size, **layers, encoder_ffn_dim=16, decoder_ffn_dim=16, max_position_embeddings=64)
    yield "BartForConditionalGeneration is no sequence", transformers.BartForConditionalGeneration(bart), tokenizer


def test_generators_and_encoders_without_head_are_refused_with_what_to_do() -> None:
    for start, net, tokenizer in generators():
        message = refusal(elision.UnsupportedError, net, tokenizer)
        assert message.startswith(start)
        assert message.endswith(f"; {ONLY}")


def test_more_logits_than_the_config_has_classes_are_refused() -> None:
    net, tokenizer = build("bert")
    net.config.id2label = {0: "bad", 1: "good"}
    del net.num_labels
    assert refusal(elision.UnsupportedError, net, tokenizer) == (
        "BertForSequenceClassification is no sequence classifier: it gives 3 logits where its config has 2 classes; "
        + ONLY
    )


def test_a_regression_is_a_score_from_inside() -> None:
    model = elision.load(*build("bert", n_labels=1, problem_type="regression"))
    assert (model.labels, model.answer.name, model.describe()["head"]) == (("score",), "scores", "scores")


def test_a_model_on_meta_is_refused() -> None:
    net, tokenizer = build("bert")
    with torch.device("meta"):
        empty = transformers.BertForSequenceClassification(net.config)
    expected = (
        "BertForSequenceClassification holds no weights, for it is on the device 'meta'; "
        "load it with from_pretrained, on 'cpu' or 'cuda'"
    )
    assert refusal(elision.ModelError, empty, tokenizer) == expected
    net.classifier.to("meta")
    assert refusal(elision.ModelError, net, tokenizer) == expected
    assert (
        refusal(elision.OptionError, "builtin:sentiment", device="meta") == "device 'meta' holds no weights; try 'cpu'"
    )


def test_wrappers_that_say_where_a_network_is_computed_are_opened() -> None:
    net, tokenizer = build("bert")
    expected = untouched(elision.load(net, tokenizer))
    parallel = torch.nn.DataParallel(net)
    for wrapped in (parallel, torch.compile(net, backend="eager"), torch.compile(parallel, backend="eager")):
        model = elision.load(wrapped, tokenizer)
        assert model.transformer.model is net
        np.testing.assert_array_equal(untouched(model), expected)


class Adapter(torch.nn.Module):
    """A wrapper in the manner of the peft library: attributes and unknown arguments are passed on."""

    def __init__(self, net: Any) -> None:
        super().__init__()
        self.inner = net
        self.asked = 0

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(super().__getattr__("inner"), name)

    def forward(self, input_ids: Any = None, attention_mask: Any = None, inputs_embeds: Any = None, **more: Any) -> Any:
        self.asked += 1
        return self.inner(input_ids=input_ids, attention_mask=attention_mask, inputs_embeds=inputs_embeds, **more)


class Lora(Adapter):
    """A wrapper whose network holds all that was changed."""

    def get_base_model(self) -> Any:
        return self.inner


class Prompted(Lora):
    """A wrapper that does more than its network."""

    def forward(self, *args: Any, **given: Any) -> Any:
        output = super().forward(*args, **given)
        output.logits = output.logits * 0.5
        return output


@pytest.mark.parametrize("example", [TEXT, PAIR])
def test_adapters_still_work(example: Any) -> None:
    net, tokenizer = build("bert")
    expected = untouched(elision.load(net, tokenizer), example)
    lora = elision.load(Lora(net), tokenizer)
    assert lora.transformer.model is net
    np.testing.assert_array_equal(untouched(lora, example), expected)
    inputs = tokenizer(*([example] if isinstance(example, str) else example), return_tensors="pt")
    for kind in (Adapter, Prompted):
        wrapped = kind(net).eval()
        model = elision.load(wrapped, tokenizer)
        assert model.transformer.model is wrapped
        plain = torch.softmax(wrapped(**inputs).logits, 1)[0].detach().numpy()
        np.testing.assert_allclose(untouched(model, example), plain, atol=1e-6)


def test_what_is_no_pytorch_model_is_refused() -> None:
    class Onnx:
        config = build("bert")[0].config

        def forward(self, **inputs: Any) -> Any:
            raise AssertionError

    assert refusal(elision.UnsupportedError, Onnx(), build("bert")[1]) == f"Onnx is no PyTorch model; {FUNCTION}"
