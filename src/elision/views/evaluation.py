"""Methods by metrics, as Markdown and in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from rich.console import Group
from rich.table import Table
from rich.text import Text

from elision.results.intervals import least_p

if TYPE_CHECKING:
    from elision.results.evaluation import Cell, Evaluation

_ARROWS = {"higher": "↑", "lower": "↓", "": ""}
_ALPHA = 0.05
_LEAST = 10
_FEW = 30
"""Nothing is bold where p is at least _ALPHA or examples fewer than _LEAST; under _FEW intervals are said to be too
narrow: a rule of thumb."""
_RANDOM = "random"


class Standing(NamedTuple):
    """What a metric's differences support.

    Attributes:
        leaders: the best method, and all whose difference to it may be chance, without random scores.
        remark: what stands in the way of it, for several metrics at once; empty where nothing does.
    """

    leaders: frozenset[str]
    remark: str = ""


def markdown(evaluation: Evaluation) -> str:
    """Return a table with a row a method and a column a metric, and remarks under it."""
    heads = [f"{metric} {_ARROWS[evaluation.arrows[metric]]}".strip() for metric in evaluation.metrics]
    lines = [f"| method | {' | '.join(heads)} |", f"|---|{'---|' * len(heads)}"]
    bold = {metric: standing(evaluation, metric).leaders for metric in evaluation.metrics}
    for method in evaluation.methods:
        cells = (_markdown_cell(evaluation.cells[method, metric], method in bold[metric]) for metric in bold)
        lines.append(f"| {method} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", *(f"- {remark}" for remark in remarks(evaluation))])


def standing(evaluation: Evaluation, metric: str) -> Standing:
    """Return which methods lead a metric; none where no method is told apart from the best, or random scores are it."""
    cells = {method: evaluation.cells[method, metric] for method in evaluation.methods}
    best = next((method for method, cell in cells.items() if cell.best), None)
    n_tests = sum(cell.p is not None and not np.isnan(cell.p) for cell in cells.values())
    if best is None or not n_tests:
        return Standing(frozenset())
    n = _n_shared(evaluation, metric, best)
    if n < _LEAST or n_tests * _least_p(evaluation, n) >= _ALPHA:
        plural = "" if n == 1 else "s"
        return Standing(frozenset(), f"with {n} example{plural} nothing can be told apart, so nothing is bold")
    if not any(cell.p is not None and cell.p < _ALPHA for cell in cells.values()):
        return Standing(frozenset(), "no method is told apart from the best, so nothing is bold")
    level = {method for method, cell in cells.items() if cell.best or (cell.p is not None and cell.p >= _ALPHA)}
    chance = {method for method in level if _is_random(evaluation, method)}
    if best in chance:
        return Standing(frozenset(), "no method is better than random scores, so nothing is bold")
    return Standing(frozenset(level - chance), "random scores may be as good as the best" if chance else "")


def remarks(evaluation: Evaluation) -> list[str]:
    """Return what the marks mean, and what a reader must know."""
    settings = evaluation.settings
    plural = "" if settings["examples"] == 1 else "s"
    n = {cell.n for cell in evaluation.cells.values()}
    few = f"; some metrics say something of {min(n)} only" if min(n) < settings["examples"] else ""
    return [
        f"{settings['examples']} example{plural}, {settings['level']:.0%} bootstrap intervals over examples{few}",
        *_remarks_on_leaders(evaluation),
        *_remarks_on_few(evaluation),
        *evaluation.warnings,
    ]


def _remarks_on_leaders(evaluation: Evaluation) -> list[str]:
    """Return what bold means, and of which metrics nothing is bold."""
    found = {metric: standing(evaluation, metric) for metric in evaluation.metrics}
    said: dict[str, list[str]] = {}
    for metric, own in found.items():
        if own.remark:
            said.setdefault(own.remark, []).append(metric)
    meaning = "bold or *: the best, and all whose difference to it may be chance; random scores never"
    return [
        *(
            [f"{meaning} (Holm-corrected p of at least {_ALPHA:g})"]
            if any(own.leaders for own in found.values())
            else []
        ),
        *(
            remark if metrics == list(evaluation.metrics) else f"{', '.join(metrics)}: {remark}"
            for remark, metrics in said.items()
        ),
    ]


def _remarks_on_few(evaluation: Evaluation) -> list[str]:
    """Return what few examples do to intervals and p-values; the tests of intervals have the simulation."""
    n = evaluation.settings["examples"]
    if n >= _FEW:
        return []
    said = f"fewer than {_FEW} examples: intervals are too narrow"
    if n >= _LEAST and evaluation.settings["test"] == "bootstrap":
        said += f", and p-values under {_ALPHA:g} come by chance in some 10 % of cases, not 5 %"
    return [said]


def _least_p(evaluation: Evaluation, n: int) -> float:
    """Return the smallest p-value, before it is corrected, that the evaluation's test gives for n examples."""
    return least_p(n, n_resamples=evaluation.settings["n_resamples"], test=evaluation.settings["test"])


def _n_shared(evaluation: Evaluation, metric: str, best: str) -> int:
    """Return the most examples of which the best method and another both say something."""
    told = {method: np.isfinite(evaluation.measurements[method, metric].values) for method in evaluation.methods}
    return max((int((told[best] & own).sum()) for method, own in told.items() if method != best), default=0)


def _is_random(evaluation: Evaluation, method: str) -> bool:
    return any(explanation.method == _RANDOM for explanation in evaluation.explanations[method])


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
        bold = {metric: standing(evaluation, metric).leaders for metric in metrics}
        for method in evaluation.methods:
            cells = (_cell(evaluation.cells[method, metric], method in bold[metric]) for metric in metrics)
            table.add_row(Text(method), *cells)
        found += [table, Text()]
    return found


def _cell(cell: Cell, leads: bool) -> Text:
    marks = ("*" if leads else " ") + ("!" if cell.shared else " ")
    return Text(figure(cell) + marks, style="bold" if leads else "")


def _markdown_cell(cell: Cell, leads: bool) -> str:
    text = figure(cell)
    return (f"**{text}**" if leads else text) + (" !" if cell.shared else "")


def figure(cell: Cell) -> str:
    """Return a figure with its interval."""
    if np.isnan(cell.mean):
        return "-"
    return f"{cell.mean:.3f} ({cell.lower:.3f} to {cell.upper:.3f})"
