"""What the command writes, where, and what it says where that cannot be written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from toys.command import QUICK, Command, assert_one_line

from elision.results.explanation import Explanation

TEXT = "a good film"


def test_json_to_a_file_beside_the_view_or_alone(run: Command, tmp_path: Path) -> None:
    file = tmp_path / "out.json"
    outcome = run.explain(TEXT, "--json", str(file))
    assert outcome.code == 0
    assert "score" in outcome.out
    assert Explanation.from_json(file.read_text(encoding="utf-8")).example == TEXT
    assert file.read_text(encoding="utf-8").endswith("}\n")
    assert run.explain("a dull film", "--json", str(file), "--quiet") == (0, "", "")
    assert Explanation.from_json(file.read_text(encoding="utf-8")).example == "a dull film"


def test_json_to_standard_output_is_nothing_but_json(run: Command) -> None:
    for arguments in ((), ("--quiet",), ("--top", "1")):
        assert json.loads(run.explain(TEXT, "--json", "-", *arguments).out)["segments"] == [TEXT]


def test_quiet_prints_nothing(run: Command) -> None:
    assert run.explain(TEXT, "--quiet") == (0, "", "")


def test_a_json_file_without_permission_ends_with_one_line(
    run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    unread = sys.modules["elision.cli.explain"]
    monkeypatch.setattr(unread, "read_text", lambda text, file: pytest.fail("the file was not checked first"))
    file = str(tmp_path / "out.json")
    assert_one_line(run.explain(TEXT, "--json", file), f"cannot write {file}: no permission")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_ends_with_one_line(run: Command) -> None:
    outcome = run.explain(TEXT, "--json", "/dev/full", "--quiet")
    assert_one_line(outcome, "cannot write /dev/full: No space left on device")


def test_a_stream_that_cannot_write_bars_still_gets_the_scores(commands_folder: Path) -> None:
    """A pipe on Windows takes cp1252, one in the C locale ASCII."""
    command = [
        sys.executable,
        "-m",
        "elision",
        "explain",
        "a good naïve film",
        "--model",
        str(commands_folder / "classifier"),
    ]
    done = subprocess.run(
        [*command, *QUICK],
        env=os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"score" in done.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("options", [[], ["--json", "-"]])
def test_standard_output_on_a_full_disk_ends_with_one_line(commands_folder: Path, options: list[str]) -> None:
    command = [
        sys.executable,
        "-m",
        "elision",
        "explain",
        "a good film",
        "--model",
        str(commands_folder / "classifier"),
    ]
    with open("/dev/full", "w") as full:
        done = subprocess.run([*command, *QUICK, *options], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    line = "elision: cannot write to standard output: No space left on device\n"
    assert (done.returncode, done.stderr) == (2, line)
