"""Groups of words: which words of the two texts belong together, and how much each group matters."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.patches import Circle

from elision.errors import OptionError
from elision.results.explanation import Explanation
from elision.views.figures.flow import EMPTY
from elision.views.figures.fonts import fitted, measure
from elision.views.figures.page import GREY, INK, MARGIN, POINT, SIZE, SMALL, Page, drawn, hexadecimal
from elision.views.groups import colour, numeral
from elision.views.shared import headline, percent

_ROW = 1.75 * SIZE * POINT
_LEAST_MEMBERSHIP = 0.02
_LONGEST_WORD = 2.0
_REACH = 1.35
_LARGEST = 0.25
_SMALLEST = 0.11
_WIDEST_LINE = 4.0
_PITCH = 2 * _LARGEST + 0.26


@drawn
def groups(explanation: Explanation) -> Figure:
    """Draw which words belong together: words of both texts in two columns, groups between them.

    A line is as wide and as strong as the word's probability of being in the group (phi); a circle's area grows with
    the group's importance (psi), which is written below it. Words in no group stand in grey, without a line.

    Args:
        explanation: with groups, of a pair or a single text.
    Returns:
        A figure as high as its longer text.
    Raises:
        OptionError: the explanation has no groups.
    Source: Chen et al. 2021, Figure 1.
    """
    if not explanation.groups:
        raise OptionError("the explanation has no groups; explain with method='group-masks'")
    columns = [
        [i for i, unit in enumerate(explanation.units) if unit.segment == segment]
        for segment in range(len(explanation.segments))
    ]
    texts = [fitted(unit.text or EMPTY, SIZE, _LONGEST_WORD) for unit in explanation.units]
    pair = len(columns) > 1
    widths = [max([measure(texts[i], SIZE) for i in column] + [0.6]) for column in columns]
    edges = [MARGIN + widths[0] + 0.06]
    middle = edges[0] + _REACH
    edges += [middle + _REACH] if pair else []
    width = edges[1] + 0.06 + widths[1] + MARGIN if pair else middle + 0.6
    head = headline(explanation)
    page = Page(max(width, min(measure(head, SIZE, bold=True) + 2 * MARGIN, 2 * width)))
    page.text(MARGIN, MARGIN + SIZE * POINT, fitted(head, SIZE, page.width - 2 * MARGIN, bold=True), fontweight="bold")
    top = MARGIN + 2.4 * SIZE * POINT + (1.6 * SMALL * POINT if pair else 0.0)
    height = max(max(map(len, columns)) * _ROW, len(explanation.groups) * _PITCH)
    places = _word_places(columns, top, height)
    centres = _group_places(explanation, places, top, height)
    for segment, column in enumerate(columns):
        x, side = edges[segment], -1 if segment == 0 else 1
        align = "right" if segment == 0 else "left"
        if pair:
            above = min(places.values(), default=top) - 0.8 * _ROW
            page.text(x + side * 0.06, above, f"text {segment + 1}", ha=align, fontsize=SMALL, color=GREY)
        for i in column:
            linked = _links(page, explanation, i, (x, places[i]), middle, centres)
            page.text(
                x + side * 0.06,
                places[i],
                texts[i],
                ha=align,
                va="center_baseline",
                color=INK if linked else GREY,
            )
    _circles(page, explanation, middle, centres)
    y = top + height + 0.2
    for said in ("line: how surely a word is in a group", "circle: the group's importance"):
        page.text(MARGIN, y, said, fontsize=SMALL, color=GREY)
        y += 1.5 * SMALL * POINT
    return page.finish(y)


def _word_places(columns: list[list[int]], top: float, height: float) -> dict[int, float]:
    """Return where each word stands; the shorter text is in the middle of the longer one's height."""
    places = {}
    for column in columns:
        start = top + (height - len(column) * _ROW) / 2
        places.update({i: start + (row + 0.5) * _ROW for row, i in enumerate(column)})
    return places


def _group_places(explanation: Explanation, places: dict[int, float], top: float, height: float) -> list[float]:
    """Return where each group stands: evenly spread, in the order of their words' mean places: few lines cross."""
    found = explanation.groups or ()
    means = []
    for group in found:
        total = float(group.membership.sum())
        mean = sum(float(share) * places[i] for i, share in enumerate(group.membership))
        means.append(mean / total if total > 0 else top + height / 2)
    step = height / len(found)
    centres = [0.0] * len(found)
    for row, i in enumerate(sorted(range(len(found)), key=lambda i: (means[i], i))):
        centres[i] = top + (row + 0.5) * step
    return centres


def _links(
    page: Page, explanation: Explanation, unit: int, start: tuple[float, float], middle: float, centres: list[float]
) -> bool:
    """Draw a word's lines to its groups; return whether it has any."""
    linked = False
    for i, group in enumerate(explanation.groups or ()):
        share = float(group.membership[unit])
        if share < _LEAST_MEMBERSHIP:
            continue
        linked = True
        page.line(
            (start[0], middle),
            (start[1], centres[i]),
            color=hexadecimal(colour(i)),
            alpha=0.15 + 0.7 * min(share, 1.0),
            linewidth=max(_WIDEST_LINE * share, 0.4),
            solid_capstyle="round",
            zorder=1.5,
        )
    return linked


def _circles(page: Page, explanation: Explanation, middle: float, centres: list[float]) -> None:
    """Draw the groups over their lines, each with its numeral and importance."""
    found = explanation.groups or ()
    largest = max(max(group.importance for group in found), 1e-12)
    for i, group in enumerate(found):
        share = max(group.importance, 0.0) / largest
        radius = max(_LARGEST * share**0.5, _SMALLEST)
        circle = Circle((middle, centres[i]), radius, transform=page.place, zorder=2.0)
        circle.set(facecolor=hexadecimal(colour(i)), edgecolor="white", linewidth=1.5)
        page.figure.add_artist(circle)
        page.text(middle, centres[i], numeral(i), ha="center", va="center_baseline", color="white", fontweight="bold")
        said = page.text(
            middle, centres[i] + radius + 1.1 * SMALL * POINT, percent(group.importance), ha="center", fontsize=SMALL
        )
        said.set_bbox({"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 0.6})
