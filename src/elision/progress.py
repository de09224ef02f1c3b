"""Progress on long work: on a terminal that can go back in its line, after two seconds, gone when the work is done."""

from __future__ import annotations

import os
from types import TracebackType
from typing import Any

from tqdm import tqdm

_PATIENCE_SECONDS = 2.0
"""What is done sooner shows no bar. A choice."""


class Progress:
    """A bar that counts model rows; nested work adds to the outermost bar."""

    def __init__(self, enabled: bool | None = None) -> None:
        """Make a bar that is not shown yet.

        Args:
            enabled: None shows it on a terminal only; False never.
        """
        self._enabled = enabled
        self._bar: Any = None
        self._depth = 0

    def expect(self, title: str, total: int | None = None, unit: str = "rows") -> Progress:
        """Set title, total and unit of the bar that the next `with` opens; inside another one they are ignored."""
        if self._depth == 0:
            self._bar = tqdm(
                total=total,
                desc=title,
                unit=f" {unit}",
                delay=_PATIENCE_SECONDS,
                leave=False,
                disable=(_dumb() or None) if self._enabled is None else not self._enabled,
            )
        return self

    def __enter__(self) -> Progress:
        self._depth += 1
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._depth -= 1
        if self._depth == 0 and self._bar is not None:
            self._bar.close()
            self._bar = None

    def advance(self, done: int) -> None:
        """Count work as done."""
        if self._bar is not None:
            self._bar.update(done)


def _dumb() -> bool:
    return os.environ.get("TERM", "") in ("dumb", "unknown")
