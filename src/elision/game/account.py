"""What an example has cost: rows through the model and seconds, where others have their turns on both."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import final

from elision.game.engine import Engine


@final
class Account:
    """Counts for one example, which may share its engine and its batches with others.

    Attributes:
        seconds: counted up to now.

    Args:
        engine: what answers.
    """

    def __init__(self, engine: Engine) -> None:
        self.seconds = 0.0
        self._engine = engine
        self._charged = 0
        self._rows_before: int | None = None
        self._started: float | None = None

    @property
    def evaluations(self) -> int:
        """Rows through the model."""
        return self._charged + (0 if self._rows_before is None else self._engine.evaluations - self._rows_before)

    def charge(self, n_rows: int, seconds: float) -> None:
        """Count a share of a common batch; what is counted by `counting` at this moment counts once."""
        if self._rows_before is None:
            self._charged += n_rows
        if self._started is None:
            self.seconds += seconds

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count the time meanwhile, and all that goes through the engine, as this example's."""
        if self._started is not None:
            yield
            return
        self._started, self._rows_before = time.perf_counter(), self._engine.evaluations
        try:
            yield
        finally:
            self.seconds += time.perf_counter() - self._started
            self._charged = self.evaluations
            self._started = self._rows_before = None
