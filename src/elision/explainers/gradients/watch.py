"""A watched number that PyTorch can differentiate."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from elision.arrays import Floats
from elision.game.behaviour import Behaviour
from elision.models.answers import AnswerKind, Watched


class _Watched(torch.autograd.Function):
    """A behaviour as a function of what it is differentiated by, with its own slope as the derivative."""

    @staticmethod
    def forward(ctx: Any, by: torch.Tensor, values: Floats, slope: Floats) -> torch.Tensor:
        ctx.slope = torch.from_numpy(np.asarray(slope))
        return torch.from_numpy(np.asarray(values))

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        return gradients[0] * ctx.slope, None, None


def watch(answers: torch.Tensor, target: int, behaviour: Behaviour, kind: AnswerKind) -> torch.Tensor:
    """Return the behaviour of the target's probability or score, float64 (n,), differentiable.

    Of a probability it is differentiated by the log-odds z, where df/dz = df/dp p (1 - p): derivatives by p vanish in
    rounding where the model is sure.

    Args:
        answers: float64 (n, a), on the CPU, in the columns of their kind.
        target: index of the class or output.
        behaviour: which number is watched.
        kind: of the answers.
    """
    watched = kind.watch(answers.detach().numpy(), target)
    values, slope = behaviour.of(watched), behaviour.slope_of(watched)
    if watched.is_score:
        by = answers[:, target]
    else:
        by, slope = _log_odds(answers, target, kind), slope * _odds_slope(watched)
    return torch.as_tensor(_Watched.apply(by, values, slope))  # type: ignore[no-untyped-call]


def _odds_slope(watched: Watched) -> Floats:
    """Return dp/dz = p (1 - p)."""
    log_p, log_q = watched.logs
    return np.asarray(np.exp(log_p + log_q))


def _log_odds(answers: torch.Tensor, target: int, kind: AnswerKind) -> torch.Tensor:
    """Return the target's log-odds (n,) in nats; independent labels have a column for 1 - p each."""
    if kind.columns(1) == 2:
        return answers[:, target] - answers[:, answers.shape[1] // 2 + target]
    others = [label for label in range(answers.shape[1]) if label != target]
    return answers[:, target] - torch.logsumexp(answers[:, others], dim=1)
