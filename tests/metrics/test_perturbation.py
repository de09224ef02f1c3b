"""Metrics by perturbation against closed forms on a model whose probability is a sum over words."""

from __future__ import annotations

import numpy as np
import pytest
from toys.sums import add, explained

import elision
from elision import metrics
from elision.errors import OptionError
from elision.metrics.games import ranking, top_removed


def flip(texts):
    """Positive exactly where both words are there."""
    p = np.array([0.9 if {"warm", "funny"} <= set(text.split()) else 0.2 for text in texts])
    return np.stack([1.0 - p, p], axis=1)


@pytest.fixture
def model():
    return elision.load(add, labels=["negative", "positive"])


@pytest.fixture
def best(model):
    return explained(model, "warm funny long film", [4, 3, 1, 2])


@pytest.fixture
def worst(model):
    return explained(model, "warm funny long film", [1, 2, 4, 3])


def test_aopc_is_equation_9(model, best) -> None:
    found = metrics.aopc(model, [best], n_units=3)
    assert found.values[0] == pytest.approx((0.4 + 0.6 + 0.65) / 4)
    assert found.curves["aopc"].mean.tolist() == pytest.approx([0.0, 0.4, 0.6, 0.65])
    assert found.removal["name"] == "delete"


def test_aopc_beyond_the_last_word_keeps_the_empty_text(model, best) -> None:
    found = metrics.aopc(model, [best], n_units=6)
    assert found.values[0] == pytest.approx((0.4 + 0.6 + 0.65 + 3 * 0.55) / 7)


def test_aopc_of_the_other_class_is_its_negative(model) -> None:
    text, scores = "warm funny long film", [4, 3, 1, 2]
    positive = metrics.aopc(model, [explained(model, text, scores)], n_units=4)
    negative = metrics.aopc(model, [explained(model, text, scores, target="negative")], n_units=4)
    assert negative.mean == pytest.approx(-positive.mean)


def test_eraser_takes_shares_rounded_up(model, best) -> None:
    shares = (0.25, 0.3, 1.0)
    comprehensive = metrics.comprehensiveness(model, [best], shares=shares)
    assert comprehensive.values[0] == pytest.approx((0.4 + 0.6 + 0.55) / 3)
    sufficient = metrics.sufficiency(model, [best], shares=shares)
    assert sufficient.values[0] == pytest.approx((0.15 + -0.05 + 0.0) / 3)
    assert (comprehensive.higher_is_better, sufficient.higher_is_better) == (True, False)


def test_post_hoc_accuracy_counts_kept_answers(best) -> None:
    model = elision.load(flip, labels=["negative", "positive"])
    good = explained(model, "warm funny long film", [4, 3, 1, 2])
    bad = explained(model, "warm funny long film", [4, 1, 3, 2])
    found = metrics.post_hoc_accuracy(model, [good, bad], n_units=5)
    assert found.curves["post-hoc-accuracy"].y.tolist() == [[0, 1, 1, 1, 1], [0, 0, 0, 1, 1]]
    assert found.values.tolist() == [0.8, 0.4]
    assert found.curves["post-hoc-accuracy"].mean.tolist() == [0, 0.5, 0.5, 1, 1]


def test_post_hoc_accuracy_is_about_the_answer_whatever_is_explained(model) -> None:
    text, scores = "warm funny long film", [4, 3, 1, 2]
    found = [metrics.post_hoc_accuracy(model, [explained(model, text, scores, target=t)]) for t in model.labels]
    assert found[0].values.tolist() == found[1].values.tolist()


def slow_degradation(model, explanations):
    """Eq. 10 and 11 by loops over texts and a fine grid."""
    rho = np.linspace(0.0, 1.0, 2001)
    lines = {"most": [], "least": []}
    for e in explanations:
        words, target = e.segments[0].split(), e.labels.index(e.target)
        for name, sign in (("most", -1), ("least", 1)):
            order = sorted(range(len(words)), key=lambda i, s=sign, e=e: s * e.scores[i])
            p = [
                model.predict_texts([" ".join(w for i, w in enumerate(words) if i not in order[:k])])[0][target]
                for k in range(len(words) + 1)
            ]
            lines[name].append(np.interp(rho, np.linspace(0, 1, len(p)), p))
    most, least = np.mean(lines["most"], axis=0), np.mean(lines["least"], axis=0)
    normal = [(line - most[-1]) / (most[0] - most[-1]) for line in (most, least)]
    return normal, float(np.trapezoid(normal[1] - normal[0], rho))


class Plain:
    def __init__(self, function):
        self.predict_texts = function


def test_degradation_is_equations_10_and_11(model) -> None:
    explanations = [
        explained(model, "warm funny long film", [4, 3, 1, 2]),
        explained(model, "long warm film", [3, 2, 1]),
        explained(model, "funny film", [0.5, 2]),
    ]
    found = metrics.degradation(model, explanations)
    curves, score = slow_degradation(Plain(add), explanations)
    assert found.mean == pytest.approx(score, abs=1e-6)
    for name, curve in zip(("MoRF", "LeRF"), curves, strict=True):
        assert found.curves[name].mean == pytest.approx(curve[::20], abs=1e-9)
    assert found.mean != pytest.approx(np.mean(found.values / found.weights), abs=1e-3)


def test_deletion_and_insertion_areas(model, best, worst) -> None:
    deletion = metrics.deletion_auc(model, [best])
    assert deletion.mean == pytest.approx(np.trapezoid([0.85, 0.45, 0.25, 0.2, 0.3], dx=0.25))
    insertion = metrics.insertion_auc(model, [best])
    assert insertion.mean == pytest.approx(np.trapezoid([0.3, 0.7, 0.9, 0.95, 0.85], dx=0.25))
    assert deletion.mean < metrics.deletion_auc(model, [worst]).mean
    assert insertion.mean > metrics.insertion_auc(model, [worst]).mean


def test_a_share_ends_the_deletion_early(model, best) -> None:
    assert metrics.deletion_auc(model, [best], share=0.5).mean == pytest.approx(
        np.trapezoid([0.85, 0.45, 0.25], dx=0.5)
    )
    assert metrics.deletion_auc(model, [best], share=0.2).mean == pytest.approx((0.85 + 0.45) / 2)
    with pytest.raises(OptionError, match="share must be above 0"):
        metrics.deletion_auc(model, [best], share=0.0)


def test_the_removal_is_the_metric_s_own() -> None:
    model = elision.load("builtin:sentiment", dtype="float32")
    explanation = elision.LeaveOneOut(removal="unk")(model, "a warm film , but long .")
    for removal in ("mask", "delete", "pad"):
        found = metrics.deletion_auc(model, [explanation], removal=removal)
        v = elision.ValueFunction(model, explanation.example, removal=removal, behaviour="probability")
        p = v(top_removed(ranking(explanation)))
        assert found.mean == pytest.approx(np.trapezoid(p, dx=1 / (len(p) - 1)), abs=1e-6)
        assert found.removal["name"] == removal
