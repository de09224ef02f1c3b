"""The page about many explanations in a browser: searched, ordered and turned, also with thousands of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page
from toys.scored import scored
from toys.sets import drawn

import elision
from elision.runs.file import LabelledExplanation

from .pages import Window, faults, misplaced, unfold

pytestmark = pytest.mark.browser

ENTRIES = "#all .entry"


def listed(page: Page) -> list[int]:
    """Return the places, from 1, of the explanations that the list of all shows."""
    return [int(text) for text in page.locator(f"{ENTRIES} .place").all_inner_texts()]


def wrong(run: list[LabelledExplanation]) -> list[int]:
    """Return the places, from 1, of explanations whose predicted class is not the label."""
    return [i for i, one in enumerate(run, 1) if one.label is not None and one.explanation.predicted != one.label]


def worst(run: list[LabelledExplanation]) -> list[int]:
    """Return the same, the least probable label first."""

    def probability(place: int) -> float:
        found = run[place - 1].explanation
        return float(found.probabilities[found.labels.index(str(run[place - 1].label))])

    return sorted(wrong(run), key=probability)


@pytest.fixture(scope="module")
def run() -> list[LabelledExplanation]:
    return drawn(120)


def test_errors_stand_first_and_pages_turn(window: Window, run: list[LabelledExplanation]) -> None:
    page = window(elision.report(run))
    assert listed(page) == worst(run)[:25]
    page.locator("#all [name=order]").select_option("file")
    assert listed(page) == [*range(1, 26)]
    following = page.locator("#all .next").first
    following.focus()
    page.keyboard.press("Enter")
    assert listed(page) == [*range(26, 51)]
    for _ in range(3):
        page.locator("#all .next").first.click()
    assert listed(page) == [*range(101, 121)]
    assert page.locator("#all .next").first.get_attribute("aria-disabled") == "true"
    page.locator("#all .previous").first.click()
    assert listed(page) == [*range(76, 101)]


def test_search_finds_every_word_asked_for(window: Window, run: list[LabelledExplanation]) -> None:
    page = window(elision.report(run))
    page.locator("#all [name=order]").select_option("file")
    texts = [" ".join(one.explanation.segments).lower() for one in run]
    asked = ("song", "twist")
    expected = [i for i, text in enumerate(texts, 1) if all(word in text for word in asked)]
    assert 0 < len(expected) < min(sum(word in text for text in texts) for word in asked)
    page.locator("#all [name=search]").fill(" ".join(asked).upper())
    page.wait_for_function("n => document.querySelector('#all .found').textContent.includes(n)", arg=f"{len(expected)}")
    assert listed(page) == expected[:25]
    page.locator("#all [name=search]").fill("nosuchword")
    page.wait_for_function("() => !document.querySelector('#all .entry')")
    assert page.locator("#all .found").get_attribute("role") == "status"


def test_only_errors_of_a_class(window: Window, run: list[LabelledExplanation]) -> None:
    page = window(elision.report(run))
    page.locator("#all [name=order]").select_option("file")
    page.locator("#all [name=errors]").check()
    assert listed(page) == wrong(run)[:25]


def test_scores_open_in_an_entry(window: Window, run: list[LabelledExplanation]) -> None:
    page = window(elision.report(run))
    page.locator("#all [name=order]").select_option("file")
    entry = page.locator(ENTRIES).first
    entry.locator("summary").click()
    rows = entry.locator("table.scores tbody tr")
    first = run[0].explanation
    rows.first.wait_for()
    assert rows.count() == len(first.units)
    for row, unit, score in zip(rows.all_inner_texts(), first.units, first.scores, strict=True):
        assert row.split("\n")[0].split("\t")[0] == unit.text
        assert f"{score:+.2f}" in row


@pytest.mark.parametrize("width", [360, 1600])
def test_nothing_is_cut_or_covered(
    window: Window, screenshots: Path, run: list[LabelledExplanation], width: int
) -> None:
    page = window(elision.report(run, title="Made-up sentences"), width=width)
    assert misplaced(page) == []
    page.screenshot(path=screenshots / f"set-{width}.png", full_page=True)
    unfold(page)
    assert misplaced(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_fault(window: Window, axe: str, run: list[LabelledExplanation], scheme: str) -> None:
    page = window(elision.report(run), color_scheme=scheme)
    assert faults(page, axe) == []


def test_without_javascript_the_first_lists_are_there(window: Window, run: list[LabelledExplanation]) -> None:
    page = window(elision.report(run), java_script_enabled=False)
    shown = [int(text) for text in page.locator("#errors .entry .place").all_inner_texts()]
    assert shown == worst(run)[:25]
    assert page.locator("#surprising .entry").count() == 10
    assert not page.locator("#all .controls").is_visible()
    assert page.locator("noscript").first.inner_text()


def test_ten_thousand_explanations_stay_quick(window: Window) -> None:
    few = drawn(500)
    page = window(elision.report([few[i % len(few)] for i in range(10_000)]))
    measured: Any = page.evaluate(
        """() => {
          const time = (act) => { const start = performance.now(); act(); return performance.now() - start; };
          const order = document.querySelector("#all [name=order]");
          const press = () => document.querySelector("#all .next").click();
          const sort = () => { order.value = "wide"; order.dispatchEvent(new Event("change", { bubbles: true })); };
          return { turn: Math.min(time(press), time(press), time(press)), order: time(sort) };
        }"""
    )
    assert listed(page) != [*range(1, 26)]
    assert measured["turn"] < 300, "some 10 ms where nothing else runs; drawing all 10,000 takes seconds"
    assert measured["order"] < 1000


def test_scores_and_their_labels_are_numbers(window: Window) -> None:
    def one(value: float, scores: list[float], label: float | None) -> LabelledExplanation:
        error = np.full(4, 0.015)
        return LabelledExplanation(scored(scores=scores, answers=np.array([value]), std_error=error), label)

    run = [one(3.2, [0.05, 1.1, -0.8, 0.0], 3.0), one(0.031, [0.001, 0.004, -0.02, 0.0], 4.5)]
    run.append(one(250.0, [1.0, 99.0, -3.0, 0.0], None))
    page = window(elision.report(run))
    page.locator("#all [name=order]").select_option("far")
    assert listed(page) == [2, 1, 3]
    facts = page.locator(f"{ENTRIES} .facts")
    assert [line.split() for line in facts.all_inner_texts()] == [
        ["2", "score", "0.0310", "label", "4.5000"],
        ["1", "score", "3.20", "label", "3.00"],
        ["3", "score", "250.0"],
    ]
    assert [label.inner_text() for label in page.locator("#all .controls label").all()][1].startswith("order")
    assert page.locator("#all [name=predicted], #all [name=label], #all [name=errors]").count() == 0
    entry = page.locator(ENTRIES).first
    entry.locator("summary").click()
    entry.locator("table.scores tbody tr").first.wait_for()
    assert entry.locator("td.score").all_inner_texts() == ["+0.0010", "+0.0040", "-0.0200", "+0.0000"]
    assert entry.locator("caption").inner_text() == "change in score: + raises the score, - lowers it"
    # Python writes the entries above the list, the script those in it.
    above = page.locator("#uncertain .entry")
    page.locator("#all [name=order]").select_option("wide")
    below = page.locator(ENTRIES)
    for part in (".facts", ".why"):
        assert above.locator(part).all_inner_texts() == below.locator(part).all_inner_texts() != []
