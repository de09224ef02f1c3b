"""Files of figures: the same each time, whatever the caller's settings; errors in one line."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure
from toys.pictures import film, grouped, measured, pair, slopes, texts, wave

from elision.errors import OptionError
from elision.views import figures


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
