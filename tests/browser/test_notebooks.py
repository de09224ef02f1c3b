"""Reports as parts of a page: several side by side, put in later, in a page with a style of its own."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page
from toys.reports import explained, full, grouped

from elision.views.html import fragment

from .pages import Window, misplaced

pytestmark = pytest.mark.browser

HOST = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>host</title><style>
h1 { color: rebeccapurple; } table { border: 1px solid teal; } td { padding: 7px; } button { letter-spacing: 2px; }
.word { color: maroon; } .chosen { color: olive; }
</style></head><body><main><h1>Host</h1><h3 class="head">Part</h3><section class="links"><p class="strip note">A
<span class="word plus">word</span>, <a href="#a">link</a>, <code>code</code>.</p></section><ul class="classes"><li>one
</li></ul><table class="scores"><thead><tr><th>a</th></tr></thead><tbody><tr><td>1</td></tr><tr><td>2</td></tr></tbody>
</table><details open><summary>more</summary>text</details><label>pick <select><option>one</option></select></label>
<input type="range"><button type="button">go</button><div class="controls" hidden>hidden</div></main>
<div id="cells">%s</div></body></html>"""
# All that a style says of the page's own elements; the whole page is as tall as what is in it.
STYLES = """() => [document.documentElement, document.body, ...document.querySelectorAll('main, main *')].map((e) => {
    const own = getComputedStyle(e), whole = e.contains(document.body);
    const names = [...own].filter((n) => !(whole && /^(height|block-size|(perspective|transform)-origin)$/.test(n)));
    return [e.tagName, ...names.map((name) => `${name}: ${own.getPropertyValue(name)}`)];
})"""
# What notebooks do: the source becomes elements, whose scripts run only once they are made anew.
INSERT = """(source) => {
    const cell = document.createElement('div');
    cell.innerHTML = source;
    document.querySelector('#cells').append(cell);
    for (const old of cell.querySelectorAll('script')) {
        const made = document.createElement('script');
        for (const { name, value } of old.attributes) made.setAttribute(name, value);
        made.textContent = old.textContent;
        old.replaceWith(made);
    }
}"""


def states(page: Page) -> list[list[str]]:
    """Return the chosen words of each report."""
    return [root.locator(".word.chosen").all_inner_texts() for root in page.locator(".elision-report").all()]


def marks(page: Page) -> list[str]:
    return page.locator(".elision-report").evaluate_all("es => es.map((e) => e.id)")


def test_several_reports_work_side_by_side(window: Window) -> None:
    cells = "".join(map(fragment, (full(), full(), grouped())))
    page = window(HOST % cells)
    assert states(page) == [["deep"], ["deep"], ["<b>cats"]]
    assert len(set(marks(page))) == 3
    reports = page.locator(".elision-report")
    reports.nth(1).locator(".word", has_text="film").hover()
    assert states(page) == [["deep"], ["film"], ["<b>cats"]]
    reports.nth(0).locator("[name=target]").select_option("negative")
    scores = [reports.nth(i).locator(".score").nth(1).inner_text() for i in (0, 1)]
    assert scores == ["+2.00", "-2.00"]
    assert misplaced(page) == []


def test_reports_work_when_put_in_later(window: Window) -> None:
    page = window(HOST % "")
    for found in (full(), full(), grouped()):
        page.evaluate(INSERT, fragment(found))
    assert states(page) == [["deep"], ["deep"], ["<b>cats"]]
    assert all(controls.is_visible() for controls in page.locator(".elision-report .controls").all())
    word = page.locator(".elision-report").nth(1).locator(".word", has_text="film")
    word.hover()
    assert states(page) == [["deep"], ["film"], ["<b>cats"]]
    # The first cell goes and comes again at the end: a mark is given once.
    page.evaluate("document.querySelector('#cells').firstElementChild.remove()")
    page.evaluate(INSERT, fragment(full()))
    assert states(page) == [["film"], ["<b>cats"], ["deep"]]
    assert len(set(marks(page))) == 3


def test_a_report_is_set_up_once(window: Window) -> None:
    """Each script looks at the whole page; listening twice would copy twice, and say it twice."""
    page = window(HOST % (fragment(full()) + fragment(grouped())))
    page.evaluate("window.copies = 0; navigator.clipboard.writeText = async () => { copies += 1; }; 0")
    page.get_by_role("button", name="Copy as JSON").first.click()
    assert page.evaluate("copies") == 1


def test_the_page_around_keeps_its_style(window: Window) -> None:
    alone = window(HOST % "")
    for page in (window(HOST % (fragment(full()) + fragment(grouped()))), window(HOST % "")):
        if not page.locator(".elision-report").count():
            page.evaluate(INSERT, fragment(full()))
        page.locator(".elision-report .word").first.hover()
        page.mouse.move(0, 0)
        assert page.evaluate(STYLES) == alone.evaluate(STYLES)
        assert page.locator("main .word.chosen, main [role=button], main [aria-label]").count() == 0
        assert not page.locator("main .controls").is_visible()


@pytest.mark.parametrize(
    ("attributes", "scheme", "ink"),
    [
        ({"data-jp-theme-light": "true"}, "dark", "rgb(28, 31, 36)"),
        ({"data-jp-theme-light": "false"}, "light", "rgb(236, 238, 241)"),
        ({"class": "vscode-light"}, "dark", "rgb(28, 31, 36)"),
        ({"class": "vscode-dark"}, "light", "rgb(236, 238, 241)"),
        ({}, "dark", "rgb(236, 238, 241)"),
    ],
)
def test_a_notebook_theme_decides(window: Window, attributes: dict[str, str], scheme: str, ink: str) -> None:
    page = window(HOST % fragment(full()), color_scheme=scheme)
    page.evaluate(f"Object.entries({json.dumps(attributes)}).map(([n, v]) => document.body.setAttribute(n, v))")
    assert page.locator(".elision-report .word").first.evaluate("e => getComputedStyle(e).color") == ink


def test_axe_finds_no_fault_in_a_notebook(window: Window, axe: str) -> None:
    page = window(HOST % "".join(map(fragment, (full(), full(), grouped(), explained("a film")))))
    page.evaluate(f"{axe}; 0")
    found = page.evaluate("axe.run('#cells', { rules: { region: { enabled: false } } })")["violations"]
    assert [(one["id"], [node["html"][:80] for node in one["nodes"]]) for one in found] == []
