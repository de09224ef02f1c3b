"""What runs conversations: an explainer asks, the driver has the model answer, several of them in the same batches.

A conversation is a generator. It yields either subsets of its game, bool (s, u), and is sent their Values, or rows, and
is sent their answers, float64 (r, a) for each block. Whoever yields knows nothing of batches; whoever drives knows
nothing of methods. An error, a budget or an end of one conversation does not touch the others.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np

from elision.game.engine import Answered, answers_together
from elision.models.rows import Rows

if TYPE_CHECKING:
    from elision.game.prediction import Prediction

T = TypeVar("T")
K = TypeVar("K")
Step = Callable[[Generator[Any, Any, Any]], Any]
Conversation = Generator[Any, Any, T]
"""Yields bool (s, u) or list[Rows]; is sent Values or a list of float64 (r, a)."""


class Talk(Generic[T]):
    """A conversation under way.

    Args:
        game: what it is about: a ValueFunction, or a Prediction where it yields rows only.
        conversation: what asks.

    Attributes:
        rows: what it waits for; None when it is over.
        result: what it returned.
        error: what ended it otherwise.
    """

    def __init__(self, game: Prediction, conversation: Conversation[T]) -> None:
        self.game = game
        self.rows: list[Rows] | None = None
        self.result: T | None = None
        self.error: Exception | None = None
        self._stack: list[Generator[Any, Any, Any]] = [conversation]
        self._go_on(next)

    @property
    def over(self) -> bool:
        """Whether it asks no more."""
        return self.rows is None

    def take(self, found: Answered | Exception, seconds: float) -> None:
        """Hand over what the model answered in so many seconds, or why it did not."""
        if isinstance(found, Exception):
            self.game.account.charge(0, seconds)
            error = found
            self._go_on(lambda own: own.throw(error))
            return
        self.game.account.charge(found.n_new, seconds)
        self._go_on(lambda own: own.send(found.answers))

    def _go_on(self, step: Step) -> None:
        """Let the innermost generator go on until rows are wanted, or all is over."""
        self.rows = None
        wanted: list[Rows] | None = None
        following: Step | None = step
        with self.game.account.counting():
            while following is not None:
                wanted, following = self._ask(following)
        self.rows = wanted

    def _ask(self, step: Step) -> tuple[list[Rows] | None, Step | None]:
        """Take one step; return the rows that are wanted then, or the next step."""
        try:
            wanted = step(self._stack[-1])
        except StopIteration as stop:
            self._stack.pop()
            if self._stack:
                return None, partial(_send, value=stop.value)
            self.result = stop.value
        except Warning:
            raise
        except Exception as error:
            self._stack.pop()
            if self._stack:
                return None, partial(_throw, error=error)
            self.error = error
        else:
            if not isinstance(wanted, np.ndarray):
                return list(wanted), None
            self._stack.append(self.game.asking(wanted))
            return None, next
        return None, None


def _send(own: Generator[Any, Any, Any], value: Any) -> Any:
    return own.send(value)


def _throw(own: Generator[Any, Any, Any], error: Exception) -> Any:
    return own.throw(error)


def on(game: Prediction, conversation: Conversation[T]) -> Conversation[T]:
    """Hold a conversation about another game than the one that is under way, such as a variant of it."""
    step: Step = next
    while True:
        try:
            wanted = step(conversation)
        except StopIteration as stop:
            found: T = stop.value
            return found
        try:
            answered = (yield from game.asking(wanted)) if isinstance(wanted, np.ndarray) else (yield wanted)
            step = partial(_send, value=answered)
        except Exception as error:
            step = partial(_throw, error=error)


def side_by_side(conversations: Sequence[Conversation[T]]) -> Conversation[list[T]]:
    """Hold several conversations that yield rows, such as `asking` of games of one model, in the same batches."""
    results: list[T | None] = [None] * len(conversations)
    waiting: dict[int, list[Rows]] = {}

    def go_on(i: int, step: Step) -> None:
        waiting.pop(i, None)
        try:
            waiting[i] = list(step(conversations[i]))
        except StopIteration as stop:
            results[i] = stop.value

    for i in range(len(conversations)):
        go_on(i, next)
    while waiting:
        answers = iter((yield [rows for blocks in waiting.values() for rows in blocks]))
        for i, blocks in list(waiting.items()):
            go_on(i, partial(_send, value=[next(answers) for _ in blocks]))
    return results  # type: ignore[return-value]


def converse(game: Prediction, conversation: Conversation[T]) -> T:
    """Run one conversation and return what it returns.

    Raises:
        Exception: whatever ended it otherwise.
    """
    return answer_all([(game, conversation)])[0]


def answer_all(conversations: Sequence[tuple[Prediction, Conversation[T]]]) -> list[T]:
    """Run conversations of one model together and return what they return.

    Raises:
        Exception: whatever ended the first that did not come to its end.
    """
    talks = [Talk(game, conversation) for game, conversation in conversations]
    while answer_round(talks):
        pass
    for talk in talks:
        if talk.error is not None:
            raise talk.error
    return [talk.result for talk in talks]  # type: ignore[misc]


def answer_round(talks: Iterable[Talk[Any]]) -> bool:
    """Have the model answer what talks wait for, all of a model in the same batches; return whether any waited."""
    waiting = [talk for talk in talks if not talk.over]
    by_model: dict[int, list[Talk[Any]]] = {}
    for talk in waiting:
        by_model.setdefault(id(talk.game.engine.model), []).append(talk)
    for own in by_model.values():
        started = time.perf_counter()
        found = answers_together([(talk.game.engine, talk.rows or []) for talk in own])
        n_rows = [sum(map(len, talk.rows or [])) for talk in own]
        a_row = (time.perf_counter() - started) / max(sum(n_rows), 1)
        for talk, n, answered in zip(own, n_rows, found, strict=True):
            talk.take(answered, a_row * n)
    return bool(waiting)


Opening = Callable[[], tuple["Prediction", Conversation[T]]]
AT_ONCE = 8
"""Conversations under way: enough for full batches of short texts, and few enough to hold their rows."""


def drive(openings: Iterable[tuple[K, Opening[T]]], *, at_once: int = AT_ONCE) -> Iterator[tuple[K, T | Exception]]:
    """Run any number of conversations, some at once, in shared batches.

    Args:
        openings: for each its key and what begins it; read as they are needed.
        at_once: how many are under way.
    Yields:
        Each key in its order, with what its conversation returned, or the error that ended it. Of those that an
        interruption stops, the finished ones are yielded before it goes on.
    """
    source = iter(openings)
    under_way: deque[tuple[K, Talk[T] | Exception]] = deque()
    try:
        more = True
        while more or under_way:
            while more and len(under_way) < at_once:
                begun = next(source, None)
                more = begun is not None
                if begun is not None:
                    under_way.append((begun[0], _begin(begun[1])))
                yield from _over(under_way)
            answer_round(talk for _, talk in under_way if isinstance(talk, Talk))
            yield from _over(under_way)
    except KeyboardInterrupt:
        yield from [(key, _outcome(talk)) for key, talk in under_way if _is_over(talk)]
        raise


def _begin(opening: Opening[T]) -> Talk[T] | Exception:
    try:
        return Talk(*opening())
    except Warning:
        raise
    except Exception as error:
        return error


def _over(under_way: deque[tuple[K, Talk[Any] | Exception]]) -> Iterator[tuple[K, Any]]:
    """Take away the first ones, as far as they are over."""
    while under_way and _is_over(under_way[0][1]):
        key, talk = under_way.popleft()
        yield key, _outcome(talk)


def _is_over(talk: Talk[Any] | Exception) -> bool:
    return isinstance(talk, Exception) or talk.over


def _outcome(talk: Talk[Any] | Exception) -> Any:
    if isinstance(talk, Exception):
        return talk
    return talk.result if talk.error is None else talk.error
