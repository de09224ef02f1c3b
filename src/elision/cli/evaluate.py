"""The command `elision evaluate`: a thin layer over `elision.metrics.compare`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from elision.cli.output import (
    check_different,
    check_not_read,
    check_writable,
    dtype_option,
    few_warnings,
    head_option,
    names,
    show,
    write,
)
from elision.cli.run import INTERRUPTED, SOME_FAILED, errors_option, text_option
from elision.cli.settings import read_settings_of_each, takes_settings_of_each
from elision.cli.words import in_shell
from elision.errors import Interrupted

if TYPE_CHECKING:
    from elision.data.samples import Sample
    from elision.metrics.evaluation import Evaluation

_EXAMPLES = """
\b
Examples:
  elision evaluate reviews.txt
  elision evaluate reviews.csv --text-column body
  elision evaluate pairs.jsonl --model ./my-nli --methods group-masks,lime@mask --metrics aopc,aopc@mask,degradation
  elision evaluate reviews.txt --methods search@mask,lime --metrics aopc,aopc@mask --ceilings
  elision evaluate reviews.jsonl --limit 100 --markdown table.md --csv table.csv --json table.json
\b
FILE is CSV or TSV with a header, JSON lines, a JSON list, or has one text a
line. Rows that a method cannot explain are left out for all methods, the table
says which, and the exit code is 3. NAME@REMOVAL chooses what stands
where a word is absent: for a method as it explains, for a metric as it measures;
NAME@drop+mask averages over several.
Leave-one-out and random are always there. Rows of tokens with highlight, or of
premise_tokens and hypothesis_tokens with premise_highlight and
hypothesis_highlight (0 or 1 a token), allow token-f1, iou-f1 and auprc too.
--ceilings takes up to 4096 rows through the model for a text of up to 12 words,
and of longer ones some 20 to 35 a word for each metric.
"""


@click.command(epilog=_EXAMPLES, short_help="Measure which methods are faithful.")
@click.argument("file", metavar="FILE")
@text_option
@click.option("--methods", metavar="A,B", help="Methods, by name. [default: marginalization,lime,shapley]")
@click.option(
    "--metrics", metavar="A,B", help="Of those that `elision metrics` lists. [default: five that remove words]"
)
@takes_settings_of_each
@click.option("--model", metavar="NAME", help="Folder or hub name of a classifier. [default: built in]")
@click.option("--target", metavar="LABEL", help="The class to explain. [default: each text's predicted one]")
@click.option("--units", default="word", show_default=True, help="What is left out as one: word or token.")
@click.option("--limit", type=int, metavar="N", help="Only N examples, drawn by the seed.")
@click.option("--ceilings", is_flag=True, help="Seek what any order of words attains, and show shares of it; slow.")
@click.option("--test", default="bootstrap", show_default=True, help="Of differences: bootstrap or wilcoxon.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of every random draw.")
@dtype_option
@head_option
@click.option("--markdown", metavar="FILE", help="Write the table as Markdown.")
@click.option("--csv", metavar="FILE", help="Write one line for each method and metric.")
@click.option("--json", "json", metavar="FILE", help="Write all, each example's values too.")
@errors_option
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def evaluate(
    file: str,
    text_columns: tuple[str, ...],
    methods: str | None,
    metrics: str | None,
    settings: tuple[str, ...],
    model: str | None,
    limit: int | None,
    quiet: bool,
    **options: Any,
) -> None:
    """Measure how faithful methods are on a file's texts or pairs, and compare them."""
    outputs = {kind: options.pop(kind) for kind in ("markdown", "csv", "json")}
    check_different(**outputs)
    check_not_read(file, **{f"--{kind}": out for kind, out in outputs.items()})
    for out in outputs.values():
        check_writable(out)
    from elision.data.samples import sample_rows

    sample = sample_rows(file, limit, seed=options["seed"], text=text_columns)
    if not quiet and sample.said:
        click.echo(sample.said, err=True)
    chosen: dict[str, Any] = {
        name: names(f"--{name}", value)
        for name, value in (("methods", methods), ("metrics", metrics))
        if value is not None
    }
    if settings:
        chosen |= _with_options(chosen, settings)
    found, code = _compared(
        model, sample, None if quiet else (lambda line: click.echo(line, err=True)), chosen | options
    )
    for kind, out in outputs.items():
        if out is not None:
            write(out, getattr(found, f"to_{kind}")().rstrip("\n") + "\n")
    if not quiet and "-" not in outputs.values():
        from elision.views.evaluation import view

        show(lambda console: view(found, width=console.width))
    if code:
        raise click.exceptions.Exit(code)


def _with_options(chosen: dict[str, list[str]], settings: tuple[str, ...]) -> dict[str, Any]:
    """Return the methods and metrics with their options."""
    from elision.metrics.registry import BASELINES, DEFAULT_METHODS, DEFAULT_METRICS, Chosen

    methods = list(dict.fromkeys([*chosen.get("methods", DEFAULT_METHODS), *BASELINES]))
    metrics = chosen.get("metrics", DEFAULT_METRICS)
    own = read_settings_of_each(methods, settings, metrics)
    return {
        "methods": [Chosen(label, own[label]) for label in methods],
        "metrics": [Chosen(label, own[label]) for label in metrics],
    }


def _compared(
    model: str | None, sample: Sample, report: Callable[[str], None] | None, options: dict[str, Any]
) -> tuple[Evaluation, int]:
    """Return the evaluation, after an interruption of what was finished, and the exit code."""
    from elision.metrics.evaluation import compare
    from elision.models.loading import DEFAULTS, load

    pairs = next((isinstance(own, tuple) for own in sample.examples if not isinstance(own, Exception)), False)
    with few_warnings():
        try:
            found = compare(
                load(model or DEFAULTS[1 + pairs], dtype=options.pop("dtype"), head=options.pop("head")),
                sample.examples,
                annotations=sample.annotations,
                names=sample.names,
                report=report,
                **options,
            )
        except Interrupted as stop:
            if stop.finished is None:
                raise
            click.echo("elision: interrupted; this is what was finished", err=True)
            return stop.finished, INTERRUPTED
    left_out = found.settings["left_out"]
    for one in left_out:
        click.echo(f"{one['name']}: {in_shell(one['reason'], evaluate, sys.argv[1:])}", err=True)
    return found, SOME_FAILED if left_out else 0
