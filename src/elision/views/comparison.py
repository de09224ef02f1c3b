"""Methods side by side in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from rich.cells import cell_len
from rich.console import Group
from rich.table import Table
from rich.text import Text

from elision.catalogue import methods
from elision.views.shared import percent, shorten, upright, visible

if TYPE_CHECKING:
    from elision.comparison import Comparison

_GAP = 2


def view(comparison: Comparison, *, width: int = 100) -> Group:
    """Return tables of scores and of rank correlations, a column a method.

    Args:
        comparison: what to show.
        width: columns; where they are too few, further methods stand in further tables, never half a number.
    """
    first = comparison.explanations[0]
    letters = [chr(ord("A") + i) for i in range(len(comparison.names))]
    words = [shorten(visible(unit.text), max(width // 3, 8)) for unit in first.units]
    breaks = {i for i in range(1, len(words)) if first.units[i].segment != first.units[i - 1].segment}
    scores = [[_score(float(score)) for score in own] for own in comparison.scores]
    correlation = [[Text("" if np.isnan(r) else f"{r:.2f}") for r in own] for own in comparison.correlation()]
    target = first.labels.index(first.target)
    head = Text(visible(f"{first.target}  {percent(float(first.probabilities[target]))}"), style="bold")
    legend = [Text(visible(line)) for line in _legend(comparison, letters)]
    tables = _tables("word", words, letters, scores, breaks, width)
    tables += [Text("Spearman correlation"), *_tables("", letters, letters, correlation, set(), width)]
    return Group(head, Text(), *legend, Text(), *tables[:-1])


def _tables(
    title: str, rows: list[str], letters: list[str], columns: list[list[Text]], breaks: set[int], width: int
) -> list[Table | Text]:
    """Return the columns in as many tables as the width asks for, each with the rows' names; blank lines between."""
    named = max(map(cell_len, [title, *rows]), default=0)
    wide = max((column_text.cell_len for own in columns for column_text in own), default=1) + _GAP
    per_table = max((width - named) // wide, 1)
    found: list[Table | Text] = []
    for start in range(0, len(letters), per_table):
        table = Table(box=None, pad_edge=False, padding=(0, 0, 0, 0))
        table.add_column(title, no_wrap=True)
        for letter in letters[start : start + per_table]:
            table.add_column(letter, justify="right", no_wrap=True, min_width=wide)
        for i, row in enumerate(rows):
            if i in breaks:
                table.add_row("")
            table.add_row(Text(upright(row)), *(own[i] for own in columns[start : start + per_table]))
        found += [table, Text()]
    return found


def _legend(comparison: Comparison, letters: list[str]) -> list[str]:
    known = {method.name: method.summary for method in methods()}
    return [
        f"{letter}  {name}: {known.get(name, 'your own')}; {_count(explanation.provenance['evaluations'])}"
        for letter, name, explanation in zip(letters, comparison.names, comparison.explanations, strict=True)
    ]


def _count(evaluations: int) -> str:
    return f"{evaluations:,} evaluation{'' if evaluations == 1 else 's'}"


def _score(score: float) -> Text:
    return Text(f"{score:+.2f}", style="red" if score > 0.005 else "blue" if score < -0.005 else "")
