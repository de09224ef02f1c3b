"""LIME and Shapley values of the trained models, single texts and pairs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.stats

import elision

pytestmark = pytest.mark.models
TEXT = "a tender and quietly moving story , badly told ."
PAIR = ("a man is playing a banjo .", "a man is asleep .")


@pytest.mark.parametrize(("name", "example"), [("sst2-minilm", TEXT), ("snli-minilm", PAIR)])
def test_sampled_shapley_values_are_the_exact_ones(models_folder: Path, name: str, example) -> None:
    model = elision.load(models_folder / name)
    engine = elision.Engine(model)
    exact = elision.Shapley(estimator="exact")(model, example, engine=engine)
    for options in ({"estimator": "kernel", "n_samples": 500}, {"estimator": "permutation", "n_samples": 1000}):
        found = elision.Shapley(**options)(model, example, engine=engine)
        assert found.provenance["evaluations"] == 0
        assert (np.abs(found.scores - exact.scores) <= 4 * found.std_error).all()
        assert np.corrcoef(found.scores, exact.scores)[0, 1] > 0.98
        assert found.scores.sum() == pytest.approx(exact.scores.sum(), abs=1e-4)


def test_lime_ranks_words_as_the_lime_package_does(models_folder: Path) -> None:
    lime_text = pytest.importorskip("lime.lime_text")
    model = elision.load(models_folder / "sst2-minilm", dtype="float32")
    method = elision.Lime(n_samples=3000, removal="delete", behaviour="probability")
    v = method.value_function(model, TEXT, target="positive")
    own = method.explain(v)

    def answer(texts: list[str]) -> np.ndarray:
        return v.probabilities(np.array([[unit.text in text.split() for unit in v.units] for text in texts]))

    theirs = lime_text.LimeTextExplainer(
        bow=True, random_state=0, feature_selection="none", split_expression=r"\s+"
    ).explain_instance(TEXT, answer, num_features=20, num_samples=3000)
    words = [unit.text for unit in own.units]
    weights = dict(theirs.as_list())
    assert set(words) == set(weights)
    assert scipy.stats.spearmanr(own.scores, [weights[word] for word in words]).statistic >= 0.95
    lime_of_pair = elision.Lime(n_samples=500)(elision.load(models_folder / "snli-minilm"), PAIR)
    assert lime_of_pair.top(1)[0].unit.text == "asleep"
