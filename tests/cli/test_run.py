"""The command `elision run`, and what the other commands make of files of many texts."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from toys.command import QUICK, Command, Outcome
from toys.models import build

import elision
from elision.explainers import LeaveOneOut

TEXTS = ["a good film", "a bad film", "the plot was boring", "not a good actor"]


def lines_of(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def run_file(run: Command, file: Path | str, *more: str, stdin: bytes | None = None) -> Outcome:
    return run("run", str(file), "--model", run.classifier, *QUICK, *more, stdin=stdin)


def table_of_a_hundred(folder: Path) -> tuple[Path, dict[int, str]]:
    """Write 100 rows; return the file, and what is said of the 10 that are broken."""
    rows = [[f"{TEXTS[i % 4]} {i}", ["bad", "good"][i % 2]] for i in range(1, 101)]
    broken = {
        1: ["", "bad"],
        8: ["  ", "bad"],
        17: ["\u200b", "bad"],
        32: ["a film", "bad", "more"],
        33: ["a", "film", "bad", "more"],
        48: ["\x00", "bad"],
        64: ["\n", ""],
    }
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["text", "label"])
    for i, row in enumerate(rows, 1):
        if i in (70, 71):
            out.write('"a quote"s film,bad\n')
        elif i < 100:
            writer.writerow(broken.get(i, row))
    out.write('"never closed,bad\n')
    file = folder / "reviews.csv"
    file.write_text(out.getvalue(), encoding="utf-8")
    said = dict.fromkeys([1, 8, 17, 48, 64], "the text is empty")
    said |= {32: "there are 3 columns in line 33 and 2", 33: "there are 4 columns in line 34 and 2"}
    said |= {70: "line 72 cannot be read: a quote ends", 71: "line 73 cannot be read: a quote ends"}
    return file, said | {100: "line 102 cannot be read: a quote is opened and never closed"}


def test_a_hundred_rows_of_which_ten_are_broken(run: Command, tmp_path: Path) -> None:
    file, broken = table_of_a_hundred(tmp_path)
    out = tmp_path / "run.jsonl"
    done = run_file(run, file, "--out", str(out))
    assert (done.code, done.out) == (3, "")
    first, *told, last = done.err.splitlines()
    assert first == f"{file}: a table, 100 rows, text from text, label from label"
    assert last == f"90 of 100 rows explained, 10 not; written: {out}"
    assert len(told) == 10
    for line, (row, reason) in zip(told, sorted(broken.items()), strict=True):
        assert line.startswith(f"row {row}: {reason}")
    lines = lines_of(out.read_text(encoding="utf-8"))
    assert [line["row"] for line in lines] == list(range(1, 101))
    assert {line["row"]: line["error"] for line in lines if "error" in line} == {
        int(line.split(":")[0][4:]): line.partition(": ")[2] for line in told
    }
    found = list(elision.read_run(out))
    assert len(found) == 90
    assert [one.label for one in found[:3]] == ["bad", "good", "bad"]
    alone = LeaveOneOut()(elision.load(run.classifier), f"{TEXTS[2]} 2")
    assert found[0].explanation.scores.tolist() == pytest.approx(alone.scores.tolist(), abs=1e-6)
    assert "90 explanations" in elision.report(out)


def test_all_rows_explained(run: Command, tmp_path: Path) -> None:
    (tmp_path / "texts.txt").write_text("\n".join(TEXTS), encoding="utf-8")
    done = run_file(run, tmp_path / "texts.txt", "--out", "-", "--limit", "3", "--target", "good")
    assert done.code == 0
    assert done.err.splitlines()[-1] == "3 of 3 rows explained"
    lines = lines_of(done.out)
    assert [line["row"] for line in lines] == [1, 2, 3]
    assert {line["target"] for line in lines} == {"good"}
    piped = run_file(run, "-", "--out", "-", "--quiet", stdin="\n".join(TEXTS).encode())
    assert (piped.code, piped.err, len(piped.out.splitlines())) == (0, "", 4)


def test_pairs_take_the_model_of_pairs(run: Command, tmp_path: Path) -> None:
    file = tmp_path / "pairs.csv"
    file.write_text("premise,hypothesis,gold_label\ntwo cats play,animals sleep,2\n", encoding="utf-8")
    done = run("run", str(file), "--method", "random", "--out", "-", "--quiet")
    assert (done.code, done.err) == (0, "")
    (line,) = lines_of(done.out)
    assert (line["segments"], line["label"]) == (["two cats play", "animals sleep"], line["labels"][2])


def test_labels_that_are_no_classes(run: Command, tmp_path: Path) -> None:
    """Stars from 1 to 5 are not indices of three classes, though 1 would be one."""
    file = tmp_path / "stars.csv"
    file.write_text("review,stars\na good film,1\na bad film,5\n", encoding="utf-8")
    done = run_file(run, file, "--out", "-")
    assert done.code == 0
    assert "label from stars\nthe column stars is not of the model's classes" in done.err
    assert all("label" not in line for line in lines_of(done.out))
    named = run_file(run, file, "--out", str(tmp_path / "run.jsonl"), "--label-column", "stars", "--quiet")
    assert (named.code, named.err.count("\n")) == (2, 1)
    assert not (tmp_path / "run.jsonl").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--target", "neutral"], "the model has no class 'neutral'"),
        (["--text-column", "words"], "has no column 'words'; it has text, label"),
        (["--limit", "0"], "limit must be at least 1, got 0"),
        (["--method", "magic"], "method must be one of"),
        (["--removal", "burn"], "removal must be one of"),
        (["--errors", "ignore"], "errors must be one of skip, raise; got 'ignore'"),
    ],
)
def test_mistakes_leave_no_file(run: Command, tmp_path: Path, options: list[str], message: str) -> None:
    file, out = tmp_path / "a.csv", tmp_path / "run.jsonl"
    file.write_text("text,label\na good film,good\na bad film,bad\n", encoding="utf-8")
    done = run_file(run, file, "--out", str(out), "--quiet", *options)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert message in done.err
    assert not out.exists()


def test_outputs_that_are_refused(run: Command, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("text\na good film\n", encoding="utf-8")
    for out, message in ((file, "is the file that is read"), (tmp_path / "a.parquet", "as JSON lines")):
        done = run_file(run, file, "--out", str(out))
        assert (done.code, done.err.count("\n")) == (2, 1)
        assert message in done.err
    assert file.read_text(encoding="utf-8") == "text\na good film\n"


def test_the_first_broken_row_may_stop_all(run: Command, tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"text": "a film"}\n{"text": ""}\n{"text": "a plot"}\n', encoding="utf-8")
    done = run_file(run, file, "--out", "-", "--errors", "raise", "--quiet")
    assert done.code == 3
    assert done.err.startswith("row 2: the text is empty")
    assert [("error" in line) for line in lines_of(done.out)] == [False, True]


def test_nothing_explained_is_a_mistake(run: Command, tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"text": ""}\n{"text": 5}\n', encoding="utf-8")
    done = run_file(run, file, "--out", "-", "--quiet")
    assert done.code == 2
    assert [line[:6] for line in done.err.splitlines()] == ["row 1:", "row 2:", "elisio"]


def test_ctrl_c_keeps_what_is_finished(run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, out = tmp_path / "texts.txt", tmp_path / "run.jsonl"
    own, texts = LeaveOneOut.ask, [f"{text} {i}" for i in range(3) for text in TEXTS]

    file.write_text("\n".join(texts), encoding="utf-8")

    def stopping(self: LeaveOneOut, v: Any) -> Any:
        if v.encoding.segments[0] == texts[9]:
            # The first eight shared batches; they are in the file before the next is begun.
            assert len(out.read_bytes().splitlines()) == 8
            raise KeyboardInterrupt
        return own(self, v)

    monkeypatch.setattr(LeaveOneOut, "ask", stopping)
    done = run_file(run, file, "--out", str(out))
    assert done.code == 130
    assert done.err.splitlines()[-1] == f"elision: interrupted; 8 of 12 rows explained; written: {out}"
    assert [one.explanation.example for one in elision.read_run(out)] == texts[:8]
    evaluated = run("evaluate", str(file), "--model", run.classifier, "--methods", "random", "--metrics", "aopc")
    assert evaluated.code == 130
    assert "elision: interrupted; this is what was finished" in evaluated.err
    assert "stopped after 1 of 2 methods" in evaluated.out


def test_evaluate_reads_tables_and_says_what_it_left_out(run: Command, tmp_path: Path) -> None:
    file = tmp_path / "r.csv"
    file.write_text('text,label\na good film,1\n"",0\n"a bad, bad film",0\n', encoding="utf-8")
    done = run(
        "evaluate", str(file), "--model", run.classifier, "--methods", "random", "--metrics", "aopc", "--json", "-"
    )
    assert done.code == 3
    assert f"{file}: a table, 3 rows, text from text, label from label" in done.err
    assert "row 2: the text is empty" in done.err
    settings = json.loads(done.out)["settings"]
    assert settings["examples"] == 2
    assert [one["name"] for one in settings["left_out"]] == ["row 2"]


@pytest.mark.parametrize(
    ("name", "text", "looks"),
    [
        ("a.csv", "text,label\na good film,1\na bad film,0\n", "a table"),
        ("a.jsonl", '{"text": "a good film"}\n', "rows in JSON"),
        ("a.json", '[\n{"text": "a good film"}]\n', "rows in JSON"),
        ("my a.txt", "a good film\n\na bad film\n", "2 lines"),
    ],
)
def test_a_file_of_many_texts_is_no_text(run: Command, tmp_path: Path, name: str, text: str, looks: str) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    quoted = f"'{file}'" if " " in name else str(file)
    own, other = (("explain", f"run {quoted} --out run.jsonl"), ("compare", f"evaluate {quoted}"))
    for command, instead in (own, other):
        for given in ((str(file), None), ("-", text.encode())):
            done = run(command, "--file", given[0], "--model", run.classifier, stdin=given[1])
            assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
            assert f"holds {looks if given[1] is None else ''}" in done.err
            assert "or say --whole if all of it is one text" in done.err
        assert f"explain each: elision {instead};" in run(command, "--file", str(file)).err
    assert run.explained("--file", str(file), "--whole").example == text.strip()


def test_a_method_that_cannot_explain_is_left_out(run: Command) -> None:
    arguments = ("compare", "a good film", "--model", run.classifier, "--methods")
    done = run(*arguments, "l2x,random")
    assert done.code == 3
    assert done.err.startswith("l2x is left out: l2x must be fitted")
    assert "random" in done.out
    assert run(*arguments, "l2x").code == 2


@pytest.mark.parametrize(
    "command",
    [
        ("report", "FILE", "FILE"),
        ("explain", "--file", "FILE", "--json", "FILE"),
        ("explain", "--file", "FILE", "--html", "LINK"),
        ("compare", "--file", "FILE", "--html", "FILE"),
        ("evaluate", "FILE", "--csv", "FILE"),
        ("run", "FILE", "--out", "LINK"),
    ],
)
def test_no_command_writes_over_what_it_reads(run: Command, tmp_path: Path, command: tuple[str, ...]) -> None:
    file, link = tmp_path / "one.txt", tmp_path / "link"
    file.write_text("a good film", encoding="utf-8")
    link.symlink_to(file)
    places = {"FILE": str(file), "LINK": str(link)}
    done = run(*(places.get(word, word) for word in command))
    assert done.code == 2
    assert "is the file that is read; give it another name" in done.err
    assert file.read_text(encoding="utf-8") == "a good film"


@pytest.mark.parametrize("more", [("--method", "l2x"), ("--model", "builtin:nli", "--method", "leave-one-out")])
def test_a_run_that_explains_nothing_leaves_what_was_there(run: Command, tmp_path: Path, more: tuple[str, ...]) -> None:
    file, out = tmp_path / "a.txt", tmp_path / "keep.jsonl"
    file.write_text("a good film\na bad film\n", encoding="utf-8")
    out.write_text("an older run", encoding="utf-8")
    assert run("run", str(file), *more, "--out", str(out)).code == 2
    assert out.read_text(encoding="utf-8") == "an older run"


def test_labels_are_judged_by_the_whole_file(run: Command, tmp_path: Path) -> None:
    file, out = tmp_path / "a.csv", tmp_path / "run.jsonl"
    file.write_text("review,stars\na bad film,1\na good film,5\n", encoding="utf-8")
    done = run_file(run, file, "--out", str(out), "--limit", "1")
    assert "explained without labels" in done.err
    assert lines_of(out.read_text(encoding="utf-8"))[0].get("label") is None


def test_labels_of_a_model_of_scores_are_numbers(run: Command, tmp_path: Path) -> None:
    folder = tmp_path / "stars"
    model, tokenizer = build("bert", n_labels=1, problem_type="regression")
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    file = tmp_path / "reviews.csv"
    file.write_text("text,stars\na good film,4.5\na bad film,2\na film,\n", encoding="utf-8")
    arguments = ("run", str(file), "--label-column", "stars", "--model", str(folder), "--out", "-")
    done = run(*arguments, "--method", "leave-one-out")
    assert done.code == 0
    lines = lines_of(done.out)
    assert [line.get("label") for line in lines] == [4.5, 2.0, None]
    assert [(line["answer"]["kind"], line["labels"]) for line in lines] == [("scores", ["score"])] * 3
    file.write_text("text,stars\na good film,many\n", encoding="utf-8")
    done = run(*arguments)
    assert done.code == 2
    assert "the column stars is not of the model's scores: a label must be a number" in done.err
