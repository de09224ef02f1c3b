"""The command `elision explain`: a thin layer over `elision.explain`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import click

from elision.cli.output import (
    check_different,
    check_not_read,
    check_writable,
    dtype_option,
    few_warnings,
    head_option,
    palette_option,
    show,
    write,
)
from elision.cli.settings import flag_names, read_settings, takes_settings
from elision.cli.texts import read_text, takes_a_text
from elision.cli.usage import TextCommand
from elision.cli.words import in_shell
from elision.errors import OptionError
from elision.views.palettes import find_palette
from elision.views.registry import VIEWS

if TYPE_CHECKING:
    from elision.explainers.explainer import Explainer
    from elision.results.explanation import Explanation

_MOST_SHOWN = 40
"""Words of a long text that are shown where nothing else is asked for: a screen of them."""
_FLAGS = (
    "--likelihood",
    "--removal",
    "--behaviour",
    "--k",
    "--groups",
    "--solver",
    "--estimator",
    "--samples",
    "--tolerance",
    "--threshold",
    "--original",
)
EXAMPLES = """
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


@click.command(cls=TextCommand, epilog=EXAMPLES, short_help="Say which words speak for the answer.")
@takes_a_text
@click.option("--model", metavar="NAME", help="Folder or hub name of a classifier. [default: built in]")
@click.option(
    "--method",
    default="marginalization",
    show_default=True,
    help="One of those that `elision methods` lists; `elision methods METHOD` lists its options.",
)
@click.option("--explainer", "folder", metavar="FOLDER", help="Where a fitted explainer was saved, such as l2x.")
@takes_settings(*_FLAGS)
@click.option("--target", metavar="LABEL", help="The class to explain. [default: the predicted one]")
@click.option("--units", default="word", show_default=True, help="What is left out as one: word or token.")
@click.option("--budget", type=int, metavar="N", help="The most model evaluations.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of every random draw.")
@click.option(
    "--top", type=int, metavar="K", help=f"Show the K words that weigh most. [default: all up to {_MOST_SHOWN}]"
)
@click.option("--all", "every", is_flag=True, help="Show every word, and a long text as a whole.")
@dtype_option
@head_option
@palette_option
@click.option("--json", "json_file", metavar="FILE", help="Write the explanation as JSON; - is standard output.")
@click.option(
    "--html", "html_file", metavar="FILE", help="Write the explanation as one HTML file; - is standard output."
)
@click.option(
    "--view", "named", metavar="NAME", help=f"Print it otherwise: {', '.join(VIEWS.own)}, or a plug-in's view."
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
    named: str | None,
    folder: str | None,
    method: str,
    settings: tuple[str, ...],
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
    own = read_text(text, file, whole, "elision run {} --out run.jsonl")
    to_text = None if named is None else VIEWS.find(named)
    import elision

    options |= read_settings(method, settings, {name: options.pop(name) for name in flag_names(*_FLAGS)})
    with few_warnings():
        asked = _fitted(method, folder, options) or method
        explanation = elision.explain(own if pair is None else (own, pair), method=asked, **options)
    if json_file is not None:
        write(json_file, explanation.to_json() + "\n")
    if html_file is not None:
        write(html_file, explanation.to_html(palette=palette))
    if to_text is not None:
        write("-", to_text(explanation).rstrip("\n") + "\n")
    elif not quiet and "-" not in (json_file, html_file):
        notes = tuple(in_shell(note, explain) for note in explanation.notes)
        _show(replace(explanation, notes=notes), top, every, palette)


def _fitted(method: str, folder: str | None, options: dict[str, Any]) -> Explainer | None:
    """Return the explainer that was fitted and saved to a folder, or None for a method that is not fitted.

    Raises:
        OptionError: a method that must be fitted has no folder, or one that need not has.
    """
    from elision.explainers.registry import METHODS, describe, methods

    must = describe(method).needs == "fitting"
    if must and folder is None:
        fit = f'elision.{METHODS.outline(method).__name__}().fit("MODEL", texts).save("FOLDER")'
        raise OptionError(f"--method {method} needs --explainer FOLDER; fit it in Python first: {fit}")
    if folder is None:
        return None
    if not must:
        fitted = " or ".join(known.name for known in methods() if known.needs == "fitting")
        raise OptionError(f"--explainer goes with --method {fitted}, got {method}")
    kind: Any = METHODS[method]
    return cast("Explainer", kind.load(folder, budget=options.pop("budget")))


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
