"""What metrics ask: units removed or kept one after another by their scores, several examples in a batch."""

from __future__ import annotations

import numpy as np
import pytest
from toys.sums import add, explained

import elision
from elision import metrics
from elision.errors import OptionError, UnitError
from elision.metrics.games import ranking, top_kept, top_removed


def flip(texts):
    """Positive exactly where both words are there."""
    p = np.array([0.9 if {"warm", "funny"} <= set(text.split()) else 0.2 for text in texts])
    return np.stack([1.0 - p, p], axis=1)


@pytest.fixture
def model():
    return elision.load(add, labels=["negative", "positive"])


@pytest.fixture
def best(model):
    return explained(model, "warm funny long film", [4, 3, 1, 2])


@pytest.fixture
def worst(model):
    return explained(model, "warm funny long film", [1, 2, 4, 3])


def test_subsets_follow_the_order() -> None:
    order = np.array([2, 0, 1])
    assert top_removed(order).tolist() == [[1, 1, 1], [1, 1, 0], [0, 1, 0], [0, 0, 0]]
    assert top_kept(order).tolist() == [[0, 0, 0], [0, 0, 1], [1, 0, 1], [1, 1, 1]]


def test_the_highest_score_comes_first_and_ties_do_not_follow_the_text(model) -> None:
    assert ranking(explained(model, "warm funny long film", [1, 4, -3, 2])).tolist() == [1, 3, 0, 2]
    tied = explained(model, " ".join(["the"] * 30), [0.0] * 30)
    first = ranking(tied, seed=0).tolist()
    assert first != list(range(30))
    assert sorted(first) == list(range(30))
    assert ranking(tied, seed=0).tolist() == first
    assert ranking(tied, seed=1).tolist() != first


def test_examples_share_batches_and_metrics_share_answers(monkeypatch, model, best, worst) -> None:
    third = explained(model, "funny film", [1, 2])
    calls = []
    answers = model.answers
    monkeypatch.setattr(model, "answers", lambda blocks: calls.append(len(blocks)) or answers(blocks))
    engine = elision.Engine(model)
    metrics.degradation(model, [best, worst, third], engine=engine)
    assert len(calls) == 3
    before = engine.evaluations
    metrics.insertion_auc(model, [best, worst], engine=engine)
    metrics.aopc(model, [best, worst], engine=engine)
    assert engine.evaluations == before


def test_many_subsets_go_in_several_batches(monkeypatch, model, best, worst) -> None:
    together = metrics.degradation(model, [best, worst]).mean
    monkeypatch.setattr("elision.metrics.games._SUBSETS_AT_ONCE", 1)
    assert metrics.degradation(model, [best, worst]).mean == together


def test_pairs_with_the_same_text_twice() -> None:
    def same(pairs):
        p = np.array([0.1 + 0.4 * ("warm" in a) + 0.3 * ("warm" in b) for a, b in pairs])
        return np.stack([1.0 - p, p], axis=1)

    model = elision.load(same, labels=["no", "yes"])
    explanation = elision.LeaveOneOut(removal="delete")(model, ("warm film", "warm film"), target="yes")
    found = metrics.aopc(model, [explanation], n_units=2)
    assert found.mean == pytest.approx((0.4 + 0.7) / 3)


def test_tokens_and_other_models_are_told_apart(model, best) -> None:
    with pytest.raises(OptionError, match="at least one Explanation"):
        metrics.aopc(model, [])
    with pytest.raises(OptionError, match=r"give \[explanation\]"):
        metrics.aopc(model, best)
    with pytest.raises(OptionError, match="measure it with the model that it explains"):
        metrics.aopc(elision.load(add, labels=["a", "b"]), [best])
    with pytest.raises(OptionError, match="belongs to the model"):
        metrics.aopc(model, [best], engine=elision.Engine(elision.load(flip, labels=["negative", "positive"])))
    with pytest.raises(OptionError, match="n_units must be at least 1"):
        metrics.aopc(model, [best], n_units=0)
    with pytest.raises(OptionError, match="normalize must be one of exact, beam"):
        metrics.aopc(model, [best], normalize="best")
    with pytest.raises(OptionError, match="shares must be numbers above 0"):
        metrics.sufficiency(model, [best], shares=(0.0, 0.5))
    net = elision.load("builtin:sentiment")
    parts = elision.LeaveOneOut(removal="mask")(
        net, "a warmhearted film", units=lambda text: [(2, 6), (6, 13), (13, 18)]
    )
    cut = elision.Explanation(
        segments=parts.segments,
        units=tuple(elision.Unit("a warmhearted film"[a:b], a, b) for a, b in ((0, 3), (3, 18))),
        scores=np.zeros(2),
        target=parts.target,
        labels=parts.labels,
        probabilities=parts.probabilities,
    )
    with pytest.raises(UnitError, match="cannot leave out"):
        metrics.aopc(net, [cut])
