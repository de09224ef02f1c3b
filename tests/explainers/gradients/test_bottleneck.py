"""The bottleneck: what cannot matter carries no bits, what decides carries most, and hooks go away."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from toys.additive import toy, weights_of
from toys.models import build, keyword_model

import elision

FAMILIES = ("bert", "electra", "distilbert", "roberta", "gpt2", "xlnet", "slow")
TEXT = "the man plays a moving story , well made !"
LIGHT = 0.02
"""Beta for models of few entries: it weighs the mean over them, so that with few a bit weighs much."""
PAIR = ("the man plays guitar .", "a woman sings on stage")


@pytest.mark.parametrize("kind", FAMILIES)
@pytest.mark.parametrize("example", [TEXT, PAIR], ids=["text", "pair"])
@pytest.mark.parametrize("layer", [0, None])
def test_each_family(kind: str, example: object, layer: int | None) -> None:
    model = elision.HuggingFaceModel(*build(kind))
    found = elision.InformationBottleneck(layer=layer, n_steps=3)(model, example)
    assert (found.scores > 0).all()
    assert np.ptp(found.scores) > 1e-2
    assert found.unit_of_scores == "bits"
    assert found.provenance["evaluations"] == 34
    assert found.provenance["layer"].endswith(("embeddings", "word_embedding", ".wte")) == (layer == 0)
    assert elision.Explanation.from_json(found.to_json()) == found


@pytest.mark.parametrize("place", [2, 5])
def test_a_word_that_the_model_provably_ignores_has_no_bits(place: int) -> None:
    found = elision.InformationBottleneck(beta=LIGHT)(toy(deaf_to=place + 1), TEXT, target="yes")
    assert found.scores[place] < 0.01
    assert found.scores.max() > 1
    heard = elision.InformationBottleneck(beta=LIGHT)(toy(), TEXT, target="yes")
    assert heard.scores[place] > 0.1


def test_the_word_that_decides_has_the_most_bits() -> None:
    model = toy()
    net = model.transformer.model
    with torch.no_grad():
        net.embeddings.weight.mul_(0.01)
        net.embeddings.weight[model.transformer.tokenizer.vocab["good"]] = 8 * net.weight.weight[0]
    found = elision.InformationBottleneck(beta=LIGHT)(model, "a good film , well made", target="yes")
    assert weights_of(model, "a good film , well made").argmax() == found.scores.argmax() == 1


def test_the_information_is_the_divergence_from_the_noise() -> None:
    from elision.explainers.gradients.bottleneck import _information

    alpha, states = torch.tensor([[-1.0, 0.5]], dtype=torch.float64), torch.tensor([[0.7, -2.0]], dtype=torch.float64)
    passing = torch.sigmoid(alpha)
    wanted = torch.distributions.kl_divergence(
        torch.distributions.Normal(passing * states, 1 - passing), torch.distributions.Normal(0.0, 1.0)
    )
    np.testing.assert_allclose(_information(alpha, states), wanted, rtol=1e-6)


def test_seeds_and_runs(bert: elision.HuggingFaceModel) -> None:
    state = torch.get_rng_state()
    one, again, other = (elision.InformationBottleneck(beta=LIGHT, seed=s)(bert, TEXT) for s in (1, 1, 2))
    np.testing.assert_array_equal(one.scores, again.scores)
    assert np.abs(one.scores - other.scores).max() > 1e-3
    assert one.std_error is None
    runs = elision.InformationBottleneck(beta=LIGHT, seed=1, n_runs=3)(bert, TEXT)
    assert (runs.std_error > 0).all()
    assert runs.provenance["evaluations"] == 3 * 200 + 4
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("layer", ["bert.encoder.layer.1", "bert.encoder.layer.0.attention.output"])
def test_a_layer_by_name(bert: elision.HuggingFaceModel, layer: str) -> None:
    found = elision.InformationBottleneck(layer=layer, n_steps=2)(bert, TEXT)
    assert found.provenance["layer"] == layer
    assert found.provenance["settings"]["layer"] == layer


def test_the_middle_block_is_the_default(bert: elision.HuggingFaceModel) -> None:
    assert elision.InformationBottleneck(n_steps=1)(bert, TEXT).provenance["layer"] == "bert.encoder.layer.0"
    last = elision.InformationBottleneck(n_steps=1, layer=2)(bert, TEXT)
    assert last.provenance["layer"] == "bert.encoder.layer.1"
    assert elision.InformationBottleneck(n_steps=1)(toy(), TEXT).provenance["layer"] == "embeddings"


def test_after_the_last_layer_only_what_is_read_out_has_bits(bert: elision.HuggingFaceModel) -> None:
    found = elision.InformationBottleneck(beta=LIGHT, layer=2)(bert, TEXT)
    assert found.scores.max() < 0.01
    assert found.provenance["special_tokens"]["score"] > 0.1
    assert "special tokens, which are no words, have 100% of the scores" in found.notes


def test_noise_from_texts(bert: elision.HuggingFaceModel) -> None:
    method = elision.InformationBottleneck(n_steps=5)
    alone = method(bert, TEXT).scores
    assert method.fit(bert, [TEXT]) is method
    np.testing.assert_allclose(method(bert, TEXT).scores, alone, rtol=1e-9)
    fitted = method.fit(bert, [TEXT, "a bad film", "a dull plot ."])(bert, TEXT)
    assert np.abs(fitted.scores - alone).max() > 1e-3
    assert fitted.provenance["settings"]["n_texts"] == 3
    with pytest.raises(elision.OptionError, match="was fitted to 16 hidden entries; the layer has 4"):
        method(toy(), TEXT)
    with pytest.raises(elision.OptionError, match="the number of texts must be at least 1, got 0"):
        method.fit(bert, [])
    with pytest.raises(elision.BudgetError, match="budget must be at least 2 model evaluations for this, got 1"):
        elision.InformationBottleneck(budget=1).fit(bert, [TEXT, TEXT])


def test_hooks_and_modes_are_as_before_even_after_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    net, tokenizer = build("bert")
    net.train()
    before = copy.deepcopy(net.state_dict())
    model = elision.HuggingFaceModel(net, tokenizer)
    with torch.inference_mode():
        elision.InformationBottleneck(n_steps=2)(model, TEXT)

    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(net.classifier, "forward", broken)
    with pytest.raises(elision.ModelError, match="RuntimeError: broken"):
        elision.models.hidden.choose_layer(model.white_box(model.encode(TEXT).untouched), 1)
    box = model.white_box(model.encode(TEXT).untouched)
    states, answer = torch.zeros(11, 16), torch.zeros(1, 2)
    layer = elision.models.hidden.HiddenLayer(box, "x", net.bert.encoder.layer[0], states, answer=answer)
    assert not layer.below_once
    with pytest.raises(elision.ModelError, match="RuntimeError: broken"):
        layer.answers(states[None])
    assert not any(module._forward_hooks for module in net.modules())
    assert all(module.training for module in net.modules())
    assert all(weight.grad is None for weight in net.parameters())
    assert all(torch.equal(weight, before[key]) for key, weight in net.state_dict().items())


@pytest.mark.parametrize("kind", FAMILIES)
@pytest.mark.parametrize("depth", [0, 1])
def test_one_row_below_the_layer_gives_what_many_give(kind: str, depth: int, monkeypatch: pytest.MonkeyPatch) -> None:
    model = elision.HuggingFaceModel(*build(kind))
    box = model.white_box(model.encode(TEXT).untouched)
    layer = elision.models.hidden.choose_layer(box, depth)
    states = layer.states + torch.randn((4, *layer.states.shape), generator=torch.Generator().manual_seed(3))
    # GPT-2's kind looks for each input row's last token, so that one row below gives one answer.
    assert layer.below_once == (kind != "gpt2")
    found = layer.answers(states).detach().numpy()
    monkeypatch.setattr(layer, "below_once", False)
    np.testing.assert_allclose(found, layer.answers(states).detach().numpy(), rtol=1e-4, atol=1e-7)
    assert np.ptp(found[:, 0]) > 1e-4


def test_a_model_that_mixes_rows_is_asked_for_all_of_them(bert: elision.HuggingFaceModel) -> None:
    box = bert.white_box(bert.encode(TEXT).untouched, private=True)
    layer = elision.models.hidden.choose_layer(box, 1)
    handle = box.model.classifier.register_forward_hook(lambda module, inputs, output: output + output.mean(0))
    try:
        assert not layer.below_once
    finally:
        handle.remove()
    assert elision.models.hidden.choose_layer(box, 1).below_once


def test_the_budget_is_kept(bert: elision.HuggingFaceModel) -> None:
    engine = elision.Engine(bert, budget=203)
    with pytest.raises(elision.BudgetError, match="budget must be at least 204 model evaluations for this, got 203"):
        elision.InformationBottleneck()(bert, TEXT, engine=engine)
    assert engine.evaluations == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"layer": -1}, "layer must be at least 0, got -1"),
        ({"beta": 0}, "beta must be greater than 0, got 0"),
        ({"n_steps": 0}, "n_steps must be at least 1, got 0"),
        ({"n_samples": 0}, "n_samples must be at least 1, got 0"),
        ({"n_runs": 0}, "n_runs must be at least 1, got 0"),
        ({"learning_rate": float("inf")}, "learning_rate must be greater than 0, got inf"),
        ({"layer": 3}, "layer must be at most 2, the model's blocks, got 3"),
        ({"layer": "bert.nowhere"}, "layer must be a number or the name of one of .* modules, got 'bert.nowhere'"),
        ({"layer": "classifier"}, "layer must give a vector for each token; 'classifier' does not"),
    ],
)
def test_options(bert: elision.HuggingFaceModel, options: dict, message: str) -> None:
    with pytest.raises(elision.OptionError, match=f"^{message}$"):
        elision.InformationBottleneck(**options)(bert, TEXT)


def test_what_it_cannot_do_is_one_line(bert: elision.HuggingFaceModel, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(elision.UnsupportedError, match=r"keywords is known by its answers alone, .* 'leave-one-out'"):
        elision.InformationBottleneck()(keyword_model(), TEXT)
    information = "elision.explainers.gradients.bottleneck._information"
    monkeypatch.setattr(information, lambda alpha, states: alpha * float("nan"))
    with pytest.raises(elision.ModelError, match="the bottleneck of tiny-bert gave NaN or infinity"):
        elision.InformationBottleneck(n_steps=1)(bert, TEXT)
