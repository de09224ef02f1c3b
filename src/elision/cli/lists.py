"""The commands that list what there is: methods, removals, metrics, each with its options."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

from elision.cli.output import show
from elision.options import REQUIRED, Description, Option


@click.command(short_help="List the methods, or one's options.")
@click.argument("name", metavar="METHOD", required=False)
def methods(name: str | None) -> None:
    """List the methods: what their scores are, what they need, what they cost; of one METHOD its options too."""
    from elision.explainers import registry

    _list(
        name,
        registry.methods,
        registry.describe,
        {"method": "name", "scores": "summary", "needs": "needs", "cost (u words)": "cost"},
        'Say them by --set NAME=VALUE, in Python by elision.explain(text, method="{name}", NAME=VALUE).',
    )


@click.command(short_help="List the removals, or one's options.")
@click.argument("name", metavar="REMOVAL", required=False)
def removals(name: str | None) -> None:
    """List what can stand in an absent word's place; of one REMOVAL, or of several with +, the options too."""
    from elision.removal import registry

    _list(
        name,
        registry.removals,
        registry.describe_removal,
        {"removal": "name", "an absent word's tokens are": "summary", "needs": "needs", "rows for a subset": "cost"},
        "Say them beside --removal {name} by --set NAME=VALUE, for a method that takes a removal.",
        "Several at once stand with + between, as in --removal drop+mask+delete: what the model says under each is "
        "averaged.",
    )


@click.command(short_help="List the metrics, or one's options.")
@click.argument("name", metavar="METRIC", required=False)
def metrics(name: str | None) -> None:
    """List what tells how good an explanation is; of one METRIC its options too."""
    from elision.metrics import registry

    _list(
        name,
        registry.metric_descriptions,
        registry.describe_metric,
        {"metric": "name", "better": "better", "what it is": "summary", "needs": "needs", "cost": "cost"},
        "Say them to elision evaluate by --set {name}.NAME=VALUE.",
    )


def _list(
    name: str | None,
    every: Callable[[], Sequence[Description]],
    one: Callable[[str], Description],
    columns: dict[str, str],
    hint: str,
    below: str = "",
) -> None:
    """Print a table of all, or what there is to say of one.

    Args:
        name: of the one, or None.
        every: returns all.
        one: returns the one of a name.
        columns: a description's attribute under each title.
        hint: how options are said.
        below: what stands under the table of all.
    """
    if name is not None:
        described = one(name)
        show(lambda console: _page(described, hint))
        return
    table = _table(*columns)
    for own in every():
        table.add_row(*(getattr(own, attribute) for attribute in columns.values()))
    from rich.console import Group
    from rich.text import Text

    show(lambda console: Group(table, *[Text(f"\n{below}")] * bool(below)))


def _page(described: Description, hint: str) -> Any:
    from rich.console import Group
    from rich.text import Text

    lines = [f"{described.name}: {described.summary}", f"needs: {described.needs}; costs: {described.cost}"]
    lines += [f"source: {described.source}"] * bool(described.source)
    if not described.options:
        return Group(*map(Text, [*lines, "It has no options."]))
    table = _table("option", "takes", "default", "")
    for option in described.options:
        table.add_row(option.name, option.takes, shown_default(option), option.text)
    return Group(*map(Text, [*lines, ""]), table, Text(""), Text(hint.format(name=described.name)))


def shown_default(option: Option) -> str:
    """Return an option's default as `--set` takes it."""
    if option.default is REQUIRED:
        return "must be given"
    if isinstance(option.default, tuple | list):
        return ",".join(map(str, option.default))
    return "none" if option.default is None else str(option.default)


def _table(*titles: str) -> Any:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for i, title in enumerate(titles):
        table.add_column(title, overflow="fold", no_wrap=i == 0)
    return table
