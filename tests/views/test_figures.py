"""Figures: which words, bars, lines and intervals stand in them, in which colours, and what the files hold."""

from __future__ import annotations

import importlib
import re
import sys
import warnings
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, FancyBboxPatch, Rectangle
from matplotlib.text import Text

from elision.errors import OptionError
from elision.results.explanation import Explanation, Group
from elision.results.measurement import Curve, Measurement
from elision.text import Unit
from elision.views import figures
from elision.views.figures import fonts
from elision.views.figures.flow import flow
from elision.views.figures.page import hexadecimal
from elision.views.palettes import BLUE, RED


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


def test_words_are_coloured_by_sign_and_size() -> None:
    figure = figures.heat_strip(film())
    assert [t for t in texts(figure) if t in ("a", "deep", "film", ".")] == ["a", "deep", "film", "."]
    colours = {word: under(figure, word) for word in ("a", "deep", "film", ".")}
    assert colours["."] is None
    found = {word: to_hex(box.get_facecolor()) for word, box in colours.items() if box is not None}
    assert found == {
        "a": hexadecimal(RED, 0.10 + 0.5 * 0.05),
        "deep": hexadecimal(BLUE, 0.6),
        "film": hexadecimal(RED, 0.35),
    }


def test_the_sign_is_read_without_colour() -> None:
    figure = figures.heat_strip(film())
    dashed = {}
    for line in figure.findobj(Line2D):
        extent = line.get_window_extent()
        for word in ("a", "deep", "film"):
            box = under(figure, word)
            assert box is not None
            if box.get_window_extent().padded(1.0).overlaps(extent):
                dashed[word] = line.is_dashed()
    assert dashed == {"a": False, "deep": True, "film": False}


def test_numbers_stand_below_their_words() -> None:
    figure = figures.heat_strip(film(), numbers=True)
    for word, score in (("a", "+0.10"), ("deep", "−2.00"), ("film", "+1.00"), (".", "+0.00")):
        above, below = place(figure, word), place(figure, score)
        assert (above.x0 + above.x1) / 2 == pytest.approx((below.x0 + below.x1) / 2, abs=1.0)
        assert below.y1 < above.y1
    inside(figure)


def test_top_colours_a_pairs_texts_apart() -> None:
    figure = figures.heat_strip(pair(), top=3)
    coloured = {word: under(figure, word) for word in ("two", "cats", "one", "dog")}
    assert [word for word, box in coloured.items() if box is not None] == ["two", "cats", "dog"]
    two, cats, dog = (to_rgb(coloured[word].get_facecolor()[:3]) for word in ("two", "cats", "dog"))  # type: ignore
    assert two[0] > two[2]
    assert cats[0] > cats[2]
    assert dog[2] > dog[0]
    assert len(boxes(figures.heat_strip(film(), top=1))) == 1 + 2


def test_texts_of_a_pair_are_labelled_and_side_by_side_where_there_is_room() -> None:
    wide, narrow = figures.heat_strip(pair(), names=["m"], width=6), figures.heat_strip(pair(), names=["m"], width=2)
    assert place(wide, "1").y0 == pytest.approx(place(wide, "2").y0, abs=1.0)
    assert place(wide, "cats").x1 < place(wide, "2").x0
    assert place(narrow, "1").x0 == pytest.approx(place(narrow, "2").x0, abs=1.5)
    assert place(narrow, "2").y1 < place(narrow, "1").y0


@pytest.mark.parametrize("width", [2.0, 3.5, 7.0])
def test_long_texts_wrap_within_the_page(width: float) -> None:
    words = [f"w{i}" * (i % 4 + 1) for i in range(60)]
    figure = figures.heat_strip(explained(" ".join(words), scores=np.linspace(-1, 1, 60)), width=width)
    inside(figure)
    said = texts(figure)
    if width == 2.0:
        return
    assert [said.count(word) for word in words] == [1] * 60
    order = sorted((-round(place(figure, word).y0 / 8), place(figure, word).x0, word) for word in words)
    assert [word for _, _, word in order] == words


def test_a_word_wider_than_the_page_is_cut_into_lines() -> None:
    long = "x" * 200 + "y"
    lines = flow(explained(f"see {long} now", scores=[1, 2, 3]), 0, 2.0, numbers=True)
    assert all(line.width <= 2.0 for line in lines)
    parts = [word for line in lines for word in line.words if word.unit == 1]
    assert "".join(word.text for word in parts) == long
    assert [bool(word.score) for word in parts] == [True] + [False] * (len(parts) - 1)


def test_text_from_right_to_left_runs_so() -> None:
    text = "שלום עולם 42 hello big world סוף ."
    (line,) = flow(explained(text, scores=np.ones(8)), 0, 9.0, numbers=False)
    assert line.from_right
    assert [word.text for word in line.words] == [".", "סוף", "hello", "big", "world", "42", "עולם", "שלום"]
    (mixed,) = flow(explained("say שלום , עולם now", scores=np.ones(5)), 0, 9.0, numbers=False)
    assert [word.text for word in mixed.words] == ["say", "עולם", ",", "שלום", "now"]
    figure = figures.heat_strip(explained("שלום עולם", scores=[1, 2]))
    assert place(figure, "שלום").x0 > place(figure, "עולם").x1
    assert place(figure, "שלום").x1 > figure.bbox.width - 20


HARD = {
    "formulas": explained(r"$x_1$ _y_ \frac{ ^2 $", scores=[1, -1, 0.5, 0, 1]),
    "markup": explained("<script>alert(1)</script> & ]]>", scores=[1, -1, 0.5]),
    "arabic": explained("السلام عليكم", scores=[1, -1]),
    "emoji": explained("👩‍👩‍👧 ok 🏳️‍🌈", scores=[1, -1, 2]),
    "control": explained("a\x07b \u202ec\ue000 \uffff", scores=[1, -1, 1]),
    "one": explained("one", scores=[1]),
    "zero": explained("all of it", scores=[0, 0, 0]),
    "empty": explained("a b", scores=[1, 1, 1], units=(Unit("a", 0, 1), Unit("", 1, 1), Unit("b", 2, 3))),
    "nothing": explained("a b", scores=[], units=()),
    "tiny": explained("a b", scores=[1e-300, -1e300]),
    "unsigned": film(provenance={"scores": {"name": "weight", "unit": "", "signed": False}}),
    "class": film(target="bad", labels=("bad", "_$good$")),
}


@pytest.mark.parametrize("name", HARD)
def test_hard_texts_are_drawn_and_written(name: str, tmp_path: Path) -> None:
    for draw in (figures.heat_strip, figures.bars):
        figure = draw(HARD[name])
        inside(figure)
        figures.save(figure, tmp_path / "x.svg")
        figures.save(figure, tmp_path / "x.png")
        ElementTree.parse(tmp_path / "x.svg")


def test_formulas_are_words() -> None:
    figure = figures.heat_strip(HARD["formulas"], names=["$m$"])
    assert {"$x_1$", r"\frac{", "$m$"} <= set(texts(figure))
    for text in figure.findobj(Text):
        assert not text.get_parse_math()
        assert not text.get_usetex()


def test_characters_without_a_font_are_replaced_in_pictures_and_kept_in_svg(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ours = [entry for entry in fonts.fontManager.ttflist if entry.name in (fonts.FAMILY, "Last Resort High-Efficiency")]
    monkeypatch.setattr(fonts.fontManager, "ttflist", ours)
    fonts._family_of.cache_clear()
    fonts.measure.cache_clear()
    try:
        figure = figures.heat_strip(explained("很好 deep", scores=[1, 2]))
        assert "��" in texts(figure)
        figures.save(figure, tmp_path / "x.svg")
        assert "很好" in (tmp_path / "x.svg").read_text("utf-8")
        assert "��" in texts(figure)
        figures.save(figure, tmp_path / "x.png")
    finally:
        fonts._family_of.cache_clear()
        fonts.measure.cache_clear()


def test_several_explanations_have_their_names_at_the_left() -> None:
    names = [f"method {i} with a very long name" for i in range(8)]
    figure = figures.heat_strip([film()] * 8, names=names, width=5)
    inside(figure)
    assert texts(figure).count("deep") == 8
    default = texts(figures.heat_strip([film(), film(target="bad")]))
    assert {"good 75.0 %", "bad 25.0 %", "for the class explained", "against the class explained"} <= set(default)
    assert {"for “good”", "against “good”"} <= set(texts(figures.heat_strip(film())))


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


def wave(shift: float = 0.0, n: int = 5, **more: Any) -> Curve:
    y = np.random.default_rng(1).normal(size=(n, 21)) + shift
    return Curve(x=np.arange(21.0), y=y, **({"x_label": "units_$kept$", "y_label": "answers"} | more))


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


def slopes(gap: float) -> tuple[Curve, Curve]:
    """Return curves from 1 to 0 whose area between is gap."""
    x = np.linspace(0.0, 100.0, 101)
    bump = 6 * gap * (x / 100) * (1 - x / 100)
    low, high = np.zeros(1), np.ones(1)
    ends = {"x_label": "units removed (%)", "y_label": "p", "low": low, "high": high}
    return Curve(x=x, y=(1 - x / 100)[None], **ends), Curve(x=x, y=(1 - x / 100 + bump)[None], **ends)


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


def measured(name: str, *values: float, **more: Any) -> Measurement:
    return Measurement(name=name, values=np.array(values), **more)


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


def test_the_grid_has_a_block_for_each_example() -> None:
    named = {"lime": [film(), pair()], "random": [film(), pair()]}
    figure = figures.comparison_grid(named)
    inside(figure)
    said = texts(figure)
    assert [said.count(word) for word in ("lime", "random", "deep", "cats")] == [2, 2, 2, 2]
    assert [text for text in said if "75.0 %" in text] == ["1   good  75.0 %", "2   good  75.0 %"]


def every_picture() -> dict[str, Figure]:
    return {
        "strip": figures.heat_strip([film(), pair()], numbers=True),
        "grid": figures.comparison_grid({"m": [film()]}),
        "bars": figures.bars(film(std_error=np.ones(4))),
        "curves": figures.curves({"one": wave()}),
        "degradation": figures.degradation_curves({"one": slopes(-0.2)}),
        "groups": figures.groups(grouped("two cats", "one dog !")),
        "dots": figures.metric_grid({"aopc": {"lime": measured("aopc", 0.1, 0.4)}}),
    }


def test_texts_of_files_are_texts_and_files_are_the_same_each_time(tmp_path: Path) -> None:
    first, second = every_picture(), every_picture()
    for name, figure in first.items():
        for kind in ("svg", "png", *(["pdf"] if name == "strip" else [])):
            paths = [tmp_path / f"{name}{i}.{kind}" for i in range(3)]
            for path, own in zip(paths, (figure, figure, second[name]), strict=True):
                figures.save(own, path)
            assert len({path.read_bytes() for path in paths}) == 1, path
        tree = ElementTree.parse(tmp_path / f"{name}0.svg")
        written = ["".join(node.itertext()) for node in tree.iter("{http://www.w3.org/2000/svg}text")]
        assert set(texts(figure)) <= set(written)
        assert "date" not in (tmp_path / f"{name}0.svg").read_text("utf-8").lower()
    assert b"/CreationDate" not in (tmp_path / "strip0.pdf").read_bytes()


def test_a_callers_settings_neither_change_nor_matter(tmp_path: Path) -> None:
    def saved() -> dict[str, bytes]:
        found = {}
        for name, figure in every_picture().items():
            figures.save(figure, tmp_path / "x.svg")
            found[name] = (tmp_path / "x.svg").read_bytes()
        return found

    plain = saved()
    own = {"font.size": 30, "text.color": "lime", "xtick.color": "lime", "axes.facecolor": "black", "text.usetex": True}
    own |= {"savefig.facecolor": "black", "savefig.bbox": "tight", "axes.grid": True, "svg.fonttype": "path"}
    with matplotlib.rc_context(own):
        before = dict(matplotlib.rcParams)
        assert saved() == plain
        assert dict(matplotlib.rcParams) == before
    assert "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()


def test_errors_are_one_line_that_says_what_to_do(tmp_path: Path) -> None:
    figure = figures.bars(film())
    cases: list[tuple[Any, str]] = [
        (lambda: figures.save(figure, tmp_path / "x.gif"), r"must end in \.svg, \.pdf or \.png, got '.*x\.gif'"),
        (lambda: figures.save(figure, tmp_path / "none" / "x.svg"), "cannot write '.*x.svg': No such file"),
        (lambda: figures.heat_strip([]), "at least one explanation"),
        (lambda: figures.heat_strip([film()], names=["a", "b"]), "names must be as many as explanations, 1, got 2"),
        (lambda: figures.heat_strip(film(), width=1.0), "width must be at least 2.0, got 1.0"),
        (lambda: figures.heat_strip(film(), top=0), "top must be at least 1, got 0"),
        (lambda: figures.bars(film(), top=0), "top must be at least 1, got 0"),
        (lambda: figures.comparison_grid({}), "at least one method"),
        (lambda: figures.comparison_grid({"a": [film()], "b": [pair()]}), "'b' explains others"),
        (lambda: figures.curves({}), "at least one curve"),
        (lambda: figures.degradation_curves({}), "at least one method"),
        (lambda: figures.degradation_curves({"m": (wave(), slopes(0.1)[0])}), "two curves of 'm'"),
        (lambda: figures.groups(film()), "no groups; explain with method='group-masks'"),
        (lambda: figures.metric_grid({"aopc": {}}), "at least one metric"),
    ]
    for call, message in cases:
        with pytest.raises(OptionError, match=message) as caught:
            call()
        assert "\n" not in str(caught.value)


def test_without_matplotlib_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("elision.views.figures")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(OptionError, match=r'pip install "elision\[figures\]"'):
        importlib.import_module("elision.views.figures")


def test_nothing_warns_when_a_mean_is_missing() -> None:
    empty = wave(low=np.ones(5), high=np.ones(5))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figures.curves({"one": empty, "two": wave()})
        figures.degradation_curves({"one": (empty, empty), "two": (wave(), wave())})
