"""What the benchmarks share: where data and models are, and the first examples of a data set."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

import elision

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


def snli_pairs(n: int | None, *, split: str = "test", skip: int = 0) -> list[tuple[str, str]]:
    """Return n pairs of snli/test.jsonl, or of another split, after the first `skip`; None for all."""
    found = lines("snli", f"{split}.jsonl")[skip : None if n is None else skip + n]
    return [(line["premise"], line["hypothesis"]) for line in found]


def short_pairs(model: elision.HuggingFaceModel, n: int, *, most_tokens: int, skip: int = 0) -> list[tuple[str, str]]:
    """Return n pairs of snli/test.jsonl that have few tokens together, after the first `skip` such."""
    tokenizer = model.transformer.tokenizer
    short = (p for p in snli_pairs(None) if len(tokenizer(*p, add_special_tokens=False)["input_ids"]) <= most_tokens)
    return list(islice(short, skip, skip + n))


def sst_sentences(model: elision.HuggingFaceModel, n: int, *, most_tokens: int, skip: int = 0) -> list[str]:
    """Return n sentences of sst/test_binary.jsonl that have few tokens, after the first `skip` such."""
    found: list[str] = []
    for line in lines("sst", "test_binary.jsonl"):
        text = " ".join(line["tokens"])
        if len(model.transformer.tokenizer(text, add_special_tokens=False)["input_ids"]) <= most_tokens:
            found.append(text)
        if len(found) == n + skip:
            break
    return found[skip:]


def spread(values: Sequence[float], digits: int = 3) -> str:
    """Return "median (least to most)" with some significant digits."""
    middle, least, most = (float(f"{v:.{digits}g}") for v in (np.median(values), min(values), max(values)))
    return f"{middle:g} ({least:g} to {most:g})"
