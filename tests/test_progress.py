"""Progress: a bar only where a terminal can go back."""

from __future__ import annotations

import pytest

from elision.progress import Progress


@pytest.mark.parametrize(("name", "silent"), [("dumb", True), ("unknown", True), ("xterm", False), ("", False)])
def test_no_bar_where_a_terminal_cannot_go_back(monkeypatch: pytest.MonkeyPatch, name: str, silent: bool) -> None:
    monkeypatch.setenv("TERM", name)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with Progress().expect("work", 3) as progress:
        assert bool(progress._bar.disable) is silent
