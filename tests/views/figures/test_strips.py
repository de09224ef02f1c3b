"""Words in a row: their colours, numbers, lines and fonts."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb
from matplotlib.lines import Line2D
from matplotlib.text import Text
from toys.pictures import boxes, explained, film, inside, pair, place, texts, under
from toys.scored import scored

from elision.text import Unit
from elision.views import figures
from elision.views.figures import fonts
from elision.views.figures.flow import flow
from elision.views.figures.page import hexadecimal
from elision.views.palettes import BLUE, RED


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


def test_the_grid_has_a_block_for_each_example() -> None:
    named = {"lime": [film(), pair()], "random": [film(), pair()]}
    figure = figures.comparison_grid(named)
    inside(figure)
    said = texts(figure)
    assert [said.count(word) for word in ("lime", "random", "deep", "cats")] == [2, 2, 2, 2]
    assert [text for text in said if "75.0 %" in text] == ["1   good  75.0 %", "2   good  75.0 %"]


def test_scores_are_raised_and_lowered() -> None:
    named, other = scored(target="stars", labels=("stars",)), scored()
    assert {"stars 3.20", "raises “stars”", "lowers “stars”"} <= set(texts(figures.heat_strip(named)))
    assert {"score 3.20", "raises the score", "lowers the score"} <= set(texts(figures.heat_strip(other)))
    both = set(texts(figures.heat_strip([named, other])))
    assert {"raises the score explained", "lowers the score explained"} <= both
    mixed = {"for the class explained", "against the class explained", "score 3.20"}
    assert mixed <= set(texts(figures.heat_strip([other, film()])))
    assert {"score  3.20", "change in score: + raises the score, - lowers it"} <= set(texts(figures.bars(other)))
