"""The optimiser and its schedule, and half-width arithmetic where the processor has it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

import torch

from .settings import Training

_CLIP = 1.0


class Optimiser:
    """AdamW with linear warm-up and linear decay; biases and norms are not decayed."""

    def __init__(self, model: torch.nn.Module, training: Training, steps: int) -> None:
        parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        groups = [
            {"params": [p for p in parameters if p.ndim > 1], "weight_decay": training.weight_decay},
            {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
        ]
        self.parameters: Iterable[torch.nn.Parameter] = parameters
        self.inner = torch.optim.AdamW(groups, lr=training.learning_rate, betas=(0.9, 0.98), eps=1e-6, fused=True)
        warm = max(1, int(steps * training.warmup))
        self.schedule = torch.optim.lr_scheduler.LambdaLR(
            self.inner, lambda step: min((step + 1) / warm, max(0.0, (steps - step) / max(1, steps - warm)))
        )

    def step(self, loss: torch.Tensor) -> None:
        """One update."""
        self.inner.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.parameters, _CLIP)
        self.inner.step()
        self.schedule.step()


def narrow() -> contextlib.AbstractContextManager[object]:
    """Mixed bfloat16 arithmetic: about twice as fast as single precision on processors that support it."""
    return torch.autocast("cpu", dtype=torch.bfloat16)
