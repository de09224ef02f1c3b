"""Any function of texts as a model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from elision.errors import ModelError, OptionError, UnitError, require_count
from elision.models.base import Model
from elision.models.encoding import TextEncoding
from elision.models.rows import Floats, Ints, Rows, TextRows
from elision.text import Example, Unit, UnitKind, check_example, unit_spans

Function = Callable[[list[Any]], Any]


class BlackBox(Model):
    """A model that is known by its answers alone.

    It reads texts, so the removals 'delete', 'mask', 'unk' and 'marginal' work with it.

    Args:
        function: `list[str]` or `list[tuple[str, str]]` -> (n, c) probabilities.
        labels: the classes' names, in the order of the columns.
        name: what provenance calls it.
        mask: what the removal 'mask' writes in a word's place.
        unk: what the removal 'unk' writes.
        batch_size: the most texts in one call.
    Raises:
        OptionError: batch_size is less than 1, or labels are none or not different.
    """

    def __init__(
        self,
        function: Function,
        labels: Sequence[str],
        *,
        name: str | None = None,
        mask: str = "[MASK]",
        unk: str = "[UNK]",
        batch_size: int = 256,
    ) -> None:
        require_count("batch_size", batch_size, 1)
        self.function = function
        if isinstance(labels, str) or not len(labels) or len(set(labels)) < len(labels):
            raise OptionError(f"labels must be the names of different classes, got {labels!r}")
        self.labels = tuple(str(label) for label in labels)
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
        return TextEncoding(segments, tuple(found))

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

    def predict(self, blocks: Sequence[Rows]) -> Floats:
        """Return float64 (r, c) probabilities.

        Raises:
            ModelError: the answer is no array (r, c) of numbers between 0 and 1, or the function reads no pairs.
        """
        examples = [example for block in blocks if isinstance(block, TextRows) for example in block.examples]
        wanted = (len(examples), len(self.labels))
        given = self._ask(examples)
        try:
            answer = np.asarray(given, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise ModelError(
                f"{self.name} must answer with probabilities of shape {wanted}, got {given!r:.60}"
            ) from error
        if answer.shape != wanted:
            raise ModelError(f"{self.name} must answer with probabilities of shape {wanted}, got {answer.shape}")
        if not np.isfinite(answer).all() or answer.min() < -1e-6 or answer.max() > 1 + 1e-6:
            raise ModelError(f"{self.name} must answer with probabilities between 0 and 1, got {_worst(answer)}")
        return np.clip(answer, 0.0, 1.0)

    def _ask(self, examples: list[Example]) -> Any:
        try:
            return self.function(list(examples))
        except (TypeError, AttributeError) as error:
            if examples and isinstance(examples[0], tuple):
                raise ModelError(f"{self.name} failed on a pair of texts ({error}): does it read pairs?") from error
            raise


def _worst(answer: Floats) -> float:
    broken = answer[~np.isfinite(answer)]
    return float(broken[0] if len(broken) else answer.flat[np.argmax(np.abs(answer - 0.5))])
