"""What the benchmarks share: where data and models are, and the first examples of a data set."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

BESIDE = Path(__file__).resolve().parents[2] / "shared"


def folder(variable: str, name: str) -> Path:
    """Return the folder that an environment variable names, or the one beside the repository."""
    return Path(os.environ.get(variable, BESIDE / name))


def models() -> Path:
    return folder("ELISION_MODELS", "models")


def lines(*path: str) -> list[dict[str, Any]]:
    """Return a JSON-lines file of the data folder."""
    with folder("ELISION_DATA", "data").joinpath(*path).open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def snli_pairs(n: int) -> list[tuple[str, str]]:
    """Return the first n pairs of snli/test.jsonl."""
    return [(line["premise"], line["hypothesis"]) for line in lines("snli", "test.jsonl")[:n]]
