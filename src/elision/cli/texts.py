"""The one text or pair that a command is about."""

from __future__ import annotations

import sys
from collections.abc import Callable
from shlex import quote
from typing import Any, TypeVar

import click

from elision.errors import OptionError

Command = TypeVar("Command", bound=Callable[..., Any])


def takes_a_text(command: Command) -> Command:
    """Give a command the argument TEXT and the options by which a text is given otherwise."""
    for decorate in (
        click.option("--whole", is_flag=True, help="The file is one text, however many lines it has."),
        click.option("--file", "file", metavar="FILE", help="Read the text from a file; - is standard input."),
        click.option("--pair", metavar="TEXT", help="The second text of a pair."),
        click.argument("text", required=False),
    ):
        command = decorate(command)
    return command


def read_text(text: str | None, file: str | None, whole: bool, instead: str) -> str:
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
