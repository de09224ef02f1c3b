"""Sets of words in a browser: lines above words that belong to the class explained, and the same lines in a report."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Page
from toys.reports import explained, sought

import elision

from .pages import Window, faults, misplaced, unfold

pytestmark = pytest.mark.browser

KEEPS = "one of the words that keep the answer alone"
TAKES = "one of the words whose absence takes the answer"


def lines(page: Page, mark: str, inside: str = ".strip") -> list[str]:
    """Return the words below a mark's line, with how it is drawn."""
    found = page.locator(f"{inside} .over.{mark}").all()
    styles = [one.evaluate("e => getComputedStyle(e).borderTop") for one in found]
    return [f"{one.inner_text()} {style.split(' rgb')[0]}" for one, style in zip(found, styles, strict=True)]


def test_lines_stand_above_the_words_of_each_set(window: Window) -> None:
    page = window(sought().to_html())
    assert lines(page, "keeps") == ["deep 2px solid", "film 2px solid"]
    assert lines(page, "takes") == ["deep 3px dotted"]
    labels = [one.get_attribute("aria-label") for one in page.locator(".word").all()]
    assert [label.partition(", one")[2] for label in labels] == [
        "",
        f"{KEEPS}, {TAKES}".removeprefix("one"),
        KEEPS.removeprefix("one"),
        "",
    ]
    page.locator(".word", has_text="film").hover()
    panel = page.locator(".panel")
    facts = dict(zip(panel.locator("dt").all_inner_texts(), panel.locator("dd").all_inner_texts(), strict=True))
    assert facts["set"] == KEEPS


def test_sets_are_of_the_class_that_was_explained(window: Window) -> None:
    page = window(sought(class_scores=np.array([[1.0, 2, 3, 4], [4.0, 3, 2, 1]])).to_html())
    box, film = page.locator(".sets"), page.locator(".word", has_text="film")
    colour = "e => getComputedStyle(e.closest('.over')).borderTopColor"
    ink = film.evaluate(colour)
    page.locator("[name=target]").select_option("negative")
    assert not box.is_visible()
    assert film.evaluate(colour) == "rgba(0, 0, 0, 0)" != ink
    assert "one of the words" not in film.get_attribute("aria-label")
    assert page.locator(".panel dt", has_text="set").count() == 0
    assert not any(cell.is_visible() for cell in page.locator("td.set").all())
    page.locator("[name=target]").select_option("positive")
    assert box.is_visible()
    assert film.evaluate(colour) == ink
    assert page.locator("td.set:visible").all_inner_texts() == ["", "both", "keeps", ""]


def test_a_report_has_the_same_lines_with_and_without_the_script(window: Window, axe: str) -> None:
    run = [sought(("two cats are", "animals sleep")), explained()]
    live = window(elision.report(run), width=360)
    for inside in ("#uncertain .entry:has(.over)", "#all .entry:has(.over)"):
        assert lines(live, "keeps", f"{inside} .strip") == ["cats 2px solid", "are 2px solid"]
        assert lines(live, "takes", f"{inside} .strip") == ["cats 3px dotted"]
    titles = {
        inside: [one.get_attribute("title") for one in live.locator(f"{inside} .entry:has(.over) .word").all()]
        for inside in ("#uncertain", "#all")
    }
    assert titles["#uncertain"] == titles["#all"]
    assert titles["#all"][2].endswith(f", {KEEPS}")
    assert misplaced(live) == []
    assert faults(live, axe) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_lines_are_seen_in_the_dark_and_stay_apart(window: Window, scheme: str) -> None:
    page = window(sought().to_html(), color_scheme=scheme)
    unfold(page)
    outer, inner = (page.locator(f".strip .over.{mark}").first for mark in ("takes", "keeps"))
    style = "e => getComputedStyle(e).borderTopColor"
    assert (
        outer.evaluate(style)
        == inner.evaluate(style)
        == {"light": "rgb(28, 31, 36)", "dark": "rgb(236, 238, 241)"}[scheme]
    )
    top = "e => e.getBoundingClientRect().top"
    assert inner.evaluate(top) - outer.evaluate(top) == 6
