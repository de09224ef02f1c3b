"""Where a trained model is saved, all of it or nothing."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from elision.errors import OptionError
from elision.models.loading import quiet


def check_folder(out: str | os.PathLike[str], *, overwrite: bool) -> Path:
    """Refuse, before any work is done, a folder that cannot be written or that holds something else.

    Args:
        out: the folder to be made.
        overwrite: whether a model in it may be replaced.
    Returns:
        Its path.
    Raises:
        OptionError: it is no folder, is not empty, or may not be written.
    """
    folder = Path(out).expanduser().absolute()
    if folder.is_file():
        raise OptionError(f"out must be a folder, got the file {str(out)!r}")
    if folder.is_dir() and any(folder.iterdir()):
        if not overwrite:
            ways = "choose another one, or replace its model with overwrite=True"
            raise OptionError(f"the folder {str(out)!r} is not empty; {ways}")
        if not (folder / "config.json").is_file():
            raise OptionError(f"the folder {str(out)!r} holds no model, so it is not overwritten; choose another one")
    parent = next(place for place in folder.parents if place.exists())
    if not parent.is_dir() or not os.access(parent, os.W_OK):
        raise OptionError(f"cannot write {str(out)!r}: no permission in {str(parent)!r}")
    return folder


def save_folder(folder: Path, model: Any, tokenizer: Any, card: str) -> None:
    """Save a model, its tokenizer and its card; a folder that is there is replaced when all is written.

    Raises:
        OptionError: the disk refuses.
    """
    half = folder.with_name(f".{folder.name}.{os.getpid()}.partial")
    old = folder.with_name(f".{folder.name}.{os.getpid()}.old")
    try:
        half.mkdir(parents=True)
        with quiet():
            model.save_pretrained(half)
            tokenizer.save_pretrained(half)
        (half / "README.md").write_text(card, encoding="utf-8")
        if folder.exists():
            folder.replace(old)
        half.replace(folder)
    except OSError as error:
        raise OptionError(f"cannot write {str(folder)!r}: {error.strerror or error}") from error
    finally:
        if old.exists() and not folder.exists():
            old.replace(folder)
        for rest in (half, old):
            shutil.rmtree(rest, ignore_errors=True)
