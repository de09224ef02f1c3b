"""Messages in the shell's words: flags for options, names as they are typed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from toys.command import Command, refused

import elision
from elision import cli
from elision.cli.words import flags_of, in_shell

TEXT = "a good film"
EXPLAIN = cli.cli.commands["explain"]




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
    "--head": ("tanh",),
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


def test_each_option_that_takes_a_value_is_walked_through() -> None:
    given = {max(o.opts, key=len) for o in EXPLAIN.params if isinstance(o, click.Option) and not o.is_flag}
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
        said = without_settings(in_shell(text, EXPLAIN))
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
    assert in_shell(message, EXPLAIN) == said


def test_what_the_user_typed_is_no_message() -> None:
    for typed in ("f(k=3); k", "k.jsonl", "a k b", "--json=x/k.json", "budget must be"):
        own = typed.partition("=")[2] if typed.startswith("--") else typed
        assert in_shell(f"cannot read {own}: k must be 1", EXPLAIN, [typed]) == f"cannot read {own}: --k must be 1"


def test_flags_come_from_the_commands_own_options() -> None:
    assert flags_of(EXPLAIN)["n_samples"] == "--samples"
    assert flags_of(cli.cli.commands["compare"])["method"] == "--methods"
    assert flags_of(cli.cli.commands["train"])["size"] == "--embedding-size"
    assert flags_of(cli.cli.commands["train"])["name"] == "MODEL"
    assert in_shell("choose another, or replace it with overwrite=True", cli.cli.commands["train"]).endswith(
        "with --overwrite"
    )
    message = "use method='leave-one-out' with removal='pad'"
    assert in_shell(message, cli.cli.commands["evaluate"]) == "use leave-one-out@pad"
    assert in_shell(message, EXPLAIN) == "use --method leave-one-out with --removal pad"


def test_notes_are_in_the_words_of_the_shell_too(run: Command) -> None:
    arguments = ("--model", run.classifier, "--likelihood", "uniform", "--threshold", "1e-3")
    outcome = run("explain", "a meaningful film", *arguments)
    assert outcome.code == 0
    said = " ".join(outcome.out.split())
    assert "mind the bounds, lower --threshold, or raise --budget, --set beam=... or --set top_n=..." in said
    assert (
        "lower threshold, or raise budget, beam or top_n"
        in elision.Explanation.from_json(run("explain", "a meaningful film", *arguments, "--json", "-").out).notes[0]
    )


def test_why_a_row_was_not_explained_is_in_the_words_of_the_shell(run: Command, tmp_path: Path) -> None:
    file = tmp_path / "rows.txt"
    file.write_text("a good film with more words\na film\n")
    out = str(tmp_path / "run.jsonl")
    own = ("--method", "leave-one-out", "--budget", "4", "--model", run.classifier)
    outcome = run("run", str(file), "--out", out, *own)
    assert outcome.code == 3
    assert outcome.err.startswith("row 1: --budget must be at least 7, one evaluation a unit")
