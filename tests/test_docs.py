"""The Python blocks of README and docs run as they stand, one after another in each file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("file", [f for f in FILES if BLOCK.search(f.read_text())], ids=lambda file: file.name)
def test_blocks_run(file: Path) -> None:
    names: dict[str, object] = {}
    for block in BLOCK.findall(file.read_text()):
        exec(compile(block, str(file), "exec"), names)
    assert "elision" in names


def test_links_lead_somewhere() -> None:
    for file in FILES:
        for target in re.findall(r"\]\(([^)#:]+)\)", file.read_text()):
            assert (file.parent / target).exists(), f"{file.name} links to {target}"
