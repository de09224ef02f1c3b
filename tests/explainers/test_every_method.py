"""Every method on every kind of model, single texts and pairs; the list of methods; several side by side."""

from __future__ import annotations

import numpy as np
import pytest
from toys.models import build, keyword_model
from toys.papers import KINDS, OF_PAIRS, PAIR, TEXT, small

import elision
from elision.explainers import METHODS

SHORT = "a deep film"
SHORT_PAIR = ("a deep film", "a dull story")
QUICK = {
    "marginalization": {"likelihood": "uniform", "tolerance": 1.0},
    "group-masks": {"k": 3},
    "lime": {"n_samples": 60},
    "shapley": {"n_samples": 80},
}
FAMILIES = ("bert", "roberta", "distilbert", "electra", *KINDS)


def model_of(family: str) -> elision.HuggingFaceModel:
    if family in KINDS:
        import torch

        return elision.HuggingFaceModel(*small(family, dtype=torch.float32))
    return elision.HuggingFaceModel(*build(family))


@pytest.mark.filterwarnings("ignore::elision.ElisionWarning")
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("method", [name for name in METHODS if name != "l2x"])
def test_each_method_explains_each_model(method: str, family: str) -> None:
    model = model_of(family)
    examples = [SHORT, SHORT_PAIR] if family not in KINDS else [SHORT_PAIR if family in OF_PAIRS else SHORT]
    for example in examples:
        if method == "attention" and family in KINDS:
            with pytest.raises(elision.UnsupportedError, match="attention"):
                elision.explain(example, model=model, method=method)
            continue
        if (method, family) == ("deep-lift", "decomposable-attention"):
            with pytest.raises(elision.UnsupportedError, match="uses one activation module more than once"):
                elision.explain(example, model=model, method=method)
            continue
        found = elision.explain(example, model=model, method=method, **QUICK.get(method, {}))
        assert found.scores.shape == (len(found.units),)
        assert np.isfinite(found.scores).all()
        assert found.provenance["method"] == method
        again = elision.explain(example, model=model, method=method, **QUICK.get(method, {}))
        np.testing.assert_allclose(again.scores, found.scores, atol=1e-5)


@pytest.mark.filterwarnings("ignore::elision.ElisionWarning")
@pytest.mark.parametrize("family", ["bert", *KINDS])
def test_l2x_explains_each_model_once_fitted(family: str) -> None:
    model = model_of(family)
    texts = [PAIR, SHORT_PAIR] * 3 if family in OF_PAIRS else [TEXT, SHORT] * 3
    found = elision.L2X(n_epochs=1).fit(model, texts)(model, texts[0])
    assert np.isfinite(found.scores).all()


def test_the_list_has_each_method_once_and_in_the_same_order() -> None:
    assert sorted(method.name for method in elision.methods()) == sorted(METHODS)
    for method in elision.methods():
        assert method.needs in ("values only", "embeddings", "hidden layers", "fitting")
        assert method.summary
        assert method.cost


@pytest.mark.filterwarnings("ignore::elision.ElisionWarning")
@pytest.mark.parametrize("method", [m.name for m in elision.methods() if m.needs == "values only"])
def test_what_needs_values_only_explains_a_function_of_texts(method: str) -> None:
    if method == "marginalization":
        options = {"likelihood": elision.Uniform(["good", "bad", "a", "film"]), "tolerance": 1.0}
    else:
        options = QUICK.get(method, {})
    found = elision.explain("a good film", model=keyword_model(), method=method, **options)
    assert np.isfinite(found.scores).all()
    if method != "random":
        assert found.top(1)[0].unit.text == "good"


@pytest.mark.parametrize("method", [m.name for m in elision.methods() if m.needs != "values only"])
def test_what_needs_more_refuses_a_function_of_texts(method: str) -> None:
    with pytest.raises(elision.ElisionError) as error:
        elision.explain("a good film", model=keyword_model(), method=method)
    assert "\n" not in str(error.value)
