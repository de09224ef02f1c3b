"""Draw the README's picture of a page: the report of one explanation with the built-in models, in Chromium.

    python tools/make_report_picture.py [TEXT] [--out docs/report.png]
"""

from __future__ import annotations

import argparse
import os
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

import elision

WIDTH, HEIGHT = 900, 900


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("text", nargs="?", default="the plot is thin and a little slow , but the acting is wonderful .")
    parser.add_argument("--out", type=Path, default=Path("docs/report.png"))
    options = parser.parse_args()
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        parser.error("there is no Chromium; scripts/browser installs one")
    with sync_playwright() as playwright:
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=program, args=sandbox)
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        page.set_content(elision.explain(options.text).to_html())
        # The record holds seconds, which differ from run to run: the picture ends above it.
        height = page.locator(".record").bounding_box()["y"]
        page.screenshot(path=options.out, clip={"x": 0, "y": 0, "width": WIDTH, "height": height}, full_page=True)
        browser.close()


if __name__ == "__main__":
    main()
