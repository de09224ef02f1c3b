"""The command `elision compare`: a thin layer over `elision.compare`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from elision.cli.output import (
    check_not_read,
    check_writable,
    dtype_option,
    few_warnings,
    head_option,
    names,
    palette_option,
    show,
    write,
)
from elision.cli.run import INTERRUPTED, SOME_FAILED
from elision.cli.settings import read_settings_of_each, takes_settings_of_each
from elision.cli.texts import read_text, takes_a_text
from elision.cli.usage import TextCommand
from elision.cli.words import in_shell
from elision.views.palettes import find_palette

if TYPE_CHECKING:
    from elision.metrics.registry import Chosen


@click.command(cls=TextCommand, short_help="Set several methods side by side.")
@takes_a_text
@click.option(
    "--methods",
    "chosen",
    metavar="A,B",
    help="Methods, by name; lime@mask has another removal, lime@drop+mask several. "
    "[default: four that need values only]",
)
@takes_settings_of_each
@click.option("--model", metavar="NAME", help="Folder or hub name of a classifier. [default: built in]")
@click.option("--target", metavar="LABEL", help="The class to explain. [default: the predicted one]")
@click.option("--units", default="word", show_default=True, help="What is left out as one: word or token.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of every random draw.")
@dtype_option
@head_option
@palette_option
@click.option(
    "--html", "html_file", metavar="FILE", help="Write the comparison as one HTML file; - is standard output."
)
def compare(
    text: str | None,
    pair: str | None,
    file: str | None,
    whole: bool,
    chosen: str | None,
    settings: tuple[str, ...],
    html_file: str | None,
    palette: str,
    **options: Any,
) -> None:
    """Print several methods' scores of a text side by side, with their rank correlations."""
    find_palette(palette)
    check_writable(html_file)
    check_not_read(file, **{"--html": html_file})
    own = read_text(text, file, whole, "elision evaluate {}")
    import elision

    with few_warnings():
        if chosen is not None:
            options["methods"] = names("--methods", chosen)
        if settings:
            options["methods"] = _chosen(options.get("methods"), settings)
        try:
            found, code = elision.compare(own if pair is None else (own, pair), **options), 0
        except elision.Interrupted as stop:
            if stop.finished is None:
                raise
            found, code = stop.finished, INTERRUPTED
    for name, reason in found.failures:
        click.echo(f"{name} is left out: {in_shell(reason, compare, sys.argv[1:])}", err=True)
    if html_file is not None:
        write(html_file, found.to_html(palette=palette))
    if html_file != "-":
        from elision.views.comparison import view

        show(lambda console: view(found, width=console.width, palette=palette))
    if code or found.failures:
        raise click.exceptions.Exit(code or SOME_FAILED)


def _chosen(labels: list[str] | None, settings: tuple[str, ...]) -> list[Chosen]:
    """Return the methods with their options."""
    from elision.api import COMPARED
    from elision.metrics.registry import Chosen

    return [Chosen(label, options) for label, options in read_settings_of_each(labels or COMPARED, settings).items()]
