"""The command `elision`."""

from __future__ import annotations

from elision.cli.compare import compare
from elision.cli.entry import cli, main
from elision.cli.explain import explain

__all__ = ["cli", "compare", "explain", "main"]
