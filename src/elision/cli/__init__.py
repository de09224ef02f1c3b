"""The command `elision`."""

from __future__ import annotations

from elision.cli.compare import compare
from elision.cli.entry import cli, main, version
from elision.cli.explain import explain
from elision.cli.lists import methods

__all__ = ["cli", "compare", "explain", "main", "methods", "version"]
