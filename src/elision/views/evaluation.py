"""Methods by metrics, as Markdown and in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
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
_WIDTH, _WIDTH_OF_SHARES = 28, 35
"""Of a metric's column in a terminal, and with shares of what is attainable."""


class Standing(NamedTuple):
    """What a metric's differences support.

    Attributes:
        leaders: the best method, and all whose difference to it may be chance, without random scores.
        remark: what stands in the way of it, for several metrics at once; empty where nothing does.
    """

    leaders: frozenset[str]
    remark: str = ""


def markdown(evaluation: Evaluation) -> str:
    """Return a table with a row a method and a column a metric, then what is attainable, and remarks under it."""
    heads = [f"{metric} {_ARROWS[evaluation.arrows[metric]]}".strip() for metric in evaluation.metrics]
    lines = [f"| method | {' | '.join(heads)} |", f"|---|{'---|' * len(heads)}"]
    bold = {metric: standing(evaluation, metric).leaders for metric in evaluation.metrics}
    for method in evaluation.methods:
        cells = (_markdown_cell(evaluation.cells[method, metric], method in bold[metric]) for metric in bold)
        lines.append(f"| {method} | {' | '.join(cells)} |")
    lines += [f"| {title} | {' | '.join(ends)} |" for title, ends in _attainable(evaluation, evaluation.metrics)]
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
        *_remarks_on_ceilings(evaluation),
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


def _remarks_on_ceilings(evaluation: Evaluation) -> list[str]:
    """Return what attainable figures and shares of them are, and how sure."""
    ceilings = evaluation.ceilings
    if not ceilings:
        return []
    found = [
        "attainable: what the best and the worst order of each example's own units gives; percentages are the place "
        "between them, 0 % the worst and 100 % the best"
    ]
    unsure = {name: int((~own.proven).sum()) for name, own in ceilings.items() if not own.proven.all()}
    if unsure:
        said = ", ".join(f"{name}: {n}" for name, n in unsure.items())
        found.append(
            f"of some examples the ends are what a search found, not proven ({said}): there the best may be better "
            "than shown, and shares of it smaller"
        )
    moved = {name: own.n_moved for name, own in ceilings.items() if own.n_moved}
    if moved:
        said = ", ".join(f"{name}: {n}" for name, n in moved.items())
        found.append(f"a method's order lay beyond what the search found, and counts as attainable, for some ({said})")
    missing = [metric for metric in evaluation.metrics if metric not in ceilings]
    return [*found, *([f"nothing is said of what is attainable in {', '.join(missing)}"] if missing else [])]


def _attainable(evaluation: Evaluation, metrics: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Return rows of the best and the worst that is attainable in metrics; none where that was not sought."""
    ceilings = evaluation.ceilings
    if not ceilings:
        return []
    return [
        (f"{end} attainable", [f"{getattr(ceilings[m], end):.3f}" if m in ceilings else "-" for m in metrics])
        for end in ("best", "worst")
    ]


def _least_p(evaluation: Evaluation, n: int) -> float:
    """Return the smallest p-value, before it is corrected, that the evaluation's test gives for n examples."""
    return least_p(n, n_resamples=evaluation.settings["n_resamples"], test=evaluation.settings["test"])


def _n_shared(evaluation: Evaluation, metric: str, best: str) -> int:
    """Return the most examples of which the best method and a rival both say something."""
    rivals = [method for method in evaluation.methods if not evaluation.cells[method, metric].ceiling]
    told = {method: np.isfinite(evaluation.measurements[method, metric].values) for method in rivals}
    return max((int((told[best] & own).sum()) for method, own in told.items() if method != best), default=0)


def _is_random(evaluation: Evaluation, method: str) -> bool:
    return any(explanation.method == _RANDOM for explanation in evaluation.explanations[method])


def view(evaluation: Evaluation, *, width: int) -> Group:
    """Return the table for a terminal; where it is too narrow, one metric after another."""
    tables = _tables(evaluation, width)
    return Group(*tables, *(Text(remark, style="dim") for remark in remarks(evaluation)))


def _tables(evaluation: Evaluation, width: int) -> list[Table | Text]:
    names = max(len(name) for name in (*evaluation.methods, *(title for title, _ in _attainable(evaluation, ())))) + 2
    per_table = max((width - names) // (_WIDTH_OF_SHARES if evaluation.ceilings else _WIDTH), 1)
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
        for title, ends in _attainable(evaluation, metrics):
            table.add_row(Text(title, style="dim"), *(Text(f"{end}  ", style="dim") for end in ends))
        found += [table, Text()]
    return found


def _cell(cell: Cell, leads: bool) -> Text:
    marks = ("*" if leads else " ") + (_mark(cell) or " ")
    return Text(figure(cell) + marks, style="bold" if leads else "")


def _markdown_cell(cell: Cell, leads: bool) -> str:
    text = figure(cell)
    return " ".join(filter(None, [f"**{text}**" if leads else text, _mark(cell)]))


def _mark(cell: Cell) -> str:
    return "^" if cell.ceiling else "!" if cell.shared else ""


def figure(cell: Cell) -> str:
    """Return a figure with its interval, and its share of what is attainable."""
    if np.isnan(cell.mean):
        return "-"
    share = "" if cell.attained is None or np.isnan(cell.attained) else f", {cell.attained:.0%}"
    return f"{cell.mean:.3f} ({cell.lower:.3f} to {cell.upper:.3f}){share}"
