"""Measurements: an average or a ratio of averages, its interval, and curves."""

from __future__ import annotations

import numpy as np
import pytest

from elision.metrics import Curve, Measurement


def measured(values, weights=None):
    return Measurement(
        name="m", values=np.asarray(values, float), weights=None if weights is None else np.asarray(weights, float)
    )


def test_the_figure_is_an_average_or_a_ratio_of_averages() -> None:
    assert measured([1, 2, 6]).mean == 3.0
    assert measured([1, 2, 6], [1, 1, 4]).mean == 1.5
    found = measured([1, np.nan, 5])
    assert (found.mean, found.n) == (3.0, 2)
    assert measured([1, np.nan, 5], [1, 7, 1]).mean == 3.0
    assert np.isnan(measured([np.nan]).mean)
    assert np.isnan(measured([]).mean)
    assert np.isnan(measured([]).interval()).all()


def test_the_interval_is_as_wide_as_theory_says() -> None:
    values = np.random.default_rng(0).normal(2.0, 3.0, 400)
    lower, upper = measured(values).interval(n_resamples=20_000)
    half = 1.96 * values.std() / np.sqrt(400)
    assert (lower, upper) == (
        pytest.approx(values.mean() - half, abs=0.02),
        pytest.approx(values.mean() + half, abs=0.02),
    )
    lower, upper = measured(values).interval(level=0.5, n_resamples=20_000)
    half = 0.6745 * values.std() / np.sqrt(400)
    assert upper - lower == pytest.approx(2 * half, abs=0.02)


@pytest.mark.parametrize("ratio", [False, True])
def test_intervals_cover_the_truth_as_often_as_they_say(ratio) -> None:
    draws = np.random.default_rng(1)
    held, n_trials = 0, 900
    for trial in range(n_trials):
        weights = draws.uniform(0.5, 1.5, 60) if ratio else None
        values = draws.exponential(1.0, 60) * (1.0 if weights is None else weights)
        lower, upper = measured(values, weights).interval(seed=trial, n_resamples=400)
        held += lower <= 1.0 <= upper
    # Values as skewed as these cost percentile intervals of 60 examples up to three points of the 95.
    assert 0.90 <= held / n_trials <= 0.97


def test_the_same_seed_gives_the_same_interval_and_blocks_do_not_matter(monkeypatch) -> None:
    own = measured(np.arange(20.0))
    whole = own.interval(seed=3)
    assert own.interval(seed=3) == whole
    assert own.interval(seed=4) != whole
    monkeypatch.setattr("elision.results.intervals._CELLS", 40)
    assert own.interval(seed=3) == whole


def test_curves_are_averaged_before_they_are_normalised() -> None:
    y = np.array([[1.0, 0.5, 0.2], [0.8, 0.2, 0.0]])
    curve = Curve(x=np.arange(3.0), y=y, low=y[:, -1], high=y[:, 0])
    assert curve.mean.tolist() == pytest.approx([1.0, (0.35 - 0.1) / 0.8, 0.0])
    assert Curve(x=np.arange(3.0), y=y).mean.tolist() == pytest.approx([0.9, 0.35, 0.1])
    ends = curve.interval()
    assert ends[:, 0].tolist() == [1.0, 1.0]
    assert ends[0, 1] < curve.mean[1] < ends[1, 1]
