"""Kinds of answers: what a model's numbers are, how they are averaged over draws, and what can be watched of them.

Probabilities are kept as logarithms, and averaged by logsumexp. The logarithm of 1 - p is taken from the other classes,
never from p: so the log-odds of a sure model do not saturate, and a text whose probability underflows has one still.

Axes: r rows, n means, c labels (classes or outputs), a columns of an answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from elision.arrays import Bools, Floats, Ints
from elision.errors import OptionError, require_one_of
from elision.models.answer_kind import AnswerKind as AnswerKind
from elision.models.answer_kind import Watched as Watched

EPSILON = 1e-9
"""Probabilities that are handed out as such may have been rounded: logarithms of what lies within EPSILON of 0 or 1 are
taken as of EPSILON or 1 - EPSILON."""


@dataclass(frozen=True, repr=False)
class _Probabilities(AnswerKind):
    """Answers kept as logarithms; abstract.

    Attributes:
        clip: what lies within this of 0 or 1 is watched as if it were as far off; 0 for exact answers.
    """

    clip: float = 0.0
    behaviours: ClassVar[tuple[str, ...]] = ("log_odds", "probability", "log_probability", "logit")
    bounded: ClassVar[bool] = True
    estimable: ClassVar[bool] = True

    def mean(self, answers: Floats, owner: Ints, weight: Floats, reference: Floats, n: int) -> Floats:
        """Return means by logsumexp; near the reference by their difference to it, which keeps every digit."""
        with np.errstate(over="ignore", invalid="ignore"):
            moved = np.expm1(answers - reference)
        shift = np.zeros((n, answers.shape[1]))
        np.add.at(shift, owner, weight[:, None] * np.where(np.isfinite(moved), moved, 0.0))
        far = shift < -0.5
        far[owner[~np.isfinite(moved).all(axis=1)]] = True
        found = reference + np.log1p(np.where(far, 0.0, np.maximum(shift, -0.5)))
        return np.where(far, _log_mean(answers, owner, weight, n), found) if far.any() else found

    def deviations(self, answers: Floats, means: Floats) -> Floats:
        """Return differences of probabilities, taken of 1 - p where p is nearer to 1: they keep their digits so."""
        (log_p, log_q), (mean_p, mean_q) = self.watch(answers).logs, self.watch(means).logs
        by_p, by_q = np.exp(log_p) - np.exp(mean_p), np.exp(mean_q) - np.exp(log_q)
        return np.asarray(np.where(mean_p <= mean_q, by_p, by_q))

    def linear(self, answers: Floats) -> Floats:
        """Return probabilities."""
        return np.asarray(np.exp(answers))

    def of_linear(self, means: Floats) -> Floats:
        """Return logarithms of probabilities."""
        return np.asarray(np.log(np.maximum(means, np.finfo(np.float64).tiny)))

    def watch_sides(self, sides: Floats) -> Watched:
        """Return the logarithms; what is not above 0 is taken for the least there is."""
        log_p, log_q = self.of_linear(sides)
        return self._of_logs(log_p, log_q)

    def bounds(self, answers: Floats, missing: Floats) -> tuple[Watched, Watched]:
        """Return the bounds where all that is missing speaks against, or for, each label."""
        own_p, own_q = self.watch(answers).logs
        with np.errstate(divide="ignore"):
            rest, kept = np.log(missing)[:, None], np.log1p(-np.minimum(missing, 1.0))[:, None]
        log_p, log_q = own_p + kept, own_q + kept
        return self._of_logs(log_p, np.logaddexp(log_q, rest)), self._of_logs(np.logaddexp(log_p, rest), log_q)

    def clipped(self, answers: Floats) -> Bools:
        """Return bool (...), whether a probability lies within `clip` of 0 or 1."""
        with np.errstate(divide="ignore"):
            return np.asarray((answers < np.log(self.clip)).any(axis=-1))

    def _of_logs(self, log_p: Floats, log_q: Floats) -> Watched:
        number = np.asarray(np.exp(log_p))
        if self.clip:
            low, high = np.log(self.clip), np.log1p(-self.clip)
            log_p, log_q = np.clip(log_p, low, high), np.clip(log_q, low, high)
        return Watched(number, log_p, log_q)


@final
@dataclass(frozen=True, repr=False)
class Classes(_Probabilities):
    """One of c classes is the answer: a column for each one's log-probability."""

    name: ClassVar[str] = "classes"
    exclusive: ClassVar[bool] = True

    def columns(self, n_labels: int) -> int:
        """Return c."""
        return n_labels

    def read(self, numbers: Floats) -> Floats:
        """Return log-probabilities from probabilities (..., c)."""
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(numbers))

    def numbers(self, answers: Floats) -> Floats:
        """Return probabilities (..., c)."""
        return np.asarray(np.exp(answers))

    def watch(self, answers: Floats, label: int | None = None) -> Watched:
        """Return the logarithms of p and of the other classes' sum."""
        if label is None:
            return self._of_logs(answers, log_of_others(answers))
        return self._of_logs(answers[..., label], log_sum(np.delete(answers, label, axis=-1)))

    def sides(self, answers: Floats) -> Floats:
        """Return probabilities, and what they leave of 1."""
        return np.asarray(np.exp(np.stack([answers, log_of_others(answers)])))

    def of_sides(self, sides: Floats, label: int) -> Floats:
        """Return log-probabilities; the other classes' sum is what the label leaves of 1."""
        answers, log_q = self.of_linear(sides)
        if answers.shape[-1] > 1:
            own = answers[..., label]
            answers = answers + (log_q[..., label] - log_sum(np.delete(answers, label, axis=-1)))[..., None]
            answers[..., label] = own
        return np.asarray(answers)


@dataclass(frozen=True, repr=False)
class _Pairs(_Probabilities):
    """A column ln p for each label, then a column ln (1 - p) for each; abstract."""

    def columns(self, n_labels: int) -> int:
        """Return 2 c."""
        return 2 * n_labels

    def read(self, numbers: Floats) -> Floats:
        """Return the logarithms of p and 1 - p from probabilities (..., c)."""
        with np.errstate(divide="ignore"):
            return np.concatenate([np.log(numbers), np.log1p(-numbers)], axis=-1)

    def numbers(self, answers: Floats) -> Floats:
        """Return probabilities (..., c)."""
        return np.asarray(np.exp(answers[..., : answers.shape[-1] // 2]))

    def watch(self, answers: Floats, label: int | None = None) -> Watched:
        """Return the logarithms of p and 1 - p."""
        c = answers.shape[-1] // 2
        if label is None:
            return self._of_logs(answers[..., :c], answers[..., c:])
        return self._of_logs(answers[..., label], answers[..., c + label])

    def sides(self, answers: Floats) -> Floats:
        """Return probabilities, and what they leave of 1."""
        return np.asarray(np.exp(np.stack(np.split(answers, 2, axis=-1))))

    def of_sides(self, sides: Floats, label: int) -> Floats:
        """Return the logarithms of p, then of 1 - p."""
        return np.concatenate(list(self.of_linear(sides)), axis=-1)


@final
@dataclass(frozen=True, repr=False)
class Labels(_Pairs):
    """Each of c labels holds or does not, whatever the others do."""

    name: ClassVar[str] = "labels"


@final
@dataclass(frozen=True, repr=False)
class GivenClasses(_Pairs):
    """One of c classes is the answer, and their probabilities are handed out as such.

    They may be rounded, or be those of the likeliest classes only: 1 - p is not the sum of the others.
    """

    name: ClassVar[str] = "classes"


@final
class Scores(AnswerKind):
    """Real numbers, c of them: regressions, rerankers, similarities."""

    name: ClassVar[str] = "scores"
    behaviours: ClassVar[tuple[str, ...]] = ("score",)
    bounded: ClassVar[bool] = False
    estimable: ClassVar[bool] = True

    def columns(self, n_labels: int) -> int:
        """Return c."""
        return n_labels

    def read(self, numbers: Floats) -> Floats:
        """Return the scores."""
        return np.asarray(numbers, dtype=np.float64)

    def numbers(self, answers: Floats) -> Floats:
        """Return the scores."""
        return answers

    def watch(self, answers: Floats, label: int | None = None) -> Watched:
        """Return the scores."""
        return Watched(answers if label is None else answers[..., label])

    def sides(self, answers: Floats) -> Floats:
        """Return the scores."""
        return answers[None]

    def watch_sides(self, sides: Floats) -> Watched:
        """Return the scores."""
        return Watched(sides[0])

    def of_sides(self, sides: Floats, label: int) -> Floats:
        """Return the scores."""
        return np.asarray(sides[0])

    def mean(self, answers: Floats, owner: Ints, weight: Floats, reference: Floats, n: int) -> Floats:
        """Return arithmetic means."""
        shift = np.zeros((n, answers.shape[1]))
        np.add.at(shift, owner, weight[:, None] * (answers - reference))
        return reference + shift

    def deviations(self, answers: Floats, means: Floats) -> Floats:
        """Return differences."""
        return answers - means

    def linear(self, answers: Floats) -> Floats:
        """Return the scores."""
        return answers

    def of_linear(self, means: Floats) -> Floats:
        """Return the scores."""
        return means


CLASSES, LABELS, SCORES = Classes(), Labels(), Scores()
GIVEN_CLASSES, GIVEN_LABELS = GivenClasses(EPSILON), Labels(EPSILON)
"""Of models that hand out probabilities."""
ANSWERS: dict[str, AnswerKind] = {kind.name: kind for kind in (CLASSES, LABELS, SCORES)}


def answer_kind(kind: str | AnswerKind) -> AnswerKind:
    """Return a kind of answers by name, or the one given.

    Raises:
        OptionError: there is none of that name.
    """
    if isinstance(kind, AnswerKind):
        return kind
    if not isinstance(kind, str):
        raise OptionError(f"answers must be one of {', '.join(ANSWERS)}, got {kind!r:.60}")
    require_one_of("answers", kind, ANSWERS)
    return ANSWERS[kind]


def log_sum(logs: Floats) -> Floats:
    """Return ln sum exp over the last axis."""
    top = logs.max(axis=-1, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(np.exp(logs - top).sum(axis=-1)) + top[..., 0])


def log_of_others(logs: Floats) -> Floats:
    """Return ln (1 - p) for each of c exclusive classes from their log-probabilities (..., c).

    Of the likeliest class it is the logarithm of the others' sum; of the rest p is at most one half, and 1 - p has its
    digits.
    """
    best = logs.argmax(axis=-1)[..., None]
    others = logs.copy()
    np.put_along_axis(others, best, -np.inf, axis=-1)
    found = np.log1p(-np.exp(np.minimum(others, np.log(0.5))))
    np.put_along_axis(found, best, log_sum(others)[..., None], axis=-1)
    return np.asarray(found)


def _log_mean(answers: Floats, owner: Ints, weight: Floats, n: int) -> Floats:
    """Return the logarithms (n, a) of weighted means of exp(answers)."""
    top = np.full((n, answers.shape[1]), -np.inf)
    np.maximum.at(top, owner, np.where(weight[:, None] > 0, answers, -np.inf))
    top = np.where(np.isfinite(top), top, 0.0)
    total = np.zeros_like(top)
    np.add.at(total, owner, weight[:, None] * np.exp(answers - top[owner]))
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(total) + top)
