"""The command `elision report`: a thin layer over `elision.report`."""

from __future__ import annotations

import click

from elision.cli.output import check_not_read, check_writable, palette_option, write

_EXAMPLES = """
\b
Examples:
  elision report reviews.jsonl reviews.html
  elision report reviews.parquet reviews.html --title "Reviews of May"
  elision report reviews.jsonl - > reviews.html
\b
RUN has an explanation in JSON a line, and in each the key label where the true
class is known; or it is a Parquet file with the columns explanation and label
(pip install "elision[parquet]"). elision.write_run writes both from Python;
from the shell, put explanations one after another:
  elision explain "a fine film" --json - >> reviews.jsonl
"""


@click.command(epilog=_EXAMPLES, short_help="Write a page on many explanations.")
@click.argument("run", metavar="RUN")
@click.argument("out", metavar="OUT")
@click.option("--title", metavar="TEXT", help="The page's title. [default: how many explanations there are]")
@palette_option
def report(run: str, out: str, title: str | None, palette: str) -> None:
    """Write one HTML file on the explanations of many texts; - is standard output.

    It has the words that weigh most in each class, errors, what is uncertain or surprising, and all explanations with
    search and pages.
    """
    check_writable(out)
    check_not_read(run, OUT=out)
    from elision.views.html.set_page import report as page

    write(out, page(run, title=title, palette=palette))
