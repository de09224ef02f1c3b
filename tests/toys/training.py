"""Toy problems that a small model learns at once, in files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from elision.models.loading import quiet
from elision.training.settings import Settings
from toys.models import build
from toys.tokenizers import byte_tokenizer

NEUTRAL = "the film was seen by a man on this floor with an actor and its story".split()
QUICK = Settings(epochs=6, batch_size=16, learning_rate=3e-3, patience=6)


def write(file: Path, rows: list[dict[str, Any]]) -> Path:
    """Write a JSON-lines file."""
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


def texts(n: int, seed: int) -> list[dict[str, Any]]:
    """Return sentences that one word decides."""
    draws = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        words = list(draws.choice(NEUTRAL, size=draws.integers(3, 9)))
        words.insert(int(draws.integers(len(words))), str(draws.choice([["dull", "bad"], ["great", "fine"]][i % 2])))
        rows.append({"text": " ".join(words), "label": ["no", "yes"][i % 2]})
    return rows


def agreeing(n: int, seed: int) -> list[dict[str, Any]]:
    """Return pairs whose second text agrees or disagrees with the first about one of two words."""
    draws = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        first, second = (" ".join(draws.choice(NEUTRAL, size=draws.integers(2, 5))) for _ in range(2))
        sides = draws.choice(["guitar", "banjo"], size=2, replace=False)
        own, other = sides[0], sides[0] if i % 2 else sides[1]
        rows.append({"text1": f"{first} {own}", "text2": f"{second} {other}", "label": i % 2})
    return rows


def pairs(n: int, seed: int) -> list[dict[str, Any]]:
    """Return pairs that one word of the second text decides."""
    both = zip(texts(n, seed + 100)[::-1], texts(n, seed), strict=True)
    return [{"text1": first["text"], "text2": second["text"], "label": second["label"]} for first, second in both]


class Files(NamedTuple):
    """Toy data sets, and tiny models to start from."""

    single: Path
    single_test: Path
    pair: Path
    pair_test: Path
    agreement: Path
    agreement_test: Path
    encoder: Path
    masked: Path
    bare: Path


def make_files(place: Path) -> Files:
    """Write the data sets and save the models in a folder."""
    made = [
        write(place / "single.jsonl", texts(240, 0)),
        write(place / "single_test.jsonl", texts(60, 1)),
        write(place / "pair.jsonl", pairs(240, 0)),
        write(place / "pair_test.jsonl", pairs(60, 1)),
        write(place / "agreement.jsonl", agreeing(400, 0)),
        write(place / "agreement_test.jsonl", agreeing(60, 1)),
    ]
    with quiet():
        for name, head in (("encoder", "SequenceClassification"), ("masked", "MaskedLM")):
            net, tokenizer = build("bert", head)
            fresh = type(net)(net.config)
            fresh.save_pretrained(place / name)
            tokenizer.save_pretrained(place / name)
        byte_tokenizer(special=False, pad_token=None).save_pretrained(place / "bare")
        build("gpt2")[0].save_pretrained(place / "bare")
    return Files(*made, place / "encoder", place / "masked", place / "bare")


def toy(files: Files, name: str) -> dict[str, Path]:
    """Return the data for a kind of model."""
    kind = {"pair-lstm": files[2:4], "decomposable-attention": files[4:6]}.get(name, files[:2])
    return {"data": kind[0], "test": kind[1]}
