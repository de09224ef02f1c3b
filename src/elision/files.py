"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from elision.errors import OptionError


@contextmanager
def beside(file: Path) -> Iterator[Path]:
    """Give a file beside another's place, and move it there once it is whole.

    Raises:
        OptionError: it cannot be written.
    """
    half = file.with_name(f".{os.getpid()}.{file.name}")
    try:
        yield half
        half.replace(file)
    except OSError as error:
        raise OptionError(f"cannot write {str(file)!r}: {error.strerror or error}") from error
    finally:
        half.unlink(missing_ok=True)
