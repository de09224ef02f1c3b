"""Agreement between methods: each figure against scipy's, or against the same examples written out again and again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

import elision
from elision.metrics.agreement import correlation, pooled_correlation, top_k_overlap
from elision.results.explanation import Explanation
from elision.results.intervals import resamples
from elision.text import Unit

REFERENCE = {"pearson": stats.pearsonr, "spearman": stats.spearmanr, "kendall": stats.kendalltau}


def made(scores: list[float] | np.ndarray, name: str = "x") -> Explanation:
    """Return an explanation of a text of one-letter words."""
    n = len(scores)
    return Explanation(
        segments=(" ".join([name] * n),),
        units=tuple(Unit(name, 2 * i, 2 * i + 1) for i in range(n)),
        scores=np.array(scores, dtype=float),
        target="yes",
        labels=("no", "yes"),
        probabilities=np.array([0.2, 0.8]),
    )


def drawn(n: int = 8, *, seed: int = 0) -> tuple[list[Explanation], list[Explanation]]:
    """Return two methods' explanations of n examples, with scores that often are alike."""
    draws = np.random.default_rng(seed)
    lengths = draws.integers(3, 9, n)
    both = [draws.integers(-3, 4, (2, length)) for length in lengths]
    return [made([*one, 9]) for one, _ in both], [made([*other, 9]) for _, other in both]


def test_correlation_is_of_each_example() -> None:
    one, other = drawn()
    for kind, measure in REFERENCE.items():
        found = correlation(one, other, kind=kind)
        expected = [measure(a.scores, b.scores).statistic for a, b in zip(one, other, strict=True)]
        np.testing.assert_allclose(found.values, expected, atol=1e-12)
        assert (found.higher_is_better, found.settings) == (None, {"kind": kind, "absolute": False})


def test_sizes_compare_where_signs_do_not() -> None:
    pair = [made([1.0, -2.0, 3.0, -4.0])], [made([1.0, 2.0, 3.0, 4.0])]
    assert correlation(*pair, absolute=True).mean == pytest.approx(1.0)
    assert correlation(*pair).mean == pytest.approx(-0.4)
    assert pooled_correlation(*pair, absolute=True)[0] == pytest.approx(1.0)


def test_an_example_without_correlation_says_nothing() -> None:
    found = correlation([made([1.0, 2.0]), made([1.0, 1.0])], [made([1.0, 2.0]), made([1.0, 2.0])])
    assert (found.n, found.mean) == (1, pytest.approx(1.0))


@pytest.mark.parametrize("kind", ["pearson", "spearman"])
def test_pooled_correlation_writes_examples_out_as_often_as_drawn(kind: str) -> None:
    one, other = drawn(6)
    whole = [np.concatenate([e.scores for e in side]) for side in (one, other)]
    found, lower, upper = pooled_correlation(one, other, kind=kind, n_resamples=300, seed=5, level=0.9)
    assert found == pytest.approx(REFERENCE[kind](*whole).statistic, abs=1e-12)
    slow = []
    for counts in next(iter(resamples(6, 300, 5))).astype(int):
        chosen = np.repeat(np.arange(6), counts)
        columns = [np.concatenate([side[i].scores for i in chosen]) for side in (one, other)]
        slow.append(REFERENCE[kind](*columns).statistic)
    np.testing.assert_allclose([lower, upper], np.quantile(slow, [0.05, 0.95]), atol=1e-12)


def test_samples_without_correlation_do_not_count() -> None:
    one, other = [made([1.0, 1.0]), made([1.0, 2.0, 3.0])], [made([1.0, 1.0]), made([1.0, 3.0, 2.0])]
    assert np.isfinite(pooled_correlation(one, other)).all()
    assert np.isnan(pooled_correlation(one[:1], other[:1])).all()


def test_overlap_of_top_units_by_hand() -> None:
    one, other = made([5.0, 4.0, 3.0, 2.0, 1.0]), made([5.0, 1.0, 4.0, 2.0, 3.0])
    for k, expected in ((1, 1.0), (2, 1 / 2), (3, 2 / 3), (4, 3 / 4)):
        assert top_k_overlap([one], [other], n_units=k).mean == pytest.approx(expected)
    for k in (5, 6):
        assert np.isnan(top_k_overlap([one], [other], n_units=k).mean)


def test_overlap_says_nothing_of_scores_all_alike() -> None:
    rising, alike = made([1.0, 2.0, 3.0]), made([1.0, 1.0, 1.0])
    found = top_k_overlap([rising, alike, rising], [alike, alike, rising], n_units=2)
    np.testing.assert_array_equal(found.values, [np.nan, np.nan, 1.0])
    assert found.higher_is_better is None


def test_a_method_overlaps_wholly_with_itself_also_where_units_score_alike() -> None:
    tied = made([1.0] * 9 + [2.0])
    assert {top_k_overlap([tied], [tied], n_units=4, seed=s).mean for s in range(20)} == {1.0}


METRICS = (correlation, pooled_correlation, top_k_overlap)


@pytest.mark.parametrize("metric", METRICS)
def test_other_examples_units_or_classes_are_refused(metric) -> None:
    one = made([1.0, 2.0, 3.0])
    cut = replace(one, units=(Unit("x x", 0, 3), Unit("x", 4, 5)), scores=np.array([1.0, 2.0]))
    others = {
        r"same examples, got 1 and 2": [one, one],
        r"same order; number 0 is 'x x x' and 'y y y'": [made([1.0, 2.0, 3.0], "y")],
        r"same units; example 0 is cut differently": [cut],
        r"same class; example 0 has 'yes' and 'no': explain both with one target": [replace(one, target="no")],
    }
    for message, other in others.items():
        with pytest.raises(elision.ElisionError, match=message):
            metric([one], other)
    with pytest.raises(elision.OptionError, match="at least one Explanation"):
        metric([], [])


def test_options_out_of_range_are_refused() -> None:
    pair = drawn()
    with pytest.raises(elision.OptionError, match="kind must be one of spearman, kendall, pearson; got 'tau'"):
        correlation(*pair, kind="tau")
    with pytest.raises(elision.OptionError, match="kind must be one of spearman, pearson; got 'kendall'"):
        pooled_correlation(*pair, kind="kendall")
    with pytest.raises(elision.OptionError, match="n_units must be at least 1, got 0"):
        top_k_overlap(*pair, n_units=0)
