"""Options that are out of range, and combinations that do not go together: one clear line each."""

from __future__ import annotations

import json

import numpy as np
import pytest
from toys.models import build

import elision
from elision import memory
from elision.api import make_explainer
from elision.game.engine import Engine

TEXT = "a good film"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"threshold": -1}, "threshold must be at least 0, got -1"),
        ({"threshold": 1.5}, "threshold must be less than 1, got 1.5"),
        ({"threshold": float("nan")}, "threshold must be at least 0, got nan"),
        ({"top_n": 0}, "top_n must be at least 1, got 0"),
        ({"beam": 0}, "beam must be at least 1, got 0"),
        ({"original": "drop"}, "original must be one of keep, exclude; got 'drop'"),
        ({"order": "up"}, "order must be one of left-to-right, right-to-left; got 'up'"),
        ({"order": (0, 2)}, r"order must be a permutation of 0 to 1, got \[0, 2\]"),
        ({"n_candidates": -1}, "n_candidates must be at least 0, got -1"),
        ({"behaviour": "odds"}, r"behaviour must be one of log_odds, .*; got 'odds': did you mean 'log_odds'\?"),
        ({"likelihood": 3}, "likelihood must be a folder, .*; got int"),
    ],
)
def test_marginalization_options(options: dict, message: str) -> None:
    with pytest.raises(elision.OptionError, match=f"^{message}$"):
        elision.InputMarginalization(**({"likelihood": "uniform"} | options))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fill": "both"}, "fill must be one of parallel, sequential, exact; got 'both'"),
        ({"n_draws": 0}, "n_draws must be at least 1, got 0"),
        ({"n_draws": True}, "n_draws must be at least 1, got True"),
    ],
)
def test_marginal_options(options: dict, message: str) -> None:
    with pytest.raises(elision.OptionError, match=f"^{message}$"):
        elision.Marginal("uniform", **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "magic"}, "method must be one of marginalization, group-masks, .*, random; got 'magic'"),
        ({"method": "leave-one-out", "removal": "blank"}, "removal must be one of pad, zero, .*; got 'blank'"),
        ({"removal": "pad"}, "marginalization has its own removal; use method='leave-one-out' with removal='pad'"),
        (
            {"method": "leave-one-out", "likelihood": "uniform"},
            "likelihood goes with method='marginalization' or removal='marginal' only",
        ),
        ({"method": "random", "seed": -1}, "seed must be at least 0, got -1"),
        ({"method": "random", "units": "letter"}, "units must be one of word, token; got 'letter'"),
        ({"method": "random", "units": 5}, "units must be 'word', 'token' or a function .*; got 5"),
    ],
)
def test_explain_options(keywords: elision.BlackBox, options: dict, message: str) -> None:
    with pytest.raises(elision.OptionError, match=f"^{message}$"):
        elision.explain(TEXT, model=keywords, **options)


def test_explain_takes_an_explainer_and_options(bert: elision.HuggingFaceModel) -> None:
    by_name = elision.explain(TEXT, model=bert, method="leave-one-out", removal="unk", behaviour="probability")
    by_object = elision.explain(TEXT, model=bert, method=elision.LeaveOneOut(removal="unk", behaviour="probability"))
    np.testing.assert_array_equal(by_name.scores, by_object.scores)
    assert by_name.provenance["removal"] == {"name": "unk"}
    prior = elision.UnigramPrior(["a good film", "a bad film"])
    marginal = make_explainer("leave-one-out", removal="marginal", likelihood=prior, original="exclude")
    assert marginal.removal.describe()["original"] == "exclude"


def test_known_must_have_a_column_for_each_unit(keywords: elision.BlackBox) -> None:
    v = elision.ValueFunction(keywords, TEXT, removal="delete")
    for known in (np.ones(3, dtype=bool), np.ones((1, 4), dtype=bool)):
        with pytest.raises(elision.UnitError, match=r"known must have shape \(s, 3\), one column per unit; got "):
            v(known)


def test_the_budget_is_never_passed_and_nothing_is_spent_in_vain(bert: elision.HuggingFaceModel) -> None:
    v = elision.ValueFunction(bert, TEXT, removal="mask", budget=3)
    with pytest.raises(elision.BudgetError, match="budget must be at least 4 model evaluations for this, got 3"):
        v(~np.eye(3, dtype=bool))
    assert v.evaluations == 1
    v(~np.eye(3, dtype=bool)[:2])
    assert v.engine.remaining == 0
    with pytest.raises(elision.BudgetError, match="budget must be at least 4, one evaluation a unit"):
        elision.LeaveOneOut(budget=3)(bert, TEXT)
    assert elision.LeaveOneOut(budget=4)(bert, TEXT).provenance["evaluations"] == 4
    for wrong in (0, -3, True):
        with pytest.raises(elision.OptionError, match="budget must be at least 1"):
            elision.LeaveOneOut(budget=wrong)(bert, TEXT)


def test_a_shared_engine_answers_the_second_method_from_memory(bert: elision.HuggingFaceModel) -> None:
    engine = Engine(bert)
    first = elision.LeaveOneOut(removal="mask")(bert, TEXT, engine=engine)
    second = elision.LeaveOneOut(removal="mask", behaviour="probability")(bert, TEXT, engine=engine)
    assert (first.provenance["evaluations"], second.provenance["evaluations"]) == (4, 0)


def test_random_scores_are_seeded(keywords: elision.BlackBox) -> None:
    one, again, other = (elision.Random(seed=s)(keywords, TEXT).scores for s in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert np.abs(one - other).min() > 0
    assert np.abs(one).max() <= 1
    assert np.abs(elision.Random(seed=1)(keywords, "a bad film").scores - one).min() > 0


def test_targets(bert: elision.HuggingFaceModel) -> None:
    explanation = elision.LeaveOneOut()(bert, TEXT)
    assert explanation.target == explanation.predicted
    other = next(label for label in bert.labels if label != explanation.predicted)
    by_name, by_index = (elision.LeaveOneOut()(bert, TEXT, target=t) for t in (other, bert.labels.index(other)))
    np.testing.assert_array_equal(by_name.scores, by_index.scores)
    np.testing.assert_allclose(by_name.scores, explanation.scores_for(other), atol=1e-9)
    for wrong in ("joy", 3, -1, True, 1.0):
        with pytest.raises(elision.TargetError, match=r"the model has no class .*; it has LABEL_0, LABEL_1, LABEL_2"):
            elision.LeaveOneOut()(bert, TEXT, target=wrong)


def test_joint_sets(bert: elision.HuggingFaceModel) -> None:
    method = elision.InputMarginalization("uniform", threshold=0, beam=5)
    for sets, message in (
        ([("boat",)], "the example has no one unit 'boat': there are 4"),
        ([("a",)], "the example has no one unit 'a': it occurs 2 times; give its index"),
        ([(9,)], "the example has no one unit 9: there are 4"),
        ([()], r"a set must be a sequence of at least one unit, got \(\)"),
        (["good"], "a set must be a sequence of at least one unit, got 'good'"),
    ):
        with pytest.raises(elision.UnitError, match=f"^{message}$"):
            method.joint(bert, "a good a film", sets)
    with pytest.raises(elision.OptionError, match="a set must name each unit once"):
        method.joint(bert, "a good a film", [(0, 0)])


def test_an_order_must_fit_the_set(bert: elision.HuggingFaceModel) -> None:
    method = elision.InputMarginalization("uniform", order=(1, 0))
    with pytest.raises(elision.UnitError, match="order names 2 tokens, but 'a' has 1"):
        method(bert, TEXT)


def test_prior_and_uniform(bert: elision.HuggingFaceModel, keywords: elision.BlackBox) -> None:
    with pytest.raises(elision.OptionError, match="texts must hold at least one text"):
        elision.UnigramPrior([])
    with pytest.raises(elision.OptionError, match="texts must be an iterable of texts, not one text"):
        elision.UnigramPrior("a good film")
    with pytest.raises(elision.UnsupportedError, match=r"keywords has no vocabulary: .* Uniform\(words=\[...\]\)"):
        elision.InputMarginalization("uniform")(keywords, TEXT)
    with pytest.raises(elision.UnsupportedError, match="knows no token of the prior's texts"):
        elision.InputMarginalization(elision.UnigramPrior(["漢字"]))(bert, TEXT)
    words = elision.InputMarginalization(elision.Uniform(["good", "bad"]), n_candidates=None)(keywords, TEXT, target=1)
    assert [c.word for c in words.candidates[1]] == ["bad", "good"]
    assert np.isnan(words.likelihoods[0])
    assert words.likelihoods[1] == 0.5
    sigmoid = 1 / (1 + np.exp(-np.array([2.5, -2.5])))
    wanted = np.log2(sigmoid[0] / (1 - sigmoid[0])) - np.log2(sigmoid.mean() / (1 - sigmoid.mean()))
    assert words.scores[1] == pytest.approx(wanted, abs=1e-9)
    counted = elision.InputMarginalization(elision.UnigramPrior(["good good bad", "bad good ."]))(keywords, TEXT)
    assert counted.likelihoods[1] == pytest.approx(0.5)


def test_flat_likelihoods_of_long_words_are_owned_up_to(bert: elision.HuggingFaceModel) -> None:
    explanation = elision.InputMarginalization("uniform", threshold=1e-3, beam=4)(bert, "a meaningful film")
    assert "outside the candidates of 'meaningful'; mind the bounds" in explanation.notes[0]
    assert explanation.upper[1] - explanation.lower[1] > 20


def test_a_likelihood_model_needs_a_mask_token() -> None:
    net, tokenizer = build("bert", "MaskedLM")
    tokenizer.mask_token = None
    with pytest.raises(elision.UnsupportedError, match="has no mask token, so it gives no likelihoods"):
        elision.MaskedLanguageModel(net, tokenizer)


def test_removals_that_a_model_cannot_serve(keywords: elision.BlackBox) -> None:
    for removal in ("pad", "zero", "drop"):
        with pytest.raises(elision.UnsupportedError, match=f"'{removal}' needs a model with tokens"):
            elision.LeaveOneOut(removal=removal)(keywords, TEXT)
    net, tokenizer = build("bert")
    tokenizer.mask_token = None
    with pytest.raises(elision.UnsupportedError, match="tiny has no mask token; use 'delete'"):
        elision.LeaveOneOut(removal="mask")(elision.HuggingFaceModel(net, tokenizer, name="tiny"), TEXT)


def test_models_that_answer_nonsense() -> None:
    net, tokenizer = build("bert")
    net.classifier.bias.data[0] = float("nan")
    with pytest.raises(elision.ModelError, match="answered with NaN or infinity; check its weights"):
        elision.LeaveOneOut()(elision.HuggingFaceModel(net, tokenizer), TEXT)
    lm, tokenizer = build("bert", "MaskedLM")
    with pytest.raises(elision.UnsupportedError, match="is no sequence classifier"):
        elision.LeaveOneOut()(elision.HuggingFaceModel(lm, tokenizer), TEXT)
    with pytest.raises(elision.UnsupportedError, match="is no masked language model"):
        elision.InputMarginalization(elision.MaskedLanguageModel(*build("bert")))(
            elision.HuggingFaceModel(*build("bert")), TEXT
        )
    lm.cls.predictions.bias.data[0] = float("inf")
    with pytest.raises(elision.ModelError, match="answered with NaN or infinity"):
        elision.InputMarginalization(elision.MaskedLanguageModel(lm, tokenizer))(
            elision.HuggingFaceModel(*build("bert")), TEXT
        )


def test_a_character_that_the_likelihood_model_drops_still_gets_candidates(masked_lm) -> None:
    def answer(texts: list[str]) -> list[list[float]]:
        return [[0.1, 0.9] if "\ufffd" in text else [0.8, 0.2] for text in texts]

    model = elision.BlackBox(answer, ["no", "yes"])
    for text, place in (("a \ufffd film", 1), ("\ufffd film", 0)):
        explanation = elision.InputMarginalization(masked_lm, threshold=1e-3)(model, text)
        assert explanation.units[place].text == "\ufffd"
        assert explanation.scores[place] == pytest.approx(np.log2(0.9 / 0.1) - np.log2(0.2 / 0.8), abs=1e-9)
        assert len(explanation.candidates[place]) > 3


def test_candidates_take_the_case_of_the_word(masked_lm) -> None:
    seen: list[str] = []

    def answer(texts: list[str]) -> list[list[float]]:
        seen.extend(texts)
        return [[0.5, 0.5]] * len(texts)

    elision.InputMarginalization(masked_lm, threshold=1e-3)(elision.BlackBox(answer, ["no", "yes"]), "The FILM")
    assert any(text.startswith("Man ") for text in seen)
    assert any(text.endswith(" MAN") for text in seen)
    assert not any(text.startswith("man ") or text.endswith(" man") for text in seen)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "leave-one-out", "original": "exclude"}, "original goes with method='marginalization' or removal="),
        ({"method": "leave-one-out", "threshold": 0.1}, "threshold goes with method='marginalization' or removal="),
        ({"method": "random", "removal": "pad"}, "removal does not go with method='random'"),
        ({"method": "random", "budget": 5}, "budget does not go with method='random'"),
        ({"k": 5}, "k does not go with method='marginalization', but with 'group-masks'"),
        ({"method": "word-masks", "n_groups": 5}, "n_groups does not go with method='word-masks', but with 'group-m"),
        ({"method": "leave-one-out", "solver": "exact"}, "solver does not go with .*, but with 'group-masks', 'word-"),
        ({"method": "group-masks", "threshold": 0.1}, "threshold goes with method='marginalization' or removal="),
    ],
)
def test_options_that_do_not_go_with_the_method_are_refused(keywords, options: dict, message: str) -> None:
    with pytest.raises(elision.OptionError, match=f"^{message}"):
        elision.explain(TEXT, model=keywords, **options)


def test_what_is_no_tokenizer_is_refused() -> None:
    net, _ = build("bert", "MaskedLM")
    with pytest.raises(elision.OptionError, match="a model in memory needs its tokenizer too"):
        elision.MaskedLanguageModel(net)
    with pytest.raises(elision.OptionError, match="tokenizer must be a tokenizer of the transformers library, got 5"):
        elision.load(build("bert")[0], 5)


@pytest.mark.parametrize(
    "changes",
    [
        {"scores": [float("inf"), 1.0, 0.0]},
        {"probabilities": [float("nan"), 1.0]},
        {"labels": "ab"},
        {"units": [{"text": "a", "start": "x", "end": 1, "segment": 0}] * 3},
        {"units": [{"text": "a", "start": 0, "end": 1, "segment": 7}] * 3},
    ],
)
def test_explanations_that_cannot_be_true_are_refused(keywords, changes: dict) -> None:
    whole = elision.LeaveOneOut(removal="delete")(keywords, TEXT)
    with pytest.raises(elision.OptionError, match="explanation"):
        elision.Explanation.from_json(json.dumps(whole.to_dict() | changes))


def test_a_word_of_single_letters_keeps_its_last_one(keywords) -> None:
    explanation = elision.Random()(keywords, "the U.S.A today")
    assert [unit.text for unit in explanation.units] == ["the", "U.S.A", "today"]


def test_freed_memory_is_kept_where_the_c_library_can(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int]] = []

    class Library:
        def __init__(self, name: str) -> None:
            assert name == "libc.so.6"

        @staticmethod
        def mallopt(option: int, value: int) -> int:
            asked.append((option, value))
            return 1

    keep = memory.keep_freed_memory.__wrapped__
    monkeypatch.setattr(memory.sys, "platform", "linux")
    monkeypatch.setattr(memory.ctypes, "CDLL", Library)
    monkeypatch.delenv("ELISION_KEEP_MEMORY", raising=False)
    assert keep()
    assert asked == [(-3, 1 << 30), (-1, (1 << 31) - 1)]
    monkeypatch.setenv("ELISION_KEEP_MEMORY", "0")
    assert not keep()
    monkeypatch.delenv("ELISION_KEEP_MEMORY")
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: object())
    assert not keep()
    monkeypatch.setattr(memory.sys, "platform", "win32")
    assert not keep()
