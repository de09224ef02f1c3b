"""Pairs with groups, in the terminal and in HTML: numerals under words, groups by importance, interactions."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest

import elision
from elision.results.explanation import Group, Interaction
from elision.text import Unit
from elision.views.groups import numeral
from elision.views.html import fragment
from elision.views.terminal import render, view

UNITS = (Unit("two", 0, 3), Unit("<b>cats", 4, 11), Unit("one", 0, 3, 1), Unit("dog", 4, 7, 1), Unit("!", 8, 9, 1))


def grouped(**changes: Any) -> elision.Explanation:
    """Return an explanation with two groups; the last unit is in none."""
    first, second = np.array([0.0, 1.0, 0.3, 0.9, 0.0]), np.array([1.0, 0.0, 0.7, 0.1, 0.0])
    return elision.Explanation(
        **{
            "segments": ("two <b>cats", "one dog !"),
            "units": UNITS,
            "scores": np.array([0.1, 0.8, 0.25, 0.4, 0.0001]),
            "target": "no",
            "labels": ("yes", "no"),
            "probabilities": np.array([0.2, 0.8]),
            "groups": (
                Group((UNITS[1], UNITS[3]), 0.75, 0.05, first),
                Group((UNITS[0], UNITS[2]), 0.25, 1.15, second),
            ),
            "interactions": (
                Interaction(UNITS[1], UNITS[3], 1.25, 1.0),
                Interaction(UNITS[0], UNITS[3], -0.5, -0.25),
                Interaction(UNITS[0], UNITS[1], 2.0, 2.0),
            ),
            "provenance": {
                "method": "group-masks",
                "model": {"name": "tiny"},
                "removal": {"name": "drop"},
                "behaviour": {"name": "log_probability", "unit": "nats"},
                "scores": {"name": "weighted attribution", "unit": "probability", "signed": False},
                "evaluations": 33,
                "seconds": 0.25,
            },
            **changes,
        }
    )


def test_the_whole_of_a_pair_with_groups() -> None:
    assert render(grouped(), width=70).split("\n") == [
        "no  80.0 %",
        "The answer no rests most on “<b>cats” together with “dog”: group 1,",
        "75.0 % of the importance.",
        "",
        "text 1  two <b>cats",
        "        2   1",
        "text 2  one dog !",
        "        2   1",
        "",
        "group  importance  loss  words of text 1  words of text 2",
        "1          75.0 %  0.05  <b>cats          dog 90.0 %",
        "2          25.0 %  1.15  two              one 70.0 %",
        "strongest interactions (nats): <b>cats + dog +1.25, two + dog -0.50",
        "",
        "text  word                               score       group",
        "   1  two      ███                       0.100   2 (100 %)",
        "   1  <b>cats  ████████████████████████  0.800   1 (100 %)",
        "   2  one      ████████                  0.250  2 (70.0 %)",
        "   2  dog      ████████████              0.400  1 (90.0 %)",
        "   2  !                                  0.000",
        "score: weighted attribution for no",
        "",
        "group-masks · model tiny · removal drop · 33 evaluations · 0.2 s",
    ]


@pytest.mark.parametrize("width", [20, 33, 40, 58])
def test_numerals_stay_under_their_words_where_lines_wrap(width: int) -> None:
    words = "猫 likes warm milk and 犬 likes bones and long walks in the rain".split()
    text, units, cursor = " ".join(words), [], 0
    for word in words:
        units.append(Unit(word, cursor, cursor + len(word)))
        cursor += len(word) + 1
    shares = np.eye(3)[np.arange(len(units)) % 3]
    groups = tuple(Group((), 1 / 3, 0.1, shares[:, i]) for i in range(3))
    lines = render(
        grouped(segments=(text,), units=tuple(units), scores=np.ones(len(units)), groups=groups, interactions=None),
        width=width,
    ).split("\n")
    start = lines.index("") + 1
    lines = lines[start : lines.index("", start)]

    def columns(line: str) -> dict[int, str]:
        place, found = 0, {}
        for c in line:
            found[place] = c
            place += 2 if c in "猫犬" else 1
        return found

    seen = []
    for above, below in zip(lines[::2], lines[1::2], strict=True):
        assert sum(2 if c in "猫犬" else 1 for c in above) <= width
        top, marks = columns(above), columns(below)
        for place in sorted(marks):
            if marks[place] != " ":
                word = ""
                while place in top and top[place] != " ":
                    word += top[place]
                    place += 2 if top[place] in "猫犬" else 1
                seen.append((word, marks[place - len(word) - sum(c in "猫犬" for c in word)]))
    assert seen == [(word, "123"[i % 3]) for i, word in enumerate(words)]


def test_groups_have_numerals_in_the_order_of_importance() -> None:
    assert [numeral(i) for i in (0, 1, 25, 30)] == ["1", "2", "26", "31"]


def test_an_explanation_without_interactions_or_second_text_has_fewer_lines() -> None:
    small = (Interaction(UNITS[1], UNITS[3], 0.004, 0.004), Interaction(UNITS[0], UNITS[3], 0.5, 0.004))
    assert "(nats): two + dog +0.50\n" in render(grouped(interactions=small))
    text = render(grouped(interactions=None))
    assert "interactions" not in text
    assert "strongest interactions" not in fragment(grouped(interactions=None))


def test_colours_of_words_and_numerals_differ() -> None:
    from rich.console import Console

    console = Console(width=80, force_terminal=True, color_system="truecolor", file=io.StringIO(), record=True)
    console.print(view(grouped(), width=80))
    styled = console.export_text(styles=True)
    assert "38;2;213;94;0m1" in styled
    assert "38;2;0;114;178m2" in styled
    assert "48;2;" in styled


def test_narrow_terminals_get_a_line_for_each_group() -> None:
    lines = render(grouped(), width=44).split("\n")
    assert "1 75.0 %, loss 0.05: <b>cats | dog 90.0 %" in lines
    assert "importance  loss" not in " ".join(lines)


def test_a_word_wider_than_the_terminal_is_shortened_above_its_numeral() -> None:
    units = (Unit("w" * 60, 0, 60), Unit("x", 61, 62))
    shares = np.array([1.0, 1.0])
    explanation = grouped(
        segments=("w" * 60 + " x",),
        units=units,
        scores=np.array([0.5, 0.4]),
        groups=(Group(units, 1.0, 0.1, shares),),
        interactions=None,
    )
    lines = render(explanation, width=30).split("\n")
    assert lines[lines.index("") + 1 :][:4] == ["w" * 29 + "…", "1", "x", "1"]


def test_numerals_longer_than_their_words_push_the_words_apart() -> None:
    units = tuple(Unit("ab"[i], 2 * i, 2 * i + 1) for i in range(2))
    groups = tuple(Group((), 1 / 28, 0.1, np.array([float(i == 26), float(i == 27)])) for i in range(28))
    explanation = grouped(segments=("a b",), units=units, scores=np.array([0.5, 0.4]), groups=groups, interactions=None)
    lines = render(explanation).split("\n")
    assert lines[lines.index("") + 1 :][:2] == ["a  b", "27 28"]
