"""Groups in the HTML report: links as wide as phi, bars as long as psi, the matrix of interactions."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pytest
from toys.reports import explained, grouped, parse, rows

from elision.results.explanation import Group, Interaction
from elision.views.groups import numeral
from elision.views.html import document


def test_a_pair_with_groups() -> None:
    tree = parse(document(grouped()))
    assert [s.text for s in tree.all("sub")] == ["2", "1", "2", "1"]
    assert [w.attributes.get("data-group") for w in tree.all("span", class_="word")] == [
        "2 (100 %)",
        "1 (100 %)",
        "2 (75.0 %)",
        "1 (75.0 %)",
        None,
    ]
    assert rows(tree.all("table", class_="importance")[0]) == [
        ["1", "75.0 %", "0.05", "<b>cats", "dog 75.0 %"],
        ["2", "25.0 %", "1.15", "two", "one 75.0 %"],
    ]
    bars = [i.attributes["style"] for i in tree.all("table", class_="importance")[0].all("i")]
    assert bars == ["width:75.0%;background:rgb(213,94,0)", "width:25.0%;background:rgb(0,114,178)"]
    assert "strongest interactions (bits): <b>cats + dog +1.25, two + dog -0.50" in tree.text


def test_links_are_as_wide_and_as_strong_as_memberships() -> None:
    tree = parse(document(grouped()))
    picture = tree.all("div", class_="links")[0]
    assert [[item.text for item in column.all("li")] for column in picture.all("ul")] == [
        ["two", "<b>cats"],
        ["one", "dog"],
    ]
    links = {}
    for path in picture.all("path"):
        heights = [float(y) for y in re.findall(r"[ML C][\d.]+,([\d.]+)", path.attributes["d"])]
        wide = (heights[-1] - heights[0], heights[4] - heights[3])
        title = path.all("title")[0].children[0]
        links[title] = (*wide, float(path.attributes["fill-opacity"]))
    phi = {"<b>cats: group 1 (100 %)": 1.0, "one: group 1 (25.0 %)": 0.25, "dog: group 1 (75.0 %)": 0.75}
    phi |= {"two: group 2 (100 %)": 1.0, "one: group 2 (75.0 %)": 0.75}
    assert links.keys() == phi.keys()
    for title, share in phi.items():
        assert links[title] == pytest.approx((20 * share, 20 * share, 0.2 + 0.6 * share), abs=0.11)


def test_bands_do_not_overlap() -> None:
    plain = explained(" ".join(f"w{i}" for i in range(12)))
    memberships = np.eye(6).repeat(2, axis=1)
    many = tuple(Group(plain.units[2 * i : 2 * i + 2], 1 / 6, 0.1, own) for i, own in enumerate(memberships))
    picture = parse(document(explained(plain.segments[0], groups=many))).all("div", class_="links")[0]
    height = float(re.findall(r"[\d.]+", picture.attributes["style"])[0])
    bands = [[float(n) for n in re.findall(r"([\d.]+)px", b.attributes["style"])] for b in picture.all(class_="band")]
    assert [b.text for b in picture.all(class_="band")] == [numeral(i) for i in range(6)]
    assert all(one[0] + one[1] < other[0] for one, other in pairwise(bands))
    assert bands[0][0] >= 0
    assert bands[-1][0] + bands[-1][1] <= height


def test_the_matrix_holds_the_interactions_across_the_texts() -> None:
    matrix = parse(document(grouped())).all("table", class_="matrix")[0]
    assert [cell.text for cell in matrix.all("thead")[0].all("th")] == ["dog"]
    assert rows(matrix) == [["two", "-0.50"], ["<b>cats", "+1.25"]]
    cells = matrix.all("tbody")[0].all("td")
    assert [cell.attributes["class"] for cell in cells] == ["minus", "plus"]
    assert [cell.attributes["style"] for cell in cells] == [
        "--shade:0.35",
        "--shade:0.70",
    ]


def test_the_matrix_of_one_text_is_symmetric() -> None:
    plain = explained()
    pairs = (Interaction(plain.units[0], plain.units[2], 0.5, 0.5), Interaction(plain.units[1], plain.units[2], -1, -1))
    matrix = parse(document(explained(interactions=pairs))).all("table", class_="matrix")[0]
    assert rows(matrix) == [["a", "", "", "+0.50"], ["deep", "", "", "-1.00"], ["film", "+0.50", "-1.00", ""]]
