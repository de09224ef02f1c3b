"""A watched number that PyTorch can differentiate."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from elision.game.behaviour import Behaviour


class _Watched(torch.autograd.Function):
    """A behaviour of probabilities, with its own slope as the derivative."""

    @staticmethod
    def forward(ctx: Any, p: torch.Tensor, behaviour: Behaviour) -> torch.Tensor:
        values = p.detach().numpy()
        ctx.slope = torch.from_numpy(np.asarray(behaviour.slope(values)))
        return torch.from_numpy(np.asarray(behaviour(values)))

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None]:
        return gradients[0] * ctx.slope, None


def watch(probabilities: torch.Tensor, target: int, behaviour: Behaviour) -> torch.Tensor:
    """Return the behaviour of the target's probability, float64 (n,), differentiable.

    Args:
        probabilities: float64 (n, c), on the CPU.
        target: the class's index.
        behaviour: which number is watched.
    """
    return torch.as_tensor(_Watched.apply(probabilities[:, target], behaviour))  # type: ignore[no-untyped-call]
