"""Methods side by side: one table of scores, correlations by rank, and answers that are shared."""

from __future__ import annotations

import numpy as np
import pytest
from toys.models import keyword_model

import elision


def test_methods_side_by_side_share_answers_and_are_compared_by_rank() -> None:
    model = keyword_model()
    found = elision.compare(
        "a good film", model=model, methods=["leave-one-out", elision.Shapley(estimator="exact"), "random"]
    )
    assert found.names == ("leave-one-out", "shapley", "random")
    assert found.scores.shape == (3, 3)
    alone = elision.explain("a good film", model=model, method="leave-one-out")
    np.testing.assert_array_equal(found.scores[0], alone.scores)
    together = sum(explanation.provenance["evaluations"] for explanation in found.explanations)
    assert together == 8
    for kind in ("spearman", "kendall", "pearson"):
        correlation = found.correlation(kind)
        np.testing.assert_allclose(np.diag(correlation), 1.0)
        np.testing.assert_allclose(correlation, correlation.T)
    # Only one word matters to either, so scores agree where neither is tied otherwise.
    assert found.correlation("pearson")[0, 1] == pytest.approx(1.0, abs=0.01)
    shown = str(found)
    assert "B  shapley: each word's fair share of the answer" in shown
    assert "Spearman correlation" in shown


def test_scores_all_alike_have_no_correlation() -> None:
    deaf = elision.load(lambda texts: np.full((len(texts), 2), [0.3, 0.7]), labels=["no", "yes"])
    found = elision.compare("a good film", model=deaf, methods=["leave-one-out", "random"])
    assert np.isnan(found.correlation()[0, 1])
    assert "nan" not in str(found)


@pytest.mark.parametrize("methods", ["lime", []])
def test_a_comparison_of_nothing_is_refused(methods: object) -> None:
    with pytest.raises(elision.OptionError, match="methods must be a sequence of at least one method"):
        elision.compare("a good film", model=keyword_model(), methods=methods)
    with pytest.raises(elision.OptionError, match="kind must be one of spearman, kendall, pearson; got 'best'"):
        elision.compare("a good film", model=keyword_model(), methods=["random"]).correlation("best")
