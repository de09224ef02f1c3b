"""Methods' options on the command line: `--set NAME=VALUE`, and a flag of its own for some.

What options there are, their types and what they mean is read from the methods when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import click

from elision.errors import OptionError, did_you_mean, require_one_of
from elision.options import Option

Command = TypeVar("Command", bound=Callable[..., Any])

_FLAGS = {"--groups": "n_groups", "--samples": "n_samples"}
"""Flags whose options have another name."""
_ALSO = {"removal": "Several with + between, as in drop+mask, are averaged."}
"""What else a flag's help says."""
_LISTED = "elision methods METHOD lists what a method has"


class MethodFlag(click.Option):
    """A flag for a method's option; its help is what the methods say of it."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the flag, and what the methods say of it."""
        self.help = self.help or _told(str(self.name))
        return super().get_help_record(ctx)


def takes_settings(*flags: str) -> Callable[[Command], Command]:
    """Give a command on one method `--set`, and flags for some options, such as "--removal"."""

    def decorate(command: Command) -> Command:
        for flag in reversed(flags):
            (name,) = flag_names(flag)
            command = click.option(flag, name, cls=MethodFlag, metavar="VALUE")(command)
        return click.option(
            "--set",
            "settings",
            metavar="NAME=VALUE",
            multiple=True,
            help="An option of the method, of those that `elision methods METHOD` lists; again for another.",
        )(command)

    return decorate


def flag_names(*flags: str) -> tuple[str, ...]:
    """Return the names of the options that flags are for."""
    return tuple(_FLAGS.get(flag, flag.removeprefix("--")) for flag in flags)


takes_settings_of_each = click.option(
    "--set", "settings", metavar="[METHOD.]NAME=VALUE", multiple=True, help="An option of one, or of all that have it."
)


def read_settings(method: str, settings: Iterable[str], flags: Mapping[str, str | None]) -> dict[str, Any]:
    """Return the options of a method.

    Args:
        method: its name.
        settings: what `--set` says.
        flags: what the flags say, by the options' names.
    Raises:
        OptionError: one is no NAME=VALUE, is given twice, or has a value of another type.
    """
    given = [*map(_split, settings), *((name, text) for name, text in flags.items() if text is not None)]
    return _typed(_known(method, dict(given)), given)


def read_settings_of_each(
    methods: Sequence[str], settings: Iterable[str], metrics: Sequence[str] = ()
) -> dict[str, dict[str, Any]]:
    """Return the options of each method and metric, by its label: NAME or NAME@REMOVAL.

    Raises:
        OptionError: one is no NAME=VALUE, is of none of the methods, or has a value of another type.
    """
    from elision.metrics.registry import describe_metric, split_removal

    given = [(*key.rpartition(".")[::2], text) for key, text in map(_split, settings)]
    known: dict[str, dict[str, Option]] = {}
    for label in methods:
        name, removal = split_removal(label)
        own = {option: text for to, option, text in given if to in ("", label)}
        known[label] = _known(name, {"removal": removal} | own)
    for label in metrics:
        known[label] = {option.name: option for option in describe_metric(split_removal(label)[0]).options}
    found: dict[str, list[tuple[str, str]]] = {label: [] for label in known}
    for label, name, text in given:
        if label:
            require_one_of(f"--set {label}.{name}: METHOD", label, known)
        takers = [label] if label else [own for own in known if name in known[own]]
        if not takers:
            meant = did_you_mean(name, {name for own in known.values() for name in own})
            raise OptionError(f"{name} does not go with {', '.join(known)}; {_LISTED}{meant}")
        for taker in takers:
            found[taker].append((name, text))
    return {label: _typed(known[label], own) for label, own in found.items()}


def _split(setting: str) -> tuple[str, str]:
    key, equals, value = setting.partition("=")
    method, point, name = key.strip().rpartition(".")
    if not equals or not name:
        raise OptionError(f"--set must be NAME=VALUE, got {setting!r}")
    return f"{method}{point}{name.replace('-', '_')}", value


def _typed(known: Mapping[str, Option], given: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return options with the values that their types make of strings; strings, where there is no such option."""
    texts = dict(given)
    if len(texts) < len(given):
        names = [name for name, _ in given]
        raise OptionError(f"{next(name for name in names if names.count(name) > 1)} must be given once, not twice")
    return {name: known[name].read(text) if name in known else text for name, text in texts.items()}


def _known(method: str, given: Mapping[str, str | None]) -> dict[str, Option]:
    from elision.explainers.registry import all_options

    return {option.name: option for option in all_options(method, given)}


def _told(name: str) -> str:
    """Return what the methods say of an option, and which have it."""
    from elision.explainers.registry import methods

    said: dict[str, list[str]] = {}
    for method in methods():
        for option in method.options:
            if option.name == name:
                said.setdefault(_first(option.text), []).append(method.name)
    told = "; ".join(f"{text} ({', '.join(users)})" for text, users in said.items())
    return f"{told[:1].upper()}{told[1:]}. {_ALSO.get(name, '')}".rstrip()


def _first(text: str) -> str:
    """Return what stands before a text's first semicolon, or the point at the end of its first sentence."""
    return text.split(";")[0].split(". ")[0].removesuffix(".")
