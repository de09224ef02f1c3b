"""What all explainers share: they ask a value function and return an Explanation."""

from __future__ import annotations

import time
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np

from elision.arrays import Floats
from elision.constructed import Constructed
from elision.data.frames import Column, examples_of
from elision.errors import ElisionWarning, Interrupted, UnsupportedError, require_one_of
from elision.explainers.cost import warn_of_cost
from elision.game.behaviour import Behaviour, make_behaviour
from elision.game.engine import Engine
from elision.game.value import ValueFunction, Values
from elision.models.encoding import Encoding
from elision.models.loading import load
from elision.models.model import Model
from elision.removal import make_removal
from elision.removal.removal import Removal
from elision.results.explanation import Candidate, Explanation, Group, Interaction
from elision.results.findings import Finding
from elision.results.meaning import Meaning
from elision.results.parts import Parts
from elision.results.several import ERRORS, Explanations, Failure, Outcome, sift, summary, usable
from elision.text import Example, UnitKind

Needs = Literal["values only", "embeddings", "hidden layers", "fitting"]
"""Of a model: "values only" works with every one, functions included; "embeddings" and "hidden layers" want a PyTorch
model; "fitting" learns from texts first."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Attribution:
    """What an explainer hands over; the attributes are those of Explanation, and what provenance records of the run.

    Attributes:
        meaning: what the scores are; None for changes of what is watched, in its unit.
        findings: those of further kinds.
        record: what provenance records.
    """

    scores: Floats
    std_error: Floats | None = None
    lower: Floats | None = None
    upper: Floats | None = None
    class_scores: Floats | None = None
    absent_values: Floats | None = None
    absent_probabilities: Floats | None = None
    likelihoods: Floats | None = None
    candidates: tuple[tuple[Candidate, ...], ...] | None = None
    groups: tuple[Group, ...] | None = None
    interactions: tuple[Interaction, ...] | None = None
    meaning: Meaning | None = None
    findings: tuple[Finding, ...] = ()
    record: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def parts(self) -> Parts:
        """Return the findings that have attributes of their own, those that there are."""
        return {name: value for name in Parts.__annotations__ if (value := getattr(self, name)) is not None}  # type: ignore[return-value]


class Explainer(Constructed, ABC):
    """Scores the units of an example.

    Attributes:
        name: as users write it.
        summary: what its scores are, in a line.
        needs: what it must have of a model.
        cost: of one explanation of a text with u words.
        own_removal: the one removal that it works with, by name; None where it takes any, or none.
        removal: what stands where a unit is absent; None for "drop" where the model has tokens and reads none that are
            hidden from attention, and "delete" elsewhere.
        behaviour: which number of the model's output is watched.
        seed: of every random draw.
        budget: the most model evaluations, or None.
        needs_gradients: whether the model must take embeddings and give gradients.
        leaves_out: whether its scores rest on what the model says without units, and so on the removal.
        gradients_for: which of its options needs them, for the message.
        way_out: what to use with a model that gives none, for the message.
    """

    name: ClassVar[str]
    summary: ClassVar[str] = ""
    needs: ClassVar[Needs] = "values only"
    cost: ClassVar[str] = ""
    own_removal: ClassVar[str | None] = None
    default_removal: ClassVar[str] = "drop"
    needs_gradients: bool = False
    leaves_out: ClassVar[bool] = True
    gradients_for: ClassVar[str] = " with solver='sampling'"
    way_out: ClassVar[str] = "another solver"

    def __init__(
        self,
        *,
        removal: str | Removal | None,
        behaviour: str | Behaviour,
        seed: int = 0,
        budget: int | None = None,
    ) -> None:
        self.removal = None if removal is None else make_removal(removal)
        self.behaviour = make_behaviour(behaviour)
        self.seed = seed
        self.budget = budget

    def __call__(
        self,
        model: Any,
        example: Example,
        *,
        target: str | int | None = None,
        units: UnitKind = "word",
        engine: Engine | None = None,
    ) -> Explanation:
        """Explain a model's answer to one text or pair.

        Args:
            model: a Model, or whatever `elision.load` takes.
            example: a text or a pair of texts.
            target: the class explained, by name or index; None for the predicted one.
            units: "word", "token", or a function from a text to spans.
            engine: one to share its cache with.
        Returns:
            The explanation, with its cost and settings.
        Raises:
            ElisionError: what was asked cannot be done; the message says why and what to do.
        """
        started = time.perf_counter()
        v = self.value_function(load(model), example, target=target, units=units, engine=engine)
        explanation = self.explain(v, started=started)
        warn_of(v)
        return explanation

    def many(
        self,
        model: Any,
        examples: Any,
        *,
        column: Column | None = None,
        target: str | int | None = None,
        units: UnitKind = "word",
        engine: Engine | None = None,
        errors: str = "skip",
    ) -> Explanations:
        """Explain several examples; where a method can, their questions share batches.

        An example that cannot be explained is left out, and a warning tells of it.

        Args:
            model: a Model, or whatever `elision.load` takes.
            examples: texts or pairs of texts, a Series of them, or a DataFrame.
            column: of a DataFrame, the column of the texts, or the two of pairs.
            target: the class explained, by name or index; None for each example's predicted one.
            units: "word", "token", or a function from a text to spans.
            engine: one to share its cache with; its budget then holds for all together.
            errors: "skip" examples that cannot be explained, or "raise" the first one's error.
        Returns:
            An explanation of each, with `indices` and `failures`; a budget holds for each.
        Raises:
            ElisionError: what was asked cannot be done, with no example.
            Interrupted: Ctrl-C; its `finished` has the explanations made by then.
        """
        failures: list[Failure] = []
        found: list[tuple[int, Explanation]] = []
        made = self.iter(
            model,
            examples,
            column=column,
            target=target,
            units=units,
            engine=engine,
            errors=errors,
            report=failures.append,
        )

        def finished() -> Explanations:
            return Explanations([e for _, e in found], [index for index, _ in found], failures)

        try:
            for index, explanation in made:
                found.append((index, explanation))
        except KeyboardInterrupt as stop:
            raise Interrupted(f"stopped after {len(found)} explanations", finished()) from stop
        if failures:
            warnings.warn(summary(failures, len(found) + len(failures)), ElisionWarning, stacklevel=2)
        return finished()

    def iter(
        self,
        model: Any,
        examples: Any,
        *,
        column: Column | None = None,
        target: str | int | None = None,
        units: UnitKind = "word",
        engine: Engine | None = None,
        errors: str = "skip",
        report: Callable[[Failure], None] | None = None,
    ) -> Iterator[tuple[int, Explanation]]:
        """Explain several examples, each explanation to be had as soon as it is finished.

        Args:
            model: a Model, or whatever `elision.load` takes.
            examples: as for `many`; read as they are needed.
            column: of a DataFrame, the column of the texts, or the two of pairs.
            target: the class explained, by name or index; None for each example's predicted one.
            units: "word", "token", or a function from a text to spans.
            engine: one to share its cache with; its budget then holds for all together.
            errors: "skip" examples that cannot be explained, or "raise" the first one's error.
            report: is told of each example that cannot be explained.
        Returns:
            An iterator of the example's index, from 0, and its explanation.
        Raises:
            ElisionError: what was asked cannot be done, with no example.
        """
        require_one_of("errors", errors, ERRORS)
        given = enumerate(examples_of(examples, column))
        answering = load(model)
        outcomes = self._explain_all(answering, given, target, units, engine)
        return sift(outcomes, errors=errors, name=answering.name, report=report or (lambda failure: None))

    def _explain_all(
        self,
        model: Model,
        examples: Iterator[tuple[int, Example]],
        target: str | int | None,
        units: UnitKind,
        engine: Engine | None,
    ) -> Iterator[Outcome]:
        """Yield what became of each example: its explanation, or the error."""
        for index, example in examples:
            started = time.perf_counter()
            try:
                v = self.value_function(model, usable(example), target=target, units=units, engine=engine)
                explanation = self.explain(v, started=started)
            except Warning:
                raise
            except Exception as error:
                yield index, error
                continue
            warn_of(v)
            yield index, explanation

    def value_function(
        self,
        model: Any,
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
        if self.needs_gradients and not model.gives_gradients:
            raise UnsupportedError(
                f"{self.name}{self.gradients_for} needs a model that takes embeddings, which {model.name} does not; "
                f"use {self.way_out}"
            )
        encoding = model.encode(example, units)
        v = ValueFunction(
            self.model_for(model, encoding) if engine is None else model,
            example,
            removal=self.removal or self._default_removal(model, encoding),
            behaviour=self.behaviour,
            target=target,
            units=units,
            budget=self.budget,
            seed=self.seed,
            engine=engine,
            encoding=encoding,
        )
        warn_of_cost(v, self.expected_tokens(encoding), self.name)
        return v

    def model_for(self, model: Model, encoding: Encoding) -> Model:
        """Return the model that is asked about an example: in half precision for large work, where that is faster."""
        return model.for_work(self.expected_tokens(encoding)) if self.leaves_out else model

    def _default_removal(self, model: Model, encoding: Encoding) -> str:
        if model.vocabulary is None or (self.default_removal == "drop" and not model.hides(encoding)):
            return "delete"
        return self.default_removal

    def expected_rows(self, n_units: int) -> int:
        """Return about how many rows go through the model for an example of so many units, without a budget."""
        return 1

    def expected_tokens(self, encoding: Encoding) -> int:
        """Return about how many tokens go through the model for an example."""
        rows = self.expected_rows(len(encoding.units))
        draws = 1 if self.removal is None else self.removal.expected_rows
        return min(rows * draws, rows * draws if self.budget is None else self.budget) * encoding.untouched.length

    def explain(self, v: ValueFunction, *, started: float | None = None) -> Explanation:
        """Return the explanation of a value function.

        Args:
            v: the game.
            started: `time.perf_counter()` at the start, for the seconds in provenance.
        """
        started = time.perf_counter() if started is None else started
        return self._explanation(v, self._attribute(v), started)

    def _explanation(self, v: ValueFunction, found: Attribution, started: float) -> Explanation:
        from elision import __version__

        in_its_unit = found.meaning is None and "scores" not in found.record
        rounding = v.asked.rounding(v, of_scores=in_its_unit) if self.leaves_out else None
        provenance = {
            "method": self.name,
            "settings": self._settings(),
            **v.describe(),
            **found.record,
            **({} if rounding is None else {"rounding": rounding}),
            "version": __version__,
            "seconds": round(time.perf_counter() - started, 3),
        }
        return Explanation(
            segments=v.encoding.segments,
            units=v.units,
            target=v.model.labels[v.target],
            labels=v.model.labels,
            answers=v.prediction,
            answer=v.model.answer.name,
            meaning=found.meaning,
            findings=found.findings,
            notes=(*v.encoding.notes, *found.notes),
            provenance=provenance,
            **found.parts(),
        )

    def _settings(self) -> dict[str, Any]:
        return {}

    @abstractmethod
    def _attribute(self, v: ValueFunction) -> Attribution:
        """Return the scores of a value function's units."""


def warn_of(v: ValueFunction) -> None:
    """Warn of what an example lost on the way to the model."""
    for note in v.encoding.notes:
        warnings.warn(note, ElisionWarning, stacklevel=3)


def differences(v: ValueFunction, values: Values) -> dict[str, Any]:
    """Return scores full - absent, with bounds and errors, from the values of u subsets that each lack one unit.

    Returns:
        Attribution's arguments: scores, std_error, lower, upper, class_scores, absent_probabilities.
    """
    watched = v.behaviour
    found: dict[str, Any] = {
        "scores": v.full - watched(values.mean[:, v.target]),
        "class_scores": (watched(v.prediction) - watched(values.mean)).T,
        "absent_probabilities": values.mean[:, v.target],
    }
    if values.std_error.any():
        found["std_error"] = v.std_error(values)
    if (values.upper > values.lower).any():
        found["lower"] = v.full - watched(values.upper[:, v.target])
        found["upper"] = v.full - watched(values.lower[:, v.target])
    return found


def leave_one_out_subsets(n_units: int, chosen: Any = slice(None)) -> Any:
    """Return bool (u, u): in each row one unit is absent."""
    return ~np.eye(n_units, dtype=bool)[chosen]
