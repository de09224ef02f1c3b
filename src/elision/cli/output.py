"""What commands write: to standard output and to files, a failure in one line."""

from __future__ import annotations

import io
import os
import shutil
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path
from typing import Any

import click

from elision.errors import CostWarning, ElisionWarning, OptionError, PluginWarning
from elision.views.palettes import DEFAULT, PALETTES

_SAID = (CostWarning, PluginWarning)
"""Warnings that the output does not repeat."""

dtype_option = click.option(
    "--dtype",
    default="auto",
    show_default=True,
    help="Precision: float32, float64, bfloat16, float16, fast, or auto: float32 for small work, else fast.",
)
head_option = click.option(
    "--head",
    default="auto",
    show_default=True,
    help="How logits are read: softmax, sigmoid, scores, or auto: as the config says; one output is a score.",
)
palette_option = click.option(
    "--palette", default=DEFAULT, show_default=True, help=f"Colours for and against: {' or '.join(PALETTES)}."
)


@contextmanager
def said_in_lines() -> Iterator[None]:
    """Say in a line each what will take long, and what is left out."""
    with warnings.catch_warnings():
        shown = warnings.showwarning

        def show_line(message: Any, category: type[Warning], *place: Any, **more: Any) -> None:
            if issubclass(category, _SAID):
                click.echo(f"elision: {message}", err=True)
            else:
                shown(message, category, *place, **more)

        for said in _SAID:
            warnings.simplefilter("always", said)
        warnings.showwarning = show_line
        yield


@contextmanager
def few_warnings() -> Iterator[None]:
    """Leave out what the output says anyhow; what will take long is said before it does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ElisionWarning)
        with said_in_lines():
            yield


@contextmanager
def standard_output() -> Iterator[None]:
    """Turn a disk that is full into one line; a reader that has gone away ends the command quietly.

    Raises:
        OptionError: standard output is closed, or cannot be written.
    """
    if sys.stdout is None:
        raise OptionError("cannot write to standard output: it is closed")
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        if error.filename is not None:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            sys.exit(1)
        raise OptionError(f"cannot write to standard output: {error.strerror}") from error


def check_writable(file: str | None) -> None:
    """Refuse a file that cannot be written before any work is done."""
    if file in (None, "-"):
        return
    if not str(file).strip():
        raise OptionError(f"cannot write {file!r}: give a file's name, or - for standard output")
    path = Path(str(file))
    if path.is_dir() or not path.parent.is_dir():
        raise OptionError(f"cannot write {file}: {'it is a folder' if path.is_dir() else 'its folder does not exist'}")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise OptionError(f"cannot write {file}: no permission")


def check_different(**files: str | None) -> None:
    """Refuse one file for two outputs.

    Args:
        files: of each flag's name, what it is to be written to.
    Raises:
        OptionError: two are the same.
    """
    given = [(flag, file) for flag, file in files.items() if file is not None]
    for (flag, file), (other, same) in combinations(given, 2):
        if file == same or ("-" not in (file, same) and Path(file).absolute() == Path(same).absolute()):
            both = "standard output" if file == "-" else file
            raise OptionError(f"--{flag} and --{other} can't both be {both}; give one of them another file")


def check_not_read(source: str | None, **files: str | None) -> None:
    """Refuse to write over the file that is read, through links too.

    Args:
        source: what is read.
        files: of each flag's name, what it is to be written to.
    Raises:
        OptionError: one is the same file.
    """
    for flag, file in files.items():
        if source and file and "-" not in (source, file) and os.path.exists(source) and os.path.exists(file):
            if os.path.samefile(source, file):
                raise OptionError(f"{flag} {file} is the file that is read; give it another name")


def names(flag: str, text: str) -> list[str]:
    """Return the names in A,B.

    Raises:
        OptionError: there is none.
    """
    found = [name.strip() for name in text.split(",") if name.strip()]
    if not found:
        raise OptionError(f"{flag} must be at least one name, or several with commas between, got {text!r}")
    return found


def write(file: str, content: str) -> None:
    """Write a file, or standard output for -; both in UTF-8."""
    if file == "-":
        with standard_output():
            sys.stdout.buffer.write(content.encode("utf-8"))
        return
    try:
        Path(file).write_text(content, encoding="utf-8")
    except OSError as error:
        raise OptionError(f"cannot write {file}: {error.strerror}") from error


def show(make: Any) -> None:
    """Print what make(console) gives; characters that the terminal lacks are replaced."""
    from rich.console import Console

    with standard_output():
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="replace")
        # A dumb terminal, too, is as wide as it says.
        width, height = shutil.get_terminal_size() if sys.stdout.isatty() else (None, None)
        console = Console(width=width, height=height)
        console.print(make(console))
