"""What a reader does with the report: point, switch, sort, walk with the keyboard, copy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect
from toys.reports import PROVENANCE, explained, full, grouped
from toys.scored import two_scores

from elision.results.comparison import Comparison
from elision.results.explanation import Candidate, Explanation

from .pages import Window, told

pytestmark = pytest.mark.browser


def two() -> Comparison:
    """Return two methods of which only the first scored every class."""
    return Comparison(
        ("first", "second"), (full(), explained(scores=[3.0, 1.0, -1.0, 0.5], provenance=PROVENANCE | {"method": "s"}))
    )


def switch(page: Page, name: str) -> Locator:
    return page.locator(f".controls [name={name}]")


def column(page: Page, name: str) -> list[str]:
    return page.locator(f".scores tbody tr:visible .{name}").all_inner_texts()


def signs(page: Page) -> list[str]:
    """Return how each word of the text is underlined: plus, minus or none."""
    names = [set(word.get_attribute("class").split()) for word in page.locator(".word").all()]
    return [(own - {"word", "chosen"}).pop() for own in names]


def words(page: Page) -> list[str]:
    return page.locator(".scores tbody tr:visible bdi").all_inner_texts()


def facts(page: Page, section: int = 0) -> dict[str, str]:
    """Return what a section's panel says of the chosen word."""
    panel = page.locator(".panel").nth(section)
    return dict(zip(panel.locator("dt").all_inner_texts(), panel.locator("dd").all_inner_texts(), strict=True))


def test_the_strongest_word_is_shown_first(window: Window) -> None:
    page = window(told().to_html())
    assert facts(page)["word"] == "deep"
    assert page.locator(".word.chosen").all_inner_texts() == ["deep"]


def test_pointing_at_a_word_shows_its_candidates(window: Window) -> None:
    page = window(told().to_html())
    page.locator(".word", has_text="film").hover()
    assert facts(page) == {
        "word": "film",
        "score for positive": "+1.00 bits ± 0.20",
        "likelihood of the word": "< 0.01 %",
        "positive with it": "75.0 %",
        "positive without it": "60.0 %, -15.0 points",
    }
    rows = page.locator(".panel tbody tr")
    assert [row.locator("th, td").all_inner_texts() for row in rows.all()] == [
        ["<i>play0</i>", "50.0 %", "25.0 %", "-50.0 points"],
        ["<i>play1</i>", "25.0 %", "35.0 %", "-40.0 points"],
    ]
    assert page.locator(".scores tr.chosen").get_attribute("data-unit") == "2"


def test_a_row_of_the_table_shows_its_word_too(window: Window) -> None:
    page = window(told().to_html())
    page.locator(".scores tr[data-unit='0']").hover()
    assert facts(page)["word"] == "a"


def test_another_class_has_other_scores(window: Window) -> None:
    page = window(told().to_html())
    strip = page.locator(".word")
    before = [word.evaluate("e => e.style.background") for word in strip.all()]
    switch(page, "target").select_option("negative")
    assert column(page, "score") == ["-0.10", "+2.00", "-1.00", "+0.00"]
    assert column(page, "interval") == ["", "", "", ""]
    assert facts(page)["score for negative"] == "+2.00 bits"
    assert page.locator(".meaning").inner_text() == "weight of evidence, bits: + for negative, - against it"
    # The first word's score, -0.1, is less than a tenth of the strongest: it has no colour.
    assert signs(page) == ["none", "plus", "minus", "none"]
    # Of two classes, the other's probability without a word is what the target's leaves: 1 - 0.9.
    assert strip.nth(1).get_attribute("aria-label") == "deep, without it 7.7 %, -17.3 points, +2.00 bits"
    assert page.locator(".reach:visible").count() == 0
    switch(page, "target").select_option("positive")
    assert [word.evaluate("e => e.style.background") for word in strip.all()] == before
    assert column(page, "interval") == ["± 0.05", "± 0.10", "± 0.20", "± 0.00"]


def test_a_method_that_scored_one_class_says_so(window: Window) -> None:
    page = window(two().to_html())
    switch(page, "target").select_option("negative")
    sections = page.locator("section")
    expect(sections.nth(1).locator(".unscored")).to_have_text("This method scored positive only.")
    expect(sections.nth(1).locator(".unscored")).to_be_visible()
    expect(sections.nth(0).locator(".unscored")).to_be_hidden()
    assert "score for negative" not in facts(page, 1)


@pytest.mark.parametrize(
    ("order", "wanted"),
    [
        ("reading", ["a", "deep", "film", "."]),
        ("size", ["deep", "film", "a", "."]),
        ("for", ["film", "a", ".", "deep"]),
        ("against", ["deep", ".", "a", "film"]),
    ],
)
def test_words_are_sorted(window: Window, order: str, wanted: list[str]) -> None:
    page = window(full().to_html())
    switch(page, "order").select_option(order)
    assert words(page) == wanted
    switch(page, "order").select_option("reading")
    assert words(page) == ["a", "deep", "film", "."]


def test_weak_words_are_hidden(window: Window) -> None:
    page = window(full().to_html())
    slider = switch(page, "least")
    slider.fill("50")
    assert page.locator("output").inner_text() == "50 %"
    assert words(page) == ["deep", "film"]
    assert signs(page) == ["none", "minus", "plus", "none"]
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert words(page) == ["deep"]
    slider.fill("0")
    assert words(page) == ["a", "deep", "film", "."]


def test_one_method_alone_is_shown(window: Window) -> None:
    page = window(two().to_html())
    shown = lambda: [section.is_visible() for section in page.locator("section").all()]  # noqa: E731
    assert shown() == [True, True]
    switch(page, "method").select_option("second")
    assert shown() == [False, True]
    switch(page, "method").select_option("all")
    assert shown() == [True, True]


def test_a_word_is_chosen_in_all_methods(window: Window) -> None:
    page = window(two().to_html())
    page.locator("section").nth(1).locator(".word", has_text="film").hover()
    assert [facts(page, i)["word"] for i in (0, 1)] == ["film", "film"]
    assert [facts(page, i)["score for positive"] for i in (0, 1)] == ["+1.00 bits ± 0.20", "-1.00 bits"]


def test_pointing_at_words_moves_none_of_them(window: Window) -> None:
    """Else the page would move under the mouse, to another word, and back."""
    several = tuple(tuple(Candidate(f"word{i}", 0.1, 0.5) for i in range(n)) for n in (1, 7, 2, 0))
    first = full(candidates=several)
    page = window(Comparison(("first", "second"), (first, full())).to_html())
    below = page.locator("section").nth(1).locator(".word")
    places = []
    for word in below.all():
        word.hover()
        places.append(below.first.bounding_box()["y"])
    assert len(set(places)) == 1


def test_the_keyboard_reaches_every_word(window: Window) -> None:
    page = window(told().to_html())
    focused = lambda: page.evaluate("document.activeElement.textContent")  # noqa: E731
    switch(page, "bits").focus()
    page.keyboard.press("Tab")
    assert focused() == "deep"
    ring = "getComputedStyle(document.activeElement).outline"
    assert page.evaluate(ring).startswith("rgb(28, 31, 36) solid 2px")
    path = []
    for key in ("ArrowRight", "ArrowDown", "ArrowRight", "Home", "ArrowLeft", "End", "ArrowLeft", "ArrowUp"):
        page.keyboard.press(key)
        path.append(focused())
        assert facts(page)["word"] == focused()
        assert page.locator(".word[aria-pressed=true]").all_inner_texts() == [focused()]
    assert path == ["film", ".", ".", "a", "a", ".", "film", "deep"]
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.strip')") is None
    page.keyboard.press("Shift+Tab")
    assert focused() == "deep"


def test_arrow_keys_follow_the_writing(window: Window) -> None:
    page = window(explained(("סרט טוב מאוד", "a film")).to_html())
    focused = lambda: page.evaluate("document.activeElement.textContent")  # noqa: E731
    page.locator(".word").first.focus()
    page.keyboard.press("ArrowLeft")
    assert focused() == "טוב"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    assert focused() == "a"
    page.keyboard.press("ArrowRight")
    assert focused() == "film"


def test_everything_can_be_reached_by_keyboard(window: Window) -> None:
    page = window(grouped().to_html())
    reached = []
    for _ in range(13):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.ariaLabel || document.activeElement.textContent.trim()"))
    assert reached[3].startswith("<b>cats")
    assert reached[4:6] == ["picture of the groups", "groups"]
    assert reached[6].startswith("strongest interactions")
    assert reached[7:9] == ["Scores of 5 words", "scores"]
    assert reached[9:11] == ["How this was computed", "Copy as JSON"]


def test_a_panel_is_read_out_only_where_the_reader_is(window: Window) -> None:
    page = window(two().to_html())
    live = lambda: [panel.get_attribute("aria-live") for panel in page.locator(".panel").all()]  # noqa: E731
    assert live() == ["off", "off"]
    page.locator("section").nth(1).locator(".word").first.focus()
    assert live() == ["off", "polite"]
    page.locator("section").nth(0).locator(".word").nth(1).focus()
    assert live() == ["polite", "off"]


@pytest.mark.parametrize("javascript", [True, False])
def test_a_script_in_a_text_stays_text(window: Window, javascript: bool) -> None:
    attack = "<script>document.title='taken'</script><img/src=x/onerror=document.title='taken'>"
    found = explained(
        ("a " + attack, attack),
        labels=("negative", attack),
        target=attack,
        class_scores=np.zeros((2, 3)),
        candidates=tuple((Candidate(attack, 0.5, 0.5),) for _ in range(3)),
        notes=(attack,),
    )
    page = window(found.to_html(), java_script_enabled=javascript)
    for word in page.locator(".word").all():
        word.hover()
    assert page.locator(".word").all_inner_texts() == ["a", attack, attack]
    if javascript:
        switch(page, "target").select_option(attack)
        assert page.locator(".panel tbody th").inner_text() == attack
    assert page.title().startswith(attack[:20])
    assert page.locator("img").count() == 0


def clipboard(page: Page) -> str:
    """Return what pasting gives."""
    page.evaluate("document.body.append(Object.assign(document.createElement('textarea'), {id: 'paste'}))")
    page.locator("#paste").focus()
    page.keyboard.press("Control+V")
    return page.locator("#paste").input_value()


def refuse(page: Page) -> None:
    page.evaluate("navigator.clipboard.writeText = () => Promise.reject(new DOMException('', 'NotAllowedError')); 0")


def absent(page: Page) -> None:
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")


@pytest.mark.parametrize("change", [None, refuse, absent])
def test_the_explanation_is_copied(window: Window, change: Callable[[Page], None] | None) -> None:
    found = full(notes=("</script> é 😀",))
    page = window(found.to_html(), permissions=["clipboard-read", "clipboard-write"])
    if change:
        change(page)
    button = page.get_by_role("button", name="Copy as JSON")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".copy span")).to_have_text("copied")
    expect(page.locator(".copy span")).to_be_visible()
    expect(button).to_be_focused()
    assert page.locator("textarea").count() == 0
    assert Explanation.from_json(clipboard(page)) == found


def test_a_refused_copy_says_so(window: Window) -> None:
    page = window(full().to_html())
    refuse(page)
    page.evaluate("document.execCommand = () => false; 0")
    page.get_by_role("button", name="Copy as JSON").click()
    expect(page.locator(".copy span")).to_have_text("the browser does not let this page copy")


def test_without_javascript_words_and_tables_are_there(window: Window) -> None:
    page = window(two().to_html(), java_script_enabled=False)
    for hidden in (".controls", ".panel", ".copy", ".unscored"):
        assert not any(element.is_visible() for element in page.locator(hidden).all())
    assert page.locator("button:visible, select:visible, input:visible").count() == 0
    first = page.locator(".strip").first
    assert first.is_visible()
    assert [word.evaluate("e => getComputedStyle(e).backgroundColor") for word in first.locator(".word").all()] == [
        "rgba(0, 0, 0, 0)",
        "rgba(45, 105, 200, 0.7)",
        "rgba(214, 60, 50, 0.41)",
        "rgba(0, 0, 0, 0)",
    ]
    lines = [word.evaluate("e => getComputedStyle(e).textDecorationLine") for word in first.locator(".word").all()]
    assert lines == ["none", "underline", "underline", "none"]
    assert words(page) == []
    page.locator("summary", has_text="Scores").first.click()
    assert words(page) == ["a", "deep", "film", "."]
    assert column(page, "score") == ["+0.10", "-2.00", "+1.00", "+0.00"]
    assert page.locator(".scores").first.locator("td.score").first.is_visible()


def test_counts_are_folded(window: Window) -> None:
    page = window(told().to_html())
    line = page.get_by_text("1,234 evaluations")
    assert not line.is_visible()
    page.locator("summary", has_text="How this was computed").click()
    assert line.is_visible()


def test_scores_are_told_as_numbers_and_switched(window: Window) -> None:
    page = window(two_scores().to_html())
    assert column(page, "without") == ["3.15", "2.10", "4.00", "3.20"]
    assert column(page, "score") == ["+0.05", "+1.10", "-0.80", "+0.00"]
    assert column(page, "points") == []
    assert page.locator(".meaning").inner_text() == "change in score: + raises stars, - lowers it"
    page.locator(".word", has_text="dull").hover()
    assert facts(page) == {
        "word": "dull",
        "stars without it": "4.00",
        "stars with it": "3.20",
        "score of the word": "-0.80 ± 0.02",
    }
    assert page.locator(".panel tbody tr").nth(1).locator("th, td").all_inner_texts() == [
        *("so", "25.0 %", "4.50", "+1.30"),
    ]
    assert page.locator(".word").nth(1).get_attribute("aria-label") == "divine, without it 2.10, +1.10"
    switch(page, "target").select_option("length")
    assert column(page, "score") == ["+10.00", "+0.50", "-20.00", "+0.00"]
    assert column(page, "without") == ["107.00", "116.50", "137.00", "117.00"]
    assert facts(page)["length with it"] == "117.00"
    said = page.locator(".sentence:visible").inner_text()
    assert said.startswith("length is 117.0. Blue words lower it: above all “dull”")
    assert page.locator(".key").inner_text().startswith("raises length lowers it")
