"""How commands are called: what was mistyped, in one line that says what to type."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import takewhile
from typing import Any

import click

from elision.cli.output import said_in_lines
from elision.cli.words import in_shell, quoted, settable_in, shorten_arguments
from elision.errors import ElisionError, brief, did_you_mean, nearest


class Commands(click.Group):
    """Commands that end with one line: an interruption, a mistake of the user's, a command that there is not."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command; what the library refuses is said in the shell's words."""
        try:
            with said_in_lines():
                return super().invoke(context)
        except KeyboardInterrupt as stop:
            click.echo("elision: interrupted", err=True)
            raise click.exceptions.Exit(130) from stop
        except ElisionError as error:
            command = self.commands[str(context.invoked_subcommand)]
            raise click.ClickException(in_shell(str(error), command, sys.argv[1:])) from error
        except OSError as error:
            if error.filename is None:
                raise
            raise click.ClickException(f"cannot open {error.filename}: {error.strerror}") from error

    def resolve_command(
        self, context: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command of a name, or refuse the name."""
        if args[0] not in self.commands and not args[0].startswith("-"):
            refuse_command(self, args[0], context)
        return super().resolve_command(context, args)


class TextCommand(click.Command):
    """A command on a text: one that is not in quotes, or begins with -, is told how to be typed."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """Read the arguments; more than one text is refused."""
        given, context.allow_extra_args = list(args), True
        try:
            rest = super().parse_args(context, args)
        except click.NoSuchOption as error:
            own, text = _dashed(given, error.option_name)
            if (nearest_option(self, error.option_name) or _setting(self, error.option_name)) and " " not in own:
                raise
            hint = "a text that begins with - comes after --"
            hint = f"{hint}: elision {self.name} -- {quoted(text)}" if text else f"{_all_of(context)}; {hint}"
            raise click.UsageError(f"No such option {error.option_name.split()[0]}; {hint}", context) from error
        if "--" in given and (late := [i for i, word in enumerate(rest) if word.startswith("-")]):
            text = " ".join([str(context.params["text"]), *rest[: late[0]]])
            options = " ".join(map(brief, rest[late[0] :]))
            raise click.UsageError(f"options come before --: elision {self.name} {options} -- {quoted(text)}", context)
        if rest:
            texts = _texts([str(context.params["text"]), *rest], given)
            each = "the text" if len(texts) == 1 else "each text"
            raise click.UsageError(f"quote {each}: elision {self.name} {' --pair '.join(map(quoted, texts))}", context)
        return rest


def _dashed(given: Sequence[str], option: str) -> tuple[str, str]:
    """Return the argument in which no option was found, and the text that it begins, "" where it may be an option."""
    place = next((i for i, own in enumerate(given) if own.startswith("-") and option[1:] in own), 0)
    own, after = given[place], given[place + 1 :]
    if " " not in own and (place > 0 or any(" " in word for word in after)):
        return own, ""
    return own, " ".join([own, *takewhile(lambda word: not word.startswith("-"), after)])


def _texts(words: list[str], given: Sequence[str]) -> list[str]:
    """Return the texts that were meant: the words, or those before and those after --pair."""
    if "--pair" not in given:
        return [" ".join(words)]
    pair = list(takewhile(lambda word: not word.startswith("-"), given[given.index("--pair") + 1 :]))
    for word in pair[1:]:
        words.remove(word)
    return [" ".join(words), " ".join(pair)] if words else [" ".join(pair)]


def refuse_command(group: click.Group, name: str, context: click.Context) -> None:
    """Raise UsageError for a command that there is not.

    Raises:
        UsageError: always; it names the command that was probably meant.
    """
    if " " in name.strip():
        raise click.UsageError(f"say what to do with the text: elision explain {quoted(name)}", context)
    meant = did_you_mean(name, group.commands) or ";"
    raise click.UsageError(f"No such command {brief(repr(name))}{meant} elision help lists all", context)


def nearest_option(command: click.Command, option: str) -> str | None:
    """Return the option that was probably meant."""
    flags = {flag.lstrip("-"): flag for own in command.params for flag in own.opts if flag.startswith("--")}
    meant = nearest(option.lstrip("-"), flags)
    return None if meant is None else flags[meant]


def _setting(command: click.Command, option: str) -> str | None:
    """Return how an option of a method is said that was taken for a flag."""
    return settable_in(command).get(option.lstrip("-").replace("-", "_"))


def _all_of(context: click.Context) -> str:
    return f"{context.command_path} --help lists all"


def usage(error: Exception) -> str:
    """Return what is wrong with a call, in one line."""
    message = error.format_message() if isinstance(error, click.ClickException) else str(error)
    if isinstance(error, click.NoSuchOption) and error.ctx is not None:
        command, option = error.ctx.command, error.option_name
        meant = _setting(command, option) or nearest_option(command, option)
        hint = f"; {_all_of(error.ctx)}" if meant is None else f": did you mean {meant}?"
        message = f"No such option {error.option_name}{hint}"
    return " ".join(shorten_arguments(message, sys.argv[1:]).split())
