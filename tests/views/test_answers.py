"""Where a model answers with scores, all views say numbers of them, and nothing of probabilities."""

from __future__ import annotations

import csv
import io
import re

import numpy as np
import pytest
from toys.reports import explained, full, parse
from toys.scored import SCORE, scored, two_scores

import elision
from elision.errors import OptionError
from elision.results.comparison import Comparison
from elision.results.explanation import Explanation
from elision.views.abridged import abridged
from elision.views.answers import answer_text, headline, score_digits, sides
from elision.views.shared import interval, number, points, precision, without
from elision.views.terminal import render
from elision.views.words import absence, for_class, plain, sentence

PERCENT = r"%(?! of the strongest| of the text| interval|\)?, or bounds)"
WORDS_OF_PROBABILITIES = re.compile(rf"{PERCENT}|probab|points|\bfor score|against(?! the strongest)")


def test_a_score_is_a_number() -> None:
    found = scored()
    assert (found.answer, found.value, found.predicted, found.is_probability) == ("scores", 3.2, "score", False)
    top = "divine +1.1, dull -0.8, a +0.05"
    assert repr(found) == f"Explanation('score', value=3.2, method='leave-one-out', top='{top}')"
    for name, instead in {
        "probability": "value",
        "probabilities": "answers",
        "absent_probabilities": "absent_values",
    }.items():
        with pytest.raises(OptionError) as caught:
            getattr(found, name)
        assert str(caught.value) == f"the model's answers are scores, not probabilities; read {instead}"
    with pytest.raises(OptionError, match="an explanation of scores must have answers, not probabilities"):
        found.replace(probabilities=np.array([0.5]))


def test_a_probability_is_a_value_too() -> None:
    found = full()
    assert (found.value, found.probability) == (0.75, 0.75)
    np.testing.assert_array_equal(found.answers, found.probabilities)
    np.testing.assert_array_equal(found.absent_values, found.absent_probabilities)
    independent = explained(answer="labels", probabilities=np.array([0.9, 0.8]))
    assert (independent.is_probability, independent.predicted) == (True, "negative")
    assert headline(independent) == "negative  90.0 %   explained: positive  80.0 %"


def test_scores_survive_json() -> None:
    assert (two_scores().predicted, two_scores().value) == ("stars", 3.2)
    for before in (scored(), two_scores()):
        after = Explanation.from_json(before.to_json())
        assert after == before
        assert (after.answer, after.value, after.to_html()) == ("scores", 3.2, before.to_html())
    assert scored().to_dict()["answer"] == {"kind": "scores", "values": [3.2]}


@pytest.mark.parametrize(
    ("value", "strongest", "shown", "change"),
    [
        (3.2, 1.1, "3.20", "+1.10"),
        (-0.031, 0.004, "-0.03100", "+0.00400"),
        (320.0, 41.0, "320.0", "+41.0"),
        (12345.6, 640.0, "12346", "+640"),
        (3.2, 0.0, "3.20", "+0.00"),
        (0.0, 0.0, "0.00", "+0.00"),
        (3.2, 1e-12, "3.200000", "+0.000000"),
        (-1e-12, 2.0, "0.000000", "+2.000000"),
    ],
)
def test_scores_have_three_significant_digits(value: float, strongest: float, shown: str, change: str) -> None:
    found = scored("a b", scores=[strongest, 0.0], absent_values=None, answers=np.array([value]))
    assert (answer_text(found, value), number(found, strongest)) == (shown, change)
    assert score_digits(full()) == 2
    assert score_digits(full(provenance=SCORE | {"scores": {"signed": False}})) == 3


def test_the_sentence_says_what_raises_a_score() -> None:
    assert plain(sentence(scored(), ("red", "blue"))) == (
        "The score is 3.20. Red words raise it: above all “divine”; without it 2.10. "
        "Blue words lower it: above all “dull”; without it 4.00."
    )
    named = scored(target="stars", labels=("stars",), scores=[1.0, 1.0, -2.0, 0.0], absent_values=[2.2, 2.2, 5.2, 3.2])
    assert plain(sentence(named)) == (
        "stars is 3.20. Some words lower it: above all “dull”; without it 5.20. "
        "Some words raise it: above all “a” (without it 2.20) and “divine” (without it 2.20)."
    )


def test_methods_that_leave_nothing_out_claim_less() -> None:
    found = scored(absent_values=None, provenance=SCORE | {"method": "shapley"})
    assert plain(sentence(found)) == (
        "The score is 3.20. Some words speak for a higher one: above all “divine” (+1.10). "
        "Some words speak for a lower one: above all “dull” (-0.80). The scores: each word's fair share of the answer."
    )
    flat = scored(scores=[0.0, 0.0, 0.0, 0.0], absent_values=None)
    assert plain(sentence(flat)) == "The score is 3.20. No word stands out: all scores are 0."


def test_the_table_has_the_score_without_each_word_and_no_points() -> None:
    assert render(scored(), width=80).splitlines() == [
        "score  3.20",
        "The score is 3.20. Some words raise it: above all “divine”; without it 2.10.",
        "Some words lower it: above all “dull”; without it 4.00.",
        "",
        "a divine dull film",
        "",
        "word          lowers│raises        without it  score",
        "a                   │▌                   3.15  +0.05",
        "divine              │████████████        2.10  +1.10",
        "dull       ▐████████│                    4.00  -0.80",
        "film                │                    3.20  +0.00",
        "without it: the score when the word is left out (with the word taken out);",
        "score: change in score: + raises the score, - lowers it",
        "",
        "leave-one-out · model tiny · removal delete · 1,234 evaluations + 4 of the",
        "likelihood model · 0.3 s",
    ]
    assert render(scored("an exceedingly dull film"), width=30).splitlines()[10].split() == ["word", "-│+", "score"]
    assert sides(full()) == ("for", "against")


FOUND = {"one": scored(), "two": two_scores(), "errors": scored(std_error=np.full(4, 0.1))}


@pytest.mark.parametrize("found", FOUND.values(), ids=FOUND)
@pytest.mark.parametrize("width", [30, 60, 100])
def test_no_view_speaks_of_probabilities(found: Explanation, width: int) -> None:
    both = Comparison(("a", "b"), (found, found))
    page = parse(found.to_html()).text + parse(elision.report([found])).text
    title = " ".join(re.findall(r'(?:title|aria-label)="([^"]*)"', found.to_html()))
    for text in (render(found, width=width), str(both), page.split("How this is reckoned")[0], title):
        assert WORDS_OF_PROBABILITIES.search(text) is None, WORDS_OF_PROBABILITIES.search(text)


def test_numbers_of_scores_in_other_places() -> None:
    found = scored(std_error=np.full(4, 0.5), lower=None)
    assert (without(found, 1), points(found, 1), interval(found, 1)) == ("2.10", "", "± 0.50")
    assert absence(found) == "without it: the score when the word is left out (with the word taken out)"
    rows = list(csv.DictReader(io.StringIO(found.to_csv())))
    assert [float(row["absent_value"]) for row in rows] == [3.2 - score for score in found.scores]
    assert "absent_probability" not in rows[0]
    assert "absent_probability" in full().to_csv().splitlines()[0]
    half = SCORE | {"model": {"name": "m", "dtype": "bfloat16"}, "rounding": {"rows": 4, "score": 0.5}}
    said = precision(scored(provenance=half))
    assert said == "computed in bfloat16; rounding may move the model's score by about 0.5"
    moved = half | {"rounding": {"rows": 4, "score": 0.5, "moves": 0.021}}
    assert precision(scored(provenance=moved)) == "computed in bfloat16; rounding may move a score by about 0.021"


def test_another_score_has_what_it_is_without_each_word() -> None:
    other = for_class(two_scores(), "length")
    assert (other.value, other.target) == (117.0, "length")
    assert other.absent_values is not None
    assert other.absent_values.tolist() == [107.0, 116.5, 137.0, 117.0]
    said = plain(sentence(other))
    assert said.startswith("length is 117.0. Some words lower it: above all “dull”; without it 137.0.")


def test_a_long_text_is_cut_with_its_scores() -> None:
    cut = abridged(two_scores(), 2)
    assert [unit.text for unit in cut.units] == ["divine", "dull"]
    assert (cut.answer, cut.value) == ("scores", 3.2)
    assert cut.absent_values is not None
    assert cut.absent_values.tolist() == [3.2 - 1.1, 3.2 + 0.8]
    assert cut.candidates is not None
    assert len(cut.candidates) == 2


def test_a_comparison_names_the_score() -> None:
    both = Comparison(("a", "b"), (scored(), scored()))
    lines = str(both).splitlines()
    assert lines[0] == "score  3.20"
    assert "scores: + raises the score, - lowers it; each method has its own unit" in lines
