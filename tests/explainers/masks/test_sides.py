"""Both sides of a mask: what its words keep alone, and what goes with them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from toys.models import keyword_model
from toys.planted import lock_model, planted

import elision
from elision.approximators.lattice import interactions, multilinear, posterior, subsets
from elision.explainers.masks.group_findings import find_posterior
from elision.explainers.masks.lattice import Lattice, evaluate, lattice_rows
from elision.explainers.masks.shortlist import listed
from elision.explainers.masks.sides import Side, total
from elision.explainers.masks.word_masks import losses_of_masks
from elision.game.behaviour import BEHAVIOURS
from elision.game.driver import converse
from elision.game.value import Values
from elision.models.answer_kind import Watched
from elision.models.answers import CLASSES

PAIR = ("the man plays guitar .", "a woman sings on stage")


def over(units: tuple[int, ...], n_units: int) -> np.ndarray:
    """Return every subset of some units as known bool (2^k, u)."""
    known = np.zeros((1 << len(units), n_units), dtype=bool)
    known[:, list(units)] = subsets(len(units))
    return known


def gate(combine: object) -> elision.BlackBox:
    """A function that says yes at nine in ten where the words "left" and "right" combine so."""
    return elision.BlackBox(
        lambda texts: [
            [1 - p, p]
            for p in (
                0.9 if combine(word in text.split() for word in ("left", "right")) else 0.1  # type: ignore[operator]
                for text in texts
            )
        ],
        ["no", "yes"],
        name="gate",
    )


def test_a_loss_is_half_of_what_is_kept_and_half_of_what_is_gone(bert) -> None:
    units = (0, 1, 3, 5, 8)
    explanation = elision.GroupMasks(shortlist=units, removal="mask", sides="both")(bert, PAIR)
    v = elision.ValueFunction(bert, PAIR, removal="mask")
    known = over(units, len(v.units))
    kept, others = v.probabilities(known), v.probabilities(~known)
    losses = -(np.log(kept) + np.log(1.0 - others)) / 2.0
    for c, label in enumerate(bert.labels):
        np.testing.assert_allclose(
            explanation.scores_for(label)[list(units)], posterior(losses[:, c], rho=0.5), atol=1e-12
        )
    own = losses[:, v.target]
    for group in explanation.groups:
        assert group.loss == pytest.approx(multilinear(own, group.membership[None, list(units)])[0], abs=1e-12)
    shapley, banzhaf = interactions(-own)
    for pair in explanation.interactions:
        i, j = (units.index(explanation.units.index(unit)) for unit in (pair.first, pair.second))
        assert (pair.shapley, pair.banzhaf) == pytest.approx((shapley[i, j], banzhaf[i, j]), abs=1e-12)
    # 32 subsets alone, all but 31 of them, and the text itself, which is all but none.
    assert explanation.provenance["evaluations"] == 64
    assert explanation.provenance["settings"]["sides"] == "both"
    assert explanation.notes == (
        "what is said of groups and of pairs counts both sides, half each: what the model says of the words alone, and "
        "what it says without them",
        "5 of 10 units are short-listed; the other 5 were absent where words are kept alone and there where they are "
        "removed, their scores are 0",
    )
    again = elision.Explanation.from_json(explanation.to_json())
    assert [group.loss for group in again.groups] == [group.loss for group in explanation.groups]


def test_one_side_is_what_it_was(bert) -> None:
    units = (0, 3, 8)
    explanation = elision.GroupMasks(shortlist=units, removal="mask")(bert, PAIR)
    v = elision.ValueFunction(bert, PAIR, removal="mask")
    losses = -np.log(v.probabilities(over(units, len(v.units)))[:, v.target])
    np.testing.assert_allclose(explanation.scores[list(units)], posterior(losses, rho=0.5), atol=1e-12)
    assert explanation.provenance["settings"]["sides"] == "kept"
    assert explanation.provenance["evaluations"] == 9


@pytest.mark.parametrize(("combine", "alone"), [(any, 1.8 / 2.8), (all, 1.0 / 1.2)])
def test_words_that_suffice_each_and_words_that_go_together_score_alike(combine: object, alone: float) -> None:
    method = elision.GroupMasks(shortlist=(0, 1), n_groups=2, sides="both")
    both = method(gate(combine), "left right", target="yes")
    # Where either suffices, both must go; where both are needed, one does: the weights of the four subsets are
    # 0.1, 0.3, 0.3 and 0.9 in either game, the square roots of what is kept times what is gone.
    assert both.scores == pytest.approx([1.2 / 1.6, 1.2 / 1.6], abs=1e-12)
    one = elision.GroupMasks(shortlist=(0, 1), n_groups=2)(gate(combine), "left right", target="yes")
    assert one.scores == pytest.approx([alone, alone], abs=1e-12)


@pytest.mark.parametrize("behaviour", ["probability", "log_odds", "logit", "log_probability"])
def test_every_behaviour_has_its_other_side(bert, behaviour: str) -> None:
    units = (1, 6)
    v = elision.ValueFunction(bert, PAIR, removal="mask", behaviour=behaviour)
    lattice = converse(v, evaluate(v, units, sides="both"))
    known = over(units, len(v.units))
    p, rest = (v.probabilities(rows)[:, v.target] for rows in (known, ~known))
    wanted = {
        "probability": -(p + 1.0 - rest) / 2.0,
        "log_odds": (np.log2(1.0 / p - 1.0) + np.log2(rest / (1.0 - rest))) / 2.0,
        "logit": (np.log(1.0 / p - 1.0) + np.log(rest / (1.0 - rest))) / 2.0,
        "log_probability": -(np.log(p) + np.log(1.0 - rest)) / 2.0,
    }
    np.testing.assert_allclose(lattice.losses, wanted[behaviour], atol=1e-12)


def test_of_a_score_both_sides_are_the_score() -> None:
    stars = elision.BlackBox(
        lambda texts: [5.0 * ("good" in t.split()) - 2.0 * ("bad" in t.split()) for t in texts],
        ["stars"],
        answers="scores",
    )
    explanation = elision.GroupMasks(sides="both")(stars, "good film")
    # Losses of {}, {film}, {good} and both: half of what all others score, less half of what they score alone.
    losses = np.array([2.5, 2.5, -2.5, -2.5])
    np.testing.assert_allclose(explanation.scores, posterior(losses, rho=0.5), atol=1e-12)
    assert explanation.scores[0] == pytest.approx(1.0 / (1.0 + np.exp(-5.0)), abs=1e-12)
    assert explanation.scores[1] == pytest.approx(0.5, abs=1e-12)


def test_a_sure_answer_keeps_its_digits() -> None:
    sure = np.array([[-1e-20, np.log(1e-20)]])
    side = Side(Values(CLASSES, sure, np.zeros((1, 2))), True, 1.0)
    assert side.losses(BEHAVIOURS["log_probability"], 0)[0] == pytest.approx(-np.log(1e-20), rel=1e-12)
    assert side.losses(BEHAVIOURS["log_odds"], 0)[0] == pytest.approx(-np.log2(1e-20), rel=1e-12)


def test_a_whole_example_costs_no_more_for_both_sides(bert) -> None:
    text = "the man plays"
    for sides in ("kept", "both"):
        explanation = elision.GroupMasks(shortlist=(0, 1, 2), sides=sides)(bert, text)
        assert explanation.provenance["evaluations"] == 8
    assert (lattice_rows(3, 3, "both"), lattice_rows(3, 3, "kept")) == (8, 8)
    assert (lattice_rows(10, 11, "both"), lattice_rows(10, 11, "kept")) == (2048, 1024)
    assert elision.GroupMasks(shortlist=(0, 1, 2), sides="both").expected_rows(9) == 16


def noisy(lattice: Lattice, v: elision.ValueFunction, error: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the posterior (k,) of values whose probabilities of the target are off by normal draws."""
    p = lattice.values.mean[:, v.target] + error[0] * rng.normal(size=len(error[0]))
    rest = p[::-1] if lattice.whole else lattice.parts[1].values.mean[:, v.target] + error[1] * rng.normal(size=len(p))
    return posterior(-(np.log(p) + np.log(1.0 - rest)) / 2.0, rho=0.4)


@pytest.mark.parametrize(("text", "units"), [("good paper and bad film", (0, 2, 3)), ("good bad film", (0, 1, 2))])
def test_errors_are_the_spread_that_draws_on_both_sides_make(text: str, units: tuple[int, ...]) -> None:
    v = elision.ValueFunction(keyword_model(), text, removal="delete", behaviour="log_probability")
    lattice = converse(v, evaluate(v, units, sides="both"))
    assert lattice.whole == (len(v.units) == 3)
    rng = np.random.default_rng(0)
    error = rng.uniform(0.002, 0.01, (2, 8))
    if lattice.whole:
        error[1] = error[0, ::-1]
    parts = tuple(
        replace(part, values=replace(part.values, std_error=np.stack([own, own], axis=1)))
        for part, own in zip(lattice.parts, error, strict=True)
    )
    drawn = replace(lattice, parts=parts)
    assert drawn.drawn
    found = find_posterior(v, drawn, listed(units, len(v.units)), rho=np.full(3, 0.4), beta=1.0)
    spread = np.std([noisy(lattice, v, error, rng) for _ in range(4000)], axis=0)
    # 4,000 draws give a spread to about 1.1 %, four times that is allowed.
    assert found["std_error"][list(units)] == pytest.approx(spread, rel=0.05)


def test_bounds_hold_whatever_was_truncated_on_either_side() -> None:
    v = elision.ValueFunction(keyword_model(), "good paper and bad film", behaviour="log_probability", removal="delete")
    units = (0, 2, 3)
    lattice = converse(v, evaluate(v, units, sides="both"))
    missing = np.full(8, 0.05)
    parts = []
    for part in lattice.parts:
        values = Values.of_means(part.values.kind, part.values.answers, part.values.std_error, missing)
        parts.append(replace(part, values=values))
    cut = replace(lattice, parts=tuple(parts))
    found = find_posterior(v, cut, listed(units, 5), rho=np.full(3, 0.4), beta=1.0)
    rng = np.random.default_rng(0)
    p, rest = (part.values.mean[:, v.target] * 0.95 for part in lattice.parts)
    for _ in range(300):
        one, other = (0.05 * (rng.random(8) < 0.5) for _ in range(2))
        inside = posterior(-(np.log(p + one) + np.log(1.0 - rest - other)) / 2.0, rho=0.4)
        assert (inside >= found["lower"][list(units)] - 1e-12).all()
        assert (inside <= found["upper"][list(units)] + 1e-12).all()
    # The bounds of one side alone would be narrower: each side moves them.
    for i in range(2):
        own = tuple(part if i == j else lattice.parts[j] for j, part in enumerate(parts))
        half = find_posterior(v, replace(lattice, parts=own), listed(units, 5), rho=np.full(3, 0.4), beta=1.0)
        assert (half["lower"][list(units)] > found["lower"][list(units)] + 1e-4).all()
        assert (half["upper"][list(units)] < found["upper"][list(units)] - 1e-4).all()


def test_a_removal_that_draws_or_truncates_tells_the_error_of_both_sides(bert, masked_lm) -> None:
    units = [0, 1, 6, 8]
    drawn = elision.GroupMasks(shortlist=units, removal=elision.Marginal(masked_lm, n_draws=8), sides="both")(
        bert, PAIR
    )
    assert (drawn.std_error[units] > 0).all()
    assert drawn.notes[-1] == "groups and interactions rest on draws of the removal, whose error they do not carry"
    cut = elision.Marginal(masked_lm, fill="exact", threshold=0.02)
    found = elision.GroupMasks(shortlist=(0, 3), removal=cut, sides="both")(bert, "the man plays guitar")
    assert found.std_error is None
    assert (found.lower[[0, 3]] < found.scores[[0, 3]]).all()
    assert (found.upper[[0, 3]] > found.scores[[0, 3]]).all()


def test_pairs_and_functions_have_both_sides_too() -> None:
    example, (first, second), decoys = planted(3)
    explanation = elision.GroupMasks(sides="both")(lock_model(first, second, decoys), example)
    one, two = explanation.groups[0].words
    assert first in one
    assert second in two
    assert {explanation.units[i].text for i in np.argsort(-explanation.scores)[:2]} == {first, second}


def test_the_budget_counts_both_sides(bert) -> None:
    def method(budget: int) -> elision.GroupMasks:
        return elision.GroupMasks(
            k=4, shortlist=elision.LeaveOneOut(removal="mask"), budget=budget, sides="both", removal="mask"
        )

    # The text, 10 texts that lack a word, 16 subsets alone, and the 11 of all but them that are not among the former.
    assert method(38)(bert, PAIR).provenance["evaluations"] == 38
    with pytest.raises(
        elision.BudgetError,
        match=r"^a budget of 37 does not suffice for k=4: all subsets, kept and removed, 32; raise it or lower k$",
    ):
        method(37)(bert, PAIR)
    # 256 subsets are within a budget of 511, kept and removed they are not: sampling takes over where it can.
    for sides, solver in (("kept", "exact"), ("both", "sampling")):
        explanation = elision.GroupMasks(shortlist=range(8), sides=sides, budget=511)(bert, PAIR)
        assert explanation.provenance["solution"]["solver"] == solver
        assert explanation.provenance["evaluations"] <= 511


def test_sampling_sees_both_sides(bert) -> None:
    units = np.array([1, 3, 6])
    v = elision.ValueFunction(bert, PAIR, removal="zero", behaviour="log_probability")
    losses, slopes = losses_of_masks(v, units, sides="both")(subsets(3))
    lattice = converse(v, evaluate(v, units, sides="both"))
    np.testing.assert_allclose(losses, lattice.losses, atol=1e-9)
    kept, by_kept = v.gradient(over((1, 3, 6), len(v.units)))
    others, by_others = v.gradient(~over((1, 3, 6), len(v.units)))
    odds = np.exp(others) / (1.0 - np.exp(others))
    np.testing.assert_allclose(slopes, -(by_kept + odds[:, None] * by_others)[:, units] / 2.0, atol=1e-9)
    np.testing.assert_allclose(losses, -(kept + np.log1p(-np.exp(others))) / 2.0, atol=1e-9)


@pytest.mark.parametrize("budget", [41, 44, 60, 61])
def test_sampled_groups_have_both_sides_losses_within_any_budget(bert, budget: int) -> None:
    settings = elision.Sampling(n_samples=10, n_epochs=50, tolerance=0, reuse=False)
    method = elision.GroupMasks(shortlist=(1, 3, 6, 8), solver=settings, budget=budget, sides="both")
    explanation = method(bert, PAIR)
    assert explanation.provenance["evaluations"] <= budget
    v = elision.ValueFunction(bert, PAIR, removal="zero")
    for i, group in enumerate(explanation.groups):
        alone = np.array([[explanation.group_of(j) == i for j in range(len(v.units))]])
        p, rest = (v.probabilities(rows)[0, v.target] for rows in (alone, ~alone))
        assert group.loss == pytest.approx(-(np.log(p) + np.log(1.0 - rest)) / 2.0, abs=1e-9)


def test_a_side_that_is_none_is_refused() -> None:
    with pytest.raises(elision.OptionError, match=r"^sides must be one of kept, both; got 'removed'"):
        elision.GroupMasks(sides="removed")


def test_sides_add_up() -> None:
    v = elision.ValueFunction(keyword_model(), "good film", removal="delete", behaviour="probability")
    lattice = converse(v, evaluate(v, (0, 1), sides="both"))
    every = total(lattice.parts, v.behaviour)
    np.testing.assert_array_equal(every[:, v.target], lattice.losses)
    # Of two classes, what keeps the one loses the other.
    np.testing.assert_allclose(every.sum(axis=1), -1.0, atol=1e-12)


def test_others_of_what_is_watched_are_its_mirror() -> None:
    one = Watched(np.array([0.25]), np.log([0.25]), np.log([0.75]))
    assert one.others.number == pytest.approx([0.75], abs=1e-15)
    assert one.others.others.logs == one.logs
