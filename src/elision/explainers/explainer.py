"""What all explainers share: a model's answer and an example in, an Explanation out, of one example or of many."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar, Literal

from elision.arrays import Floats
from elision.constructed import Constructed
from elision.data.frames import Column, examples_of
from elision.errors import Interrupted, UnsupportedError, require_one_of, warn
from elision.game.behaviour import Behaviour, make_behaviour
from elision.game.driver import AT_ONCE, Conversation, converse, drive
from elision.game.engine import Engine
from elision.game.prediction import Prediction
from elision.game.value import ValueFunction
from elision.models.encoding import Encoding
from elision.models.loading import load
from elision.models.model import Model, ModelLike
from elision.results.explanation import Candidate, Explanation, Group, Interaction
from elision.results.findings import Finding, Rationale
from elision.results.meaning import Meaning, change_in, meaning_of
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
    rationales: tuple[Rationale, ...] | None = None
    meaning: Meaning | None = None
    findings: tuple[Finding, ...] = ()
    record: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def parts(self) -> Parts:
        """Return the findings that have attributes of their own, those that there are."""
        return {name: value for name in Parts.__annotations__ if (value := getattr(self, name)) is not None}  # type: ignore[return-value]


class Explainer(Constructed, ABC):
    """Scores the units of an example; abstract.

    A method is a `GameExplainer`, which asks what the model says without some units, or a `WhiteBoxExplainer`, which
    looks inside the model or needs nothing of it but its answer.

    Attributes:
        name: as users write it.
        summary: what its scores are, in a line.
        needs: what it must have of a model.
        cost: of one explanation of a text with u words.
        own_removal: the one removal that it works with, by name; None where it takes any, or none.
        behaviour: which number of the model's answer is watched; None for `default_behaviour`, or where the answers
            have no such, for the first that they have.
        seed: of every random draw.
        budget: the most model evaluations, or None.
        needs_gradients: whether the model must take embeddings and give gradients.
        leaves_out: whether its scores rest on what the model says without units, and so on a removal.
        searches: whether it seeks the order that metrics of perturbation reward, and so is their ceiling.
        gradients_for: which of its options needs them, for the message.
        way_out: what to use with a model that gives none, for the message.
    """

    name: ClassVar[str]
    summary: ClassVar[str] = ""
    needs: ClassVar[Needs] = "values only"
    cost: ClassVar[str] = ""
    own_removal: ClassVar[str | None] = None
    default_behaviour: ClassVar[str] = "log_odds"
    needs_gradients: bool = False
    leaves_out: ClassVar[bool] = False
    searches: ClassVar[bool] = False
    gradients_for: ClassVar[str] = ""
    way_out: ClassVar[str] = "'leave-one-out', 'marginalization' or 'group-masks', which need its answers only"

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if Explainer in cls.__bases__ and "_attribute" in cls.__dict__:
            _adopt(cls)

    def __init__(self, *, behaviour: str | Behaviour | None = None, seed: int = 0, budget: int | None = None) -> None:
        self.behaviour = None if behaviour is None else make_behaviour(behaviour)
        self.seed = seed
        self.budget = budget

    @abstractmethod
    def begin(
        self,
        model: Model,
        example: Example,
        *,
        target: str | int | None = None,
        units: UnitKind = "word",
        engine: Engine | None = None,
    ) -> Prediction:
        """Return what an explanation of an example starts from: the model's answer, the target, and what can be asked.

        Raises:
            UnsupportedError: the model cannot give what the explainer needs.
        """

    @abstractmethod
    def conversation(self, about: Any) -> Conversation[Attribution]:
        """Ask what must be known of what `begin` returned, and return what was found."""

    def __call__(
        self,
        model: ModelLike,
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
        about = self.begin(load(model), example, target=target, units=units, engine=engine)
        explanation = self.explain(about)
        warn_of(about)
        return explanation

    def many(
        self,
        model: ModelLike,
        examples: Any,
        *,
        column: Column | None = None,
        target: str | int | None = None,
        units: UnitKind = "word",
        engine: Engine | None = None,
        errors: str = "skip",
    ) -> Explanations:
        """Explain several examples, whose questions share batches.

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
            warn(summary(failures, len(found) + len(failures)))
        return finished()

    def iter(
        self,
        model: ModelLike,
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
        engines: dict[int, Engine] = {}

        def begin(example: Example) -> Prediction:
            model, own = answering, engine
            if engine is None and self.budget is None:
                model = self.model_for(answering, answering.encode(example, units))
                own = engines.setdefault(id(model), Engine(model))
            return self.begin(model, example, target=target, units=units, engine=own)

        outcomes = explain_together((index, self, begin, example) for index, example in given)
        return sift(outcomes, errors=errors, name=answering.name, report=report or (lambda failure: None))

    def watched(self, model: Model) -> Behaviour | None:
        """Return the behaviour to be watched of a model's answers; None for the first that they have."""
        if self.behaviour is None and self.default_behaviour in model.answer.behaviours:
            return make_behaviour(self.default_behaviour)
        return self.behaviour

    def require_gradients(self, model: Model) -> None:
        """Refuse a model that gives no gradients, where they are needed.

        Raises:
            UnsupportedError: likewise.
        """
        if self.needs_gradients and not model.gives_gradients:
            raise UnsupportedError(
                f"{self.name}{self.gradients_for} needs a model that takes embeddings, which {model.name} does not; "
                f"use {self.way_out}"
            )

    def model_for(self, model: Model, encoding: Encoding) -> Model:
        """Return the model that is asked about an example: in half precision for large work, where that is faster."""
        return model.for_work(self.expected_tokens(encoding)) if self.leaves_out else model

    def expected_rows(self, n_units: int) -> int:
        """Return about how many rows go through the model for an example of so many units, without a budget."""
        return 1

    def expected_tokens(self, encoding: Encoding) -> int:
        """Return about how many tokens go through the model for an example."""
        rows = self.expected_rows(len(encoding.units))
        return min(rows, rows if self.budget is None else self.budget) * encoding.untouched.length

    def explain(self, about: Any, *, started: float | None = None) -> Explanation:
        """Return the explanation of what `begin` returned, such as a value function.

        Args:
            about: what is explained.
            started: not needed any more: what is explained knows how long it took.
        """
        if started is not None:
            warn("explain takes the time by itself: leave started out", DeprecationWarning)
        return self._explanation(about, converse(about, self.conversation(about)))

    def _explanation(self, v: Prediction, found: Attribution) -> Explanation:
        from elision import __version__

        changes = change_in(v.behaviour.name, v.behaviour.unit)
        meaning = found.meaning or (meaning_of(found.record) if "scores" in found.record else changes)
        in_its_unit = meaning.comparable == changes
        with v.account.counting():
            rounding = v.asked.rounding(v, of_scores=in_its_unit) if isinstance(v, ValueFunction) else None
        provenance = {
            "method": self.name,
            "settings": self._settings(),
            **v.describe(),
            **found.record,
            **({} if rounding is None else {"rounding": rounding}),
            "version": __version__,
            "seconds": round(v.account.seconds, 3),
        }
        return Explanation(
            segments=v.encoding.segments,
            units=v.units,
            target=v.model.labels[v.target],
            labels=v.model.labels,
            answers=v.prediction,
            answer=v.model.answer.name,
            meaning=meaning,
            findings=found.findings,
            notes=(*v.notes, *found.notes),
            provenance=provenance,
            **found.parts(),
        )

    def _settings(self) -> dict[str, Any]:
        return {}


def _adopt(cls: type[Explainer]) -> None:
    """Make a game explainer of a class that was written for the one base class there was, with `_attribute(v)`."""
    from elision.explainers.game_explainer import GameExplainer

    warn(
        f"{cls.__name__} derives from Explainer and defines _attribute(v); derive it from elision.GameExplainer and "
        "define ask(v), a generator",
        DeprecationWarning,
    )
    cls.__bases__ = tuple(GameExplainer if base is Explainer else base for base in cls.__bases__)
    if "ask" not in cls.__dict__:
        cls.ask = _answered  # type: ignore[attr-defined]


def _answered(self: Any, v: ValueFunction) -> Conversation[Attribution]:
    return self._attribute(v)  # type: ignore[no-any-return]
    yield


Begin = Callable[[Any], Prediction]


def explain_together(
    asked: Iterable[tuple[int, Explainer, Begin, Any]], *, at_once: int = AT_ONCE
) -> Iterator[Outcome]:
    """Yield what became of each example or method: its explanation, or the error; their questions share batches.

    Args:
        asked: for each its index, the explainer, what begins it, and the example.
        at_once: how many are under way.
    """
    under_way: dict[int, tuple[Explainer, Prediction]] = {}

    def opening(index: int, method: Explainer, begin: Begin, example: Any) -> tuple[Prediction, Any]:
        about = begin(usable(example))
        under_way[index] = method, about
        return about, method.conversation(about)

    openings = ((one[0], partial(opening, *one)) for one in asked)
    for index, found in drive(openings, at_once=at_once):
        if isinstance(found, Exception):
            under_way.pop(index, None)
            yield index, found
            continue
        method, about = under_way.pop(index)
        try:
            outcome: Explanation | Exception = method._explanation(about, found)
        except Warning:
            raise
        except Exception as error:
            outcome = error
        else:
            warn_of(about)
        yield index, outcome


def warn_of(v: Prediction) -> None:
    """Warn of what an example lost on the way to the model."""
    for note in v.encoding.notes:
        warn(note)
