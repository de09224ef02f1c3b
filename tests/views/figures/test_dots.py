"""Dots: means of metrics, and lines for their intervals."""

from __future__ import annotations

import warnings

import numpy as np
from toys.pictures import inside, measured, texts, wave

from elision.views import figures


def test_dots_are_means_and_lines_their_intervals() -> None:
    named = {
        "aopc": {"lime": measured("aopc", 0.1, 0.4, 0.3), "random": measured("aopc", 0.0, -0.2, 0.1)},
        "deletion_auc": {
            "random": measured("d", 0.5, 0.7, 0.9, higher_is_better=False),
            "group-masks": measured("d", np.nan, np.nan, higher_is_better=False),
        },
    }
    figure = figures.metric_grid(named)
    inside(figure)
    rows = {"lime": 0, "random": 1, "group-masks": 2}
    for axes, own in zip(figure.axes, named.values(), strict=True):
        told = {name: m for name, m in own.items() if np.isfinite(m.mean)}
        dots = [line for line in axes.lines if line.get_marker() == "o"]
        assert [(dot.get_xdata()[0], dot.get_ydata()[0]) for dot in dots] == [
            (m.mean, rows[n]) for n, m in told.items()
        ]
        ends = [tuple(lines.get_segments()[0][:, 0]) for lines in axes.collections]
        assert ends == [m.interval() for m in told.values()]
    said = texts(figure)
    assert said.count("–") == 1
    assert {*rows, "aopc", "deletion_auc", "higher is better →", "← lower is better"} <= set(said)


def test_nothing_warns_when_a_mean_is_missing() -> None:
    empty = wave(low=np.ones(5), high=np.ones(5))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figures.curves({"one": empty, "two": wave()})
        figures.degradation_curves({"one": (empty, empty), "two": (wave(), wave())})
