"""Group masks as a user meets them: planted words, black boxes, budgets, mistakes."""

from __future__ import annotations

import itertools
import json
import sys

import numpy as np
import pytest
from toys.models import build, keyword_model
from toys.planted import FILLERS, lock_model, planted
from toys.schema_1 import schema_1

import elision
from elision.approximators.lattice import posterior, subsets
from elision.explainers.masks.lattice import evaluate
from elision.game.driver import converse

PAIR = ("the man plays guitar .", "a woman sings on stage")






def test_the_top_group_holds_the_planted_pair_in_95_of_100_examples() -> None:
    found = 0
    for seed in range(100):
        example, (first, second), decoys = planted(seed)
        method = elision.GroupMasks(shortlist=elision.LeaveOneOut(removal="delete"), seed=seed)
        explanation = method(lock_model(first, second, decoys), example)
        one, two = explanation.groups[0].words
        found += first in one and second in two
    assert found >= 95


def test_the_interaction_of_the_planted_pair_is_the_strongest() -> None:
    example, (first, second), decoys = planted(3)
    explanation = elision.GroupMasks()(lock_model(first, second, decoys), example)
    pair = explanation.interactions[0]
    assert {pair.first.text, pair.second.text} == {first, second}
    assert pair.across
    assert pair.shapley > 5 * abs(explanation.interactions[1].shapley)
    n_across = sum(pair.across for pair in explanation.interactions)
    assert all(pair.across for pair in explanation.interactions[:n_across])
    assert len(explanation.interactions) == 45


def test_scores_are_the_posterior_of_the_lattice(bert) -> None:
    units = (0, 1, 3, 5, 8)
    explanation = elision.GroupMasks(shortlist=units, removal="mask")(bert, PAIR)
    v = elision.ValueFunction(bert, PAIR, removal="mask", behaviour="log_probability")
    known = np.zeros((32, len(v.units)), dtype=bool)
    known[:, list(units)] = subsets(5)
    losses = -np.log(v.probabilities(known))
    for c, label in enumerate(bert.labels):
        expected = posterior(losses[:, c], rho=0.5)
        np.testing.assert_allclose(explanation.scores_for(label)[list(units)], expected, atol=1e-12)
    assert explanation.provenance["evaluations"] == 33
    outside = [i for i in range(len(v.units)) if i not in units]
    assert not explanation.scores[outside].any()
    assert explanation.notes == ("5 of 10 units are short-listed; the other 5 were always absent, their scores are 0",)
    membership = np.stack([group.membership for group in explanation.groups], axis=1)
    assert membership[list(units)].sum(axis=1) == pytest.approx(1.0)
    assert not membership[outside].any()
    importance = [group.importance for group in explanation.groups]
    expected = elision.GroupMasks(shortlist=units, removal="mask", attribution="expected")(bert, PAIR)
    np.testing.assert_allclose(expected.scores, membership @ importance, atol=1e-12)


def test_what_the_run_found_is_recorded(bert) -> None:
    record = elision.GroupMasks(k=6, n_restarts=16)(bert, PAIR).provenance
    solution = record["solution"]
    terms = solution["objective"]
    expected = terms["loss"] - 10 * (terms["entropy_first"] + terms["entropy_second"]) + terms["entropy_groups"]
    assert terms["total"] == pytest.approx(expected, abs=1e-12)
    restarts = solution["restarts"]
    assert restarts["n"] == 16
    assert solution["minimum"]["total"] == pytest.approx(restarts["best"], rel=1e-9)
    assert terms["total"] >= solution["minimum"]["total"] - 1e-9
    assert (solution["solver"], record["removal"]) == ("exact", {"name": "drop"})
    assert restarts["best"] <= restarts["median"] <= restarts["worst"]
    assert solution["converged"]
    assert len(solution["units"]) == 6
    assert 0 < solution["shortlist_evaluations"] <= 512
    assert record["settings"]["shortlist"]["method"] == "word-masks"


@pytest.mark.parametrize("removal", ["pad", "zero", "unk", "mask", "drop", "delete"])
def test_every_removal_goes(bert, removal: str) -> None:
    explanation = elision.GroupMasks(k=4, removal=removal)(bert, PAIR)
    assert len(explanation.groups) == 2
    assert explanation.provenance["removal"]["name"] == removal


def test_the_marginal_removal_gives_groups_with_errors(bert, masked_lm) -> None:
    removal = elision.Marginal(masked_lm, n_draws=8)
    explanation = elision.GroupMasks(shortlist=(0, 1, 6, 8), removal=removal)(bert, PAIR)
    assert (explanation.std_error[[0, 1, 6, 8]] > 0).all()
    short = elision.Marginal(masked_lm, fill="exact", threshold=0.02)
    explanation = elision.GroupMasks(shortlist=(0, 3), removal=short)(bert, "the man plays guitar")
    assert explanation.std_error is None
    assert (explanation.lower <= explanation.scores).all()
    assert (explanation.upper[[0, 3]] > explanation.scores[[0, 3]]).all()


def test_a_single_text_has_groups_too() -> None:
    explanation = elision.GroupMasks()(keyword_model(), "good paper and a bad film")
    assert explanation.provenance["solution"]["objective"]["entropy_second"] == 0.0
    assert explanation.groups[0].words[1] == ()
    assert len(explanation.by_segment()) == 1
    assert "bad" in explanation.groups[0].words[0]
    assert explanation.target == "negative"


def test_a_text_of_one_word_is_one_group() -> None:
    explanation = elision.GroupMasks()(keyword_model(), "good")
    (group,) = explanation.groups
    assert (group.words, group.importance) == ((("good",), ()), 1.0)
    assert group.loss == pytest.approx(-np.log(1 / (1 + np.exp(-2.0))))
    yes, no = 1 / (1 + np.exp(-2.0)), 0.5
    assert explanation.scores[0] == pytest.approx(yes / (yes + no))
    assert explanation.interactions == ()


def test_a_side_of_one_word_shares_it_among_the_groups(bert) -> None:
    explanation = elision.GroupMasks()(bert, ("guitar", "a woman sings on stage"))
    assert len(explanation.groups) == 2
    assert sum(group.membership[0] for group in explanation.groups) == pytest.approx(1.0)


def test_both_sides_equal_is_a_pair_like_any_other(bert) -> None:
    explanation = elision.GroupMasks(k=6)(bert, (PAIR[0], PAIR[0]))
    assert [len(own) for own in explanation.by_segment()] == [5, 5]


def test_by_segment_gives_each_texts_scores(bert) -> None:
    explanation = elision.GroupMasks(k=6)(bert, PAIR)
    first, second = explanation.by_segment()
    assert [scored.unit.text for scored in first] == ["the", "man", "plays", "guitar", "."]
    assert [scored.score for scored in (*first, *second)] == explanation.scores.tolist()


def test_same_seed_same_groups_whatever_the_batch() -> None:
    net, tokenizer = build("bert")
    found = [
        elision.GroupMasks(k=5, seed=3)(elision.HuggingFaceModel(net.double(), tokenizer, batch_tokens=size), PAIR)
        for size in (30, 4096)
    ]
    np.testing.assert_allclose(found[0].scores, found[1].scores, atol=1e-9)
    for one, other in zip(found[0].groups, found[1].groups, strict=True):
        np.testing.assert_allclose(one.membership, other.membership, atol=1e-6)


def test_the_budget_is_kept(bert, keywords) -> None:
    method = elision.GroupMasks(k=4, shortlist=elision.LeaveOneOut(), budget=30)
    assert method(bert, PAIR).provenance["evaluations"] <= 30
    with pytest.raises(
        elision.BudgetError, match="a budget of 26 does not suffice for k=4: all subsets 16; raise it or lower k"
    ):
        elision.GroupMasks(k=4, shortlist=elision.LeaveOneOut(), budget=26)(bert, PAIR)
    with pytest.raises(
        elision.BudgetError, match=r"a budget of 300 .* k=10: the short-list takes up to 512 .*, all subsets 1024"
    ):
        elision.GroupMasks(budget=300)(keyword_model(), "a b c d e f g h i j k")
    with pytest.raises(
        elision.BudgetError, match=r"a budget of 100 .* word masks take up to 512 model evaluations here"
    ):
        elision.WordMasks(budget=100)(bert, PAIR)


def test_sampling_takes_over_only_where_it_can_and_must(bert) -> None:
    few = elision.GroupMasks(budget=500, shortlist=elision.LeaveOneOut())
    explanation = few(bert, ("the man plays", "a film"))
    assert (explanation.provenance["solution"]["solver"], explanation.provenance["removal"]["name"]) == (
        "exact",
        "drop",
    )
    explanation = few(bert, PAIR)
    assert (explanation.provenance["solution"]["solver"], explanation.provenance["removal"]["name"]) == (
        "sampling",
        "zero",
    )
    assert explanation.provenance["evaluations"] <= 500
    assert "solved by sampling with removal 'zero'" in explanation.notes[-1]
    for options in ({"removal": "drop"}, {"attribution": "posterior", "removal": "mask"}):
        with pytest.raises(elision.BudgetError, match="a budget of 500 does not suffice for k=10"):
            elision.GroupMasks(budget=500, shortlist=elision.LeaveOneOut(), **options)(bert, PAIR)
    long = " ".join(FILLERS) + " and more"
    with pytest.raises(
        elision.OptionError, match="k must be at most 14 here, which asks for all 2\\^k subsets; got 20"
    ):
        elision.GroupMasks(k=20)(lock_model("a", "b"), (long, long))
    assert elision.GroupMasks(k=20)(keyword_model(), "good paper and bad film").provenance["evaluations"] == 32


def test_what_was_asked_before_costs_no_budget(bert) -> None:
    method = elision.GroupMasks(k=5)
    spent = method(bert, PAIR).provenance["evaluations"]
    engine = elision.Engine(bert, budget=spent)
    first, again = method(bert, PAIR, engine=engine), method(bert, PAIR, engine=engine)
    assert again.scores.tolist() == first.scores.tolist()
    assert again.provenance["evaluations"] == 0


def test_an_engine_of_another_model_is_refused(bert, keywords) -> None:
    with pytest.raises(elision.OptionError, match="the engine given belongs to the model keywords, not to tiny-bert"):
        elision.GroupMasks()(bert, PAIR, engine=elision.Engine(keywords))


@pytest.mark.parametrize(
    "changes",
    [
        {"groups": [{"units": [], "importance": None, "loss": 0.1, "membership": [0.5, 0.5]}]},
        {"groups": [{"units": [], "importance": "<b>", "loss": 0.1, "membership": [0.5, 0.5]}]},
        {"groups": {}},
        {"provenance": {"scores": [1]}},
        {
            "groups": [
                {
                    "units": [{"text": "z", "start": 0, "end": 1, "segment": 0}],
                    "importance": 1.0,
                    "loss": 0.1,
                    "membership": [0.5, 0.5],
                }
            ]
        },
        {"interactions": [{"first": {"text": "x", "start": 0, "end": 1, "segment": 0}, "second": None}]},
    ],
)
def test_groups_that_cannot_be_true_are_refused(keywords, changes: dict) -> None:
    whole = elision.GroupMasks()(keywords, "a film")
    with pytest.raises(elision.OptionError, match=r"explanation|group"):
        elision.Explanation.from_json(json.dumps(schema_1(whole) | changes))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"k": 15, "solver": "exact"},
            "k must be at most 14 for solver='exact', which asks for all 2\\^k subsets; got 15",
        ),
        ({"k": 0}, "k must be at least 1, got 0"),
        ({"n_groups": 0}, "n_groups must be at least 1, got 0"),
        ({"gamma2": -1}, "gamma2 must be at least 0, got -1"),
        ({"solver": "magic"}, "solver must be one of auto, exact, sampling; got 'magic'"),
        (
            {"solver": "sampling", "removal": "mask"},
            "solver='sampling' needs removal='zero', got 'mask'; solver='exact'",
        ),
        ({"solver": "sampling", "attribution": "posterior"}, "attribution='posterior' needs solver='exact'"),
        ({"attribution": "informed", "shortlist": (0, 1)}, "attribution='informed' needs a short-list by WordMasks"),
        ({"attribution": "magic"}, "attribution must be one of posterior, informed, expected; got 'magic'"),
        ({"shortlist": (1, 1)}, "shortlist must name different units by their indices, got \\(1, 1\\)"),
        ({"shortlist": ()}, "shortlist must name different units by their indices"),
        ({"shortlist": ("a", "b")}, "shortlist must be an explainer or indices of units, got \\('a', 'b'\\)"),
    ],
)
def test_mistakes_are_refused_at_construction(options: dict, message: str) -> None:
    with pytest.raises(elision.OptionError, match=f"^{message}"):
        elision.GroupMasks(**options)


def test_mistakes_that_the_example_shows(bert) -> None:
    with pytest.raises(elision.OptionError, match="n_groups must be at most 2, the units short-listed; got 4"):
        elision.GroupMasks(n_groups=4)(bert, "a film")
    with pytest.raises(elision.OptionError, match="shortlist names unit 12, but the example has 10 units"):
        elision.GroupMasks(shortlist=(1, 12))(bert, PAIR)
    with pytest.raises(
        elision.UnsupportedError, match="group-masks with solver='sampling' needs a model that takes embeddings, which"
    ):
        elision.GroupMasks(solver="sampling")(keyword_model(), PAIR)


def test_a_function_of_single_texts_refuses_a_pair_in_one_line() -> None:
    model = elision.BlackBox(lambda texts: [[0.1, 0.9] if text.split() else [1, 0] for text in texts], ["a", "b"])
    with pytest.raises(elision.ModelError, match=r"<lambda> failed on a pair of texts .*: does it read pairs\?"):
        elision.GroupMasks()(model, PAIR)


@pytest.mark.parametrize(
    ("name", "example", "message"),
    [
        ("builtin:sentiment", PAIR, "builtin:sentiment reads one text, got a pair; choose a model that reads a pair"),
        ("builtin:nli", PAIR[0], "builtin:nli reads a pair of texts, got one text; choose a model that"),
    ],
)
def test_built_in_models_say_what_they_read(name: str, example, message: str) -> None:
    with pytest.raises(elision.ExampleError, match=message):
        elision.explain(example, model=name, method="group-masks")


@pytest.mark.parametrize(("index", "attribute"), [("SII", "shapley"), ("BII", "banzhaf")])
def test_interactions_are_those_of_shapiq(bert, index: str, attribute: str) -> None:
    shapiq = pytest.importorskip("shapiq")
    units = (0, 2, 6, 9)
    explanation = elision.GroupMasks(shortlist=units)(bert, PAIR)
    v = elision.ValueFunction(bert, PAIR, removal="drop", behaviour="log_probability")
    lattice = converse(v, evaluate(v, units))
    values = dict(zip(map(tuple, subsets(4)), -lattice.losses, strict=True))
    game = shapiq.ExactComputer(n_players=4, game=lambda known: np.array([values[tuple(row)] for row in known]))
    expected = game(index, 2)
    exported = explanation.to_shapiq(index)
    found = {
        (explanation.units.index(pair.first), explanation.units.index(pair.second)): getattr(pair, attribute)
        for pair in explanation.interactions
    }
    assert len(found) == 6
    for i, j in itertools.combinations(range(4), 2):
        pair = (units[i], units[j])
        assert found[pair] == pytest.approx(expected[(i, j)], abs=1e-12)
        assert exported[pair] == pytest.approx(expected[(i, j)], abs=1e-12)


def test_export_says_what_it_needs(bert, keywords, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(elision.OptionError, match="has no interactions; explain with method='group-masks'"):
        elision.Random()(keywords, "a film").to_shapiq()
    explanation = elision.GroupMasks(k=2)(keywords, "a film")
    with pytest.raises(elision.OptionError, match="index must be one of SII, BII; got 'STII'"):
        explanation.to_shapiq("STII")
    monkeypatch.setitem(sys.modules, "shapiq", None)
    with pytest.raises(elision.OptionError, match="to_shapiq needs the shapiq library: pip install shapiq"):
        explanation.to_shapiq()


def test_explanations_with_groups_survive_json(bert) -> None:
    explanation = elision.GroupMasks(k=4)(bert, PAIR)
    again = elision.Explanation.from_json(explanation.to_json())
    assert again == explanation
    assert again.groups[0].words == explanation.groups[0].words
    assert again.interactions == explanation.interactions
    broken = explanation.to_dict()
    next(own for own in broken["findings"] if own["kind"] == "groups")["groups"][0]["membership"] = [0.5]
    with pytest.raises(elision.OptionError, match=r"a group's membership must have shape \(10,\), got \(1,\)"):
        elision.Explanation.from_json(json.dumps(broken))


def test_informed_scores_are_the_posterior_with_the_word_masks_as_prior(bert) -> None:
    explanation = elision.GroupMasks(k=4, attribution="informed", removal="mask")(bert, PAIR)
    units = explanation.provenance["solution"]["units"]
    kept = elision.WordMasks(removal="mask")(bert, PAIR).scores[units]
    v = elision.ValueFunction(bert, PAIR, removal="mask", behaviour="log_probability")
    lattice = converse(v, evaluate(v, units))
    t = explanation.provenance["solution"]["n_groups"]
    logit = np.log(1 / (max(t, 2) - 1)) + 0.5 * np.log(kept / (1 - kept))
    rho = 1 / (1 + np.exp(-logit))
    weights = np.prod(np.where(subsets(4), rho, 1 - rho), axis=1) * np.exp(-lattice.losses)
    expected = weights @ subsets(4) / weights.sum()
    np.testing.assert_allclose(explanation.scores[units], expected, atol=1e-9)
