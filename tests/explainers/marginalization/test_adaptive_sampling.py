"""Estimates of toy texts against sums over all their candidates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from toys.candidates import error_of, estimate, toy, value_of

from elision.explainers.marginalization.surrogate import SHARED, Prior
from elision.models.answers import SCORES


def test_estimates_are_unbiased_and_their_errors_cover() -> None:
    text = toy(0)
    truth = text.means[:, 1]
    found = [estimate(text, seed=seed) for seed in range(150)]
    means = np.array([[each.mean[1] for _, each in run] for run in found])
    errors = np.array([[each.std_error[1] for _, each in run] for run in found])
    bias = means.mean(axis=0) - truth
    assert (np.abs(bias) < 4 * means.std(axis=0) / np.sqrt(150)).all()
    covered = (np.abs(means - truth) < 1.96 * errors).mean()
    assert 0.9 < covered <= 1.0
    rows = np.mean([[len(pool.seen) for pool, _ in run] for run in found])
    assert rows < 0.25 * 600
    assert errors.max() <= 0.02


def test_a_tolerance_out_of_reach_evaluates_everything_and_is_exact() -> None:
    text = toy(1, n=60)
    for truth, (pool, found) in zip(text.means, estimate(text, tolerance=1e-12), strict=True):
        assert pool.evaluated.all()
        assert found.mean == pytest.approx(truth, abs=1e-12)
        assert found.std_error == pytest.approx(0.0, abs=1e-9)


def test_bounds_hold_and_the_budget_is_kept() -> None:
    for seed in range(5):
        text = toy(seed, n=200)
        run = estimate(text, tolerance=1e-6, budget=150, seed=seed)
        assert sum(len(pool.seen) for pool, _ in run) <= 150
        for truth, (_, found) in zip(text.means, run, strict=True):
            assert (found.lower - 1e-12 <= truth).all()
            assert (truth <= found.upper + 1e-12).all()


def test_likelihood_of_what_was_not_drawn_widens_bounds_and_errors() -> None:
    text = toy(3, n=100)
    wide = replace(text, units=[replace(unit, likelihood=0.8 * unit.likelihood) for unit in text.units])
    for (_, plain), (_, other) in zip(estimate(text, tolerance=1e-9), estimate(wide, tolerance=1e-9), strict=True):
        assert other.mean == pytest.approx(plain.mean)
        assert other.lower == pytest.approx(0.8 * plain.lower)
        assert other.upper == pytest.approx(0.8 * plain.upper + 0.2)
        assert plain.std_error == pytest.approx(0.0, abs=1e-9)
        assert (other.std_error > 0).all()


def test_estimates_near_certainty_stay_within_their_bounds() -> None:
    text = toy(5)
    sure = [np.exp(own[:, 0]) / 300 for own in text.answers]
    sure[0][::50] = 0.9
    text = replace(text, answers=[np.log(np.stack([own, 1 - own], axis=1)) for own in sure])
    for seed in range(30):
        for _, found in estimate(text, tolerance=0.01, seed=seed):
            assert (found.lower - 1e-12 <= found.mean).all()
            assert (found.mean <= found.upper + 1e-12).all()


def test_fillings_that_grew_from_a_few_drawn_ones_have_larger_errors() -> None:
    text = toy(3, n=100)
    stems = ((np.arange(100) % 5, np.full(5, 0.01)),)
    grown = replace(text, units=[replace(unit, stems=stems) for unit in text.units])
    runs = estimate(text, tolerance=1e-9), estimate(grown, tolerance=1e-9)
    for unit, own, (_, plain), (_, other) in zip(text.units, text.answers, *runs, strict=True):
        assert plain.std_error == pytest.approx(0.0, abs=1e-9)
        means = np.array([np.average(np.exp(own[i::5]), axis=0, weights=unit.weights[i::5]) for i in range(5)])
        assert other.std_error == pytest.approx(np.sqrt(0.01 * 5 * means.var(axis=0, ddof=1)), rel=1e-6)


def test_what_was_learnt_elsewhere_saves_rows_and_stays_unbiased() -> None:
    """Two toy texts share how candidates are taken; a prior from the truth needs fewer rows for the same error."""
    text = toy(6)
    text = replace(text, units=text.units[:1], answers=text.answers[:1])
    weights = np.linalg.lstsq(text.components, text.answers[0] @ [-1.0, 1.0], rcond=None)[0]
    known = Prior(np.stack([-weights, weights], axis=1) / SHARED, np.full(6, 0.5))
    truth = text.means[0, 1]
    cold = [estimate(text, tolerance=0.007, seed=seed)[0] for seed in range(40)]
    warm = [estimate(text, tolerance=0.007, seed=seed, prior=known)[0] for seed in range(40)]
    assert np.mean([len(pool.seen) for pool, _ in warm]) < 0.9 * np.mean([len(pool.seen) for pool, _ in cold])
    means = [found.mean[1] for _, found in warm]
    assert abs(np.mean(means) - truth) < 4 * np.std(means) / np.sqrt(40)


@pytest.mark.parametrize("centre", [8.0, 30.0, 60.0])
def test_a_sure_model_is_estimated_in_bits_as_an_unsure_one_is(centre: float) -> None:
    """None of 48 log-odds is off by more than its error says, and every error reaches the tolerance."""
    rows = []
    for seed in range(12):
        text = toy(seed % 3, n=400, centre=centre)
        for truth, (pool, found) in zip(text.log_odds, estimate_in_bits(text, seed), strict=True):
            error = error_of(text, found, "log_odds")
            assert error <= 0.1
            assert abs(value_of(text, found, "log_odds") - truth) <= 4 * error + 1e-9
            assert found.least[0, 0] <= found.sides[0, 0] <= found.least[0, 0] + found.left_out
            rows.append(len(pool.seen))
    assert np.mean(rows) < 0.9 * 400


def estimate_in_bits(text, seed):
    return estimate(text, tolerance=0.1, behaviour="log_odds", seed=seed)


def test_a_sure_model_of_which_all_is_asked_is_exact() -> None:
    text = toy(2, n=80, centre=-60.0, size=3.0)
    for truth, (_, found) in zip(text.log_odds, estimate(text, tolerance=1e-9, behaviour="log_odds"), strict=True):
        assert value_of(text, found, "log_odds") == pytest.approx(truth, abs=1e-9)
        assert error_of(text, found, "log_odds") < 1e-9
    assert text.log_odds.max() < -60


def test_a_sure_model_that_a_few_candidates_upset_says_so() -> None:
    """One candidate in fifty is answered the other way round: what was not seen is reckoned with, or was seen."""
    text = toy(4, n=400, centre=60.0)
    upset = [np.where(np.arange(400)[:, None] % 50 == 7, own[:, ::-1], own) for own in text.answers]
    text = replace(text, answers=upset)
    assert (np.abs(text.log_odds) < 12).all()
    found = [own for seed in range(25) for own in zip(text.log_odds, estimate_in_bits(text, seed), strict=True)]
    off = [abs(value_of(text, each, "log_odds") - truth) for truth, (_, each) in found]
    errors = [error_of(text, each, "log_odds") for _, (_, each) in found]
    # 100 intervals of 95 %.
    assert np.mean(np.array(off) <= 1.96 * np.array(errors) + 1e-9) > 0.9


def test_it_does_not_matter_which_of_two_classes_a_sure_model_is_sure_of() -> None:
    """Nor for what was evaluated, where no outliers are reckoned with, nor for what candidates stand for besides."""
    text = toy(4, n=400, centre=60.0, size=2.0)
    text = replace(text, units=[replace(unit, likelihood=0.8 * unit.likelihood) for unit in text.units])
    mirrored = replace(text, answers=[own[:, ::-1] for own in text.answers])
    plain = Prior(np.zeros((6, 2)), np.ones(6), outliers=0.0)
    settings = {"tolerance": 2.0, "behaviour": "log_odds", "prior": plain}
    for seed in range(5):
        runs = estimate(text, seed=seed, **settings), estimate(mirrored, seed=seed, **settings)
        for (pool, one), (again, other) in zip(*runs, strict=True):
            assert pool.seen.tolist() == again.seen.tolist()
            np.testing.assert_allclose(other.sides, one.sides[::-1], rtol=1e-6)
            np.testing.assert_allclose(other.std_error, one.std_error, rtol=1e-6)


@pytest.mark.parametrize(("centre", "size"), [(3.0, 1.0), (-2000.0, 50.0), (0.0, 1e-4)])
def test_scores_are_estimated_without_bias_and_their_errors_cover(centre: float, size: float) -> None:
    """400 intervals of 95 %: 100 runs of a text with 4 units, whatever the scores' unit."""
    text = toy(0, centre=centre, size=size, kind=SCORES)
    truth = text.means[:, 0]
    runs = [estimate(text, tolerance=0.1 * size, behaviour="score", seed=seed) for seed in range(100)]
    means = np.array([[found.sides[0, 0] for _, found in run] for run in runs])
    errors = np.array([[found.std_error[0] for _, found in run] for run in runs])
    assert (np.abs(means.mean(axis=0) - truth) < 4 * means.std(axis=0) / 10).all()
    assert 0.90 <= (np.abs(means - truth) <= 1.96 * errors).mean() <= 0.99
    assert errors.max() <= 0.1 * size
    assert np.mean([[len(pool.seen) for pool, _ in run] for run in runs]) < 0.25 * 600


def test_a_unit_of_scores_changes_neither_what_is_asked_nor_what_is_found() -> None:
    small, large = (toy(5, centre=3 * size, size=size, kind=SCORES) for size in (1.0, 1024.0))
    found = estimate(small, behaviour="score", tolerance=0.05), estimate(large, behaviour="score", tolerance=51.2)
    for (pool, plain), (other, grown) in zip(*found, strict=True):
        assert pool.seen.tolist() == other.seen.tolist()
        assert grown.sides == pytest.approx(1024 * plain.sides, rel=1e-6)
        assert grown.std_error == pytest.approx(1024 * plain.std_error, rel=1e-6)


def test_scores_of_which_all_is_asked_are_exact_and_have_no_bounds() -> None:
    text = toy(1, n=60, kind=SCORES)
    for truth, (pool, found) in zip(text.means, estimate(text, behaviour="score", tolerance=1e-12), strict=True):
        assert pool.evaluated.all()
        assert found.sides[0] == pytest.approx(truth, abs=1e-12)
        assert found.std_error == pytest.approx(0.0, abs=1e-9)
        assert (found.lower == -np.inf).all()
        assert (found.upper == np.inf).all()
