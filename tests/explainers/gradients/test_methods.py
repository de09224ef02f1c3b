"""Gradients: additive models give their weights back, sums are checked, and nothing of the caller's is touched."""

from __future__ import annotations

import copy
import random
import sys

import numpy as np
import pytest
import torch
from toys.additive import toy, weights_of
from toys.models import build, keyword_model

import elision
from elision.explainers import METHODS
from elision.explainers.gradients.methods import GRADIENTS
from elision.models.white_box import WhiteBox

FAMILIES = ("bert", "electra", "distilbert", "roberta", "gpt2", "xlnet", "slow")
TEXT = "the man plays a moving story , well made !"
PAIR = ("the man plays guitar .", "a woman sings on stage")


@pytest.mark.parametrize("name", GRADIENTS)
@pytest.mark.parametrize("kind", FAMILIES)
@pytest.mark.parametrize("example", [TEXT, PAIR], ids=["text", "pair"])
@pytest.mark.filterwarnings("ignore::elision.ElisionWarning")
def test_each_family(name: str, kind: str, example: object) -> None:
    model = elision.HuggingFaceModel(*build(kind))
    found = elision.explain(example, model=model, method=name)
    assert np.isfinite(found.scores).all()
    assert np.ptp(found.scores) > 1e-3
    assert found.provenance["evaluations"] == METHODS[name]()._cost() + 1
    assert elision.Explanation.from_json(found.to_json()) == found
    assert name in str(found)


@pytest.mark.parametrize(
    "method",
    [
        elision.InputXGradient(),
        elision.IntegratedGradients(n_steps=3),
        elision.GradientShap(n_samples=4, noise=0.0),
        elision.DeepLift(),
    ],
    ids=lambda method: method.name,
)
@pytest.mark.parametrize("example", [TEXT, PAIR, "a meaningful film"], ids=["text", "pair", "pieces"])
def test_an_additive_model_gives_its_weights_back(method: elision.Explainer, example: object) -> None:
    model = toy()
    found = method(model, example, target="yes")
    np.testing.assert_allclose(found.scores, weights_of(model, example), rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(method(model, example, target="no").scores, -found.scores, rtol=1e-6, atol=1e-9)


def test_saliency_is_the_sum_of_absolute_derivatives() -> None:
    model = toy()
    found = elision.Saliency(behaviour="logit")(model, TEXT)
    encoding = model.encode(TEXT)
    size = float(model.transformer.model.weight.weight.detach().abs().sum())
    tokens = np.bincount(encoding.unit_of_token[encoding.unit_of_token >= 0])
    np.testing.assert_allclose(found.scores, size * tokens, rtol=1e-9)
    assert found.unit_of_scores == "nats per embedding"
    assert found.provenance["special_tokens"]["share"] == pytest.approx(2 / (2 + tokens.sum()))
    assert "special tokens, which are no words, have" in found.notes[0]


@pytest.mark.parametrize("behaviour", ["log_odds", "probability", "log_probability", "logit"])
def test_input_x_gradient_is_the_slope_of_the_zero_removal(bert: elision.HuggingFaceModel, behaviour: str) -> None:
    v = elision.ValueFunction(bert, TEXT, removal="zero", behaviour=behaviour, target=1)
    _, slopes = v.gradient(np.ones((1, len(v.units)), dtype=bool))
    found = elision.InputXGradient(behaviour=behaviour)(bert, TEXT, target=1)
    np.testing.assert_allclose(found.scores, slopes[0], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("baseline", ["zero", "pad", "mask"])
@pytest.mark.parametrize("behaviour", ["log_odds", "probability"])
def test_integrated_gradients_add_up_to_what_removing_all_changes(baseline: str, behaviour: str) -> None:
    net, tokenizer = build("bert")
    with torch.no_grad():
        for weight in net.parameters():
            weight.mul_(0.3)
    model = elision.HuggingFaceModel(net.double(), tokenizer)
    v = elision.ValueFunction(model, PAIR, removal=baseline, behaviour=behaviour)
    change = v.full - v(np.zeros((1, len(v.units)), dtype=bool))[0]
    found = elision.IntegratedGradients(n_steps=200, baseline=baseline, behaviour=behaviour)(model, PAIR)
    assert found.scores.sum() == pytest.approx(change, abs=2e-3 * abs(change) + 1e-6)
    convergence = found.provenance["convergence"]
    assert convergence["change"] == pytest.approx(change, abs=1e-9)
    assert found.scores.sum() - change == pytest.approx(convergence["delta"], abs=1e-9)
    assert found.provenance["removal"] == {"name": baseline}
    assert found.provenance["special_tokens"] == {"score": 0.0, "share": 0.0}


def test_too_few_steps_are_warned_of(bert: elision.HuggingFaceModel) -> None:
    with pytest.warns(elision.ElisionWarning, match="raise n_steps above 1$") as caught:
        found = elision.IntegratedGradients(n_steps=1)(bert, TEXT)
    assert caught[0].filename == __file__
    assert found.notes[-1].startswith("integrated gradients add up to")
    assert "bits where the answer changed by" in found.notes[-1]


def test_deep_lift_adds_up_where_its_rules_hold_and_says_where_not(bert: elision.HuggingFaceModel) -> None:
    model = toy(rectified=True)
    found = elision.DeepLift()(model, TEXT)
    assert abs(found.provenance["convergence"]["delta"]) < 1e-9
    assert abs(found.provenance["convergence"]["change"]) > 0.1
    assert not found.notes
    gradient = elision.InputXGradient()(model, TEXT)
    assert np.abs(gradient.scores - found.scores).max() > 1e-2
    with pytest.warns(elision.ElisionWarning, match="DeepLIFT's rules do not hold for this model: its scores add up"):
        elision.DeepLift()(bert, TEXT)


def test_deep_lift_refuses_a_module_used_twice() -> None:
    model = toy(rectified=True)
    net = model.transformer.model
    net.layers[0] = torch.nn.Sequential(torch.nn.Linear(4, 4).double(), net.relu)
    with pytest.raises(elision.UnsupportedError, match="more than once; use 'integrated-gradients'"):
        elision.DeepLift()(model, TEXT)
    assert not net.relu._forward_hooks
    assert not hasattr(net.relu, "input")


def test_gradient_shap_is_seeded_and_has_standard_errors(bert: elision.HuggingFaceModel) -> None:
    found = []
    for seed in (1, 1, 2):
        found.append(elision.GradientShap(seed=seed)(bert, TEXT))
        torch.rand(3)
        np.random.rand(3)
    first, again, other = found
    np.testing.assert_array_equal(first.scores, again.scores)
    assert np.abs(first.scores - other.scores).min() > 0
    assert (first.std_error > 0).all()
    exact = elision.GradientShap(n_samples=2000, noise=0.0)(bert, TEXT)
    wanted = elision.IntegratedGradients(n_steps=500)(bert, TEXT)
    assert (np.abs(exact.scores - wanted.scores) < 5 * exact.std_error + 1e-2).all()


def test_noise_that_moves_the_sum_is_warned_of(bert: elision.HuggingFaceModel) -> None:
    with pytest.warns(elision.ElisionWarning, match="raise n_samples above 400 or lower noise below 30$"):
        elision.GradientShap(n_samples=400, noise=30.0)(bert, TEXT)


def test_deep_lift_writes_on_a_copy_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    model = toy(rectified=True)
    v = elision.DeepLift().begin(model, TEXT)
    net = model.transformer.model
    monkeypatch.setattr(net.weight, "forward", broken)
    with pytest.raises(elision.ModelError, match="RuntimeError: broken"):
        elision.DeepLift().explain(v)
    assert not {"input", "output"} & set(vars(net.relu))


@pytest.mark.parametrize("name", GRADIENTS)
@pytest.mark.filterwarnings("ignore::elision.ElisionWarning")
def test_nothing_of_the_callers_is_changed(name: str) -> None:
    net, tokenizer = build("bert")
    net.train()
    net.bert.encoder.layer[0].eval()
    net.classifier.weight.requires_grad_(False)
    before = copy.deepcopy(net.state_dict())
    modes = [(module.training, len(module._forward_hooks), sorted(vars(module))) for module in net.modules()]
    flags = [weight.requires_grad for weight in net.parameters()]
    states = torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()
    with torch.inference_mode():
        elision.explain(TEXT, model=elision.load(net, tokenizer), method=name, seed=3)
    assert [(m.training, len(m._forward_hooks), sorted(vars(m))) for m in net.modules()] == modes
    assert [weight.requires_grad for weight in net.parameters()] == flags
    assert all(weight.grad is None for weight in net.parameters())
    assert all(torch.equal(weight, before[key]) for key, weight in net.state_dict().items())
    assert torch.equal(torch.get_rng_state(), states[0])
    assert np.array_equal(np.random.get_state()[1], states[1])
    assert random.getstate() == states[2]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_is_differentiated_in_a_float32_copy(dtype: torch.dtype) -> None:
    net, tokenizer = build("bert")
    exact = elision.HuggingFaceModel(copy.deepcopy(net).to(dtype).float(), tokenizer)
    half = elision.HuggingFaceModel(net.to(dtype), tokenizer)
    wanted, found = (elision.IntegratedGradients(n_steps=100)(model, TEXT, target=0) for model in (exact, half))
    np.testing.assert_allclose(found.scores, wanted.scores, rtol=1e-5, atol=1e-5)
    assert next(net.parameters()).dtype == dtype
    assert found.provenance["gradients"] == {"dtype": "float32"}


def test_the_budget_is_kept_and_nothing_is_spent_in_vain(bert: elision.HuggingFaceModel) -> None:
    engine = elision.Engine(bert, budget=52)
    with pytest.raises(elision.BudgetError, match="budget must be at least 53 model evaluations for this, got 52"):
        elision.IntegratedGradients()(bert, TEXT, engine=engine)
    assert engine.evaluations == 1
    assert elision.IntegratedGradients(n_steps=49)(bert, TEXT, engine=engine).provenance["evaluations"] == 51


def test_long_texts_go_in_several_batches(bert: elision.HuggingFaceModel, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = elision.IntegratedGradients(n_steps=40)(bert, TEXT).scores
    sizes: list[int] = []
    own = WhiteBox.from_embeddings
    monkeypatch.setattr(WhiteBox, "from_embeddings", lambda box, e: (sizes.append(len(e)), own(box, e))[1])
    monkeypatch.setattr("elision.explainers.gradients.gradient_explainer.GRADIENT_TOKENS", 40)
    parts = elision.IntegratedGradients(n_steps=40)(bert, TEXT)
    np.testing.assert_allclose(parts.scores, whole, rtol=1e-6, atol=1e-8)
    assert parts.provenance["evaluations"] == 43
    assert sizes == [3] * 13 + [1] * 3


def test_models_without_embeddings_are_refused_with_a_way_out(bert: elision.HuggingFaceModel) -> None:
    for name in GRADIENTS:
        with pytest.raises(
            elision.UnsupportedError,
            match=f"^{name} needs a model that takes embeddings, which keywords does not; use 'leave-one-out'",
        ):
            elision.explain("a good film", model=keyword_model(), method=name)
    net, tokenizer = build("gpt2")
    model = elision.HuggingFaceModel(net, tokenizer)
    model.transformer.vocabulary.mask_id = None
    with pytest.raises(elision.UnsupportedError, match="has no mask token; use baseline='zero'"):
        elision.IntegratedGradients(baseline="mask")(model, TEXT)


def test_memory_that_does_not_suffice_is_one_line(
    bert: elision.HuggingFaceModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def short(*_: object) -> None:
        raise RuntimeError("not enough memory: you tried to allocate 9 bytes")

    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("elision.models.white_box.WhiteBox.from_embeddings", short)
    with pytest.raises(elision.ModelError, match=r"^memory does not suffice for this text's gradients; shorten"):
        elision.Saliency()(bert, TEXT)
    monkeypatch.setattr("elision.models.white_box.WhiteBox.from_embeddings", broken)
    with pytest.raises(elision.UnsupportedError, match=r"gives no gradients \(RuntimeError: broken\); use a method"):
        elision.Saliency()(bert, TEXT)


@pytest.mark.parametrize(
    ("method", "options", "message"),
    [
        ("IntegratedGradients", {"n_steps": 0}, "n_steps must be at least 1, got 0"),
        ("IntegratedGradients", {"baseline": "unk"}, "baseline must be one of zero, pad, mask; got 'unk'"),
        ("DeepLift", {"baseline": None}, "baseline must be one of zero, pad, mask; got None"),
        ("GradientShap", {"n_samples": 1}, "n_samples must be at least 2, got 1"),
        ("GradientShap", {"noise": -1}, "noise must be at least 0, got -1"),
        ("Saliency", {"behaviour": "odds"}, "behaviour must be one of log_odds, .*; got 'odds': did you mean .*"),
    ],
)
def test_options(method: str, options: dict, message: str) -> None:
    with pytest.raises(elision.OptionError, match=f"^{message}$"):
        getattr(elision, method)(**options)


def test_captum_missing_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "captum", None)
    with pytest.raises(elision.OptionError, match=r'^saliency needs .* pip install "elision\[gradients\]"$'):
        elision.Saliency()
