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
