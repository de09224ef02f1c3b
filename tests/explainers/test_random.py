"""Random scores: the same for the same seed and text."""

from __future__ import annotations

import numpy as np

import elision

TEXT = "a good film"


def test_random_scores_are_seeded(keywords: elision.BlackBox) -> None:
    one, again, other = (elision.Random(seed=s)(keywords, TEXT).scores for s in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert np.abs(one - other).min() > 0
    assert np.abs(one).max() <= 1
    assert np.abs(elision.Random(seed=1)(keywords, "a bad film").scores - one).min() > 0
