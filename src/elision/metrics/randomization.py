"""A model whose trained weights are drawn anew, layer by layer from the head down to the embeddings."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import numpy as np
import torch
from torch import nn
from transformers import PreTrainedModel

from elision.errors import UnsupportedError
from elision.models.classifier import HuggingFaceModel
from elision.models.model import Model


def randomized(model: Model, seed: int) -> Iterator[tuple[str, HuggingFaceModel]]:
    """Yield a model with ever more of its weights drawn anew: the head, the layer below it, and so on.

    Weights are drawn as the model's family draws them before training (`_init_weights`); modules that the family does
    not know, as PyTorch does; and weights that neither knows, from a normal distribution with the mean and spread of
    the trained ones.

    Args:
        model: it is not changed.
        seed: of the draws.
    Yields:
        The name of the layer drawn last, and the model, one and the same copy each time.
    Raises:
        UnsupportedError: the model is no PyTorch model.
    """
    if not isinstance(model, HuggingFaceModel):
        raise UnsupportedError(
            f"{model.name} has no weights to draw anew: randomisation needs a PyTorch model of the transformers library"
        )
    net = deepcopy(model.transformer.model)
    other = model.with_network(net)
    for number, (name, layer) in enumerate(layers(net)):
        # The library's draws come from PyTorch's global state, which is put back.
        cuda = [other.transformer.device] if other.transformer.device.type == "cuda" else []
        with torch.random.fork_rng(devices=cuda), torch.no_grad():
            torch.manual_seed(int(np.random.default_rng([seed, number]).integers(1 << 62)))
            _draw(net, layer)
        yield name, other


def layers(net: nn.Module) -> list[tuple[str, list[nn.Module]]]:
    """Return a network's layers by name, that nearest to the answer first; together they hold every weight.

    The children of the network, and of the models and lists of blocks inside it, in reverse order of definition. What
    a network holds beside its children comes last.
    """
    return list(_layers(net, ""))


def _layers(module: nn.Module, name: str) -> Iterator[tuple[str, list[nn.Module]]]:
    for key, child in reversed(list(module.named_children())):
        path = f"{name}.{key}" if name else key
        if not any(True for _ in child.parameters()):
            continue
        is_block = isinstance(module, nn.ModuleList)
        if not is_block and any(isinstance(part, nn.ModuleList | PreTrainedModel) for part in child.modules()):
            yield from _layers(child, path)
        else:
            yield path, list(child.modules())
    if any(True for _ in module.parameters(recurse=False)):
        yield name or type(module).__name__, [module]


def _draw(net: Any, layer: list[nn.Module]) -> None:
    """Draw the weights of a layer's modules anew, parts before the whole, as the library does."""
    for module in reversed(layer):
        own = dict(module.named_parameters(recurse=False))
        before = {name: weight.clone() for name, weight in own.items()}
        net._init_weights(module)
        reset = getattr(module, "reset_parameters", None)
        if callable(reset) and all(torch.equal(own[name], before[name]) for name in own):
            reset()
        for name, weight in own.items():
            if torch.equal(weight, before[name]) and weight.min() < weight.max():
                weight.normal_(float(weight.mean()), float(weight.std()))
