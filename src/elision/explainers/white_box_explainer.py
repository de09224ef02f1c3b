"""Explainers that look inside the model, or need nothing of it but its answer: they ask nothing of a game."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Protocol, Self, runtime_checkable

from elision.errors import warn
from elision.explainers.explainer import Attribution, Explainer
from elision.game.driver import Conversation
from elision.game.engine import Engine
from elision.game.prediction import Prediction
from elision.models.model import Model, ModelLike
from elision.text import Example, UnitKind


class WhiteBoxExplainer(Explainer):
    """Scores units by what stands in the model, or beside it; abstract. A subclass writes `look`."""

    @abstractmethod
    def look(self, v: Prediction) -> Attribution:
        """Return the scores of an example's units."""

    def begin(
        self,
        model: Model,
        example: Example,
        *,
        target: str | int | None = None,
        units: UnitKind = "word",
        engine: Engine | None = None,
    ) -> Prediction:
        """Return the model's answer to an example.

        Raises:
            UnsupportedError: the model cannot give what the explainer needs.
        """
        self.require_gradients(model)
        return Prediction(
            model,
            example,
            behaviour=self.watched(model),
            target=target,
            units=units,
            budget=self.budget,
            seed=self.seed,
            engine=engine,
        )

    def value_function(self, model: Model, example: Example, **options: Any) -> Prediction:
        """Do as `begin`, by its former name."""
        warn(f"{type(self).__name__} plays no game: value_function is begin now", DeprecationWarning)
        return self.begin(model, example, **options)

    def conversation(self, about: Any) -> Conversation[Attribution]:
        """Look, and ask nothing."""
        return self.look(about)
        yield


@runtime_checkable
class Fitted(Protocol):
    """An explainer that learns from texts first, and is kept in a folder."""

    def fit(self, model: ModelLike, texts: Any) -> Self:
        """Learn from texts what the model says of them."""
        ...

    def save(self, folder: Any) -> None:
        """Write what was learnt."""
        ...

    @classmethod
    def load(cls, folder: Any) -> Self:
        """Return the explainer that was saved."""
        ...
