"""Methods by metrics, as Markdown and in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from rich.console import Group
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from elision.metrics.evaluation import Cell, Evaluation

_ARROWS = {"higher": "↑", "lower": "↓", "": ""}
_ALPHA = 0.05
_FEW = 30


def markdown(evaluation: Evaluation) -> str:
    """Return a table with a row a method and a column a metric, and remarks under it."""
    heads = [f"{metric} {_ARROWS[evaluation.arrows[metric]]}".strip() for metric in evaluation.metrics]
    lines = [f"| method | {' | '.join(heads)} |", f"|---|{'---|' * len(heads)}"]
    for method in evaluation.methods:
        cells = (_markdown_cell(evaluation.cells[method, metric]) for metric in evaluation.metrics)
        lines.append(f"| {method} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", *(f"- {remark}" for remark in remarks(evaluation))])


def remarks(evaluation: Evaluation) -> list[str]:
    """Return what the marks mean, and what a reader must know."""
    settings = evaluation.settings
    plural = "" if settings["examples"] == 1 else "s"
    n = {cell.n for cell in evaluation.cells.values()}
    n_few = settings["examples"] < _FEW
    few = f"; some metrics say something of {min(n)} only" if min(n) < settings["examples"] else ""
    return [
        f"{settings['examples']} example{plural}, {settings['level']:.0%} bootstrap intervals over examples{few}",
        f"bold or *: the best, and all whose difference to it may be chance (Holm-corrected p of at least {_ALPHA:g})",
        *([f"fewer than {_FEW} examples: intervals and p-values are smaller than they should be"] if n_few else []),
        *evaluation.warnings,
    ]


def view(evaluation: Evaluation, *, width: int) -> Group:
    """Return the table for a terminal; where it is too narrow, one metric after another."""
    tables = _tables(evaluation, width)
    return Group(*tables, *(Text(remark, style="dim") for remark in remarks(evaluation)))


def _tables(evaluation: Evaluation, width: int) -> list[Table | Text]:
    names = max(len(method) for method in evaluation.methods) + 2
    per_table = max((width - names) // 28, 1)
    found: list[Table | Text] = []
    for start in range(0, len(evaluation.metrics), per_table):
        metrics = evaluation.metrics[start : start + per_table]
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        table.add_column("method", no_wrap=True)
        for metric in metrics:
            table.add_column(f"{metric} {_ARROWS[evaluation.arrows[metric]]}".strip(), justify="right", overflow="fold")
        for method in evaluation.methods:
            table.add_row(Text(method), *(_cell(evaluation.cells[method, metric]) for metric in metrics))
        found += [table, Text()]
    return found


def _cell(cell: Cell) -> Text:
    return Text(figure(cell) + _marks(cell), style="bold" if leads(cell) else "")


def _markdown_cell(cell: Cell) -> str:
    text = figure(cell)
    return (f"**{text}**" if leads(cell) else text) + (" !" if cell.shared else "")


def _marks(cell: Cell) -> str:
    return ("*" if leads(cell) else " ") + ("!" if cell.shared else " ")


def leads(cell: Cell) -> bool:
    """Tell whether a method is the best of a metric, or not told apart from it."""
    return cell.best or (cell.p is not None and cell.p >= _ALPHA)


def figure(cell: Cell) -> str:
    """Return a figure with its interval."""
    if np.isnan(cell.mean):
        return "-"
    return f"{cell.mean:.3f} ({cell.lower:.3f} to {cell.upper:.3f})"
