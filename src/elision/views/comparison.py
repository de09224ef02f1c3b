"""Methods side by side in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from rich.console import Group
from rich.table import Table
from rich.text import Text

from elision.catalogue import methods

if TYPE_CHECKING:
    from elision.comparison import Comparison


def view(comparison: Comparison) -> Group:
    """Return a table of scores, a column a method, and one of rank correlations."""
    first = comparison.explanations[0]
    letters = [chr(ord("A") + i) for i in range(len(comparison.names))]
    scores = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    scores.add_column("word", overflow="fold")
    for letter in letters:
        scores.add_column(letter, justify="right", no_wrap=True)
    for i, unit in enumerate(first.units):
        if i and unit.segment != first.units[i - 1].segment:
            scores.add_row("")
        scores.add_row(Text(unit.text), *(_score(float(own[i])) for own in comparison.scores))
    correlation = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    correlation.add_column("")
    for letter in letters:
        correlation.add_column(letter, justify="right", no_wrap=True)
    for letter, own in zip(letters, comparison.correlation(), strict=True):
        correlation.add_row(letter, *("" if np.isnan(r) else f"{r:.2f}" for r in own))
    target = first.labels.index(first.target)
    head = Text(f"{first.target}  {first.probabilities[target]:.2%}", style="bold")
    legend = map(Text, _legend(comparison, letters))
    return Group(head, Text(), *legend, Text(), scores, Text(), Text("Spearman correlation"), correlation)


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
