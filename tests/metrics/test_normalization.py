"""AOPC between the worst and the best order."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from toys.sums import add, explained

import elision
from elision import metrics
from elision.errors import OptionError


def flip(texts):
    """Positive exactly where both words are there."""
    p = np.array([0.9 if {"warm", "funny"} <= set(text.split()) else 0.2 for text in texts])
    return np.stack([1.0 - p, p], axis=1)


@pytest.fixture
def model():
    return elision.load(add, labels=["negative", "positive"])


@pytest.mark.parametrize("function", [add, flip])
@pytest.mark.parametrize("n_units", [2, 4, 6])
def test_normalized_aopc_is_the_place_between_the_worst_and_the_best_order(function, n_units) -> None:
    model = elision.load(function, labels=["negative", "positive"])
    text = "warm funny long film"
    found = {}
    for scores in permutations(range(4)):
        found[scores] = metrics.aopc(model, [explained(model, text, scores)], n_units=n_units).mean
    low, high = min(found.values()), max(found.values())
    for scores in ((0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2)):
        own = [explained(model, text, scores)]
        exact = metrics.aopc(model, own, n_units=n_units, normalize="exact").mean
        assert exact == pytest.approx((found[scores] - low) / (high - low))
        beam = metrics.aopc(model, own, n_units=n_units, normalize="beam", beam=24).mean
        assert beam == pytest.approx(exact)


def contradicting(texts):
    """Words that act alone, in pairs and by how many there are."""
    found = []
    for text in texts:
        own = set(text.split())
        z = 1.7 * ({"not", "bad"} <= own) - 2.1 * ("bad" in own) + 1.3 * ("good" in own) - 0.2 * ("plot" in own)
        found.append(z - 1.9 * ({"not", "good"} <= own) + 0.12 * ("very" in own) * len(own))
    p = 1.0 / (1.0 + np.exp(-np.array(found)))
    return np.stack([1.0 - p, p], axis=1)


@pytest.mark.parametrize(
    ("n_units", "exact", "narrow"),
    [
        (1, 1.0, 1.0),
        (2, 0.8495033633666398, 0.7974458789379738),
        (3, 0.9441109815034062, 1.0592967424300974),
        (5, 0.8548008713391926, 0.8424586242810834),
        (10, 0.8548008713391927, 0.8424586242810833),
    ],
)
def test_figures_are_those_of_the_first_edition(n_units, exact, narrow) -> None:
    model = elision.load(contradicting, labels=["negative", "positive"])
    own = [
        explained(model, "not bad very good plot film", [0.3, 0.1, 0.9, 0.5, -1.0, 0.2]),
        explained(model, "bad", [1.0]),
    ]
    for options, expected in (
        ({"normalize": "exact"}, exact),
        ({"normalize": "beam"}, exact),
        ({"normalize": "beam", "beam": 1}, narrow),
    ):
        found = metrics.aopc(model, own, n_units=n_units, **options).values
        assert found[0] == pytest.approx(expected, abs=1e-12)
        assert np.isnan(found[1])


@pytest.mark.parametrize(
    ("metric", "options"),
    [
        (metrics.comprehensiveness, {"shares": (0.3, 0.6)}),
        (metrics.sufficiency, {"shares": (0.3, 0.6)}),
        (metrics.deletion_auc, {"share": 0.5}),
        (metrics.insertion_auc, {}),
    ],
)
def test_other_metrics_lie_between_0_the_worst_and_1_the_best_too(metric, options) -> None:
    model = elision.load(contradicting, labels=["negative", "positive"])
    own = [explained(model, "not bad very good", scores) for scores in permutations(range(4))]
    plain = metric(model, own, **options)
    scaled = metric(model, own, normalize="exact", **options)
    worst, best = plain.values.min(), plain.values.max()
    if not plain.higher_is_better:
        worst, best = best, worst
    assert scaled.values == pytest.approx((plain.values - worst) / (best - worst), abs=1e-12)
    assert scaled.higher_is_better
    assert scaled.settings == plain.settings | {"normalize": "exact"}
    guided = metric(model, own[:1], normalize="guided", **options)
    assert guided.settings == plain.settings | {"normalize": "guided"}
    beam = metric(model, own[:1], normalize="beam", beam=16, **options)
    assert beam.values == pytest.approx(scaled.values[:1], abs=1e-12)
    assert beam.settings == plain.settings | {"normalize": "beam", "beam": 16}


def test_a_narrow_beam_misses_the_best_order_that_a_wide_one_finds() -> None:
    texts = {"a b c": 0.9, "b c": 0.6, "a c": 0.7, "a b": 0.7, "c": 0.6, "b": 0.6, "a": 0.1, "": 0.1}

    def table(rows):
        p = np.array([texts[row] for row in rows])
        return np.stack([1.0 - p, p], axis=1)

    model = elision.load(table, labels=["negative", "positive"])
    own = [explained(model, "a b c", [1, 3, 2])]
    narrow = metrics.aopc(model, own, n_units=2, normalize="beam", beam=1).mean
    wide = metrics.aopc(model, own, n_units=2, normalize="beam", beam=3).mean
    # The best order, b then c, loses 0.2 + 0.8; one that begins with the largest loss, a, ends at 0.3 + 0.3.
    assert wide == pytest.approx(1.0)
    assert narrow > 1.0


def test_exact_normalization_refuses_long_texts(model) -> None:
    long = explained(model, " ".join(["the"] * 17), range(17))
    with pytest.raises(OptionError, match="normalize='beam'"):
        metrics.aopc(model, [long], normalize="exact")
