"""Files of explanations that several runs write."""

from __future__ import annotations

from pathlib import Path

import pytest

from elision.errors import OptionError
from elision.reproduction.context import StudyContext
from elision.reproduction.methods import RANDOM
from elision.reproduction.store import ExplanationStore


def test_two_runs_may_write_one_file_at_once(place: Path) -> None:
    context = StudyContext(place)
    explanations = context.explain("snli-minilm", (RANDOM,), context.examples("snli", 4), "word").by_method["random"]
    one, other = (ExplanationStore(place / "x", {"model": "a", "method": "b"}) for _ in range(2))
    for store, explanation in zip((one, other, one, other), explanations, strict=True):
        store.add(explanation)
    both = ExplanationStore(place / "x", {"model": "a", "method": "b"})
    assert len(both) == 4
    assert all(both[e.segments] == e for e in explanations)


def test_a_file_with_other_contents_is_refused(tmp_path: Path) -> None:
    store = ExplanationStore(tmp_path, {"model": "a", "method": "b"})
    assert store.file.name.startswith("a_b-")
    store.file.write_text('{"model": "other"}\n')
    with pytest.raises(OptionError, match=r"line 1, is no line of a study's explanations; remove the file"):
        ExplanationStore(tmp_path, {"model": "a", "method": "b"})
