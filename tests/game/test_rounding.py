"""Rows that are asked again in full precision: a few, spread over all that were asked, with their answers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from elision.errors import ModelError
from elision.game.behaviour import BEHAVIOURS
from elision.game.rounding import AskedRows
from elision.models.answers import CLASSES
from elision.models.rows import TextRows


def both(p: np.ndarray) -> np.ndarray:
    """Return answers of two classes, the second with probability p."""
    return CLASSES.read(np.stack([1 - p, p], axis=1))


HALF = both(np.array([0.5]))[0]


def block(first: int, n: int) -> tuple[TextRows, np.ndarray]:
    """Return n rows that are numbers, and answers in which the second class has as many hundredths."""
    numbers = np.arange(first, first + n)
    return TextRows(tuple(map(str, numbers))), both(np.minimum(numbers, 99) / 100)


def exact(error: float) -> Any:
    """Return a model that says the same but for an error on every row but the untouched."""

    def answers(blocks: list[TextRows]) -> np.ndarray:
        numbers = np.array([int(text) for block in blocks for text in block.examples])
        return both(numbers / 100 + np.where(numbers == 50, 0.0, error))

    return SimpleNamespace(answers=answers)


def game(model: Any, behaviour: str = "probability") -> Any:
    return SimpleNamespace(
        model=SimpleNamespace(exact=model),
        encoding=SimpleNamespace(untouched=TextRows(("50",))),
        answer=HALF,
        kind=CLASSES,
        behaviour=BEHAVIOURS[behaviour],
        target=1,
    )


def noted(*sizes: int) -> list[str]:
    """Return the rows that are kept of calls with so many rows in two blocks each."""
    asked, first = AskedRows(CLASSES, HALF), 0
    for size in sizes:
        half = size // 2
        blocks = [block(first, half), block(first + half, size - half)]
        asked.note([rows for rows, _ in blocks], [answers for _, answers in blocks])
        first += size
    return [rows.examples[0] for rows in asked._rows]


def test_rows_are_spread_over_what_was_asked() -> None:
    assert noted(5) == ["0", "1", "2", "3", "4"]
    assert noted(31) == [str(i) for i in range(0, 31, 2)]
    assert noted(61) == [str(i) for i in range(0, 61, 4)]


def test_sixteen_at_a_time_and_thirty_two_in_all() -> None:
    found = noted(46, 46, 46)
    assert len(found) == 32
    assert (found[0], found[15], found[16], found[31]) == ("0", "45", "46", "91")
    asked = AskedRows(CLASSES, HALF)
    asked.note([], [])
    assert asked._rows == []


def test_what_a_score_moves_by_is_the_largest_error_of_a_difference() -> None:
    asked = AskedRows(CLASSES, HALF)
    rows, answers = block(10, 5)
    asked.note([rows], [answers])
    told = asked.rounding(game(exact(0.02)), of_scores=True)
    assert told == {"rows": 5, "probability": pytest.approx(0.02), "moves": pytest.approx(0.02)}
    bits = asked.rounding(game(exact(0.02), "log_odds"), of_scores=True)
    assert bits["moves"] == pytest.approx(np.log2(0.12 / 0.88) - np.log2(0.1 / 0.9))
    assert asked.rounding(game(exact(0.02)), of_scores=False) == {"rows": 5, "probability": pytest.approx(0.02)}


def test_nothing_is_told_where_nothing_can_be() -> None:
    asked = AskedRows(CLASSES, HALF)
    assert asked.rounding(game(exact(0.0)), of_scores=True) is None
    asked.note([block(1, 2)[0]], [block(1, 2)[1]])
    assert asked.rounding(game(None), of_scores=True) is None

    def failing(blocks: object) -> np.ndarray:
        raise ModelError("no memory")

    assert asked.rounding(game(SimpleNamespace(answers=failing)), of_scores=True) is None
