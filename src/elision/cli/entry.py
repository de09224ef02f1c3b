"""The command `elision`: a thin layer over the library.

Nothing heavy is imported before a command needs it, so that `elision --help` answers at once.
"""

from __future__ import annotations

import sys
from typing import Any

import click

from elision import __version__
from elision.cli.compare import compare
from elision.cli.evaluate import evaluate
from elision.cli.explain import EXAMPLES, explain
from elision.cli.lists import methods, metrics, removals
from elision.cli.output import standard_output
from elision.cli.report import report
from elision.cli.run import run
from elision.cli.study import study
from elision.cli.train import train
from elision.cli.usage import Commands, refuse_command, usage
from elision.errors import OptionError


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]}, epilog=EXAMPLES)
@click.version_option(__version__, prog_name="elision", message="%(prog)s %(version)s")
def cli() -> None:
    """Explain why a text classifier, or a model of two texts, gave its answer."""


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


for _command in (compare, evaluate, explain, methods, metrics, removals, report, run, study, train):
    cli.add_command(_command)


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
