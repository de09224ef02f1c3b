"""Data sets of the hub, where they are not here."""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import Any

import pytest

from elision.data.samples import load_data, load_texts
from elision.errors import OptionError


def fake_hub(monkeypatch: pytest.MonkeyPatch, answer: Any) -> list[tuple[str, str | None]]:
    """Put a library `datasets` in place that answers with what is given."""
    asked: list[tuple[str, str | None]] = []
    module = types.ModuleType("datasets")

    def load_dataset(path: str, part: str | None = None) -> Any:
        asked.append((path, part))
        if isinstance(answer, Exception):
            raise answer
        return answer

    module.load_dataset = load_dataset  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "datasets", module)
    monkeypatch.delenv("ELISION_DATA", raising=False)
    return asked


def test_the_hub_gives_what_is_not_here(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"text": "good", "label": 1, "label_text": "positive"}, {"text": "bad", "label": 0}]
    asked = fake_hub(monkeypatch, {"train": rows * 9, "validation": rows, "test": rows})
    data = load_data("sst2")
    assert asked == [("SetFit/sst2", None)]
    assert (len(data.train), len(data.dev), data.labels) == (18, 2, ("negative", "positive"))
    assert data.sources["test"] == "SetFit/sst2 (test)"
    assert load_texts("sst2") == ["good", "bad"]


def test_the_hubs_unlabelled_and_single_splits(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"question1": f"a {i}", "question2": "b", "label": i % 2} for i in range(40)]
    asked = fake_hub(monkeypatch, {"train": rows, "validation": rows[:2], "test": [{"label": -1}]})
    qqp = load_data("qqp")
    assert (len(qqp.train), len(qqp.dev), qqp.test) == (40, 2, None)
    rows = [{"sentence1": f"a {i}", "sentence2": "b", "label": i % 2} for i in range(40)]
    asked += fake_hub(monkeypatch, {"train": rows})
    quora = load_data("quora")
    assert quora.test is not None
    assert (len(quora.train), len(quora.dev), len(quora.test)) == (32, 4, 4)
    assert len({*quora.train.examples, *quora.dev.examples, *quora.test.examples}) == 40
    assert asked == [("nyu-mll/glue", "qqp")]


def test_a_hub_that_gives_nothing(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    fake_hub(monkeypatch, ConnectionError("no route"))
    with pytest.raises(OptionError, match=r"has no snli/train.jsonl, and the hub does not give .*: no route"):
        load_data("snli")
    fake_hub(monkeypatch, {"train": [{"premise": "a"}]})
    with pytest.raises(OptionError, match="stanfordnlp/snli, train: there is no label"):
        load_data("snli")
    monkeypatch.setitem(sys.modules, "datasets", None)
    monkeypatch.setenv("ELISION_DATA", str(folder))
    with pytest.raises(OptionError, match=r"has no qqp/train.jsonl; set ELISION_DATA .* install elision\[datasets\]"):
        load_data("qqp")
