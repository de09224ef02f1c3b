"""Layers that do not see padding."""

from __future__ import annotations

import torch
from torch import Tensor, nn

_WIDTH_STEP = 4
"""Lengths are rounded up to multiples, for fewer shapes of batches. A choice."""


class SharedDropout(nn.Module):
    """Dropout with one draw for all tokens of a row, as Gal and Ghahramani (2016) have it for recurrent layers.

    One draw an element costs more on a CPU than the layers themselves.
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, values: Tensor) -> Tensor:
        """Return values (b, ..., d) with whole features of a row set to 0, in training."""
        if not self.training or self.rate == 0:
            return values
        shape = (values.shape[0], *[1] * (values.ndim - 2), values.shape[-1])
        kept = torch.rand(shape, device=values.device) >= self.rate
        return values * (kept / (1 - self.rate)).to(values.dtype)


class RectifiedLinear(nn.Linear):
    """A dense layer whose values are rectified after it, with the weights of He et al. (2015) at the start.

    PyTorch's own are smaller; where several such layers follow one another, little of the input is left at their end.
    """

    def reset_parameters(self) -> None:
        """Draw the weights anew."""
        nn.init.kaiming_normal_(self.weight, nonlinearity="relu")
        nn.init.zeros_(self.bias)


class TwoWayLstm(nn.Module):
    """One bidirectional LSTM layer.

    The backward direction reads each row turned round within its own length, so that padding comes last in both and
    changes nothing; a packed sequence would do the same at half the speed on a CPU.
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.forwards = nn.LSTM(input_size, hidden_size, batch_first=True)
        self.backwards = nn.LSTM(input_size, hidden_size, batch_first=True)

    def forward(self, values: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Return the states of all tokens and the last ones.

        Args:
            values: (b, l, d), padding last.
            lengths: (b,).
        Returns:
            (b, l, 2h) and (b, 2h): of each direction the state after the whole row, 0 for an empty row.
        """
        position = torch.arange(values.shape[1], device=values.device)[None]
        turned = torch.where(position < lengths[:, None], lengths[:, None] - 1 - position, position)
        ahead = self.forwards(values)[0]
        back = self.backwards(take(values, turned))[0]
        end = (lengths - 1).clamp(min=0)[:, None]
        last = torch.cat([take(ahead, end), take(back, end)], dim=-1)[:, 0]
        return torch.cat([ahead, take(back, turned)], dim=-1), last * (lengths > 0)[:, None]


def take(values: Tensor, positions: Tensor) -> Tensor:
    """Return values (b, l, d) at positions (b, m), as (b, m, d)."""
    return values.gather(1, positions[:, :, None].expand(-1, -1, values.shape[-1]))


def move_left(values: Tensor, kept: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return the kept tokens of each row side by side.

    Args:
        values: (b, l, d).
        kept: bool (b, l).
    Returns:
        (b, m, d) with 0 on padding, which comes last; the rows' lengths (b,); bool (b, m), False on padding.
    """
    lengths = kept.sum(dim=1)
    width = max(_WIDTH_STEP, -(-int(lengths.max()) // _WIDTH_STEP) * _WIDTH_STEP)
    order = (~kept).to(torch.uint8).argsort(dim=1, stable=True)[:, :width]
    inside = torch.arange(order.shape[1], device=values.device)[None] < lengths[:, None]
    return take(values, order) * inside[:, :, None], lengths, inside


def masked_softmax(scores: Tensor, kept: Tensor) -> Tensor:
    """Return weights over the last axis that are 0 where `kept` is False; all 0 where nothing is kept."""
    lowest = torch.finfo(scores.dtype).min
    return torch.softmax(scores.masked_fill(~kept, lowest), dim=-1) * kept
