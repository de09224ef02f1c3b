"""The study of masked training: what is averaged over which pairs, what is hidden, and what a missing twin leaves."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

import elision
from elision.errors import ModelNotFoundError
from elision.metrics.agreement import correlation, top_k_overlap
from elision.metrics.perturbation import aopc
from elision.reproduction import robust
from elision.reproduction.context import Explained, StudyContext
from elision.reproduction.methods import StudyMethod
from elision.reproduction.result import Cell, Result
from elision.results.correlation import correlate

TWINS = tuple(robust.MODELS.values())
FEW = tuple(StudyMethod(f"leave-one-out, {r}", "leave-one-out", {"removal": r}) for r in ("mask", "delete", "unk"))
SENTENCES = ["a good film , not boring at all", "the plot is dull", "a deep and moving story", "it was fine"]


@pytest.fixture
def explained(place: Path) -> Explained:
    """Leave-one-out of four sentences under three removals."""
    return StudyContext(place).explain(TWINS[0], FEW, SENTENCES, "word")


def cells(result: Result) -> dict[tuple[str, ...], tuple[Cell, ...]]:
    return {row.heads: row.cells for row in result.rows}


def test_a_model_beside_itself_differs_in_nothing(place: Path, models: Path) -> None:
    given = {name: str(models / TWINS[1]) for name in TWINS}
    found = robust.robust_models(StudyContext(place, limit=6, given=given))
    assert found.columns == ("ordinary", "masked training", "difference")
    assert len(found.rows) == 24
    for heads, (one, other, between) in cells(found).items():
        assert one == other, heads
        assert one.value is not None, heads
        assert (between.value, between.lower, between.upper) == (0.0, 0.0, 0.0), heads
        assert between.n == one.n


def test_twins_are_told_apart_and_the_difference_is_masked_less_ordinary(place: Path) -> None:
    found = robust.robust_models(StudyContext(place, limit=6))
    apart = cells(found)
    for ordinary, masked, between in apart.values():
        if between.n == ordinary.n == masked.n:
            assert between.value == pytest.approx(masked.value - ordinary.value)
    assert any(between.value for _, _, between in apart.values())
    # Accuracy is of the whole split; fewer are explained.
    assert apart["accuracy", "whole texts"][0].n == 24
    assert apart["removals agree, leave-one-out", "Spearman"][0].n <= 6
    assert [remark.split(":")[0] for remark in found.remarks if "highest mean" in remark] == [
        "ordinary; highest mean AOPC",
        "masked training; highest mean AOPC",
    ]


def test_agreement_is_the_mean_over_all_pairs(explained: Explained) -> None:
    titles = [method.title for method in FEW]
    found = robust._agreement("removals", explained.by_method, [*titles, "not there"])
    pairs = list(combinations([explained.by_method[title] for title in titles], 2))
    ranks = np.mean([correlation(one, other).values for one, other in pairs], axis=0)
    np.testing.assert_allclose(found["removals", "Spearman"].values, ranks, atol=1e-12)
    top = np.mean([top_k_overlap(one, other, n_units=3).values for one, other in pairs], axis=0)
    np.testing.assert_allclose(found["removals", "share of the top 3 in common"].values, top, atol=1e-12)
    assert np.isnan(top).tolist() == [False, False, False, True]
    assert robust._agreement("removals", explained.by_method, titles[:1]) == {}


def test_a_pair_that_says_nothing_is_left_out_of_an_examples_mean() -> None:
    values = [np.array([1.0, np.nan, np.nan]), np.array([0.0, 0.5, np.nan])]
    np.testing.assert_array_equal(robust._mean("x", values).values, [0.5, 0.5, np.nan])


def test_the_spread_of_aopc_is_over_the_metrics_removals(explained: Explained) -> None:
    figures, leads = robust._aopc(explained, seed=0)
    values = {
        (r, title): aopc(explained.model, own, removal=r, n_units=10).values
        for r in robust.REMOVALS
        for title, own in explained.by_method.items()
    }
    titles = list(explained.by_method)
    spread = np.mean([np.ptp([values[r, t] for r in robust.REMOVALS], axis=0) for t in titles], axis=0)
    found = {key: one for (_, key), one in figures.items()}
    np.testing.assert_allclose(found["largest less smallest over removals"].values, spread, atol=1e-9)
    level = np.mean(list(values.values()), axis=0)
    assert found["the same as a share of AOPC"].mean == pytest.approx(spread.sum() / level.sum())
    masked = np.mean([values["mask", t] for t in titles], axis=0)
    np.testing.assert_allclose(found["by mask, mean of the methods"].values, masked, atol=1e-9)
    orders = [
        np.mean(
            [
                correlate(*(np.array([values[r, t][i] for t in titles]) for r in pair))
                for pair in combinations(robust.REMOVALS, 2)
            ]
        )
        for i in range(len(SENTENCES))
    ]
    told = np.isfinite(orders)
    order = found["order of the methods by two removals, Spearman"].values
    np.testing.assert_allclose(order[told], np.array(orders)[told], atol=1e-12)
    assert leads == {r: max(titles, key=lambda t, r=r: values[r, t].mean()) for r in robust.REMOVALS}


def test_half_of_the_words_are_hidden_and_the_same_for_both_models(place: Path) -> None:
    def left(texts: list[str]) -> np.ndarray:
        n = np.array([len(text.split()) for text in texts]) / 10.0
        return np.stack([1.0 - n, n], axis=1)

    counted = elision.BlackBox(left, ["few", "many"])
    sentences = ["a b c d e f g h", "a b c d e", "a"]
    answers = robust.hidden_answers(counted, sentences, "delete", 0.5, 0)
    # Halves of 5 and of 1 round to the even number: 2 and 0 words are hidden.
    np.testing.assert_allclose(answers[:, 1], [0.4, 0.3, 0.1])

    context, seen = StudyContext(place), []
    first, second = (
        elision.BlackBox(lambda texts: [seen.extend(texts), left(texts)][1], ["few", "many"]) for _ in range(2)
    )
    for model in (first, second):
        robust.hidden_answers(model, sentences, "mask", 0.5, 3)
    assert seen[: len(seen) // 2] == seen[len(seen) // 2 :]
    model = context.model(TWINS[1])
    none = elision.ValueFunction(model, SENTENCES[1], removal="mask", units="word", behaviour="probability")
    found = robust.hidden_answers(model, SENTENCES[1:2], "mask", 1.0, 0)
    assert found[0, none.target] == pytest.approx(none(np.zeros((1, 4), dtype=bool))[0], abs=1e-6)


def test_where_one_twin_is_missing_the_other_is_shown(place: Path, tmp_path: Path) -> None:
    lost = {TWINS[1]: str(tmp_path / "nowhere")}
    found = robust.robust_models(StudyContext(place, limit=2, given=lost))
    for ordinary, masked, between in cells(found).values():
        assert ordinary.n is not None
        assert (masked.value, masked.reason) == (None, "no model")
        assert between.value is None
    assert any("nowhere" in remark for remark in found.remarks)


def test_without_either_the_command_is_named(place: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ELISION_MODELS", str(tmp_path))
    with pytest.raises(ModelNotFoundError, match=f"no model {TWINS[0]}: elision study models --out DIR trains it"):
        robust.robust_models(StudyContext(place, limit=2))
