"""What the rest of the library asks of a model: encode an example, answer rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from elision.arrays import Floats, Ints
from elision.constructed import short
from elision.errors import UnsupportedError
from elision.labels import index_of
from elision.models.answers import GIVEN_CLASSES, AnswerKind
from elision.models.encoding import Encoding, Vocabulary
from elision.models.rows import Rows
from elision.text import Example, UnitKind

if TYPE_CHECKING:
    from elision.models.white_box import WhiteBox


def _from_predict(self: Model, blocks: Sequence[Rows]) -> Floats:
    return self.answer.read(self.predict(blocks))


class Model(ABC):
    """A model of texts or pairs, as explainers see it. It defines `answers`, or `predict`, and has the other of it.

    Attributes:
        name: what the user called it, for provenance.
        seconds_a_row: what a row of the last batch took, or None where nothing was asked or it is not measured.
        labels: the names of classes or outputs, c of them.
        answer: the kind of its answers; by default probabilities of classes, as `predict` hands them out.
        vocabulary: its tokens, or None for a model that reads texts.
        notes: what a reader of every explanation should know of it.
    """

    name: str
    seconds_a_row: float | None = None
    labels: tuple[str, ...]
    answer: AnswerKind = GIVEN_CLASSES
    vocabulary: Vocabulary | None = None
    notes: tuple[str, ...] = ()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "predict" in cls.__dict__ and "answers" not in cls.__dict__:
            cls.answers = _from_predict  # type: ignore[method-assign]

    def __repr__(self) -> str:
        name, labels = (getattr(self, attribute, None) for attribute in ("name", "labels"))
        dtype = self.describe().get("dtype") if name and labels else None
        precision = f", dtype={dtype!r}" if dtype else ""
        return f"{type(self).__name__}({short(name)}, labels={short(list(labels or ()))}{precision})"

    @abstractmethod
    def encode(self, example: Example, units: UnitKind = "word") -> Encoding:
        """Return the example as the model reads it, with its units."""

    def answers(self, blocks: Sequence[Rows]) -> Floats:
        """Return what the model says, in the columns of its kind of answers.

        Args:
            blocks: rows, of one length within a block, to be sent through the model together.
        Returns:
            float64 (r, a), in the blocks' order; for classes natural log-probabilities.
        """
        if type(self).predict is Model.predict:
            raise NotImplementedError(f"{type(self).__name__} must define answers or predict")
        return self.answer.read(self.predict(blocks))

    def predict(self, blocks: Sequence[Rows]) -> Floats:
        """Return what the model says as plain numbers: probabilities of all classes, or scores.

        Args:
            blocks: rows, of one length within a block, to be sent through the model together.
        Returns:
            float64 (r, c), in the blocks' order.
        """
        # The answers of a subclass that defines predict alone come of predict, which may ask its base class.
        own = next(f for kind in type(self).__mro__ if (f := vars(kind).get("answers")) not in (None, _from_predict))
        return self.answer.numbers(own(self, blocks))

    @property
    def gives_gradients(self) -> bool:
        """Whether `gradient` works."""
        return False

    def hides(self, encoding: Encoding) -> bool:
        """Return whether a token that is not attended has no influence, which the removal 'drop' needs."""
        return True

    def gradient(self, rows: Rows, target: int) -> tuple[Floats, Floats]:
        """Return the answers, and how the watched number changes with each token's embedding factor.

        Args:
            rows: one block.
            target: index of the class or output.
        Returns:
            float64 (r, a), and float64 (r, l): d ln p(target) / d factor, in nats, or the score's derivative.
        Raises:
            UnsupportedError: the model is known by its answers alone.
        """
        raise UnsupportedError(f"{self.name} gives no gradients, which this needs; use a method that needs values only")

    def linearize(self, rows: Rows, classes: Sequence[int]) -> NDArray[np.float32]:
        """Return how the log-odds of classes, or scores, change with each token's embedding.

        Args:
            rows: one row.
            classes: k indices of classes or outputs.
        Returns:
            float32 (k, l, e), of log-odds in nats.
        Raises:
            UnsupportedError: the model is known by its answers alone.
        """
        raise UnsupportedError(f"{self.name} gives no gradients, which this needs; use a method that needs values only")

    def embed(self, ids: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return the embeddings float32 (n, e) of token ids (n,).

        Raises:
            UnsupportedError: the model is known by its answers alone.
        """
        raise UnsupportedError(f"{self.name} has no embeddings")

    def white_box(self, rows: Rows, *, private: bool = False) -> WhiteBox:
        """Return the model's inside for one row, for methods that need gradients or hidden layers.

        Args:
            rows: one row.
            private: whether it must be a copy of the model, because hooks will write on its modules.
        Raises:
            UnsupportedError: the model is known by its answers alone.
        """
        raise UnsupportedError(
            f"{self.name} is known by its answers alone, without gradients and hidden layers; "
            "use a method that needs no more, such as 'leave-one-out' or 'group-masks'"
        )

    def batches(self, lengths: Ints) -> Iterable[Ints]:
        """Return how rows are grouped into batches.

        Args:
            lengths: int (r,), each row's number of tokens.
        Returns:
            Index arrays; together they hold every row once. They may be made one by one, so that what happened to
            the batches before, as `shrink` tells, decides the next one's size.
        """
        return [np.arange(len(lengths))] if len(lengths) else []

    def shrink(self, n_rows: int, length: int) -> None:
        """Take note that memory did not suffice for so many rows of so many tokens; later batches are smaller."""
        return

    def for_work(self, n_tokens: int) -> Model:
        """Return the model to ask about so many tokens: one in half precision for large work, where that is faster."""
        return self

    @property
    def origin(self) -> Model:
        """The model that was loaded, of which this one may be a copy in another precision."""
        return self

    @property
    def exact(self) -> Model | None:
        """The same model in full precision, to tell what rounding moves; None where this one is, or none is at hand."""
        return None

    def describe(self) -> dict[str, Any]:
        """Return what provenance records of the model."""
        return {"name": self.name, "labels": list(self.labels)}

    def target(self, label: str | int | None, numbers: Floats) -> int:
        """Return the index of the class or output to be explained.

        Args:
            label: its name or index, as `elision.labels.index_of` reads it; None for the predicted class, or the first
                output.
            numbers: float64 (c,), probabilities or scores of the untouched example.
        Returns:
            Its index.
        Raises:
            TargetError: the model has none such.
        """
        if label is not None:
            return index_of(label, self.labels, "class" if self.answer.bounded else "output")
        return int(np.argmax(numbers)) if self.answer.bounded else 0


class Predicts(Protocol):
    """What estimators of scikit-learn's kind and cross-encoders have."""

    def predict(self, *args: Any, **kwargs: Any) -> Any:
        """Return a prediction for each example."""


ModelLike: TypeAlias = Model | str | PathLike[str] | Callable[..., Any] | Predicts
"""What `elision.load` takes: a model, a folder or name, what can be called (a network, a pipeline, a function), or an
estimator."""
