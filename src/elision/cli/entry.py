"""The command `elision`: a thin layer over the library.

Nothing heavy is imported before a command needs it, so that `elision --help` answers at once.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from elision import __version__
from elision.cli.evaluate import evaluate
from elision.cli.output import (
    check_different,
    check_not_read,
    check_writable,
    dtype_option,
    few_warnings,
    names,
    palette_option,
    show,
    standard_output,
    write,
)
from elision.cli.report import report
from elision.cli.run import INTERRUPTED, SOME_FAILED, run
from elision.cli.study import study
from elision.cli.train import train
from elision.cli.usage import Commands, TextCommand, refuse_command, usage
from elision.cli.words import in_shell
from elision.errors import OptionError
from elision.views.palettes import find_palette

if TYPE_CHECKING:
    from elision.results.explanation import Explanation

_MOST_SHOWN = 40
"""Words of a long text that are shown where nothing else is asked for: a screen of them."""
_EXAMPLES = """
\b
Examples:
  elision explain "a deep and meaningful film ."
  elision explain "not bad at all" --target negative --top 3
  elision explain --file review.txt --json review.json --quiet
  elision explain "a deep and meaningful film ." --html film.html
  echo "a dull affair" | elision explain
  elision explain "two cats play ." --pair "animals sleep ." --method group-masks
  elision explain "a fine film" --model ./my-classifier --likelihood ./my-masked-lm
  elision explain "a fine film" --method leave-one-out --removal unk
"""


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]}, epilog=_EXAMPLES)
@click.version_option(__version__, prog_name="elision", message="%(prog)s %(version)s")
def cli() -> None:
    """Explain why a text classifier, or a model of two texts, gave its answer."""


@cli.command(cls=TextCommand, epilog=_EXAMPLES, short_help="Say which words speak for the answer.")
@click.argument("text", required=False)
@click.option("--pair", metavar="TEXT", help="The second text of a pair.")
@click.option("--file", "file", metavar="FILE", help="Read the text from a file; - is standard input.")
@click.option("--whole", is_flag=True, help="The file is one text, however many lines it has.")
@click.option("--model", metavar="NAME", help="Folder or hub name of a classifier. [default: built in]")
@click.option(
    "--likelihood",
    metavar="NAME",
    help="Folder or hub name of a masked language model, or uniform. [default: built in]",
)
@click.option(
    "--method",
    default="marginalization",
    show_default=True,
    help="One of those that `elision methods` lists.",
)
@click.option("--explainer", "folder", metavar="FOLDER", help="For l2x: where L2X.save wrote the fitted explainer.")
@click.option(
    "--removal",
    help="pad, zero, unk, mask, drop, delete or marginal. [default: drop or delete; for leave-one-out pad]",
)
@click.option(
    "--behaviour",
    help="log_odds, probability, log_probability or logit. [default: log_odds; for masks log_probability]",
)
@click.option("--k", type=int, help="Words on the short-list of group-masks. [default: 10]")
@click.option("--groups", "n_groups", type=int, help="How many groups. [default: by the short-list]")
@click.option("--solver", help="For masks: auto, exact, sampling or values.")
@click.option("--estimator", help="For shapley: auto, exact, kernel or permutation. [default: auto]")
@click.option("--samples", "n_samples", type=int, help="Subsets for lime and shapley. [default: 2048 and 2 a word]")
@click.option("--target", metavar="LABEL", help="The class to explain. [default: the predicted one]")
@click.option("--units", default="word", show_default=True, help="What is left out as one: word or token.")
@click.option("--tolerance", type=float, metavar="BITS", help="The standard error to stop at. [default: 0.1]")
@click.option(
    "--threshold", type=float, help="In place of a tolerance: sum over all candidates likelier than this, say 1e-5."
)
@click.option(
    "--original", default="keep", show_default=True, help="keep or exclude the original word among candidates."
)
@click.option("--budget", type=int, metavar="N", help="The most model evaluations.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of every random draw.")
@click.option(
    "--top", type=int, metavar="K", help=f"Show the K words that weigh most. [default: all up to {_MOST_SHOWN}]"
)
@click.option("--all", "every", is_flag=True, help="Show every word, and a long text as a whole.")
@dtype_option
@palette_option
@click.option("--json", "json_file", metavar="FILE", help="Write the explanation as JSON; - is standard output.")
@click.option(
    "--html", "html_file", metavar="FILE", help="Write the explanation as one HTML file; - is standard output."
)
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def explain(
    text: str | None,
    pair: str | None,
    file: str | None,
    whole: bool,
    top: int | None,
    every: bool,
    json_file: str | None,
    html_file: str | None,
    quiet: bool,
    palette: str,
    folder: str | None,
    **options: Any,
) -> None:
    """Print a text's class and what each word says for it (red) or against it (blue)."""
    if top is not None and top < 1:
        raise OptionError(f"--top must be at least 1, got {top}")
    if top is not None and every:
        raise OptionError("--top and --all exclude each other; leave one out")
    find_palette(palette)
    check_different(json=json_file, html=html_file)
    check_not_read(file, **{"--json": json_file, "--html": html_file})
    check_writable(json_file)
    check_writable(html_file)
    own = _read(text, file, whole, "elision run {} --out run.jsonl")
    import elision

    if folder is None and options["method"] == "l2x":
        fit = 'elision.L2X().fit("MODEL", texts).save("FOLDER")'
        raise OptionError(f"--method l2x needs --explainer FOLDER; fit it in Python first: {fit}")
    if folder is not None:
        if options["method"] != "l2x":
            raise OptionError(f"--explainer goes with --method l2x, got {options['method']}")
        options["method"] = elision.L2X.load(folder, budget=options.pop("budget"))
    with few_warnings():
        explanation = elision.explain(own if pair is None else (own, pair), **options)
    if json_file is not None:
        write(json_file, explanation.to_json() + "\n")
    if html_file is not None:
        write(html_file, explanation.to_html(palette=palette))
    if not quiet and "-" not in (json_file, html_file):
        notes = tuple(in_shell(note, explain) for note in explanation.notes)
        _show(replace(explanation, notes=notes), top, every, palette)


@cli.command(short_help="List the methods, what they need and cost.")
def methods() -> None:
    """List the methods: what their scores are, what they need, what they cost."""
    from rich.table import Table

    from elision.explainers.catalogue import methods as known

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("method", "scores", "needs", "cost (u words)"):
        table.add_column(name, overflow="fold", no_wrap=name == "method")
    for method in known():
        table.add_row(method.name, method.summary, method.needs, method.cost)
    show(lambda console: table)


@cli.command(cls=TextCommand, short_help="Set several methods side by side.")
@click.argument("text", required=False)
@click.option("--pair", metavar="TEXT", help="The second text of a pair.")
@click.option("--file", "file", metavar="FILE", help="Read the text from a file; - is standard input.")
@click.option("--whole", is_flag=True, help="The file is one text, however many lines it has.")
@click.option("--methods", "chosen", metavar="A,B", help="Methods, by name. [default: four that need values only]")
@click.option("--model", metavar="NAME", help="Folder or hub name of a classifier. [default: built in]")
@click.option("--target", metavar="LABEL", help="The class to explain. [default: the predicted one]")
@click.option("--units", default="word", show_default=True, help="What is left out as one: word or token.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of every random draw.")
@dtype_option
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
    html_file: str | None,
    palette: str,
    **options: Any,
) -> None:
    """Print several methods' scores of a text side by side, with their rank correlations."""
    find_palette(palette)
    check_writable(html_file)
    check_not_read(file, **{"--html": html_file})
    own = _read(text, file, whole, "elision evaluate {}")
    import elision

    if chosen is not None:
        options["methods"] = names("--methods", chosen)
    with few_warnings():
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


def _show(explanation: Explanation, top: int | None, every: bool, palette: str) -> None:
    from rich.console import Group
    from rich.text import Text

    from elision.views.abridged import abridged
    from elision.views.terminal import view

    shown = explanation if every else abridged(explanation, top or _MOST_SHOWN)
    n, of = len(shown.units), len(explanation.units)
    line = f"of {of:,} words the {n} that weigh most are shown; --all shows all" if top is None and n < of else ""
    if not line and shown.segments != explanation.segments:
        line = "of the text, what stands around these words is shown; --all shows all"
    show(
        lambda console: Group(
            view(shown, top=top, width=console.width, ascii_only=console.options.ascii_only, palette=palette),
            *[Text(line, style="dim")] * bool(line),
        )
    )


def _read(text: str | None, file: str | None, whole: bool, instead: str) -> str:
    """Return the text from the argument, a file or standard input.

    Args:
        text: the argument.
        file: --file.
        whole: whether a file is one text however it looks.
        instead: the command for a file of many texts, with {} for its name.
    Raises:
        OptionError: there is no text, or there seem to be several.
    """
    if text is not None and file is not None:
        raise OptionError("give the text as an argument or with --file, not both")
    if file is not None and not file.strip():
        raise OptionError(f"--file must name a file, or be - for standard input; got {file!r}")
    if text is not None and text != "-":
        return text
    piped = sys.stdin is not None and not sys.stdin.isatty()
    if file is None and text is None and not piped:
        raise OptionError('give a text: elision explain "a deep and meaningful film ."')
    from elision.data.source import STANDARD_INPUT, read_source

    path = file or STANDARD_INPUT
    source = read_source(path)
    if not whole and (source.kind != "text" or source.n_lines > 1):
        raise OptionError(
            f"{source.name} holds {source.looks}; explain each: {instead.format(quote(path))}; "
            "or say --whole if all of it is one text"
        )
    return source.text.strip()


@cli.command("help", short_help="Show this message, or a command's own.")
@click.argument("command", required=False)
@click.pass_context
def help_(context: click.Context, command: str | None) -> None:
    """Show what the commands are, or how one is called."""
    above = context.parent or context
    if command is not None and command not in cli.commands:
        refuse_command(cli, command, context)
    own = above if command is None else click.Context(cli.commands[command], info_name=command, parent=above)
    with standard_output():
        click.echo(own.get_help())


@cli.command(short_help="Show the version.")
def version() -> None:
    """Show the version."""
    with standard_output():
        click.echo(f"elision {__version__}")


cli.add_command(evaluate)
cli.add_command(report)
cli.add_command(run)
cli.add_command(study)
cli.add_command(train)


def main() -> None:
    """Run the command; a user's mistake ends it with one line and exit code 2."""
    try:
        sys.exit(_run())
    except (click.ClickException, OptionError) as error:
        click.echo(f"elision: {usage(error)}", err=True)
        sys.exit(2)


def _run() -> Any:
    try:
        return cli.main(prog_name="elision", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        with standard_output():
            click.echo(error.format_message())
    except OSError as error:
        # What click itself prints: the texts of --help and --version.
        with standard_output():
            raise error
