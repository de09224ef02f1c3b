"""A headless Chromium, windows whose pages must not complain or ask for anything, and what built-in models say."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

import elision
from elision.results.comparison import Comparison
from elision.results.explanation import Explanation

from .pages import Window

ROOT = Path(__file__).parents[2]
NEEDED = ROOT / "build" / "browser"
ARGUMENTS = ["--disable-quic", "--disable-background-networking"]


def require(what: str, found: object) -> None:
    """Skip where something was not found or not got by scripts/browser; fail if ELISION_REQUIRE_BROWSER says so."""
    noted = NEEDED / "missing"
    lines = noted.read_text(encoding="utf-8").splitlines() if noted.is_file() else []
    reason = next((line for line in lines if what in line), "" if found else f"no {what}; scripts/browser gets it")
    if not reason:
        return
    if os.environ.get("ELISION_REQUIRE_BROWSER") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The distribution's Chromium, started once; it ends with these tests, and its event loop with it."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    require("Chromium", program)
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=[*ARGUMENTS, *sandbox])
        yield started
        started.close()


@pytest.fixture
def window(browser: Browser, tmp_path: Path) -> Iterator[Window]:
    """Opens pages; at the end each must have written nothing to the console and asked for nothing but itself."""
    made = Window(browser, tmp_path)
    yield made
    assert made.close() == []


@pytest.fixture(scope="package")
def axe() -> str:
    """The source of axe-core."""
    file = NEEDED / "node_modules" / "axe-core" / "axe.min.js"
    require("axe-core", file.is_file())
    return file.read_text(encoding="utf-8")


@pytest.fixture(scope="package")
def screenshots() -> Path:
    """The folder of screenshots, which are kept for people to look at."""
    folder = ROOT / "build" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="package")
def real() -> dict[str, Explanation | Comparison]:
    """What the built-in models say: a text, a pair with groups, several methods on one text."""
    text = "the plot is thin and a little slow , but the acting is wonderful ."
    pair = ("a man playing an electric guitar on stage .", "a man playing banjo on the floor .")
    return {
        "single": elision.explain(text),
        "pair": elision.explain(pair, method="group-masks"),
        "comparison": elision.compare(text, methods=["marginalization", "leave-one-out", "lime"]),
    }
