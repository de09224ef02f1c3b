"""What half precision may move a score by: some of the rows that were asked, asked again in full precision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, final

import numpy as np

from elision.arrays import Floats
from elision.errors import ElisionError
from elision.models.answers import AnswerKind
from elision.models.rows import Rows

if TYPE_CHECKING:
    from elision.game.value import ValueFunction

_MOST_ROWS = 32
_ROWS_A_TIME = 16
"""Rows that are asked again in full precision, of all and of one question. Choices; `python benchmarks/precision.py`
says how often scores stay within what the rows show."""


@final
class AskedRows:
    """Some of the rows that a game asked about, with the answers to them.

    Attributes:
        n_answers: how many answers there were.
        n_clipped: how many of them say more than can be watched.

    Args:
        kind: of the answers.
        answer: float64 (a,), the untouched example's.
    """

    def __init__(self, kind: AnswerKind, answer: Floats) -> None:
        self._kind = kind
        self.n_answers, self.n_clipped = 1, int(kind.clipped(answer))
        self._rows: list[Rows] = []
        self._answers: list[Floats] = []

    def note(self, blocks: Sequence[Rows], answers: Sequence[Floats]) -> None:
        """Count answers float64 (r, a), and keep a few with their rows, spread over the blocks; the first ones stay."""
        self.n_answers += sum(map(len, answers))
        self.n_clipped += sum(int(self._kind.clipped(own).sum()) for own in answers)
        sizes = np.cumsum([len(block) for block in blocks])
        room = min(_MOST_ROWS - len(self._rows), _ROWS_A_TIME, int(sizes[-1]) if len(sizes) else 0)
        for place in np.unique(np.linspace(0, sizes[-1] - 1, room).astype(int)) if room > 0 else ():
            b = int(np.searchsorted(sizes, place, side="right"))
            r = int(place - (sizes[b] - len(blocks[b])))
            self._rows.append(blocks[b].take(slice(r, r + 1)))
            self._answers.append(answers[b][r])

    def rounding(self, v: ValueFunction, *, of_scores: bool) -> dict[str, Any] | None:
        """Return what provenance records of rounding; None for a model in full precision, or where it cannot be told.

        A score is a difference of the watched number, or a weighted mean of such differences, so that it moves by at
        most about the largest error of a difference to the untouched example.

        Args:
            v: the game.
            of_scores: whether scores are in the behaviour's unit.
        Returns:
            rows, how many were asked again; probability, by how much the target's was off at most; and moves, by how
            much a score may be off, in its unit.
        Cost: at most 33 rows through the model in full precision, that no budget counts.
        """
        exact = v.model.exact
        if exact is None or not self._rows:
            return None
        try:
            wanted = np.concatenate([exact.answers([row]) for row in (v.encoding.untouched, *self._rows)])
        except (ElisionError, MemoryError, RuntimeError):
            return None
        found, right = (v.kind.watch(own, v.target) for own in (np.array([v.answer, *self._answers]), wanted))
        error = v.behaviour.of(found) - v.behaviour.of(right)
        number = "probability" if v.kind.bounded else "score"
        told: dict[str, Any] = {"rows": len(self._rows), number: float(np.abs(found.number - right.number).max())}
        return told | ({"moves": float(np.abs(error - error[0]).max())} if of_scores else {})
