"""A network's weights: how many there are, and in which precision."""

from __future__ import annotations

from typing import Any

import torch

HALF = (torch.bfloat16, torch.float16)
LARGEST_EXACT = 1_000_000_000
"""Weights up to which a model is kept in float32 beside half precision; all work of larger ones is large."""


def n_weights(net: Any) -> int:
    """Return how many weights a network has."""
    return sum(weights.numel() for weights in net.parameters())


def n_inner(net: Any) -> int:
    """Return how many weights every token goes through: all but tables that are looked up."""
    tables = (module for module in net.modules() if isinstance(module, torch.nn.Embedding))
    looked_up = {id(module.weight): module.weight.numel() for module in tables}
    return n_weights(net) - sum(looked_up.values())
