"""Groups: each linked to its words."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle
from matplotlib.text import Text
from toys.pictures import explained, grouped, inside, place, texts

from elision.results.explanation import Group
from elision.views import figures


def links(figure: Figure) -> list[Line2D]:
    return [line for line in figure.findobj(Line2D) if line.get_zorder() == 1.5]


@pytest.mark.parametrize("segments", [("two cats", "one dog !"), ("two cats and dogs !",)])
def test_groups_link_their_words(segments: tuple[str, ...]) -> None:
    explanation = grouped(*segments)
    figure = figures.groups(explanation)
    inside(figure)
    circles = [circle for circle in figure.findobj(Circle) if isinstance(circle, Circle)]
    assert (circles[0].radius / circles[1].radius) ** 2 == pytest.approx(4.0)
    assert {"1", "2", "80.0 %", "20.0 %"} <= set(texts(figure))
    widths = [
        [line.get_linewidth() for line in links(figure) if line.get_color() == to_hex(c.get_facecolor())]
        for c in circles
    ]
    phi = [group.membership for group in explanation.groups or ()]
    assert widths == [pytest.approx([4 * share for share in own if share > 0]) for own in phi]
    ends = {round(line.get_ydata()[0], 6) for line in links(figure)}
    assert len(ends) == (4 if len(segments) == 1 else len(ends))
    (alone,) = [text for text in figure.findobj(Text) if text.get_text() == "!"]
    (linked,) = [text for text in figure.findobj(Text) if text.get_text() == "cats"]
    assert alone.get_color() != linked.get_color()
    for line in links(figure):
        assert (line.get_xdata()[1], line.get_ydata()[1]) in [circle.center for circle in circles]


def test_groups_of_two_texts_stand_between_them() -> None:
    figure = figures.groups(grouped("two cats", "one dog !"))
    assert place(figure, "cats").x1 < place(figure, "1").x0 < place(figure, "dog").x0
    assert {"text 1", "text 2"} <= set(texts(figure))
    long = explained(" ".join(f"w{i}" for i in range(60)), "a", scores=np.ones(61))
    phi = np.linspace(0, 1, 61)
    inside(figures.groups(explained(*long.segments, scores=long.scores, groups=(Group((), 1.0, 0.0, phi),))))
