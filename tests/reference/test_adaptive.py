"""Adaptive marginalization of models: estimates against sums over all candidates."""

from __future__ import annotations

import numpy as np
import pytest
from toys.models import keyword_model

import elision

TEXT = "a deep film , well made"


def test_scores_are_those_of_the_whole_vocabulary_where_everything_is_evaluated(bert, masked_lm) -> None:
    exact = elision.InputMarginalization(masked_lm, threshold=0)(bert, TEXT)
    found = elision.InputMarginalization(masked_lm, tolerance=1e-9)(bert, TEXT)
    np.testing.assert_allclose(found.scores, exact.scores, atol=1e-7)
    np.testing.assert_allclose(found.class_scores, exact.class_scores, atol=1e-7)
    assert found.std_error is None


@pytest.mark.parametrize("original", ["keep", "exclude"])
def test_a_tolerance_is_kept_and_the_truth_is_within_its_error(bert, masked_lm, original: str) -> None:
    exact = elision.InputMarginalization(masked_lm, threshold=0, original=original)(bert, TEXT)
    method = elision.InputMarginalization(masked_lm, tolerance=0.3, original=original)
    found = method(bert, TEXT)
    assert found.provenance["evaluations"] < exact.provenance["evaluations"]
    assert found.std_error.max() <= 0.3
    assert (np.abs(found.scores - exact.scores) <= 4 * found.std_error + 1e-9).all()
    assert (found.lower <= exact.scores + 1e-9).all()
    assert (exact.scores <= found.upper + 1e-9).all()
    assert found.scores.tolist() == method(bert, TEXT).scores.tolist()
    # One at each score, and one where it is said what it means.
    assert str(found).count("±") == len(found.units) + 1


def test_a_budget_limits_what_a_tolerance_may_spend(bert, masked_lm) -> None:
    found = elision.InputMarginalization(masked_lm, tolerance=1e-6, budget=150)(bert, TEXT)
    assert found.provenance["evaluations"] <= 150
    assert found.std_error.max() > 1e-6
    with pytest.raises(elision.BudgetError, match="budget must be at least 25 for a first look at 6 units; got 20"):
        elision.InputMarginalization(masked_lm, tolerance=0.1, budget=20)(bert, TEXT)


def test_words_of_several_tokens_and_other_tokenizers_are_estimated_too(bert, byte_masked_lm) -> None:
    found = elision.InputMarginalization(byte_masked_lm, tolerance=0.5)(bert, "a meaningful film")
    assert np.isfinite(found.scores).all()
    found = elision.InputMarginalization(byte_masked_lm, tolerance=0.5)(keyword_model(), "a good film")
    assert found.std_error.max() <= 0.5


def test_likelihoods_without_features_work(bert) -> None:
    exact = elision.InputMarginalization("uniform", threshold=0)(bert, TEXT)
    found = elision.InputMarginalization("uniform", tolerance=0.2)(bert, TEXT)
    assert (np.abs(found.scores - exact.scores) <= 4 * found.std_error + 1e-9).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tolerance": 0}, "tolerance must be greater than 0, got 0"),
        ({"tolerance": 0.1, "threshold": 1e-3}, "tolerance goes without threshold:"),
        ({"tolerance": 0.1, "top_n": 3}, "tolerance goes without top_n:"),
    ],
)
def test_mistakes_with_a_tolerance_are_refused(masked_lm, options: dict, message: str) -> None:
    with pytest.raises(elision.OptionError, match=f"^{message}"):
        elision.InputMarginalization(masked_lm, **options)


def test_the_original_word_is_always_among_the_candidates_and_costs_nothing(bert, masked_lm) -> None:
    method = elision.InputMarginalization(masked_lm, tolerance=0.4, n_candidates=None)
    found = method(bert, TEXT)
    for unit, own in zip(found.units, found.candidates, strict=True):
        assert unit.text in [candidate.word for candidate in own]
    asked = sum(map(len, found.candidates))
    text, gradients = 1, len(bert.labels)
    assert found.provenance["evaluations"] == asked - len(found.units) + text + gradients


def test_likelihood_left_out_of_words_of_several_tokens_is_sampled(bert, masked_lm) -> None:
    """A beam of 12 cannot continue most first tokens of 'deeply'; the drawn ones stand for them."""
    text = "a deeply film"
    exact = elision.InputMarginalization(masked_lm, threshold=0, beam=10_000)(bert, text)
    scores = []
    for seed in range(30):
        found = elision.InputMarginalization(masked_lm, tolerance=0.02, beam=12, seed=seed)(bert, text)
        assert (np.abs(found.scores - exact.scores) <= 4 * found.std_error + 1e-3).all()
        assert (found.lower <= exact.scores + 1e-9).all()
        assert (exact.scores <= found.upper + 1e-9).all()
        scores.append(found.scores)
    spread = np.std(scores, axis=0)[1]
    assert spread > 0.01
    assert abs(np.mean(scores, axis=0) - exact.scores)[1] < 4 * spread / np.sqrt(30)


def test_a_set_of_words_is_estimated_with_its_error(bert, masked_lm) -> None:
    method = elision.InputMarginalization(masked_lm, tolerance=0.05)
    exact = elision.InputMarginalization(masked_lm, threshold=0, beam=10_000).joint(bert, TEXT, [(0,), (1, 3)])
    for found, wanted in zip(method.joint(bert, TEXT, [(0,), (1, 3)]), exact, strict=True):
        assert found.std_error <= 0.05
        assert abs(found.score - wanted.score) <= 4 * found.std_error + 1e-9
        assert wanted.std_error == 0
        assert found.lower - 1e-9 <= wanted.score <= found.upper + 1e-9


@pytest.mark.parametrize("budget", [45, 60, 200])
def test_a_small_budget_is_used_up(bert, masked_lm, budget: int) -> None:
    found = elision.InputMarginalization(masked_lm, tolerance=1e-4, budget=budget)(bert, TEXT)
    assert budget - 2 <= found.provenance["evaluations"] <= budget


def test_an_estimate_travels_as_json(bert, masked_lm) -> None:
    found = elision.InputMarginalization(masked_lm, tolerance=0.5)(bert, TEXT)
    again = elision.Explanation.from_json(found.to_json())
    np.testing.assert_array_equal(again.std_error, found.std_error)
    assert again.provenance == found.provenance
    assert type(found.provenance["evaluations"]) is int
