"""Hooks on a model's modules that act where they were meant to, and go away."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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

    handle = register(here)
    try:
        yield
    finally:
        handle.remove()
