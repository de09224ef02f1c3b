"""Scores as bars with intervals."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from elision.arrays import Floats
from elision.errors import require_count
from elision.results.explanation import Explanation
from elision.views.figures.flow import EMPTY
from elision.views.figures.fonts import fitted, measure
from elision.views.figures.page import (
    GREY,
    INK,
    MARGIN,
    PALE,
    POINT,
    SIZE,
    SMALL,
    Page,
    drawn,
    hexadecimal,
    label,
    score_text,
)
from elision.views.palettes import BLUE, RED
from elision.views.shared import headline, interval_ends, meaning

_ROW = 0.22
_PANEL = 3.6
_LONGEST_WORD = 2.0
_BETWEEN_TEXTS = 0.6


@drawn
def bars(explanation: Explanation, *, top: int | None = None) -> Figure:
    """Draw a bar for each unit's score, to the right for what is explained and to the left against it.

    Intervals are 95 % (1.96 standard errors) where scores were sampled, else the bounds that hold whatever truncated
    candidates would have said; nothing where scores are exact.

    Args:
        explanation: what to draw.
        top: only the so many units that weigh most, the strongest first; None for all in reading order.
    Returns:
        A figure as high as its units need.
    Raises:
        OptionError: top is less than 1.
    """
    shown = list(range(len(explanation.units)))
    if top is not None:
        require_count("top", top, 1)
        shown = [int(i) for i in np.argsort(-np.abs(explanation.scores), kind="stable")[:top]]
    words = [fitted(explanation.units[i].text or EMPTY, SIZE, _LONGEST_WORD) for i in shown]
    tags = [_tag(explanation, i) for i in shown]
    numbers = [score_text(explanation, i) for i in shown]
    tag_width = max([measure(tag, SMALL) for tag in tags], default=0.0)
    left = MARGIN + max([measure(word, SIZE) for word in words], default=0.3) + tag_width + 0.2
    after = 0.2 + max([measure(said, SMALL) for said in numbers], default=0.0)
    page = Page(left + _PANEL + after + MARGIN)
    places = _places(explanation, shown, by_text=top is None)
    height = _ROW * (places[-1] + 1.0 if len(places) else 1.0)
    y = MARGIN + SIZE * POINT
    page.text(MARGIN, y, fitted(headline(explanation), SIZE, page.width - 2 * MARGIN, bold=True), fontweight="bold")
    axes = page.panel(left, y + 0.12, _PANEL, height)
    scores = explanation.scores[shown]
    colours = [hexadecimal(RED if score > 0 else BLUE, 0.75) for score in scores]
    axes.barh(places, scores, height=0.72, color=colours, linewidth=0.0)
    axes.axvline(0.0, color=INK, linewidth=0.8)
    ends = interval_ends(explanation)
    if ends is not None:
        _whiskers(axes, places, ends[:, shown])
    axes.set_ylim(height / _ROW - 0.5, -0.5)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color=PALE, linewidth=0.6)
    across = axes.get_yaxis_transform()
    for place, word, tag, said in zip(places, words, tags, numbers, strict=True):
        row = {"transform": across, "va": "center_baseline", "y": place, "axes": axes}
        label(word, x=-0.1 / _PANEL - (tag_width + 0.06 if tag else 0.0) / _PANEL, ha="right", **row)
        label(tag, x=-0.1 / _PANEL, ha="right", fontsize=SMALL, color=GREY, **row) if tag else None
        label(said, x=1.0 + after / _PANEL, ha="right", fontsize=SMALL, **row)
    y += 0.12 + height + 0.42
    for said in [meaning(explanation)] + ([] if ends is None else [_ends_are(explanation)]):
        page.text(left, y, fitted(said, SMALL, page.width - left - MARGIN), fontsize=SMALL, color=GREY)
        y += 1.5 * SMALL * POINT
    return page.finish(y)


def _ends_are(explanation: Explanation) -> str:
    return "lines: bounds" if explanation.std_error is None else "lines: 95 % intervals"


def _whiskers(axes: Axes, places: Floats, ends: Floats) -> None:
    """Draw intervals over bars, in ink with a white edge so that they show on every bar."""
    wide = ends[1] > ends[0]
    for colour, linewidth in (("white", 3.0), (INK, 1.2)):
        axes.hlines(places[wide], ends[0, wide], ends[1, wide], colors=colour, linewidths=linewidth)


def _places(explanation: Explanation, shown: list[int], *, by_text: bool) -> Floats:
    """Return the rows float64 (k,) of k units, in reading order with room between a pair's texts."""
    places = np.arange(float(len(shown)))
    if by_text:
        places += [_BETWEEN_TEXTS * explanation.units[i].segment for i in shown]
    return places


def _tag(explanation: Explanation, i: int) -> str:
    """Return which text a unit is in, or nothing where there is one text."""
    return str(explanation.units[i].segment + 1) if len(explanation.segments) > 1 else ""
