"""How strongly terminals colour a word or a bar, in all shades or in sixteen colours."""

from __future__ import annotations

import pytest
from rich.console import Console

from elision.views.paint import Paint, paint_for
from elision.views.palettes import find_palette

ALL = Paint(find_palette("red-blue"), colours=True, few=False)
FEW = Paint(find_palette("red-blue"), colours=True, few=True)


@pytest.mark.parametrize(
    ("share", "paper", "ink"),
    [
        (1.0, "#d63c32", "white"),
        (-1.0, "#2d69c8", "white"),
        (0.5, "#e78f89", "black"),
        (-0.1, "#cedcf2", "black"),
        (3.0, "#d63c32", "white"),
    ],
)
def test_a_word_is_the_more_coloured_the_more_it_weighs(share: float, paper: str, ink: str) -> None:
    style = ALL.word(share)
    assert style.bgcolor.get_truecolor().hex == paper
    assert style.color.get_truecolor().hex == {"white": "#ffffff", "black": "#000000"}[ink]


def test_a_weak_word_has_no_colour() -> None:
    for paint in (ALL, FEW):
        assert paint.word(0.01).bgcolor is None
        assert paint.word(-0.01).color is None


def test_sixteen_colours_know_strong_and_less_strong() -> None:
    assert str(FEW.word(0.5)) == "white on red"
    assert str(FEW.word(0.49)) == "red"
    assert str(FEW.word(-0.5)) == "white on blue"
    assert str(FEW.word(-0.49)) == "bright_blue"
    assert str(FEW.bar(0.2)) == "red"
    assert ALL.bar(-0.2).color.get_truecolor().hex == "#2d69c8"


def test_colours_are_called_what_the_terminal_shows() -> None:
    assert (ALL.names, FEW.names) == (("red", "blue"), ("red", "blue"))
    teal = find_palette("orange-teal")
    assert Paint(teal, colours=True, few=False).names == ("orange", "teal")
    assert Paint(teal, colours=True, few=True).names == ("yellow", "cyan")
    assert Paint(teal, colours=False, few=True).names is None


@pytest.mark.parametrize(
    ("system", "no_color", "colours", "few"),
    [
        ("truecolor", False, True, False),
        ("256", False, True, False),
        ("standard", False, True, True),
        ("windows", False, True, True),
        (None, False, False, False),
        ("truecolor", True, False, False),
    ],
)
def test_a_console_has_colours_or_not(system: str | None, no_color: bool, colours: bool, few: bool) -> None:
    console = Console(color_system=system, force_terminal=True, no_color=no_color)
    found = paint_for(console, find_palette("red-blue"))
    assert (found.colours, found.few) == (colours, few)
