"""A transformer's last block, run at the positions that are read, not at every one.

A classifier of BERT's kind reads the last block at its first token, a masked language model at the masked one. All
that follows the last attention sees each position by itself, so that the others need not be computed: in six blocks,
an eighth of the work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, final

import torch

from elision.memory import is_out_of_memory
from elision.models.hidden import block_names
from elision.models.hooks import hooked

_NOISE = 10.0
"""The spread of the noise at positions that are not read, far beyond that of normalised states."""
_CLOSE = 0.02
"""The part of the largest logit that is rounding in half precision: one position may be computed in another order."""


@final
class LastBlock:
    """The layer of a model that closes its last attention, as BERT's family calls it.

    Args:
        model: a PyTorch model of the transformers library.
    """

    def __init__(self, model: Any) -> None:
        modules = dict(model.named_modules())
        names = block_names(modules)
        self._closing = modules.get(f"{names[-1]}.attention.output") if names else None

    def suffices(self, at: torch.Tensor, length: int, logits: Callable[[], torch.Tensor]) -> bool:
        """Tell whether one position of the last block is all that a model's logits for one row depend on.

        Noise at all other positions must change nothing, not one bit, and without them the logits must be the same but
        for rounding.

        Args:
            at: int (1,), the position.
            length: l, the row's tokens.
            logits: gives the row's logits; it is called three times.
        """
        if self._closing is None:
            return False
        wanted = logits().float()
        try:
            with hooked(self._closing.register_forward_hook, lambda module, inputs, output: _drown(output, at)):
                drowned = logits().float()
            with self.only(at, length):
                found = logits().float()
        except Exception as error:
            if is_out_of_memory(error):
                raise
            return False
        if found.shape != wanted.shape or not torch.equal(drowned, wanted):
            return False
        return bool((found - wanted).abs().max() <= _CLOSE * wanted.abs().max())

    @contextmanager
    def only(self, at: torch.Tensor, length: int) -> Iterator[None]:
        """Keep one position a row, int (r,), after the last attention while the block runs: (r, 1, d) of (r, l, d).

        A model that makes its rows longer, as Longformer does to fill its window, cuts them again, and gets them whole.
        """

        def narrow(module: Any, inputs: Any) -> Any:
            if any(tuple(part.shape[:2]) != (len(at), length) for part in inputs):
                return None
            rows = torch.arange(len(at), device=at.device)
            return tuple(part[rows, at][:, None] for part in inputs)

        assert self._closing is not None
        with hooked(self._closing.register_forward_pre_hook, narrow):
            yield


def _drown(states: torch.Tensor, at: torch.Tensor) -> torch.Tensor:
    """Return states (1, l, d) with noise at all positions but one."""
    generator = torch.Generator().manual_seed(0)
    noise = _NOISE * torch.randn(states.shape, generator=generator)
    drowned = noise.to(states)
    drowned[:, at] = states[:, at]
    return drowned
