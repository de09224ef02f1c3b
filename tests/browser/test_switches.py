"""Switches of the report: what changes when one is moved, and nothing before."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Locator, Page
from toys.reports import explained, full, grouped

from elision.views.html import document

from .pages import Window, told

pytestmark = pytest.mark.browser




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


def test_nothing_changes_before_a_switch_is_moved(window: Window) -> None:
    """The script draws what Python drew: the same words, colours, numbers and bars."""
    said = """() => [...document.querySelectorAll('.word, .scores i, .score, .interval')].map((e) => {
        const own = getComputedStyle(e);
        return [e.textContent, own.backgroundColor, own.backgroundImage, own.textDecorationLine];
    })"""
    # Bars are longer where further numbers are folded away: what matters is which part of their track they fill.
    drawn = """() => [...document.querySelectorAll('.scores i')].flatMap((e) => {
        const own = e.getBoundingClientRect(), track = e.parentElement.getBoundingClientRect();
        return [(own.left - track.left) / track.width, own.width / track.width];
    })"""
    for found in (full(), grouped(), explained(lower=np.full(4, -2.5), upper=np.full(4, 1.5))):
        plain = window(found.to_html(), java_script_enabled=False)
        live = window(found.to_html())
        assert live.evaluate(said) == plain.evaluate(said)
        # Percentages are written with two decimals, and layout snaps to 1/64 of a pixel.
        assert live.evaluate(drawn) == pytest.approx(plain.evaluate(drawn), abs=5e-4)


def said(page: Page) -> list[str]:
    return [one.inner_text() for one in page.locator(".sentence").all() if one.is_visible()]


def test_the_sentence_follows_the_class(window: Window) -> None:
    page = window(told().to_html())
    assert said(page) == [
        "Blue words push away from positive: above all “deep”; without it 90.0\u00a0%, with it 75.0\u00a0%. "
        "Red words push towards it: above all “film”; without it 60.0\u00a0%."
    ]
    switch(page, "target").select_option("negative")
    # Without "deep", log2 odds of 0.25 are less by its score, 2: odds of 1/12.
    assert said(page) == [
        "The model says positive; explained here is negative. "
        "Red words push towards negative: above all “deep”; without it 7.7\u00a0%, with it 25.0\u00a0%. "
        "Blue words push away from it: above all “film”; without it 40.0\u00a0%."
    ]
    assert page.locator(".key bdi").all_inner_texts() == ["negative"]
    assert column(page, "without")[1] == "7.7 %"
    switch(page, "target").select_option("positive")
    assert column(page, "without") == ["70.0 %", "90.0 %", "60.0 %", "75.0 %"]


def test_percentages_stand_first_and_other_numbers_on_demand(window: Window) -> None:
    page = window(told().to_html())
    shown = lambda: page.locator(".scores thead th:visible").all_inner_texts()  # noqa: E731
    assert shown() == ["word", "- against\n+ for", "without it", "points"]
    assert facts(page)["score for positive"] == "-2.00 bits ± 0.10"
    switch(page, "bits").check()
    assert shown()[2:] == ["without it", "points", "score", "error or bounds", "likelihood"]
    switch(page, "bits").uncheck()
    page.emulate_media(media="print")
    assert shown()[2:] == ["without it", "points", "score", "error or bounds", "likelihood"]


def test_weak_words_have_no_colour_at_first_and_their_rows_stay(window: Window) -> None:
    page = window(told().to_html())
    assert switch(page, "least").input_value() == "10"
    assert signs(page) == ["none", "minus", "plus", "none"]
    assert words(page) == ["a", "deep", "film", "."]
    switch(page, "least").fill("2")
    assert signs(page) == ["plus", "minus", "plus", "none"]
    assert page.locator(".key .legend").inner_text() == "the stronger, the more; no colour: under 2 % of the strongest"


def test_another_palette_recolours_words_bars_and_the_sentence(window: Window) -> None:
    page = window(told().to_html())
    film = page.locator(".word", has_text="film")
    look = lambda: film.evaluate("e => getComputedStyle(e).backgroundColor")  # noqa: E731
    before, kept = said(page)[0], page.url
    assert look() == "rgba(214, 60, 50, 0.41)"
    switch(page, "palette").select_option("orange-teal")
    assert look() == "rgba(200, 110, 0, 0.41)"
    assert page.locator(".bar.minus").first.evaluate("e => getComputedStyle(e).backgroundImage").count("0, 128, 120")
    assert said(page)[0] == before.replace("Blue", "Teal").replace("Red", "Orange")
    assert page.url == kept
    assert page.evaluate("document.cookie + JSON.stringify(localStorage)") == "{}"
    switch(page, "palette").select_option("red-blue")
    assert (look(), said(page)[0]) == ("rgba(214, 60, 50, 0.41)", before)


def test_a_page_may_begin_with_another_palette(window: Window) -> None:
    page = window(document(told(), "orange-teal"), java_script_enabled=False)
    assert page.locator(".swatch").first.evaluate("e => getComputedStyle(e).backgroundColor").startswith("rgba(200, 11")
    assert said(page)[0].startswith("Teal words push away from positive")
