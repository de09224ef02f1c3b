"""Where a model looks up the embeddings of a row's tokens, and how to put others there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

Change = Callable[[torch.Tensor], torch.Tensor]


def embedding_layer(model: Any) -> torch.nn.Module | None:
    """Return the layer that embeds a model's token ids, or None where it names none, as CANINE."""
    try:
        table = model.get_input_embeddings()
    except (NotImplementedError, AttributeError):
        return None
    return table if isinstance(table, torch.nn.Module) else None


def replace_found(ids: torch.Tensor, change: Change, module: Any, inputs: Any, output: Any) -> Any:
    """Return an embedding layer's output with other embeddings for the rows' tokens; a forward hook, once bound.

    Args:
        ids: int (r, l), the rows.
        change: own embeddings (r, l, e) -> those to take in their place.
        module: the layer.
        inputs: what it was asked for.
        output: what it gives, alone or first in a tuple.
    Returns:
        The changed output, or None where the layer was asked for other tokens.
    """
    own, asked = embeddings_of(output), inputs[0]
    if _leads(asked, ids):
        length = ids.shape[1]
        changed = change(own[:, :length])
        changed = changed if length == own.shape[1] else torch.cat([changed, own[:, length:]], dim=1)
    elif _leads(asked, ids.T):
        changed = change(own.transpose(0, 1)).transpose(0, 1)
    elif _leads(asked[:, 1:], ids[:, :-1]):
        # A decoder reads a start token and then the row without its last token, whose embedding is not asked for.
        behind = change(torch.cat([own[:, 1:], torch.zeros_like(own[:, :1])], dim=1))
        changed = torch.cat([own[:, :1], behind[:, :-1]], dim=1)
    else:
        return None
    # CTRL multiplies embeddings in place, which a leaf of the graph does not allow.
    changed = changed.clone() if changed.is_leaf and changed.requires_grad else changed
    return changed if isinstance(output, torch.Tensor) else (changed, *output[1:])


def is_asked(ids: torch.Tensor, inputs: Any) -> bool:
    """Tell whether an embedding layer was asked for the tokens of rows int (r, l)."""
    if not inputs or not isinstance(inputs[0], torch.Tensor) or inputs[0].ndim != 2:
        return False
    asked = inputs[0]
    return _leads(asked, ids) or _leads(asked, ids.T) or _leads(asked[:, 1:], ids[:, :-1])


def _leads(asked: torch.Tensor, ids: torch.Tensor) -> bool:
    """Tell whether tokens that are asked for are rows, which a model may have made longer, as Longformer does."""
    fits = asked.shape[0] == ids.shape[0] and asked.shape[1] >= ids.shape[1]
    return fits and torch.equal(asked[:, : ids.shape[1]], ids)


def embeddings_of(output: Any) -> torch.Tensor:
    """Return the embeddings that a layer gives, alone or, as I-BERT's, with a scale beside them."""
    return output if isinstance(output, torch.Tensor) else torch.as_tensor(output[0])
