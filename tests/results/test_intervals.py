"""Paired differences of measurements and tests of them, against closed forms and by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from elision.errors import OptionError
from elision.metrics import Measurement, difference, holm
from elision.results.intervals import least_p


def measured(values, weights=None):
    return Measurement(
        name="m", values=np.asarray(values, float), weights=None if weights is None else np.asarray(weights, float)
    )


def test_paired_differences_use_the_same_examples() -> None:
    draws = np.random.default_rng(2)
    base = draws.normal(0, 5, 80)
    one, other = measured(base + 0.3 + draws.normal(0, 0.5, 80)), measured(base)
    seen, lower, upper, p = difference(one, other)
    assert seen == pytest.approx(one.mean - other.mean)
    half = 1.96 * (one.values - base).std() / np.sqrt(80)
    assert upper - lower == pytest.approx(2 * half, rel=0.1)
    assert p < 0.001
    assert difference(other, one)[0] == pytest.approx(-seen)
    assert difference(one, other, test="wilcoxon")[3] == pytest.approx(stats.wilcoxon(one.values - base).pvalue)


def test_examples_that_one_says_nothing_of_are_left_out_of_both() -> None:
    one, other = measured([1, np.nan, 3, 4]), measured([0, 100, np.nan, 2])
    assert difference(one, other)[0] == pytest.approx((1 + 4) / 2 - (0 + 2) / 2)
    assert np.isnan(difference(measured([np.nan]), measured([1.0]))).all()


def test_no_difference_is_no_difference() -> None:
    own = measured([1.0, 2.0, 3.0])
    assert difference(own, own) == (0.0, 0.0, 0.0, 1.0)
    assert difference(own, own, test="wilcoxon")[3] == 1.0


def test_p_values_are_small_as_rarely_as_they_should() -> None:
    draws = np.random.default_rng(3)
    p = [
        difference(measured(draws.normal(size=60)), measured(draws.normal(size=60)), n_resamples=400, seed=i)[3]
        for i in range(400)
    ]
    assert 0.02 <= np.mean(np.array(p) <= 0.05) <= 0.09
    assert 0.42 <= np.mean(p) <= 0.58


# What the page of an evaluation and docs/metrics.md say of few examples. 800 trials: standard errors of at most 0.011
# of the p-values' shares, and of at most 0.014 of the intervals'.
@pytest.mark.parametrize(
    ("n", "by_chance", "covered"),
    [(5, (0, 0), 0.83), (10, (0.07, 0.13), 0.90), (20, (0.05, 0.11), 0.92), (30, (0.05, 0.11), 0.92)],
)
def test_few_examples_make_p_values_too_small_and_intervals_too_narrow(n, by_chance, covered) -> None:
    draws = np.random.default_rng(4)
    found = [
        difference(measured(draws.normal(size=n)), measured(draws.normal(size=n)), n_resamples=400, seed=i)
        for i in range(800)
    ]
    low, high = by_chance
    assert low <= np.mean([p <= 0.05 for *_, p in found]) <= high
    assert np.mean([lower <= 0 <= upper for _, lower, upper, _ in found]) == pytest.approx(covered, abs=0.04)


@pytest.mark.parametrize("test", ["bootstrap", "wilcoxon"])
def test_no_test_says_less_than_its_examples_can(test) -> None:
    # Old versions of scipy approximate where differences are alike, and say 0.025.
    own = difference(measured(np.ones(5)), measured(np.zeros(5)), test=test)
    assert own[3] == least_p(5, test=test) == 0.0625
    assert least_p(12, n_resamples=99) == 0.01
    assert least_p(12, n_resamples=99, test="wilcoxon") == 2.0**-11


def test_few_examples_say_little_however_alike_they_are() -> None:
    for n in (1, 2, 5):
        assert difference(measured(np.ones(n)), measured(np.zeros(n)))[3] == 2.0 ** (1 - n)
    assert difference(measured(np.ones(40)), measured(np.zeros(40)))[3] < 0.001


def test_ratios_are_compared_as_ratios() -> None:
    one, other = measured([2, 4, 6, 9], [1, 2, 3, 4]), measured([1, 2, 3, 4], [1, 2, 3, 4])
    assert difference(one, other)[0] == pytest.approx(2.1 - 1.0)
    assert difference(one, other, test="wilcoxon")[3] == difference(one, other)[3]


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == pytest.approx([1.0, 1.0])
    assert holm([0.02, float("nan"), 0.03])[::2] == pytest.approx([0.04, 0.04])
    assert np.isnan(holm([0.02, float("nan")])[1])
    assert holm([]) == []


def test_mistakes_in_one_line() -> None:
    own = measured([1.0, 2.0])
    with pytest.raises(OptionError, match="level must be between 0 and 1, got 95"):
        own.interval(level=95)
    with pytest.raises(OptionError, match="n_resamples must be at least 1"):
        own.interval(n_resamples=0)
    with pytest.raises(OptionError, match="same examples, got 2 and 1"):
        difference(own, measured([1.0]))
    with pytest.raises(OptionError, match="test must be one of bootstrap, wilcoxon"):
        difference(own, own, test="t")
    with pytest.raises(OptionError, match="weights must have shape"):
        measured([1.0, 2.0], [1.0])
    assert str(own).startswith("m 1.5 (95% interval 1 to 2, n = 2)")
