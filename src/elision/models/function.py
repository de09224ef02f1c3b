"""Any function of texts as a model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from elision.arrays import Floats, Ints
from elision.errors import ElisionError, ModelError, UnitError, reason_of, require_count
from elision.labels import distinct
from elision.memory import is_out_of_memory
from elision.models.encoding import TextEncoding
from elision.models.model import Model
from elision.models.rows import Rows, TextRows
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
        self.labels = distinct(labels)
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

    def predict(self, blocks: Sequence[Rows]) -> Floats:
        """Return float64 (r, c) probabilities.

        Raises:
            ModelError: the answer is no array (r, c) of numbers between 0 and 1, or the function fails; its own error
                is the cause.
        """
        examples = [example for block in blocks if isinstance(block, TextRows) for example in block.examples]
        wanted = (len(examples), len(self.labels))
        given = self._ask(examples)
        try:
            answer = _columns(given, self.labels)
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
        except ElisionError:
            raise
        except Exception as error:
            if is_out_of_memory(error):
                raise
            what, hint = _HINTS[bool(examples) and isinstance(examples[0], tuple)]
            # What a function does with a value of another kind than it expects, a list or a pair, ends in these two.
            hint = f": does it read {hint}?" if isinstance(error, TypeError | AttributeError) else ""
            raise ModelError(f"{self.name} failed on a {what} ({reason_of(error)}){hint}") from error


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
