"""Metrics of a model that answers with scores."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import elision
from elision import metrics

TEXTS = ["a good film", "a bad plot is long", "bad but good and more"] * 4


def stars(texts: list[Any]) -> list[float]:
    """A regression of texts: 3 for "good", -2 for "bad", 0.1 a word."""
    return [3.0 * ("good" in text) - 2.0 * ("bad" in text) + 0.1 * len(text.split()) for text in texts]


STARS = elision.BlackBox(stars, ["stars"], answers="scores")


def test_curves_are_of_the_score() -> None:
    model = STARS
    explained = elision.LeaveOneOut(removal="delete").many(model, TEXTS[:3])
    np.testing.assert_allclose(explained[0].scores, [0.1, 3.1, 0.1], atol=1e-12)
    found = metrics.aopc(model, explained, n_units=2)
    # Without "good" the score is 3.1 less, without "good" and "a" or "film" 3.2.
    assert found.values[0] == pytest.approx((3.1 + 3.2) / 3, abs=1e-12)
    assert found.curves["aopc"].y_label == "score lost"
    assert metrics.deletion_auc(model, explained).curves["deletion-auc"].y_label == "score"
    assert metrics.degradation(model, explained).curves["MoRF"].y_label == "normalised score"


def test_defaults_are_those_that_scores_have() -> None:
    found = metrics.compare(STARS, TEXTS, ["lime"], n_resamples=20)
    assert found.metrics == ("comprehensiveness", "sufficiency", "aopc", "degradation")
    with pytest.raises(elision.UnsupportedError, match=r"post-hoc-accuracy counts .* gives scores; use 'aopc'"):
        metrics.compare(STARS, TEXTS, ["lime"], ["post-hoc-accuracy"], n_resamples=20)
