"""Models as their owner left them: dropout off while they are asked, and everything as it was afterwards."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import torch


@dataclass(eq=False)
class _State:
    """What a model was before it was asked, and how many ask it now."""

    switching: tuple[str, ...]
    n: int = 0
    training: tuple[str, ...] = ()
    level: int = logging.NOTSET
    turn: threading.RLock = field(default_factory=threading.RLock)


_lock = threading.Lock()
_states: WeakKeyDictionary[Any, _State] = WeakKeyDictionary()


@contextmanager
def at_rest(model: Any) -> Iterator[None]:
    """Run a block with dropout and the model's own warnings off, and leave every module as it was.

    Several threads may ask one model: the first one in turns dropout off, the last one out turns it on again. Models
    that switch their kind of attention by the length of a row are asked by one thread at a time, and switched back.
    """
    with _lock:
        state = _states.get(model)
        if state is None:
            state = _states[model] = _State(_switching(model))
    if not state.switching:
        with _counted(model, state):
            yield
        return
    # Switching makes new layers, whose weights are drawn before they are replaced by the old ones.
    with state.turn, _counted(model, state), torch.random.fork_rng(devices=[]):
        kinds = {name: model.get_submodule(name).attention_type for name in state.switching}
        try:
            yield
        finally:
            for name, kind in kinds.items():
                model.get_submodule(name).set_attention_type(kind)


@contextmanager
def _counted(model: Any, state: _State) -> Iterator[None]:
    # GPT-2's kind warns that it finds no padding in embeddings; here it gets one length at a time.
    log = logging.getLogger(type(model).__module__)
    with _lock:
        if not state.n:
            state.training = tuple(name for name, module in model.named_modules() if module.training)
            state.level = log.level
            log.setLevel(logging.ERROR)
            _train(model, state.training, False)
        state.n += 1
    try:
        yield
    finally:
        with _lock:
            state.n -= 1
            if not state.n:
                _train(model, state.training, True)
                log.setLevel(state.level)


def _train(model: Any, names: tuple[str, ...], training: bool) -> None:
    for name in names:
        model.get_submodule(name).training = training


def _switching(model: Any) -> tuple[str, ...]:
    """Return the names of modules that choose between kinds of attention, the outermost ones."""
    found: list[str] = []
    for name, module in model.named_modules():
        inner = any(name.startswith(f"{outer}." if outer else "") for outer in found)
        if not inner and hasattr(module, "set_attention_type") and hasattr(module, "attention_type"):
            found.append(name)
    return tuple(found)
