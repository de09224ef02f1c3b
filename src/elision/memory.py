"""Keep freed memory in the process.

A transformer's forward pass frees and asks for the same large blocks again and again; the C library of GNU gives them
back to the system each time, and fetching them again page by page takes a good part of the whole pass on a CPU.
"""

from __future__ import annotations

import ctypes
import os
import sys
from functools import cache

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_MOST_BYTES = (1 << 31) - 1
_LARGEST_BLOCK = 1 << 30


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
