"""How a terminal's colours show scores: all shades where it has them, two of its own 16 colours where it has not."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console
from rich.style import Style

from elision.views.palettes import Colour, Palette
from elision.views.shared import WEAK

_STRONG = 0.5
_FEW = ("standard", "windows")


@dataclass(frozen=True)
class Paint:
    """Styles of words and bars.

    Attributes:
        palette: colours for and against.
        colours: whether the terminal has any.
        few: whether it has no more than 16, of which the nearest to two shades may be the same.
    """

    palette: Palette
    colours: bool
    few: bool

    @property
    def names(self) -> tuple[str, str] | None:
        """The colours' names as this terminal shows them, or None where it has none."""
        if not self.colours:
            return None
        towards, away = (light.removeprefix("bright_") for _, light in self.palette.few)
        return (towards, away) if self.few else self.palette.names

    def word(self, share: float) -> Style:
        """Return what lies behind a word: its side's colour, the stronger the more; nothing for a weak one."""
        if abs(share) < WEAK:
            return Style()
        if self.few:
            dark, light = self.palette.few[share < 0]
            return Style.parse(dark if abs(share) >= _STRONG else light)
        weight = 0.15 + 0.85 * min(abs(share), 1.0)
        paper = _mixed(self.palette.of(share), weight)
        return Style(bgcolor=_rgb(paper), color="rgb(0,0,0)" if _bright(paper) else "rgb(255,255,255)")

    def bar(self, share: float) -> Style:
        """Return the colour of a bar or a number."""
        return Style.parse(self.palette.few[share < 0][1] if self.few else _rgb(self.palette.of(share)))


def paint_for(console: Console, palette: Palette) -> Paint:
    """Return the styles for a console."""
    has = console.color_system is not None and not console.no_color
    return Paint(palette, has, console.color_system in _FEW)


def _mixed(colour: Colour, weight: float) -> Colour:
    """Return a colour mixed with white."""
    red, green, blue = (round(255 + (channel - 255) * weight) for channel in colour)
    return red, green, blue


def _bright(colour: Colour) -> bool:
    """Tell whether black letters are read more easily on a colour than white ones (WCAG's relative luminance)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] > 0.179


def _rgb(colour: Colour) -> str:
    return f"rgb({colour[0]},{colour[1]},{colour[2]})"
