"""Methods' curves: with bootstrap bands in one picture, or a panel for each method's two curves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from elision.arrays import Floats
from elision.errors import OptionError
from elision.results.intervals import LEVEL
from elision.results.measurement import Curve
from elision.views.figures.fonts import fitted, measure
from elision.views.figures.page import GREY, INK, MARGIN, PALE, POINT, SIZE, SMALL, Page, drawn, hexadecimal, label
from elision.views.groups import GROUP_COLOURS

_MARKERS = "osD^vPX*"
_DASHES: tuple[tuple[float, ...], ...] = (
    (),
    (5.0, 1.5),
    (1.5, 1.2),
    (6.0, 1.5, 1.5, 1.5),
    (3.0, 1.2, 1.0, 1.2, 1.0, 1.2),
)
_SHOWN_MARKERS = 10
_WIDTH, _HEIGHT = 4.2, 2.9
_LEFT, _BELOW = 0.62, 0.52
_LONGEST_NAME = 2.2
_PANEL_WIDTH, _PANEL_HEIGHT = 1.75, 1.55
_MOST_PANELS = 4
_MOST, _LEAST = (213, 94, 0), (0, 114, 178)


@drawn
def curves(named: Mapping[str, Curve], *, title: str | None = None, interval: bool = True) -> Figure:
    """Draw methods' mean curves with bootstrap bands, each with its own colour, marker and dashes.

    Args:
        named: method's name -> its curve; axes are labelled as the first curve's are.
        title: written above.
        interval: draw each mean's 95 % bootstrap interval over examples as a band.
    Returns:
        A figure with the legend at the right of the data.
    Raises:
        OptionError: there is no curve.
    """
    first = _first(named)
    names = [fitted(str(name), SIZE, _LONGEST_NAME) for name in named]
    legend = 0.55 + max(measure(name, SIZE) for name in names)
    page = Page(MARGIN + _LEFT + _WIDTH + 0.2 + legend + MARGIN)
    top = MARGIN
    if title:
        shown = fitted(title, SIZE, page.width - 2 * MARGIN, bold=True)
        page.text(MARGIN, top + SIZE * POINT, shown, fontweight="bold")
        top += 2 * SIZE * POINT
    axes = page.panel(MARGIN + _LEFT, top, _WIDTH, _HEIGHT)
    axes.grid(color=PALE, linewidth=0.6)
    x = MARGIN + _LEFT + _WIDTH + 0.2
    for i, (name, curve) in enumerate(zip(names, named.values(), strict=True)):
        style = _style(i)
        mean = _finite(curve.mean)
        if interval:
            low, high = _finite(curve.interval())
            axes.fill_between(curve.x, low, high, color=style["color"], alpha=0.13, linewidth=0.0, zorder=1.5)
        step = max(len(curve.x) // _SHOWN_MARKERS, 1)
        # Where curves lie on one another, markers at other places still tell them apart.
        places = (i * step // max(len(names), 1), step) if step > 1 else 1
        axes.plot(curve.x, mean, markevery=places, zorder=2.0 + i / 100, **style)
        y = top + (i + 0.7) * 1.9 * SIZE * POINT
        page.line((x, x + 0.21, x + 0.42), (y, y, y), markevery=[1], **style)
        page.text(x + 0.52, y, name, va="center_baseline")
    _titles(axes, first)
    said = f"bands: {100 * LEVEL:.0f} % bootstrap intervals over {len(first.y)} examples" if interval else ""
    bottom = top + max(_HEIGHT, (len(names) + 0.5) * 1.9 * SIZE * POINT) + _BELOW
    if said:
        bottom += 1.2 * SMALL * POINT
        page.text(MARGIN + _LEFT, bottom, said, fontsize=SMALL, color=GREY)
    return page.finish(bottom + MARGIN)


@drawn
def degradation_curves(named: Mapping[str, tuple[Curve, Curve]]) -> Figure:
    """Draw what is left of the probability while units go, a panel for each method, the area between its curves filled.

    Above each panel stands the area: the degradation score. What counts against it is hatched.

    Args:
        named: method's name -> its curves with the most and with the least relevant units removed first (MoRF, LeRF).
    Returns:
        A figure with at most four panels side by side.
    Raises:
        OptionError: there is no method, or a method's curves are not over the same points.
    Source: Chen et al. 2021, Figure 4.
    """
    if not named:
        raise OptionError("named must hold at least one method, got none")
    rows = -(-len(named) // _MOST_PANELS)
    columns = -(-len(named) // rows)
    page = Page(MARGIN + _LEFT + columns * (_PANEL_WIDTH + 0.2) - 0.2 + MARGIN)
    pitch = _PANEL_HEIGHT + 0.62
    panels = []
    for i, (name, (most, least)) in enumerate(named.items()):
        row, column = divmod(i, columns)
        x, y = MARGIN + _LEFT + column * (_PANEL_WIDTH + 0.2), MARGIN + 0.3 + row * pitch
        axes = page.panel(x, y, _PANEL_WIDTH, _PANEL_HEIGHT)
        score = _between(axes, str(name), most, least)
        said = f"{round(score, 2) + 0.0:.2f}".replace("-", "−") if np.isfinite(score) else "–"
        room = _PANEL_WIDTH - measure(said, SIZE) - 0.15
        page.text(x, y - 0.09, fitted(str(name), SIZE, room, bold=True), fontweight="bold")
        page.text(x + _PANEL_WIDTH, y - 0.09, said, ha="right")
        axes.tick_params(labelleft=column == 0, labelbottom=i + columns >= len(named))
        panels.append(axes)
    _share_axes(panels)
    first = next(iter(named.values()))[0]
    bottom = MARGIN + 0.3 + (rows - 1) * pitch + _PANEL_HEIGHT
    middle = MARGIN + _LEFT + (page.width - 2 * MARGIN - _LEFT) / 2
    page.text(middle, bottom + 0.4, first.x_label, ha="center")
    height = (MARGIN + 0.3 + bottom) / 2
    page.text(MARGIN + 0.08, height, first.y_label, rotation=90, ha="center", va="center", rotation_mode="anchor")
    return page.finish(_key(page, bottom + 0.4 + 2.1 * SIZE * POINT) + MARGIN)


def _first(named: Mapping[str, Curve]) -> Curve:
    if not named:
        raise OptionError("named must hold at least one curve, got none")
    return next(iter(named.values()))


def _style(i: int) -> dict[str, Any]:
    """Return the colour, marker and dashes of curve i; all three repeat at different numbers."""
    return {
        "color": hexadecimal(GROUP_COLOURS[i % len(GROUP_COLOURS)]),
        "marker": _MARKERS[i % len(_MARKERS)],
        "markersize": 4.5,
        "markeredgecolor": "white",
        "markeredgewidth": 0.6,
        "linewidth": 1.5,
        "linestyle": (0, _DASHES[i % len(_DASHES)] or None),
    }


def _finite(values: Floats) -> Floats:
    """Return values with NaN where a normalised curve has no length to be measured by: nothing is drawn there."""
    return np.where(np.isfinite(values), values, np.nan)


def _titles(axes: Axes, curve: Curve) -> None:
    """Write what the axes are."""
    below: dict[str, Any] = {"transform": axes.transAxes, "axes": axes, "ha": "center"}
    label(curve.x_label, x=0.5, y=-0.4 / _HEIGHT, va="baseline", **below)
    label(curve.y_label, x=-(_LEFT - 0.08) / _WIDTH, y=0.5, va="center", rotation=90, rotation_mode="anchor", **below)


def _between(axes: Axes, name: str, most: Curve, least: Curve) -> float:
    """Draw one method's curves and the area between them; return the area, over an axis of length 1.

    Raises:
        OptionError: they are not over the same points.
    """
    if not np.array_equal(most.x, least.x) or len(most.x) < 2:
        raise OptionError(f"the two curves of {name!r} must be over the same points, two or more")
    high, low, x = _finite(least.mean), _finite(most.mean), most.x
    for where, settings in (
        (high >= low, {"color": hexadecimal(_LEAST, 0.22)}),
        (high < low, {"facecolor": "white", "edgecolor": hexadecimal(_MOST, 0.6), "hatch": "////"}),
    ):
        axes.fill_between(x, low, high, where=where, interpolate=True, linewidth=0.0, **settings)  # type: ignore[arg-type]
    axes.plot(x, high, color=hexadecimal(_LEAST), linewidth=1.4, linestyle=(0, (5.0, 1.5)))
    axes.plot(x, low, color=hexadecimal(_MOST), linewidth=1.4)
    return float(np.trapezoid(high - low, x) / (x[-1] - x[0]))


def _share_axes(panels: list[Axes]) -> None:
    """Give all panels the same range, so that areas can be compared by eye."""
    ranges = np.array([[*axes.get_xlim(), *axes.get_ylim()] for axes in panels])
    for axes in panels:
        axes.set_xlim(ranges[:, 0].min(), ranges[:, 1].max())
        axes.set_ylim(ranges[:, 2].min(), ranges[:, 3].max())
        axes.grid(color=PALE, linewidth=0.6)


def _key(page: Page, y: float) -> float:
    """Draw what the two lines are; return where that ends."""
    x, right = MARGIN + _LEFT, page.width - MARGIN
    for said, colour, dashes in (
        ("most relevant first", _MOST, None),
        ("least relevant first", _LEAST, (5.0, 1.5)),
    ):
        if x > MARGIN + _LEFT and x + 0.42 + measure(said, SMALL) > right:
            x, y = MARGIN + _LEFT, y + 1.6 * SMALL * POINT
        page.line((x, x + 0.34), (y - 0.04, y - 0.04), color=hexadecimal(colour), linewidth=1.4, linestyle=(0, dashes))
        page.text(x + 0.42, y, said, fontsize=SMALL, color=INK)
        x += 0.42 + measure(said, SMALL) + 0.25
    return y
