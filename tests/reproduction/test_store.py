"""Files of explanations that several runs write."""

from __future__ import annotations

from pathlib import Path

import pytest

from elision.errors import OptionError
from elision.reproduction.bench import Bench
from elision.reproduction.methods import RANDOM
from elision.reproduction.store import Shelf


def test_two_runs_may_write_one_file_at_once(place: Path) -> None:
    bench = Bench(place)
    explanations = bench.explain("snli-minilm", (RANDOM,), bench.examples("snli", 4), "word").by_method["random"]
    one, other = (Shelf(place / "x", {"model": "a", "method": "b"}) for _ in range(2))
    for shelf, explanation in zip((one, other, one, other), explanations, strict=True):
        shelf.add(explanation)
    both = Shelf(place / "x", {"model": "a", "method": "b"})
    assert len(both) == 4
    assert all(both[e.segments] == e for e in explanations)


def test_a_file_with_other_contents_is_refused(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, {"model": "a", "method": "b"})
    assert shelf.file.name.startswith("a_b-")
    shelf.file.write_text('{"model": "other"}\n')
    with pytest.raises(OptionError, match=r"line 1, is no line of a study's explanations; remove the file"):
        Shelf(tmp_path, {"model": "a", "method": "b"})
