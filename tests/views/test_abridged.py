"""Long texts: the words that weigh most, with their scores and places."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from toys.command import Command, refused

import elision
from elision.views.abridged import abridged

TEXT = "a good film"




def test_a_long_text_shows_the_words_that_weigh_most(run: Command, tmp_path: Path) -> None:
    file = tmp_path / "long.txt"
    file.write_text("a good film , not dull " * 18000)
    outcome = run.explain("--file", str(file))
    assert (outcome.code, outcome.err) == (0, "")
    assert len(outcome.out.splitlines()) < 80
    assert outcome.out.endswith("\nof 62 words the 40 that weigh most are shown; --all shows all\n")
    assert sum("│" in line for line in outcome.out.splitlines()) == 1 + 40
    few = run.explain("--file", str(file), "--top", "2").out
    assert len(few.splitlines()) < 20
    assert few.endswith("of the text, what stands around these words is shown; --all shows all\n")
    whole = run.explain("--file", str(file), "--all").out
    assert len(whole.splitlines()) > 4000
    assert "--all" not in whole
    assert "--all" not in run.explain(TEXT).out + run.explain(TEXT, "--top", "1").out
    assert refused(run.explain(TEXT, "--top", "2", "--all")) == "--top and --all exclude each other; leave one out"


def test_an_abridged_explanation_keeps_scores_and_places(run: Command) -> None:
    long = " ".join(f"good film number {i}, which is dull and not bad," for i in range(100))
    with pytest.warns(elision.ElisionWarning, match="the model reads 256 tokens"):
        explanation = elision.explain(long, method="leave-one-out")
    found = abridged(explanation, 7)
    strongest = sorted(np.argsort(-np.abs(explanation.scores), kind="stable")[:7].tolist())
    assert found.scores.tolist() == explanation.scores[strongest].tolist()
    assert [unit.text for unit in found.units] == [explanation.units[i].text for i in strongest]
    assert all(found.segments[0][unit.start : unit.end] == unit.text for unit in found.units)
    assert len(found.segments[0]) < 1000
    for piece in found.segments[0].split("…"):
        assert piece.strip() in long
    assert abridged(found, 7) is found


def test_an_abridged_pair_keeps_both_texts_and_its_groups(run: Command) -> None:
    pair = ("a good film " * 300, "not dull")
    with pytest.warns(elision.ElisionWarning, match="the model reads 64 tokens"):
        explanation = elision.explain(pair, model=run.classifier, method="group-masks", k=4)
    found = abridged(explanation, 5)
    assert len(found.units) == 5
    assert found.segments[1] == "not dull"
    assert len(found.segments[0]) < 2000
    for group, own in zip(found.groups, explanation.groups, strict=True):
        assert len(group.membership) == 5
        assert {unit.text for unit in group.units} == {unit.text for unit in own.units}
    assert str(found)


def test_one_word_as_long_as_a_book_is_cut() -> None:
    model = elision.load(lambda texts: [[0.2, 0.8]] * len(texts), labels=["bad", "good"])
    found = abridged(elision.explain("good" * 2000, model=model, method="leave-one-out"), 40)
    assert len(found.segments[0]) < 400
    assert found.segments[0][found.units[0].start : found.units[0].end] == found.units[0].text
