"""The command as a whole: interruption, help and version, and what is imported when."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from toys.command import Command

import elision

TEXT = "a good film"


def test_interrupting_ends_with_130_and_one_line(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: Any, **options: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr("elision.api.explain", interrupted)
    assert run.explain(TEXT) == (130, "", "elision: interrupted\n")


def test_help_and_version(run: Command) -> None:
    for arguments in (("--help",), ("-h",), ("explain", "--help"), ("explain", "-h")):
        outcome = run(*arguments)
        assert (outcome.code, outcome.err) == (0, "")
        assert outcome.out.startswith("Usage: ")
        assert '  elision explain "a deep and meaningful film ."\n' in outcome.out
    assert run("--version") == (0, f"elision {elision.__version__}\n", "")


def test_no_command_shows_the_help(run: Command) -> None:
    outcome = run()
    assert outcome.code in (0, 2)
    assert "Commands:" in outcome.out + outcome.err


MAIN = """
sys.argv = ["elision", {}]
try:
    elision.cli.entry.main()
except SystemExit:
    pass
"""
IMPORTS = """
import sys, {module}
{action}
print(sorted({{"torch", "transformers", "numpy", "rich", "huggingface_hub"}} & set(sys.modules)), file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("module", "action"),
    [
        ("elision", "dir(elision), elision.__version__, elision.ElisionError, elision.Unit"),
        ("elision.cli.entry", MAIN.format('"--help"')),
        ("elision.cli.entry", MAIN.format('"explain", "--help"')),
        ("elision.cli.entry", MAIN.format('"explain", "a film", "--top", "0"')),
    ],
)
def test_nothing_heavy_is_imported_before_it_is_needed(module: str, action: str) -> None:
    code = IMPORTS.format(module=module, action=action)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip().split("\n")[-1] == "[]"


def test_python_dash_m_is_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "elision", "--version"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"elision {elision.__version__}\n", "")
