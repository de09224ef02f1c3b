"""v(known): what the model says when only the known units are there.

Game explainers ask one question, v(known) for subsets of units, and know nothing else of the model. The value function
averages answers over a removal's draws first and applies the behaviour after.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np

from elision.arrays import Bools, Floats, Ints
from elision.errors import UnitError, UnsupportedError
from elision.game.behaviour import Behaviour
from elision.game.driver import Conversation, answer_all, converse
from elision.game.engine import Engine
from elision.game.prediction import Prediction
from elision.models.answers import AnswerKind, Watched
from elision.models.encoding import Encoding, tokens_of
from elision.models.model import Model
from elision.models.rows import Rows
from elision.removal import make_removal
from elision.removal.removal import Draws, Removal
from elision.text import Example, UnitKind

_CELLS = 1 << 22
"""Subsets times units that are made into rows at once: a bound on memory."""


@dataclass(frozen=True, eq=False)
class Values:
    """The answers for s subsets.

    Attributes:
        kind: what they are.
        answers: float64 (s, a), in the kind's columns; means over a removal's draws.
        std_error: float64 (s, c), of the numbers' means over random draws; 0 where nothing was drawn.
        bounds: what is watched of all labels (s, c), at least and at most, given the likelihood of the fillings that
            were truncated away; None where nothing was, or where numbers may be anything.
        left_out: float64 (s,), that likelihood.
    """

    kind: AnswerKind
    answers: Floats
    std_error: Floats
    bounds: tuple[Watched, Watched] | None = None
    left_out: Floats | None = None

    @classmethod
    def of_means(cls, kind: AnswerKind, answers: Floats, std_error: Floats, left_out: Floats) -> Values:
        """Return the values of means over all candidates but a part left_out (s,) of their likelihood."""
        missing = bool(left_out.any())
        return cls(kind, answers, std_error, kind.bounds(answers, left_out) if missing else None, left_out)

    def at(self, rows: slice) -> Values:
        """Return the values of some of the subsets."""
        bounds = None if self.bounds is None else (self.bounds[0].at(rows), self.bounds[1].at(rows))
        left_out = None if self.left_out is None else self.left_out[rows]
        return Values(self.kind, self.answers[rows], self.std_error[rows], bounds, left_out)

    @property
    def mean(self) -> Floats:
        """Plain numbers float64 (s, c): the mean probabilities of all classes, or scores."""
        return self.kind.numbers(self.answers)

    @property
    def lower(self) -> Floats:
        """Plain numbers float64 (s, c): what the means are at least; -inf where they may be anything."""
        return self._bound(0, -np.inf)

    @property
    def upper(self) -> Floats:
        """Plain numbers float64 (s, c): what the means are at most; inf where they may be anything."""
        return self._bound(1, np.inf)

    def _bound(self, side: int, anything: float) -> Floats:
        if self.bounds is not None:
            return self.bounds[side].number
        if self.left_out is None or not self.left_out.any():
            return self.mean
        return np.where(self.left_out[:, None] > 0, anything, self.mean)

    def watch(self, behaviour: Behaviour, label: int | None = None) -> Floats:
        """Return a behaviour of one label's means float64 (s,), or of all labels' (s, c)."""
        return behaviour.of(self.kind.watch(self.answers, label))

    def watch_bounds(self, behaviour: Behaviour, label: int) -> tuple[Floats, Floats] | None:
        """Return a behaviour of one label at least and at most, two float64 (s,), or None without bounds."""
        if self.bounds is None:
            return None
        low, high = (behaviour.of(side.of_label(label)) for side in self.bounds)
        return low, high

    def watch_error(self, behaviour: Behaviour, label: int | None = None) -> Floats:
        """Return a behaviour's standard errors to first order, float64 (s,) of one label or (s, c) of all."""
        error = self.std_error if label is None else self.std_error[:, label]
        return error * behaviour.slope_of(self.kind.watch(self.answers, label))


class ValueFunction(Prediction):
    """A model's behaviour on one example as a function of the units that are known.

    Args:
        model: what is explained.
        example: a text or a pair.
        removal: what stands where a unit is absent, or its name.
        behaviour: which number is watched, or its name; None for the first that the model's kind of answers has.
        target: the label explained, by name or index; None for the predicted one. It is fixed here.
        units: "word", "token", or a function from a text to spans.
        budget: the most model evaluations, or None.
        seed: of every random draw.
        engine: one to share the cache with; its budget then counts for all that share it.
        encoding: the example as the model reads it, in these units, where it is known already.
    Raises:
        ExampleError, TargetError, OptionError, UnsupportedError, BudgetError: what was asked cannot be done.
    Cost: one row through the model.
    """

    def __init__(
        self,
        model: Model,
        example: Example,
        *,
        removal: str | Removal = "mask",
        behaviour: str | Behaviour | None = None,
        target: str | int | None = None,
        units: UnitKind = "word",
        budget: int | None = None,
        seed: int = 0,
        engine: Engine | None = None,
        encoding: Encoding | None = None,
    ) -> None:
        self.removal = make_removal(removal)
        super().__init__(
            model,
            example,
            behaviour=behaviour,
            target=target,
            units=units,
            budget=budget,
            seed=seed,
            engine=engine,
            encoding=encoding,
        )
        with self.account.counting():
            self.bound = self.removal.bind(self.model, self.encoding, seed=seed)
        self._bounds = [self.bound]

    @property
    def likelihood_evaluations(self) -> int:
        """Rows spent on the likelihood model, by this game and its variants."""
        return sum(bound.likelihood_evaluations for bound in self._bounds)

    def __call__(self, known: Bools) -> Floats:
        """Return the behaviour for subsets of known units.

        Args:
            known: bool (s, u); True where the unit is kept.
        Returns:
            float64 (s,), in the behaviour's unit.
        Raises:
            UnitError: known has not one column per unit.
            BudgetError: the rows needed are more than the budget leaves.
        Cost: at most one row a subset through the model, or one for each draw or candidate of a marginal removal.
        """
        return self.watch(self.values(known))

    def probabilities(self, known: Bools) -> Floats:
        """Return the mean probabilities of all classes, or scores, float64 (s, c), for subsets known bool (s, u)."""
        return self.values(known).mean

    def values(self, known: Bools) -> Values:
        """Return answers with standard errors and bounds for subsets known bool (s, u).

        Raises:
            UnitError: known has not one column per unit.
            BudgetError: the rows needed are more than the budget leaves.
        """
        return converse(self, self.asking(known))

    def watch(self, values: Values) -> Floats:
        """Return the behaviour of the target float64 (s,)."""
        return values.watch(self.behaviour, self.target)

    def asking(self, known: Bools) -> Conversation[Values]:
        """Yield the rows that `values` needs, to be sent their answers, float64 (r, a) for each; return the values."""
        known = np.asarray(known)
        if known.ndim != 2 or known.shape[1] != len(self.units):
            raise UnitError(f"known must have shape (s, {len(self.units)}), one column per unit; got {known.shape}")
        packed = np.packbits(known.astype(bool), axis=1)
        _, first, back = np.unique(packed, axis=0, return_index=True, return_inverse=True)
        subsets = known.astype(bool)[first]
        mean = np.repeat(self.answer[None], len(subsets), axis=0)
        variance = np.zeros((len(subsets), len(self.prediction)))
        left_out = np.zeros(len(subsets))
        partial = np.flatnonzero(~subsets.all(axis=1))
        step = max(_CELLS // max(len(self.units), 1), 1)
        for start in range(0, len(partial), step):
            chosen = partial[start : start + step]
            draws = self.bound.draws(subsets[chosen])
            blocks = [rows for rows, _, _ in draws.blocks]
            answers = yield blocks
            self.asked.note(blocks, answers)
            mean[chosen], variance[chosen] = self._average(draws, answers, len(chosen))
            left_out[chosen] = draws.left_out
        back = back.reshape(-1)
        return Values.of_means(self.kind, mean[back], np.sqrt(variance)[back], left_out[back])

    def cost(self, known: Bools) -> int:
        """Return the most model evaluations that subsets known bool (s, u) take, were none of them known yet."""
        different = np.unique(np.asarray(known, dtype=bool), axis=0)
        return int(self.bound.most_rows(different[~different.all(axis=1)]).sum())

    def gradient(self, known: Bools, *, against: bool = False) -> tuple[Floats, Floats]:
        """Return the behaviour and how it changes with each unit's embedding factor, for the removal 'zero'.

        Args:
            known: bool (s, u); True where the unit is kept.
            against: take the behaviour of any answer but the target, `Behaviour.against`.
        Returns:
            float64 (s,) and float64 (s, u): the derivatives where a kept unit's factor is 1 and an absent one's 0.
        Raises:
            UnsupportedError: the model takes no embeddings, or the removal is another.
            BudgetError: the rows are more than the budget leaves.
        Cost: s rows through the model, forth and back.
        """
        if not self.removal.silences:
            raise UnsupportedError(f"gradients need removal='zero', got {self.removal.name!r}")
        encoding = tokens_of(self.encoding, "a gradient")
        rows = encoding.silence(np.asarray(known, dtype=bool))
        with self.account.counting():
            answers, by_token = self.engine.differentiate(rows, self.target)
        by_unit = np.zeros((len(answers), len(self.units) + 1))
        np.add.at(by_unit.T, encoding.unit_of_token, by_token.T)
        watched = self.kind.watch(answers, self.target)
        function, derivative = self.behaviour.of, self.behaviour.slope_of
        if against:
            function, derivative = self.behaviour.against, self.behaviour.slope_against
        slope = derivative(watched) * (watched.number if self.kind.bounded else 1.0)
        return function(watched), by_unit[:, :-1] * slope[:, None]

    def variant(self, *, removal: Removal | None = None, behaviour: Behaviour | None = None) -> ValueFunction:
        """Return the same game, on the same engine, with another removal or behaviour."""
        other = copy(self)
        other.__dict__.pop("full", None)
        other.behaviour = behaviour or self.behaviour
        if removal is not None and removal is not self.removal:
            other.removal = removal
            other.bound = removal.bind(self.model, self.encoding, seed=self.seed)
            self._bounds.append(other.bound)
        return other

    def evaluate(self, blocks: Sequence[Rows]) -> list[Floats]:
        """Return plain numbers, float64 (r, c), for rows that a removal made."""
        with self.account.counting():
            answers = self.engine.answers(blocks)
        self.asked.note(blocks, answers)
        return [self.kind.numbers(own) for own in answers]

    def std_error(self, values: Values) -> Floats:
        """Return the behaviour's standard errors float64 (s,), to first order."""
        return values.watch_error(self.behaviour, self.target)

    def _average(self, draws: Draws, answers: Sequence[Floats], n: int) -> tuple[Floats, Floats]:
        """Return mean answers (n, a) over each subset's rows, and the variances (n, c) of their numbers."""
        if not draws.blocks:
            return np.zeros((n, len(self.answer))), np.zeros((n, len(self.prediction)))
        owner = np.concatenate([own for _, own, _ in draws.blocks])
        weight = np.concatenate([own for _, _, own in draws.blocks])
        given = np.concatenate(list(answers))
        mean = self.kind.mean(given, owner, weight, self.answer, n)
        variance = np.zeros((n, len(self.prediction)))
        if not draws.sampled.any():
            return mean, variance
        within = np.zeros_like(owner) if draws.strata is None else np.concatenate(list(draws.strata))
        n_within = int(within.max()) + 1
        part = owner * n_within + within
        spread = self._spread(given, part, weight, n * n_within).reshape(n, n_within, -1).sum(axis=1)
        return mean, np.where(draws.sampled[:, None], spread, 0.0)

    def _spread(self, given: Floats, owner: Ints, weight: Floats, n: int) -> Floats:
        """Return the variances (n, c) of weighted sums of draws (r, a), which are of the owners int (r,)."""
        share = np.bincount(owner, weights=weight, minlength=n)
        own = weight / share[owner]
        mean = self.kind.mean(given, owner, own, self.answer, n)
        off = self.kind.deviations(given, mean[owner])
        square, shift, count = np.zeros((n, off.shape[1])), np.zeros((n, off.shape[1])), np.zeros(n)
        np.add.at(shift, owner, own[:, None] * off)
        np.add.at(square, owner, own[:, None] * off**2)
        np.add.at(count, owner, 1.0)
        spread = np.maximum(square - shift**2, 0.0) / np.maximum(count - 1.0, 1.0)[:, None]
        return np.asarray(spread * share[:, None] ** 2)

    def describe(self) -> dict[str, Any]:
        """Return what provenance records: model, removal, behaviour, units, seed, cost."""
        return {
            **super().describe(),
            "removal": self.removal.describe(),
            "likelihood_evaluations": self.likelihood_evaluations,
        }


def answer_together(games: Sequence[ValueFunction], knowns: Sequence[Bools]) -> list[Values]:
    """Return each game's values for its own subsets; games of one model share batches.

    Args:
        games: value functions.
        knowns: for each game bool (s, u).
    Raises:
        UnitError: a known has not one column per unit.
        BudgetError: the rows needed are more than the budget leaves.
    """
    return answer_all([(game, game.asking(known)) for game, known in zip(games, knowns, strict=True)])
