"""The command: what it prints, where it writes, and one line with exit code 2 for each mistake."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from toys.command import QUICK, Command, Outcome

import elision
from elision import cli
from elision.explainers import METHODS
from elision.results.explanation import Explanation

TEXT = "a good film"


def test_the_text_as_an_argument(run: Command) -> None:
    outcome = run.explain(TEXT)
    expected = elision.explain(TEXT, model=run.classifier, method="leave-one-out")
    assert (outcome.code, outcome.err) == (0, "")
    assert [line.rstrip() for line in outcome.out.split("\n")[:9]] == str(expected).split("\n")[:9]
    assert (
        f"model {run.classifier.rsplit('/', 1)[-1]} · removal pad · computed in float32 · 4 evaluations" in outcome.out
    )


def test_the_text_from_a_file_standard_input_or_a_dash(run: Command, tmp_path: Path) -> None:
    file = tmp_path / "review.txt"
    file.write_bytes(b"\xef\xbb\xbf a good film\r\n\n")
    wanted = elision.explain(TEXT, model=run.classifier, method="leave-one-out").scores.tolist()
    for explanation in (
        run.explained("--file", str(file)),
        run.explained(stdin=b"a good film\n"),
        run.explained("-", stdin=b"  a good film"),
        run.explained("--file", "-", stdin=b"a good film"),
        run.explained(TEXT, stdin=b"something else"),
    ):
        assert explanation.example == TEXT
        assert explanation.scores.tolist() == pytest.approx(wanted, abs=1e-12)


def test_text_beyond_ascii_from_standard_input(run: Command) -> None:
    assert run.explained(stdin="a good naïve film \U0001f600".encode()).example == "a good naïve film \U0001f600"


def test_marginalization_is_the_default(run: Command) -> None:
    arguments = ("explain", TEXT, "--model", run.classifier, "--likelihood", run.masked, "--threshold", "0.01")
    outcome = run(*arguments, "--json", "-", "--original", "exclude", "--seed", "7")
    explanation = Explanation.from_json(outcome.out)
    expected = elision.explain(
        TEXT, model=run.classifier, likelihood=run.masked, threshold=0.01, original="exclude", seed=7
    )
    assert explanation.scores.tolist() == pytest.approx(expected.scores.tolist(), abs=1e-9)
    record = explanation.provenance
    assert (record["method"], record["seed"]) == ("marginalization", 7)
    assert (record["removal"]["threshold"], record["removal"]["original"]) == (0.01, "exclude")


def test_a_pair(run: Command) -> None:
    explanation = run.explained("the man plays", "--pair", "a woman sings")
    assert explanation.example == ("the man plays", "a woman sings")
    assert [unit.segment for unit in explanation.units] == [0, 0, 0, 1, 1, 1]


@pytest.mark.parametrize(
    ("arguments", "path", "value"),
    [
        (("--target", "so-so"), ("target",), "so-so"),
        (("--units", "token"), ("provenance", "units"), "token"),
        (("--removal", "unk"), ("provenance", "removal", "name"), "unk"),
        (("--behaviour", "logit"), ("provenance", "behaviour", "name"), "logit"),
        (("--budget", "4"), ("provenance", "budget"), 4),
        (("--seed", "5"), ("provenance", "seed"), 5),
    ],
)
def test_options_reach_the_library(run: Command, arguments: tuple[str, str], path: tuple[str, ...], value: Any) -> None:
    found: Any = run.explained("a meaningful film", *arguments).to_dict()
    for name in path:
        found = found[name]
    assert found == value


def test_a_tolerance_in_place_of_a_threshold(run: Command) -> None:
    arguments = ("explain", TEXT, "--model", run.classifier, "--likelihood", run.masked, "--tolerance", "0.5")
    outcome = run(*arguments)
    assert (outcome.code, outcome.err) == (0, "")
    assert "±" in outcome.out
    assert Explanation.from_json(run(*arguments, "--json", "-").out).provenance["settings"]["tolerance"] == 0.5
    assert_one_line(
        run(*arguments, "--threshold", "0.1"),
        "--tolerance goes without --threshold: it takes all candidates into account",
    )


def test_group_masks_of_a_pair(run: Command) -> None:
    pair = ("the man plays guitar", "--pair", "a woman sings", "--method", "group-masks", "--model", run.classifier)
    outcome = run("explain", *pair, "--k", "4", "--groups", "2", "--solver", "exact", "--removal", "mask")
    assert (outcome.code, outcome.err) == (0, "")
    assert "group  importance  loss  words of text 1" in outcome.out
    assert "4 of 7 units are short-listed" in outcome.out
    explanation = Explanation.from_json(run("explain", *pair, "--k", "4", "--groups", "2", "--json", "-").out)
    assert len(explanation.groups) == 2
    assert len(explanation.provenance["solution"]["units"]) == 4
    assert run("explain", *pair[:-4], "--method", "word-masks", "--model", run.classifier, "--quiet").code == 0


def test_white_box_methods(run: Command) -> None:
    for method in ("saliency", "input-x-gradient", "integrated-gradients", "gradient-shap", "deep-lift", "attention"):
        outcome = run("explain", TEXT, "--method", method, "--model", run.classifier)
        assert (outcome.code, outcome.err) == (0, ""), method
        assert method in outcome.out
    assert "information, bits" in run("explain", TEXT, "--method", "iba", "--model", run.classifier).out
    assert_one_line(
        run("explain", TEXT, "--method", "saliency", "--model", run.classifier, "--removal", "pad"),
        "--removal does not go with --method saliency, but with 'group-masks', 'word-masks', 'lime', "
        "'shapley', 'leave-one-out'; elision methods saliency lists its options",
    )


def test_l2x_from_a_folder(run: Command, tmp_path: Path) -> None:
    folder = tmp_path / "fitted"
    elision.L2X(n_epochs=1).fit(run.classifier, [TEXT, "a bad film"]).save(folder)
    outcome = run("explain", TEXT, "--method", "l2x", "--explainer", str(folder), "--model", run.classifier)
    assert (outcome.code, outcome.err) == (0, "")
    assert "probability of being chosen" in outcome.out
    assert_one_line(
        run("explain", TEXT, "--method", "l2x", "--model", run.classifier),
        "--method l2x needs --explainer FOLDER; fit it in Python first: "
        'elision.L2X().fit("MODEL", texts).save("FOLDER")',
    )
    assert_one_line(
        run("explain", TEXT, "--explainer", str(folder), "--model", run.classifier),
        "--explainer goes with --method l2x, got marginalization",
    )


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


def test_token_units_cut_words(run: Command) -> None:
    assert len(run.explained("a meaningful film").units) == 3
    assert len(run.explained("a meaningful film", "--units", "token").units) > 3


def test_json_to_a_file_beside_the_view_or_alone(run: Command, tmp_path: Path) -> None:
    file = tmp_path / "out.json"
    outcome = run.explain(TEXT, "--json", str(file))
    assert outcome.code == 0
    assert "score" in outcome.out
    assert Explanation.from_json(file.read_text(encoding="utf-8")).example == TEXT
    assert file.read_text(encoding="utf-8").endswith("}\n")
    assert run.explain("a dull film", "--json", str(file), "--quiet") == (0, "", "")
    assert Explanation.from_json(file.read_text(encoding="utf-8")).example == "a dull film"


def test_json_to_standard_output_is_nothing_but_json(run: Command) -> None:
    for arguments in ((), ("--quiet",), ("--top", "1")):
        assert json.loads(run.explain(TEXT, "--json", "-", *arguments).out)["segments"] == [TEXT]


def test_quiet_prints_nothing(run: Command) -> None:
    assert run.explain(TEXT, "--quiet") == (0, "", "")


def test_top_shows_so_many_words(run: Command) -> None:
    table = (
        run.explain("a good film , well made", "--top", "2").out.split("score\n")[1].split("without it:")[0].rstrip()
    )
    assert len(table.split("\n")) == 2


def test_a_text_that_was_cut_is_a_note_and_no_warning(run: Command) -> None:
    outcome = run.explain("a good film " * 40, "--top", "1")
    assert (outcome.code, outcome.err) == (0, "")
    assert "note: the model reads 64 tokens; the text after them is left out" in outcome.out


def test_escapes_in_a_text_do_not_reach_the_terminal(run: Command) -> None:
    outcome = run.explain("a \x1b[31mgood\x1b]0;title\x07 film\x9b2J")
    assert outcome.code == 0
    assert not set(outcome.out) & set("\x1b\x07\x9b")


def assert_one_line(outcome: Outcome, message: str) -> None:
    """Assert that a run failed as a user's mistake does."""
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == f"elision: {message}\n"


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


def test_a_json_file_without_permission_ends_with_one_line(
    run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    unread = sys.modules["elision.cli.explain"]
    monkeypatch.setattr(unread, "read_text", lambda text, file: pytest.fail("the file was not checked first"))
    file = str(tmp_path / "out.json")
    assert_one_line(run.explain(TEXT, "--json", file), f"cannot write {file}: no permission")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_ends_with_one_line(run: Command) -> None:
    outcome = run.explain(TEXT, "--json", "/dev/full", "--quiet")
    assert_one_line(outcome, "cannot write /dev/full: No space left on device")


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


def test_interrupting_ends_with_130_and_one_line(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: Any, **options: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr("elision.api.explain", interrupted)
    assert run.explain(TEXT) == (130, "", "elision: interrupted\n")


def test_help_and_version(run: Command) -> None:
    for arguments in (("--help",), ("-h",), ("explain", "--help"), ("explain", "-h")):
        outcome = run(*arguments)
        assert (outcome.code, outcome.err) == (0, "")
        assert outcome.out.startswith("Usage: ")
        assert '  elision explain "a deep and meaningful film ."\n' in outcome.out
    assert run("--version") == (0, f"elision {elision.__version__}\n", "")


def test_no_command_shows_the_help(run: Command) -> None:
    outcome = run()
    assert outcome.code in (0, 2)
    assert "Commands:" in outcome.out + outcome.err


def test_a_stream_that_cannot_write_bars_still_gets_the_scores(commands_folder: Path) -> None:
    """A pipe on Windows takes cp1252, one in the C locale ASCII."""
    command = [
        sys.executable,
        "-m",
        "elision",
        "explain",
        "a good naïve film",
        "--model",
        str(commands_folder / "classifier"),
    ]
    done = subprocess.run(
        [*command, *QUICK],
        env=os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"score" in done.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("options", [[], ["--json", "-"]])
def test_standard_output_on_a_full_disk_ends_with_one_line(commands_folder: Path, options: list[str]) -> None:
    command = [
        sys.executable,
        "-m",
        "elision",
        "explain",
        "a good film",
        "--model",
        str(commands_folder / "classifier"),
    ]
    with open("/dev/full", "w") as full:
        done = subprocess.run([*command, *QUICK, *options], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    line = "elision: cannot write to standard output: No space left on device\n"
    assert (done.returncode, done.stderr) == (2, line)


MAIN = """
sys.argv = ["elision", {}]
try:
    elision.cli.entry.main()
except SystemExit:
    pass
"""
IMPORTS = """
import sys, {module}
{action}
print(sorted({{"torch", "transformers", "numpy", "rich", "huggingface_hub"}} & set(sys.modules)), file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("module", "action"),
    [
        ("elision", "dir(elision), elision.__version__, elision.ElisionError, elision.Unit"),
        ("elision.cli.entry", MAIN.format('"--help"')),
        ("elision.cli.entry", MAIN.format('"explain", "--help"')),
        ("elision.cli.entry", MAIN.format('"explain", "a film", "--top", "0"')),
    ],
)
def test_nothing_heavy_is_imported_before_it_is_needed(module: str, action: str) -> None:
    code = IMPORTS.format(module=module, action=action)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip().split("\n")[-1] == "[]"


def test_python_dash_m_is_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "elision", "--version"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"elision {elision.__version__}\n", "")
