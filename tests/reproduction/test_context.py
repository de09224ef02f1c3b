"""Explanations for tables: made once, kept between runs, and gone on with where a run was stopped."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from elision.errors import OptionError
from elision.explainers import METHODS
from elision.reproduction import faithfulness
from elision.reproduction.context import StudyContext
from elision.reproduction.frame import Missing
from elision.reproduction.methods import GRADIENTS, IMASK, LEAVE_ONE_OUT, ZERO, StudyMethod
from elision.reproduction.store import ExplanationStore
from elision.results.explanation import Explanation


def explain_count(monkeypatch: pytest.MonkeyPatch, name: str, stop_after: int | None = None) -> list[Any]:
    """Count the calls of an explainer, and let it fail like Ctrl-C after so many."""
    calls: list[Any] = []
    kind = METHODS[name]
    conversation = kind.conversation

    def counted(self: Any, v: Any) -> Any:
        if stop_after is not None and len(calls) == stop_after:
            raise KeyboardInterrupt
        calls.append(v.encoding.segments)
        return conversation(self, v)

    monkeypatch.setattr(kind, "conversation", counted)
    return calls


def test_a_run_that_was_stopped_goes_on_where_it_stopped(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def explain(folder: Path) -> list[Explanation]:
        context = StudyContext(folder)
        return context.explain("snli-minilm", (IMASK,), context.examples("snli", 10), "word").by_method["IMASK"]

    whole = explain(place / "whole")
    with monkeypatch.context() as patch:
        explain_count(patch, "word-masks", stop_after=5)
        with pytest.raises(KeyboardInterrupt):
            explain(place / "stopped")
    with monkeypatch.context() as patch:
        calls = explain_count(patch, "word-masks")
        resumed = explain(place / "stopped")
    assert [e.segments for e in whole[5:]] == calls
    for one, other in zip(whole, resumed, strict=True):
        np.testing.assert_allclose(one.scores, other.scores, rtol=0, atol=1e-12)
    with monkeypatch.context() as patch:
        calls = explain_count(patch, "word-masks")
        assert explain(place / "stopped") == resumed
    assert calls == []


def test_a_line_cut_short_is_dropped_and_made_again(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = StudyContext(place)
    examples = context.examples("snli", 3)
    found = context.explain("snli-minilm", (LEAVE_ONE_OUT,), examples, "word").by_method["leave-one-out"]
    (file,) = (place / "explanations").iterdir()
    content = file.read_bytes()
    file.write_bytes(content[:-40])
    calls = explain_count(monkeypatch, "leave-one-out")
    again = StudyContext(place).explain("snli-minilm", (LEAVE_ONE_OUT,), examples, "word").by_method["leave-one-out"]
    assert calls == [found[2].segments]
    np.testing.assert_array_equal(again[2].scores, found[2].scores)
    assert len(file.read_bytes().splitlines()) == 4
    assert json.loads(file.read_text().splitlines()[0])["model"] == "snli-minilm"


def test_other_weights_seeds_units_and_settings_have_other_files(place: Path, models: Path, tmp_path: Path) -> None:
    def files(model: str = "sst2-lstm", seed: int = 0, units: str = "word", method: StudyMethod = ZERO) -> set[str]:
        context = StudyContext(tmp_path / "x", seed=seed, given={"sst2-lstm": str(models / model)})
        return {ExplanationStore(place, context._settings("sst2-lstm", method, units)).file.name}

    mask = StudyMethod("mask", "leave-one-out", {"removal": "mask"})
    others = [files(model="sst2-cnn"), files(seed=1), files(units="token"), files(method=mask)]
    assert files() == files()
    assert len(set.union(files(), *others)) == 5


def test_more_examples_hold_the_fewer_and_each_once(place: Path) -> None:
    context = StudyContext(place)
    few, many = context.examples("sst2", 4), context.examples("sst2", 12)
    assert many[:4] == few
    assert len(set(many)) == len(many)
    assert all(text == text.lower() for text in many)
    assert StudyContext(place, seed=1).examples("sst2", 12) != many
    assert StudyContext(place).examples("sst2", 12) == many


def test_l2x_is_fitted_once(place: Path) -> None:
    said: list[str] = []
    for _ in range(2):
        context = StudyContext(place, report=said.append)
        context.explainer("snli-decomposable-attention", faithfulness.OF_PAIRS[1])
    assert said == ["snli-decomposable-attention: fitting L2X to 24 training texts"]
    assert len(list((place / "explainers").iterdir())) == 1


def test_a_method_that_cannot_be_had_is_left_out_with_its_reason(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "captum", None)
    monkeypatch.setitem(sys.modules, "captum.attr", None)
    context = StudyContext(place)
    found = context.explain("sst2-lstm", (GRADIENTS[1], ZERO), context.examples("sst2", 2), "token")
    assert list(found.by_method) == ["Zero"]
    assert "captum" in str(found.refused["IG"])
    assert Missing().cell("IG", found.refused["IG"]).reason == "not possible"


def test_a_disk_that_is_full_ends_the_study(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, *arguments: Any, **options: Any) -> Any:
        raise OSError(28, "No space left on device")

    context = StudyContext(place)
    examples = context.examples("sst2", 2)
    context.model("sst2-lstm")
    context._fingerprint("sst2-lstm")
    monkeypatch.setattr(Path, "mkdir", full)
    with pytest.raises(OptionError, match=r"cannot write .*: No space left on device"):
        context.explain("sst2-lstm", (ZERO,), examples, "token")


def test_candidates_are_counted_and_left_out(place: Path) -> None:
    context = StudyContext(place)
    method = StudyMethod("top 7", "marginalization", {"likelihood": "mlm-minilm", "top_n": 7}, counts_candidates=True)
    (found,) = context.explain("sst2-minilm", (method,), context.examples("sst2", 1), "token").by_method["top 7"]
    assert found.candidates is None
    assert found.provenance["n_candidates"] == 7
