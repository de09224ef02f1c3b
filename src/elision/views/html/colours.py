"""Colours of scores and groups as CSS writes them: alike on light and dark paper, and in every palette."""

from __future__ import annotations

from elision.views.groups import colour
from elision.views.shared import WEAK


def shade(share: float) -> str:
    """Return how strong a word's colour is; share is between -1 and 1. Which colour, its class and the palette say."""
    return f"--shade:{0.0 if abs(share) < WEAK else 0.12 + 0.58 * abs(share):.2f}"


def sign(share: float) -> str:
    """Return the class that colours and underlines a word: solid for, dashed against, none where it hardly matters."""
    return "none" if abs(share) < WEAK else side(share)


def side(score: float) -> str:
    """Return the class of a bar: for, against or neither."""
    return "plus" if score > 0 else "minus" if score < 0 else "none"


def group_colour(i: int) -> str:
    """Return a group's colour."""
    red, green, blue = colour(i)
    return f"rgb({red},{green},{blue})"
