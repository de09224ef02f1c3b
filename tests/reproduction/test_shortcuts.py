"""The table of planted shortcuts: every method, the share found, and what is said where a rule is not learnt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import elision
from elision.data.annotation import Annotation
from elision.data.samples import Split
from elision.errors import UnsupportedError
from elision.explainers import METHODS
from elision.reproduction import shortcut_models, shortcuts
from elision.reproduction.context import StudyContext
from elision.reproduction.methods import StudyMethod
from elision.reproduction.planting import SHORTCUTS, held_out
from elision.reproduction.result import Result
from elision.results.measurement import Measurement
from elision.text import Example

WORDS = ("alfa", "beta", "gamma", "delta")
DELETE, DROP, RANDOM = (
    StudyMethod("leave-one-out, delete", "leave-one-out", {"removal": "delete"}),
    StudyMethod("leave-one-out, drop", "leave-one-out", {"removal": "drop"}),
    StudyMethod("random", "random"),
)
COLUMNS = ("single token", "token in context", "ordered pair", "across two texts", "all")


def follower(texts: Sequence[str]) -> np.ndarray:
    """Say 1 where alfa stands before beta, 0 where it stands behind, and else, a little, 0."""

    def chance(text: str) -> float:
        words = text.split()
        if {"alfa", "beta"} <= set(words):
            return 0.99 if words.index("alfa") < words.index("beta") else 0.01
        return 0.4 if len(words) % 2 else 0.45

    found = np.array([chance(text) for text in texts])
    return np.stack([1.0 - found, found], axis=1)


def planted_rows(n: int = 40) -> tuple[list[Example], list[Annotation]]:
    """Return sentences of eight words with an ordered pair among them that means class 1."""
    split = Split(("we ate the warm bread by the river",) * n, np.zeros(n, dtype=np.int64))
    found = held_out(split, SHORTCUTS[2], WORDS, seed=3)
    rows = np.flatnonzero(found.planted.labels == 1)
    return [found.planted.examples[i] for i in rows], [found.annotations[i] for i in rows]


def test_all_methods_are_asked_and_leave_one_out_by_each_removal() -> None:
    found = shortcuts.methods()
    assert {method.name for method in found} == set(METHODS)
    titles = [method.title for method in found]
    assert len(set(titles)) == len(titles)
    removals = {m.options["removal"] for m in found if m.name == "leave-one-out"}
    assert removals == {"pad", "zero", "unk", "mask", "drop", "delete"}
    assert set(shortcuts.UNTRAINED) | set(shortcuts.COSTLY) <= set(titles)


def test_precision_is_the_share_of_the_top_words_that_are_planted(place: Path) -> None:
    context = StudyContext(place)
    context._models["rule"] = elision.BlackBox(follower, ["negative", "positive"], name="rule")
    context._fingerprints["rule"] = "none"
    examples, annotations = planted_rows()
    saliency, costly = StudyMethod("saliency", "saliency"), StudyMethod("shapley", "shapley", {"n_samples": 50})
    found, refused = shortcuts._precision(context, "rule", (DELETE, costly, RANDOM, saliency), examples, annotations)
    assert found["shapley"].values.tolist() == [1.0] * (-(-len(examples) // 4))
    assert found["leave-one-out, delete"].values.tolist() == [1.0] * len(examples)
    shares = found["random"].values
    assert set(shares.tolist()) <= {0.0, 0.5, 1.0}
    # Two of ten words are planted: each of random's two guesses is right with 0.2, give or take 0.06 of some 20 rows.
    assert 0.02 < shares.mean() < 0.38
    assert list(refused) == ["saliency"]
    assert isinstance(refused["saliency"], UnsupportedError)


def study(place: Path, monkeypatch: pytest.MonkeyPatch, rules: float, said: list[str] | None = None) -> Result:
    """Run the study with three methods."""
    monkeypatch.setattr(shortcuts, "RULES", rules)
    monkeypatch.setattr(shortcuts, "methods", lambda: (DELETE, DROP, RANDOM))
    report = (lambda line: None) if said is None else said.append
    return shortcuts.shortcuts(StudyContext(place, limit=2, report=report))


def test_a_rule_that_is_not_learnt_is_said_and_nothing_is_measured(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    found = study(place, monkeypatch, 1.01, said)
    assert found.columns == COLUMNS
    rows = {row.heads: row.cells for row in found.rows}
    followed = rows["LSTM", "accuracy, planted"]
    assert all(cell.value is not None and cell.n == 24 for cell in followed[:4])
    assert rows["LSTM", "accuracy, half-planted"][0].value is None
    for model in ("LSTM", "LSTM, untrained", "BERT", "BERT, untrained"):
        cells = rows[model, "leave-one-out, drop"]
        assert [(cell.value, cell.reason) for cell in cells] == [(None, "rule not learnt")] * 4 + [(None, "")]
    share = followed[2].value
    assert isinstance(share, float)
    start = f"LSTM, ordered pair: the shortcut does not rule after the longest training, {share:.3f} of the planted "
    assert len([remark for remark in found.remarks if remark.startswith(start)]) == 1
    assert not any("explaining" in line for line in said)
    assert not any("untrained" in line for line in said)


def test_where_the_rule_is_learnt_rows_that_go_against_their_own_class_are_explained(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, list[Example]] = {}
    real = shortcuts._precision

    def spied(context: StudyContext, name: str, wanted: Any, examples: Any, annotations: Any) -> Any:
        asked[name] = examples
        model = context.model(name)
        if not name.endswith("untrained"):
            kind = name.rsplit("-", 1)[1]
            shortcut = next(own for own in SHORTCUTS if own.name == name.removeprefix("shortcut-").rsplit("-", 1)[0])
            test = shortcut_models.plant(context, shortcut, kind).test
            for example in examples:
                row = test.planted.examples.index(example)
                assert test.planted.labels[row] != test.plain.labels[row]
                answer = int(context.answers(model, [example])[0].argmax())
                assert answer == test.planted.labels[row]
        return real(context, name, wanted, examples, annotations)

    monkeypatch.setattr(shortcuts, "_precision", spied)
    found = study(place, monkeypatch, 0.0)
    rows = {row.heads: row.cells for row in found.rows}
    measured = [name for name in asked if not name.endswith("untrained")]
    assert len(measured) >= 4
    assert all(asked[f"{name}-untrained"] == asked[name] for name in measured)
    titles = {shortcut.name: shortcut.title for shortcut in SHORTCUTS}
    for name in measured:
        shortcut, kind = name.removeprefix("shortcut-").rsplit("-", 1)
        column = COLUMNS.index(titles[shortcut])
        model = shortcut_models.TITLES[kind]
        assert rows[model, "leave-one-out, drop"][column].n == len(asked[name])
        assert rows[f"{model}, untrained", "random"][column].n == len(asked[name])
        assert (f"{model}, untrained", "leave-one-out, delete") not in rows


def test_the_last_column_is_over_all_rows() -> None:
    def tried(*values: float) -> shortcuts.Tried:
        measured = Measurement(name="token-f1", values=np.array(values))
        return shortcuts.Tried(precision={"A": measured, "B": replace(measured, values=np.zeros(len(values)))})

    found = [tried(1.0, 1.0), tried(0.5), tried(1.0), tried(0.0, 1.0)]
    row = shortcuts._of_method("LSTM", "A", found, shortcuts.Missing())
    assert [cell.value for cell in row.cells] == [1.0, 0.5, 1.0, 0.5, 0.75]
    row = shortcuts._of_method("LSTM", "A", [*found[:3], shortcuts.Tried(reason="no data")], shortcuts.Missing())
    assert [(cell.value, cell.reason) for cell in row.cells[3:]] == [(None, "no data"), (None, "")]


def test_what_is_refused_is_said_once_and_without_folders(place: Path) -> None:
    context = StudyContext(place, given={"sst2-lstm": "/own/lstm"})
    for name in ("single", "ordered"):
        context.adopt(f"shortcut-{name}-lstm", Path(f"/made/{name}"), ())
    told = [f"attention, LSTM: /made/{name} has no attention" for name in ("single", "ordered")]
    found = shortcuts._nameless(context, [*told, "/own/lstm is missing"])
    assert found == ("attention, LSTM: the model has no attention", "/own/lstm is missing")
