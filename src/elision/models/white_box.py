"""A model's inside for one example: embeddings or hidden layers in, answers out, differentiable all the way."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from inspect import signature
from typing import Any, final

import numpy as np
import torch

from elision.arrays import Floats
from elision.models.heads import Head
from elision.models.hooks import copied
from elision.models.lookups import embedding_layer
from elision.models.rows import TokenRows
from elision.models.transformer import Transformer
from elision.models.weights import HALF

_NO_TOKEN = -1


@final
class WhiteBox:
    """One row of a model that is asked again and again, with other embeddings or through hooks.

    Attributes:
        model: what is asked: the caller's own, which is never changed, or a copy of it.
        rows: the row.
        private: whether the model is a copy.
        answer: the kind of its answers.

    Args:
        transformer: the model with its tokenizer.
        rows: one row.
        logits: output -> its logits (n, c).
        head: how they are read.
        private: whether it must be a copy, because hooks will write on its modules.
    """

    def __init__(
        self,
        transformer: Transformer,
        rows: TokenRows,
        logits: Callable[[Any], torch.Tensor],
        head: Head,
        *,
        private: bool = False,
    ) -> None:
        weights = next(transformer.model.parameters())
        # A gradient is a small difference of large sums: half precision leaves two digits of it.
        half = weights.dtype in HALF
        alone = not transformer.trials.batches
        self.private = half or private or alone
        self.model = copied(transformer.model) if self.private else transformer.model
        if half:
            self.model.float()
        if alone:
            # Models that read their answer at the last token take no second row where they don't know padding.
            self.model.config.get_text_config().pad_token_id = _NO_TOKEN
        self._transformer = transformer.with_model(self.model)
        self.rows = rows
        self._logits = logits
        self._head = head
        self.answer = head.answer

    @property
    def dtype(self) -> torch.dtype:
        """Of the weights and all that is differentiated."""
        first: torch.Tensor = next(self.model.parameters())
        return first.dtype

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self._transformer.device

    def embed(self, ids: Any = None) -> torch.Tensor:
        """Return the embeddings (1, l, d) of token ids (l,), or of the row's own."""
        return self._transformer.embed(self.rows.ids[0] if ids is None else ids)[None]

    def vectors(self) -> Floats | None:
        """Return each token's vector, float64 (V, d), or None where the model has no table of them."""
        table = getattr(embedding_layer(self.model), "weight", None)
        return None if table is None else np.asarray(table.detach().to("cpu", torch.float64).numpy())

    def from_embeddings(self, embeddings: torch.Tensor) -> torch.Tensor:
        """Return answers, float64 (n, a), for n variants of the row's embeddings (n, l, d)."""
        rows = self._rows(len(embeddings))
        return self._answers(self._transformer.call(rows, change=lambda own: embeddings.to(own.dtype)))

    def from_ids(self, n: int) -> torch.Tensor:
        """Return answers, float64 (n, a), for n copies of the row, which hooks may tell apart."""
        return self._answers(self.output(n))

    def output(self, n: int, **options: Any) -> Any:
        """Return the model's own output for n copies of the row, with further arguments of the model."""
        return self._transformer.call(self._rows(n), **options)

    def _rows(self, n: int) -> TokenRows:
        return self.rows.take(np.zeros(n, dtype=np.int64))

    def attention(self) -> list[torch.Tensor]:
        """Return each layer's attention weights, (1, h, l, l) for most models; none where the model gives none.

        It sets the kernels to those that keep the weights, so the white box must be private.
        """
        assert self.private
        accepted = signature(self.model.forward).parameters
        if "output_attentions" not in accepted and not any(p.kind is p.VAR_KEYWORD for p in accepted.values()):
            return []
        with suppress(ValueError):
            self.model.set_attn_implementation("eager")
        return list(getattr(self.output(1, output_attentions=True), "attentions", None) or ())

    def _answers(self, output: Any) -> torch.Tensor:
        return self._head.read(self._logits(output))
