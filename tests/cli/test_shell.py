"""The command in a newcomer's hands: mistyped words, the shell's words in errors, what closes or fills up meanwhile."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np
import pytest
from toys.command import Command, Outcome

import elision
from elision import cli
from elision.cli.words import flags_of, in_shell, quoted
from elision.errors import brief, did_you_mean, nearest
from elision.views.abridged import abridged

TEXT = "a good film"
COMMANDS = sorted(cli.cli.commands)


def refused(outcome: Outcome) -> str:
    """Return the one line with which a user's mistake ends."""
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert outcome.err.startswith("elision: ")
    return outcome.err.removeprefix("elision: ").rstrip("\n")


# --- texts that are not quoted


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


# --- did you mean


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


def test_python_says_what_was_probably_meant_after_what_is_allowed() -> None:
    with pytest.raises(elision.OptionError, match=r"^method must be .*, random; got 'lmie': did you mean 'lime'\?$"):
        elision.explain(TEXT, method="lmie")
    with pytest.raises(elision.OptionError, match=r"^metric must be .*, auprc; got 'aop': did you mean 'aopc'\?$"):
        elision.metrics.compare("builtin:sentiment", [TEXT], ["random"], ["aop"])
    found = elision.explain(TEXT, method="random")
    with pytest.raises(elision.TargetError, match=r"it has negative, positive: did you mean 'positive'\?$"):
        found.scores_for("positiv")
    with pytest.raises(elision.TargetError, match=r"it has negative, positive: did you mean 'positive'\?$"):
        elision.explain(TEXT, method="random", target="positiv")
    assert found.scores_for(found.target.upper()) is found.scores


def test_words_that_are_near() -> None:
    words = ("log_odds", "probability", "log_probability", "logit")
    assert nearest("Log-Odds", words) == "log_odds"
    assert nearest("prob", words) == "probability"
    assert [nearest(value, words) for value in ("mood", "", " ", None, 3, ["logit"], "x" * 10**6)] == [None] * 7
    assert nearest("lo", words) is None
    assert nearest("YES", ("Yes", "yes")) is None
    assert nearest("builtin:weather", ("builtin:sentiment", "builtin:nli")) is None
    assert nearest("builtin:sentimen", ("builtin:sentiment", "builtin:nli")) == "builtin:sentiment"
    assert did_you_mean("logits", words) == ": did you mean 'logit'?"
    assert did_you_mean("mood", words) == ""


# --- the shell's words


WRONG = {
    "--pair": ("",),
    "--likelihood": ("./nowhere",),
    "--method": ("magic",),
    "--explainer": (".",),
    "--removal": ("burn",),
    "--behaviour": ("mood",),
    "--k": ("0", "--method", "group-masks"),
    "--groups": ("0", "--method", "group-masks"),
    "--solver": ("burn", "--method", "group-masks"),
    "--estimator": ("burn", "--method", "shapley"),
    "--samples": ("0", "--method", "lime"),
    "--units": ("letter", "--method", "lime"),
    "--dtype": ("float31",),
    "--palette": ("grey",),
    "--tolerance": ("0",),
    "--threshold": ("2",),
    "--original": ("burn",),
    "--budget": ("0", "--method", "lime"),
    "--seed": ("-1", "--method", "lime"),
    "--top": ("0",),
    "--set": ("kernel_width=0", "--method", "lime"),
}
SHOWN = {
    "--view": ("nothing",),
    "--file": ("missing.txt",),
    "--model": ("./nowhere",),
    "--target": ("great",),
    "--json": ("no/where.json",),
    "--html": ("no/where.html",),
    "--likelihood": ("./nowhere",),
    "--pair": ("",),
}
"""What is refused by its value, which says which option is meant."""


def test_each_option_that_takes_a_value_is_walked_through() -> None:
    given = {max(o.opts, key=len) for o in cli.explain.params if isinstance(o, click.Option) and not o.is_flag}
    assert {*WRONG, *SHOWN} >= given


@pytest.mark.parametrize("flag", [*WRONG, *SHOWN])
def test_a_wrong_value_of_an_option_is_refused_in_the_words_of_the_shell(run: Command, flag: str) -> None:
    value, *others = {**WRONG, **SHOWN}[flag]
    text = () if flag == "--file" else (TEXT,)
    model = () if flag == "--model" else ("--model", run.classifier)
    message = refused(run("explain", *text, flag, value, *others, *model))
    assert flag in message if flag not in SHOWN else repr(value)[1:-1] in message
    assert not re.search(r"\b(n_samples|n_groups|\w+=)", without_settings(message.replace("in Python: ", "")))


def without_settings(message: str) -> str:
    """Return a message without the options that it says as `--set name=...`."""
    return re.sub(r"--set \w+=\S+", "--set", message)


def messages() -> Iterator[tuple[str, str]]:
    """Yield each message that the library raises, with its file's name; what is filled in is 7."""
    for file in sorted(Path(elision.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
                said = node.exc.args[0]
                parts = said.values if isinstance(said, ast.JoinedStr) else [said]
                text = "".join(str(p.value) if isinstance(p, ast.Constant) else "7" for p in parts)
                if not file.name.startswith("cli"):
                    yield file.name, text


def test_no_message_of_the_library_asks_the_shell_for_pythons_words() -> None:
    found = list(messages())
    assert len(found) > 200
    of_python = [text for _, text in found if re.search(r"; .*(\w=(?!7)|[a-z]\()", text)]
    assert len(of_python) > 10
    for _, text in found:
        said = without_settings(in_shell(text, cli.explain))
        for clause in re.split(r"; ", said)[1:]:
            assert not re.search(r"[a-z]=|[a-z]\(", clause) or clause.startswith("in Python: ") or "in Python" in said
        for name in ("n_samples", "n_groups", "json_file"):
            assert not re.search(rf"\b{name}\b(?!=)", said), said


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("n_samples must be at least 2, got 1", "--samples must be at least 2, got 1"),
        ("removal goes with method='lime' only", "--removal goes with --method lime only"),
        ("a budget of 7 is too small; raise it or lower k", "a budget of 7 is too small; raise it or lower --k"),
        ("shortlist names 7 units, but k is 3; leave k out", "shortlist names 7 units, but --k is 3; leave --k out"),
        (
            "the gradients are NaN; load it with no_such='x'",
            "the gradients are NaN; in Python: load it with no_such='x'",
        ),
        (
            "it has no vocabulary: give Uniform(words=[...])",
            "it has no vocabulary, in Python: give Uniform(words=[...])",
        ),
        ("fit it in Python first: L2X().fit(x)", "fit it in Python first: L2X().fit(x)"),
        ("the model has no class 'k'; it has target, budget", "the model has no class 'k'; it has target, budget"),
        ("solver='exact' asks for all 2^k subsets", "--solver exact asks for all 2^k subsets"),
        ("device 'tpu' cannot be used here", "device 'tpu' cannot be used here"),
        ("the model's budget 'k must be' isn't k", "the model's budget 'k must be' isn't --k"),
    ],
)
def test_messages_in_the_words_of_the_shell(message: str, said: str) -> None:
    assert in_shell(message, cli.explain) == said


def test_what_the_user_typed_is_no_message() -> None:
    for typed in ("f(k=3); k", "k.jsonl", "a k b", "--json=x/k.json", "budget must be"):
        own = typed.partition("=")[2] if typed.startswith("--") else typed
        assert in_shell(f"cannot read {own}: k must be 1", cli.explain, [typed]) == f"cannot read {own}: --k must be 1"


def test_flags_come_from_the_commands_own_options() -> None:
    assert flags_of(cli.explain)["n_samples"] == "--samples"
    assert flags_of(cli.cli.commands["compare"])["method"] == "--methods"
    assert flags_of(cli.cli.commands["train"])["size"] == "--embedding-size"
    assert flags_of(cli.cli.commands["train"])["name"] == "MODEL"
    assert in_shell("choose another, or replace it with overwrite=True", cli.cli.commands["train"]).endswith(
        "with --overwrite"
    )
    message = "use method='leave-one-out' with removal='pad'"
    assert in_shell(message, cli.cli.commands["evaluate"]) == "use leave-one-out@pad"
    assert in_shell(message, cli.explain) == "use --method leave-one-out with --removal pad"


def test_notes_are_in_the_words_of_the_shell_too(run: Command) -> None:
    arguments = ("--model", run.classifier, "--likelihood", "uniform", "--threshold", "1e-3")
    outcome = run("explain", "a meaningful film", *arguments)
    assert outcome.code == 0
    said = " ".join(outcome.out.split())
    assert "mind the bounds, lower --threshold or raise --budget; in Python: InputMarginalization(beam=" in said
    assert (
        "lower threshold or raise budget; InputMarginalization(beam="
        in elision.Explanation.from_json(run("explain", "a meaningful film", *arguments, "--json", "-").out).notes[0]
    )


# --- help


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


# --- long texts


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


def test_brief_keeps_both_ends() -> None:
    assert brief("x" * 60) == "x" * 60
    assert brief("a" * 500 + "end.txt") == f"{'a' * 30}...{'a' * 20}end.txt"


# --- long texts in full


def test_a_long_text_shows_the_words_that_weigh_most(run: Command, tmp_path: Path) -> None:
    file = tmp_path / "long.txt"
    file.write_text("a good film , not dull " * 18000)
    outcome = run.explain("--file", str(file))
    assert (outcome.code, outcome.err) == (0, "")
    assert len(outcome.out.splitlines()) < 80
    assert outcome.out.endswith("\nof 62 words the 40 that weigh most are shown; --all shows all\n")
    assert sum("│" in line for line in outcome.out.splitlines()) == 1 + 40
    few = run.explain("--file", str(file), "--top", "2").out
    assert len(few.splitlines()) < 20
    assert few.endswith("of the text, what stands around these words is shown; --all shows all\n")
    whole = run.explain("--file", str(file), "--all").out
    assert len(whole.splitlines()) > 4000
    assert "--all" not in whole
    assert "--all" not in run.explain(TEXT).out + run.explain(TEXT, "--top", "1").out
    assert refused(run.explain(TEXT, "--top", "2", "--all")) == "--top and --all exclude each other; leave one out"


def test_an_abridged_explanation_keeps_scores_and_places(run: Command) -> None:
    long = " ".join(f"good film number {i}, which is dull and not bad," for i in range(100))
    with pytest.warns(elision.ElisionWarning, match="the model reads 256 tokens"):
        explanation = elision.explain(long, method="leave-one-out")
    found = abridged(explanation, 7)
    strongest = sorted(np.argsort(-np.abs(explanation.scores), kind="stable")[:7].tolist())
    assert found.scores.tolist() == explanation.scores[strongest].tolist()
    assert [unit.text for unit in found.units] == [explanation.units[i].text for i in strongest]
    assert all(found.segments[0][unit.start : unit.end] == unit.text for unit in found.units)
    assert len(found.segments[0]) < 1000
    for piece in found.segments[0].split("…"):
        assert piece.strip() in long
    assert abridged(found, 7) is found


def test_an_abridged_pair_keeps_both_texts_and_its_groups(run: Command) -> None:
    pair = ("a good film " * 300, "not dull")
    with pytest.warns(elision.ElisionWarning, match="the model reads 64 tokens"):
        explanation = elision.explain(pair, model=run.classifier, method="group-masks", k=4)
    found = abridged(explanation, 5)
    assert len(found.units) == 5
    assert found.segments[1] == "not dull"
    assert len(found.segments[0]) < 2000
    for group, own in zip(found.groups, explanation.groups, strict=True):
        assert len(group.membership) == 5
        assert {unit.text for unit in group.units} == {unit.text for unit in own.units}
    assert str(found)


def test_one_word_as_long_as_a_book_is_cut() -> None:
    model = elision.load(lambda texts: [[0.2, 0.8]] * len(texts), labels=["bad", "good"])
    found = abridged(elision.explain("good" * 2000, model=model, method="leave-one-out"), 40)
    assert len(found.segments[0]) < 400
    assert found.segments[0][found.units[0].start : found.units[0].end] == found.units[0].text


# --- outputs


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


def test_why_a_row_was_not_explained_is_in_the_words_of_the_shell(run: Command, tmp_path: Path) -> None:
    file = tmp_path / "rows.txt"
    file.write_text("a good film with more words\na film\n")
    out = str(tmp_path / "run.jsonl")
    own = ("--method", "leave-one-out", "--budget", "4", "--model", run.classifier)
    outcome = run("run", str(file), "--out", out, *own)
    assert outcome.code == 3
    assert outcome.err.startswith("row 1: --budget must be at least 7, one evaluation a unit")


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
