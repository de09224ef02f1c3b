"""How answers look to the surrogate, against numbers worked out otherwise."""

from __future__ import annotations

import math

import numpy as np
import pytest

from elision.explainers.marginalization.links import LogOdds, Standardized, lesser, link_of
from elision.models.answers import CLASSES, LABELS, SCORES

NONE = np.zeros(1)


def test_log_odds_of_a_sure_model_are_as_far_apart_as_its_logits() -> None:
    logits = np.array([[0.0, 60.0, 1.0], [-3.0, 0.0, 4.0]])
    answers = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    expected = [[x - np.logaddexp.reduce(np.delete(row, i)) for i, x in enumerate(row)] for row in logits]
    link = link_of(CLASSES, [answers])
    np.testing.assert_allclose(link.of(CLASSES.watch(answers)), expected, rtol=1e-12)
    assert link.unit.tolist() == [1.0, 1.0, 1.0]


def test_infinite_log_odds_are_cut() -> None:
    answers = np.log(np.array([[0.25, 1e-300, 0.75, 1.0]]))
    answers[0, 1] = -np.inf
    assert LogOdds(2).of(LABELS.watch(answers))[0] == pytest.approx([-math.log(3.0), -500.0])


def test_labels_have_a_log_odds_each() -> None:
    p = np.array([[0.2, 0.7], [0.5, 0.999]])
    found = link_of(LABELS, [LABELS.read(p)]).of(LABELS.watch(LABELS.read(p)))
    np.testing.assert_allclose(found, np.log(p / (1 - p)))


@pytest.mark.parametrize("centre", [-40.0, 40.0])
def test_what_is_expected_of_a_sure_model_is_a_mean_of_its_lesser_side(centre: float) -> None:
    """exp(-40) times the mean, and the deviation, of exp(t), which for a spread of 0.3 are near those of a normal t."""
    fitted, spread, typical = np.array([[centre]]), np.array([[0.3]]), np.array([centre])
    found = lesser(LogOdds(1).expected(fitted, spread, typical))[0, 0] * np.exp(40.0)
    assert found == pytest.approx(np.exp(0.3**2 / 2), rel=0.005)
    usual, careful = (own.item() * np.exp(40.0) for own in LogOdds(1).deviations(fitted, spread, typical, 0, 0.01))
    assert usual == pytest.approx(np.exp(0.3**2 / 2) * np.sqrt(np.expm1(0.3**2)), rel=0.05)
    # One in a hundred is six standard deviations off, above or below.
    second = 0.99 * (usual**2 + found**2) + 0.01 * np.cosh(2 * 6 * 0.3)
    first = 0.99 * found + 0.01 * np.cosh(6 * 0.3)
    assert careful == pytest.approx(np.sqrt(second - first**2), rel=0.001)


def test_what_is_expected_of_an_unsure_model_is_mackays_approximation() -> None:
    sides = LogOdds(1).expected(np.array([[2.0]]), np.array([[1.5]]), NONE)
    p = 1 / (1 + math.exp(-2.0 / math.sqrt(1 + math.pi / 8 * 1.5**2)))
    assert sides[:, 0, 0] == pytest.approx([p, 1 - p], abs=1e-15)


def test_deviations_of_what_underflows_are_kept() -> None:
    """Probabilities of exp(-450) have squares that no float64 holds."""
    usual, careful = LogOdds(1).deviations(np.array([[-450.0]]), np.array([[1.0]]), np.array([-450.0]), 0, 0.01)
    plain, plainly = LogOdds(1).deviations(np.array([[-50.0]]), np.array([[1.0]]), np.array([-50.0]), 0, 0.01)
    assert np.log(usual / plain) == pytest.approx(-400.0, abs=1e-6)
    assert np.log(careful / plainly)[0] == pytest.approx(-400.0, abs=1e-6)


def test_scores_are_fitted_in_a_unit_in_which_the_first_are_two_apart() -> None:
    first = [np.array([[1.0, 10.0], [3.0, 10.0]]), np.array([[5.0, 14.0]])]
    link = link_of(SCORES, first)
    fitted = link.of(SCORES.watch(np.concatenate(first)))
    assert fitted.mean(axis=0) == pytest.approx([0.0, 0.0])
    assert fitted.std(axis=0) == pytest.approx([2.0, 2.0])
    np.testing.assert_allclose(link.expected(fitted, np.ones_like(fitted), NONE)[0], np.concatenate(first))
    usual, careful = link.deviations(fitted, np.full((3, 2), 0.5), NONE, 1, 0.01)
    assert usual == pytest.approx(np.full(3, 0.5 * np.std([10.0, 10.0, 14.0]) / 2.0))
    assert careful[:, 1] == pytest.approx(usual * np.sqrt(0.99 + 36 * 0.01))
    assert isinstance(link_of(SCORES, first, np.array([7.0, 8.0])), Standardized)
    assert link_of(SCORES, first, np.array([7.0, 8.0])).unit.tolist() == [7.0, 8.0]


@pytest.mark.parametrize("said", [0.0, 5.0, -1e-8])
def test_scores_that_are_all_one_have_a_unit_still(said: float) -> None:
    link = link_of(SCORES, [np.full((4, 1), said)])
    assert link.unit[0] == pytest.approx(0.5 if said == 0 else abs(said) * 5e-7, abs=0)
    assert link.of(SCORES.watch(np.full((2, 1), said))).tolist() == [[0.0], [0.0]]
