"""`--set` on the command line: types, labels, what is refused; the lists of what there is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from toys.command import Command, Outcome

from elision import cli
from elision.cli.settings import read_settings, read_settings_of_each
from elision.cli.words import in_shell
from elision.results.explanation import Explanation

TEXT = "a good film"


def line(outcome: Outcome) -> str:
    """Return the one line of a mistake."""
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    return outcome.err.removeprefix("elision: ").rstrip("\n")


def test_settings_and_flags_are_typed_by_the_method() -> None:
    found = read_settings("lime", ["kernel-width=3", "n_features=none"], {"n_samples": "50", "removal": None})
    assert found == {"kernel_width": 3.0, "n_features": None, "n_samples": 50}
    assert isinstance(found["kernel_width"], float)
    marginal = read_settings("shapley", ["removal=marginal", "n_draws=4", "order=1,0"], {})
    assert marginal == {"removal": "marginal", "n_draws": 4, "order": (1, 0)}
    assert read_settings("nothing", ["a=1"], {}) == {"a": "1"}


def test_settings_of_several_methods_and_metrics() -> None:
    found = read_settings_of_each(
        ["lime", "shapley@marginal", "random"],
        ["n_samples=50", "lime.alpha=0", "n_draws=3", "aopc.n_units=2"],
        ["aopc", "degradation"],
    )
    assert found == {
        "lime": {"n_samples": 50, "alpha": 0.0},
        "shapley@marginal": {"n_samples": 50, "n_draws": 3},
        "random": {},
        "aopc": {"n_units": 2},
        "degradation": {},
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--set", "alpha"), "--set must be NAME=VALUE, got 'alpha'"),
        (("--set", "=3"), "--set must be NAME=VALUE, got '=3'"),
        (("--set", "alpha=1", "--set", "alpha=2"), "--set alpha=... must be given once, not twice"),
        (("--samples", "9", "--set", "n_samples=9"), "--samples must be given once, not twice"),
        (("--set", "alpha=much"), "--set alpha=... must be a number, got 'much'"),
        (("--set", "alpha=-1"), "--set alpha=... must be at least 0, got -1.0"),
        (("--samples", "2.5"), "--samples must be a whole number or none, got '2.5'"),
        (
            ("--set", "alhpa=1"),
            "lime has no option 'alhpa'; elision methods lime lists its options: did you mean 'alpha'?",
        ),
        (
            ("--set", "n_steps=3"),
            "--set n_steps=... does not go with --method lime, but with 'integrated-gradients', 'iba'; "
            "elision methods lime lists its options",
        ),
        (
            ("--removal", "drop+msak"),
            "--removal must be one of pad, zero, unk, mask, drop, delete, marginal; got 'msak': did you mean 'mask'?",
        ),
        (
            ("--removal", "mask+drop+mask"),
            "--removal must name each of several once, got 'mask+drop+mask'; leave out one mask",
        ),
        (
            ("--set", "n_draws=3"),
            "--set n_draws=... goes with --removal marginal only; elision methods lime lists its options",
        ),
    ],
)
def test_mistakes_in_explain(run: Command, arguments: tuple[str, ...], message: str) -> None:
    assert line(run("explain", TEXT, "--method", "lime", "--model", run.classifier, *arguments)) == message


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("liem.alpha=1", "--set liem.alpha: METHOD must be one of lime, random; got 'liem': did you mean 'lime'?"),
        (
            "n_steps=1",
            "--set n_steps=... does not go with lime, random; elision methods METHOD lists what a method has: did you "
            "mean 'n_samples'?",
        ),
        (
            "random.alpha=1",
            "--set alpha=... does not go with --methods random, but with 'lime'; elision methods random lists its "
            "options",
        ),
    ],
)
def test_mistakes_in_compare(run: Command, settings: str, message: str) -> None:
    found = line(run("compare", TEXT, "--methods", "lime,random", "--model", run.classifier, "--set", settings))
    assert found == message


def test_compare_takes_options_of_one_and_of_all(run: Command, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    arguments = ("compare", TEXT, "--methods", "lime,shapley,random", "--model", run.classifier, "--html", str(page))
    plain = run(*arguments, "--set", "n_samples=40", "--set", "lime.kernel_width=2")
    assert (plain.code, plain.err) == (0, "")
    assert "lime: weights of a local linear model; 8 evaluations" in plain.out
    other = run(*arguments, "--set", "n_samples=40", "--set", "lime.kernel_width=200")
    rows = [re.findall(r"^good +(\S+) +(\S+) +(\S+)$", shown.out, re.MULTILINE)[0] for shown in (plain, other)]
    assert rows[0][0] != rows[1][0]
    assert rows[0][1:] == rows[1][1:]


def test_names_of_methods_and_metrics_choose_several_removals(run: Command, tmp_path: Path) -> None:
    methods = ("compare", TEXT, "--methods", "lime@mask+delete,lime@mask", "--model", run.classifier)
    both = run(*methods, "--set", "lime@mask+delete.n_samples=30")
    assert (both.code, both.err) == (0, "")
    assert "A  lime@mask+delete: weights of a local linear model; 15 evaluations" in both.out
    assert "B  lime@mask: weights of a local linear model; 0 evaluations" in both.out
    file, out = tmp_path / "texts.txt", tmp_path / "table.json"
    file.write_text("a good film\na bad film\n", encoding="utf-8")
    arguments = ("evaluate", str(file), "--methods", "lime@mask+delete", "--metrics", "aopc@mask,aopc@mask+delete")
    done = run(*arguments, "--json", str(out), "--model", run.classifier, "--quiet")
    assert (done.code, done.err) == (0, "")
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["metrics"]["aopc@mask+delete"]["removal"]["name"] == "mask+delete"
    assert {row["metric"] for row in found["rows"] if row["shared"] and row["method"] == "lime@mask+delete"} == {
        "aopc@mask",
        "aopc@mask+delete",
    }


def test_run_takes_options(run: Command, tmp_path: Path) -> None:
    file = tmp_path / "texts.txt"
    file.write_text("a good film\na bad film\n", encoding="utf-8")
    arguments = ("run", str(file), "--out", "-", "--quiet", "--method", "lime", "--model", run.classifier)
    done = run(*arguments, "--set", "n_samples=30", "--set", "alpha=0.5")
    assert (done.code, done.err) == (0, "")
    settings = [Explanation.from_json(own).provenance["settings"] for own in done.out.splitlines()]
    assert [(own["n_samples"], own["alpha"]) for own in settings] == [(30, 0.5), (30, 0.5)]


def test_evaluate_takes_options_of_methods_and_metrics(run: Command, tmp_path: Path) -> None:
    file, out = tmp_path / "texts.txt", tmp_path / "table.json"
    file.write_text("a good film\na bad film\n", encoding="utf-8")
    arguments = ("evaluate", str(file), "--methods", "lime@mask", "--metrics", "aopc,aopc@mask", "--quiet")
    settings = ("--set", "lime@mask.n_samples=30", "--set", "aopc@mask.n_units=2")
    done = run(*arguments, *settings, "--json", str(out), "--model", run.classifier)
    assert (done.code, done.err) == (0, "")
    found = json.loads(out.read_text(encoding="utf-8"))
    assert [found["metrics"][name]["settings"]["n_units"] for name in ("aopc", "aopc@mask")] == [10, 2]
    assert {row["method"] for row in found["rows"]} == {"lime@mask", "leave-one-out", "random"}


def test_a_fitted_method_is_not_run_unfitted(run: Command, tmp_path: Path) -> None:
    file = tmp_path / "texts.txt"
    file.write_text("a good film\n", encoding="utf-8")
    said = line(run("run", str(file), "--out", "-", "--method", "l2x", "--model", run.classifier))
    assert said == "--method l2x must be fitted first; in Python: elision.L2X().fit(model, texts).iter(...)"


@pytest.mark.parametrize(
    ("arguments", "there"),
    [
        (("methods", "iba"), "layer          a whole number, a name or none  none"),
        (("methods", "random"), "seed    a whole number  0"),
        (("removals", "pad"), "It has no options."),
        (("removals", "drop+mask"), "drop+mask: several removals, their answers averaged"),
        (("removals",), "Several at once stand with + between, as in --removal drop+mask+delete"),
        (("removals", "marginal"), "Say them beside --removal marginal by --set NAME=VALUE"),
        (("metrics", "comprehensiveness"), "0.01,0.05,0.1,0.2,0.5"),
        (("metrics",), "annotations"),
    ],
)
def test_lists_show_options_with_types_and_defaults(run: Command, arguments: tuple[str, ...], there: str) -> None:
    outcome = run(*arguments)
    assert (outcome.code, outcome.err) == (0, "")
    assert there in outcome.out


@pytest.mark.parametrize(
    ("arguments", "meant"), [(("methods", "liem"), "lime"), (("removals", "pda"), "pad"), (("metrics", "aop"), "aopc")]
)
def test_lists_name_what_was_meant(run: Command, arguments: tuple[str, str], meant: str) -> None:
    assert line(run(*arguments)).endswith(f"got {arguments[1]!r}: did you mean {meant!r}?")


def test_advice_with_a_value_is_told_as_it_is_typed() -> None:
    said = in_shell("it has no mask token; use baseline='zero' or n_samples=50", cli.explain)
    assert said == "it has no mask token; use --set baseline=zero or --samples 50"
    message = "n_units must be at least 1"
    assert in_shell(message, cli.cli.commands["evaluate"]) == f"--set n_units=...{message.removeprefix('n_units')}"
    assert in_shell(message, cli.explain) == message


@pytest.mark.parametrize("flag", ["--kernel-width", "--kernel_width"])
def test_an_option_that_is_no_flag_is_told_how_it_is_said(run: Command, flag: str) -> None:
    message = f"No such option {flag}: did you mean --set kernel_width=...?"
    assert line(run("explain", TEXT, "--method", "lime", flag, "3")) == message
    assert line(run("explain", "--method", "lime", flag, "3", TEXT)) == message


def test_help_of_a_flag_is_what_the_methods_say(run: Command) -> None:
    said = " ".join(run("explain", "--help").out.split()).replace("- ", "-")
    assert "(search); units on the short-list, by default 10 (group-masks); units that the student sees (l2x)." in said
    assert "--removal VALUE What stands where a unit is absent (search, group-masks, word-masks, lime, shapley" in said
    assert "Several with + between, as in drop+mask, are averaged." in said


def test_views_by_name(run: Command) -> None:
    table = run.explain(TEXT, "--view", "csv")
    assert (table.code, table.err) == (0, "")
    assert table.out.splitlines()[0].startswith("unit,segment,start,end,score")
    assert json.loads(run.explain(TEXT, "--view", "json").out)["segments"] == [TEXT]
    assert line(run.explain(TEXT, "--view", "cvs")).startswith("--view must be one of terminal, html, json, csv; got")
