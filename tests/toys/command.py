"""The command, run in this process."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from elision import cli
from elision.results.explanation import Explanation

QUICK = ("--method", "leave-one-out")


class Outcome(NamedTuple):
    """What a run of the command left."""

    code: int
    out: str
    err: str


class Command:
    """Runs the command in this process."""

    def __init__(self, folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.classifier, self.masked = str(folder / "classifier"), str(folder / "masked")
        self.folder = folder
        self._capfd, self._monkeypatch = capfd, monkeypatch

    def __call__(self, *arguments: str, stdin: bytes | None = None) -> Outcome:
        self._monkeypatch.setattr(sys, "argv", ["elision", *arguments])
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin or b"")))
        self._capfd.readouterr()
        with pytest.raises(SystemExit) as stop:
            cli.main()
        written = self._capfd.readouterr()
        code = stop.value.code
        return Outcome(code if isinstance(code, int) else 0 if code is None else 1, written.out, written.err)

    def explain(self, *arguments: str, stdin: bytes | None = None) -> Outcome:
        """Run `elision explain` with the tiny classifier, leaving one out."""
        return self("explain", *arguments, "--model", self.classifier, *QUICK, stdin=stdin)

    def explained(self, *arguments: str, stdin: bytes | None = None) -> Explanation:
        """Return the explanation that `elision explain --json -` prints."""
        outcome = self.explain(*arguments, "--json", "-", stdin=stdin)
        assert (outcome.code, outcome.err) == (0, "")
        return Explanation.from_json(outcome.out)


def assert_one_line(outcome: Outcome, message: str) -> None:
    """Assert that a run failed as a user's mistake does."""
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == f"elision: {message}\n"


def refused(outcome: Outcome) -> str:
    """Return the one line with which a user's mistake ends."""
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert outcome.err.startswith("elision: ")
    return outcome.err.removeprefix("elision: ").rstrip("\n")
