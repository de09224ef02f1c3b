"""The command `elision evaluate`: its tables, pairs, highlights, and errors in one line."""

from __future__ import annotations

import json

import pytest

import elision
from elision import metrics


def test_the_command_writes_all_three(run, tmp_path) -> None:
    file = tmp_path / "texts.txt"
    file.write_text("a deep film .\n\nnot bad at all\nwarm , but long\n", encoding="utf-8")
    outs = {kind: tmp_path / f"table.{kind}" for kind in ("markdown", "csv", "json")}
    options = [part for kind, out in outs.items() for part in (f"--{kind}", str(out))]
    arguments = ["evaluate", str(file), "--methods", "leave-one-out@mask", "--metrics", "aopc@mask", "--limit", "2"]
    done = run(*arguments, *options)
    assert done.code == 0
    assert "leave-one-out@mask: 2 explained and measured" in done.err
    assert "aopc@mask" in done.out
    assert outs["markdown"].read_text().startswith("| method | aopc@mask")
    assert outs["csv"].read_text().startswith("method,metric,mean")
    assert json.loads(outs["json"].read_text())["settings"]["examples"] == 2
    quiet = run(*arguments, "--quiet", "--csv", "-")
    assert (quiet.out, quiet.err) == (outs["csv"].read_text(), "")


def test_ceilings_are_sought_where_they_are_asked_for(run, tmp_path) -> None:
    file = tmp_path / "texts.txt"
    file.write_text("a deep film .\nwarm , but long\n", encoding="utf-8")
    arguments = ["evaluate", str(file), "--methods", "search@mask", "--metrics", "aopc@mask", "--json", "-"]
    without = json.loads(run(*arguments).out)
    done = run(*arguments, "--ceilings")
    assert done.code == 0
    assert "ceilings: found by " in done.err
    found = json.loads(done.out)
    own = found["metrics"]["aopc@mask"]["attainable"]
    assert own["proven"] == [True, True]
    assert own["worst"] < own["best"]
    assert found["rows"][0]["ceiling"] is without["rows"][0]["ceiling"] is True
    assert 0.9 < found["rows"][0]["attained"] <= 1.0
    assert without["rows"][0]["attained"] is None
    assert found["values"] == without["values"]


def test_the_command_reads_pairs(run, tmp_path) -> None:
    file = tmp_path / "pairs.jsonl"
    file.write_text('{"premise": "two cats play .", "hypothesis": "animals sleep ."}\n', encoding="utf-8")
    done = run("evaluate", str(file), "--methods", "random", "--metrics", "sufficiency")
    assert done.code == 0
    assert "1 example, 95%" in done.out


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        (None, [], "cannot read"),
        ("", [], "there is no text in"),
        ("a film\n", ["--metrics", "magic"], "--metrics must be one of"),
        ("a film\n", ["--methods", ","], "--methods must be at least one name"),
        ("a film\n", ["--limit", "0"], "limit must be at least 1"),
        ("a film\n", ["--csv", "/no/such/folder/x"], "its folder does not exist"),
    ],
)
def test_mistakes_on_the_command_line(run, tmp_path, content, options, message) -> None:
    file = tmp_path / "texts.txt"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    done = run("evaluate", str(file), *options)
    assert done.code == 2
    assert message in done.err
    assert done.err.count("\n") == 1


def test_highlights_in_the_file_are_measured(run, tmp_path) -> None:
    rows = [
        {"premise_tokens": ["two", "cats", "play"], "hypothesis_tokens": ["animals", "sleep"]}
        | {"premise_highlight": [0, 1, 1], "hypothesis_highlight": [0, 1]},
        {"premise_tokens": ["a", "deep", "film"], "hypothesis_tokens": ["a", "film"]}
        | {"premise_highlight": [0, 1, 0], "hypothesis_highlight": [0, 0]},
    ]
    file = tmp_path / "highlights.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    metric_names = "token-f1,auprc,auprc@1,iou-f1@2"
    arguments = ["evaluate", str(file), "--methods", "random", "--metrics", metric_names, "--quiet"]
    done = run(*arguments, "--json", "-")
    assert done.code == 0
    values = json.loads(done.out)["values"]["random"]
    explanations = elision.Random().many("builtin:nli", [("two cats play", "animals sleep"), ("a deep film", "a film")])
    marks = [
        metrics.Annotation.of_tokens(
            [row["premise_tokens"], row["hypothesis_tokens"]], [row["premise_highlight"], row["hypothesis_highlight"]]
        )
        for row in rows
    ]
    assert values["token-f1"] == metrics.token_f1(explanations, marks).values.tolist()
    assert values["auprc"] == metrics.auprc(explanations, marks).values.tolist()
    assert values["auprc@1"] == metrics.auprc(explanations, marks, segment=0).values.tolist()
    assert values["iou-f1@2"][1] is None

    rows[1]["premise_highlight"] = [1]
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    wrong = run(*arguments)
    assert (wrong.code, wrong.err.count("\n")) == (2, 1)
    assert "must be 0 or 1 for each token" in wrong.err
