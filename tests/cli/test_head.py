"""How the commands are told to read a model's logits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from toys.command import Command, assert_one_line
from toys.models import build

import elision

TEXT = "a good film"


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """A classifier of one logit whose config does not say how it is read."""
    net, tokenizer = build("bert", n_labels=1)
    for own in (net, tokenizer):
        own.save_pretrained(tmp_path / "one")
    return str(tmp_path / "one")


def test_one_logit_is_a_score_or_as_it_is_said(run: Command, folder: str) -> None:
    arguments = ("explain", TEXT, "--model", folder, "--method", "leave-one-out", "--json", "-")
    score = elision.Explanation.from_json(run(*arguments).out)
    classes = elision.Explanation.from_json(run(*arguments, "--head", "sigmoid").out)
    assert (score.answer, classes.answer) == ("scores", "classes")
    assert classes.labels == ("not LABEL_0", "LABEL_0")
    # The log-odds in bits of a sigmoid are its logit over ln 2; of the other class it is minus that.
    sign = 1 if classes.target == "LABEL_0" else -1
    assert (sign * classes.scores * 0.6931471805599453).tolist() == pytest.approx(score.scores.tolist(), abs=1e-5)
    python = elision.explain(TEXT, model=folder, head="sigmoid", method="leave-one-out")
    assert python.scores.tolist() == pytest.approx(classes.scores.tolist(), abs=1e-6)


def test_all_commands_on_models_take_it(run: Command, folder: str, tmp_path: Path) -> None:
    file, out = tmp_path / "texts.txt", tmp_path / "run.jsonl"
    file.write_text(f"{TEXT}\na bad plot\n", encoding="utf-8")
    told = ("--model", folder, "--head", "sigmoid")
    assert run("run", str(file), "--out", str(out), "--method", "leave-one-out", *told).code == 0
    assert [one.explanation.answer for one in elision.read_run(out)] == ["classes", "classes"]
    assert "LABEL_0" in run("compare", TEXT, "--methods", "leave-one-out,random", *told).out
    table = tmp_path / "table.json"
    measured = ("evaluate", str(file), "--methods", "random", "--metrics", "aopc", "--json", str(table), *told)
    assert run(*measured).code == 0
    assert json.loads(table.read_text())["settings"]["model"]["head"] == "sigmoid"


def test_a_wrong_one_is_refused(run: Command, folder: str) -> None:
    outcome = run("explain", TEXT, "--model", folder, "--head", "tanh")
    assert_one_line(outcome, "--head must be one of auto, softmax, sigmoid, scores; got 'tanh'")
    engine = elision.Engine(elision.load(folder))
    with pytest.raises(elision.OptionError, match="head is a setting of the engine's model"):
        elision.explain(TEXT, engine=engine, head="sigmoid")
