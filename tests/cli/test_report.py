"""Pages that the command writes."""

from __future__ import annotations

from pathlib import Path

from toys.command import Command
from toys.reports import parse

from elision.results.explanation import Explanation


def test_the_command_writes_a_page(run: Command, tmp_path: Path) -> None:
    file = tmp_path / "film.html"
    outcome = run.explain("a good film", "--html", str(file), "--json", "-")
    assert (outcome.code, outcome.err) == (0, "")
    assert file.read_text(encoding="utf-8") == Explanation.from_json(outcome.out).to_html()
    assert run.explain("a good film", "--html", "-").out.startswith("<!doctype html>")
    both = run.explain("a good film", "--html", "-", "--json", "-")
    assert (both.code, both.err) == (
        2,
        "elision: --json and --html can't both be standard output; give one of them another file\n",
    )
    nowhere = run.explain("a good film", "--html", "nowhere/film.html")
    assert nowhere.err == "elision: cannot write nowhere/film.html: its folder does not exist\n"


def test_the_command_writes_a_comparison(run: Command, tmp_path: Path) -> None:
    file = tmp_path / "film.html"
    arguments = ("compare", "a good film", "--model", run.classifier, "--methods", "leave-one-out,random")
    outcome = run(*arguments, "--html", str(file))
    assert (outcome.code, outcome.err) == (0, "")
    assert "Spearman" in outcome.out
    page = file.read_text(encoding="utf-8")
    assert [s.attributes["data-method"] for s in parse(page).all("section")] == ["leave-one-out", "random"]
    assert run(*arguments, "--html", "-").out.startswith("<!doctype html>")
    assert run(*arguments, "--html", "nowhere/film.html").code == 2
