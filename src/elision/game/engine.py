"""Rows in, answers out: each row goes through the model once, and never more rows than the budget allows.

Whatever stops a run, Ctrl-C included, leaves the engine as after its last finished batch: that batch's answers are
kept and counted, and the next call goes on from there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import islice
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from elision.arrays import Floats, Ints
from elision.errors import BudgetError, OptionError, require_count
from elision.memory import halving
from elision.models.model import Model
from elision.models.rows import Rows
from elision.progress import Progress

CACHE_ROWS = 1 << 17
"""Answers that are kept. A choice, which bounds memory."""
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
        """Return the plain numbers of every row's answer: probabilities of all classes, or scores.

        Args:
            blocks: rows, of one length within a block.
        Returns:
            float64 (r, c) for each block.
        Raises:
            BudgetError: the rows that are new are more than the budget leaves; none of them was evaluated.
        Cost: one row through the model for each row that is not known yet.
        """
        return [self.model.answer.numbers(found) for found in self.answers(blocks)]

    def answers(self, blocks: Sequence[Rows]) -> list[Floats]:
        """Return the answer to every row, in the columns of the model's kind of answers.

        Args:
            blocks: rows, of one length within a block.
        Returns:
            float64 (r, a) for each block.
        Raises:
            BudgetError: the rows that are new are more than the budget leaves; none of them was evaluated.
        Cost: one row through the model for each row that is not known yet.
        """
        (found,) = answers_together([(self, blocks)])
        if isinstance(found, Exception):
            raise found
        return found.answers

    def differentiate(self, rows: Rows, target: int) -> tuple[Floats, Floats]:
        """Return answers and derivatives for rows, as `Model.gradient` does; nothing is remembered.

        Args:
            rows: one block.
            target: the label's index.
        Returns:
            float64 (r, a) and float64 (r, l).
        Raises:
            BudgetError: the rows are more than the budget leaves; none of them was evaluated.
            UnsupportedError: the model gives no gradients.
        Cost: each row once through the model, forth and back.
        """
        self._require(len(rows))
        found = []
        lengths = np.full(len(rows), rows.length)
        with self.progress.expect("model", len(rows)):
            for index, both in _batches(
                self.model, lengths, lambda index: self.model.gradient(rows.take(index), target)
            ):
                found.append((index, *both))
                self._count(len(index))
        order = np.argsort(np.concatenate([index for index, _, _ in found]))
        return tuple(np.concatenate(part)[order] for part in list(zip(*found, strict=True))[1:])  # type: ignore[return-value]

    def linearize(self, rows: Rows, classes: Sequence[int]) -> NDArray[np.float32]:
        """Return float32 (k, l, e): how k labels' log-odds, or scores, change with one row's embeddings.

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

    def _count(self, n: int) -> None:
        self.evaluations += n
        self.progress.advance(n)

    def _remember(self, answers: dict[Hashable, Floats]) -> None:
        self._count(len(answers))
        self._cache.update(answers)
        excess = len(self._cache) - self._cache_rows
        for key in list(islice(self._cache, max(excess, 0))):
            del self._cache[key]


class Answered(NamedTuple):
    """What an engine was answered.

    Attributes:
        answers: float64 (r, a) for each block.
        n_new: rows that went through the model for it.
    """

    answers: list[Floats]
    n_new: int


def answers_together(asked: Sequence[tuple[Engine, Sequence[Rows]]]) -> list[Answered | Exception]:
    """Return what several engines of one model are answered; their rows share batches.

    Asks that cannot be answered, for want of budget or because the model fails on their rows, cost the others nothing.

    Args:
        asked: engines, the same one several times too, each with its blocks.
    Returns:
        For each ask its answers, or the error.
    """
    plans: dict[int, _Plan] = {}
    results: list[Answered | Exception | None] = []
    for ask, (engine, blocks) in enumerate(asked):
        try:
            plans.setdefault(id(engine), _Plan(engine)).add(ask, blocks)
            results.append(None)
        except BudgetError as error:
            results.append(error)
    failed = None
    try:
        _run(list(plans.values()))
    except Warning:
        raise
    except Exception as error:
        failed = error
    for ask, (engine, blocks) in enumerate(asked):
        if results[ask] is None:
            plan = plans[id(engine)]
            results[ask] = (
                plan.result(ask) if failed is None else failed if len(asked) == 1 else plan.alone(ask, blocks)
            )
    return [result for result in results if result is not None]


class _Plan:
    """What one engine is asked: the answers that it knows, and the rows that are new, for each ask."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.answers: dict[Hashable, Floats] = {}
        self.new: dict[Hashable, tuple[int, int, int]] = {}
        self.blocks: list[Rows] = []
        self._keys: dict[int, list[list[Hashable]]] = {}
        self._spent: Counter[int] = Counter()

    def add(self, ask: int, blocks: Sequence[Rows]) -> None:
        """Take in an ask's blocks.

        Raises:
            BudgetError: the rows that are new are more than the budget leaves; then none of them is asked.
        """
        keys = [block.keys() for block in blocks]
        cache: dict[Hashable, Floats] = self.engine._cache
        new: dict[Hashable, tuple[int, int, int]] = {}
        for b, block_keys in enumerate(keys, len(self.blocks)):
            for r, key in enumerate(block_keys):
                if key in cache:
                    self.answers[key] = cache[key]
                elif key not in new and key not in self.new:
                    new[key] = (ask, b, r)
        self.engine._require(len(self.new) + len(new))
        self.new |= new
        self.blocks += blocks
        self._keys[ask] = keys

    def take(self, keys: Sequence[Hashable], answers: Floats, asks: Ints) -> None:
        """Take in the answers (r, a) to new rows (r,), of asks (r,)."""
        found = dict(zip(keys, answers, strict=True))
        self.engine._remember(found)
        self.answers.update(found)
        for ask, n in zip(*np.unique(asks, return_counts=True), strict=True):
            self._spent[int(ask)] += int(n)

    def result(self, ask: int) -> Answered:
        """Return an ask's answers."""
        model = self.engine.model
        width = model.answer.columns(len(model.labels))
        found = [np.array([self.answers[key] for key in own]).reshape(len(own), width) for own in self._keys[ask]]
        return Answered(found, self._spent[ask])

    def alone(self, ask: int, blocks: Sequence[Rows]) -> Answered | Exception:
        """Return an ask's answers, or its error, where all together failed; batches before that are known now."""
        (found,) = answers_together([(self.engine, blocks)])
        return found if isinstance(found, Exception) else Answered(found.answers, found.n_new + self._spent[ask])


def _run(plans: Sequence[_Plan]) -> None:
    """Send the new rows of all plans through their model, batch by batch, each answer remembered as it comes."""
    keys = [key for plan in plans for key in plan.new]
    if not keys:
        return
    blocks = [block for plan in plans for block in plan.blocks]
    plan_of = np.repeat(np.arange(len(plans)), [len(plan.new) for plan in plans])
    asks, own, places = np.array([place for plan in plans for place in plan.new.values()], dtype=np.int64).T
    block_of = own + np.cumsum([0, *(len(plan.blocks) for plan in plans)])[plan_of]
    model = plans[0].engine.model

    def ask(index: Ints) -> tuple[Ints, Floats]:
        # Rows of one block stand together and go as one block.
        index = np.sort(index)
        return index, model.answers([blocks[block_of[part[0]]].take(places[part]) for part in _runs(index, block_of)])

    with ExitStack() as bars:
        for plan in plans:
            bars.enter_context(plan.engine.progress.expect("model", len(plan.new)))
        for _, (index, found) in _batches(model, np.array([block.length for block in blocks])[block_of], ask):
            start = 0
            for part in _runs(index, plan_of):
                stop = start + len(part)
                plans[plan_of[part[0]]].take([keys[i] for i in part], found[start:stop], asks[part])
                start = stop


def _runs(index: Ints, group: Ints) -> list[Ints]:
    """Return the parts of ascending indices (r,) that are of one group each, groups ascending too."""
    return np.split(index, np.flatnonzero(np.diff(group[index])) + 1)


def _gradient(model: Model, rows: Rows, target: int, index: Ints) -> tuple[Floats, Floats]:
    return model.gradient(rows.take(index), target)


def _batches(model: Model, lengths: Ints, work: Callable[[Ints], T]) -> Iterator[tuple[Ints, T]]:
    """Yield the indices and the result of each batch of rows; what does not fit in memory is halved."""
    for batch in model.batches(lengths):
        yield from halving(batch, work, partial(model.shrink, length=int(lengths[batch].max())))
