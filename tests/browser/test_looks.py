"""How the report looks: nothing cut or covered, readable in the dark and on paper, without faults for axe."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from toys.reports import explained, full, grouped, sought

from elision.results.comparison import Comparison
from elision.results.explanation import Candidate, Explanation

from .pages import Window, faults, misplaced, unfold

pytestmark = pytest.mark.browser

LIGHT_INK, DARK_INK = "rgb(28, 31, 36)", "rgb(236, 238, 241)"
NAMES = ("single", "pair", "comparison")
Found = dict[str, Explanation | Comparison]


def long() -> Explanation:
    """Return an explanation of a text of 400 words with candidates."""
    words = " ".join(f"{'word' * (1 + i % 3)}{i}" for i in range(400))
    scores = np.sin(np.arange(400.0))
    candidates = tuple((Candidate("other", 0.25, 0.5),) for _ in range(400))
    return full(
        words=words,
        scores=scores,
        std_error=np.full(400, 0.1),
        class_scores=np.stack([-scores, scores]),
        absent_probabilities=np.full(400, 0.5),
        likelihoods=np.full(400, 0.1),
        candidates=candidates,
    )


def many() -> Explanation:
    """Return an explanation with fifty classes, some with long names."""
    labels = tuple(f"{'a-rather-long-name-of-a-' * (i % 4)}class{i}" for i in range(50))
    return explained(labels=labels, target=labels[3], probabilities=np.full(50, 0.02), class_scores=np.ones((50, 4)))


def unbroken() -> Explanation:
    """Return an explanation in which every text that a user brings is long and without a space."""
    wide = "unbroken" * 20
    return full(
        words=f"a {wide} film .",
        labels=("negative", wide),
        target=wide,
        candidates=tuple((Candidate(wide, 0.25, 0.5),) for _ in range(4)),
        notes=(wide,),
        provenance={"method": wide, "settings": {wide: wide}, "behaviour": {"name": "log_odds", "unit": "bits"}},
    )


def crowded() -> Comparison:
    """Return more methods, with longer names, than stand side by side on a phone."""
    names = tuple(f"a-method-of-many-{i}" for i in range(6))
    return Comparison(names, tuple(explained(scores=[1.0, i, -i, 0.5]) for i in range(6)))


SAMPLES = {
    "crowded": crowded,
    "long": long,
    "many": many,
    "unbroken": unbroken,
    "hebrew": lambda: explained(("סרט טוב מאוד .", "הסרט לא היה רע !")),
    "arabic": lambda: full(words="فيلم عميق وجميل جدا"),
    "sets": lambda: sought(("two cats are playing", "many animals sleep")),
    "sets-arabic": lambda: sought("فيلم عميق وجميل جدا"),
    "groups": lambda: grouped(("guitarist instrumentalists", "counterclockwise playing !")),
}


@pytest.mark.parametrize("width", [360, 900, 1600])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_cut_or_covered(window: Window, real: Found, screenshots: Path, name: str, width: int) -> None:
    page = window(real[name].to_html(), width=width)
    assert misplaced(page) == []
    page.screenshot(path=screenshots / f"{name}-{width}.png", full_page=True)
    unfold(page)
    assert misplaced(page) == []


@pytest.mark.parametrize("width", [360, 1600])
@pytest.mark.parametrize("name", SAMPLES)
def test_whatever_the_text(window: Window, screenshots: Path, name: str, width: int) -> None:
    page = window(SAMPLES[name]().to_html(), width=width)
    unfold(page)
    page.screenshot(path=screenshots / f"{name}-{width}.png", full_page=True)
    assert misplaced(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_no_fault(window: Window, real: Found, axe: str, screenshots: Path, name: str, scheme: str) -> None:
    page = window(real[name].to_html(), color_scheme=scheme)
    ink = {"light": LIGHT_INK, "dark": DARK_INK}[scheme]
    assert page.locator(".word").first.evaluate("e => getComputedStyle(e).color") == ink
    assert faults(page, axe) == []
    page.screenshot(path=screenshots / f"{name}-{scheme}.png", full_page=True)


@pytest.mark.parametrize("name", SAMPLES)
def test_axe_finds_no_fault_whatever_the_text(window: Window, axe: str, name: str) -> None:
    assert faults(window(SAMPLES[name]().to_html(), width=360), axe) == []


def test_axe_finds_no_fault_without_javascript(window: Window, real: Found, axe: str) -> None:
    # Axe is a script itself, so the report's own is left out instead of turning all off.
    source = re.sub(r'<script>\n?"use strict".*?</script>', "", real["pair"].to_html(), flags=re.DOTALL)
    page = window(source)
    assert not page.locator(".controls").is_visible()
    assert faults(page, axe) == []


@pytest.mark.parametrize("found", [unbroken, full, long], ids=["unbroken", "short", "long"])
def test_no_heading_breaks_inside_a_word_on_a_phone(window: Window, found: Callable[[], Explanation]) -> None:
    page = window(found().to_html(), width=360)
    page.locator("[name=bits]").check()
    lines = page.evaluate(
        """() => {
            const found = {};
            for (const cell of document.querySelectorAll("thead th, caption, dt")) {
                const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
                for (let node = walker.nextNode(); node; node = walker.nextNode()) {
                    if (node.parentElement.closest("bdi")) continue;
                    for (const word of node.data.matchAll(/[a-z]+/g)) {
                        const range = document.createRange();
                        range.setStart(node, word.index);
                        range.setEnd(node, word.index + word[0].length);
                        const tops = new Set([...range.getClientRects()].map((r) => Math.round(r.top)));
                        found[word[0]] = Math.max(found[word[0]] ?? 0, tops.size);
                    }
                }
            }
            return found;
        }"""
    )
    assert lines["likelihood"] == 1
    assert {word for word, count in lines.items() if count > 1} <= {"unbroken" * 20}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_fault_in_the_other_palette(
    window: Window, real: Found, axe: str, screenshots: Path, scheme: str
) -> None:
    page = window(real["single"].to_html(), color_scheme=scheme)
    page.locator("[name=palette]").select_option("orange-teal")
    page.screenshot(path=screenshots / f"single-teal-{scheme}.png", full_page=True)
    assert faults(page, axe) == []


def test_a_long_text_answers_at_once(window: Window) -> None:
    page = window(long().to_html())
    taken = page.evaluate(
        """() => {
            const start = performance.now();
            for (const word of [...document.querySelectorAll('.word')].slice(0, 20))
                word.dispatchEvent(new MouseEvent('mouseover', { bubbles: true }));
            return (performance.now() - start) / 20;
        }"""
    )
    # Milliseconds a word; beyond 100 a reader feels the delay.
    assert taken < 100


@pytest.mark.parametrize("width", [360, 1600])
def test_links_join_words_and_bands(window: Window, real: Found, width: int) -> None:
    page = window(real["pair"].to_html(), width=width)
    ends = page.evaluate(
        """() => [...document.querySelectorAll('.links path')].map((path) => {
            const picture = path.closest('.links'), svg = path.ownerSVGElement.getBoundingClientRect();
            const word = picture.querySelector(`li[data-unit="${path.dataset.unit}"]`).getBoundingClientRect();
            const [numeral] = path.textContent.match(/group (.)/).slice(1);
            const band = [...picture.querySelectorAll('.band')].find((b) => b.textContent === numeral);
            const n = path.getAttribute('d').match(/-?[\\d.]+/g).map(Number);
            return { word, band: band.getBoundingClientRect(), svg,
                     start: svg.top + (n[1] + n.at(-1)) / 2, end: svg.top + (n[7] + n[9]) / 2 };
        })"""
    )
    assert len(ends) >= 6
    for end in ends:
        assert end["word"]["top"] <= end["start"] <= end["word"]["bottom"]
        assert end["band"]["top"] <= end["end"] <= end["band"]["bottom"]
        sides = sorted([end["word"]["left"], end["word"]["right"], end["band"]["left"], end["band"]["right"]])
        assert [end["svg"]["left"], end["svg"]["right"]] == pytest.approx(sides[1:3], abs=0.1)


def test_a_word_of_a_group_lights_its_links(window: Window) -> None:
    page = window(grouped().to_html())
    page.locator(".links li", has_text="dog").hover()
    assert page.locator(".word.chosen").inner_text() == "dog"
    lit = "es => es.filter((e) => getComputedStyle(e).opacity === '1').map((e) => e.textContent)"
    assert page.locator(".links path").evaluate_all(lit) == ["dog: group 1 (75.0 %)"]
    # The last word is in no group: then all links stay as they are.
    page.locator(".word").last.hover()
    assert len(page.locator(".links path").evaluate_all(lit)) == 5


def test_the_matrix_of_interactions(window: Window) -> None:
    page = window(grouped().to_html())
    page.locator("summary", has_text="interactions").click()
    cell = page.locator(".matrix td.plus")
    assert cell.inner_text() == "+1.25"
    look = cell.evaluate("e => { const s = getComputedStyle(e); return [s.backgroundColor, s.textDecorationLine]; }")
    assert look == ["rgba(214, 60, 50, 0.7)", "underline"]


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("name", ["pair", "comparison"])
def test_paper_shows_all_and_no_switches(
    window: Window, real: Found, screenshots: Path, name: str, javascript: bool
) -> None:
    # As wide as A4 between margins of a centimetre.
    page = window(real[name].to_html(), width=718, color_scheme="dark", java_script_enabled=javascript)
    folded = page.locator("details:not([open])").count()
    assert folded > 0
    page.emulate_media(media="print")
    if javascript:
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.locator("details:not([open])").count() == 0
    assert misplaced(page) == []
    for row in page.locator("tr").all():
        assert row.bounding_box()["height"] > 0
    for hidden in (".controls", ".copy"):
        assert not any(element.is_visible() for element in page.locator(hidden).all())
    assert page.locator(".head").evaluate("e => getComputedStyle(e).color") == LIGHT_INK
    assert page.locator(".word").first.evaluate("e => getComputedStyle(e).printColorAdjust") == "exact"
    page.screenshot(path=screenshots / f"{name}-print{'' if javascript else '-plain'}.png", full_page=True)
    if javascript:
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.locator("details:not([open])").count() == folded


def test_printing_unfolds_and_folds_again(window: Window, real: Found, screenshots: Path) -> None:
    page = window(real["comparison"].to_html())
    page.evaluate(
        """() => {
            window.open_parts = [];
            for (const kind of ['beforeprint', 'afterprint'])
                addEventListener(kind, () => open_parts.push(document.querySelectorAll('details[open]').length));
        }"""
    )
    pdf = page.pdf(path=screenshots / "comparison.pdf", format="A4", print_background=False)
    parts = page.locator("details").count()
    assert page.evaluate("open_parts") == [parts, 0]
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) >= 2
