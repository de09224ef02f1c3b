"""A classifier that is surer than probabilities can say: all that is computed of it has its digits.

Its logits lie 60 nats and more apart, in float64, where 1 - p is 0. What is compared is computed with 400 digits.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
from toys.cells import Words
from toys.linear import by_token, exact_odds, linear, parts
from toys.plain import shapley

import elision
from elision.explainers import METHODS

TEXT = "a deep and great film"
CANDIDATES = ("bad", "good", "dull", "moving", "not")
SCALE = 180.0
LN2 = float(np.log(2.0))


@pytest.fixture(scope="module")
def sure() -> elision.HuggingFaceModel:
    return linear(scale=SCALE, num_labels=3)


def test_it_is_sure(sure: elision.HuggingFaceModel) -> None:
    logits = parts(sure, TEXT).sum(0)
    first, second = np.sort(logits)[::-1][:2]
    assert first - second > 60
    assert sure.predict([sure.encode(TEXT).untouched])[0].max() == 1.0


@pytest.mark.parametrize("removal", ["zero", "pad", "drop", "delete"])
def test_leave_one_out(sure: elision.HuggingFaceModel, removal: str) -> None:
    own = parts(sure, TEXT)
    whole = own.sum(0)
    found = elision.LeaveOneOut(removal=removal)(sure, TEXT)
    assert found.labels.index(found.target) == whole.argmax()
    for label in range(3):
        wanted = [exact_odds([whole], label) - exact_odds([whole - part], label) for part in own]
        np.testing.assert_allclose(found.class_scores[label], wanted, rtol=0, atol=1e-9)
    np.testing.assert_array_equal(found.scores, found.class_scores[whole.argmax()])
    assert np.abs(found.scores).max() > 30


@pytest.mark.parametrize("target", [0, 1, 2])
def test_every_subset_and_shapley_values(sure: elision.HuggingFaceModel, target: int) -> None:
    own = parts(sure, TEXT)
    v = elision.ValueFunction(sure, TEXT, removal="zero", target=target)
    known = np.array(list(product([False, True], repeat=len(own))))
    wanted = np.array([exact_odds([own[row].sum(0)], target) for row in known])
    np.testing.assert_allclose(v(known), wanted, rtol=0, atol=1e-9)
    value = dict(zip(map(tuple, known), wanted, strict=True))
    n = len(own)
    by_definition = shapley(lambda absent: value[tuple(i not in absent for i in range(n))], n)
    found = elision.Shapley(estimator="exact", removal="zero")(sure, TEXT, target=target)
    np.testing.assert_allclose(found.scores, by_definition, rtol=0, atol=1e-9)


@pytest.mark.parametrize("target", [0, 1, 2])
def test_averages_over_candidates(sure: elision.HuggingFaceModel, target: int) -> None:
    own = parts(sure, TEXT)
    whole = own.sum(0)
    candidates = by_token(sure, sure.transformer.tokenizer.convert_tokens_to_ids(CANDIDATES))
    wanted = np.array([exact_odds(whole - part + candidates, target) for part in own])
    removal = elision.Marginal(Words(CANDIDATES))
    v = elision.ValueFunction(sure, TEXT, removal=removal, target=target)
    np.testing.assert_allclose(v(~np.eye(len(own), dtype=bool)), wanted, rtol=0, atol=1e-9)
    found = elision.InputMarginalization(likelihood=Words(CANDIDATES), threshold=0.0)(sure, TEXT, target=target)
    np.testing.assert_allclose(found.scores, exact_odds([whole], target) - wanted, rtol=0, atol=1e-9)


def test_averages_over_draws(sure: elision.HuggingFaceModel) -> None:
    own = parts(sure, TEXT)
    candidates = by_token(sure, sure.transformer.tokenizer.convert_tokens_to_ids(CANDIDATES))
    known = np.array([[False, False, True, True, True]])
    v = elision.ValueFunction(sure, TEXT, removal=elision.Marginal(Words(CANDIDATES), n_draws=7), seed=3)
    (draws,) = v.bound.draws(known).blocks
    rows, _, weight = draws
    logits = [by_token(sure, row).sum(0) for row in rows.ids]
    wanted = exact_odds(logits, v.target, weight)
    assert v(known)[0] == pytest.approx(wanted, abs=1e-9)
    every = [own[2:].sum(0) + a + b for a in candidates for b in candidates]
    assert min(abs(np.array(every) - row).sum(1).min() for row in logits) < 1e-9


def slopes(own: np.ndarray, at: np.ndarray, target: int) -> np.ndarray:
    """Return d log2 odds / d logits at some logits, applied to what each row adds to them."""
    others = [label for label in range(len(at)) if label != target]
    share = np.exp(at[others] - at[others].max())
    return (own[:, target] - own[:, others] @ (share / share.sum())) / LN2


@pytest.mark.parametrize("target", [0, 1, 2])
def test_gradients(sure: elision.HuggingFaceModel, target: int) -> None:
    own = parts(sure, TEXT)
    whole = own.sum(0)
    v = elision.ValueFunction(sure, TEXT, removal="zero", target=target)
    values, found = v.gradient(np.ones((1, len(own)), dtype=bool))
    assert values[0] == pytest.approx(exact_odds([whole], target), abs=1e-9)
    np.testing.assert_allclose(found[0], slopes(own, whole, target), rtol=1e-9)
    for behaviour, unit in (("log_odds", 1.0), ("logit", LN2)):
        product = elision.InputXGradient(behaviour=behaviour)(sure, TEXT, target=target)
        np.testing.assert_allclose(product.scores, unit * slopes(own, whole, target), rtol=1e-9)


def test_saliency(sure: elision.HuggingFaceModel) -> None:
    whole = parts(sure, TEXT).sum(0)
    target = int(whole.argmax())
    weight = sure.transformer.model.weight.weight.detach().numpy()
    wanted = np.abs(slopes(weight.T, whole, target)).sum()
    found = elision.Saliency()(sure, TEXT)
    np.testing.assert_allclose(found.scores, np.full(5, wanted), rtol=1e-9)


def test_integrated_gradients_add_up() -> None:
    two = linear(scale=SCALE, num_labels=2)
    own = parts(two, TEXT)
    found = elision.IntegratedGradients(n_steps=4)(two, TEXT)
    target = found.labels.index(found.target)
    wanted = (own[:, target] - own[:, 1 - target]) / LN2
    assert np.abs(wanted.sum()) > 60 / LN2
    np.testing.assert_allclose(found.scores, wanted, rtol=1e-9)


@pytest.mark.parametrize("method", sorted(set(METHODS) - {"attention", "l2x", "random"}))
def test_every_method_sees_what_weighs(sure: elision.HuggingFaceModel, method: str) -> None:
    options: dict[str, Any] = {"marginalization": {"likelihood": Words(CANDIDATES)}}.get(method, {})
    found = elision.explain(TEXT, model=sure, method=method, **options)
    assert np.isfinite(found.scores).all()
    assert np.abs(found.scores).max() > 1e-3


def test_sigmoid_heads() -> None:
    labels = linear(scale=SCALE, num_labels=3, problem_type="multi_label_classification")
    own = parts(labels, TEXT)
    for behaviour, unit in (("log_odds", LN2), ("logit", 1.0)):
        found = elision.LeaveOneOut(removal="zero", behaviour=behaviour)(labels, TEXT, target=1)
        np.testing.assert_allclose(found.class_scores, own.T / unit, rtol=1e-9)
    one = linear(scale=SCALE, num_labels=1, head="sigmoid")
    found = elision.LeaveOneOut(removal="zero", behaviour="logit")(one, TEXT, target="LABEL_0")
    np.testing.assert_allclose(found.scores, parts(one, TEXT)[:, 0], rtol=1e-9)


def test_a_log_probability_is_that_of_the_loss() -> None:
    model = linear(scale=SCALE, num_labels=3)
    own = parts(model, TEXT)
    least = int(own.sum(0).argmin())
    v = elision.ValueFunction(model, TEXT, removal="zero", behaviour="log_probability", target=least)
    loss = torch.nn.functional.cross_entropy(torch.tensor(own.sum(0))[None], torch.tensor([least]))
    assert v.full == pytest.approx(-float(loss), rel=1e-12)
    assert v.full < -60
