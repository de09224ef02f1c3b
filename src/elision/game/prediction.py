"""A model's answer to one example, with the label that is explained: what every explainer starts from."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from elision.arrays import Bools, Floats
from elision.errors import UnsupportedError, require_count
from elision.game.account import Account
from elision.game.behaviour import Behaviour, fitting, make_behaviour
from elision.game.engine import Engine
from elision.game.rounding import AskedRows
from elision.models.answers import EPSILON, AnswerKind
from elision.models.encoding import Encoding
from elision.models.model import Model
from elision.text import Example, Unit, UnitKind


class Prediction:
    """A model's answer to one example.

    Args:
        model: what is explained.
        example: a text or a pair.
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
        behaviour: str | Behaviour | None = None,
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
        self.seed = seed
        self.behaviour = fitting(None if behaviour is None else make_behaviour(behaviour), model.answer, model.name)
        self.unit_kind = units if isinstance(units, str) else getattr(units, "__name__", "custom")
        self.engine = engine or Engine(model, budget=budget)
        self.account = Account(self.engine)
        with self.account.counting():
            self.encoding = model.encode(example, units) if encoding is None else encoding
            self.answer: Floats = self.engine.answers([self.encoding.untouched])[0][0]
        self.prediction: Floats = self.kind.numbers(self.answer)
        self.asked = AskedRows(self.kind, self.answer)
        self.target = model.target(target, self.prediction)

    @property
    def kind(self) -> AnswerKind:
        """What the model's answers are."""
        return self.model.answer

    @property
    def units(self) -> tuple[Unit, ...]:
        """What can be left out, u units."""
        return self.encoding.units

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know of the model, of how it reads the example, and of its answers up to now."""
        return (*self.encoding.notes, *self.model.notes, *self._clip_notes())

    def _clip_notes(self) -> Iterator[str]:
        asked = self.asked
        if asked.n_clipped and self.behaviour.of_logs is not None:
            yield (
                f"{asked.n_clipped} of {asked.n_answers} answers have a probability within {EPSILON:g} of 0 or 1, and "
                "how near it is does not count; a function that answers with answers='log_probabilities' tells"
            )

    @cached_property
    def full(self) -> float:
        """The behaviour of the untouched example."""
        return float(self.behaviour.of(self.kind.watch(self.answer, self.target)))

    @property
    def evaluations(self) -> int:
        """Model evaluations spent on this example."""
        return self.account.evaluations

    def charge(self, n: int) -> None:
        """Count n more evaluations as this example's, which may share the engine with others."""
        self.account.charge(n, 0.0)

    def asking(self, known: Bools) -> Any:
        """Refuse questions about subsets: there is no removal.

        Raises:
            UnsupportedError: always.
        """
        raise UnsupportedError("subsets of units can be asked about with a removal only: that needs a value function")

    def describe(self) -> dict[str, Any]:
        """Return what provenance records: model, behaviour, units, seed, cost."""
        return {
            "model": self.model.describe(),
            "answer": self.kind.name,
            "behaviour": {"name": self.behaviour.name, "unit": self.behaviour.unit},
            "units": self.unit_kind,
            "seed": self.seed,
            "budget": self.engine.budget,
            "evaluations": self.evaluations,
        }
