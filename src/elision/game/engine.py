"""Rows in, probabilities out: each row goes through the model once, and never more rows than the budget allows.

Whatever stops a run, Ctrl-C included, leaves the engine as after its last finished batch: that batch's answers are
kept and counted, and the next call goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from elision.arrays import Floats, Ints
from elision.errors import BudgetError, OptionError, require_count
from elision.memory import halving
from elision.models.model import Model
from elision.models.rows import Rows
from elision.progress import Progress

CACHE_ROWS = 1 << 17
T = TypeVar("T")


class Engine:
    """Sends rows to a model: de-duplicated, packed by length, remembered, counted.

    Methods that are given the same engine share its memory: a row that one of them asked for costs the others nothing.

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
        self.new_rows: Ints = np.zeros(0, dtype=np.int64)
        self.progress = progress or Progress()
        self._cache_rows = cache_rows
        self._cache: dict[Hashable, Floats] = {}

    def __repr__(self) -> str:
        budget = "" if self.budget is None else f", budget={self.budget}"
        return f"{type(self).__name__}({self.model!r}, evaluations={self.evaluations}{budget})"

    @staticmethod
    def model_of(engine: Engine | None, model: Model) -> Model:
        """Return the model given, or in its place that of an engine, which decides on precision.

        Raises:
            OptionError: the engine is another model's.
        """
        if engine is None:
            return model
        if engine.model.origin is not model.origin:
            raise OptionError(f"the engine given belongs to the model {engine.model.name}, not to {model.name}")
        return engine.model

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
        answers: dict[Hashable, Floats] = {}
        new: dict[Hashable, tuple[int, int]] = {}
        for b, block_keys in enumerate(keys):
            for r, key in enumerate(block_keys):
                if key in self._cache:
                    answers[key] = self._cache[key]
                elif key not in new:
                    new[key] = (b, r)
        self._require(len(new))
        self.new_rows = np.bincount([b for b, _ in new.values()], minlength=len(blocks))
        if new:
            self._run(blocks, new, answers)
        n_classes = len(self.model.labels)
        return [np.array([answers[key] for key in own]).reshape(len(own), n_classes) for own in keys]

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
        lengths = np.full(len(rows), rows.length)
        with self.progress.expect("model", len(rows)):
            for index, both in self._batches(lengths, lambda index: self.model.gradient(rows.take(index), target)):
                found.append((index, *both))
                self._count(len(index))
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

    @contextmanager
    def spending(self, title: str, n: int) -> Iterator[Callable[[int], None]]:
        """Set rows aside that go through the model by another way than `evaluate`; nothing of them is remembered.

        Args:
            title: of the progress bar.
            n: how many rows at most.
        Yields:
            A function to be told how many rows were answered, each time.
        Raises:
            BudgetError: the rows are more than the budget leaves.
        """
        self._require(n)
        with self.progress.expect(title, n):
            yield self._count

    def _require(self, n: int) -> None:
        if self.remaining is not None and n > self.remaining:
            raise BudgetError(
                f"budget must be at least {self.evaluations + n} model evaluations for this, got {self.budget}"
            )

    def _run(
        self, blocks: Sequence[Rows], new: dict[Hashable, tuple[int, int]], answers: dict[Hashable, Floats]
    ) -> None:
        """Add the answers (c,) of rows at (block, row) places, batch by batch, each remembered as it comes."""
        keys, places = list(new), np.array(list(new.values()), dtype=np.int64)
        by_block = np.argsort(places[:, 0], kind="stable")
        rank = np.empty_like(by_block)
        rank[by_block] = np.arange(len(by_block))

        def ask(index: Ints) -> tuple[Ints, Floats]:
            index = index[np.argsort(rank[index])]
            own, first = np.unique(places[index, 0], return_index=True)
            parts = np.split(places[index, 1], first[1:])
            return index, self.model.predict([blocks[b].take(rows) for b, rows in zip(own, parts, strict=True)])

        lengths = np.array([block.length for block in blocks])[places[:, 0]]
        with self.progress.expect("model", len(places)):
            for _, (index, found) in self._batches(lengths, ask):
                done = dict(zip((keys[i] for i in index.tolist()), found, strict=True))
                self._count(len(index))
                self._remember(done)
                answers.update(done)

    def _batches(self, lengths: Ints, work: Callable[[Ints], T]) -> Iterator[tuple[Ints, T]]:
        """Yield the indices and the result of each batch of rows; what does not fit in memory is halved."""
        for batch in self.model.batches(lengths):
            shrink = partial(self.model.shrink, length=int(lengths[batch].max()))
            yield from halving(batch, work, shrink)

    def _count(self, n: int) -> None:
        self.evaluations += n
        self.progress.advance(n)

    def _remember(self, answers: dict[Hashable, Floats]) -> None:
        self._cache.update(answers)
        excess = len(self._cache) - self._cache_rows
        for key in list(islice(self._cache, max(excess, 0))):
            del self._cache[key]
