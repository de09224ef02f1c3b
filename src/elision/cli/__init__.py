"""The command `elision`."""

from __future__ import annotations

from elision.cli.entry import cli, main

__all__ = ["cli", "main"]
