"""Fixtures of the tests of data."""

from __future__ import annotations

from pathlib import Path

import pytest
from toys.studies import NLI, write


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of tiny data sets, each of the shape that its files have."""
    tokens = [{"tokens": ["a", "fine", "film"], "label": 1}, {"tokens": ["dull"], "label": 0}]
    pair = [{"premise": "a b", "hypothesis": "c", "label": label} for label in (*NLI, "-")]
    texts = [{"text1": "a", "text2": "b", "label": label} for label in (0, 1, 1)]
    for split in ("train", "dev", "test"):
        write(tmp_path / "sst" / f"{split}_binary.jsonl", tokens)
        write(tmp_path / "snli" / f"{split}.jsonl", pair)
        write(tmp_path / "mrpc" / f"{split}.jsonl", texts)
    write(tmp_path / "quora" / "train_balanced.jsonl", texts * 20)
    monkeypatch.setenv("ELISION_DATA", str(tmp_path))
    return tmp_path
