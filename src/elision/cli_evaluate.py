"""The command `elision evaluate`: a thin layer over `elision.metrics.compare`."""

from __future__ import annotations

import warnings
from typing import Any

import click

from elision.cli_output import check_writable, show, write
from elision.errors import ElisionWarning

_EXAMPLES = """
\b
Examples:
  elision evaluate reviews.txt
  elision evaluate pairs.jsonl --model ./my-nli --methods group-masks,lime@mask --metrics aopc,aopc@mask,degradation
  elision evaluate reviews.jsonl --limit 100 --markdown table.md --csv table.csv --json table.json
\b
A .txt file has one text a line. A JSON-lines file has one object a line: text,
or premise and hypothesis, or text1 and text2. NAME@REMOVAL chooses what stands
where a word is absent: for a method as it explains, for a metric as it measures.
Leave-one-out and random are always there. Rows of tokens with highlight, or of
premise_tokens and hypothesis_tokens with premise_highlight and
hypothesis_highlight (0 or 1 a token), allow token-f1, iou-f1 and auprc too.
"""


@click.command(epilog=_EXAMPLES)
@click.argument("file", metavar="FILE")
@click.option("--methods", metavar="A,B", help="Methods, by name. [default: marginalization,lime,shapley]")
@click.option("--metrics", metavar="A,B", help="Metrics, by name. [default: five that remove words]")
@click.option("--model", metavar="NAME", help="Folder or hub name of a classifier. [default: built in]")
@click.option("--target", metavar="LABEL", help="The class to explain. [default: each text's predicted one]")
@click.option("--units", default="word", show_default=True, help="What is left out as one: word or token.")
@click.option("--limit", type=int, metavar="N", help="Only N examples, drawn by the seed.")
@click.option("--test", default="bootstrap", show_default=True, help="Of differences: bootstrap or wilcoxon.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of every random draw.")
@click.option("--markdown", metavar="FILE", help="Write the table as Markdown.")
@click.option("--csv", metavar="FILE", help="Write one line for each method and metric.")
@click.option("--json", "json", metavar="FILE", help="Write all, each example's values too.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def evaluate(
    file: str,
    methods: str | None,
    metrics: str | None,
    model: str | None,
    limit: int | None,
    quiet: bool,
    **options: Any,
) -> None:
    """Measure how faithful methods are on a file's texts or pairs, and compare them."""
    outputs = {kind: options.pop(kind) for kind in ("markdown", "csv", "json")}
    for out in outputs.values():
        check_writable(out)
    from elision.study.data import sample_examples

    examples, annotations = sample_examples(file, limit, seed=options["seed"])
    from elision.metrics.evaluation import compare

    chosen: dict[str, Any] = {
        name: _names(value) for name, value in (("methods", methods), ("metrics", metrics)) if value is not None
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ElisionWarning)
        found = compare(
            model or ("builtin:sentiment" if isinstance(examples[0], str) else "builtin:nli"),
            examples,
            annotations=annotations,
            report=None if quiet else lambda line: click.echo(line, err=True),
            **chosen,
            **options,
        )
    made = {"markdown": found.to_markdown, "csv": found.to_csv, "json": found.to_json}
    for kind, out in outputs.items():
        if out is not None:
            write(out, made[kind]().rstrip("\n") + "\n")
    if not quiet and "-" not in outputs.values():
        from elision.views.evaluation import view

        show(lambda console: view(found, width=console.width))


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]
