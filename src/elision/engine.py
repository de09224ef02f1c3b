"""Rows in, probabilities out: each row goes through the model once, and never more rows than the budget allows."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from elision.errors import BudgetError, require_count
from elision.models.base import Model
from elision.models.rows import Floats, Ints, Rows
from elision.progress import Progress

CACHE_ROWS = 1 << 17


class Engine:
    """Sends rows to a model: de-duplicated, packed by length, remembered, counted.

    Args:
        model: what answers.
        budget: the most rows that may go through the model, or None.
        cache_rows: how many rows' answers are kept; the oldest go first.
        progress: what shows long work.
    Raises:
        OptionError: budget or cache_rows is less than 1.
    """

    def __init__(
        self,
        model: Model,
        *,
        budget: int | None = None,
        cache_rows: int = CACHE_ROWS,
        progress: Progress | None = None,
    ) -> None:
        if budget is not None:
            require_count("budget", budget, 1)
        require_count("cache_rows", cache_rows, 1)
        self.model = model
        self.budget = budget
        self.evaluations = 0
        self.progress = progress or Progress()
        self._cache_rows = cache_rows
        self._cache: dict[Hashable, Floats] = {}

    @property
    def remaining(self) -> int | None:
        """Rows that may still go through the model, or None without a budget."""
        return None if self.budget is None else self.budget - self.evaluations

    def evaluate(self, blocks: Sequence[Rows]) -> list[Floats]:
        """Return the probabilities of all classes for every row.

        Args:
            blocks: rows, of one length within a block.
        Returns:
            float64 (r, c) for each block.
        Raises:
            BudgetError: the rows that are new are more than the budget leaves; none of them was evaluated.
        Cost: one row through the model for each row that is not known yet.
        """
        keys = [block.keys() for block in blocks]
        new: dict[Hashable, tuple[int, int]] = {}
        for b, block_keys in enumerate(keys):
            for r, key in enumerate(block_keys):
                if key not in self._cache and key not in new:
                    new[key] = (b, r)
        self._require(len(new))
        answers = dict(zip(new, self._run(blocks, np.array(list(new.values()), dtype=np.int64)), strict=True))
        found = [
            np.array([answers[key] if key in answers else self._cache[key] for key in block_keys])
            for block_keys in keys
        ]
        self._remember(answers)
        return found

    def differentiate(self, rows: Rows, target: int) -> tuple[Floats, Floats]:
        """Return probabilities and derivatives for rows, as `Model.gradient` does; nothing is remembered.

        Args:
            rows: one block.
            target: the class's index.
        Returns:
            float64 (r, c) and float64 (r, l).
        Raises:
            BudgetError: the rows are more than the budget leaves; none of them was evaluated.
            UnsupportedError: the model gives no gradients.
        Cost: each row once through the model, forth and back.
        """
        self._require(len(rows))
        found = []
        with self.progress.expect("model", len(rows)):
            for index in self.model.batches(np.full(len(rows), rows.length)):
                found.append((index, *self.model.gradient(rows.take(index), target)))
                self.evaluations += len(index)
                self.progress.advance(len(index))
        order = np.argsort(np.concatenate([index for index, _, _ in found]))
        return tuple(np.concatenate(part)[order] for part in list(zip(*found, strict=True))[1:])  # type: ignore[return-value]

    def linearize(self, rows: Rows, classes: Sequence[int]) -> NDArray[np.float32]:
        """Return float32 (k, l, e), how k classes' log-odds change with one row's embeddings (`Model.linearize`).

        Raises:
            BudgetError: k is more than the budget leaves.
            UnsupportedError: the model gives no gradients.
        Cost: counted as k rows: once through the model, and k times back.
        """
        self._require(len(classes))
        found = self.model.linearize(rows, classes)
        self.evaluations += len(classes)
        return found

    def _require(self, n: int) -> None:
        if self.remaining is not None and n > self.remaining:
            raise BudgetError(
                f"budget must be at least {self.evaluations + n} model evaluations for this, got {self.budget}"
            )

    def _run(self, blocks: Sequence[Rows], places: Ints) -> Floats:
        """Return float64 (n, c) for the rows at (block, row) places (n, 2)."""
        if not len(places):
            return np.empty((0, len(self.model.labels)))
        lengths = np.array([block.length for block in blocks])[places[:, 0]]
        result = np.empty((len(places), len(self.model.labels)))
        with self.progress.expect("model", len(places)):
            for index in self.model.batches(lengths):
                batch = places[index]
                order = np.argsort(batch[:, 0], kind="stable")
                chosen = [blocks[b].take(batch[order][batch[order][:, 0] == b, 1]) for b in np.unique(batch[:, 0])]
                result[index[order]] = self.model.predict(chosen)
                self.evaluations += len(index)
                self.progress.advance(len(index))
        return result

    def _remember(self, answers: dict[Hashable, Floats]) -> None:
        self._cache.update(answers)
        for key in list(self._cache)[: max(len(self._cache) - self._cache_rows, 0)]:
            del self._cache[key]
