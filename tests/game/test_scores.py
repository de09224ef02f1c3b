"""Regressions and rerankers: scores in every method, and no word of probabilities."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest
from toys.cells import Words
from toys.linear import by_token, linear, parts

import elision
from elision.explainers import METHODS

TEXT = "a deep and great film"
PAIR = ("a good film", "the man plays a dull guitar")
CANDIDATES = ("bad", "good", "dull", "moving", "not")
KINDS: dict[str, tuple[Any, dict[str, Any]]] = {
    "regression": (TEXT, {"num_labels": 1, "problem_type": "regression"}),
    "several": (TEXT, {"num_labels": 3, "problem_type": "regression"}),
    "reranker": (PAIR, {"num_labels": 1, "head": "scores"}),
}


def made(kind: str) -> tuple[Any, elision.HuggingFaceModel, int, Any]:
    """Return an example, a model, the output that is explained, and its name to be asked for."""
    example, options = KINDS[kind]
    return example, linear(**options), *((2, "LABEL_2") if kind == "several" else (0, None))


@pytest.mark.parametrize("removal", ["zero", "pad", "drop", "delete"])
@pytest.mark.parametrize("kind", KINDS)
def test_leave_one_out_is_what_each_word_adds(kind: str, removal: str) -> None:
    example, model, output, target = made(kind)
    own = parts(model, example)
    found = elision.LeaveOneOut(removal=removal)(model, example, target=target)
    np.testing.assert_allclose(found.scores, own[:, output], rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.class_scores, own.T, rtol=0, atol=1e-12)
    assert (found.target, found.lower, found.upper) == (model.labels[output], None, None)
    assert found.provenance["behaviour"] == {"name": "score", "unit": "score"}
    assert (found.scores < 0).any()
    assert (found.scores > 0).any()


@pytest.mark.parametrize("kind", KINDS)
def test_shapley_values_and_gradients_are_what_each_word_adds(kind: str) -> None:
    example, model, output, target = made(kind)
    own = parts(model, example)[:, output]
    methods = (
        elision.Shapley(removal="zero"),
        elision.Shapley(removal="zero", estimator="kernel"),
        elision.Shapley(removal="zero", estimator="permutation", budget=200),
        elision.InputXGradient(),
        elision.IntegratedGradients(n_steps=3),
    )
    for method in methods:
        np.testing.assert_allclose(method(model, example, target=target).scores, own, rtol=0, atol=1e-6)
    size = np.abs(model.transformer.model.weight.weight.detach().numpy()[output]).sum()
    np.testing.assert_allclose(elision.Saliency()(model, example, target=target).scores, size, rtol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_averages_are_arithmetic(kind: str) -> None:
    example, model, output, target = made(kind)
    own = parts(model, example)[:, output]
    candidates = by_token(model, model.transformer.tokenizer.convert_tokens_to_ids(CANDIDATES))[:, output]
    found = elision.LeaveOneOut(removal=elision.Marginal(Words(CANDIDATES)))(model, example, target=target)
    np.testing.assert_allclose(found.scores, own - candidates.mean(), rtol=0, atol=1e-12)
    summed = elision.InputMarginalization(likelihood=Words(CANDIDATES), threshold=0.0)(model, example, target=target)
    np.testing.assert_allclose(summed.scores, own - candidates.mean(), rtol=0, atol=1e-12)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_method_explains_scores(kind: str, method: str) -> None:
    example, model, output, target = made(kind)
    if method == "attention":
        with pytest.raises(elision.UnsupportedError, match="has no attention between all of its tokens"):
            elision.explain(example, model=model, method=method)
        return
    if method == "l2x":
        found = elision.L2X(n_epochs=1).fit(model, [example] * 3)(model, example, target=target)
    else:
        options: dict[str, Any] = {"marginalization": {"likelihood": Words(CANDIDATES)}}.get(method, {})
        found = elision.explain(example, model=model, method=method, target=target, **options)
    assert np.isfinite(found.scores).all()
    assert found.target == model.labels[output]
    said = json.dumps(found.provenance) + " ".join(found.notes)
    assert "log_odds" not in said
    assert "bits" not in said or method == "iba"


@pytest.mark.parametrize("method", ["leave-one-out", "shapley", "lime", "marginalization", "input-x-gradient"])
def test_nothing_that_is_shown_or_saved_speaks_of_probabilities(method: str) -> None:
    example, model, _, _ = made("regression")
    options: dict[str, Any] = {"marginalization": {"likelihood": Words(CANDIDATES)}}.get(method, {})
    found = elision.explain(example, model=model, method=method, **options)
    page = re.sub(r"(?s)<(script|style).*?</\1>", "", found.to_html())
    for shown in (str(found), page, found.to_json()):
        assert re.findall(r"robab|log.odds|\bbits\b", shown) == []
    assert f"The score is {found.value:.3g}" in str(found)


@pytest.mark.parametrize("behaviour", ["log_odds", "probability", "log_probability", "logit"])
def test_scores_have_no_odds(behaviour: str) -> None:
    with pytest.raises(elision.UnsupportedError) as caught:
        elision.LeaveOneOut(removal="zero", behaviour=behaviour)(made("regression")[1], TEXT)
    assert str(caught.value) == (
        f"linear answers with scores, of which behaviour='{behaviour}' cannot be watched; use 'score'"
    )


def test_classes_have_no_score() -> None:
    with pytest.raises(elision.UnsupportedError, match="answers with classes, of which behaviour='score' cannot be"):
        elision.LeaveOneOut(removal="zero", behaviour="score")(linear(num_labels=2), TEXT)


def test_a_guessed_score_read_as_a_class_is_what_it_was() -> None:
    guessed, read = linear(num_labels=1), linear(num_labels=1, head="sigmoid")
    own = parts(read, TEXT)[:, 0]
    as_class = elision.LeaveOneOut(removal="zero")(read, TEXT, target="LABEL_0")
    np.testing.assert_allclose(as_class.scores, own / np.log(2), rtol=1e-9)
    assert as_class.labels == ("not LABEL_0", "LABEL_0")
    as_score = elision.LeaveOneOut(removal="zero")(guessed, TEXT)
    np.testing.assert_allclose(as_score.scores, own, rtol=1e-9)
    heads = [found.provenance["model"]["head"] for found in (as_class, as_score)]
    assert heads == ["sigmoid", "scores"]
