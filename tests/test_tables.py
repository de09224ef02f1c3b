"""The docs' tables of methods, removals and metrics say what these say of themselves."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from elision.explainers import METHODS

ROOT = Path(__file__).parents[1]


def test_tables_are_fresh() -> None:
    command = [sys.executable, "tools/tables.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_every_method_is_in_the_docs() -> None:
    text = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
    for name in METHODS.own:
        assert text.count(f"\n| `{name}` |") == 2
