"""Methods' values of several metrics, with their intervals."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from elision.errors import OptionError
from elision.results.intervals import LEVEL
from elision.results.measurement import Measurement
from elision.views.figures.fonts import fitted, measure
from elision.views.figures.page import GREY, INK, MARGIN, PALE, POINT, SIZE, SMALL, Page, drawn, hexadecimal, label
from elision.views.groups import GROUP_COLOURS

_ROW = 0.26
_PANEL = 1.6
_GAP = 0.25
_MOST_PANELS = 4
_LONGEST_NAME = 2.2
_DOT = hexadecimal(GROUP_COLOURS[1])
_BETTER = {True: "higher is better →", False: "← lower is better", None: ""}


@drawn
def metric_grid(measurements: Mapping[str, Mapping[str, Measurement]]) -> Figure:
    """Draw methods' values of several metrics as dots with 95 % bootstrap intervals, a panel for each metric.

    Args:
        measurements: metric's name -> method's name -> what was measured. A method may lack some.
    Returns:
        A figure with a row for each method and at most four panels side by side.
    Raises:
        OptionError: there is no measurement.
    """
    names = list(dict.fromkeys(name for own in measurements.values() for name in own))
    if not names:
        raise OptionError("measurements must hold at least one metric with one method, got none")
    shown = [fitted(str(name), SIZE, _LONGEST_NAME) for name in names]
    left = MARGIN + max(measure(name, SIZE) for name in shown) + 0.15
    rows = -(-len(measurements) // _MOST_PANELS)
    columns = -(-len(measurements) // rows)
    page = Page(left + columns * (_PANEL + _GAP) - _GAP + 0.12 + MARGIN)
    height = _ROW * len(names)
    pitch = height + 0.9
    for i, (metric, own) in enumerate(measurements.items()):
        row, column = divmod(i, columns)
        x, y = left + column * (_PANEL + _GAP), MARGIN + 0.4 + row * pitch
        axes = page.panel(x, y, _PANEL, height)
        _dots(axes, names, own)
        page.text(x, y - 0.24, fitted(str(metric), SIZE, _PANEL, bold=True), fontweight="bold")
        directions = {measurement.higher_is_better for measurement in own.values()}
        better = _BETTER[next(iter(directions))] if len(directions) == 1 else ""
        page.text(x, y - 0.08, better, fontsize=SMALL, color=GREY)
        if column == 0:
            for place, name in enumerate(shown):
                page.text(left - 0.15, y + (place + 0.5) * _ROW, name, ha="right", va="center_baseline")
    bottom = MARGIN + 0.4 + (rows - 1) * pitch + height + 0.36 + SMALL * POINT
    said = fitted(f"dots: over all examples; lines: {100 * LEVEL:.0f} % bootstrap intervals", SMALL, page.width - left)
    page.text(left, bottom, said, fontsize=SMALL, color=GREY)
    return page.finish(bottom + MARGIN)


def _dots(axes: Axes, names: list[str], own: Mapping[str, Measurement]) -> None:
    """Draw one metric's dots and intervals; a method of which no example says anything gets a dash."""
    for place, name in enumerate(names):
        axes.axhline(place, color=PALE, linewidth=0.6, zorder=0.5)
        if name not in own:
            continue
        mean = own[name].mean
        if not np.isfinite(mean):
            label(
                "–", x=0.5, y=place, ha="center", va="center_baseline", transform=axes.get_yaxis_transform(), axes=axes
            )
            continue
        lower, upper = own[name].interval()
        axes.hlines([place], [lower], [upper], colors=_DOT, linewidths=1.6)
        axes.plot([mean], [place], marker="o", markersize=5.5, color=_DOT, markeredgecolor="white", markeredgewidth=0.6)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=4))
    axes.margins(x=0.08)
    low, high = axes.get_xlim()
    if low < 0.0 < high:
        axes.axvline(0.0, color=INK, linewidth=0.8)
