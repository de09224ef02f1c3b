"""Memory: keep what is freed, and go on in smaller batches where it does not suffice.

A transformer's forward pass frees and asks for the same large blocks again and again; the C library of GNU gives them
back to the system each time, and fetching them again page by page takes a good part of the whole pass on a CPU.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Iterator
from functools import cache
from typing import TypeVar

from elision.arrays import Ints
from elision.errors import ModelError

T = TypeVar("T")

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_MOST_BYTES = (1 << 31) - 1
_LARGEST_BLOCK = 1 << 30
_CAPACITIES, _SHAPES = ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "LRU_CACHE_CAPACITY"), "64"
_SIGNS = ("out of memory", "not enough memory", "can't allocate memory", "Cannot allocate memory", "_ALLOC_FAILED")


@cache
def keep_freed_memory() -> bool:
    """Ask the C library to keep what is freed; it changes the whole process, once.

    Returns:
        True where the C library does so: GNU's, on Linux, unless the environment has ELISION_KEEP_MEMORY=0.
    """
    if not sys.platform.startswith("linux") or os.environ.get("ELISION_KEEP_MEMORY") == "0":
        return False
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return False
    return bool(mallopt(_MMAP_THRESHOLD, _LARGEST_BLOCK)) and bool(mallopt(_TRIM_THRESHOLD, _MOST_BYTES))


def remember_few_shapes() -> None:
    """Ask oneDNN and its wrapper in PyTorch to keep the kernels of a few shapes only; the environment goes first.

    By default they keep a thousand each, and a data set of texts of all lengths makes new shapes all the time: after
    some hundred texts that is nearly a gigabyte, which buys nothing, for a kernel is made in no time.
    """
    for name in _CAPACITIES:
        os.environ.setdefault(name, _SHAPES)


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether an error says that memory does not suffice, the processor's or an accelerator's."""
    from torch import OutOfMemoryError

    if isinstance(error, MemoryError | OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error) for sign in _SIGNS)


def halving(batch: Ints, work: Callable[[Ints], T], failed: Callable[[int], None]) -> Iterator[tuple[Ints, T]]:
    """Yield a batch's result, or where memory does not suffice those of its halves, quarters and so on.

    Args:
        batch: the rows' indices, int (r,).
        work: indices -> their result.
        failed: told how many rows did not fit together, each time.
    Yields:
        Indices and their result, until every row of the batch had its turn.
    Raises:
        ModelError: a single row does not fit.
    """
    pending = [batch]
    while pending:
        index = pending.pop()
        found = _attempt(work, index)
        if found is not None:
            yield index, found[0]
            continue
        _release()
        failed(len(index))
        middle = (len(index) + 1) // 2
        pending += [index[middle:], index[:middle]]


def _attempt(work: Callable[[Ints], T], index: Ints) -> tuple[T] | None:
    """Return the work's result, or None where memory did not suffice; the error, which holds memory, goes with it."""
    try:
        return (work(index),)
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        if len(index) == 1:
            reason = str(error).strip().splitlines()
            raise ModelError(
                f"memory does not suffice for a single row ({reason[0] if reason else type(error).__name__}); "
                "shorten the text, free memory, or load the model on another device or in a smaller dtype"
            ) from error
    return None


def _release() -> None:
    """Give back what CUDA's allocator holds but does not use, so that smaller blocks find room."""
    import torch

    if torch.cuda.is_available():
        torch.cuda.empty_cache()
