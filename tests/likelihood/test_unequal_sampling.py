"""Sampling with unequal probabilities: chances, sizes and spread."""

from __future__ import annotations

import numpy as np
import pytest

from elision.likelihood.unequal_sampling import inclusion, systematic


def test_inclusion_is_proportional_capped_and_sums_to_n() -> None:
    size = np.array([0.0, 1.0, 2.0, 3.0, 50.0, 4.0])
    chances, factor = inclusion(size, 3)
    assert chances.sum() == pytest.approx(3.0)
    assert chances[4] == 1.0
    assert chances[[0, 1, 2, 3, 5]] == pytest.approx(size[[0, 1, 2, 3, 5]] * factor)
    assert inclusion(size, 9)[0].tolist() == [0.0, 1.0, 1.0, 1.0, 1.0, 1.0]


def test_systematic_draws_have_the_chances_and_the_size_asked_for() -> None:
    rng = np.random.default_rng(0)
    chances, _ = inclusion(rng.exponential(size=30), 7)
    counts = np.zeros(30)
    for _ in range(4000):
        drawn = systematic(chances, rng.random(30), rng)
        assert len(drawn) == 7
        counts[drawn] += 1
    # 4,000 draws: a standard error of at most 0.008 each, four of them allowed.
    assert counts / 4000 == pytest.approx(chances, abs=0.032)


def test_systematic_draws_spread_over_the_order() -> None:
    rng = np.random.default_rng(0)
    order = rng.permutation(40).astype(float)
    for _ in range(50):
        ranks = np.sort(order[systematic(np.full(40, 0.25), order, rng)])
        assert set(np.diff(ranks)) == {4.0}
