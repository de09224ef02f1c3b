"""The command `elision run`: explains a file row by row, and writes each explanation as it comes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from elision.cli.output import check_not_read, check_writable, dtype_option, head_option
from elision.cli.settings import flag_names, read_settings, takes_settings
from elision.cli.words import in_shell
from elision.errors import OptionError, TargetError, require_one_of

if TYPE_CHECKING:
    from elision.data.rows import Row, Rows
    from elision.explainers.explainer import Explainer
    from elision.models.model import Model
    from elision.results.explanation import Explanation
    from elision.results.several import Failure

SOME_FAILED = 3
INTERRUPTED = 130
_FLAGS = ("--likelihood", "--removal")
_EXAMPLES = """
\b
Examples:
  elision run reviews.csv --out reviews.run.jsonl
  elision run reviews.csv --text-column body --label-column stars --out run.jsonl
  elision run pairs.jsonl --model ./my-nli --method group-masks --out run.jsonl
  cat reviews.txt | elision run - --method lime --out - | head -n 1
\b
FILE is CSV or TSV with a header, JSON lines, a JSON list, or has one text a
line; it may be packed by gzip. OUT gets an explanation in JSON a line, with its
row, as elision report reads it; rows that could not be explained stand there as
{"row": 17, "error": "..."} and on standard error.
\b
Exit code 0: all rows were explained; 3: some were not; 2: a mistake, none was;
130: stopped by Ctrl-C, what was finished is written; 1: the reader of standard
output went away.
"""


text_option = click.option(
    "--text-column",
    "--text",
    "text_columns",
    metavar="NAME",
    multiple=True,
    help="The column of the texts; twice, or A,B, for pairs. [default: by plain names]",
)
label_option = click.option(
    "--label-column", "--label", "label_column", metavar="NAME", help="The true class's. [default: by plain names]"
)
errors_option = click.option(
    "--errors",
    default="skip",
    show_default=True,
    help="skip rows that cannot be explained, or raise: stop at the first.",
)


@click.command(epilog=_EXAMPLES, short_help="Explain every row of a file.")
@click.argument("file", metavar="FILE")
@click.option("--out", required=True, metavar="OUT", help="The file for explanations; - is standard output.")
@text_option
@label_option
@click.option("--model", metavar="NAME", help="Folder or hub name of a classifier. [default: built in]")
@click.option(
    "--method", default="marginalization", show_default=True, help="One of those that `elision methods` lists."
)
@takes_settings(*_FLAGS)
@click.option("--target", metavar="LABEL", help="The class to explain. [default: each row's predicted one]")
@click.option("--units", default="word", show_default=True, help="What is left out as one: word or token.")
@click.option("--budget", type=int, metavar="N", help="The most model evaluations a row.")
@click.option("--limit", type=int, metavar="N", help="Only the first N rows.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of every random draw.")
@dtype_option
@head_option
@errors_option
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def run(
    file: str,
    out: str,
    text_columns: tuple[str, ...],
    label_column: str | None,
    model: str | None,
    method: str,
    target: str | None,
    units: str,
    limit: int | None,
    errors: str,
    dtype: str,
    head: str,
    quiet: bool,
    settings: tuple[str, ...],
    **options: Any,
) -> None:
    """Explain every row of a file; a row that cannot be explained costs that row."""
    _check_out(out, file)
    from elision.data.rows import read_rows

    whole = read_rows(file, text=text_columns, label=label_column)
    rows = whole.first(limit)
    from elision.models.loading import DEFAULTS, load

    options |= read_settings(method, settings, {name: options.pop(name) for name in flag_names(*_FLAGS)})
    explainer = _made(method, options)
    answering = load(model or DEFAULTS[1 + rows.is_pairs], dtype=dtype, head=head)
    if not quiet and rows.text_columns:
        click.echo(rows.said(), err=True)
    labels = true_labels(whole, answering, strict=label_column is not None)
    require_one_of("errors", errors, ("skip", "raise"))
    writer = Writer(out, rows, labels, stop_at_first=errors == "raise")
    with writer.written(quiet):
        examples = [row.example for row in rows.rows]
        made = explainer.iter(answering, examples, target=target, units=units, report=writer.failed)
        for index, explanation in made:
            writer.add(index, explanation)
    if writer.n_failed:
        raise click.exceptions.Exit(SOME_FAILED)


def _made(method: str, options: dict[str, Any]) -> Explainer:
    from elision.explainers.registry import METHODS, describe, make_explainer

    if describe(method).needs == "fitting":
        fit = f"elision.{METHODS.outline(method).__name__}().fit(model, texts).iter(...)"
        raise OptionError(f"--method {method} must be fitted first; in Python: {fit}")
    return make_explainer(method, **options)


def true_labels(rows: Rows, model: Model, *, strict: bool) -> list[str | float | None]:
    """Return each row's true class, or score; none at all where a label that was found by its column's name is none.

    Raises:
        TargetError: the same, with a column that the user named.
    """
    from elision.runs.file import true_label

    try:
        return [true_label(row.label, model.labels, model.answer.name) for row in rows.rows]
    except TargetError as error:
        what = "classes" if model.answer.bounded else "scores"
        said = f"the column {rows.label_column} is not of the model's {what}: {error}"
        if strict:
            raise TargetError(said) from error
        click.echo(f"{said}; explained without labels", err=True)
        return [None] * len(rows.rows)


class Writer:
    """Writes a run line by line; the file is made with its first explanation, so that a mistake leaves none."""

    def __init__(self, out: str, rows: Rows, labels: list[str | float | None], *, stop_at_first: bool = False) -> None:
        self._stop_at_first = stop_at_first
        self.n_explained = self.n_failed = 0
        self._out, self._rows, self._labels = out, rows, labels
        self._file: BinaryIO | None = None
        self._held: list[bytes] = []

    def add(self, index: int, explanation: Explanation) -> None:
        """Write an explanation."""
        from elision.runs.file import LabelledExplanation, line_of

        self._release()
        self._write(line_of(LabelledExplanation(explanation, self._labels[index]), row=self._row(index).number))
        self.n_explained += 1

    def failed(self, failure: Failure) -> None:
        """Write, and say, why a row was not explained."""
        from elision.runs.file import failure_line

        number = self._row(failure.index).number
        click.echo(f"row {number}: {in_shell(failure.reason, run, sys.argv[1:])}", err=True)
        # A run that explains nothing leaves what was there.
        self._held.append(failure_line(number, failure.reason))
        self.n_failed += 1
        if self.n_explained:
            self._release()
        if self._stop_at_first:
            raise click.exceptions.Exit(SOME_FAILED)

    @contextmanager
    def written(self, quiet: bool) -> Iterator[None]:
        """Close the file at the end, and say how many rows are in it, after an interruption too."""
        try:
            yield
        except KeyboardInterrupt as stop:
            click.echo(f"elision: interrupted; {self._said()}", err=True)
            raise click.exceptions.Exit(INTERRUPTED) from stop
        finally:
            if self._file is not None and self._out != "-":
                self._file.close()
        if not quiet:
            click.echo(self._said(), err=True)

    def _said(self) -> str:
        n = len(self._rows.rows)
        failed = f", {self.n_failed} not" if self.n_failed else ""
        place = "" if self._file is None else f"; written: {self._out}"
        return f"{self.n_explained} of {n} rows explained{failed}{place}"

    def _release(self) -> None:
        held, self._held = self._held, []
        for line in held:
            self._write(line)

    def _row(self, index: int) -> Row:
        return self._rows.rows[index]

    def _write(self, line: bytes) -> None:
        from elision.cli.output import standard_output

        if self._out == "-":
            with standard_output():
                sys.stdout.buffer.write(line)
                sys.stdout.buffer.flush()
            return
        try:
            if self._file is None:
                self._file = open(self._out, "wb")
            self._file.write(line)
            self._file.flush()
        except OSError as error:
            raise OptionError(f"cannot write {self._out}: {error.strerror}") from error


def _check_out(out: str, file: str) -> None:
    check_writable(out)
    if out.endswith(".parquet"):
        raise OptionError("a run is written as JSON lines; elision.write_run turns it into Parquet")
    check_not_read(file, **{"--out": out})
