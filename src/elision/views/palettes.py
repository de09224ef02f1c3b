"""Palettes: which colour speaks for the class explained and which against it."""

from __future__ import annotations

from dataclasses import dataclass

from elision.errors import require_one_of

Colour = tuple[int, int, int]

RED: Colour = (214, 60, 50)
BLUE: Colour = (45, 105, 200)


@dataclass(frozen=True, slots=True)
class Palette:
    """Two colours with their names.

    Attributes:
        name: as users write it.
        towards: of what speaks for the class explained.
        away: of what speaks against it.
        names: of both, as sentences say them.
        few: both, as terminals with 16 colours name them, dark behind a word and light for its letters or bar.
    """

    name: str
    towards: Colour
    away: Colour
    names: tuple[str, str]
    few: tuple[tuple[str, str], tuple[str, str]]

    def of(self, score: float) -> Colour:
        """Return the colour of a score."""
        return self.towards if score > 0 else self.away


PALETTES = {
    palette.name: palette
    for palette in (
        Palette("red-blue", RED, BLUE, ("red", "blue"), (("white on red", "red"), ("white on blue", "bright_blue"))),
        Palette(
            "orange-teal",
            (200, 110, 0),
            (0, 128, 120),
            ("orange", "teal"),
            (("black on yellow", "yellow"), ("black on cyan", "cyan")),
        ),
    )
}
"""Red and blue; and for where red for "positive" misleads, orange and teal, which colour blindness leaves apart too."""

DEFAULT = "red-blue"


def find_palette(name: str) -> Palette:
    """Return a palette by name.

    Raises:
        OptionError: no palette has the name.
    """
    require_one_of("palette", name, tuple(PALETTES))
    return PALETTES[name]
