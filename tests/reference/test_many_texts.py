"""Adaptive marginalization of many texts: as each alone, within its budget, and what one teaches the next."""

from __future__ import annotations

import numpy as np
import pytest
from toys.candidates import estimate, toy
from toys.models import build

import elision
from elision.explainers.marginalization.surrogate import SHARED, Prior
from elision.explainers.marginalization.warm_start import Warmth

TEXT = "a deep film , well made"






def test_texts_explained_together_are_explained_as_alone(bert, masked_lm) -> None:
    texts = [TEXT, "a dull story", "the film is not good", TEXT]
    method = elision.InputMarginalization(masked_lm, tolerance=0.3)
    together = method.many(bert, texts)
    alone = [method(bert, text) for text in texts]
    for a, b in zip(together, alone, strict=True):
        np.testing.assert_allclose(a.scores, b.scores, atol=1e-6)
        np.testing.assert_allclose(a.std_error, b.std_error, atol=1e-6)
    assert [e.provenance["evaluations"] for e in together[:3]] == [e.provenance["evaluations"] for e in alone[:3]]
    # What was asked for the first text costs nothing for the last, which is the same, but for its gradient.
    assert together[3].provenance["evaluations"] == len(bert.labels)


def test_many_texts_take_one_after_another_where_a_method_knows_no_better(bert, masked_lm) -> None:
    texts = [TEXT, "a dull story"]
    for method in (elision.LeaveOneOut(), elision.InputMarginalization(masked_lm, threshold=1e-2)):
        for together, text in zip(method.many(bert, texts), texts, strict=True):
            alone = method(bert, text)
            np.testing.assert_allclose(together.scores, alone.scores, atol=1e-6)
            assert together.provenance["evaluations"] == alone.provenance["evaluations"]
    with pytest.raises(elision.OptionError, match="examples must be a sequence of examples, not one text"):
        elision.LeaveOneOut().many(bert, TEXT)


def test_a_budget_holds_for_each_of_many_texts(bert, masked_lm) -> None:
    texts = [TEXT, "a dull story", "the film is not good"]
    for explanation in elision.InputMarginalization(masked_lm, tolerance=1e-3, budget=60).many(bert, texts):
        assert explanation.provenance["evaluations"] <= 60


def test_warmth_is_the_ridge_regression_of_all_texts_with_an_intercept_a_unit() -> None:
    rng = np.random.default_rng(0)
    units = [(rng.normal(size=(n, 3)).astype(np.float32), rng.uniform(0.1, 0.9, (n, 2))) for n in (6, 9, 4)]
    found = Warmth.cold(3, 2).learn(units[:2]).learn(units[2:])
    rows = [np.column_stack([SHARED * x, np.eye(3)[np.full(len(x), i)]]) for i, (x, _) in enumerate(units)]
    design, logits = np.concatenate(rows), np.concatenate([np.log(p / (1 - p)) for _, p in units])
    prior = np.diag([1.0, 1.0, 1.0, 0.0, 0.0, 0.0])
    expected = np.linalg.solve(prior + design.T @ design / 1.1**2, design.T @ logits / 1.1**2)[:3]
    assert found.weights() == pytest.approx(expected, abs=1e-6)
    assert found.n_texts == 2


def test_what_was_learnt_elsewhere_saves_rows_and_stays_unbiased() -> None:
    """Two toy texts share how candidates are taken; a prior from the truth needs fewer rows for the same error."""
    units, answers = toy(6)
    components = units[0].features(slice(None))
    weights = np.linalg.lstsq(components, np.log(answers[0][:, 1] / answers[0][:, 0]), rcond=None)[0]
    known = Prior(np.stack([-weights, weights], axis=1) / SHARED, np.full(6, 0.5))
    only = ([units[0]], [answers[0]])
    truth = (units[0].weights @ answers[0])[1]
    cold = [estimate(*only, tolerance=0.007, seed=seed)[0] for seed in range(40)]
    warm = [estimate(*only, tolerance=0.007, seed=seed, prior=known)[0] for seed in range(40)]
    assert np.mean([len(pool.seen) for pool, _ in warm]) < 0.9 * np.mean([len(pool.seen) for pool, _ in cold])
    means = [found.mean[1] for _, found in warm]
    assert abs(np.mean(means) - truth) < 4 * np.std(means) / np.sqrt(40)


def test_warming_up_is_remembered_for_the_model_and_recorded(bert, masked_lm) -> None:
    texts = ["a dull story", "the film is not good", "a very good story"]
    method = elision.InputMarginalization(masked_lm, tolerance=0.2)
    cold = method(bert, TEXT)
    assert method.warm(bert, texts) is method
    warm = method(bert, TEXT)
    assert cold.provenance["settings"]["warmed_on"] == 0
    assert warm.provenance["settings"]["warmed_on"] == 3
    exact = elision.InputMarginalization(masked_lm, threshold=0)(bert, TEXT)
    assert (np.abs(warm.scores - exact.scores) <= 4 * warm.std_error + 1e-9).all()
    assert warm.scores.tolist() != cold.scores.tolist()
    again = elision.InputMarginalization(masked_lm, tolerance=0.2).warm(bert, texts)(bert, TEXT)
    assert again.scores.tolist() == warm.scores.tolist()
    other = elision.HuggingFaceModel(*build("bert", seed=9))
    assert (
        method(other, TEXT).scores.tolist()
        == elision.InputMarginalization(masked_lm, tolerance=0.2)(other, TEXT).scores.tolist()
    )
    with pytest.raises(elision.OptionError, match="only estimates can be warmed: leave out threshold and top_n"):
        elision.InputMarginalization(masked_lm, threshold=1e-5).warm(bert, texts)
