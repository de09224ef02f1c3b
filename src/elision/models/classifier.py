"""Sequence classifiers of the transformers library, from a folder, a hub or memory."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from operator import itemgetter
from threading import RLock
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from elision.arrays import Floats, Ints
from elision.errors import (
    ElisionError,
    ExampleError,
    UnitError,
    UnsupportedError,
    require_count,
)
from elision.models.encoding import Encoding, TokenEncoding, tokens_of
from elision.models.heads import Head, choose_head
from elision.models.hooks import copied
from elision.models.last_block import LastBlock
from elision.models.model import Model
from elision.models.rows import Rows, TokenRows
from elision.models.tokenization import Tokens
from elision.models.transformer import Transformer
from elision.models.weights import HALF, LARGEST_EXACT, n_inner, n_weights
from elision.models.white_box import WhiteBox
from elision.text import Example, Unit, UnitKind, check_example, unit_spans

SMALL_WORK = {"cpu": 1e11, "cuda": 1e13}
"""Multiplications and additions that take about a second in float32: up to there half precision saves nobody time."""


@dataclass(eq=False)
class Twins:
    """A model's copies in other precisions, by dtype."""

    by_dtype: dict[str, HuggingFaceModel | None] = field(default_factory=dict)
    origin: HuggingFaceModel | None = None


_copying = RLock()


class HuggingFaceModel(Model):
    """Any sequence classifier of the transformers library.

    Its answers are classes, independent labels or scores, as head says. The objects given are never changed.

    Args:
        model: the classifier.
        tokenizer: its tokenizer, fast or slow.
        name: what provenance calls it.
        labels: the names of classes or outputs, or None for those of the config.
        head: how logits are read: "softmax" (classes); "sigmoid" (independent labels, or of one logit the two classes
            "not X" and "X"); "scores" (as they are: regressions, rerankers); or "auto", which goes by the config's
            `problem_type`: where it has none, several logits are a softmax and one is a score.
        batch_tokens: the most tokens in one batch; None finds it by trial on CUDA and takes 16,384 elsewhere.
        fast: the dtype to take for large work, or None to keep the model's own.
        n_texts: how many texts it was trained to read, 1 or 2; None for either.
    Raises:
        OptionError: head is unknown, labels are too many, too few or not different, or batch_tokens is less than 1.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        *,
        name: str | None = None,
        labels: Sequence[str] | None = None,
        head: str | Head = "auto",
        batch_tokens: int | None = None,
        fast: str | None = None,
        n_texts: int | None = None,
    ) -> None:
        if batch_tokens is not None:
            require_count("batch_tokens", batch_tokens, 1)
        self.transformer = Transformer(model, tokenizer, batch_tokens=batch_tokens)
        self.vocabulary = self.transformer.vocabulary
        self._last_block = LastBlock(model)
        self._reads_first: bool | None = None
        self._fast, self._twins = fast, Twins()
        self.n_texts = n_texts
        config = model.config
        self.name = name or str(getattr(config, "name_or_path", "") or type(model).__name__)
        # The config counts its names, which may have been changed since the head was made.
        self._head = choose_head(head, config, getattr(model, "num_labels", None) or config.num_labels, labels)
        self.labels = self._head.labels(config.id2label, labels, self.name)
        self.answer, self.notes = self._head.answer, self._head.notes

    @property
    def head(self) -> str:
        """How logits are read: "softmax", "sigmoid" or "scores"."""
        return self._head.name

    def with_network(self, net: Any) -> HuggingFaceModel:
        """Return a model that differs in its weights only.

        Args:
            net: a classifier of the same class and configuration.
        """
        other = copy(self)
        other.transformer = self.transformer.with_model(net)
        other._last_block = LastBlock(net)
        other._twins = Twins()
        return other

    def for_work(self, n_tokens: int) -> HuggingFaceModel:
        """Return the model to ask about so many tokens: for large work a copy in the fast dtype, made once."""
        net = self.transformer.model
        if self._fast is None or 2.0 * n_inner(net) * n_tokens <= SMALL_WORK.get(self.transformer.device.type, 0.0):
            return self
        return self._twin(self._fast) or self

    @property
    def origin(self) -> HuggingFaceModel:
        """The model that was loaded, of which this one may be a copy in another precision."""
        return self._twins.origin or self

    @property
    def exact(self) -> HuggingFaceModel | None:
        """The same weights in float32, made once; None for a model in full precision, or of more than a billion."""
        net = self.transformer.model
        if next(net.parameters()).dtype not in HALF or n_weights(net) > LARGEST_EXACT:
            return None
        return self._twin("float32")

    def _twin(self, dtype: str) -> HuggingFaceModel | None:
        """Return the model in another precision, or None where it cannot be copied, for want of memory or otherwise."""
        wanted = getattr(torch, dtype)
        with _copying:
            if next(self.transformer.model.parameters()).dtype == wanted:
                return self
            if dtype not in self._twins.by_dtype:
                try:
                    other = self.with_network(copied(self.transformer.model).to(wanted))
                except Exception:
                    self._twins.by_dtype[dtype] = None
                    return None
                other._twins = Twins({str(self.transformer.model.dtype).removeprefix("torch."): self}, self.origin)
                self._twins.by_dtype[dtype] = other
            return self._twins.by_dtype[dtype]

    def encode(self, example: Example, units: UnitKind = "word") -> TokenEncoding:
        """Return the example as token ids, with its units.

        Raises:
            ExampleError: the example is not a text or a pair, or nothing of it reaches the model.
        """
        segments = check_example(example)
        if self.n_texts not in (None, len(segments)):
            reads, got = ("one text", "a pair") if self.n_texts == 1 else ("a pair of texts", "one text")
            raise ExampleError(f"{self.name} reads {reads}, got {got}; choose a model that reads {got}")
        net = self.transformer
        tokens = self._tokenize(segments)
        found = []
        for s, text in enumerate(segments):
            own = tokens.spans_of(s)
            for start, end in unit_spans(text, units, own):
                first = bisect_right(own, start, key=itemgetter(1))
                if first < len(own) and own[first][0] < end:
                    found.append(Unit(text[start:end], start, end, s))
        if not found:
            if callable(units):
                raise UnitError("the text has no units: the function for units gave no spans that reach the model")
            raise ExampleError("nothing of the text reaches the model: its tokenizer drops every character")
        return TokenEncoding(
            segments,
            tuple(found),
            notes=net.reader.notes(tokens, len(segments)),
            ids=tokens.ids,
            unit_of_token=tokens.unit_of_token(found),
            segment_ids=tokens.segment_ids,
            vocabulary=net.vocabulary,
        )

    def _tokenize(self, segments: tuple[str, ...]) -> Tokens:
        net = self.transformer
        try:
            return net.reader.read(segments, net.limit, with_types=net.takes_types)
        except ElisionError:
            raise
        except Exception as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ExampleError(f"the model's tokenizer refuses the text: {reason}") from error

    def batches(self, lengths: Ints) -> Iterator[Ints]:
        """Yield index arrays of rows alike in length, within the token budget."""
        return self.transformer.batches(lengths)

    def shrink(self, n_rows: int, length: int) -> None:
        """Halve the token budget for good: memory did not suffice for so many rows of so many tokens."""
        self.transformer.budget.shrink(n_rows * length)

    def answers(self, blocks: Sequence[Rows]) -> Floats:
        """Return float64 (r, a), in the columns of the head's kind.

        Raises:
            ModelError: the model answers with NaN or infinity.
        """
        rows = [block for block in blocks if isinstance(block, TokenRows)]
        self._try_last_block(rows)
        started = time.perf_counter()
        found = self._head.answers(self._answer(rows))
        seconds, n = time.perf_counter() - started, sum(map(len, rows))
        self.transformer.budget.report(n * max(block.length for block in rows), seconds)
        self.seconds_a_row = seconds / n
        return found

    def _try_last_block(self, rows: Sequence[TokenRows]) -> None:
        """Find out whether the model reads the last block's first token only.

        That is tried once, on a row whose tokens are all attended, for three rows that no budget counts.
        """
        if self._reads_first is None and rows[0].length > 1 and rows[0].attended[0].all():
            first = rows[0].take(slice(0, 1))
            self._reads_first = self._last_block.suffices(self._first(1), first.length, lambda: self._plain([first]))

    def _answer(self, rows: Sequence[TokenRows]) -> torch.Tensor:
        """Return logits (r, c)."""
        if not self._reads_first:
            return self._plain(rows)
        with self._last_block.only(self._first(sum(map(len, rows))), max(block.length for block in rows)):
            return self._plain(rows)

    def _first(self, n: int) -> torch.Tensor:
        return torch.zeros(n, dtype=torch.int64, device=self.transformer.device)

    def _plain(self, rows: Sequence[TokenRows]) -> torch.Tensor:
        parts = self.transformer.alike(rows)
        found = [torch.as_tensor(self._logits(self.transformer.forward(blocks))) for blocks, _ in parts]
        order = np.argsort(np.concatenate([index for _, index in parts]))
        return found[0] if len(found) == 1 else torch.cat(found)[torch.from_numpy(order)]

    @property
    def gives_gradients(self) -> bool:
        """Whether the model takes embeddings."""
        return self.transformer.takes_embeddings

    def hides(self, encoding: Encoding) -> bool:
        """Return whether a token that is not attended has no influence; tried once for texts, once for pairs."""
        tokens = tokens_of(encoding, "the removal 'drop'")
        rows = tokens.rows(tokens.ids[None])
        return self.transformer.trials.hides(rows, tokens.unit_of_token >= 0, len(tokens.segments))

    def gradient(self, rows: Rows, target: int) -> tuple[Floats, Floats]:
        """Return answers (r, a) and derivatives (r, l) of ln p(target), or the score, by tokens' embedding factors.

        Raises:
            UnsupportedError: the model takes no embeddings.
        """
        assert isinstance(rows, TokenRows)
        output, slopes = self.transformer.differentiate(
            rows, lambda output: self._head.watched(self._logits(output), [target])[:, 0]
        )
        answers = self._head.answers(self._logits(output))
        watched = self.answer.watch(answers, target)
        if not watched.is_score:
            # d ln p = (1 - p) d log-odds.
            slopes *= np.exp(watched.logs[1])[:, None]
        return answers, slopes

    def linearize(self, rows: Rows, classes: Sequence[int]) -> NDArray[np.float32]:
        """Return float32 (k, l, e), how k log-odds in nats, or scores, change with each token's embedding.

        Raises:
            UnsupportedError: the model takes no embeddings.
        """
        assert isinstance(rows, TokenRows)
        return self.transformer.linearize(rows, lambda output: self._head.watched(self._logits(output), classes))

    def embed(self, ids: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return the embeddings float32 (n, e) of token ids (n,).

        Raises:
            UnsupportedError: the model takes no embeddings.
        """
        return np.asarray(self.transformer.embed(ids).to("cpu", torch.float32).numpy())

    def white_box(self, rows: Rows, *, private: bool = False) -> WhiteBox:
        """Return the model's inside for one row; where its weights are of half precision, that of a float32 copy."""
        assert isinstance(rows, TokenRows)
        own = (self.exact or self).transformer
        return WhiteBox(own, rows, self._logits, self._head, private=private)

    def _logits(self, output: Any) -> Any:
        logits = getattr(output, "logits", None)
        if logits is None or logits.ndim != 2:
            raise UnsupportedError(f"{self.name} is no sequence classifier: it gives no logits (rows, classes)")
        if logits.shape[1] != self._head.n_logits:
            wrong = f"it gives {logits.shape[1]} logits where its config has {self._head.n_logits} classes"
            raise UnsupportedError(f"{self.name} is no sequence classifier: {wrong}")
        return logits

    def describe(self) -> dict[str, Any]:
        """Return name, labels, head, architecture, dtype and device."""
        squashed = {"activation": "sigmoid"} if self._head.squashed else {}
        return {**super().describe(), "head": self.head, **squashed, **self.transformer.describe()}
