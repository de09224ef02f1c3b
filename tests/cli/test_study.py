"""The command `elision study`: its list, its files, its errors in one line; and the papers' figures as typed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from elision import cli
from elision.reproduction import accuracy, erasure, faithfulness, likelihoods, pairs, tags, truncation
from elision.reproduction.registry import STUDIES


def run(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    """Return the exit code of the command with arguments."""
    monkeypatch.setattr("sys.argv", ["elision", "study", *arguments])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    return int(stop.value.code or 0)


def options(study_toys: Path, out: Path) -> list[str]:
    places = {"--data": study_toys / "data", "--models": study_toys / "models", "--out": out, "--limit": 2}
    return [str(part) for pair in places.items() for part in pair]


def test_the_list_has_every_study(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert run(["list"], monkeypatch) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == list(STUDIES)
    line = next(line for line in lines if line.startswith("im-table2"))
    assert "AUC_rep of erasures and marginalization" in line
    assert "0.528, 0.517, ours 0.497" in line
    assert line.split()[-1] == "100"


def test_a_study_prints_and_writes(
    study_toys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("ELISION_DATA", raising=False)
    assert run(["im-table1", *options(study_toys, tmp_path)], monkeypatch) == 0
    captured = capsys.readouterr()
    assert "Test accuracy of the explained models" in captured.out
    assert "paper 0.7753" in captured.out
    assert captured.err.startswith("written: im-table1.md, im-table1.json, im-table1.csv in ")
    found = json.loads((tmp_path / "im-table1.json").read_text())
    assert found["rows"][0]["cells"]["BERT"]["paper"] == 0.8578
    assert found["rows"][0]["cells"]["BERT"]["n"] == 2
    assert "paper 0.7753" in (tmp_path / "im-table1.md").read_text()


def test_a_model_by_itself_comes_first(
    study_toys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own = ["--model", "sst2-lstm=./nowhere", "--quiet"]
    assert run(["im-table1", *options(study_toys, tmp_path), *own], monkeypatch) == 0
    cells = json.loads((tmp_path / "im-table1.json").read_text())["rows"][0]["cells"]
    assert (cells["LSTM"]["value"], cells["LSTM"]["reason"]) == (None, "no model")
    assert cells["CNN"]["value"] is not None
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["im-table9"],
            "there is no study 'im-table9': did you mean 'im-table3'? elision study list shows their names",
        ),
        (["im-table1", "--limit", "0"], "--limit must be at least 1, got 0"),
        (["im-table1", "--seed", "-1"], "--seed must be at least 0, got -1"),
        (["im-table1", "--models", "nowhere"], "there is no folder 'nowhere'"),
        (["im-table1", "--model", "sst2-lstm"], "--model must be KIND=FOLDER, got 'sst2-lstm'"),
        (["im-table1", "--model", "lstm=x"], "--model: KIND must be one of sst2-minilm, sst2-lstm"),
        (["models"], "say where models are to be made: elision study models --out DIR"),
    ],
)
def test_errors_are_one_line(
    arguments: list[str], message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments, monkeypatch) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"elision: {message}")
    assert error.count("\n") == 1


def test_no_model_at_all_is_one_line(
    study_toys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("ELISION_MODELS", raising=False)
    arguments = ["gmask-table2", "--data", str(study_toys / "data"), "--out", str(tmp_path), "--quiet"]
    assert run(arguments, monkeypatch) == 2
    assert capsys.readouterr().err == (
        "elision: there is no model snli-decomposable-attention: elision study models --out DIR trains it; name DIR "
        "with --models\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_the_folder_of_results_is_checked_first(
    study_toys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert run(["im-table1", *options(study_toys, tmp_path / "file" / "below")], monkeypatch) == 2
    assert capsys.readouterr().err.startswith(f"elision: cannot write '{tmp_path / 'file' / 'below'}'")


def test_an_interruption_says_that_what_was_done_is_kept(
    study_toys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(context: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(accuracy, "im_table1", stop)
    assert run(["im-table1", *options(study_toys, tmp_path)], monkeypatch) == 130
    assert capsys.readouterr().err == (
        "elision: interrupted; what was explained is kept, run the same command to go on\n"
    )


# --- the papers' figures


def test_figures_of_input_marginalization() -> None:
    own = "marginalization"
    assert accuracy.ACCURACY["SST-2"] == (0.7753, 0.8578, 0.73)
    assert accuracy.ROWS["SNLI"][1] == (549367, 9842, 9824)
    assert erasure.AUC_REP == {"Zero": 0.5284, "Unk": 0.517, own: 0.4972}
    assert erasure.AUC_REP_OF_GRADIENTS[own] == 0.4971
    assert min(erasure.AUC_REP_OF_GRADIENTS, key=erasure.AUC_REP_OF_GRADIENTS.__getitem__) == own
    assert (tags.IOT[own], tags.NEUTRAL[own]) == (0.72, 0.053)
    assert truncation.PAPER["likelihood above 1e-5"] == (0.9999, 791)
    assert set(truncation.PAPER) < {method.title for method in truncation.METHODS}
    assert likelihoods.SCORES["MLM, fine-tuned"] == (0.007, 0.321)


def test_figures_of_group_masks() -> None:
    assert faithfulness.AOPC["BERT"]["GMASK"] == (0.319, 0.309, 0.181, 0.200)
    assert faithfulness.DEGRADATION["BERT"]["L2X"] == (0.303, 0.168, 0.173, -0.003)
    assert pairs.SECONDS["BERT"]["GMASK"] == (43.24, 43.56, 43.77, 42.84)
    assert accuracy.DEV_ACCURACY["BERT"] == (90.43, 91.21, 91.31, 86.52)
    # What the text says: GMASK has the highest AOPC in all but two columns, and the highest degradation in all.
    for table, leads in ((faithfulness.AOPC, 6), (faithfulness.DEGRADATION, 8)):
        best = [max(own, key=lambda m, own=own, i=i: own[m][i]) for own in table.values() for i in range(4)]
        assert best.count("GMASK") == leads
    for table in (faithfulness.AOPC, faithfulness.DEGRADATION, pairs.SECONDS):
        for own in table.values():
            assert set(own) < {method.title for method in faithfulness.OF_PAIRS}
            assert {len(row) for row in own.values()} == {4}
