"""Curves: means, bands and areas."""

from __future__ import annotations

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D
from toys.pictures import inside, place, slopes, texts, wave

from elision.results.measurement import Curve
from elision.views import figures


def test_curves_are_the_means_with_their_bootstrap_bands() -> None:
    named = {"_one": wave(), "$two$": wave(1.0), "three": wave(2.0)}
    figure = figures.curves(named, title="A_title")
    (axes,) = figure.axes
    lines = [line for line in axes.lines if len(line.get_xdata()) == 21]
    for line, curve in zip(lines, named.values(), strict=True):
        np.testing.assert_array_equal(line.get_ydata(), curve.mean)
    bands = [band for band in axes.collections if isinstance(band, PolyCollection)]
    for band, curve in zip(bands, named.values(), strict=True):
        low, high = curve.interval()
        corners = band.get_paths()[0].vertices
        assert {tuple(corner) for corner in corners} == {*zip(curve.x, low, strict=True)} | {
            *zip(curve.x, high, strict=True)
        }
    assert {"_one", "$two$", "three", "A_title", "units_$kept$", "answers"} <= set(texts(figure))
    assert not [c for c in figures.curves(named, interval=False).axes[0].collections if isinstance(c, PolyCollection)]
    inside(figure)


def test_curves_are_told_apart_without_colour_and_the_legend_leaves_the_data_free() -> None:
    named = {f"method {i}": wave(i) for i in range(9)}
    figure = figures.curves(named)
    (axes,) = figure.axes
    drawn = [(line.get_marker(), str(line._unscaled_dash_pattern)) for line in axes.lines]
    assert len(set(drawn)) == 9
    right = axes.get_window_extent().x1
    assert all(place(figure, name).x0 > right for name in named)
    legend = [line for line in figure.artists + figure.lines if isinstance(line, Line2D)]
    assert [line.get_marker() for line in legend] == [line.get_marker() for line in axes.lines]
    assert [line.get_color() for line in legend] == [line.get_color() for line in axes.lines]


def test_a_curves_interval_is_around_its_mean() -> None:
    y = np.array([[0.0, 1.0], [1.0, 1.0], [0.0, 1.0], [1.0, 1.0]])
    draws = np.random.default_rng(0).multinomial(4, [0.25] * 4, size=2000)
    ends = Curve(x=np.arange(2.0), y=y).interval()
    np.testing.assert_allclose(ends[:, 0], np.quantile(draws @ y[:, 0] / 4, [0.025, 0.975]), rtol=1e-12)
    np.testing.assert_allclose(ends[:, 1], [1.0, 1.0], rtol=1e-12)




def test_degradation_panels_have_their_curves_and_areas() -> None:
    named = {"first": slopes(0.25), "second_": slopes(-0.125), "third": slopes(0.0)}
    figure = figures.degradation_curves(named)
    assert len(figure.axes) == 3
    assert {"first", "0.25", "second_", "−0.12", "third", "0.00", "units removed (%)", "p"} <= set(texts(figure))
    for axes, (most, least) in zip(figure.axes, named.values(), strict=True):
        np.testing.assert_array_equal(axes.lines[0].get_ydata(), least.mean)
        np.testing.assert_array_equal(axes.lines[1].get_ydata(), most.mean)
        assert axes.lines[0].is_dashed()
        assert not axes.lines[1].is_dashed()
        assert axes.get_ylim() == figure.axes[0].get_ylim()
    areas = []
    for axes in figure.axes[:2]:
        for band in axes.collections:
            for path in band.get_paths():
                x, y = path.vertices.T
                area = abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 200
                if area > 1e-9:
                    areas.append((round(float(area), 3), band.get_hatch()))
    assert areas == [(0.25, None), (0.125, "////")]
    inside(figure)
