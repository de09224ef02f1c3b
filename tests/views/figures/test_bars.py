"""Bars: scores, colours, words and intervals."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from toys.pictures import film, inside, pair, place, texts

from elision.views import figures
from elision.views.figures.page import hexadecimal
from elision.views.palettes import BLUE, RED


def test_bars_have_the_scores_their_colours_and_words() -> None:
    figure = figures.bars(film())
    (axes,) = figure.axes
    bars = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    assert [bar.get_width() for bar in bars] == [0.1, -2.0, 1.0, 0.0]
    assert [to_hex(bar.get_facecolor()) for bar in bars[:3]] == [
        hexadecimal(colour, 0.75) for colour in (RED, BLUE, RED)
    ]
    assert {"a", "deep", "film", ".", "−2.00", "+1.00"} <= set(texts(figure))
    assert place(figure, "a").y0 > place(figure, "film").y0
    assert not axes.findobj(LineCollection)
    assert place(figure, "deep").y0 < bars[1].get_window_extent().y1 < place(figure, "a").y1


def whiskers(figure: Figure) -> np.ndarray:
    """Return the intervals' ends (u, 2)."""
    found = [lines for lines in figure.axes[0].collections if isinstance(lines, LineCollection)]
    return np.array(found[-1].get_segments())[:, :, 0]


def test_bars_have_their_intervals() -> None:
    error = np.array([0.5, 0.25, 0.0, 1.0])
    bounds = {"lower": np.array([0.0, -3.0, 1.0, -1.0]), "upper": np.array([0.2, -1.0, 1.0, 0.0])}
    z = 1.959963984540054
    sampled = figures.bars(film(std_error=error, **bounds))
    np.testing.assert_allclose(
        whiskers(sampled), [[0.1 - 0.5 * z, 0.1 + 0.5 * z], [-2 - 0.25 * z, -2 + 0.25 * z], [-z, z]], rtol=1e-12
    )
    assert any("95 % intervals" in text for text in texts(sampled))
    bounded = figures.bars(film(**bounds))
    assert whiskers(bounded).tolist() == [[0.0, 0.2], [-3.0, -1.0], [-1.0, 0.0]]
    assert any("bounds" in text for text in texts(bounded))
    assert whiskers(figures.bars(film(std_error=error), top=2))[0].tolist() == pytest.approx(
        [-2 - 0.25 * z, -2 + 0.25 * z]
    )


def test_top_bars_are_the_strongest_first() -> None:
    (axes,) = figures.bars(film(), top=2).axes
    assert [patch.get_width() for patch in axes.patches] == [-2.0, 1.0]
    assert axes.patches[0].get_y() < axes.patches[1].get_y()
    assert axes.yaxis_inverted()


def test_bars_of_a_pair_say_the_text() -> None:
    figure = figures.bars(pair())
    assert (texts(figure).count("1"), texts(figure).count("2")) == (2 + ("1" in _ticks(figure)), 3)
    inside(figure)


def _ticks(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].get_xticklabels()]
