"""Hooks on a model's modules that act where they were meant to, and go away."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any


@contextmanager
def hooked(register: Callable[[Callable[..., Any]], Any], hook: Callable[..., Any]) -> Iterator[None]:
    """Let a hook act while the block runs, in the thread that runs it: other threads may ask the same model meanwhile.

    Args:
        register: a module's method that takes the hook, as `register_forward_hook`.
        hook: what it takes.
    """
    owner = threading.get_ident()

    def here(*args: Any) -> Any:
        return hook(*args) if threading.get_ident() == owner else None

    here.elision = True  # type: ignore[attr-defined]
    handle = register(here)
    try:
        yield
    finally:
        handle.remove()


def copied(model: Any) -> Any:
    """Return a deep copy of a model, without hooks that act for somebody who asks it at this moment."""
    other = deepcopy(model)
    for module in other.modules():
        for hooks in (module._forward_hooks, module._forward_pre_hooks):
            for key in [key for key, hook in hooks.items() if getattr(hook, "elision", False)]:
                del hooks[key]
    return other
