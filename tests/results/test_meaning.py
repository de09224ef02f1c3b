"""What scores mean: name, unit, sign; where it comes from, and what views say of it."""

from __future__ import annotations

from typing import Any

import pytest
from toys.reports import PROVENANCE, explained, parse

import elision
from elision.errors import OptionError
from elision.results.explanation import Explanation
from elision.results.meaning import Meaning, change_in, meaning_of
from elision.runs.collection import collect
from elision.runs.file import labelled
from elision.views.shared import meaning, score_title
from elision.views.terminal import render
from elision.views.words import unit_hint


@pytest.mark.parametrize(
    ("behaviour", "unit", "title"),
    [
        ("log_odds", "bits", "weight of evidence, bits"),
        ("probability", "probability", "change in probability"),
        ("log_probability", "nats", "change in log probability, nats"),
        ("logit", "nats", "change in logit, nats"),
        ("similarity", "similarity", "similarity"),
        ("score", "score", "change in score"),
        ("temper", "degrees", "change in temper, degrees"),
    ],
)
def test_changes_of_what_is_watched(behaviour: str, unit: str, title: str) -> None:
    found = change_in(behaviour, unit)
    assert (found.title, found.signed, found.range, found.adds_up_to) == (title, True, None, None)
    assert found.unit == ("" if behaviour == "score" else unit)
    assert meaning_of({"behaviour": {"name": behaviour, "unit": unit}}) == found


def test_a_meaning_is_given_and_kept_apart_from_the_provenance() -> None:
    own = Meaning("loudness", "decibels", signed=False, range=(0.0, 120.0), adds_up_to="all the noise")
    found = explained(scores=[1.0, 2.0, 3.0, 4.0], meaning=own)
    assert found.meaning is own
    assert (found.unit_of_scores, score_title(found)) == ("decibels", "loudness, decibels")
    assert meaning(found) == "loudness, decibels for positive"
    again = Explanation.from_json(found.to_json())
    assert again.meaning == own
    assert found.to_dict()["meaning"]["range"] == [0.0, 120.0]
    assert found.replace(provenance={}).meaning == own


@pytest.mark.parametrize(
    ("changes", "hint"),
    [
        ({}, "one bit doubles the odds"),
        ({"scores": {"name": "information, bits", "unit": "bits", "signed": False}}, ""),
        ({"behaviour": {"name": "logit", "unit": "nats"}}, ""),
        ({"method": "random"}, ""),
        ({"method": "random", "behaviour": {"name": "probability", "unit": "probability"}}, ""),
    ],
)
def test_bits_are_explained_where_they_are_log_odds(changes: dict[str, Any], hint: str) -> None:
    assert unit_hint(explained(provenance=PROVENANCE | changes)) == hint


def test_a_provenance_that_does_not_say_it_is_refused() -> None:
    with pytest.raises(OptionError, match="an explanation's provenance must say what the scores are by name and unit"):
        meaning_of({"scores": ["bits"]})


def test_methods_say_what_their_scores_mean(keywords: elision.BlackBox) -> None:
    found = {
        name: elision.explain("a good film", model=keywords, method=name).meaning
        for name in ("leave-one-out", "word-masks", "group-masks", "random", "shapley")
    }
    assert found == {
        "leave-one-out": Meaning("weight of evidence", "bits"),
        "word-masks": Meaning("probability of being kept", "probability", signed=False, range=(0.0, 1.0)),
        "group-masks": Meaning("weighted attribution", "probability", signed=False),
        "random": Meaning("random score", range=(-1.0, 1.0)),
        "shapley": Meaning("weight of evidence", "bits", adds_up_to="the answer's change from no words to all"),
    }


def test_views_say_what_scores_add_up_to(keywords: elision.BlackBox) -> None:
    found = elision.explain("a good film", model=keywords, method="shapley")
    said = "one bit doubles the odds; all scores add up to the answer's change from no words to all"
    assert f"- against it; {said}" in " ".join(render(found, width=200).split())
    assert said in parse(found.to_html()).text
    assert "add up" not in render(explained(), width=200)
    # What they add up to is no reason to keep explanations apart.
    both = collect(labelled([found, found.replace(meaning=Meaning("weight of evidence", "bits"))]))
    assert len(both.kinds) == 1
