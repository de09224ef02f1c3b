"""Conversations that share batches: each ends as it would alone, whatever becomes of the others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from toys.models import keyword_model

import elision
from elision import BudgetError, ModelError, ValueFunction
from elision.game.driver import answer_all, converse, drive, on
from elision.game.engine import Engine, answers_together

TEXTS = ["a good film", "a bad film", "good , bad and long", "a film"]
METHODS = {
    "lime": lambda: elision.Lime(n_samples=60),
    "shapley": lambda: elision.Shapley(estimator="kernel"),
    "permutation": lambda: elision.Shapley(estimator="permutation"),
    "exact": lambda: elision.Shapley(),
    "word-masks": lambda: elision.WordMasks(n_samples=8, n_epochs=2),
    "group-masks": lambda: elision.GroupMasks(k=3),
    "leave-one-out": lambda: elision.LeaveOneOut(),
}


class Counting(elision.BlackBox):
    """A function of texts that notes how many texts each of its calls has, and fails on some."""

    def __init__(self, poison: str = "") -> None:
        own = keyword_model()
        super().__init__(self.fail_on_poison, own.labels, batch_size=10_000)
        self.own, self.poison, self.calls = own.function, poison, []

    def fail_on_poison(self, texts: list[Any]) -> Any:
        self.calls.append(len(texts))
        if self.poison and any(self.poison in text for text in texts):
            raise ValueError("poisoned")
        return self.own(texts)


@pytest.mark.parametrize("name", METHODS)
def test_texts_together_are_explained_as_alone_in_fewer_calls(name: str) -> None:
    method, alone, shared = METHODS[name](), Counting(), Counting()
    one_by_one = [method(alone, text) for text in TEXTS]
    together = method.many(shared, TEXTS)
    for one, other in zip(one_by_one, together, strict=True):
        np.testing.assert_array_equal(one.scores, other.scores)
        assert (one.std_error is None) == (other.std_error is None)
    assert len(shared.calls) < len(alone.calls)
    assert sum(shared.calls) <= sum(alone.calls)


@pytest.mark.parametrize("name", METHODS)
def test_a_budget_is_each_texts_own(name: str) -> None:
    texts = ["a good film", "good bad film bad good one two three four", "a film"]
    method = METHODS[name]()
    method.budget = 8
    alone: list[Any] = []
    for text in texts:
        try:
            alone.append(method(keyword_model(), text))
        except BudgetError as error:
            alone.append(str(error))
    told: list[Any] = []
    together = dict(method.iter(keyword_model(), texts, report=told.append))
    for i, one in enumerate(alone):
        if isinstance(one, str):
            assert {failure.index: failure.reason for failure in told}[i] == " ".join(one.split())
        else:
            np.testing.assert_array_equal(together[i].scores, one.scores)
            assert together[i].provenance["evaluations"] == one.provenance["evaluations"] <= 8


def test_a_text_on_which_the_model_fails_costs_the_others_nothing() -> None:
    model = Counting(poison="bad film")
    told: list[Any] = []
    method = elision.LeaveOneOut(removal="delete")
    found = dict(method.iter(model, ["a good film", "a bad good film", "a film"], report=told.append))
    assert sorted(found) == [0, 2]
    assert [failure.index for failure in told] == [1]
    assert "poisoned" in told[0].reason
    # "a film" is the first text without a word and the last text: it is charged once.
    assert [one.provenance["evaluations"] for one in found.values()] == [3, 3]


def test_conversations_end_as_they_like() -> None:
    v = ValueFunction(keyword_model(), "a good film", removal="delete")

    def asks(subsets: list[list[bool]]) -> Iterator[Any]:
        found = []
        for known in subsets:
            values = yield np.array([known])
            found.append(float(v.watch(values)[0]))
        return found

    def refuses() -> Iterator[Any]:
        yield np.array([[True, True, False]])
        raise ModelError("enough")

    one = asks([[True, True, True], [True, False, True]])
    openings = [(i, lambda own=own: (v, own)) for i, own in enumerate([one, refuses(), asks([[False, True, False]])])]
    found = dict(drive(openings))
    # 2 for "good" and 0.5 for "film", in bits.
    assert found[0] == pytest.approx([2.5 / np.log(2), 0.5 / np.log(2)], abs=1e-12)
    assert str(found[1]) == "enough"
    assert found[2] == pytest.approx([2.0 / np.log(2)], abs=1e-12)


def test_an_error_reaches_whoever_asked_and_may_be_caught_there() -> None:
    v = ValueFunction(keyword_model(), "a good film", removal="delete", budget=3)

    def careful() -> Iterator[Any]:
        try:
            yield np.array([[False, True, True], [True, False, True], [True, True, False]])
        except BudgetError:
            values = yield np.array([[True, False, True]])
            return float(v.watch(values)[0])
        return None

    assert converse(v, careful()) == pytest.approx(0.5 / np.log(2), abs=1e-12)
    with pytest.raises(BudgetError, match="budget must be at least 5"):
        v.values(np.array([[False, True, True], [False, False, True], [True, True, False]]))


def test_a_conversation_about_a_variant_is_held_in_another() -> None:
    v = ValueFunction(keyword_model(), "a good film", removal="delete")
    other = v.variant(behaviour=elision.game.behaviour.BEHAVIOURS["probability"])

    def inner() -> Iterator[Any]:
        values = yield np.array([[True, False, True]])
        return float(other.watch(values)[0])

    def outer() -> Iterator[Any]:
        within = yield from on(other, inner())
        values = yield np.array([[True, False, True]])
        return within, float(v.watch(values)[0])

    p, bits = converse(v, outer())
    assert p == pytest.approx(1 / (1 + np.exp(-0.5)), abs=1e-12)
    assert bits == pytest.approx(0.5 / np.log(2), abs=1e-12)


def test_rows_are_charged_to_whom_they_cost() -> None:
    model = Counting()
    engine = Engine(model)
    games = [ValueFunction(model, text, removal="delete", engine=engine) for text in TEXTS[:2]]
    known = np.array([[False, False, True], [True, True, False]])
    first, second = answer_all([(game, game.asking(known)) for game in games])
    # "film" is asked by both and costs the first one only.
    assert [game.evaluations for game in games] == [3, 2]
    assert engine.evaluations == sum(model.calls) == 5
    assert first.mean[0] == pytest.approx(second.mean[0])


def test_engines_of_one_model_share_batches_and_keep_their_budgets() -> None:
    model = Counting()
    rows = [model.encode(text).untouched for text in TEXTS]
    small, large = Engine(model, budget=1), Engine(model, budget=9)
    found = answers_together([(small, rows[:2]), (large, rows), (small, rows[:1])])
    assert isinstance(found[0], BudgetError)
    assert [own.n_new for own in found[1:]] == [4, 1]  # type: ignore[union-attr]
    assert model.calls == [5]
    assert (small.evaluations, large.evaluations) == (1, 4)


def test_an_explainer_of_the_one_base_class_there_was_goes_on_working() -> None:
    with pytest.warns(DeprecationWarning, match="derive it from elision.GameExplainer"):

        class Halves(elision.Explainer):
            name = "halves"

            def __init__(self) -> None:
                super().__init__(removal="delete", behaviour="probability")

            def _attribute(self, v: Any) -> Any:
                without = v(~np.eye(len(v.units), dtype=bool))
                return elision.Attribution(scores=(v.full - without) / 2)

    found = Halves()(keyword_model(), "a good film")
    whole = elision.LeaveOneOut(removal="delete", behaviour="probability")(keyword_model(), "a good film")
    np.testing.assert_allclose(found.scores, whole.scores / 2, atol=1e-12)
    assert found.provenance["evaluations"] == 4
    assert len(Halves().many(keyword_model(), TEXTS)) == 4
