"""How alike two lists of scores are, against scipy and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from elision.metrics.agreement import correlate

REFERENCE = {"pearson": stats.pearsonr, "spearman": stats.spearmanr, "kendall": stats.kendalltau}


@pytest.mark.parametrize("kind", sorted(REFERENCE))
def test_correlations_are_those_of_scipy(kind: str) -> None:
    draws = np.random.default_rng(1)
    for _ in range(30):
        one, other = draws.integers(0, 5, (2, 7)).astype(float)
        if min(np.ptp(one), np.ptp(other)) > 0:
            assert correlate(one, other, kind) == pytest.approx(REFERENCE[kind](one, other).statistic, abs=1e-12)


def test_rank_correlation_by_hand() -> None:
    # Differences of ranks 0, 1, 1, 0: 1 - 6 * 2 / (4 * 15).
    assert correlate(np.array([1.0, 2.0, 3.0, 9.0]), np.array([0.0, 7.0, 5.0, 8.0])) == pytest.approx(0.8)
    # Five of six pairs in the same order, one not.
    assert correlate(np.array([1.0, 2.0, 3.0, 9.0]), np.array([0.0, 7.0, 5.0, 8.0]), "kendall") == pytest.approx(4 / 6)


@pytest.mark.parametrize("kind", sorted(REFERENCE))
def test_scores_all_alike_have_no_correlation(kind: str) -> None:
    rising, alike = np.arange(4.0), np.full(4, 0.3)
    for pair in ((rising, alike), (alike, rising), (alike, alike), (rising[:1], alike[:1]), (rising[:0], alike[:0])):
        assert np.isnan(correlate(*pair, kind))


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_the_size_of_scores_does_not_matter(scale: float) -> None:
    one, other = np.array([1.0, 4.0, 2.0]), np.array([0.0, 3.0, 1.0])
    assert correlate(scale * one, other, "pearson") == pytest.approx(correlate(one, other, "pearson"))
