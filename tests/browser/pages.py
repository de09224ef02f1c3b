"""Pages in the browser: opened, listened to, measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page
from toys.reports import full

from elision.results.explanation import Candidate, Explanation

LAYOUT = Path(__file__).with_name("layout.js").read_text(encoding="utf-8")


class Window:
    """Opens sources as files, as readers do, and keeps what the pages complain of and ask for."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self._browser, self._folder = browser, folder
        self._contexts: list[BrowserContext] = []
        self._faults: list[str] = []

    def __call__(self, source: str, *, width: int = 900, height: int = 900, **options: Any) -> Page:
        """Return the page of a source, in a context of its own with these options."""
        file = self._folder / f"page{len(self._contexts)}.html"
        file.write_text(source, encoding="utf-8")
        context = self._browser.new_context(viewport={"width": width, "height": height}, **options)
        self._contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: self._faults.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: self._faults.append(f"error: {error}"))
        context.on("request", lambda request: self._asked(request.url, file.as_uri()))
        page.goto(file.as_uri())
        return page

    def _asked(self, address: str, own: str) -> None:
        if address != own:
            self._faults.append(f"request: {address}")

    def close(self) -> list[str]:
        """Close all pages; return what they complained of and asked for."""
        for context in self._contexts:
            context.close()
        return self._faults


def misplaced(page: Page) -> list[str]:
    """Return what a reader could not see whole: texts cut, over one another, or outside the page."""
    return page.evaluate(LAYOUT)


def unfold(page: Page) -> None:
    page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")


def faults(page: Page, axe: str) -> list[str]:
    """Return what axe finds wrong, at any level, once everything is unfolded."""
    unfold(page)
    page.evaluate(f"{axe}; 0")
    found = page.evaluate("axe.run({ resultTypes: ['violations'] })")["violations"]
    return [f"{one['impact']}: {one['help']}: {node['html'][:80]}" for one in found for node in one["nodes"]]


def told() -> Explanation:
    """Return an explanation in which each word has candidates of its own."""
    candidates = tuple(
        tuple(Candidate(f"<i>{word}{n}</i>", 0.5 / (n + 1), 0.25 + 0.1 * n) for n in range(2))
        for word in ("one", "shallow", "play", "!")
    )
    return full(candidates=candidates)
