"""What views say in plain words: no more than the scores do, alike in the terminal and on the page."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from toys.reports import PROVENANCE, explained, full, grouped, parse

import elision
from elision.explainers.registry import methods
from elision.results.comparison import Comparison
from elision.results.explanation import Explanation, Group
from elision.results.findings import Rationale
from elision.results.meaning import Meaning
from elision.views import comparison, terminal
from elision.views.html import document
from elision.views.html.assets import asset
from elision.views.palettes import PALETTES, find_palette
from elision.views.shared import precision
from elision.views.words import absence, for_class, plain, sentence

RED_BLUE, NEUTRAL = PALETTES["red-blue"], PALETTES["orange-teal"]
ABSENT = np.array([0.7, 0.9, 0.14, 0.75])


def said(found: Explanation, **settings: Any) -> str:
    return plain(sentence(found, settings.get("colours", RED_BLUE.names)))


def of(method: str, **scores: Any) -> dict[str, Any]:
    own = {"name": "a size", "unit": "probability", "signed": False} if scores.get("signed") is False else None
    return PROVENANCE | {"method": method} | ({"scores": own} if own else {})


def test_the_answer_without_the_strongest_word_of_each_side() -> None:
    found = explained(scores=[0.1, -1.0, 2.0, 0.0], absent_probabilities=ABSENT)
    assert said(found) == (
        "Red words push towards positive: above all “film”; without it 14.0 %, with it 75.0 %. "
        "Blue words push away from it: above all “deep”; without it 90.0 %."
    )
    assert said(found, colours=NEUTRAL.names).startswith("Orange words push towards positive")
    assert "Teal words push away" in said(found, colours=NEUTRAL.names)
    assert said(found, colours=None).startswith("Some words push towards positive")


def test_a_side_whose_words_have_no_colour_is_not_spoken_of() -> None:
    found = explained(scores=[0.1, -0.1, 2.0, 0.0], absent_probabilities=ABSENT)
    assert said(found) == "Red words push towards positive: above all “film”; without it 14.0 %, with it 75.0 %."


def test_a_class_that_is_not_predicted_is_said_to_be_so() -> None:
    found = explained(target="negative", scores=[0.0, 2.0, 0.0, 0.0], absent_probabilities=ABSENT)
    assert said(found).startswith(
        "The model says positive; explained here is negative. Red words push towards negative"
    )
    assert said(found).endswith("above all “deep”; without it 90.0 %, with it 25.0 %.")


@pytest.mark.parametrize(
    ("spread", "why"),
    [
        ({"std_error": np.full(4, 1.1)}, "the error of the strongest score, that of “film”, is as large as the score"),
        (
            {"lower": np.full(4, -3.0), "upper": np.full(4, 4.0)},
            "the uncertainty of the strongest score, that of “film”, is as large as the score",
        ),
    ],
)
def test_nothing_stands_out_where_the_interval_holds_0(spread: dict[str, Any], why: str) -> None:
    found = explained(scores=[0.1, -1.0, 2.0, 0.0], absent_probabilities=ABSENT, **spread)
    assert said(found) == f"No word stands out: {why}."


def test_a_sure_word_is_named_before_one_that_may_be_chance() -> None:
    found = explained(scores=[0.1, -1.0, 2.0, 0.0], absent_probabilities=ABSENT, std_error=np.array([0, 0.1, 1.5, 0]))
    assert said(found) == "Blue words push away from positive: above all “deep”; without it 90.0 %, with it 75.0 %."


def test_words_whose_errors_overlap_are_named_together() -> None:
    errors = np.full(5, 0.5)
    found = explained("a deep long film .", [2.0, 2.5, 0.1, -0.2, 0.0], absent_probabilities=np.full(5, 0.5))
    assert "above all “deep”;" in said(found)
    found = explained("a deep long film .", found.scores, absent_probabilities=np.full(5, 0.5), std_error=errors)
    assert said(found) == (
        "Red words push towards positive: above all “deep” (without it 50.0 %) and “a” (without it 50.0 %); "
        "with all words 75.0 %."
    )
    many = explained(" ".join("abcdefghij"), [2.0, 2.1, 2.2, 2.3] + [0.0] * 6, std_error=np.full(10, 0.2))
    assert said(many).startswith(
        "Red words speak for positive: above all “d” (+2.30 bits); 3 others may weigh as much."
    )


@pytest.mark.parametrize(
    ("scores", "why"),
    [
        ([1.0, 1.0, 0.99, 1.0], "most weigh about as much as the strongest, “a”"),
        ([0.0, 0.0, 0.0, 0.0], "all scores are 0"),
    ],
)
@pytest.mark.parametrize("signed", [True, False])
def test_nothing_stands_out_among_equals(scores: list[float], why: str, signed: bool) -> None:
    assert said(explained(scores=scores, provenance=of("lime", signed=signed))) == f"No word stands out: {why}."


def test_scores_without_an_answer_claim_none() -> None:
    found = said(explained(scores=[0.1, -1.0, 2.0, 0.0], provenance=of("shapley")))
    assert found == (
        "Red words speak for positive: above all “film” (+2.00 bits). Blue words speak against it: above all “deep” "
        "(-1.00 bits). The scores: each word's fair share of the answer."
    )
    assert "without" not in said(explained(provenance=of("integrated-gradients")))
    assert said(explained(provenance=of("of-my-own"))).endswith("“film” (+1.00 bits).")


def test_scores_without_a_sign_speak_for_nothing() -> None:
    found = said(explained(scores=[0.1, 0.5, 0.2, 0.0], provenance=of("saliency", signed=False)))
    assert found == (
        "“deep” (0.500) has the highest score. Scores say how much, not for or against. "
        "The scores: how steeply the answer changes with a word's vector."
    )
    attention = said(explained(scores=[0.1, 0.5, 0.2, 0.0], provenance=of("attention", signed=False)))
    assert "a baseline, no explanation" in attention
    assert not re.search("push|towards|Red|Blue", found + attention)


def test_random_scores_say_nothing() -> None:
    assert said(explained(provenance=of("random"))).startswith("These scores are random numbers")


def test_every_listed_method_has_a_sentence() -> None:
    for method in methods():
        for signed in (True, False):
            assert said(explained(provenance=of(method.name, signed=signed))).endswith(".")


def test_groups_are_told_by_their_words() -> None:
    assert said(grouped()) == (
        "The answer positive rests most on “<b>cats” together with “dog”: group 1, 75.0 % of the importance."
    )
    plain_ = explained()
    alike = tuple(Group((unit,), 0.25, 0.1, np.eye(4)[i]) for i, unit in enumerate(plain_.units))
    assert said(explained(groups=alike)) == "No group of words stands out: 4 groups matter alike."


def test_nothing_is_said_of_nothing() -> None:
    none = Explanation(
        segments=("",), units=(), scores=np.array([]), target="a", labels=("a",), probabilities=np.array([1.0])
    )
    assert sentence(none) == ()
    assert "words" not in terminal.render(none).split("\n")[1]


@pytest.mark.parametrize("behaviour", ["log_odds", "logit", "log_probability", "probability"])
def test_another_classs_answer_without_a_word_is_that_of_the_model(behaviour: str) -> None:
    def judge(texts: list[str]) -> list[list[float]]:
        rows = [[1.0 + t.count("good"), 2.0 + 3 * t.count("bad"), 1.0 + t.count("film")] for t in texts]
        return [[value / sum(row) for value in row] for row in rows]

    model = elision.load(judge, labels=["good", "bad", "other"])
    method = elision.LeaveOneOut(removal="delete", behaviour=behaviour)
    first = method(model, "a good bad film", target="good")
    for label in model.labels:
        asked = method(model, "a good bad film", target=label)
        assert for_class(first, label).absent_probabilities == pytest.approx(asked.absent_probabilities, abs=1e-9)
        assert plain(sentence(for_class(first, label))) == plain(sentence(asked))


def test_the_terminal_and_the_page_say_the_same() -> None:
    found = full()
    page = parse(document(found)).all("p", class_="sentence")[0]
    coloured = Console(file=io.StringIO(), width=300, force_terminal=True, color_system="truecolor")
    coloured.print(terminal.view(found))
    shown = re.sub(r"\x1b\[[\d;]*m", "", coloured.file.getvalue()).split("\n")[1].rstrip()  # type: ignore[attr-defined]
    assert page.text.replace("\u00a0", " ") == shown == said(found)


DTYPE = PROVENANCE | {"model": {"name": "tiny", "dtype": "float32"}}
ROUNDED = PROVENANCE | {
    "model": {"name": "tiny", "dtype": "bfloat16"},
    "rounding": {"rows": 8, "moves": 0.0213},
}


def test_every_footer_names_the_precision() -> None:
    assert precision(explained(provenance=DTYPE)) == "computed in float32"
    told = "computed in bfloat16; rounding may move a score by about 0.021 bits"
    found = explained(provenance=ROUNDED)
    assert precision(found) == told
    assert told in " ".join(terminal.render(found).split())
    assert f"{told[0].upper()}{told[1:]}." in parse(document(found)).text
    both = Comparison(("a", "b"), (found, explained(provenance=DTYPE)))
    assert str(both).rstrip().split("\n")[-2:] == [told, "computed in float32"]
    page = parse(elision.report([found, explained(provenance=DTYPE)])).all("p", class_="footer")[0].text
    assert page == "Computed in bfloat16; rounding may move a score by about 0.021 bits; computed in float32."


def test_rounding_is_told_in_points_where_scores_are_in_no_unit_of_the_answer() -> None:
    record = ROUNDED | {"rounding": {"rows": 8, "probability": 0.00123}}
    told = "computed in bfloat16; rounding may move a probability by about 0.12 percentage points"
    assert precision(explained(provenance=record)) == told
    record = ROUNDED | {"gradients": {"dtype": "float32"}}
    assert precision(explained(provenance=record)).endswith("0.021 bits; gradients in float32")
    assert "gradients" not in precision(explained(provenance=record | {"gradients": {"dtype": "bfloat16"}}))


def test_a_function_has_no_precision() -> None:
    for view in (terminal.render(explained()), document(explained()), elision.report([explained()])):
        assert "omputed in " not in view.replace("Computed in what", "")


def sent(found: Explanation | Comparison, system: str, **settings: Any) -> str:
    console = Console(file=io.StringIO(), force_terminal=True, width=100, color_system=system)  # type: ignore[arg-type]
    view = terminal.view if isinstance(found, Explanation) else comparison.view
    console.print(view(found, **settings))  # type: ignore[arg-type]
    return str(console.file.getvalue())  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("palette", "strong", "weak"),
    [
        ("red-blue", ("37;41", "37;44"), ("31", "94")),
        ("orange-teal", ("30;43", "30;46"), ("33", "36")),
    ],
)
def test_sixteen_colours_tell_for_from_against(
    palette: str, strong: tuple[str, str], weak: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    written = sent(explained("good bad fair poor so", [2.0, -2.0, 0.8, -0.8, 0.1]), "standard", palette=palette)
    for word, code in zip(("good", "bad", "fair", "poor"), (*strong, *weak), strict=True):
        assert f"\x1b[{code}m{word}\x1b" in written
    assert f"\x1b[{weak[0]}m█" in written
    assert f"\x1b[{weak[1]}m█" in written
    assert re.search(r"m so\x1b|mso\x1b", written) is None
    names = {"red-blue": ("Red", "Blue"), "orange-teal": ("Yellow", "Cyan")}[palette]
    assert all(f"{name} words" in written for name in names)
    compared = sent(Comparison(("a",), (explained(scores=[1.0, -1.0, 0.0, 0.05]),)), "standard", palette=palette)
    assert re.search(rf"\x1b\[{weak[0]}m *\+1\.00", compared)
    assert re.search(rf"\x1b\[{weak[1]}m *-1\.00", compared)
    assert re.search(r"\dm *\+0\.05", compared) is None


def test_weak_words_have_no_colour_in_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    written = sent(explained("all weak some", [2.0, 0.19, 0.21]), "truecolor")
    assert re.search(r"48;2;[\d;]*msome", written)
    assert re.search(r"48;2;[\d;]*mweak", written) is None
    assert "no colour: under 10 % of the strongest" in written


def test_without_colours_no_colour_is_spoken_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    for written in (sent(full(), "truecolor"), terminal.render(full())):
        assert not re.search("(?i)red words|blue words|colour", written)
        assert "Some words push" in written


def test_pages_have_the_palettes_of_the_terminal() -> None:
    style = asset("report.css")
    for palette in PALETTES.values():
        for name, colour in (("plus", palette.towards), ("minus", palette.away)):
            assert f"--{name}-rgb: {' '.join(map(str, colour))};" in style
    with pytest.raises(elision.OptionError, match="palette must be one of red-blue, orange-teal; got 'pink'"):
        find_palette("pink")
    for show in (terminal.render, document, lambda found, palette: elision.report([found], palette=palette)):
        with pytest.raises(elision.OptionError, match="palette must be one of"):
            show(explained(), palette="pink")  # type: ignore[operator]
    both = Comparison(("a",), (explained(),))
    pages = explained().to_html(palette="orange-teal"), both.to_html(palette="orange-teal")
    for page in (*pages, elision.report([explained()], palette="orange-teal")):
        assert 'data-palette="orange-teal"' in page


def test_without_it_says_how_several_removals_leave_a_word_out() -> None:
    def of_several(**changes: Any) -> str:
        record = PROVENANCE | {"removal": {"name": "drop+mask+delete"}}
        return absence(explained(absent_probabilities=ABSENT, provenance=record, **changes))

    assert of_several().startswith(
        "without it: the probability when the word is left out (on average: with the model not looking at it, "
        "with a mask in its place and with the word taken out); points"
    )
    sets = (Rationale("necessary", explained().units[:1], {"drop": 0.1}),)
    assert "left out (on average: drop, mask and delete); points" in of_several(rationales=sets)


def test_what_scores_are_is_said_where_they_are_not_the_change_that_a_word_makes() -> None:
    shares = Meaning("change in probability", "probability", adds_up_to="all")
    found = explained(absent_probabilities=ABSENT, provenance=of("leave-one-out"), meaning=shares)
    assert said(found).endswith(" The scores: the answer less that without the word.")
    assert "The scores" not in said(found.replace(meaning=replace(shares, adds_up_to=None)))
