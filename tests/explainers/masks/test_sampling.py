"""Masks fitted by sampling, gradients through embeddings, and word masks."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from toys.models import build, keyword_model

import elision
from elision.approximators.lattice import subsets
from elision.explainers.masks.lattice import evaluate
from elision.explainers.masks.sampling import Remembered
from elision.explainers.masks.word_masks import losses_of_masks
from elision.game.driver import converse

PAIR = ("the man plays guitar .", "a woman sings on stage")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"entropy_weight": 0}, "entropy_weight must be greater than 0, got 0"),
        ({"entropy_weight": None}, "entropy_weight must be greater than 0, got None"),
        ({"n_samples": 1}, "n_samples must be at least 2, got 1"),
        ({"solver": "exact"}, "solver must be one of values, sampling; got 'exact'"),
        (
            {"solver": "sampling", "removal": "drop"},
            "solver='sampling' needs removal='zero', got 'drop'; solver='values'",
        ),
    ],
)
def test_mistakes_with_word_masks_are_refused(options: dict, message: str) -> None:
    with pytest.raises(elision.OptionError, match=f"^{message}"):
        elision.WordMasks(**options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"temperature": "1"}, "temperature must be greater than 0, got '1'"),
        ({"learning_rate": float("inf")}, "learning_rate must be greater than 0, got inf"),
        ({"temperature": 0}, "temperature must be greater than 0, got 0"),
        ({"n_epochs": 0}, "n_epochs must be at least 1, got 0"),
        ({"tolerance": -1}, "tolerance must be at least 0, got -1"),
    ],
)
def test_mistakes_with_sampling_are_refused(options: dict, message: str) -> None:
    with pytest.raises(elision.OptionError, match=f"^{message}"):
        elision.Sampling(**options)


@pytest.mark.parametrize("kind", ["bert", "roberta", "distilbert", "gpt2"])
def test_gradients_are_those_of_finite_differences(kind: str) -> None:
    net, tokenizer = build(kind)
    model = elision.HuggingFaceModel(net.double(), tokenizer, batch_tokens=40)
    for name in ("log_probability", "probability"):
        v = elision.ValueFunction(model, PAIR[0], removal="zero", behaviour=name)
        known = np.array([[True] * len(v.units), [False, True, True, False] + [True] * (len(v.units) - 4)])
        values, slopes = v.gradient(known)
        np.testing.assert_allclose(values, v(known), atol=1e-9)
        scale = v.encoding.silence(known).scale
        for unit in range(len(v.units)):
            moved = []
            for step in (1e-2, -1e-2):
                rows = v.encoding.silence(known)
                changed = scale + step * (v.encoding.unit_of_token == unit)
                rows = type(rows)(rows.ids, rows.attended, rows.segment_ids, changed.astype(np.float32))
                moved.append(v.behaviour(model.predict([rows])[:, v.target]))
            # Steps of 1e-2 in a float32 factor: the error is that of the third derivative.
            np.testing.assert_allclose(slopes[:, unit], (moved[0] - moved[1]) / 2e-2, rtol=0.05, atol=0.02)
    assert not any(p.grad is not None for p in net.parameters())


def test_gradients_of_sigmoid_heads() -> None:
    for options in ({"n_labels": 1}, {"problem_type": "multi_label_classification"}):
        net, tokenizer = build("bert", **options)
        v = elision.ValueFunction(
            elision.HuggingFaceModel(net.double(), tokenizer, head="sigmoid"),
            "a deep film",
            removal="zero",
            behaviour="log_probability",
            target=0,
        )
        values, slopes = v.gradient(np.ones((1, 3), dtype=bool))
        assert values[0] == pytest.approx(v.full, abs=1e-9)
        assert np.abs(slopes).max() > 0


def test_gradients_need_the_zero_removal_and_a_white_box(bert) -> None:
    with pytest.raises(elision.UnsupportedError, match="gradients need removal='zero', got 'mask'"):
        elision.ValueFunction(bert, PAIR).gradient(np.ones((1, 10), dtype=bool))
    with pytest.raises(elision.UnsupportedError, match="keywords gives no gradients"):
        keyword_model().gradient(None, 0)
    v = elision.ValueFunction(bert, PAIR, removal="zero", budget=2)
    with pytest.raises(elision.BudgetError, match="budget must be at least 4"):
        v.gradient(np.ones((3, 10), dtype=bool))


@pytest.mark.parametrize("reuse", [True, False])
def test_sampling_comes_near_the_exact_minimum_and_never_below(bert, reuse: bool) -> None:
    units = (1, 3, 6, 9)
    settings = elision.Sampling(n_samples=200, n_epochs=60, tolerance=0, reuse=reuse)
    sampled = elision.GroupMasks(shortlist=units, solver=settings)(bert, PAIR)
    exact = elision.GroupMasks(shortlist=units, removal="zero")(bert, PAIR)
    v = elision.ValueFunction(bert, PAIR, removal="zero", behaviour="log_probability")
    lattice = converse(v, evaluate(v, units))
    from elision.explainers.masks.objective import group_objective

    phi = np.stack([group.membership for group in sampled.groups], axis=1)[list(units)]
    psi = np.array([group.importance for group in sampled.groups])
    total = group_objective(lattice.losses, phi, psi, lattice.sides).total
    best = exact.provenance["solution"]["minimum"]["total"]
    assert total >= best - 1e-9
    assert total - best < 0.1
    n = sampled.provenance["evaluations"]
    assert n <= 16 + 3 if reuse else n == 200 * 60 + 1 + 2
    assert sampled.interactions is None
    np.testing.assert_allclose(sampled.scores[list(units)], phi @ psi, atol=1e-12)


def test_sampling_is_the_same_for_a_seed_and_leaves_the_global_one_alone(bert) -> None:
    method = elision.GroupMasks(k=4, solver=elision.Sampling(n_samples=50, n_epochs=5), seed=4)
    torch.manual_seed(1)
    before = torch.get_rng_state()
    one, other = method(bert, PAIR), method(bert, PAIR)
    assert (torch.get_rng_state() == before).all()
    assert one.scores.tolist() == other.scores.tolist()


def test_remembered_masks_are_asked_once() -> None:
    asked: list[int] = []

    def play(masks):
        asked.append(len(masks))
        return masks.sum(axis=1).astype(float), masks.astype(float)

    ask = Remembered(play)
    masks = np.array([[True, False], [True, False], [True, True]])
    losses, slopes = ask(masks)
    assert losses.tolist() == [1.0, 1.0, 2.0]
    assert slopes.tolist() == masks.astype(float).tolist()
    ask(masks[::-1])
    assert asked == [2]


def test_sampling_stops_where_the_parameters_stand_still(bert) -> None:
    settings = elision.Sampling(n_samples=20, n_epochs=50, tolerance=1.0)
    record = elision.GroupMasks(k=3, solver=settings)(bert, PAIR).provenance["solution"]
    assert (record["n_epochs"], record["converged"]) == (11, True)


def test_word_masks_of_an_additive_model_follow_the_weights() -> None:
    text = "good paper and a bad film with more"
    for options in ({}, {"n_samples": 16, "n_epochs": 4}):
        explanation = elision.WordMasks(**options)(keyword_model(), text, target="positive")
        words = dict(zip([unit.text for unit in explanation.units], explanation.scores, strict=True))
        assert words["good"] == max(words.values())
        assert words["bad"] == min(words.values())
        if options:
            assert 0 < explanation.std_error.max() < 0.2
        else:
            assert explanation.std_error is None
            assert words["paper"] == pytest.approx(0.5, abs=1e-9)


def test_word_masks_by_sampling_agree_with_those_by_values(bert) -> None:
    text = "the man plays guitar on stage"
    settings = elision.Sampling(n_samples=300, n_epochs=80, tolerance=0)
    sampled = elision.WordMasks(solver=settings)(bert, text)
    exact = elision.WordMasks(removal="zero")(bert, text)
    assert np.corrcoef(sampled.scores, exact.scores)[0, 1] > 0.9


def test_sampling_stops_at_the_budget(bert) -> None:
    settings = elision.Sampling(n_samples=10, n_epochs=50, tolerance=0, reuse=False)
    explanation = elision.WordMasks(solver=settings, budget=35)(bert, "the man plays guitar")
    assert explanation.provenance["evaluations"] == 31
    with pytest.raises(elision.BudgetError, match="word masks take up to 16 model evaluations here"):
        elision.WordMasks(solver=settings, budget=9)(bert, "the man plays guitar")


def test_a_seed_of_any_size_goes(bert) -> None:
    settings = elision.Sampling(n_samples=5, n_epochs=2)
    one, other = (elision.WordMasks(solver=settings, seed=seed)(bert, "the man plays") for seed in (10**23, 3))
    assert one.scores.tolist() != other.scores.tolist()


def test_gpt2_does_not_warn_of_padding(caplog: pytest.LogCaptureFixture) -> None:
    net, tokenizer = build("gpt2")
    elision.LeaveOneOut(removal="zero")(elision.HuggingFaceModel(net, tokenizer), "the man plays")
    assert not caplog.records


def test_drawn_values_of_word_masks_are_noted(bert, masked_lm) -> None:
    explanation = elision.WordMasks(removal=elision.Marginal(masked_lm, n_draws=2))(bert, "the man plays")
    assert explanation.notes == ("the values rest on draws of the removal, whose error is not in the scores",)


def test_masks_are_played_with_all_other_units_absent(bert) -> None:
    units = np.array([1, 3, 6])
    v = elision.ValueFunction(bert, PAIR, removal="zero", behaviour="log_probability")
    losses, slopes = losses_of_masks(v, units)(subsets(3))
    np.testing.assert_allclose(losses, converse(v, evaluate(v, units)).losses, atol=1e-9)
    assert slopes.shape == (8, 3)


@pytest.mark.parametrize("budget", [40, 41, 42, 43, 44])
def test_sampled_groups_get_their_losses_within_any_budget(bert, budget: int) -> None:
    settings = elision.Sampling(n_samples=10, n_epochs=50, tolerance=0, reuse=False)
    method = elision.GroupMasks(shortlist=(1, 3, 6, 8), solver=settings, budget=budget)
    explanation = method(bert, PAIR)
    assert explanation.provenance["evaluations"] <= budget
    assert all(np.isfinite(group.loss) for group in explanation.groups)


def test_sampling_in_place_of_the_exact_solver_gives_eq_8_and_says_so(bert) -> None:
    ranking = elision.LeaveOneOut()
    for attribution in (None, "expected"):
        method = elision.GroupMasks(shortlist=ranking, attribution=attribution, budget=500)
        solution = method(bert, PAIR).provenance["solution"]
        assert (solution["solver"], solution["attribution"]) == ("sampling", "expected")
    with pytest.raises(elision.BudgetError, match="a budget of 500 does not suffice"):
        elision.GroupMasks(shortlist=ranking, attribution="posterior", budget=500)(bert, PAIR)
