"""The page of many explanations: what it shows without JavaScript; nothing leaves it or breaks it."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats
from toys.command import Command
from toys.reports import PROVENANCE, Element, explained, full, grouped, parse, rows
from toys.sets import data, drawn, ordered, shown

import elision
from elision.results.explanation import Explanation
from elision.runs.file import LabelledExplanation
from elision.text import Unit

ATTACK = "</script><script>alert('&\"x\"')</script><!--"


def section(page: str, name: str) -> Element:
    return parse(page).all("section", id=name)[0]


def places(page: str, name: str) -> list[list[int]]:
    """Return the explanations of each list of a section."""
    lists = section(page, name).all("ol", class_="entries")
    return [[int(e.attributes["data-item"]) for e in own.all("li")] for own in lists]


def test_orders_that_say_nothing_are_left_out() -> None:
    assert list(ordered([LabelledExplanation(explained())])[1]) == ["file", "tie"]
    assert list(ordered([LabelledExplanation(explained(), "positive")])[1]) == ["errors", "file", "tie", "label"]
    page = elision.report([explained()])
    assert [s.attributes["id"] for s in parse(page).all("section")] == ["words", "uncertain", "surprising", "all"]
    assert "No word occurs 3 times in other explanations of its class." in section(page, "surprising").text
    assert "Every label is the class predicted." in section(elision.report([full()], ["positive"]), "errors").text


def test_a_reader_without_javascript_sees_words_and_the_first_of_each_list() -> None:
    run = drawn(200)
    page = elision.report(run)
    _, found = ordered(run)
    assert found["errors"].known > 25
    assert places(page, "errors") == [found["errors"].places[:25]]
    assert places(page, "uncertain") == [found["tie"].places[:10], found["wide"].places[:10]]
    assert places(page, "surprising") == [found["surprising"].places[:10]]
    assert f"(25 of {found['errors'].known:,}; all are in the list below)" in section(page, "errors").text
    tree = parse(page)
    assert "need JavaScript" in tree.all("noscript")[0].text
    hidden = [e for e in tree.all() if "hidden" in e.attributes]
    inside = {id(below) for e in hidden for below in [e, *e.all()]}
    assert {id(e) for tag in ("select", "input", "button") for e in tree.all(tag)} <= inside
    assert all(tree.all(class_=name) for name in ("controls", "found", "pages"))


def test_an_entry_says_what_was_predicted_and_why_it_is_there() -> None:
    rest = [LabelledExplanation(explained("not", [s])) for s in (-2.0, -2.5, -1.5)]
    page = elision.report(
        [LabelledExplanation(full(target="negative", scores=[0.1, -2.0, 1.0, 0.0]), "negative"), *rest]
    )
    entry = section(page, "errors").all("li")[0]
    facts = entry.all("p", class_="facts")[0]
    assert [part.text for part in facts.children if isinstance(part, Element)] == [
        *("1", "positive 75.0 %", "label negative 25.0 %", "✗ error", "explained negative 25.0 %"),
    ]
    words = entry.all("span", class_="word")
    assert [w.attributes["class"] for w in words] == ["word none", "word minus", "word plus", "word none"]
    assert words[1].attributes["title"] == "-2.00 bits (± 0.10)"
    assert words[1].attributes["style"] == "--shade:0.70"
    assert entry.all("p", class_="strip")[0].text == "a deep film ."
    assert entry.all("p", class_="note")[0].text == "Note: mind the gap"
    why = [own.text for own in section(page, "uncertain").all("p", class_="why")]
    assert why[0] == "positive 75.0 %, negative 25.0 %"
    assert why[-1] == "widest interval: film ± 0.39; the strongest score is 2.00"
    page = elision.report([explained("Not", [3.1]), *rest])
    why = [own.text for own in section(page, "surprising").all("p", class_="why")]
    assert why[0] == "Not: +3.10 here, -2.00 on average elsewhere (3 times)"


def test_the_table_of_words_whose_effect_may_be_chance_is_folded() -> None:
    page = elision.report([explained("not A", [1.0, -1.0]), explained("not not b", [2.0, 3.0, -2.0])])
    folded = section(page, "words").all("details", class_="chance")[0]
    table = folded.all("table")[0]
    # mean 2 of 1, 2, 3; cluster sums -1 and 1; sqrt(2 * 2) / 3 * t(1 degree of freedom)
    reach = 12.706204736174698 * 2 / 3
    assert [rows_of(body) for body in table.all("tbody")] == [
        [
            ["all of them"],
            ["not", "", "+2.00", f"{2 - reach:+.2f} to {2 + reach:+.2f}", "3", "2"],
            ["b", "", "-2.00", "-", "1", "1"],
            ["a", "", "-1.00", "-", "1", "1"],
        ],
    ]
    # The interval reaches beyond twice the longest bar, where it is cut: from -4 to 4.
    drawn = [[float(v) for v in re.findall(r"[\d.]+", i.attributes["style"])] for i in table.all("i")]
    assert drawn == [[50.0, 25.0], [0.0, 100.0], [25.0, 25.0], [37.5, 12.5]]
    assert folded.all("summary")[0].text == "3 words, whose effect may be chance"
    assert "open" not in folded.attributes
    assert "No word stands out: the effect of each may be chance." in section(page, "words").text
    assert len(section(page, "words").all("table")) == 1


def test_bars_and_intervals_of_words_have_one_scale() -> None:
    sure = [(1.0, -1.0), (2.0, -1.5), (3.0, -1.25), (2.0, -1.25)]
    page = elision.report([explained("not dull", list(scores)) for scores in sure] + [explained("a", [-1.0])])
    wide = stats.t.ppf(0.975, 3)
    reach, other = (wide * stats.sem(column) for column in np.transpose(sure))
    table = section(page, "words").all("table")[0]
    assert [body.attributes["class"] for body in table.all("tbody")] == ["for", "against"]
    drawn = [[float(v) for v in re.findall(r"[\d.]+", i.attributes["style"])] for i in table.all("i")]
    wanted = [(0.0, 2.0), (2 - reach, 2 + reach), (-1.25, 0.0), (-1.25 - other, -1.25 + other)]
    low = -1.25 - other
    width = 2 + reach - low
    # Percentages are written with two decimals.
    assert drawn == [pytest.approx([100 * (a - low) / width, 100 * (b - a) / width], abs=0.0051) for a, b in wanted]
    assert table.attributes["style"] == f"--zero:{100 * -low / width:.2f}%"
    assert "1 more word, whose effect may be chance" in section(page, "words").text
    assert "“not” weighs most surely for positive, +2.00 bits on average; “dull” weighs" in section(page, "words").text


def rows_of(body: Element) -> list[list[str]]:
    return [[cell.text for cell in row.children] for row in body.all("tr")]


def test_scores_without_a_sign_have_no_words_against() -> None:
    table = section(elision.report([grouped()] * 3), "words").all("table")[0]
    assert [body.attributes["class"] for body in table.all("tbody")] == ["for"]
    assert rows_of(table.all("tbody")[0])[1] == ["<b>cats", "1", "", "0.800", "0.800 to 0.800", "3", "3"]


def test_accuracy_and_confusions() -> None:
    def one(p: float, label: str | None, model: str = "tiny") -> LabelledExplanation:
        record = PROVENANCE | {"model": {"name": model}}
        return LabelledExplanation(explained("a", [1.0], probabilities=np.array([1 - p, p]), provenance=record), label)

    run = [one(0.9, "positive"), one(0.8, "negative"), one(0.7, "negative"), one(0.2, "negative"), one(0.1, None)]
    page = elision.report(run)
    facts = parse(page).all("dl", class_="counts")[0].text
    assert "accuracy50.0 % (2 of 4 with a label are right)" in facts
    table = section(page, "errors").all("table")[0]
    assert rows(table) == [["negative", "1", "2"], ["positive", "0", "1"]]
    assert [cell.text for cell in table.all("td", class_="wrong")] == ["2"]
    page = elision.report([*run, one(0.9, "positive", "/models/other")])
    facts = parse(page).all("dl", class_="counts")[0].text
    assert "modelstiny, other" in facts
    assert "accuracy of tiny50.0 %" in facts
    assert "accuracy of other100 % (1 of 1" in facts
    assert len(section(page, "errors").all("table")) == 2


def test_confusions_of_many_classes_are_a_list() -> None:
    labels = tuple(f"c{i:02}" for i in range(40))

    def one(predicted: int, label: int) -> LabelledExplanation:
        found = explained("a", [1.0], labels=labels, target="c00", probabilities=np.eye(40)[predicted])
        return LabelledExplanation(found, labels[label])

    run = [one(i, i) for i in range(40)] + [one(i, (i + 1) % 40) for i in range(38)] + [one(7, 8)]
    table = section(elision.report(run), "errors").all("table")[0]
    assert table.all("caption")[0].text == "The 30 most frequent of 38 confusions"
    assert rows(table)[:2] == [["c08", "c07", "2", "66.7 %"], ["c01", "c00", "1", "50.0 %"]]
    assert len(rows(table)) == 30


def test_kinds_are_kept_apart() -> None:
    lime = PROVENANCE | {"method": "lime"}
    run = [explained("not", [1.0]), explained("not", [3.0], provenance=lime), explained(("not", "not"), [4.0, 5.0])]
    page = elision.report(run)
    tables = section(page, "words").all("table")
    assert [rows_of(table.all("tbody")[0])[1:] for table in tables] == [
        [["not", "", "+1.00", "-", "1", "1"]],
        [["not", "", "+3.00", "-", "1", "1"]],
        [["not", "2", "", "+5.00", "-", "1", "1"], ["not", "1", "", "+4.00", "-", "1", "1"]],
    ]
    assert [s.attributes["name"] for s in parse(page).all("select")] == ["palette", "order", "predicted", "kind"]
    said = [kind["said"] for kind in data(page)["kinds"]]
    assert said[1] == "lime · model tiny · marginal (hub/mlm) · weight of evidence"


ATTACKS: dict[str, dict[str, Any]] = {
    "word": {"words": f"a {ATTACK} film ."},
    "between": {"segments": (f"{ATTACK} a", ATTACK), "units": (Unit("a", len(ATTACK) + 1, len(ATTACK) + 2),)},
    "label": {"labels": (ATTACK, "positive")},
    "target": {"labels": ("negative", ATTACK), "target": ATTACK},
    "note": {"notes": (ATTACK,)},
    "record": {"provenance": PROVENANCE | {"method": ATTACK, "model": {"name": ATTACK}, "removal": {"name": ATTACK}}},
    "behaviour": {"provenance": PROVENANCE | {"behaviour": {"name": ATTACK, "unit": f'"><b>{ATTACK}'}}},
}


@pytest.mark.parametrize("name", ATTACKS)
def test_every_text_is_escaped(name: str) -> None:
    changes = ({"words": "a", "scores": [1.0]} if name == "between" else {}) | ATTACKS[name]
    one = explained(**changes)
    page = elision.report([one, *[explained("x", [1.0])] * 4], [one.labels[0], *["positive"] * 4], title=ATTACK)
    plain = elision.report([explained(), *[explained("x", [1.0])] * 4], ["negative", *["positive"] * 4])
    tree, wanted = parse(page), parse(plain)
    assert {e.tag for e in tree.all()} <= {e.tag for e in wanted.all()} | {"p"}
    assert {a for e in tree.all() for a in e.attributes} <= {a for e in wanted.all() for a in e.attributes}
    assert len(tree.all("script")) == page.count("</script") == 2
    assert "<!--" not in page
    assert tree.all("script")[1].children == wanted.all("script")[1].children
    assert tree.all("h1")[0].text == ATTACK
    assert "alert('&\"x\"')" in tree.text.replace(ATTACK, "", 1)


def test_nothing_is_asked_for_from_outside() -> None:
    page = elision.report(drawn())
    tree = parse(page)
    assert not {a for e in tree.all() for a in e.attributes} & {"src", "srcset", "action", "onclick", "onload"}
    assert not {e.tag for e in tree.all()} & {"link", "img", "iframe", "object", "form", "base"}
    ids = [e.attributes["id"] for e in tree.all() if "id" in e.attributes]
    assert len(set(ids)) == len(ids)
    assert {e.attributes["href"] for e in tree.all("a")} <= {f"#{own}" for own in ids}
    assert re.search(r"https?:|url\(|@import|fetch\(|XMLHttp|innerHTML|import\(|eval\(", page) is None
    script = tree.all("script")[-1].children[0]
    own = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = tree.all("meta", http_equiv="Content-Security-Policy")[0].attributes["content"]
    assert policy == f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{own}'"


def test_characters_that_no_page_holds_are_replaced() -> None:
    found = explained("a\x00 \x07b\r\n c\td \ud800 \u202e", [1.0, 1, 1, 1, 1], labels=("\ud800", "positive"))
    page = elision.report([found], ["\ud800"], title="\ud800")
    page.encode()
    assert section(page, "uncertain").all("p", class_="strip")[0].text == "a� �b \n c\td � \u202e"
    assert data(page)["items"][0][0] == ["a� �b \n c\td � \u202e"]


def test_long_texts_are_cut_in_lists_and_whole_in_the_data() -> None:
    words = [f"w{i}" for i in range(1000)]
    page = elision.report([explained(" ".join(words), np.ones(1000)), explained("x" * 9000, [1.0])])
    long, word = section(page, "uncertain").all("p", class_="strip")
    assert long.text == " ".join(words[:300]) + " … 700 more words"
    assert word.text == "x" * 500 + "…"
    assert [shown(data(page), i) for i in (0, 1)] == [[words], [["x" * 9000]]]


def test_an_empty_set_is_refused_and_the_smallest_shown() -> None:
    with pytest.raises(elision.OptionError, match="a report needs at least one explanation"):
        elision.report([])
    none = Explanation(
        segments=("\u200b",), units=(), scores=np.array([]), target="", labels=("",), probabilities=np.array([1.0])
    )
    page = parse(elision.report([none]))
    assert page.all("h1")[0].text == "1 explanation"
    assert "(no name): 1 explanation" in page.all("section", id="words")[0].text


def test_thousands_of_classes() -> None:
    labels = tuple(f"c{i}" for i in range(2000))
    p = np.full(2000, 1 / 2000)
    run = [explained("a film", [1.0, -1.0], labels=labels, target=label, probabilities=p) for label in labels[:300]]
    page = elision.report(run)
    assert len(section(page, "words").all("details", class_="class")) == 100
    assert "Shown are the 100 classes with the most explanations, of 300." in section(page, "words").text
    assert len(page) < 500_000


def test_a_run_is_reported_as_its_explanations_are(tmp_path: Path) -> None:
    run = drawn()
    elision.write_run(tmp_path / "run.jsonl", run)
    page = elision.report(run)
    assert elision.report(tmp_path / "run.jsonl") == page
    assert elision.report(str(tmp_path / "run.jsonl")) == page
    assert elision.report([one.explanation for one in run], [one.label for one in run]) == page
    with pytest.raises(elision.OptionError, match="labels must be one for each"):
        elision.report(run, ["positive"])


def test_the_command_writes_a_page(run: Command, tmp_path: Path) -> None:
    file, out = tmp_path / "run.jsonl", tmp_path / "run.html"
    elision.write_run(file, drawn())
    outcome = run("report", str(file), str(out), "--title", "Films & plots")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "")
    assert out.read_text(encoding="utf-8") == elision.report(file, title="Films & plots")
    assert parse(out.read_text(encoding="utf-8")).all("h1")[0].text == "Films & plots"
    assert run("report", str(file), "-").out == elision.report(file)
    nowhere = run("report", str(tmp_path / "none.jsonl"), str(tmp_path / "nowhere" / "run.html"))
    assert nowhere.err.endswith("run.html: its folder does not exist\n")
    none = run("report", str(tmp_path / "none.jsonl"), str(out))
    assert (none.code, none.err.count("\n")) == (2, 1)
    assert "cannot read" in none.err
    assert "elision report reviews.jsonl reviews.html" in run("report", "--help").out


def test_explanations_one_after_another_are_a_run(run: Command, tmp_path: Path) -> None:
    file = tmp_path / "run.jsonl"
    file.write_text(run.explain("a good film", "--json", "-").out + run.explain("a dull film", "--json", "-").out)
    assert run("report", str(file), "-").out.count(">2 explanations<") == 2
