"""The README's picture of a page is made by a command."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from .conftest import ROOT

pytestmark = pytest.mark.browser

MOST_BYTES = 150_000


def size(picture: bytes) -> tuple[int, int]:
    """Return a PNG's width and height in pixels."""
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", picture[16:24])


def test_the_command_draws_the_picture_of_the_readme(browser: Browser, tmp_path: Path) -> None:
    made = tmp_path / "report.png"
    subprocess.run([sys.executable, ROOT / "tools" / "make_report_picture.py", "--out", made], check=True)
    drawn, kept = made.read_bytes(), (ROOT / "docs" / "report.png").read_bytes()
    assert len(drawn) < MOST_BYTES
    assert len(kept) < MOST_BYTES
    # Heights differ a little with the fonts of the machine.
    (width, height), (kept_width, kept_height) = size(drawn), size(kept)
    assert width == kept_width == 900
    assert height == pytest.approx(kept_height, rel=0.1)
    assert "docs/report.png" in (ROOT / "README.md").read_text(encoding="utf-8")
