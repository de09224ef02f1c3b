"""A masked language model's logits where they are wanted, not at every position.

The last layer, from embeddings to the whole vocabulary, is a good part of a small model's work.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, final

import numpy as np
import torch

from elision.arrays import Ints
from elision.errors import UnsupportedError
from elision.memory import is_out_of_memory
from elision.models.hooks import hooked
from elision.models.last_block import LastBlock
from elision.models.rows import TokenRows
from elision.models.transformer import Transformer, send

_CLOSE = 0.02
"""The part of the largest logit that is rounding in half precision: one position may be computed in another order."""
Places = tuple[torch.Tensor, torch.Tensor]


@final
class VocabularyHead:
    """Logits at wanted positions; the layer is given these positions only, where the model allows it.

    Whether it does is tried once, on one row: both ways must give the same logits.

    Args:
        transformer: the model.
    Attributes:
        selects: whether the last layer is given the wanted positions only; None before the first call.
        narrows: whether the last block is run at them only too, where each row has one.
    """

    def __init__(self, transformer: Transformer) -> None:
        self._transformer = transformer
        self._last_block = LastBlock(transformer.model)
        self.selects: bool | None = None
        self.narrows = False

    def logits(self, rows: TokenRows, owners: Ints, at: Ints) -> torch.Tensor:
        """Return logits (q, V) at one position of each owner row.

        Raises:
            UnsupportedError: the model gives no logits for tokens.
        """
        if self.selects is None:
            first = rows.take(slice(owners[0], owners[0] + 1))
            self.selects = self._try(first, at[0])
            self.narrows = self.selects and self._try_narrow(first, at[0])
        device = self._transformer.device
        places = send(torch.from_numpy(owners), device), send(torch.from_numpy(at), device)
        if not self.selects:
            return self._full(rows, places)
        one_each = len(owners) == len(rows) and bool((np.diff(owners) > 0).all())
        with self._last_block.only(places[1], rows.length) if self.narrows and one_each else nullcontext():
            return self._selected(rows, places)

    def _full(self, rows: TokenRows, places: Places) -> torch.Tensor:
        logits = getattr(self._transformer.forward([rows]), "logits", None)
        if logits is None or logits.ndim != 3:
            name = type(self._transformer.model).__name__
            raise UnsupportedError(f"{name} is no masked language model: it gives no logits for tokens")
        found: torch.Tensor = logits[places]
        return found

    def _selected(self, rows: TokenRows, places: Places) -> torch.Tensor:
        with _selecting(self._layer(), rows.ids.shape, places):
            logits: torch.Tensor = self._transformer.forward([rows]).logits
        return logits[:, 0]

    def _try_narrow(self, row: TokenRows, at: int) -> bool:
        """Tell whether the last block may be run at one position only."""
        if not row.attended.all():
            return False
        place = torch.tensor([at], device=self._transformer.device)
        return self._last_block.suffices(
            place, row.length, lambda: self._selected(row, (torch.zeros_like(place), place))
        )

    def _layer(self) -> Any:
        return getattr(self._transformer.model, "get_output_embeddings", lambda: None)()

    def _try(self, row: TokenRows, at: int) -> bool:
        """Tell whether the model gives the same logits where its last layer sees one position only."""
        if not isinstance(self._layer(), torch.nn.Module) or row.length < 2:
            return False
        device = self._transformer.device
        places = torch.zeros(1, dtype=torch.int64, device=device), torch.tensor([at], device=device)
        full = self._full(row, places).float()
        try:
            found = self._selected(row, places).float()
        except Exception as error:
            if is_out_of_memory(error):
                raise
            return False
        return found.shape == full.shape and bool((found - full).abs().max() <= _CLOSE * full.abs().max())


@contextmanager
def _selecting(layer: Any, shape: tuple[int, ...], places: Places) -> Iterator[None]:
    """Give a layer only some positions (q, 1, d) of its input (b, l, d), for the length of a block."""

    def select(module: Any, inputs: Any) -> Any:
        return (inputs[0][places][:, None], *inputs[1:]) if inputs and inputs[0].shape[:2] == shape else None

    with hooked(layer.register_forward_pre_hook, select):
        yield
