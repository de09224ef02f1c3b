"""Explanations to draw, and what is seen in a figure."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from matplotlib.text import Text

from elision.results.explanation import Explanation, Group
from elision.results.measurement import Curve, Measurement
from elision.text import Unit


def explained(*segments: str, scores: Any, **changes: Any) -> Explanation:
    """Return an explanation of words that stand one space apart."""
    units = tuple(
        Unit(match.group(), match.start(), match.end(), segment)
        for segment, text in enumerate(segments)
        for match in re.finditer(r"[^ ]+", text)
    )
    settings: dict[str, Any] = {
        "segments": segments,
        "units": units,
        "scores": np.array(scores, dtype=float),
        "target": "good",
        "labels": ("bad", "good"),
        "probabilities": np.array([0.25, 0.75]),
        "provenance": {"method": "own", "behaviour": {"name": "log_odds", "unit": "bits"}},
    }
    return Explanation(**(settings | changes))


def film(**changes: Any) -> Explanation:
    return explained("a deep film .", scores=[0.1, -2.0, 1.0, 0.0], **changes)


def pair(**changes: Any) -> Explanation:
    return explained("two cats", "one dog !", scores=[0.5, 2.0, -0.1, -1.0, 0.0], **changes)


def grouped(*segments: str) -> Explanation:
    """Return an explanation of five words, of which the last is in no group."""
    first = explained(*segments, scores=[0.1, 0.8, 0.25, 0.4, 0.0])
    membership = np.array([[0.0, 1.0, 0.3, 0.9, 0.0], [1.0, 0.0, 0.7, 0.1, 0.0]])
    made = tuple(Group((), share, 0.1, phi) for share, phi in zip((0.8, 0.2), membership, strict=True))
    return explained(*segments, scores=first.scores, groups=made)


def shown(figure: Figure) -> list[Text]:
    """Return the texts that are seen: matplotlib keeps labels of ticks beyond an axis's end."""
    beyond = set()
    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
        low, high = sorted(axis.get_view_interval())
        beyond |= {tick.label1 for tick in axis.get_major_ticks() if not low <= tick.get_loc() <= high}
    found = [text for text in figure.findobj(Text) if isinstance(text, Text) and text.get_visible()]
    return [text for text in found if text.get_text().strip() and text not in beyond]


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in shown(figure)]


def place(figure: Figure, said: str) -> Any:
    """Return the window box of a text."""
    (found,) = [text for text in shown(figure) if text.get_text() == said]
    return found.get_window_extent()


def boxes(figure: Figure) -> list[FancyBboxPatch]:
    return [box for box in figure.findobj(FancyBboxPatch) if isinstance(box, FancyBboxPatch)]


def under(figure: Figure, said: str) -> FancyBboxPatch | None:
    """Return the box behind a word, if there is one."""
    middle = place(figure, said)
    x, y = (middle.x0 + middle.x1) / 2, (middle.y0 + middle.y1) / 2
    found = [box for box in boxes(figure) if box.get_window_extent().contains(x, y)]
    assert len(found) <= 1
    return found[0] if found else None


def inside(figure: Figure) -> None:
    """Assert that every text lies on the page, and no two overlap."""
    extents = [text.get_window_extent() for text in shown(figure)]
    page = figure.bbox
    for extent in extents:
        assert page.x0 - 0.5 <= extent.x0
        assert extent.x1 <= page.x1 + 0.5
        assert page.y0 - 0.5 <= extent.y0
        assert extent.y1 <= page.y1 + 0.5
    for i, one in enumerate(extents):
        for other in extents[:i]:
            width = min(one.x1, other.x1) - max(one.x0, other.x0)
            height = min(one.y1, other.y1) - max(one.y0, other.y0)
            assert min(width, height) < 1.5, (one, other)


def wave(shift: float = 0.0, n: int = 5, **more: Any) -> Curve:
    y = np.random.default_rng(1).normal(size=(n, 21)) + shift
    return Curve(x=np.arange(21.0), y=y, **({"x_label": "units_$kept$", "y_label": "answers"} | more))


def measured(name: str, *values: float, **more: Any) -> Measurement:
    return Measurement(name=name, values=np.array(values), **more)


def slopes(gap: float) -> tuple[Curve, Curve]:
    """Return curves from 1 to 0 whose area between is gap."""
    x = np.linspace(0.0, 100.0, 101)
    bump = 6 * gap * (x / 100) * (1 - x / 100)
    low, high = np.zeros(1), np.ones(1)
    ends = {"x_label": "units removed (%)", "y_label": "p", "low": low, "high": high}
    return Curve(x=x, y=(1 - x / 100)[None], **ends), Curve(x=x, y=(1 - x / 100 + bump)[None], **ends)
