"""Search: its order, scores and sets against closed forms, its costs, and what it refuses."""

from __future__ import annotations

from itertools import permutations
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import elision
from elision.approximators.lattice import subsets
from elision.approximators.orders import both_sides, top_kept, top_removed
from elision.approximators.seek import Sought
from elision.explainers.search.games import Games
from elision.explainers.search.rationales import find_rationales
from elision.explainers.search.scores import _errors
from elision.game.driver import converse
from elision.results.findings import Rationales

TEXT = "a good bad film"
PAIR = ("the cat sleeps on a mat", "an animal rests there")


def gate(texts: list[str]) -> np.ndarray:
    """Answer "yes" where both words of the gate are there; the rest does a little."""
    yes = np.array([0.9 if {"red", "door"} <= set(t.split()) else 0.2 + 0.01 * len(t.split()) for t in texts])
    return np.stack([1 - yes, yes], axis=1)


def either(texts: list[str]) -> np.ndarray:
    yes = np.array([0.8 if {"red", "door"} & set(t.split()) else 0.1 for t in texts])
    return np.stack([1 - yes, yes], axis=1)


def function(answer) -> elision.BlackBox:
    return elision.BlackBox(answer, labels=("no", "yes"))


def rationale(found: elision.Explanation, role: str) -> list[str]:
    own = found.finding(Rationales).of(role)
    return [unit.text for unit in own.units]


@pytest.mark.parametrize("solver", ["exact", "guided", "beam", "local"])
def test_a_gate_needs_both_of_its_words_and_either_takes_the_answer(solver: str) -> None:
    found = elision.Search(solver=solver)(function(gate), "the red car has no door at all")
    top = [unit.text for unit, _ in sorted(zip(found.units, found.scores, strict=True), key=lambda one: -one[1])[:2]]
    assert sorted(top) == ["door", "red"]
    assert rationale(found, "sufficient") == ["red", "door"]
    assert rationale(found, "necessary") in (["red"], ["door"])
    assert found.finding(Rationales).sets[0].smallest == (solver == "exact")


def test_where_either_word_does_one_suffices_and_both_must_go() -> None:
    found = elision.Search()(function(either), "the red car has no door")
    assert len(rationale(found, "sufficient")) == 1
    assert rationale(found, "necessary") == ["red", "door"]
    assert found.finding(Rationales).of("necessary").values == pytest.approx({"mask": 0.1, "delete": 0.1})


def test_the_order_is_that_of_brute_force_and_scores_follow_it_and_add_up(bert) -> None:
    found = elision.Search(solver="exact", removed_share=0.6)(bert, TEXT)
    target = found.labels.index(found.target)
    games = [
        elision.ValueFunction(bert, TEXT, removal=name, behaviour="probability") for name in ("drop", "mask", "delete")
    ]
    n = len(found.units)
    values = np.mean([game.probabilities(subsets(n))[:, target] for game in games], axis=0)
    bits, worth = 1 << np.arange(n)[::-1], both_sides(n, 0.6)

    def of(order: np.ndarray) -> float:
        return worth.of(values[top_kept(order) @ bits], values[top_removed(order) @ bits])

    order = np.array(found.provenance["solution"]["order"])
    assert of(order) == pytest.approx(max(of(np.array(one)) for one in permutations(range(n))), abs=1e-9)
    assert np.argsort(-found.scores).tolist() == order.tolist()
    assert found.scores.sum() == pytest.approx(values[-1] - values[0], abs=1e-9)
    assert found.provenance["removal"]["name"] == "drop+mask+delete"
    assert found.meaning.adds_up_to is not None


@pytest.mark.parametrize("example", [TEXT + " that nobody ever wanted to see again , not even me", PAIR])
def test_guided_scores_add_up_and_cost_what_is_said(bert, example) -> None:
    found = elision.Search(solver="guided")(bert, example)
    full = [
        elision.ValueFunction(bert, example, removal=name, behaviour="probability")
        for name in ("drop", "mask", "delete")
    ]
    none = np.zeros((1, len(found.units)), dtype=bool)
    effect = np.mean([game.full - game.watch(game.values(none))[0] for game in full])
    assert found.scores.sum() == pytest.approx(effect, abs=1e-9)
    assert np.argsort(-found.scores).tolist() == found.provenance["solution"]["order"]
    assert found.origin.evaluations <= 40 * len(found.units)


def test_weights_of_an_additive_score_come_back() -> None:
    weights = {"good": 2.0, "bad": -1.5, "film": 0.5}
    model = elision.BlackBox(
        lambda texts: [[sum(weights.get(w, 0.0) for w in t.split())] for t in texts], answers="scores"
    )
    found = elision.Search()(model, TEXT)
    np.testing.assert_allclose(found.scores, [0.0, 2.0, -1.5, 0.5], atol=1e-5)
    assert found.meaning.name == "change in score"
    assert rationale(found, "sufficient") == ["good"]


def test_only_kept_and_only_removed_are_their_own_questions() -> None:
    words = "the red car has no door at all"
    kept = elision.Search(removed_share=0.0, solver="guided")(function(either), words)
    assert kept.scores.argmax() in (1, 5)
    removed = elision.Search(removed_share=1.0, solver="guided")(function(either), words)
    assert set(np.argsort(-removed.scores)[:2]) == {1, 5}


def test_a_set_of_k_units_is_sought_whatever_their_order() -> None:
    def three(texts: list[str]) -> np.ndarray:
        yes = np.array([0.9 if {"b", "d", "f"} <= set(t.split()) else 0.4 if "a" in t.split() else 0.1 for t in texts])
        return np.stack([1 - yes, yes], axis=1)

    found = elision.Search(k=3, removed_share=0.0)(function(three), "a b c d e f g")
    assert set(np.argsort(-found.scores)[:3]) == {1, 3, 5}


def test_an_answer_that_the_model_does_not_give_has_no_such_sets() -> None:
    found = elision.Search()(function(gate), "the red car has no door at all", target="no")
    assert found.finding(Rationales) is None
    assert any("does not give this answer" in note for note in found.notes)


def test_an_answer_without_any_word_is_kept_by_none() -> None:
    found = elision.Search()(function(gate), "the blue car is fast")
    assert found.target == "no"
    assert rationale(found, "sufficient") == []
    assert found.finding(Rationales).of("necessary") is None


@pytest.mark.parametrize(("asked", "wanted"), [("guided", ["red", "door"]), ("exact", ["the", "red", "car", "door"])])
def test_units_that_can_be_spared_are_where_not_all_subsets_were_asked_about(asked: str, wanted: list[str]) -> None:
    v = elision.ValueFunction(function(gate), "the red car door", removal="delete", behaviour="probability")
    games = Games(v)
    converse(v, games.everywhere(np.array([[0, 0, 0, 0], [1, 1, 1, 1]], dtype=bool)))
    sought = Sought(np.arange(4), asked, True, 2)
    found, _ = converse(v, find_rationales(games, sought))
    assert [unit.text for unit in found.of("sufficient").units] == wanted


def test_errors_are_of_the_values_at_the_ends_of_what_was_pooled() -> None:
    def side(*errors: list[float]) -> list[Any]:
        return [SimpleNamespace(watch_error=lambda behaviour, target, own=own: np.array(own)) for own in errors]

    games: Any = SimpleNamespace(v=SimpleNamespace(behaviour=None, target=0))
    kept, removed = side([0.3, 0.1, 0.5, 0.0], [0.4, 0.0, 0.0, 0.0]), side([0.0, 0.0, 0.0, 0.2], [0.0] * 4)
    found = _errors(games, kept, removed, np.array([0.1, 0.3, 0.05]), 0.75)
    first = 0.25**2 * (0.3**2 + 0.4**2) / 4
    middle, last = 0.25**2 * 0.5**2 / 4, 0.75**2 * 0.2**2 / 4
    assert found == pytest.approx([np.sqrt(first + middle) / 2] * 2 + [np.sqrt(middle + last)])


def test_draws_have_errors_and_a_note(bert) -> None:
    marginal = elision.Marginal(elision.Uniform(), n_draws=8)
    found = elision.Search(removal=marginal, solver="exact")(bert, "a good film")
    assert (found.std_error > 0).any()
    assert any("too far apart" in note for note in found.notes)


def test_a_budget_is_held_or_refused_with_what_it_takes(bert) -> None:
    text = "a good bad film that nobody ever wanted to see again"
    with pytest.raises(elision.BudgetError, match="take at least 130"):
        elision.Search(budget=100)(bert, text)
    for budget in (130, 150, 200):
        found = elision.Search(budget=budget)(bert, text)
        assert found.origin.evaluations <= budget
        assert np.argsort(-found.scores).tolist() == found.provenance["solution"]["order"]


def test_sets_that_the_budget_did_not_let_be_tried_are_not_given() -> None:
    def eight(texts: list[str]) -> np.ndarray:
        yes = np.array([0.2 + 0.055 * len({*"abcdefgh"} & set(t.split())) for t in texts])
        return np.stack([1 - yes, yes], axis=1)

    text = "a b c d e f g h i j k l"
    spent = elision.Search(removal="delete", budget=48)(function(eight), text)
    assert spent.origin.evaluations <= 48
    assert spent.finding(Rationales) is None
    assert any("the budget ended before" in note for note in spent.notes)
    kept = rationale(elision.Search(removal="delete")(function(eight), text), "sufficient")
    assert len(kept) == 6
    assert {*kept} < {*"abcdefgh"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"removed_share": 1.2}, "removed_share must be at most 1, got 1.2"),
        ({"removed_share": -0.1}, "removed_share must be at least 0"),
        ({"front": -1}, "front must be at least 0"),
        ({"k": 0}, "k must be at least 1"),
        ({"beam": 0}, "beam must be at least 1"),
        ({"solver": "magic"}, "solver"),
    ],
)
def test_options_out_of_range_are_refused(options, message: str) -> None:
    with pytest.raises(elision.OptionError, match=message):
        elision.Search(**options)


def test_all_subsets_of_many_units_are_refused(bert) -> None:
    with pytest.raises(elision.OptionError, match="at most 12 units, and there are 13"):
        elision.Search(solver="exact")(bert, " ".join("abcdefghijklm"))


def test_a_text_of_one_word_and_of_two() -> None:
    for text in ("red", "red door"):
        found = elision.Search()(function(gate), text)
        assert len(found.scores) == len(text.split())
        assert np.isfinite(found.scores).all()


def test_the_same_in_company_and_alone(bert) -> None:
    texts = [TEXT, "nothing is better than a rainy day with a good book"]
    alone = [elision.Search()(bert, text) for text in texts]
    together = elision.Search().many(bert, texts)
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_allclose(one.scores, other.scores, atol=1e-5)
        assert one.provenance["solution"] == other.provenance["solution"]


def test_probabilities_are_watched_unless_told() -> None:
    found = elision.Search(behaviour="log_odds", removal="delete")(function(gate), "the red door")
    assert found.meaning.unit == "bits"
    assert elision.Search()(function(gate), "the red door").meaning.unit == "probability"
    assert found.scores.sum() == pytest.approx(np.log2(9) - np.log2(0.2 / 0.8), abs=1e-6)
