"""Colours of scores and groups as CSS writes them: alike on light and dark paper."""

from __future__ import annotations

from elision.views.groups import colour
from elision.views.shared import BLUE, RED

LEAST_SHOWN = 0.02


def paper(share: float) -> str:
    """Return what lies behind a word: red for, blue against, the stronger the more; share is between -1 and 1."""
    red, green, blue = RED if share > 0 else BLUE
    alpha = 0.0 if abs(share) < LEAST_SHOWN else 0.12 + 0.58 * abs(share)
    return f"rgba({red},{green},{blue},{alpha:.2f})"


def sign(share: float) -> str:
    """Return the class that underlines a word: solid for, dashed against, none where it hardly matters."""
    return "none" if abs(share) < LEAST_SHOWN else "plus" if share > 0 else "minus"


def group_colour(i: int) -> str:
    """Return a group's colour."""
    red, green, blue = colour(i)
    return f"rgb({red},{green},{blue})"
