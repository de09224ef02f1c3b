"""What a kind of answers has to say of itself: columns, averages, and what can be watched.

Axes: r rows, n means, c labels (classes or outputs), a columns of an answer.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from elision.arrays import Bools, Floats, Ints
from elision.errors import require_one_of


@dataclass(frozen=True, eq=False)
class Watched:
    """What is watched of one label: of a probability the logarithms of p and 1 - p, of a score the score.

    Attributes:
        number: float64, of any shape: the probability, or the score.
        log_p: float64; None for scores.
        log_q: float64, ln (1 - p), likewise.
    """

    number: Floats
    log_p: Floats | None = None
    log_q: Floats | None = None

    @property
    def is_score(self) -> bool:
        """Whether the number is a score."""
        return self.log_p is None

    def of_label(self, label: int) -> Watched:
        """Return what is watched of one label, (...,), where this is of all, (..., c)."""
        if self.log_p is None or self.log_q is None:
            return Watched(self.number[..., label])
        return Watched(self.number[..., label], self.log_p[..., label], self.log_q[..., label])

    def at(self, rows: slice) -> Watched:
        """Return what is watched of some rows."""
        if self.log_p is None or self.log_q is None:
            return Watched(self.number[rows])
        return Watched(self.number[rows], self.log_p[rows], self.log_q[rows])

    @property
    def others(self) -> Watched:
        """What is watched of the other labels together, of a probability: 1 - p."""
        log_p, log_q = self.logs
        return Watched(np.asarray(np.exp(log_q)), log_q, log_p)

    @property
    def logs(self) -> tuple[Floats, Floats]:
        """ln p and ln (1 - p), of a probability."""
        assert self.log_p is not None
        assert self.log_q is not None
        return self.log_p, self.log_q


class AnswerKind(ABC):
    """What a model says of an example; abstract.

    Attributes:
        name: as users write it.
        behaviours: names of those that can be watched, the default first.
        bounded: whether the numbers lie between 0 and 1.
        exclusive: whether one label only holds, so that the numbers sum to 1.
        estimable: whether their means can be estimated label by label from some of the answers, through `sides`.
    """

    name: ClassVar[str]
    behaviours: ClassVar[tuple[str, ...]]
    bounded: ClassVar[bool]
    exclusive: ClassVar[bool] = False
    estimable: ClassVar[bool] = False

    def __repr__(self) -> str:
        return f"<answers: {self.name}>"

    @abstractmethod
    def columns(self, n_labels: int) -> int:
        """Return how many columns a, an answer has for c labels."""

    @abstractmethod
    def read(self, numbers: Floats) -> Floats:
        """Return answers (..., a) from plain numbers (..., c): probabilities or scores."""

    @abstractmethod
    def numbers(self, answers: Floats) -> Floats:
        """Return plain numbers (..., c) from answers (..., a): probabilities or scores."""

    @abstractmethod
    def watch(self, answers: Floats, label: int | None = None) -> Watched:
        """Return what is watched of answers (..., a): of one label, (...,), or of all, (..., c)."""

    def stays(self, numbers: Floats, label: int, whole: Floats, none: Floats) -> Bools:
        """Return whether a label is still the answer, bool (...,).

        Args:
            numbers: float64 (..., c), plain numbers of an example without some of its units.
            label: the one explained.
            whole: float64 (c,), the untouched example's.
            none: float64 (c,), without any unit.
        """
        if not self.bounded:
            own = numbers[..., label]
            return np.asarray(np.abs(own - whole[label]) < np.abs(own - none[label]))
        return np.asarray(numbers.argmax(axis=-1) == label if self.exclusive else numbers[..., label] > 0.5)

    @abstractmethod
    def mean(self, answers: Floats, owner: Ints, weight: Floats, reference: Floats, n: int) -> Floats:
        """Return weighted means of what the answers stand for.

        Args:
            answers: float64 (r, a).
            owner: int (r,), which of the n means each row belongs to.
            weight: float64 (r,); each mean's sum to 1.
            reference: float64 (a,), the untouched example's; where all rows say the same, the mean is just that.
            n: how many means.
        Returns:
            float64 (n, a).
        """

    @abstractmethod
    def deviations(self, answers: Floats, means: Floats) -> Floats:
        """Return by how much the numbers of answers (..., a) are off those of means (..., a): float64 (..., c)."""

    @abstractmethod
    def linear(self, answers: Floats) -> Floats:
        """Return float64 (..., a), what can be averaged without more ado: probabilities, or scores."""

    @abstractmethod
    def of_linear(self, means: Floats) -> Floats:
        """Return the answers (..., a) whose `linear` is given; what is not above 0 is taken for the least there is."""

    def sides(self, answers: Floats) -> Floats:
        """Return what can be averaged of each label by itself, float64 (k, ..., c): p and 1 - p, or the score."""
        raise NotImplementedError

    def watch_sides(self, sides: Floats) -> Watched:
        """Return what is watched of all labels (..., c), whose sides (k, ..., c) are given."""
        raise NotImplementedError

    def of_sides(self, sides: Floats, label: int) -> Floats:
        """Return the answers (..., a) whose `sides` (k, ..., c) are given.

        Where exclusive labels do not sum to 1, which estimates of each by itself need not, the one given stays as it is
        and the others share what it leaves.
        """
        raise NotImplementedError

    def bounds(self, answers: Floats, missing: Floats) -> tuple[Watched, Watched] | None:
        """Return what is watched of all labels, (n, c), at least and at most, whatever a missing part would have said.

        Args:
            answers: float64 (n, a), means over what was asked.
            missing: float64 (n,), the share of 1 that was not asked about.
        Returns:
            Two Watched, or None where numbers may be anything.
        """
        return None

    def clipped(self, answers: Floats) -> Bools:
        """Return bool (...), whether answers (..., a) say more than can be watched of them: only probabilities may."""
        return np.zeros(answers.shape[:-1], dtype=bool)

    def require(self, behaviour: str) -> None:
        """Refuse a behaviour that these answers have not.

        Raises:
            OptionError: it says which they have.
        """
        require_one_of("behaviour", behaviour, self.behaviours)
