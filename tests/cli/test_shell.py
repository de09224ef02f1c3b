"""The command in a newcomer's hands: mistyped words, long texts, help, outputs that close or fill up meanwhile."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from toys.command import Command, refused

import elision
from elision import cli
from elision.cli.words import quoted

TEXT = "a good film"
COMMANDS = sorted(cli.cli.commands)




@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("explain", "a", "fine", "film"), 'quote the text: elision explain "a fine film"'),
        (("explain", "a", "--top", "3", "film"), 'quote the text: elision explain "a film"'),
        (("compare", "a", "fine", "film"), 'quote the text: elision compare "a fine film"'),
        (("explain", "for", "$5", "only"), "quote the text: elision explain 'for $5 only'"),
        (
            ("explain", "a", "film", "--pair", "two", "cats", "play", "--seed", "1"),
            'quote each text: elision explain "a film" --pair "two cats play"',
        ),
        (
            ("explain", "a film", "--pair", "two", "cats"),
            'quote each text: elision explain "a film" --pair "two cats"',
        ),
        (
            ("explain", "-1", "star", "only"),
            'No such option -1; a text that begins with - comes after --: elision explain -- "-1 star only"',
        ),
        (
            ("explain", "--method", "lime", "-1 star"),
            'No such option -1; a text that begins with - comes after --: elision explain -- "-1 star"',
        ),
        (
            ("explain", "--bad"),
            'No such option --bad; a text that begins with - comes after --: elision explain -- "--bad"',
        ),
        (
            ("compare", "--budge that film"),
            'No such option --budge; a text that begins with - comes after --: elision compare -- "--budge that film"',
        ),
        (
            ("explain", TEXT, "-z"),
            "No such option -z; elision explain --help lists all; a text that begins with - comes after --",
        ),
        ((TEXT,), 'say what to do with the text: elision explain "a good film"'),
    ],
)
def test_a_text_that_is_not_quoted_is_told_how_it_is_typed(
    run: Command, arguments: tuple[str, ...], message: str
) -> None:
    assert refused(run(*arguments)) == message


def test_what_the_hint_says_works(run: Command) -> None:
    for text in ("-1 good film", "--bad"):
        outcome = run("explain", "--model", run.classifier, "--method", "leave-one-out", "--json", "-", "--", text)
        assert elision.Explanation.from_json(outcome.out).example == text
    wanted = 'options come before --: elision explain --method lime -- "-1 star"'
    assert refused(run("explain", "--", "-1 star", "--method", "lime")) == wanted


def test_a_quoted_text_is_one_word_of_the_shell() -> None:
    for text in ("a fine film", "it's $HOME `now`", 'say "no" \\', "!!"):
        found = subprocess.run(["sh", "-c", f"printf %s {quoted(text)}"], capture_output=True, text=True, check=True)
        assert found.stdout == text


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (("explian", TEXT), "'explain'"),
        (("help", "trian"), "'train'"),
        (("explain", TEXT, "--mehtod", "lime"), "--method"),
        (("explain", "--mehtod", "lime"), "--method"),
        (("train", "--epoch", "3"), "--epochs"),
        (("explain", TEXT, "--method", "lmie"), "'lime'"),
        (("explain", TEXT, "--method", "LIME"), "'lime'"),
        (("explain", TEXT, "--method", "lime", "--removal", "maks"), "'mask'"),
        (("explain", TEXT, "--removal", "maks"), "'mask'"),
        (("explain", TEXT, "--method", "lime", "--behaviour", "prob"), "'probability'"),
        (("explain", TEXT, "--method", "group-masks", "--solver", "exakt"), "'exact'"),
        (("explain", TEXT, "--method", "shapley", "--estimator", "krnel"), "'kernel'"),
        (("explain", TEXT, "--method", "lime", "--units", "words"), "'word'"),
        (("explain", TEXT, "--original", "exclud"), "'exclude'"),
        (("explain", TEXT, "--model", "builtin:sentimen"), "'builtin:sentiment'"),
        (("compare", TEXT, "--methods", "lime,shaply"), "'shapley'"),
        (("evaluate", "FILE", "--metrics", "aop"), "'aopc'"),
        (("evaluate", "FILE", "--metrics", "aopc@maks"), "'mask'"),
        (("evaluate", "FILE", "--methods", "lime@maks"), "'mask'"),
        (("evaluate", "FILE", "--test", "wilcoxn"), "'wilcoxon'"),
        (("train", "lstn", "--data", "x", "--out", "y"), "'lstm'"),
        (("train", "lstm", "--data", "sst", "--out", "y"), "'sst2'"),
        (("study", "im-tabel2"), "'im-table2'"),
        (("study", "im-table2", "--model", "sst2-lsmt=x"), "'sst2-lstm'"),
    ],
)
def test_what_was_probably_meant_is_named(
    run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], meant: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("FILE").write_text("a good film\na bad film\n")
    assert f": did you mean {meant}?" in refused(run(*arguments))


def test_a_file_without_a_name_is_refused(run: Command) -> None:
    message = refused(run("explain", "--file", ""))
    assert message == "--file must name a file, or be - for standard input; got ''"


def test_help_and_version_are_commands(run: Command) -> None:
    assert run("version") == (0, f"elision {elision.__version__}\n", "")
    assert run("help") == run("--help") == run()
    for name in COMMANDS:
        assert run("help", name) == run(name, "--help")


@pytest.mark.parametrize("columns", ["60", "80"])
def test_summaries_of_commands_are_whole(run: Command, monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    lines = run("help").out.split("Commands:\n")[1].split("\n\n")[0].splitlines()
    assert [line.split()[0] for line in lines] == COMMANDS
    assert all(line.endswith(".") and not line.endswith("...") for line in lines)
    assert max(map(len, lines)) <= int(columns)


@pytest.mark.parametrize(
    "arguments",
    [
        ("explain", "{}", "more"),
        ("explain", "--{}"),
        ("explain", "--file", "{}"),
        ("{}",),
        ("--{}",),
        ("help", "{}"),
        ("explain", TEXT, "--pair", "b", "--target", "{}"),
        ("explain", TEXT, "--k", "{}"),
        ("explain", TEXT, "--k={}"),
        ("explain", TEXT, "--method", "{}"),
        ("explain", TEXT, "--removal", "{}"),
        ("explain", TEXT, "--model", "{}"),
        ("explain", TEXT, "--json", "{}"),
        ("explain", TEXT, "--likelihood", "{}"),
        ("report", "{}", "out.html"),
        ("evaluate", "{}"),
        ("train", "lstm", "--data", "{}", "--out", "out"),
        ("train", "lstm", "--data", "sst2", "--out", "{}"),
        ("study", "{}"),
        ("study", "im-table1", "--data", "{}"),
    ],
)
@pytest.mark.parametrize("word", ["good film ", "goodfilm"])
def test_messages_do_not_repeat_a_long_text(
    run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], word: str
) -> None:
    monkeypatch.chdir(tmp_path)
    own = [argument.format(word * 5000) for argument in arguments]
    message = refused(run(*own, *(("--model", run.classifier) if "--k" in own or "--target" in own else ())))
    assert len(message) < 400
    assert sum(part.count("film") for part in [message]) <= 12


def test_outputs_that_cannot_be_are_refused_first(
    run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for outputs, message in (
        (("--json", ""), "cannot write '': give a file's name, or - for standard output"),
        (
            ("--json", "a", "--html", "./a"),
            "--json and --html can't both be a; give one of them another file",
        ),
        (
            ("--json", "-", "--html", "-"),
            "--json and --html can't both be standard output; give one of them another file",
        ),
    ):
        assert refused(run.explain(TEXT, *outputs)) == message
    assert not list(tmp_path.iterdir())
    Path("FILE").write_text("a good film\na bad film\n")
    wanted = "--csv and --json can't both be a; give one of them another file"
    assert refused(run("evaluate", "FILE", "--csv", "a", "--json", "a")) == wanted
    for command, text, flag in (
        ("compare", TEXT, "--methods"),
        ("evaluate", "FILE", "--methods"),
        ("evaluate", "FILE", "--metrics"),
    ):
        wanted = f"{flag} must be at least one name, or several with commas between, got ' ,'"
        assert refused(run(command, text, flag, " ,")) == wanted


def shell(line: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a line of the shell in which $E is the command, and $M the tiny classifier."""
    own = os.environ | {"E": f"{sys.executable} -m elision", "M": str(folder / "classifier")} | environment
    return subprocess.run(["sh", "-c", line], env=own, capture_output=True, check=False, stdin=subprocess.DEVNULL)


EXPLAIN = '$E explain "a good film" --method leave-one-out --model $M'


@pytest.mark.parametrize("command", [EXPLAIN, f"{EXPLAIN} --json -", "$E version", "$E help", "$E methods"])
def test_standard_output_that_is_closed_ends_with_one_line(commands_folder: Path, command: str) -> None:
    done = shell(f"{command} >&-", commands_folder)
    assert (done.returncode, done.stderr) == (2, b"elision: cannot write to standard output: it is closed\n")


def test_what_prints_nothing_needs_no_standard_output(commands_folder: Path, tmp_path: Path) -> None:
    done = shell(f"{EXPLAIN} --quiet --json {tmp_path / 'out.json'} >&-", commands_folder)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("command", ["$E", "$E --help", "$E help train", "$E --version", "$E version", "$E methods"])
def test_help_on_a_full_disk_ends_with_one_line(commands_folder: Path, command: str) -> None:
    done = shell(f"{command} > /dev/full", commands_folder)
    assert done.stderr == b"elision: cannot write to standard output: No space left on device\n"
    assert done.returncode == 2


@pytest.mark.parametrize("command", ["$E help", "$E --help", "$E methods", EXPLAIN])
def test_a_reader_that_has_gone_away_is_no_error(commands_folder: Path, command: str) -> None:
    assert shell(f"{command} | true", commands_folder).stderr == b""


@pytest.mark.parametrize("kind", ["json", "html"])
def test_what_is_written_to_a_pipe_is_utf_8_under_every_code_page(commands_folder: Path, kind: str) -> None:
    line = f"{EXPLAIN.replace('good', 'naïve → good')} --{kind} -"
    done = shell(line, commands_folder, PYTHONIOENCODING="cp1252", PYTHONUTF8="0")
    assert (done.returncode, done.stderr) == (0, b"")
    assert "naïve → good" in done.stdout.decode("utf-8") or "naïve" in done.stdout.decode("utf-8")
