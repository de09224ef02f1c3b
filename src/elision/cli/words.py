"""What the library says, in the shell's words.

The library's messages name parameters: at the start of a clause before a verb (`k must be ...`, `threshold goes with
...`), after one (`lower k`, `leave dev out`), or with a value (`method='lime'`). The table from parameters to flags is
made from the command's own options. What the command line lacks stays as it is, and its clause says "in Python".
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence

import click

from elision.errors import brief

_LONGEST_ARGUMENT = 100
_PLAIN = re.compile(r"[\w.,;:?'-]+( [\w.,;:?'-]+)*")
_SAID_OF = r"must|goes|go|does not|do not|needs|cannot|(?:is|are) (?:for|a setting)"
_SAID_TO = r"lower|raise|without|needs|leave|leave out|give"
_SETTING = r"(?<![\w.(\"'])(?P<name>[a-z]\w*)=(?P<value>'[^']*'|\"[^\"]*\"|[\w.^+-]+)"
_CALL = r"(?<![\w.])(?:[A-Za-z][\w.]*\([^()]*\)(?:\.\w+\([^()]*\))*|elision\.\w+)"
_QUOTED = r"(?<!\w)'[^']*'(?!\w)|(?<!\w)\"[^\"]*\"(?!\w)"
_AT = re.compile(r"method='(?P<method>[^']*)' with removal='(?P<removal>[^']*)'")
_LISTED = re.compile(r"; (?P<method>[\w-]+) has (?:seed|[\w, ]+, seed)\b[\w, ]*(?P<end>$|: did you mean)")
"""What a method has, at the end of a refusal."""
_WORD = re.compile(r"[\w-]*|[-+.\deE]*|.", re.DOTALL)
_IN_PYTHON = "\0"
_VALUE = "..."


def in_shell(message: str, command: click.Command, arguments: Sequence[str] = ()) -> str:
    """Return a message of the library as one of the command line.

    Args:
        message: with the parameters' names.
        command: the one that was run.
        arguments: what the user typed; where the message repeats it, it stays as it is, but for its length.
    """
    held, message = _hold(message, arguments)
    flags = flags_of(command)
    if settable := settable_in(command):
        message = _LISTED.sub(r"; elision methods \g<method> lists its options\g<end>", message)
        flags = settable | flags
    if "removal" not in flags_of(command):
        message = _AT.sub(r"\g<method>@\g<removal>", message)
    said = _Grammar(flags).apply(message)
    said = "".join(_say_where(clause) for clause in _clauses(said)) if "in Python" not in said else said
    said = said.replace(_IN_PYTHON, "")
    for mark, own in held:
        said = said.replace(mark, own)
    return said


def shorten_arguments(message: str, arguments: Sequence[str]) -> str:
    """Return a message in which what the user typed is no longer than a line."""
    held, message = _hold(message, arguments)
    for mark, own in held:
        message = message.replace(mark, own)
    return message


def quoted(text: str) -> str:
    """Return a text as it is typed in a shell, in quotes, its middle left out where it is long."""
    shown = brief(" ".join(text.split()))
    return f'"{shown}"' if _PLAIN.fullmatch(shown) else shlex.quote(shown)


def flags_of(command: click.Command) -> dict[str, str]:
    """Return the flag of each parameter: by the name in Python and by the flag's own, of lists in the singular too."""
    found: dict[str, str] = {}
    for parameter in command.params:
        if isinstance(parameter, click.Argument) and parameter.metavar and parameter.metavar.isalpha():
            found[str(parameter.name)] = parameter.metavar
        if isinstance(parameter, click.Option):
            flag = max(parameter.opts, key=len)
            found |= {str(parameter.name): flag, flag.lstrip("-").replace("-", "_"): flag}
    return {name[:-1]: flag for name, flag in found.items() if name.endswith("s")} | found


def settable_in(command: click.Command) -> dict[str, str]:
    """Return how a command is told each option that has no flag of its own; nothing for one without `--set`."""
    parameters = {parameter.name for parameter in command.params}
    if "settings" not in parameters:
        return {}
    from elision.explainers.registry import methods
    from elision.metrics.registry import metric_descriptions
    from elision.removal.registry import removals

    described = (*methods(), *removals(), *(metric_descriptions() if "metrics" in parameters else ()))
    return {option.name: f"--set {option.name}={_VALUE}" for own in described for option in own.options}


class _Grammar:
    """Where a message names parameters."""

    def __init__(self, flags: Mapping[str, str]) -> None:
        self._flags = flags
        names = "|".join(map(re.escape, sorted(flags, key=len, reverse=True))) or r"(?!)"
        several = rf"(?:{names})(?:(?:, | and | or )(?:{names}))*"
        self._names = re.compile(rf"\b(?:{names})\b")
        distinct = "|".join(re.escape(name) for name in flags if "_" in name or len(name) == 1) or r"(?!)"
        self._parts = re.compile(
            rf"(?P<call>{_CALL})|(?P<setting>{_SETTING})|(?P<quoted>{_QUOTED})"
            rf"|(?P<of>(?:^|(?<=[;:,] )){several}(?= (?:'[^']*' )?(?:{_SAID_OF})\b))"
            rf"|(?P<to>\b(?:{_SAID_TO}) {several}(?![\w=]))"
            rf"|(?P<distinct>(?<![\w^.-])(?:{distinct})(?![\w=]))"
        )

    def apply(self, message: str) -> str:
        """Return the message with flags, and with a mark at what only Python has."""
        return self._parts.sub(self._one, message)

    def _one(self, found: re.Match[str]) -> str:
        whole = found.group()
        if found["quoted"]:
            return whole
        if found["call"]:
            return whole + _IN_PYTHON
        if not found["setting"]:
            return self._names.sub(lambda name: self._flags[name.group()], whole)
        if (flag := self._flags.get(found["name"])) is None:
            return whole + _IN_PYTHON
        value = found["value"].strip("'\"")
        if flag.endswith(_VALUE):
            return flag.removesuffix(_VALUE) + value
        return flag if value == "True" else f"{flag} {value}"


def _hold(message: str, arguments: Sequence[str]) -> tuple[list[tuple[str, str]], str]:
    """Return marks with what they stand for, and the message with marks for what the user typed and no word is."""
    held: list[tuple[str, str]] = []
    given = {part for argument in arguments for part in (argument, argument.partition("=")[2])}
    for argument in sorted(filter(_is_no_word, given), key=len, reverse=True):
        for shown in (argument, repr(argument)[1:-1]):
            if shown in message:
                mark = f"\1{len(held)}\1"
                held.append((mark, brief(shown) if len(shown) > _LONGEST_ARGUMENT else shown))
                message = message.replace(shown, mark)
    return held, message


def _is_no_word(argument: str) -> bool:
    return len(argument) > _LONGEST_ARGUMENT or not _WORD.fullmatch(argument)


def _clauses(message: str) -> Iterator[str]:
    """Yield the parts between semicolons and colons, each with the sign before it; none is cut within quotes."""
    start = 0
    for found in re.finditer(rf"{_QUOTED}|{_CALL}|[;:](?= )", message):
        if found.group() in ";:":
            yield message[start : found.start()]
            start = found.start()
    yield message[start:]


def _say_where(clause: str) -> str:
    if _IN_PYTHON not in clause or clause[:1] not in (";", ":"):
        return clause
    return f"{',' if clause[0] == ':' else ';'} in Python:{clause[1:]}"
