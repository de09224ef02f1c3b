"""LIME and Shapley values through models: budgets, options, pairs, every family, marginal removals."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from toys.models import build, keyword_model

import elision
from elision import cli
from elision.api import make_explainer

FAMILIES = ("bert", "electra", "distilbert", "roberta", "gpt2", "xlnet", "slow")
TEXT = "the man plays a good film"
LONG = "a deep and meaningful film with a man and a woman on a fine stage ."
PAIR = ("the man plays guitar .", "a woman sings on stage")
LN2 = np.log(2.0)


@pytest.mark.parametrize("kind", FAMILIES)
@pytest.mark.parametrize("example", [TEXT, LONG, PAIR])
def test_every_family_single_and_pair(kind: str, example: str | tuple[str, str]) -> None:
    net, tokenizer = build(kind)
    model = elision.HuggingFaceModel(net.double(), tokenizer)
    engine = elision.Engine(model)
    for method in (elision.Shapley(n_samples=100), elision.Lime(n_samples=100)):
        found = method(model, example, engine=engine)
        assert len(found.by_segment()) == (1 if isinstance(example, str) else 2)
        assert np.ptp(found.scores) > 1e-3
        for label in model.labels:
            assert np.isfinite(found.scores_for(label)).all()
        np.testing.assert_array_equal(found.scores_for(found.target), found.class_scores[model.target(found.target, 0)])
        # GPT-2 reads its answer at the last token, hidden or not.
        assert found.provenance["removal"] == {"name": "delete" if kind == "gpt2" else "drop"}
    shapley = elision.Shapley(n_samples=100).explain(elision.Shapley().value_function(model, example, engine=engine))
    v = elision.Shapley().value_function(model, example, engine=engine)
    ends = v(np.stack([np.ones(len(v.units), dtype=bool), np.zeros(len(v.units), dtype=bool)]))
    assert shapley.scores.sum() == pytest.approx(ends[0] - ends[1], abs=1e-8)


@pytest.mark.parametrize(
    "options",
    [{}, {"estimator": "exact"}, {"estimator": "kernel", "n_samples": 20}, {"estimator": "permutation"}],
)
def test_an_additive_model_gives_its_weights_back(options: dict) -> None:
    for example in ("a good film", ("a good", "bad film"), "good", "good bad"):
        found = elision.Shapley(**options)(keyword_model(), example, target="positive")
        weights = {"good": 2.0, "bad": -3.0, "film": 0.5}
        wanted = [weights.get(unit.text, 0.0) / LN2 for unit in found.units]
        np.testing.assert_allclose(found.scores, wanted, atol=1e-8)
        np.testing.assert_allclose(found.scores_for("negative"), -found.scores, atol=1e-8)
        lime = elision.Lime(n_samples=500)(keyword_model(), example, target="positive")
        assert (np.abs(lime.scores - wanted) <= 3 * lime.std_error + 1e-8).all()
        assert lime.provenance["solution"]["r2"] > 0.2


def test_auto_is_exact_up_to_twelve_units_and_samples_beyond(keywords: elision.BlackBox) -> None:
    def solution(n_units: int, **options: object) -> tuple[str, int, bool]:
        text = " ".join(f"w{i}" for i in range(n_units))
        found = elision.Shapley(**options)(keywords, text)
        return (*list(found.provenance["solution"].values())[:2], found.std_error is None)

    assert solution(12) == ("exact", 4095, True)
    assert solution(13)[0::2] == ("kernel", False)
    assert solution(6, n_samples=30)[0::2] == ("kernel", False)
    assert solution(6, n_samples=62) == ("exact", 63, True)
    assert solution(6, budget=64) == ("exact", 63, True)
    assert solution(6, budget=63)[0::2] == ("kernel", False)
    assert solution(6, estimator="kernel") == ("kernel", 63, True)
    assert solution(1, estimator="permutation") == ("permutation", 1, False)
    with pytest.raises(elision.OptionError, match="estimator='exact' takes at most 16 units, 65536 subsets; this exam"):
        solution(17, estimator="exact")
    with pytest.raises(elision.OptionError, match="at least 80 for estimator='kernel' with 20 units, got 79"):
        solution(20, n_samples=79)
    with pytest.raises(elision.OptionError, match="at least 76 for estimator='permutation' with 20 units, got 75"):
        solution(20, estimator="permutation", n_samples=75)


@pytest.mark.parametrize("estimator", ["auto", "exact", "kernel", "permutation", "lime"])
def test_the_budget_is_kept_or_refused_in_one_line(estimator: str) -> None:
    spent: list[int] = []
    least = 2
    for budget in range(1, 80):
        method = (
            elision.Lime(budget=budget) if estimator == "lime" else elision.Shapley(estimator=estimator, budget=budget)
        )
        refusal = "for the fewest subsets that give scores of 6 units; got"
        try:
            found = method(keyword_model(), TEXT)
        except elision.BudgetError as error:
            message = str(error)
        else:
            assert found.provenance["evaluations"] <= budget
            spent.append(budget)
            continue
        least = int(message.split("at least ")[1].split()[0])
        assert message == f"budget must be at least {least} {refusal} {budget}"
        assert budget < least
        assert not spent
    assert spent[0] == least
    assert spent[0] == {"auto": 26, "exact": 64, "kernel": 26, "permutation": 20, "lime": 2}[estimator]
    assert spent == list(range(spent[0], 80))


def test_a_smaller_budget_takes_fewer_samples(keywords: elision.BlackBox) -> None:
    for method, least in ((elision.Shapley, 380), (elision.Lime, 390)):
        found = method(budget=400)(keywords, LONG)
        assert least < found.provenance["evaluations"] <= 400
    orders = elision.Shapley(estimator="permutation", budget=400)(keywords, LONG)
    assert 340 < orders.provenance["evaluations"] <= 400
    few = elision.Shapley(estimator="permutation", budget=100)(keywords, LONG)
    assert "the standard errors rest on 3 pairs of orders and are rough; raise n_samples" in few.notes


def test_what_is_known_already_costs_no_budget(keywords: elision.BlackBox) -> None:
    engine = elision.Engine(keywords, budget=64)
    first, again = (elision.Shapley()(keywords, TEXT, engine=engine) for _ in range(2))
    assert (first.provenance["evaluations"], again.provenance["evaluations"]) == (64, 0)
    np.testing.assert_array_equal(first.scores, again.scores)
    assert elision.Lime()(keywords, TEXT, engine=engine).provenance["evaluations"] == 0


def test_same_seed_same_scores(keywords: elision.BlackBox, bert: elision.HuggingFaceModel) -> None:
    for make in (elision.Lime, elision.Shapley):
        one, again, other = (make(n_samples=80, seed=seed)(bert, LONG).scores for seed in (1, 1, 2))
        np.testing.assert_array_equal(one, again)
        assert np.abs(one - other).max() > 1e-6


@pytest.mark.parametrize(
    ("make", "options", "message"),
    [
        (
            elision.Shapley,
            {"estimator": "magic"},
            "estimator must be one of auto, exact, kernel, permutation; got 'magic'",
        ),
        (elision.Shapley, {"n_samples": 0}, "n_samples must be at least 1, got 0"),
        (elision.Shapley, {"n_samples": 2.5}, "n_samples must be a whole number of at least 1, got 2.5"),
        (elision.Shapley, {"budget": 0}, "budget must be at least 1, got 0"),
        (elision.Shapley, {"seed": -1}, "seed must be at least 0, got -1"),
        (
            elision.Shapley,
            {"estimator": "exact", "n_samples": 9},
            "n_samples does not go with estimator='exact', which asks about all; got 9",
        ),
        (elision.Lime, {"n_samples": 1}, "n_samples must be at least 2, got 1"),
        (elision.Lime, {"n_features": 0}, "n_features must be at least 1, got 0"),
        (elision.Lime, {"kernel_width": 0}, "kernel_width must be greater than 0, got 0"),
        (elision.Lime, {"kernel_width": float("nan")}, "kernel_width must be greater than 0, got nan"),
        (elision.Lime, {"alpha": -1}, "alpha must be at least 0, got -1"),
        (elision.Lime, {"budget": True}, "budget must be at least 1, got True"),
        (elision.Lime, {"seed": 0.5}, "seed must be a whole number of at least 0, got 0.5"),
        (elision.Lime, {"removal": "blank"}, "removal must be one of pad, .*; got 'blank'"),
    ],
)
def test_options_out_of_range(make: type, options: dict, message: str) -> None:
    with pytest.raises(elision.OptionError, match=f"^{message}$"):
        make(**options)


def test_options_by_name(keywords: elision.BlackBox) -> None:
    by_name = elision.explain(TEXT, model=keywords, method="shapley", estimator="permutation", n_samples=40)
    by_object = elision.Shapley(estimator="permutation", n_samples=40)(keywords, TEXT)
    np.testing.assert_array_equal(by_name.scores, by_object.scores)
    assert make_explainer("lime", n_samples=77, removal="unk", behaviour="probability").n_samples == 77
    for options, message in (
        (
            {"method": "lime", "estimator": "exact"},
            "estimator does not go with method='lime', but with 'shapley'; lime has n_samples, kernel_width, .*",
        ),
        ({"n_samples": 9}, "n_samples does not go with method='marginalization', but with .*'lime'.*"),
        ({"method": elision.Lime(), "n_samples": 9}, r"n_samples is a setting of the explainer: Lime\(n_samples=...\)"),
    ):
        with pytest.raises(elision.OptionError, match=f"^{message}$"):
            elision.explain(TEXT, model=keywords, **options)


def test_few_features(keywords: elision.BlackBox) -> None:
    found = elision.Lime(n_features=2)(keywords, "a good bad film", target="positive")
    assert [scored.unit.text for scored in found.top(2)] == ["bad", "good"]
    assert (found.scores == 0).sum() == 2
    assert (found.std_error > 0).all()
    assert found.provenance["settings"]["n_features"] == 2


def test_json_keeps_everything(keywords: elision.BlackBox) -> None:
    for method in (elision.Lime(), elision.Shapley()):
        found = method(keywords, TEXT)
        assert elision.Explanation.from_json(found.to_json()) == found
        assert json.loads(found.to_json())["provenance"]["method"] == method.name


@pytest.mark.parametrize("fill", ["parallel", "exact"])
def test_marginal_removal_within_a_budget_and_with_its_error(bert, masked_lm, fill: str) -> None:
    removal = elision.Marginal(masked_lm, n_draws=3, top_n=4, beam=4, fill=fill)
    text = "the man plays guitar ."
    for method in (elision.Shapley, elision.Lime):
        free = method(removal=removal)(bert, text)
        assert any("likelihood lies outside its candidates" in note for note in free.notes)
        if fill == "parallel":
            assert (free.std_error > 0).all()
        budget = free.provenance["evaluations"] - 1
        tight = method(removal=removal, budget=budget)(bert, text)
        assert tight.provenance["evaluations"] <= budget
    for estimator in ("auto", "permutation"):
        with pytest.raises(elision.BudgetError, match="the fewest subsets that give scores of 5 units; got 12"):
            elision.Shapley(estimator=estimator, removal=removal, budget=12)(bert, text)


def test_draws_of_the_removal_are_in_the_error(bert, masked_lm) -> None:
    game = [
        elision.Shapley(removal=elision.Marginal(masked_lm, n_draws=8), seed=seed)(bert, "the man plays")
        for seed in range(40)
    ]
    scores = np.array([found.scores for found in game])
    errors = np.array([found.std_error for found in game])
    np.testing.assert_allclose(np.sqrt((errors**2).mean(axis=0)), scores.std(axis=0), rtol=0.5)


def test_four_hundred_words(keywords: elision.BlackBox) -> None:
    text = " ".join(["good", "bad", "film", "a"] * 100)
    weights = np.array([2.0, -3.0, 0.5, 0.0] * 100)
    model = keyword_model({"good": 0.02, "bad": -0.03, "film": 0.005})
    for method in (elision.Shapley(), elision.Shapley(estimator="permutation", n_samples=1600), elision.Lime()):
        found = method(model, text, target="positive")
        assert (np.abs(found.scores - weights / 100 / LN2) <= 3 * found.std_error + 1e-7).all()
        assert found.provenance["evaluations"] <= 2850


def test_from_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*arguments: str) -> int:
        monkeypatch.setattr("sys.argv", ["elision", "explain", "a fine film", *arguments])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        return stop.value.code or 0

    file = tmp_path / "found.json"
    for arguments in (("--method", "lime"), ("--method", "shapley", "--estimator", "permutation")):
        assert run(*arguments, "--samples", "40", "--pair", "a dull film", "--json", str(file)) == 0
        assert "±" in capsys.readouterr().out
        assert json.loads(file.read_text(encoding="utf-8"))["provenance"]["settings"]["n_samples"] == 40
    assert run("--method", "shapley", "--samples", "3") == 2
    message = "elision: --samples must be at least 6 for --estimator kernel with 3 units, got 3\n"
    assert capsys.readouterr() == ("", message)
