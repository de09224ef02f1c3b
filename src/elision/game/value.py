"""v(known): what the model says when only the known units are there.

Every explainer here asks one question, v(known) for subsets of units, and knows nothing else of the model. The value
function averages the probabilities over a removal's draws first and applies the behaviour after.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from elision.arrays import Bools, Floats
from elision.errors import UnitError, UnsupportedError, require_count
from elision.game.behaviour import Behaviour, make_behaviour
from elision.game.engine import Engine
from elision.game.rounding import AskedRows
from elision.models.answers import EPSILON
from elision.models.encoding import Encoding, tokens_of
from elision.models.model import Model
from elision.models.rows import Rows
from elision.removal import make_removal
from elision.removal.removal import Draws, Removal
from elision.text import Example, Unit, UnitKind

_CELLS = 1 << 22


@dataclass(frozen=True, eq=False)
class Values:
    """The probabilities of all classes for s subsets.

    Attributes:
        mean: float64 (s, c).
        std_error: float64 (s, c), of the mean over random draws; 0 where nothing was drawn.
        lower: float64 (s, c), a bound that holds, given the likelihood of the fillings that were truncated away.
        upper: float64 (s, c), likewise.
    """

    mean: Floats
    std_error: Floats
    lower: Floats
    upper: Floats


Asking = Generator[list[Rows], list[Floats], Values]


class ValueFunction:
    """A model's behaviour on one example as a function of the units that are known.

    Args:
        model: what is explained.
        example: a text or a pair.
        removal: what stands where a unit is absent, or its name.
        behaviour: which number is watched, or its name.
        target: the class explained, by name or index; None for the predicted one. It is fixed here.
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
        behaviour: str | Behaviour = "log_odds",
        target: str | int | None = None,
        units: UnitKind = "word",
        budget: int | None = None,
        seed: int = 0,
        engine: Engine | None = None,
        encoding: Encoding | None = None,
    ) -> None:
        require_count("seed", seed, 0)
        model = Engine.model_of(engine, model)
        self.model = model
        self.asked = AskedRows()
        self.behaviour = make_behaviour(behaviour)
        self.removal = make_removal(removal)
        self.seed = seed
        self.unit_kind = units if isinstance(units, str) else getattr(units, "__name__", "custom")
        self.encoding = model.encode(example, units) if encoding is None else encoding
        self.engine = engine or Engine(model, budget=budget)
        self._evaluations_before = self.engine.evaluations
        self._charged: int | None = None
        self.bound = self.removal.bind(model, self.encoding, seed=seed)
        self._bounds = [self.bound]
        self.prediction: Floats = self.engine.evaluate([self.encoding.untouched])[0][0]
        self.target = model.target(target, self.prediction)

    @property
    def units(self) -> tuple[Unit, ...]:
        """What can be left out, u units."""
        return self.encoding.units

    @cached_property
    def full(self) -> float:
        """v of all units: the untouched example."""
        return float(self.behaviour(self.prediction[self.target]))

    @property
    def evaluations(self) -> int:
        """Model evaluations spent by this value function."""
        return self._charged if self._charged is not None else self.engine.evaluations - self._evaluations_before

    def charge(self, n: int) -> None:
        """Count n more evaluations as this game's; from the first call on, only what is charged counts.

        For games that take turns on one engine.
        """
        self._charged = self.evaluations + n

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
        return self.behaviour(self.values(known).mean[:, self.target])

    def probabilities(self, known: Bools) -> Floats:
        """Return the mean probabilities of all classes, float64 (s, c), for subsets known bool (s, u)."""
        return self.values(known).mean

    def values(self, known: Bools) -> Values:
        """Return probabilities with standard errors and bounds for subsets known bool (s, u).

        Raises:
            UnitError: known has not one column per unit.
            BudgetError: the rows needed are more than the budget leaves.
        """
        return answer_together([self], [known])[0]

    def asking(self, known: Bools) -> Asking:
        """Yield the rows that `values` needs, to be sent their answers, float64 (r, c) for each; return the values."""
        known = np.asarray(known)
        if known.ndim != 2 or known.shape[1] != len(self.units):
            raise UnitError(f"known must have shape (s, {len(self.units)}), one column per unit; got {known.shape}")
        packed = np.packbits(known.astype(bool), axis=1)
        _, first, back = np.unique(packed, axis=0, return_index=True, return_inverse=True)
        subsets = known.astype(bool)[first]
        mean = np.repeat(self.prediction[None], len(subsets), axis=0)
        variance = np.zeros_like(mean)
        left_out = np.zeros(len(subsets))
        partial = np.flatnonzero(~subsets.all(axis=1))
        step = max(_CELLS // max(len(self.units), 1), 1)
        for start in range(0, len(partial), step):
            chosen = partial[start : start + step]
            draws = self.bound.draws(subsets[chosen])
            answers = yield [rows for rows, _, _ in draws.blocks]
            mean[chosen], variance[chosen] = self._average(draws, answers, len(chosen))
            left_out[chosen] = draws.left_out
        lower = mean * (1.0 - left_out[:, None])
        upper = np.minimum(lower + left_out[:, None], 1.0)
        back = back.reshape(-1)
        return Values(mean[back], np.sqrt(variance)[back], lower[back], upper[back])

    def cost(self, known: Bools) -> int:
        """Return the most model evaluations that subsets known bool (s, u) take, were none of them known yet."""
        different = np.unique(np.asarray(known, dtype=bool), axis=0)
        return int(self.bound.most_rows(different[~different.all(axis=1)]).sum())

    def gradient(self, known: Bools) -> tuple[Floats, Floats]:
        """Return the behaviour and how it changes with each unit's embedding factor, for the removal 'zero'.

        Args:
            known: bool (s, u); True where the unit is kept.
        Returns:
            float64 (s,) and float64 (s, u): the derivatives where a kept unit's factor is 1 and an absent one's 0.
        Raises:
            UnsupportedError: the model takes no embeddings, or the removal is another.
            BudgetError: the rows are more than the budget leaves.
        Cost: s rows through the model, forth and back.
        """
        if self.removal.name != "zero":
            raise UnsupportedError(f"gradients need removal='zero', got {self.removal.name!r}")
        encoding = tokens_of(self.encoding, "a gradient")
        answers, by_token = self.engine.differentiate(encoding.silence(np.asarray(known, dtype=bool)), self.target)
        p = self.model.answer.numbers(answers)
        by_unit = np.zeros((len(p), len(self.units) + 1))
        np.add.at(by_unit.T, encoding.unit_of_token, by_token.T)
        watched = p[:, self.target]
        return self.behaviour(watched), by_unit[:, :-1] * (self.behaviour.slope(watched) * watched)[:, None]

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
        """Return the probabilities of all classes, float64 (r, c), for rows that a removal made."""
        answers = self.engine.evaluate(blocks)
        self.asked.note(blocks, answers)
        return answers

    def std_error(self, values: Values) -> Floats:
        """Return the behaviour's standard errors float64 (s,), to first order."""
        p = values.mean[:, self.target]
        return values.std_error[:, self.target] * self.behaviour.slope(p)

    def _average(self, draws: Draws, answers: Sequence[Floats], n: int) -> tuple[Floats, Floats]:
        """Return means and their variances (n, c) over each subset's rows."""
        shift = np.zeros((n, len(self.model.labels)))
        square = np.zeros_like(shift)
        count = np.zeros(n)
        for (_, owner, weight), answer in zip(draws.blocks, answers, strict=True):
            change = answer - self.prediction
            np.add.at(shift, owner, weight[:, None] * change)
            np.add.at(square, owner, weight[:, None] * change**2)
            np.add.at(count, owner, 1.0)
        spread = np.maximum(square - shift**2, 0.0) / np.maximum(count - 1.0, 1.0)[:, None]
        return self.prediction + shift, np.where(draws.sampled[:, None], spread, 0.0)

    def describe(self) -> dict[str, Any]:
        """Return what provenance records: model, removal, behaviour, units, seed, cost."""
        return {
            "model": self.model.describe(),
            "removal": self.removal.describe(),
            "behaviour": {"name": self.behaviour.name, "unit": self.behaviour.unit, "epsilon": EPSILON},
            "units": self.unit_kind,
            "seed": self.seed,
            "budget": self.engine.budget,
            "evaluations": self.evaluations,
            "likelihood_evaluations": self.likelihood_evaluations,
        }


def answer_together(games: Sequence[ValueFunction], knowns: Sequence[Bools]) -> list[Values]:
    """Return each game's values for its own subsets; games that share an engine share batches.

    Args:
        games: value functions on one engine.
        knowns: for each game bool (s, u).
    Raises:
        UnitError: a known has not one column per unit.
        BudgetError: the rows needed are more than the budget leaves.
    """
    runs = [game.asking(known) for game, known in zip(games, knowns, strict=True)]
    found: dict[int, Values] = {}
    waiting: dict[int, list[Rows]] = {}

    def advance(i: int, answers: list[Floats] | None) -> None:
        try:
            waiting[i] = next(runs[i]) if answers is None else runs[i].send(answers)
        except StopIteration as stop:
            found[i] = stop.value

    for i in range(len(runs)):
        advance(i, None)
    while waiting:
        asked, waiting = waiting, {}
        answers = iter(games[0].engine.evaluate([rows for own in asked.values() for rows in own]))
        for i, own in asked.items():
            found_own = [next(answers) for _ in own]
            games[i].asked.note(own, found_own)
            advance(i, found_own)
    return [found[i] for i in range(len(runs))]
