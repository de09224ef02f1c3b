"""The HTML report: what it shows without JavaScript, its data, its geometry; nothing leaves it or breaks it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Any

import numpy as np
import pytest
from toys.reports import PROVENANCE, explained, full, grouped, parse, rows

import elision
from elision.results.comparison import Comparison
from elision.results.explanation import Candidate, Explanation
from elision.text import Unit
from elision.views.html import document, fragment

ATTACK = "</script><script>alert('&\"x\"')</script><!--"


def compared(*names: str) -> Comparison:
    others = [explained(scores=[3.0, 1.0, -1.0, 0.5], provenance=PROVENANCE | {"method": name}) for name in names[1:]]
    return Comparison(names, (full(), *others))


ATTACKS: dict[str, dict[str, Any]] = {
    "word": {"words": f"a {ATTACK} film ."},
    "between": {"segments": (f"{ATTACK} a", ATTACK), "units": (Unit("a", len(ATTACK) + 1, len(ATTACK) + 2),)},
    "target": {"labels": ("negative", ATTACK), "target": ATTACK},
    "predicted": {"labels": (ATTACK, "positive"), "probabilities": np.array([0.75, 0.25])},
    "note": {"notes": (ATTACK,)},
    "record": {"provenance": PROVENANCE | {"method": ATTACK, "model": {"name": ATTACK}, "removal": {"name": ATTACK}}},
    "nested": {"provenance": PROVENANCE | {ATTACK: {ATTACK: {"a": [ATTACK]}}}},
    "behaviour": {"provenance": PROVENANCE | {"behaviour": {"name": ATTACK, "unit": f'"><b>{ATTACK}'}}},
    "candidate": {"candidates": ((Candidate(ATTACK, 0.5, 0.5),),)},
}


@pytest.mark.parametrize("make", [document, fragment])
@pytest.mark.parametrize("name", [*ATTACKS, "group"])
def test_every_text_is_escaped(name: str, make: Any) -> None:
    changes = ATTACKS.get(name, {})
    if name in ("between", "candidate"):
        changes = {"words": "a", "scores": [1.0]} | changes
    found = grouped((f"two {ATTACK.replace(' ', '')}", "one dog !")) if name == "group" else explained(**changes)
    page = make(found)
    plain = parse(make(grouped() if name == "group" else explained()))
    tree = parse(page)
    assert {e.tag for e in tree.all()} <= {e.tag for e in plain.all()} | {"p"}
    assert {a for e in tree.all() for a in e.attributes} <= {a for e in plain.all() for a in e.attributes}
    assert len(tree.all("script")) == 2
    assert page.count("</script") == 2
    assert "<!--" not in page
    assert tree.all("script")[1].children == plain.all("script")[1].children
    if name != "candidate":
        assert "alert('&\"x\"')" in tree.text


@pytest.mark.parametrize("found", [full(), grouped(), explained("a &amp; <b> \u2028 é 😀 \\u003c")], ids=str)
def test_the_data_is_the_explanation(found: Explanation) -> None:
    scripts = parse(document(found)).all("script", type="application/json")
    assert len(scripts) == 1
    data = scripts[0].children[0]
    assert "<" not in data
    assert Explanation.from_json(data) == found


def test_the_data_has_the_scores_of_every_class() -> None:
    data = json.loads(parse(document(full())).all("script", type="application/json")[0].children[0])
    assert dict(zip(data["labels"], data["findings"][0]["class_scores"], strict=True)) == {
        "negative": [-0.1, 2.0, -1.0, 0.0],
        "positive": [0.1, -2.0, 1.0, 0.0],
    }
    select = parse(document(full())).all("select", name="target")[0]
    assert [o.attributes["value"] for o in select.all("option")] == ["negative", "positive"]
    assert [o.attributes["value"] for o in select.all("option") if "selected" in o.attributes] == ["positive"]


def test_of_many_classes_the_less_likely_are_folded() -> None:
    def classes(n: int) -> tuple[list[str], list[str]]:
        labels = tuple(f"c{i}" for i in range(n))
        share = 2.0 * np.arange(n) / (n * (n - 1))
        tree = parse(document(explained(labels=labels, target="c0", probabilities=share)))
        folded = [u for d in tree.all("details") for u in d.all("ul", class_="classes")]
        names = lambda lists: [b.text for u in lists for b in u.all("bdi")]  # noqa: E731
        return names(u for u in tree.all("ul", class_="classes") if u not in folded), names(folded)

    assert classes(12) == ([f"c{i}" for i in reversed(range(12))], [])
    assert classes(15) == ([f"c{i}" for i in reversed(range(3, 15))], ["c2", "c1", "c0"])


def test_one_class_and_one_method_have_no_switch() -> None:
    assert [s.attributes["name"] for s in parse(document(explained())).all("select")] == ["order", "palette"]


def test_a_reader_without_javascript_sees_words_scores_and_record() -> None:
    tree = parse(document(full()))
    strip = tree.all("p", class_="strip")[0]
    assert strip.text == "a deep film ."
    words = strip.all("span", class_="word")
    assert [w.attributes["title"] for w in words] == [
        "without it 70.0 %, -5.0 points; +0.10 bits (± 0.05)",
        "without it 90.0 %, +15.0 points; -2.00 bits (± 0.10)",
        "without it 60.0 %, -15.0 points; +1.00 bits (± 0.20)",
        "without it 75.0 %, +0.0 points; +0.00 bits (± 0.00)",
    ]
    assert [w.attributes["class"] for w in words] == ["word none", "word minus", "word plus", "word none"]
    assert [w.attributes["style"] for w in words] == [
        *("--shade:0.00", "--shade:0.70", "--shade:0.41", "--shade:0.00"),
    ]
    assert rows(tree.all("table", class_="scores")[0]) == [
        ["a", "", "70.0 %", "-5.0", "+0.10", "± 0.05", "50.0 %"],
        ["deep", "", "90.0 %", "+15.0", "-2.00", "± 0.10", "-"],
        ["film", "", "60.0 %", "-15.0", "+1.00", "± 0.20", "< 0.01 %"],
        [".", "", "75.0 %", "+0.0", "+0.00", "± 0.00", "100 %"],
    ]
    assert "Note: mind the gap" in tree.text
    assert tree.all("h1")[0].text == "positive  75.0 %"
    assert [item.text for item in tree.all("ul", class_="classes")[0].all("li")] == [
        "positive 75.0 %",
        "negative 25.0 %",
    ]
    assert "+ for positive, - against it" in tree.text
    record = rows(tree.all("details", class_="record")[0].all("table")[0])
    assert ["settings", "tolerance: 0.1, grid: [1, 2]"] in record
    assert ["removal", "name: marginal, likelihood: (name: hub/mlm)"] in record


def test_what_needs_javascript_is_hidden_without_it() -> None:
    tree = parse(document(compared("marginalization", "lime")))
    assert "hidden" in tree.all("div", class_="controls")[0].attributes
    hidden = [e for e in tree.all() if "hidden" in e.attributes]
    inside = {id(below) for e in hidden for below in [e, *e.all()]}
    assert {id(e) for tag in ("select", "input", "button") for e in tree.all(tag)} <= inside


def test_what_is_hidden_stays_hidden_whatever_else_its_style_says() -> None:
    style = parse(fragment(full())).all("style")[0].children[0]
    assert "[hidden] { display: none !important; }" in style


def test_bars_reach_from_zero_to_the_score_and_lines_over_the_interval() -> None:
    tree = parse(document(full()))
    low, high = -2.0 - 1.959963984540054 * 0.1, 1.0 + 1.959963984540054 * 0.2
    assert tree.all("table", class_="scores")[0].attributes["style"] == f"--zero:{100 * -low / (high - low):.2f}%"
    wanted = [(-2.0, 0.0), (low, -2.0 + 1.959963984540054 * 0.1)]
    deep = tree.all("tr", data_unit="1")[0].all("i")
    assert [i.attributes["class"] for i in deep] == ["bar minus", "reach"]
    for drawn, (start, end) in zip(deep, wanted, strict=True):
        left, width = (float(n) for n in re.findall(r"[\d.]+", drawn.attributes["style"]))
        # Percentages are written with two decimals.
        assert left == pytest.approx(100 * (start - low) / (high - low), abs=0.0051)
        assert width == pytest.approx(100 * (end - start) / (high - low), abs=0.0051)


@pytest.mark.parametrize("scores", [[0.0, 0.0, 0.0, 0.0], [-3.0, -2.0, -1.0, -4.0], [1e-300, 0.0, 0.0, 0.0]])
def test_bars_stay_within_their_track(scores: list[float]) -> None:
    for drawn in parse(document(explained(scores=scores))).all("i"):
        left, width = (float(n) for n in re.findall(r"[\d.]+", drawn.attributes["style"]))
        assert 0 <= left <= left + width <= 100.01


def test_bounds_stand_where_scores_are_bounded() -> None:
    bounded = explained(lower=np.array([0.0, -2.5, 0.5, 0.0]), upper=np.array([0.2, -1.5, 1.5, 0.0]))
    tree = parse(document(bounded))
    assert [row[3] for row in rows(tree.all("table", class_="scores")[0])][1] == "[-2.50, -1.50]"
    assert len(tree.all("i", class_="reach")) == 4
    assert not parse(document(explained())).all("i", class_="reach")


def test_words_stand_in_reading_order_text_by_text() -> None:
    tree = parse(document(explained(("same word", "שלום word"))))
    strips = tree.all("p", class_="strip")
    assert [(s.text, s.attributes["dir"]) for s in strips] == [("same word", "auto"), ("שלום word", "auto")]
    assert [w.attributes["data-unit"] for s in strips for w in s.all("span")] == ["0", "1", "2", "3"]
    table = rows(tree.all("table", class_="scores")[0])
    assert [row[:2] for row in table] == [["1", "same"], ["1", "word"], ["2", "שלום"], ["2", "word"]]


def test_methods_stand_one_under_another_with_their_correlations() -> None:
    found = compared("marginalization", "lime", "<other>")
    tree = parse(found.to_html())
    assert [s.attributes["data-method"] for s in tree.all("section")] == list(found.names)
    assert [s.all("h2")[0].text for s in tree.all("section")] == list(found.names)
    assert [len(s.all("p", class_="strip")) for s in tree.all("section")] == [1, 1, 1]
    options = tree.all("select", name="method")[0].all("option")
    assert [o.attributes["value"] for o in options] == ["all", "0", "1", "2"]
    correlations = rows(tree.all("details", class_="correlations")[0].all("table")[0])
    rho = f"{found.correlation()[0, 1]:.2f}"
    assert correlations == [
        ["marginalization", "1.00", rho, rho],
        ["lime", rho, "1.00", "1.00"],
        ["<other>", rho, "1.00", "1.00"],
    ]
    assert [Explanation.from_json(s.all("script")[0].children[0]) for s in tree.all("section")] == list(
        found.explanations
    )


def test_one_method_alone_has_its_table_open() -> None:
    def folded(found: Any) -> list[bool]:
        tables = [d for d in parse(document(found)).all("details") if d.all("table", class_="scores")]
        return ["open" not in table.attributes for table in tables]

    assert folded(full()) == [False]
    assert folded(compared("a", "b")) == [True, True]


@pytest.mark.parametrize("found", [full(), grouped(), compared("a", "b")], ids=["single", "pair", "methods"])
def test_nothing_is_asked_for_from_outside(found: Any) -> None:
    page = document(found)
    tree = parse(page)
    assert not {a for e in tree.all() for a in e.attributes} & {"src", "href", "srcset", "action", "onclick", "onload"}
    assert not {e.tag for e in tree.all()} & {"link", "img", "iframe", "object", "form", "base"}
    assert re.search(r"https?:|url\(|@import|fetch\(|XMLHttp|innerHTML|import\(|eval\(", page) is None
    script = tree.all("script")[-1].children[0]
    own = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = tree.all("meta", http_equiv="Content-Security-Policy")[0].attributes["content"]
    assert policy == f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{own}'"


def test_a_sentence_with_all_its_candidates_is_small() -> None:
    words = " ".join(f"word{i}" for i in range(30))
    candidates = tuple(
        tuple(Candidate("candidate", 0.123456789012345, 0.98765432109876) for _ in range(20)) for _ in range(30)
    )
    sizes = dict.fromkeys(("std_error", "absent_probabilities", "likelihoods"), np.full(30, 0.123456789012345))
    found = explained(words, candidates=candidates, class_scores=np.full((2, 30), 0.123456789012345), **sizes)
    assert len(document(found).encode()) < 100_000


def test_the_style_reaches_nothing_outside_the_report() -> None:
    style = parse(fragment(full())).all("style")
    assert len(style) == 1
    rule = style[0].children[0].strip()
    assert rule.startswith(".elision-report {")
    depth, ends = 0, []
    for i, c in enumerate(rule):
        depth += (c == "{") - (c == "}")
        if depth == 0 and c == "}":
            ends.append(i)
    assert ends == [len(rule) - 1]


def test_several_reports_in_one_page_are_told_apart() -> None:
    found = [full(), grouped(), compared("a", "b")]
    page = parse("".join(own._repr_html_() for own in found))
    reports = page.all("div", class_="elision-report")
    assert len({report.attributes["id"] for report in reports}) == 3
    assert [e.attributes["id"] for e in page.all() if "id" in e.attributes] == [r.attributes["id"] for r in reports]
    assert not [a for e in page.all() for a in e.attributes if a in ("for", "aria-controls", "aria-labelledby")]
    assert [r.all("h3")[0].text for r in reports] == ["positive  75.0 %"] * 3
    assert not page.all("h1")


def test_the_same_explanation_gives_the_same_page() -> None:
    assert full().to_html() == Explanation.from_json(full().to_json()).to_html()
    assert full().to_html() == document(full())


def test_an_explanation_without_units_is_shown() -> None:
    empty = Explanation(
        segments=("\u200b",), units=(), scores=np.array([]), target="a", labels=("a",), probabilities=np.array([1.0])
    )
    assert parse(document(empty)).all("h1")[0].text == "a  100 %"


def test_a_comparison_is_shown_in_notebooks() -> None:
    model = elision.load(
        lambda texts: [[0.2, 0.8] if "good" in t else [0.7, 0.3] for t in texts], labels=["bad", "fine"]
    )
    found = elision.compare("a good film", model=model, methods=["leave-one-out", "random"])
    page = parse(found._repr_html_())
    assert page.all("section")[0].all("p", class_="strip")[0].text == "a good film"
