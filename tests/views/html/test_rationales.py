"""Sets in pages: sentences, lines above words with what they mean, all sets in a table; what users bring is escaped."""

from __future__ import annotations

from toys.reports import explained, parse, rows, sought

import elision
from elision.views.html import document


def test_sets_stand_under_the_text_in_words_and_in_a_table() -> None:
    box = parse(document(sought())).all("div", class_="sets")[0]
    told = [p.text for p in box.all("p")]
    assert told[:2] == [
        "With “deep film” alone the model still says positive (80 to 90\u00a0%), however the other words are left out; "
        "no smaller set does.",
        "Without “deep” it says so no more (10 to 20\u00a0%).",
    ]
    assert rows(box.all("table", class_="rationales")[0]) == [
        ["drop, mask", "“deep film” alone keep it", "80 to 90 %"],
        ["drop, mask", "leaving out “deep” takes it", "10 to 20 %"],
        ["mask", "no word is needed", "60 %"],
    ]
    assert box.all("summary")[0].text == "Sets under each way of leaving out"
    assert parse(document(explained())).all("div", class_="sets") == []


def test_lines_above_words_say_in_which_set_they_are() -> None:
    tree = parse(document(sought()))
    strip = tree.all("p", class_="strip")[0]
    over = {mark: [e.text for e in strip.all("span", class_=mark)] for mark in ("keeps", "takes")}
    assert over == {"keeps": ["deep", "film"], "takes": ["deep"]}
    assert strip.text == "a deep film ."
    words = strip.all("span", class_="word")
    assert [w.attributes.get("data-set", "") for w in words] == [
        "",
        "one of the words that keep the answer alone, one of the words whose absence takes the answer",
        "one of the words that keep the answer alone",
        "",
    ]
    assert words[2].attributes["title"].endswith(", one of the words that keep the answer alone")
    key = tree.all("p", class_="lines")[0]
    assert [e.text for e in key.all("span", class_="over")] == ["keeps", "takes"]
    assert [row[-1] for row in rows(tree.all("table", class_="scores")[0])] == ["", "both", "keeps", ""]


def test_words_of_sets_are_escaped() -> None:
    page = document(sought("a <b>deep</b> <script>film</script> ."))
    assert "<b>deep</b>" not in page
    assert page.count("<script") == 2
    box = parse(page).all("div", class_="sets")[0]
    assert "“<b>deep</b> <script>film</script>” alone" in box.text


def test_entries_of_a_report_have_the_lines_and_the_legend() -> None:
    tree = parse(elision.report([sought(), explained()]))
    assert [e.text for e in tree.all("p", class_="lines")[0].all("span", class_="over")] == ["keeps", "takes"]
    first, *_ = tree.all("li", class_="entry")
    assert [e.text for e in first.all("span", class_="keeps")] == ["deep", "film"]
    assert [e.text for e in first.all("span", class_="takes")] == ["deep"]
    assert parse(elision.report([explained()])).all("p", class_="lines") == []
