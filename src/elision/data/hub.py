"""The papers' data sets from the hub, through the `datasets` library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from elision.data.samples import Raw, rows_of
from elision.errors import OptionError

# Name on the hub, its part, and what it calls train, dev and test; None where it has none with labels.
_HUB: dict[str, tuple[str, str | None, tuple[str | None, str | None, str | None]]] = {
    "sst2": ("SetFit/sst2", None, ("train", "validation", "test")),
    "snli": ("stanfordnlp/snli", None, ("train", "validation", "test")),
    "esnli": ("stanfordnlp/snli", None, ("train", "validation", "test")),
    "quora": ("sentence-transformers/quora-duplicates", "pair-class", ("train", None, None)),
    "qqp": ("nyu-mll/glue", "qqp", ("train", "validation", None)),
    "mrpc": ("nyu-mll/glue", "mrpc", ("train", "validation", "test")),
}
_DRAWN = 10_000
"""Rows drawn as a split that a data set has not, a tenth at most. A choice."""


def fetch(name: str, splits: Sequence[str], *, missing: str) -> tuple[dict[str, Raw], dict[str, str]]:
    """Return the rows of each split, and where they are from.

    Args:
        name: one of NAMES.
        splits: those wanted.
        missing: what was looked for on this machine first, for the message.
    Raises:
        OptionError: the library is not installed, or the hub does not give the data set.
    """
    try:
        import datasets
    except ImportError as error:
        raise OptionError(
            f"{missing}; set ELISION_DATA to a folder that has it, or install elision[datasets], which asks the hub"
        ) from error
    path, part, theirs = _HUB[name]
    try:
        found = datasets.load_dataset(path, part)
        rows = {
            own: rows_of(found[their], f"{path}, {their}")
            for own, their in zip(("train", "dev", "test"), theirs, strict=True)
            if their is not None and (own in splits or own == "train")
        }
    except OptionError:
        raise
    except Exception as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise OptionError(f"{missing}, and the hub does not give {path}: {reason}") from error
    if name == "quora":
        rows = _draw(rows["train"])
    source = path if part is None else f"{path}, {part}"
    return {split: rows[split] for split in splits if split in rows}, {split: f"{source} ({split})" for split in rows}


def _draw(rows: list[Any]) -> dict[str, Raw]:
    """Return 10,000 rows each for dev and test, drawn by a fixed seed: the hub has one split only."""
    order = np.random.default_rng(0).permutation(len(rows))
    size = min(_DRAWN, len(rows) // 10)
    parts = {"test": order[:size], "dev": order[size : 2 * size], "train": np.sort(order[2 * size :])}
    return {split: [rows[i] for i in chosen] for split, chosen in parts.items()}
