"""Fonts: which of them draws a text, and how wide it gets."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties, findfont, fontManager
from matplotlib.ft2font import FT2Font

from elision.text import clusters
from elision.views.shared import visible

FAMILY = "DejaVu Sans"
UNKNOWN = "\ufffd"
_DOTS_AN_INCH = 720
_RENDERER: Any = RendererAgg(8, 8, _DOTS_AN_INCH)  # type: ignore[no-untyped-call]


def readable(text: str) -> tuple[str, tuple[str, ...]]:
    """Return a text in one line and the font families that draw it.

    Characters of other scripts than DejaVu Sans knows come from a font of this machine, or, where none has them,
    become U+FFFD, so that nothing warns of missing glyphs.
    """
    families = [FAMILY]
    shown = []
    for character in visible(text):
        family = _family_of(character)
        if family is not None and family not in families:
            families.append(family)
        shown.append(UNKNOWN if family is None else character)
    return "".join(shown), tuple(families)


@lru_cache(maxsize=4096)
def measure(text: str, size: float, *, bold: bool = False) -> float:
    """Return a text's width in inches, at a size in points."""
    shown, families = readable(text)
    if not shown:
        return 0.0
    font = FontProperties(family=list(families), size=size, weight="bold" if bold else "normal")
    width, _, _ = _RENDERER.get_text_width_height_descent(shown, font, False)
    return float(width) / _DOTS_AN_INCH


def fitted(text: str, size: float, room: float, *, bold: bool = False) -> str:
    """Return a text cut at its end so that it is at most room inches wide; at least one character stays."""
    if measure(text, size, bold=bold) <= room:
        return text
    ends = [end for _, end in clusters(text)]
    lowest, highest = 0, len(ends) - 1
    while lowest < highest:
        middle = (lowest + highest + 1) // 2
        if measure(text[: ends[middle]] + "…", size, bold=bold) <= room:
            lowest = middle
        else:
            highest = middle - 1
    return text[: ends[lowest]] + "…"


def broken(text: str, size: float, room: float) -> list[str]:
    """Return a text in parts of at most room inches, cut between character clusters."""
    parts = [""]
    for start, end in clusters(text) if measure(text, size) > room else [(0, len(text))]:
        if parts[-1] and measure(parts[-1] + text[start:end], size) > room:
            parts.append("")
        parts[-1] += text[start:end]
    return parts


@lru_cache(maxsize=4096)
def _family_of(character: str) -> str | None:
    """Return a font family that has the character, DejaVu Sans before all others; None where no font has it."""
    code = ord(character)
    if code in _codes(findfont(FAMILY)):
        return FAMILY
    # Last Resort draws every character as a box with its code, and matplotlib warns of it.
    others = {entry.name: entry.fname for entry in fontManager.ttflist if not entry.name.startswith("Last Resort")}
    for name in sorted(others, key=lambda name: ("Sans" not in name, name)):
        if code in _codes(others[name]):
            return name
    return None


@lru_cache(maxsize=512)
def _codes(path: str) -> frozenset[int]:
    """Return the characters that a font file has; none where it cannot be read."""
    try:
        return frozenset(FT2Font(path).get_charmap())
    except (OSError, RuntimeError):
        return frozenset()
