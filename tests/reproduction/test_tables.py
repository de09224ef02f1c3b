"""Tables and figures of the papers: what is printed and written, what is kept between runs, errors in one line."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from toys.studies import make_data, make_models

from elision.errors import ModelNotFoundError, OptionError
from elision.explainers import METHODS
from elision.reproduction import faithfulness
from elision.reproduction.bench import Bench
from elision.reproduction.frame import Missing, lead
from elision.reproduction.methods import GRADIENTS, IMASK, LEAVE_ONE_OUT, RANDOM, ZERO, Method
from elision.reproduction.recipes import RECIPES, find_model, fingerprint, train_missing
from elision.reproduction.registry import STUDIES
from elision.reproduction.result import Cell, Picture, Result, Row
from elision.reproduction.store import Shelf
from elision.reproduction.writer import to_csv, to_json, to_markdown, write
from elision.results.explanation import Explanation
from elision.results.measurement import Curve, Measurement

STUDY = ("study", "--quiet")


@pytest.fixture(autouse=True)
def _one_thread() -> Any:
    """Let tiny models not wait for a second thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_models(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_data(tmp_path_factory.mktemp("data"))


@pytest.fixture
def place(models: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for results; data and models are in the environment."""
    monkeypatch.setenv("ELISION_DATA", str(data))
    monkeypatch.setenv("ELISION_MODELS", str(models))
    return tmp_path / "out"


def explain_count(monkeypatch: pytest.MonkeyPatch, name: str, stop_after: int | None = None) -> list[Any]:
    """Count the calls of an explainer, and let it fail like Ctrl-C after so many."""
    calls: list[Any] = []
    kind = METHODS[name]
    attribute = kind._attribute

    def counted(self: Any, v: Any) -> Any:
        if stop_after is not None and len(calls) == stop_after:
            raise KeyboardInterrupt
        calls.append(v.encoding.segments)
        return attribute(self, v)

    monkeypatch.setattr(kind, "_attribute", counted)
    return calls


# --- what is kept between runs


def test_a_run_that_was_stopped_goes_on_where_it_stopped(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def explain(folder: Path) -> list[Explanation]:
        bench = Bench(folder)
        return bench.explain("snli-minilm", (IMASK,), bench.examples("snli", 10), "word").by_method["IMASK"]

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
    bench = Bench(place)
    examples = bench.examples("snli", 3)
    found = bench.explain("snli-minilm", (LEAVE_ONE_OUT,), examples, "word").by_method["leave-one-out"]
    (file,) = (place / "explanations").iterdir()
    content = file.read_bytes()
    file.write_bytes(content[:-40])
    calls = explain_count(monkeypatch, "leave-one-out")
    again = Bench(place).explain("snli-minilm", (LEAVE_ONE_OUT,), examples, "word").by_method["leave-one-out"]
    assert calls == [found[2].segments]
    np.testing.assert_array_equal(again[2].scores, found[2].scores)
    assert len(file.read_bytes().splitlines()) == 4
    assert json.loads(file.read_text().splitlines()[0])["model"] == "snli-minilm"


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


def test_other_weights_seeds_units_and_settings_have_other_files(place: Path, models: Path, tmp_path: Path) -> None:
    def files(model: str = "sst2-lstm", seed: int = 0, units: str = "word", method: Method = ZERO) -> set[str]:
        bench = Bench(tmp_path / "x", seed=seed, given={"sst2-lstm": str(models / model)})
        return {Shelf(place, bench._settings("sst2-lstm", method, units)).file.name}

    mask = Method("mask", "leave-one-out", {"removal": "mask"})
    others = [files(model="sst2-cnn"), files(seed=1), files(units="token"), files(method=mask)]
    assert files() == files()
    assert len(set.union(files(), *others)) == 5


def test_more_examples_hold_the_fewer_and_each_once(place: Path) -> None:
    bench = Bench(place)
    few, many = bench.examples("sst2", 4), bench.examples("sst2", 12)
    assert many[:4] == few
    assert len(set(many)) == len(many)
    assert all(text == text.lower() for text in many)
    assert Bench(place, seed=1).examples("sst2", 12) != many
    assert Bench(place).examples("sst2", 12) == many


def test_l2x_is_fitted_once(place: Path) -> None:
    said: list[str] = []
    for _ in range(2):
        bench = Bench(place, report=said.append)
        bench.explainer("snli-decomposable-attention", faithfulness.OF_PAIRS[1])
    assert said == ["snli-decomposable-attention: fitting L2X to 24 training texts"]
    assert len(list((place / "explainers").iterdir())) == 1


def test_a_method_that_cannot_be_had_is_left_out_with_its_reason(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "captum", None)
    monkeypatch.setitem(sys.modules, "captum.attr", None)
    bench = Bench(place)
    found = bench.explain("sst2-lstm", (GRADIENTS[1], ZERO), bench.examples("sst2", 2), "token")
    assert list(found.by_method) == ["Zero"]
    assert "captum" in str(found.refused["IG"])
    assert Missing().cell("IG", found.refused["IG"]).reason == "not possible"


def test_a_disk_that_is_full_ends_the_study(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, *arguments: Any, **options: Any) -> Any:
        raise OSError(28, "No space left on device")

    bench = Bench(place)
    examples = bench.examples("sst2", 2)
    bench.model("sst2-lstm")
    bench._fingerprint("sst2-lstm")
    monkeypatch.setattr(Path, "mkdir", full)
    with pytest.raises(OptionError, match=r"cannot write .*: No space left on device"):
        bench.explain("sst2-lstm", (ZERO,), examples, "token")


def test_candidates_are_counted_and_left_out(place: Path) -> None:
    bench = Bench(place)
    method = Method("top 7", "marginalization", {"likelihood": "mlm-minilm", "top_n": 7}, counts_candidates=True)
    (found,) = bench.explain("sst2-minilm", (method,), bench.examples("sst2", 1), "token").by_method["top 7"]
    assert found.candidates is None
    assert found.provenance["n_candidates"] == 7


# --- what is written

CURVE = Curve(x=np.array([0.0, 1.0]), y=np.array([[1.0, 0.5], [1.0, 0.7]]), x_label="x", y_label="y")
RESULT = Result(
    "A title",
    ("model", "method"),
    ("one", "two"),
    (
        Row(("BERT", "a|b"), (Cell(0.51234, 0.4, 0.6, 20, 0.528), Cell("a / b", paper="12"))),
        Row(("BERT", "c"), (Cell(reason="no data", paper=0.1), Cell(1234))),
    ),
    "Setting: small.",
    ("a remark",),
    pictures=(Picture("part", "curves", curves={"m": CURVE}),),
)


def test_markdown() -> None:
    assert to_markdown(RESULT) == (
        "# A title\n\nSetting: small.\n\n"
        "| model | method | one | two |\n|---|---|---|---|\n"
        "| BERT | a\\|b | 0.512 (0.400 to 0.600); paper 0.528 | a / b; paper 12 |\n"
        "| BERT | c | no data; paper 0.1 | 1,234 |\n\n"
        "- a remark\n"
    )


def test_csv_and_json() -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(RESULT))))
    assert [(row["method"], row["column"], row["value"], row["paper"]) for row in rows] == [
        ("a|b", "one", "0.51234", "0.528"),
        ("a|b", "two", "a / b", "12"),
        ("c", "one", "", "0.1"),
        ("c", "two", "1234", ""),
    ]
    found = json.loads(to_json(RESULT))
    assert found["rows"][0]["cells"]["one"] == {
        "value": 0.51234,
        "lower": 0.4,
        "upper": 0.6,
        "n": 20,
        "paper": 0.528,
        "reason": "",
    }
    assert found["curves"]["part"]["m"]["mean"] == [1.0, 0.6]


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(RESULT, tmp_path, "t")
    before = (tmp_path / "t.md").read_text()
    real = Path.write_text

    def full(self: Path, text: str, **options: Any) -> int:
        real(self, text[:10], **options)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OptionError, match="No space left on device"):
        write(RESULT, tmp_path, "t")
    monkeypatch.undo()
    assert (tmp_path / "t.md").read_text() == before
    assert not [file for file in tmp_path.iterdir() if file.name.startswith(".")]


def test_a_cell_has_the_interval_of_its_measurement() -> None:
    measured = Measurement(name="m", values=np.array([0.0, 1.0, np.nan, 1.0]))
    cell = Cell.of(measured, 0.7)
    assert (cell.value, cell.n, cell.paper) == (pytest.approx(2 / 3), 3, 0.7)
    assert (cell.lower, cell.upper) == pytest.approx(measured.interval())
    assert Cell.of(Measurement(name="m", values=np.array([np.nan]))).value is None
    assert Cell.of(Measurement(name="m", values=np.array([0.5]))).lower is None


@pytest.mark.parametrize(("higher", "ahead"), [(True, "does not lead, -0.200"), (False, "leads, -0.200")])
def test_who_leads_and_by_how_much(higher: bool, ahead: str) -> None:
    values = {"ours": 0.3, "b": 0.5, "c": 0.5 if higher else 0.9}
    measured = {
        title: Measurement(name="m", values=np.full(4, value), higher_is_better=higher)
        for title, value in values.items()
    }
    assert lead({"by pad": measured}, "ours", "BERT") == f"BERT; by pad: ours {ahead} (-0.200 to -0.200) against b"


def test_what_is_missing_is_said_once_and_raised_where_nothing_is_there() -> None:
    missing = Missing()
    assert missing.cell("QQP, BERT", OptionError("there is none"), 0.5).shown(3) == "no data; paper 0.5"
    assert missing.cell("QQP, LSTM", OptionError("there is none")).reason == "no data"
    assert missing.cell("x", ModelNotFoundError("no x")).reason == "no model"
    assert missing.remarks() == ("QQP, BERT; QQP, LSTM: there is none", "x: no x")
    missing.require([1])
    with pytest.raises(OptionError, match="there is none"):
        missing.require([])


# --- models


def test_models_are_looked_for_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ELISION_MODELS", raising=False)
    for folder in ("a", "b"):
        (tmp_path / folder / "sst2-lstm").mkdir(parents=True)
        (tmp_path / folder / "sst2-lstm" / "config.json").write_text("{}")
    (tmp_path / "a" / "sst2-cnn").mkdir()
    a, b = tmp_path / "a", tmp_path / "b"
    assert find_model("sst2-lstm", (a, b)) == str(a / "sst2-lstm")
    assert find_model("sst2-lstm", (a, b), {"sst2-lstm": "mine"}) == "mine"
    with pytest.raises(ModelNotFoundError, match="no model sst2-cnn: elision study models --out DIR trains it"):
        find_model("sst2-cnn", (a, b))
    with pytest.raises(ModelNotFoundError, match="no model sst2-minilm: name a folder that has it with --models"):
        find_model("sst2-minilm", (a, b))
    monkeypatch.setenv("ELISION_MODELS", str(b))
    assert find_model("sst2-lstm", ()) == str(b / "sst2-lstm")


def test_a_fingerprint_is_of_the_weights(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"1")
    one = fingerprint(str(tmp_path))
    assert fingerprint(str(tmp_path)) == one
    (tmp_path / "model.safetensors").write_bytes(b"2")
    assert fingerprint(str(tmp_path)) != one


def test_only_missing_models_are_trained(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trained: list[tuple[str, dict[str, Any]]] = []

    class Found:
        def summary(self) -> str:
            return "fine"

    def train(kind: str, **options: Any) -> Found:
        trained.append((kind, options))
        return Found()

    monkeypatch.setattr("elision.training.train.train", train)
    assert train_missing(place) == []
    given = {name: "nowhere" for name in RECIPES if name not in ("mrpc-minilm", "snli-decomposable-attention")}
    monkeypatch.delenv("ELISION_MODELS")
    assert train_missing(place, (), given, seed=4) == ["snli-decomposable-attention", "mrpc-minilm"]
    (first, own), (second, other) = trained
    assert (first, own["data"], own["init"], own["embeddings"].source) == (
        "decomposable-attention",
        "snli",
        None,
        "nowhere",
    )
    assert (second, other["data"], other["init"], other["embeddings"]) == ("encoder", "mrpc", "nowhere", None)
    assert own["settings"].seed == 4


# --- every table and figure


@pytest.mark.parametrize("name", list(STUDIES))
def test_every_study_runs_on_toys(
    name: str, models: Path, data: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ELISION_DATA", str(data))
    monkeypatch.setenv("ELISION_MODELS", str(models))
    out = tmp_path_factory.getbasetemp() / "shared"
    found = STUDIES[name].run(Bench(out, limit=2))
    assert found.rows
    assert all(len(row.heads) == len(found.heads) for row in found.rows)
    assert all(len(row.cells) == len(found.columns) for row in found.rows)
    assert any(cell.value is not None for row in found.rows for cell in row.cells)
    assert found.setting.startswith("Setting: ")
    assert to_markdown(found).startswith("# ")
    json.loads(to_json(found))
    if name == "im-tags":
        signed = found.columns.index("neutral words: mean score, bits")
        for row in (row for row in found.rows if row.cells[signed].value is not None):
            mean, size = (row.cells[signed + i].value for i in (0, 1))
            assert abs(mean) <= size
            assert row.cells[signed].paper == {"Zero": 0.175, "marginalization": 0.053}.get(row.heads[1])
            assert row.cells[signed + 1].paper is None
        assert any("'average attribution score'" in remark for remark in found.remarks)
    if any("QQP" in column for column in found.columns):
        qqp = found.columns.index("QQP")
        assert {row.cells[qqp].reason for row in found.rows} == {"no data"}
        assert any(remark.startswith("QQP") for remark in found.remarks)
