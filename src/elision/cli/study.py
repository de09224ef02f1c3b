"""The command `elision study`: a thin layer over `elision.reproduction`."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from elision.cli.output import show
from elision.cli.output import write as print_whole
from elision.errors import ElisionWarning, OptionError, require_count, require_one_of
from elision.reproduction.registry import STUDIES, find_study

_EXAMPLES = """
\b
Examples:
  elision study list
  elision study models --out ./models
  elision study gmask-table2 --models ./models --limit 20
  elision study im-table2 --models ./models --model sst2-lstm=./my-lstm
\b
Data sets are looked for in --data or in the folder that ELISION_DATA names;
models in --models, and then in the folder that ELISION_MODELS names.
Explanations are kept in OUT/explanations: a study that was stopped goes on
where it stopped, and studies of the same methods share them.
"""


@click.command(epilog=_EXAMPLES, short_help="Measure a table of the papers anew.")
@click.argument("name", metavar="NAME|list|models")
@click.option("--limit", type=int, metavar="N", help="How many examples. [default: 100; fewer where `list` says so]")
@click.option("--data", metavar="DIR", help="The folder of data sets.")
@click.option("--models", metavar="DIR", multiple=True, help="A folder of models; may be given several times.")
@click.option("--model", "chosen", metavar="KIND=FOLDER", multiple=True, help="A model by itself: sst2-lstm=./lstm.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of every random draw.")
@click.option("--out", metavar="DIR", help="Where results go; for `models`, where they are made. [default: ./study]")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def study(
    name: str,
    limit: int | None,
    data: str | None,
    models: tuple[str, ...],
    chosen: tuple[str, ...],
    seed: int,
    out: str | None,
    quiet: bool,
) -> None:
    """Measure a table or figure of the papers anew, and set it beside what they say."""
    if name == "list":
        show(lambda console: _listing())
        return
    require_count("seed", seed, 0)
    require_count("limit", 1 if limit is None else limit, 1)
    given = _given(chosen)
    for flag, folders in (("--models", models), ("--data", () if data is None else (data,))):
        for folder in folders:
            if not Path(folder).is_dir():
                raise OptionError(f"there is no folder {folder!r} for {flag}")
    from elision.reproduction.context import data_folder

    with data_folder(data), warnings.catch_warnings():
        warnings.simplefilter("ignore", ElisionWarning)
        try:
            if name == "models":
                _train(out, models, given, seed, quiet)
            else:
                _run(name, limit, models, given, seed, Path(out or "study"), quiet)
        except KeyboardInterrupt as stop:
            click.echo("elision: interrupted; what was explained is kept, run the same command to go on", err=True)
            raise click.exceptions.Exit(130) from stop


def _run(
    name: str, limit: int | None, models: tuple[str, ...], given: dict[str, str], seed: int, out: Path, quiet: bool
) -> None:
    from elision.reproduction.context import StudyContext
    from elision.reproduction.writer import to_markdown, view, write

    wanted = find_study(name)
    context = StudyContext(
        out,
        limit=limit or wanted.limit or 0,
        limited=limit is not None,
        seed=seed,
        folders=models,
        given=given,
        report=_reporter(quiet),
    )
    _check_out(out)
    found = wanted.run(context)
    files, remark = write(found, out, name)
    if not quiet:
        if sys.stdout.isatty():
            show(lambda console: view(found))
        else:
            print_whole("-", to_markdown(found))
        click.echo(
            f"written: {', '.join(file.name for file in files)} in {out}" + (f"; {remark}" if remark else ""), err=True
        )


def _train(out: str | None, models: tuple[str, ...], given: dict[str, str], seed: int, quiet: bool) -> None:
    from elision.reproduction.recipes import train_missing

    if out is None:
        raise OptionError("say where models are to be made: elision study models --out DIR")
    trained = train_missing(out, models, given, seed=seed, report=_reporter(quiet))
    if not quiet:
        click.echo(f"trained: {', '.join(trained) or 'none, all are there'}")


def _reporter(quiet: bool) -> Callable[[str], None]:
    return (lambda line: None) if quiet else (lambda line: click.echo(line, err=True))


def _given(chosen: tuple[str, ...]) -> dict[str, str]:
    """Return what --model says.

    Raises:
        OptionError: it is not NAME=FOLDER, or no model of the papers has the name.
    """
    from elision.reproduction.recipes import RECIPES

    found = {}
    for one in chosen:
        kind, equals, folder = one.partition("=")
        if not equals or not folder:
            raise OptionError(f"--model must be KIND=FOLDER, got {one!r}")
        require_one_of("--model: KIND", kind, RECIPES)
        found[kind] = folder
    return found


def _check_out(out: Path) -> None:
    """Refuse a folder that cannot be written before any work is done."""
    place = next((p for p in (out.absolute(), *out.absolute().parents) if p.exists()), None)
    if place is None or not place.is_dir() or not os.access(place, os.W_OK):
        raise OptionError(f"cannot write {str(out)!r}: {str(place)!r} is no folder that may be written")


def _listing() -> Any:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("study", "what it shows", "what the paper found", "examples"):
        table.add_column(column, overflow="fold", no_wrap=column == "study")
    for one in STUDIES.values():
        table.add_row(one.name, one.shows, one.paper, "all" if one.limit is None else str(one.limit))
    return table
