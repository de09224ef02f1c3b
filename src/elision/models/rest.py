"""Models as their owner left them: dropout off while they are asked, and everything as it was afterwards."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import torch

_lock = threading.Lock()
_held: WeakKeyDictionary[Any, int] = WeakKeyDictionary()
"""Of modules that were in training mode, how many ask them now; models may share modules."""
_quiet: dict[str, tuple[int, int]] = {}
"""Of loggers, how many want them quiet now, and their level before."""
_switching: WeakKeyDictionary[Any, tuple[str, ...]] = WeakKeyDictionary()
_turns: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()


@contextmanager
def at_rest(model: Any) -> Iterator[None]:
    """Run a block with dropout and the model's own warnings off, and leave every module as it was.

    Several threads may ask one model: the first one in turns dropout off, the last one out turns it on again. Models
    that switch their kind of attention by the length of a row are asked by one thread at a time, and switched back.
    """
    with _lock:
        if model not in _switching:
            _switching[model], _turns[model] = _modules_that_switch(model), threading.RLock()
        names, turn = _switching[model], _turns[model]
    if not names:
        with _counted(model):
            yield
        return
    # Switching makes new layers, whose weights are drawn before they are replaced by the old ones.
    with turn, torch.random.fork_rng(devices=[]), _as_before(model, names), _counted(model):
        yield


@contextmanager
def _counted(model: Any) -> Iterator[None]:
    # GPT-2's kind warns that it finds no padding in embeddings; here it gets one length at a time.
    log = logging.getLogger(type(model).__module__)
    with _lock:
        modules = [module for module in model.modules() if module.training or module in _held]
        for module in modules:
            _held[module] = _held.get(module, 0) + 1
            module.training = False
        n, level = _quiet.get(log.name, (0, log.level))
        _quiet[log.name] = n + 1, level
        log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        with _lock:
            for module in modules:
                _held[module] -= 1
                if not _held[module]:
                    del _held[module]
                    module.training = True
            n, level = _quiet.pop(log.name)
            if n > 1:
                _quiet[log.name] = n - 1, level
            else:
                log.setLevel(level)


@contextmanager
def _as_before(model: Any, names: tuple[str, ...]) -> Iterator[None]:
    """Switch modules back to the kind of attention that they had, in the mode that their layers had."""
    kinds = {name: model.get_submodule(name).attention_type for name in names}
    training = [name for name, module in model.named_modules() if module.training]
    try:
        yield
    finally:
        for name, kind in kinds.items():
            model.get_submodule(name).set_attention_type(kind)
        for name in training:
            model.get_submodule(name).training = True


def _modules_that_switch(model: Any) -> tuple[str, ...]:
    """Return the names of modules that choose between kinds of attention, the outermost ones."""
    found: list[str] = []
    for name, module in model.named_modules():
        inner = any(name.startswith(f"{outer}." if outer else "") for outer in found)
        if not inner and hasattr(module, "set_attention_type") and hasattr(module, "attention_type"):
            found.append(name)
    return tuple(found)
