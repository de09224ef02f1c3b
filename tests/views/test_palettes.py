"""Palettes: their colours, told apart by everyone, and their names."""

from __future__ import annotations

import pytest

from elision.errors import OptionError
from elision.views.palettes import BLUE, DEFAULT, PALETTES, RED, find_palette


def test_red_speaks_for_and_blue_against() -> None:
    own = find_palette("red-blue")
    assert DEFAULT == own.name
    assert (own.of(0.1), own.of(-0.1), own.of(0.0)) == (RED, BLUE, BLUE)


@pytest.mark.parametrize("name", PALETTES)
def test_both_colours_are_as_dark_and_differ_in_red_and_in_blue(name: str) -> None:
    own = PALETTES[name]
    assert own.name == name == "-".join(own.names)
    # Whoever lacks one kind of cones still sees one of the two differences.
    assert own.towards[0] - own.away[0] > 150
    assert own.away[2] - own.towards[2] > 100


def test_a_palette_that_is_none_is_refused() -> None:
    with pytest.raises(OptionError, match=r"^palette must be one of red-blue, orange-teal; got 'grey'$"):
        find_palette("grey")
