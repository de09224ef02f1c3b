"""Pipelines of the transformers library: what they say is what is explained, or they are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
import transformers
from toys.models import build
from transformers.utils import logging

import elision

TEXT = "a very good film , not a boring one"
LONG = "the man plays the banjo on the stage and sings a deep and moving story with a great actor in the film ."
PAIR = ("a man plays the guitar", "a woman sings on the stage")


@pytest.fixture(autouse=True)
def _quiet() -> Any:
    """Keep the transformers library's notes on untrained models off the output."""
    before = logging.get_verbosity()
    logging.set_verbosity_error()
    yield
    logging.set_verbosity(before)


def pipeline(kind: str = "bert", *, config: dict[str, Any] | None = None, **settings: Any) -> Any:
    """Return a text-classification pipeline of a tiny model on the CPU."""
    net, tokenizer = build(kind, **(config or {}))
    return transformers.pipeline("text-classification", model=net, tokenizer=tokenizer, device="cpu", **settings)


def said(pipe: Any, example: Any) -> np.ndarray:
    """Return the pipeline's scores of an example in the order of its config's names."""
    inputs = example if isinstance(example, str) else {"text": example[0], "text_pair": example[1]}
    scores = {entry["label"]: entry["score"] for entry in pipe(inputs, top_k=None)}
    return np.array([scores[name] for name in pipe.model.config.id2label.values()])


def untouched(model: elision.Model, example: Any) -> np.ndarray:
    """Return the model's answer to an example with nothing left out."""
    return np.asarray(model.predict([model.encode(example).untouched])[0])


@pytest.mark.parametrize("example", [TEXT, PAIR])
@pytest.mark.parametrize("function", [None, "sigmoid", "softmax"])
@pytest.mark.parametrize("problem_type", [None, "single_label_classification", "multi_label_classification"])
def test_what_the_pipeline_says_is_explained(problem_type: Any, function: Any, example: Any) -> None:
    settings = {} if function is None else {"function_to_apply": function}
    pipe = pipeline(config={"problem_type": problem_type}, **settings)
    found = untouched(elision.load(pipe), example)
    np.testing.assert_allclose(found, said(pipe, example), atol=1e-6)
    sums_to_one = function == "softmax" or (function is None and problem_type != "multi_label_classification")
    assert (abs(found.sum() - 1) < 1e-6) == sums_to_one


@pytest.mark.parametrize("kind", ["bert", "distilbert", "electra", "roberta", "gpt2", "xlnet", "slow"])
def test_families(kind: str) -> None:
    pipe = pipeline(kind, function_to_apply="sigmoid")
    np.testing.assert_allclose(untouched(elision.load(pipe), TEXT), said(pipe, TEXT), atol=1e-6)


@pytest.mark.parametrize("settings", [{}, {"function_to_apply": "sigmoid"}])
def test_one_logit_is_a_sigmoid_of_two_classes(settings: dict[str, Any]) -> None:
    pipe = pipeline(config={"n_labels": 1}, **settings)
    found = untouched(elision.load(pipe), TEXT)
    np.testing.assert_allclose(found, [1 - said(pipe, TEXT)[0], said(pipe, TEXT)[0]], atol=1e-6)


def test_a_softmax_of_one_logit_is_refused() -> None:
    pipe = pipeline(config={"n_labels": 1}, function_to_apply="softmax")
    with pytest.raises(elision.UnsupportedError, match=r"^the pipeline gives a short text the scores \[1\] where its"):
        elision.load(pipe)


def test_raw_scores_of_classes_are_refused_unless_it_is_said_how_they_are_read() -> None:
    pipe = pipeline(function_to_apply="none")
    with pytest.raises(elision.UnsupportedError) as caught:
        elision.load(pipe)
    assert str(caught.value) == (
        "the pipeline gives raw scores (function_to_apply='none') of several classes; say how they are to be read: "
        "head='softmax', head='sigmoid' or head='scores'"
    )
    logits = torch.tensor(said(pipe, TEXT))
    readings = {"softmax": torch.softmax(logits, 0), "sigmoid": torch.sigmoid(logits), "scores": logits}
    for head, expected in readings.items():
        np.testing.assert_allclose(untouched(elision.load(pipe, head=head), TEXT), expected.numpy(), atol=1e-6)


@pytest.mark.parametrize("top_k", [1, 2, None])
def test_all_classes_are_explained_however_many_are_shown(top_k: Any) -> None:
    pipe = pipeline(top_k=top_k)
    pipe.model.config.id2label = {0: "bad", 1: "so-so", 2: "good"}
    model = elision.load(pipe)
    assert model.labels == ("bad", "so-so", "good")
    assert elision.load(pipe, labels=["x", "y", "z"]).labels == ("x", "y", "z")
    np.testing.assert_allclose(untouched(model, TEXT), said(pipe, TEXT), atol=1e-6)


@pytest.mark.parametrize("example", [LONG, (LONG, LONG), TEXT])
@pytest.mark.parametrize("kind", ["bert", "roberta", "slow"])
@pytest.mark.parametrize(
    "settings",
    [
        {"truncation": True, "max_length": 9},
        {"truncation": "longest_first", "max_length": 9},
        {"max_length": 9},
        {"truncation": True, "max_length": 9, "padding": "max_length"},
        {"truncation": True, "max_length": 30, "padding": "max_length"},
        {"truncation": True, "padding": True},
        {"truncation": True},
        {"truncation": False},
        {},
    ],
)
def test_texts_are_cut_as_the_pipeline_cuts_them(kind: str, settings: dict[str, Any], example: Any) -> None:
    pipe = pipeline(kind, **settings)
    # The model has 64 positions: where the pipeline does not cut, its tokenizer's limit does not count.
    pipe.tokenizer.model_max_length = 16
    model = elision.load(pipe)
    np.testing.assert_allclose(untouched(model, example), said(pipe, example), atol=1e-6)
    cuts = settings.get("truncation", "max_length" in settings)
    tokens = pipe.tokenizer(*([example] if isinstance(example, str) else example), verbose=False)["input_ids"]
    assert bool(model.encode(example).notes) == (cuts and len(tokens) > settings.get("max_length", 16))
    assert pipe.tokenizer.model_max_length == 16


@pytest.mark.parametrize("name", ["add_special_tokens", "stride", "return_overflowing_tokens"])
def test_settings_of_the_tokenizer_that_are_not_understood_are_refused(name: str) -> None:
    with pytest.raises(elision.UnsupportedError) as caught:
        elision.load(pipeline(**{name: False}))
    assert str(caught.value) == (
        f"the pipeline's setting {name}=False is not supported; leave it out, or give a function from texts to "
        "probabilities, with labels=[...], that asks the pipeline"
    )


@pytest.mark.parametrize("truncation", ["only_first", "only_second"])
def test_other_ways_to_cut_a_pair_are_refused(truncation: str) -> None:
    with pytest.raises(elision.UnsupportedError, match=rf"setting truncation='{truncation}' is not supported"):
        elision.load(pipeline(truncation=truncation))


def test_a_padding_that_moves_the_answer_is_refused() -> None:
    # GPT-2 counts what stands before the text as positions, where nobody tells it otherwise.
    pipe = pipeline("gpt2", padding="max_length", truncation=True, max_length=40)
    with pytest.raises(elision.UnsupportedError, match=r"^the pipeline gives a short text the scores"):
        elision.load(pipe)


class Tempered(transformers.TextClassificationPipeline):
    """A pipeline with a mind of its own."""

    def postprocess(self, model_outputs: Any, **settings: Any) -> Any:
        model_outputs["logits"] = model_outputs["logits"] / 3.0
        return super().postprocess(model_outputs, **settings)


class Broken(transformers.TextClassificationPipeline):
    """A pipeline that fails."""

    def postprocess(self, model_outputs: Any, **settings: Any) -> Any:
        raise KeyError("no such thing\nand more lines")


class Swapped(transformers.TextClassificationPipeline):
    """A pipeline that gives the classes each other's scores."""

    def postprocess(self, model_outputs: Any, **settings: Any) -> Any:
        entries = super().postprocess(model_outputs, **settings)
        scores = [entry["score"] for entry in entries]
        return [{**entry, "score": score} for entry, score in zip(entries, scores[1:] + scores[:1], strict=True)]


def test_a_pipeline_that_does_more_than_its_parts_is_refused() -> None:
    net, tokenizer = build("bert")
    with pytest.raises(elision.UnsupportedError, match="what it does besides is not understood"):
        elision.load(Swapped(model=net, tokenizer=tokenizer, device="cpu"))
    with pytest.raises(elision.UnsupportedError) as caught:
        elision.load(Tempered(model=net, tokenizer=tokenizer, device="cpu"))
    assert "what it does besides is not understood: give a function from texts" in str(caught.value)
    with pytest.raises(elision.UnsupportedError) as caught:
        elision.load(Broken(model=net, tokenizer=tokenizer, device="cpu"))
    assert str(caught.value).startswith("the pipeline failed on a short text (KeyError: ")
    assert "\n" not in str(caught.value)
    plain = transformers.TextClassificationPipeline(model=net, tokenizer=tokenizer, device="cpu")
    np.testing.assert_allclose(untouched(elision.load(plain), TEXT), said(plain, TEXT), atol=1e-6)


def test_the_pipeline_is_left_as_it_was() -> None:
    pipe = pipeline(truncation=True, max_length=20, function_to_apply="sigmoid")
    pipe.model.train()
    before = {name: dict(value) if isinstance(value, dict) else value for name, value in vars(pipe).items()}
    elision.explain(TEXT, model=pipe, method="leave-one-out")
    assert {name: getattr(pipe, name) for name in before} == before
    assert all(module.training for module in pipe.model.modules())


def test_a_model_in_bfloat16() -> None:
    net, tokenizer = build("bert")
    pipe = transformers.pipeline("text-classification", model=net.bfloat16(), tokenizer=tokenizer, device="cpu")
    # Both round to 8 bits in other orders, once the last block is run at the first token only.
    np.testing.assert_allclose(untouched(elision.load(pipe), TEXT), said(pipe, TEXT), atol=0.02)


def test_a_pipeline_has_its_own_tokenizer() -> None:
    pipe = pipeline()
    with pytest.raises(elision.OptionError, match=r"^a pipeline has its own tokenizer: load\(pipeline\)$"):
        elision.load(pipe, pipe.tokenizer)


@pytest.mark.parametrize(
    ("task", "head"),
    [
        ("token-classification", "TokenClassification"),
        ("fill-mask", "MaskedLM"),
        ("feature-extraction", "MaskedLM"),
        ("text-generation", None),
    ],
)
def test_other_tasks_are_refused_in_one_line(task: str, head: str | None) -> None:
    net, tokenizer = build("bert", head) if head else build("gpt2")
    net = net if head else transformers.GPT2LMHeadModel(net.config)
    with pytest.raises(elision.UnsupportedError) as caught:
        elision.load(transformers.pipeline(task, model=net, tokenizer=tokenizer, device="cpu"))
    assert str(caught.value) == (
        f"a pipeline of the task {task!r} is not supported: only 'text-classification' and 'zero-shot-classification' "
        "are; or give a function from texts to probabilities, with labels=[...]"
    )


LABELS = ["music", "cinema", "food, drink"]


def zero_shot(**settings: Any) -> Any:
    """Return a zero-shot pipeline of a tiny model that was trained on nothing."""
    net, tokenizer = build("bert")
    names = ["contradiction", "neutral", "entailment"]
    net.config.id2label, net.config.label2id = dict(enumerate(names)), {name: i for i, name in enumerate(names)}
    return transformers.pipeline("zero-shot-classification", model=net, tokenizer=tokenizer, device="cpu", **settings)


@pytest.mark.parametrize(
    "settings", [{}, {"multi_label": True}, {"hypothesis_template": "the film is about {} ."}, {"batch_size": 4}]
)
def test_a_zero_shot_pipeline_is_explained_by_what_it_says(settings: dict[str, Any]) -> None:
    pipe = zero_shot(**settings)
    model = elision.load(pipe, labels=LABELS)
    assert isinstance(model, elision.BlackBox)
    assert model.labels == tuple(LABELS)
    explanation = elision.LeaveOneOut(removal="delete", behaviour="probability")(model, TEXT, target="cinema")

    def expected(text: str) -> list[float]:
        answer = pipe(text, candidate_labels=LABELS)
        return [answer["scores"][answer["labels"].index(label)] for label in LABELS]

    np.testing.assert_allclose(explanation.probabilities, expected(TEXT), atol=1e-6)
    without = "a very film , not a boring one"
    at = [unit.text for unit in explanation.units].index("good")
    np.testing.assert_allclose(explanation.scores[at], expected(TEXT)[1] - expected(without)[1], atol=1e-6)


def test_candidate_labels_of_the_pipeline_itself_count_unless_others_are_given() -> None:
    pipe = zero_shot(candidate_labels="music, cinema")
    assert elision.load(pipe).labels == ("music", "cinema")
    assert elision.load(pipe, labels=LABELS).labels == tuple(LABELS)


def test_a_text_of_which_nothing_is_left() -> None:
    pipe = zero_shot()
    model = elision.load(pipe, labels=LABELS)
    v = elision.ValueFunction(model, "good film", removal="delete", behaviour="probability", target="music")
    value = v(np.zeros((1, 2), dtype=bool))
    tokenizer, net = pipe.tokenizer, pipe.model
    logits = [net(**tokenizer("", f"This example is {label}.", return_tensors="pt")).logits[0, 2] for label in LABELS]
    np.testing.assert_allclose(value, torch.softmax(torch.stack(logits), 0)[0].item(), atol=1e-6)


def test_dropout_is_off_and_the_pipeline_left_as_it_was() -> None:
    pipe = zero_shot()
    expected = untouched(elision.load(pipe, labels=LABELS), TEXT)
    pipe.model.train()
    model = elision.load(pipe, labels=LABELS)
    for _ in range(3):
        np.testing.assert_allclose(untouched(model, TEXT), expected, atol=1e-6)
    assert all(module.training for module in pipe.model.modules())
    assert pipe.call_count == 0


def test_zero_shot_without_labels_and_of_pairs_is_refused() -> None:
    pipe = zero_shot()
    with pytest.raises(elision.OptionError) as caught:
        elision.load(pipe)
    assert str(caught.value) == "a zero-shot pipeline needs its candidate labels: load(pipeline, labels=[...])"
    with pytest.raises(elision.ExampleError) as caught:
        elision.explain(PAIR, model=pipe, labels=LABELS, method="leave-one-out")
    assert str(caught.value) == (
        "BertForSequenceClassification reads one text, got a pair: a zero-shot pipeline makes the second one"
    )
