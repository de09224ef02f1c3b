"""Mistakes at the command: one line and exit code 2 for each."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

import pytest
from toys.command import QUICK, Command, assert_one_line

from elision import cli
from elision.explainers import METHODS

TEXT = "a good film"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--k", "20", "--solver", "exact"),
            "--k must be at most 14 for --solver exact, which asks for all 2^k subsets; got 20",
        ),
        (("--groups", "9", "--k", "4"), "--groups must be at most 4, the units short-listed; got 9"),
        (
            ("--threshold", "0.1"),
            "--threshold goes with --method marginalization or --removal marginal only; "
            "elision methods group-masks lists its options",
        ),
        (("--solver", "values"), "--solver must be one of auto, exact, sampling; got 'values'"),
        (
            ("--solver", "sampling", "--removal", "drop"),
            "--solver sampling needs --removal zero, got 'drop'; --solver exact takes any",
        ),
    ],
)
def test_mistakes_of_group_masks_end_with_one_line(run: Command, arguments: tuple[str, ...], message: str) -> None:
    pair = ("the man plays guitar", "--pair", "a woman sings", "--method", "group-masks", "--model", run.classifier)
    assert_one_line(run("explain", *pair, *arguments), message)


EMPTY = "the text is empty: it must hold at least one visible character, got "


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("",), EMPTY + "''"),
        ((" \n",), EMPTY + "' \\n'"),
        ((), EMPTY + "''"),
        (("-",), EMPTY + "''"),
        ((TEXT, "--pair", ""), EMPTY.replace("text", "second text") + "''"),
        ((TEXT, "--pair", "\u200b"), EMPTY.replace("text", "second text") + "'\\u200b'"),
        (("bad \udcff",), "the text holds lone surrogates, which are no characters; decode it as UTF-8 first"),
        ((TEXT, "--target", "great"), "the model has no class 'great'; it has bad, so-so, good"),
        ((TEXT, "--target", "gr\neat\x1b"), "the model has no class 'gr\\neat\\x1b'; it has bad, so-so, good"),
        ((TEXT, "--target", ""), "the model has no class ''; it has bad, so-so, good"),
        ((TEXT, "--top", "0"), "--top must be at least 1, got 0"),
        ((TEXT, "--top", "-3"), "--top must be at least 1, got -3"),
        ((TEXT, "--budget", "0"), "--budget must be at least 1, got 0"),
        ((TEXT, "--budget", "3"), "--budget must be at least 4, one evaluation a unit and one for the text; got 3"),
        ((TEXT, "--seed", "-1"), "--seed must be at least 0, got -1"),
        (
            (TEXT, "--units", "letter"),
            "--units must be one of word, token; got 'letter'",
        ),
        (
            (TEXT, "--removal", "burn"),
            "--removal must be one of pad, zero, unk, mask, drop, delete, marginal; got 'burn'",
        ),
        (
            (TEXT, "--behaviour", "mood"),
            "--behaviour must be one of log_odds, probability, log_probability, logit, score, similarity; got 'mood'",
        ),
        (
            (TEXT, "--likelihood", "uniform"),
            "--likelihood goes with --method marginalization or --removal marginal only; "
            "elision methods leave-one-out lists its options",
        ),
        ((TEXT, "--file", "review.txt"), "give the text as an argument or with --file, not both"),
        (("-", "--file", "review.txt"), "give the text as an argument or with --file, not both"),
        (("--file", "missing.txt"), "cannot read missing.txt: No such file or directory"),
        (("--file", "two\n lines"), "cannot read two lines: No such file or directory"),
        (("--file", "."), "cannot read .: Is a directory"),
        ((TEXT, "--json", "nowhere/out.json"), "cannot write nowhere/out.json: its folder does not exist"),
        ((TEXT, "--json", "."), "cannot write .: it is a folder"),
    ],
)
def test_mistakes_end_with_one_line(
    run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert_one_line(run.explain(*arguments), message)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--bogus",), r"No such option:? '?--bogus'?"),
        (("--top", "many"), "Invalid value for '--top': 'many' is not a valid integer"),
        (("--top", "2.5"), r"Invalid value for '--top': '2\.5' is not a valid integer"),
        (("--threshold", "low"), "--threshold must be a number or none, got 'low'"),
        (("--target",), "Option '--target' requires an argument"),
    ],
)
def test_mistakes_of_usage_end_with_one_line(run: Command, arguments: tuple[str, ...], message: str) -> None:
    outcome = run("explain", TEXT, *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    # the wording is click's, and differs a little between its versions
    assert re.fullmatch(rf"elision: {message}\.?[^\n]*\n", outcome.err)


def test_an_unknown_command_ends_with_one_line(run: Command) -> None:
    outcome = run("explian", TEXT)
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert outcome.err == "elision: No such command 'explian': did you mean 'explain'? elision help lists all\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--method", "magic"),
            f"--method must be one of {', '.join(METHODS)}; got 'magic'",
        ),
        (
            ("--removal", "pad"),
            "marginalization has its own removal; use --method leave-one-out with --removal pad",
        ),
        (("--threshold", "1"), "--threshold must be less than 1, got 1.0"),
        (("--threshold", "-0.5"), "--threshold must be at least 0, got -0.5"),
        (("--threshold", "nan"), "--threshold must be at least 0, got nan"),
        (("--original", "burn"), "--original must be one of keep, exclude; got 'burn'"),
        (("--budget", "3"), "--budget must be at least 13 for a first look at 3 units; got 3"),
        (
            ("--budget", "3", "--threshold", "1e-5"),
            "--budget must be at least 4, one candidate a unit and one evaluation for the text; got 3",
        ),
    ],
)
def test_mistakes_of_marginalization_end_with_one_line(run: Command, arguments: tuple[str, ...], message: str) -> None:
    outcome = run("explain", TEXT, "--model", run.classifier, "--likelihood", "uniform", *arguments)
    if arguments[0] == "--method":
        outcome = run("explain", TEXT, "--model", run.classifier, *arguments)
    assert_one_line(outcome, message)


def test_models_that_are_none_end_with_one_line(run: Command) -> None:
    ways = "give a local folder, or leave the name out to use the built-in model"
    for name, message in (
        ("./nowhere", f"there is no model folder './nowhere'; {ways}"),
        ("", f"there is no model folder ''; {ways}"),
        ("nobody/nothing", f"no folder 'nobody/nothing' exists and no model hub can be reached; {ways}"),
        (
            str(run.folder / "empty"),
            f"the folder {str(run.folder / 'empty')!r} holds no model: it has no config.json",
        ),
    ):
        assert_one_line(run("explain", TEXT, "--model", name, *QUICK), message)
        assert_one_line(run("explain", TEXT, "--model", run.classifier, "--likelihood", name), message)


def test_models_with_the_wrong_head_end_with_one_line(run: Command) -> None:
    outcome = run("explain", TEXT, "--model", run.masked, *QUICK)
    assert outcome.err.startswith(f"elision: {run.masked!r} is no trained sequence classifier: it has no weights for ")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert_one_line(
        run("explain", TEXT, "--model", run.classifier, "--likelihood", run.classifier),
        f"{run.classifier!r} is no trained masked language model: it has no weights for cls.predictions.bias",
    )


def test_files_that_are_no_text_end_with_one_line(run: Command, tmp_path: Path) -> None:
    file = tmp_path / "latin.txt"
    file.write_bytes("caf\xe9".encode("latin-1"))
    assert_one_line(run.explain("--file", str(file)), f"{file} is not UTF-8 text: byte 3 is 0xe9")
    assert_one_line(run.explain(stdin=b"\xff\xfea"), "standard input is not UTF-8 text: byte 0 is 0xff")
    assert_one_line(run.explain("-", stdin=b"\xff\xfea"), "standard input is not UTF-8 text: byte 0 is 0xff")
    assert_one_line(run.explain("--file", "-", stdin=b"\xff\xfea"), "standard input is not UTF-8 text: byte 0 is 0xff")
    file.write_bytes(b" \r\n")
    assert_one_line(run.explain("--file", str(file)), EMPTY + "''")


def test_no_text_on_a_terminal_asks_for_one(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.TextIOWrapper):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "argv", ["elision", "explain"])
    monkeypatch.setattr(sys, "stdin", Terminal(io.BytesIO()))
    run._capfd.readouterr()
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert stop.value.code == 2
    assert run._capfd.readouterr().err == 'elision: give a text: elision explain "a deep and meaningful film ."\n'


def test_standard_input_that_is_closed_ends_with_one_line(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["elision", "explain", "--model", run.classifier, *QUICK])
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert stop.value.code == 2
    assert run._capfd.readouterr().err.count("\n") == 1
