"""Input marginalization: its options, sets of units at once, orders, and the words that are put in."""

from __future__ import annotations

import numpy as np
import pytest

import elision

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


def test_flat_likelihoods_of_long_words_are_owned_up_to(bert: elision.HuggingFaceModel) -> None:
    explanation = elision.InputMarginalization("uniform", threshold=1e-3, beam=4)(bert, "a meaningful film")
    assert "outside the candidates of 'meaningful'; mind the bounds" in explanation.notes[0]
    assert explanation.upper[1] - explanation.lower[1] > 20


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
