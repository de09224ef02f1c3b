"""Explainers that play the game: they ask v(known) about subsets of units, and know nothing else of the model."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

import numpy as np

from elision.explainers.cost import warn_of_cost
from elision.explainers.explainer import Attribution, Explainer
from elision.game.behaviour import Behaviour
from elision.game.driver import Conversation
from elision.game.engine import Engine
from elision.game.value import ValueFunction, Values
from elision.models.encoding import Encoding
from elision.models.model import Model
from elision.removal import make_removal
from elision.removal.removal import Removal
from elision.text import Example, UnitKind


class GameExplainer(Explainer):
    """Scores units by what the model says when some are absent; abstract.

    A subclass writes `ask`, a generator: `values = yield known` asks about subsets known, bool (s, u), and is given
    their `Values`. What runs it decides on batches, which it may share with other texts and methods.

    Attributes:
        removal: what stands where a unit is absent; None for `default_removal` where the model has tokens, and
            "delete" elsewhere, or where "drop" would hide nothing.
    """

    default_removal: ClassVar[str] = "drop"
    leaves_out: ClassVar[bool] = True
    gradients_for: ClassVar[str] = " with solver='sampling'"
    way_out: ClassVar[str] = "another solver"

    def __init__(
        self,
        *,
        removal: str | Removal | None = None,
        behaviour: str | Behaviour | None = None,
        seed: int = 0,
        budget: int | None = None,
    ) -> None:
        self.removal = None if removal is None else make_removal(removal)
        super().__init__(behaviour=behaviour, seed=seed, budget=budget)

    @abstractmethod
    def ask(self, v: ValueFunction) -> Conversation[Attribution]:
        """Yield subsets bool (s, u), to be sent their Values, and return the scores of the game's units."""

    def conversation(self, about: Any) -> Conversation[Attribution]:
        """Ask about a value function."""
        return self.ask(about)

    def value_function(
        self,
        model: Model,
        example: Example,
        *,
        target: str | int | None = None,
        units: UnitKind = "word",
        engine: Engine | None = None,
    ) -> ValueFunction:
        """Return the game that this explainer plays on an example.

        Raises:
            UnsupportedError: the model cannot give what the explainer needs.
        """
        self.require_gradients(model)
        encoding = model.encode(example, units)
        v = ValueFunction(
            self.model_for(model, encoding) if engine is None else model,
            example,
            removal=self.removal or self._default_removal(model, encoding),
            behaviour=self.watched(model),
            target=target,
            units=units,
            budget=self.budget,
            seed=self.seed,
            engine=engine,
            encoding=encoding,
        )
        warn_of_cost(v, self.expected_tokens(encoding), self.name)
        return v

    begin = value_function

    def _default_removal(self, model: Model, encoding: Encoding) -> str | Removal:
        if model.vocabulary is None or (self.default_removal == "drop" and not model.hides(encoding)):
            return "delete"
        return self.default_removal

    def expected_tokens(self, encoding: Encoding) -> int:
        """Return about how many tokens go through the model for an example."""
        rows = self.expected_rows(len(encoding.units))
        draws = 1 if self.removal is None else self.removal.expected_rows
        return min(rows * draws, rows * draws if self.budget is None else self.budget) * encoding.untouched.length


def differences(v: ValueFunction, values: Values) -> dict[str, Any]:
    """Return scores full - absent, with bounds and errors, from the values of u subsets that each lack one unit.

    Returns:
        Attribution's arguments: scores, std_error, lower, upper, class_scores, absent_probabilities.
    """
    watched = v.behaviour
    full = watched.of(v.kind.watch(v.answer))
    found: dict[str, Any] = {
        "scores": v.full - v.watch(values),
        "class_scores": (full - values.watch(watched)).T,
        "absent_probabilities": values.mean[:, v.target],
    }
    if values.std_error.any():
        found["std_error"] = v.std_error(values)
    if (bounds := values.watch_bounds(watched, v.target)) is not None:
        found["lower"], found["upper"] = v.full - bounds[1], v.full - bounds[0]
    return found


def leave_one_out_subsets(n_units: int, chosen: Any = slice(None)) -> Any:
    """Return bool (u, u): in each row one unit is absent."""
    return ~np.eye(n_units, dtype=bool)[chosen]
