"""A model's hidden layers: where they are, what they hold, and how to put something else there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from typing import Any, final

import torch

from elision.errors import ModelError, OptionError, UnsupportedError
from elision.models.hooks import hooked
from elision.models.lookups import embedding_layer
from elision.models.white_box import WhiteBox


@final
class HiddenLayer:
    """The output of a module: one vector for each token.

    Attributes:
        name: the module's.
        states: (l, d), for the white box's row.

    Args:
        box: the model and the row.
        name: the module's.
        module: in the box's model.
        states: what it gives for the row.
        answer: the model's answer to the row, float64 (1, a).
        tokens_first: whether it gives (l, n, d) in place of (n, l, d).
    """

    def __init__(
        self,
        box: WhiteBox,
        name: str,
        module: torch.nn.Module,
        states: torch.Tensor,
        *,
        answer: torch.Tensor,
        tokens_first: bool = False,
    ) -> None:
        self.name = name
        self.states = states
        self._box = box
        self._module = module
        self._answer = answer
        self._tokens_first = tokens_first

    @cached_property
    def below_once(self) -> bool:
        """Whether one row below the layer suffices for many above it.

        The model is asked, with one row below and two above: the second, which holds the row's own states, must get
        the row's answer, whatever the first holds. Models that count rows by their input give one answer, or none.

        Cost: two rows.
        """
        try:
            with torch.no_grad(), self._replaced(torch.stack([self.states.roll(1, 0), self.states])):
                found = self._box.from_ids(1)
        except ModelError:
            return False
        return len(found) == 2 and torch.allclose(found[1:], self._answer, rtol=1e-3, atol=1e-4)

    def answers(self, states: torch.Tensor) -> torch.Tensor:
        """Return answers, float64 (n, a), with other states (n, l, d) in the place of the layer's own.

        Cost: n rows; what lies below the layer runs for one of them alone where the model allows it.
        """
        rows = 1 if self.below_once else len(states)
        with self._replaced(states):
            return self._box.from_ids(rows)

    @contextmanager
    def _replaced(self, states: torch.Tensor) -> Iterator[None]:
        """Put other states (n, l, d) in the place of the layer's own while the block runs; then all is as before."""

        def put(module: torch.nn.Module, inputs: Any, output: Any) -> Any:
            new = states.transpose(0, 1) if self._tokens_first else states
            return new if isinstance(output, torch.Tensor) else (new, *output[1:])

        with hooked(self._module.register_forward_hook, put):
            yield


def choose_layer(box: WhiteBox, layer: int | str | None) -> HiddenLayer:
    """Return a hidden layer of a model.

    Args:
        box: the model and a row.
        layer: 0 for the embeddings, i for the i-th block, a module's name, or None for the middle block.
    Raises:
        OptionError: there is no such layer, or it gives no vector for each token.
    Cost: one row.
    """
    modules = dict(box.model.named_modules())
    embedding = embedding_layer(box.model)
    own = next((name for name, module in modules.items() if module is embedding), None)
    if isinstance(layer, str) and layer not in modules:
        raise OptionError(f"layer must be a number or the name of one of the model's modules, got {layer!r}")
    names = [layer] if isinstance(layer, str) else [*([] if own is None else [own]), *block_names(modules)]
    outputs, answer = _record(box, {name: modules[name] for name in names})
    found = [hidden for name in names if (hidden := _as_layer(box, name, modules[name], outputs.get(name), answer))]
    if isinstance(layer, str):
        if not found:
            raise OptionError(f"layer must give a vector for each token; {layer!r} does not")
        return found[0]
    if not found:
        raise UnsupportedError(f"{type(box.model).__name__} has no hidden layer with a vector for each token")
    chosen = len(found) // 2 if layer is None else layer
    if chosen >= len(found):
        raise OptionError(f"layer must be at most {len(found) - 1}, the model's blocks, got {layer}")
    return found[chosen]


def block_names(modules: dict[str, torch.nn.Module]) -> list[str]:
    """Return the names of the model's blocks: the members of its longest list of modules of one kind."""
    lists = [
        (name, module)
        for name, module in modules.items()
        if isinstance(module, torch.nn.ModuleList) and len({type(member) for member in module}) == 1
    ]
    if not lists:
        return []
    name, longest = max(lists, key=lambda pair: len(pair[1]))
    return [f"{name}.{i}" for i in range(len(longest))]


def _record(box: WhiteBox, modules: dict[str, torch.nn.Module]) -> tuple[dict[str, Any], torch.Tensor]:
    """Return the modules' outputs for the row, the last one where a module is asked twice, and its answer."""
    outputs: dict[str, Any] = {}

    def keep(name: str) -> Any:
        def hook(module: torch.nn.Module, inputs: Any, output: Any) -> None:
            outputs[name] = output

        return hook

    with ExitStack() as hooks, torch.no_grad():
        for name, module in modules.items():
            hooks.enter_context(hooked(module.register_forward_hook, keep(name)))
        return outputs, box.from_ids(1)


def _as_layer(
    box: WhiteBox, name: str, module: torch.nn.Module, output: Any, answer: torch.Tensor
) -> HiddenLayer | None:
    """Return a module as a layer if its output is (1, l, d), or (l, 1, d) as in XLNet; else None."""
    first = output[0] if isinstance(output, tuple) and output else output
    if not isinstance(first, torch.Tensor) or first.ndim != 3:
        return None
    length = box.rows.length
    if first.shape[:2] == (1, length):
        return HiddenLayer(box, name, module, first[0].detach(), answer=answer)
    if first.shape[:2] == (length, 1):
        return HiddenLayer(box, name, module, first[:, 0].detach(), answer=answer, tokens_first=True)
    return None
