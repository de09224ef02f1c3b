"""Estimates of models that are sure of their answers, that give scores, or a probability for each of several labels."""

from __future__ import annotations

import hashlib
from decimal import Decimal, getcontext

import numpy as np
import pytest
import torch
from toys.models import build

import elision
from elision.explainers.marginalization.adaptive_estimate import Tolerance
from elision.game.driver import converse
from elision.models.answers import CLASSES, LABELS, SCORES, AnswerKind

TEXT = "a deep film , well made"


def weight(word: str) -> float:
    """Return a number between -1 and 1 that a word is known by."""
    return int.from_bytes(hashlib.md5(word.encode()).digest()[:4], "big") / 2**31 - 1.0


class Weighed(elision.BlackBox):
    """Adds up words' weights about a centre, with a share that no single word tells."""

    def __init__(self, kind: AnswerKind, centre: float, size: float) -> None:
        labels = ["no", "yes"] if kind.bounded else ["grade"]
        super().__init__(lambda texts: texts, labels, name="weighed")
        self.answer, self.centre, self.size = kind, centre, size

    def said(self, text: str) -> float:
        return self.centre + self.size * (sum(map(weight, text.split())) + weight(text) / 2)

    def answers(self, blocks):
        said = np.array([self.said(text) for block in blocks for text in block.examples])
        if self.answer is SCORES:
            return said[:, None]
        logs = -np.logaddexp(0.0, np.stack([said, -said], axis=1))
        return logs if self.answer is CLASSES else np.concatenate([logs, logs[:, ::-1]], axis=1)


def expected(model: Weighed, masked_lm: elision.MaskedLanguageModel) -> np.ndarray:
    """Return the mean of what is said without each unit, by adding it up in 60 digits: log-odds in bits, or scores."""
    getcontext().prec = 60
    v = elision.InputMarginalization(masked_lm, threshold=0).value_function(model, TEXT)
    found = []
    for filling in v.bound.fillings([(unit,) for unit in range(len(v.units))]):
        said = [Decimal(0)] * len(filling.fills)
        for rows, index in v.bound.rows(filling):
            for text, i in zip(rows.examples, index, strict=True):
                said[i] = Decimal(model.said(text))
        weights = [Decimal(float(q)) for q in filling.weights]
        if model.answer is SCORES:
            found.append(float(sum(w * s for w, s in zip(weights, said, strict=True))))
            continue
        yes = sum(w / (1 + (-s).exp()) for w, s in zip(weights, said, strict=True))
        no = sum(w / (1 + s.exp()) for w, s in zip(weights, said, strict=True))
        found.append(float((yes / no).ln() / Decimal(2).ln()))
    return np.array(found)


@pytest.mark.parametrize("kind", [CLASSES, LABELS])
@pytest.mark.parametrize("centre", [60.0, -60.0])
def test_a_sure_model_has_the_scores_of_the_sum_in_logarithms(masked_lm, kind, centre) -> None:
    model = Weighed(kind, centre, 2.0)
    wanted = model.said(TEXT) / np.log(2) - expected(model, masked_lm)
    for options in ({"threshold": 0}, {"tolerance": 1e-9}):
        found = elision.InputMarginalization(masked_lm, **options)(model, TEXT, target="yes")
        np.testing.assert_allclose(found.scores, wanted, atol=1e-9)
        assert found.std_error is None
    assert np.abs(wanted).max() > 1


@pytest.mark.parametrize("kind", [CLASSES, LABELS])
def test_an_estimate_of_a_sure_model_is_within_its_errors_in_bits(masked_lm, kind) -> None:
    model = Weighed(kind, 60.0, 1.0)
    wanted = model.said(TEXT) / np.log(2) - expected(model, masked_lm)
    for seed in range(5):
        found = elision.InputMarginalization(masked_lm, tolerance=2.0, seed=seed)(model, TEXT, target="yes")
        assert (np.abs(found.scores - wanted) <= 4 * found.std_error + 1e-9).all()
        assert found.std_error.max() <= 2.0
        assert found.std_error.any()
        assert (found.lower <= wanted + 1e-9).all()
        assert (wanted <= found.upper + 1e-9).all()


def test_scores_are_estimated_about_their_mean_without_bounds(masked_lm) -> None:
    model = Weighed(SCORES, 3000.0, 40.0)
    wanted = model.said(TEXT) - expected(model, masked_lm)
    exact = elision.InputMarginalization(masked_lm, tolerance=1e-9)(model, TEXT)
    np.testing.assert_allclose(exact.scores, wanted, atol=1e-9)
    for seed in range(5):
        found = elision.InputMarginalization(masked_lm, tolerance=4.0, seed=seed)(model, TEXT)
        assert found.provenance["evaluations"] < exact.provenance["evaluations"]
        assert (np.abs(found.scores - wanted) <= 4 * found.std_error + 1e-9).all()
        assert 0 < found.std_error.max() <= 4.0
        assert found.lower is None
        assert found.upper is None
        assert found.provenance["settings"]["tolerance"] == 4.0


def test_the_tolerance_of_scores_is_a_share_of_how_far_apart_the_first_answers_are(masked_lm) -> None:
    small, large = (
        elision.InputMarginalization(masked_lm)(Weighed(SCORES, 3 * size, size), TEXT) for size in (1.0, 1024.0)
    )
    tolerance = small.provenance["settings"]["tolerance"]
    # Seven weights about 0.6 apart, one of which changes, and half of another: between 0.4 and 0.9.
    assert 0.4 * 0.035 < tolerance < 0.9 * 0.035
    assert large.provenance["settings"]["tolerance"] == pytest.approx(1024 * tolerance)
    assert large.provenance["evaluations"] == small.provenance["evaluations"]
    np.testing.assert_allclose(large.scores, 1024 * small.scores, rtol=1e-6, atol=1e-3)
    assert Tolerance(0.1, relative=True).of(np.array([1.0, 3.0])) == pytest.approx(0.1)
    assert Tolerance(0.1).of(np.array([1.0, 3.0])) == 0.1
    assert Tolerance(0.1, relative=True).of(np.zeros(3)) == 0.1


def regression(times: float) -> elision.HuggingFaceModel:
    """Return a tiny regression whose scores are so many times as large."""
    model, tokenizer = build("bert", n_labels=1, problem_type="regression")
    with torch.no_grad():
        for own in model.classifier.parameters():
            own.mul_(times)
    return elision.HuggingFaceModel(model.double(), tokenizer, name="tiny-regression")


def test_gradients_of_scores_are_told_in_the_unit_of_the_scores(masked_lm) -> None:
    """Scores a thousand times as large have the same draws, and estimates a thousand times as large."""
    small, large = (
        elision.InputMarginalization(masked_lm, tolerance=0.006 * times, n_candidates=None)(regression(times), TEXT)
        for times in (1.0, 1024.0)
    )
    exact = elision.InputMarginalization(masked_lm, threshold=0)(regression(1.0), TEXT)
    for one, other in zip(small.candidates, large.candidates, strict=True):
        assert [own.word for own in one] == [own.word for own in other]
    np.testing.assert_allclose(large.scores, 1024 * small.scores, rtol=1e-4)
    assert small.provenance["evaluations"] < exact.provenance["evaluations"]
    assert (np.abs(small.scores - exact.scores) <= 4 * small.std_error + 1e-9).all()


def test_what_was_learnt_of_scores_is_kept_in_the_first_text_s_unit(masked_lm) -> None:
    model = regression(50.0)
    method = elision.InputMarginalization(masked_lm, tolerance=20.0)
    method.warm(model, ["a dull story", "the film is not good"])
    unit = method._learnt[1].unit
    again = elision.InputMarginalization(masked_lm, tolerance=20.0).warm(model, ["a dull story"])
    assert unit.tolist() == again._learnt[1].unit.tolist()
    exact = elision.InputMarginalization(masked_lm, threshold=0)(model, TEXT)
    found = method(model, TEXT)
    v = method.value_function(model, TEXT)
    asked = converse(v, method._estimate(v, [(0,)], Tolerance(20.0)))
    assert asked.unit.tolist() == unit.tolist()
    v = method.value_function(regression(50.0), TEXT)
    assert converse(v, method._estimate(v, [(0,)], Tolerance(20.0))).unit.tolist() != unit.tolist()
    assert found.provenance["settings"]["warmed_on"] == 2
    assert (np.abs(found.scores - exact.scores) <= 4 * found.std_error + 1e-9).all()


def test_estimates_of_several_classes_sum_to_one(bert, masked_lm) -> None:
    found = elision.InputMarginalization(masked_lm, tolerance=0.5)(bert, TEXT)
    watched = np.log2(found.probabilities) - np.log2(1 - found.probabilities)
    odds = np.exp2(watched[:, None] - found.class_scores)
    np.testing.assert_allclose((odds / (1 + odds)).sum(axis=0), 1.0, atol=1e-9)
    target = found.labels.index(found.target)
    np.testing.assert_allclose(found.class_scores[target], found.scores, atol=1e-9)
