"""Any function of texts as a model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from elision.arrays import Floats, Ints
from elision.errors import (
    ElisionError,
    ModelError,
    OptionError,
    UnitError,
    reason_of,
    require_count,
    require_one_of,
)
from elision.labels import distinct
from elision.memory import is_out_of_memory
from elision.models.answers import CLASSES, EPSILON, GIVEN_CLASSES, GIVEN_LABELS, SCORES, AnswerKind, log_sum
from elision.models.encoding import TextEncoding
from elision.models.model import Model
from elision.models.rows import Rows, TextRows
from elision.text import Example, Unit, UnitKind, check_example, unit_spans

Function = Callable[[list[Any]], Any]


READINGS: dict[str, AnswerKind] = {
    "probabilities": GIVEN_CLASSES,
    "log_probabilities": CLASSES,
    "labels": GIVEN_LABELS,
    "scores": SCORES,
}
"""What a function may answer with, and the kind of answers that it makes."""
_LOGS = "log_probabilities"
_OFF = 0.02
"""How far probabilities of classes, from logarithms in half precision, may be from a sum of 1."""


class BlackBox(Model):
    """A model that is known by its answers alone.

    It reads texts, so the removals 'delete', 'mask', 'unk' and 'marginal' work with it.

    Args:
        function: `list[str]` or `list[tuple[str, str]]` -> (n, c) numbers.
        labels: the names of classes or outputs, in the order of the columns; None for one score.
        answers: what the numbers are: "probabilities" of classes; "log_probabilities", natural logarithms of them,
            which tell apart how sure a sure model is; probabilities of independent "labels"; "scores", any numbers, of
            shape (n,) where there is one; or a kind of answers of your own, which reads them. None is the class's own
            `answer`: probabilities, but for subclasses that have another.
        name: what provenance calls it.
        mask: what the removal 'mask' writes in a word's place.
        unk: what the removal 'unk' writes.
        batch_size: the most texts in one call.
    Raises:
        OptionError: answers is unknown, batch_size is less than 1, or labels are none or not different.
    """

    def __init__(
        self,
        function: Function,
        labels: Sequence[str] | None = None,
        *,
        answers: str | AnswerKind | None = None,
        name: str | None = None,
        mask: str = "[MASK]",
        unk: str = "[UNK]",
        batch_size: int = 256,
    ) -> None:
        require_count("batch_size", batch_size, 1)
        self.reading, self.answer = _reading(type(self).answer if answers is None else answers)
        if labels is None and self.reading != "scores":
            raise OptionError("a function needs the names of its classes: load(function, labels=[...])")
        self.function = function
        self.labels = ("score",) if labels is None else distinct(labels)
        self.name = name or str(getattr(function, "__name__", type(function).__name__))
        self.mask, self.unk = mask, unk
        self.batch_size = batch_size

    def encode(self, example: Example, units: UnitKind = "word") -> TextEncoding:
        """Return the example with its units.

        Raises:
            ExampleError: the example is not a text or a pair.
            UnitError: a function for units gave none.
        """
        segments = check_example(example)
        found = [
            Unit(text[start:end], start, end, segment)
            for segment, text in enumerate(segments)
            for start, end in unit_spans(text, units)
        ]
        if not found:
            raise UnitError("the text has no units: the function for units gave no spans")
        return TextEncoding(segments, tuple(found), specials={"mask": self.mask, "unk": self.unk})

    def batches(self, lengths: Ints) -> Iterator[Ints]:
        """Yield index arrays of at most batch_size rows."""
        start = 0
        while start < len(lengths):
            stop = min(start + self.batch_size, len(lengths))
            yield np.arange(start, stop)
            start = stop

    def shrink(self, n_rows: int, length: int) -> None:
        """Halve the batch size for good: memory did not suffice for so many rows."""
        self.batch_size = max(min(self.batch_size, n_rows // 2), 1)

    def answers(self, blocks: Sequence[Rows]) -> Floats:
        """Return float64 (r, a), in the columns of the kind.

        Raises:
            ModelError: as for `predict`.
        """
        found = self._numbers(blocks)
        return found if self.reading == _LOGS else self.answer.read(found)

    def predict(self, blocks: Sequence[Rows]) -> Floats:
        """Return float64 (r, c): probabilities, or scores.

        Raises:
            ModelError: the answer is no array (r, c) of numbers of its kind, or the function fails; its own error is
                the cause.
        """
        found = self._numbers(blocks)
        return np.asarray(np.exp(found)) if self.reading == _LOGS else found

    def describe(self) -> dict[str, Any]:
        """Return name, labels, what the function answers with, and where its probabilities are cut off."""
        clip = {} if self.answer not in (GIVEN_CLASSES, GIVEN_LABELS) else {"clip": EPSILON}
        return {**super().describe(), "answers": self.reading, **clip}

    def _numbers(self, blocks: Sequence[Rows]) -> Floats:
        """Return what the function says, float64 (r, c), checked."""
        examples = [example for block in blocks if isinstance(block, TextRows) for example in block.examples]
        wanted, what = (len(examples), len(self.labels)), self.reading.replace("_", "-")
        given = self._ask(examples)
        try:
            answer = _columns(given, self.labels)
        except (TypeError, ValueError) as error:
            raise ModelError(f"{self.name} must answer with {what} of shape {wanted}, got {given!r:.60}") from error
        if not self.answer.bounded and len(self.labels) == 1 and answer.ndim == 1:
            answer = answer[:, None]
        if answer.shape != wanted:
            hint = "" if self.answer.bounded or answer.ndim != 2 else "; labels=[...] name several outputs"
            raise ModelError(f"{self.name} must answer with {what} of shape {wanted}, got {answer.shape}{hint}")
        return self._checked(answer)

    def _checked(self, answer: Floats) -> Floats:
        if self.reading == _LOGS:
            return self._checked_logs(answer)
        if not self.answer.bounded:
            if not np.isfinite(answer).all():
                raise ModelError(f"{self.name} must answer with finite {self.reading}, got {_worst(answer)}")
            return answer
        if not np.isfinite(answer).all() or answer.min() < -1e-6 or answer.max() > 1 + 1e-6:
            raise ModelError(f"{self.name} must answer with probabilities between 0 and 1, got {_worst(answer)}")
        return np.clip(answer, 0.0, 1.0)

    def _checked_logs(self, answer: Floats) -> Floats:
        if not np.isfinite(answer).all():
            raise ModelError(
                f"{self.name} must answer with finite log-probabilities, got {_worst(answer)}; give the least one that "
                "is meant, as by numpy.maximum(answer, -100)"
            )
        with np.errstate(over="ignore"):
            sums = np.exp(log_sum(answer))
        worst = float(sums[np.argmax(np.abs(sums - 1.0))]) if len(sums) else 1.0
        if abs(worst - 1.0) > _OFF:
            raise ModelError(
                f"{self.name} must answer with log-probabilities of classes that have a sum of 1, got {worst:.4g}; "
                "subtract their logsumexp, or give answers='scores'"
            )
        return answer

    def _ask(self, examples: list[Example]) -> Any:
        try:
            return self.function(list(examples))
        except ElisionError:
            raise
        except Exception as error:
            if is_out_of_memory(error):
                raise
            what, hint = _HINTS[bool(examples) and isinstance(examples[0], tuple)]
            # What a function does with a value of another kind than it expects, a list or a pair, ends in these two.
            hint = f": does it read {hint}?" if isinstance(error, TypeError | AttributeError) else ""
            raise ModelError(f"{self.name} failed on a {what} ({reason_of(error)}){hint}") from error


def _reading(answers: str | AnswerKind) -> tuple[str, AnswerKind]:
    """Return what is told of a function's answers, and their kind.

    Raises:
        OptionError: there is none of that name.
    """
    if isinstance(answers, AnswerKind):
        return next((name for name, kind in READINGS.items() if kind is answers), answers.name), answers
    require_one_of("answers", answers, READINGS)
    return answers, READINGS[answers]


_HINTS = {False: ("list of texts", "lists"), True: ("pair of texts", "pairs")}


def _columns(given: Any, labels: Sequence[str]) -> Floats:
    """Return an answer as float64, columns that bear the classes' names in the classes' order."""
    if isinstance(given, list | tuple):
        given = [_plain(row) for row in given]
    answer = np.asarray(_plain(given), dtype=np.float64)
    names = [str(name) for name in getattr(given, "columns", ())]
    if answer.ndim == 2 and answer.shape[1] == len(names) and sorted(names) == sorted(labels):
        answer = answer[:, [names.index(label) for label in labels]]
    return answer


def _plain(given: Any) -> Any:
    """Return what a PyTorch tensor holds, which may have a gradient, lie on a graphics card or be in bfloat16."""
    return given.detach().cpu().double().numpy() if callable(getattr(given, "detach", None)) else given


def _worst(answer: Floats) -> float:
    broken = answer[~np.isfinite(answer)]
    return float(broken[0] if len(broken) else answer.flat[np.argmax(np.abs(answer - 0.5))])
