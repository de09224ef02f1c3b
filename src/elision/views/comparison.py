"""Methods side by side in a terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from elision.explainers.registry import methods
from elision.views.answers import answer_text, score_digits
from elision.views.paint import Paint, paint_for
from elision.views.palettes import DEFAULT, Palette, find_palette
from elision.views.rationales import rationale_sentences
from elision.views.shared import (
    WEAK,
    is_signed,
    precision,
    shorten,
    signs,
    strength,
    upright,
    visible,
)
from elision.views.words import plain

if TYPE_CHECKING:
    from elision.results.comparison import Comparison
    from elision.results.explanation import Explanation

_GAP = 2
_DIGITS = 2


def view(comparison: Comparison, *, width: int = 100, palette: str = DEFAULT) -> View:
    """Return tables of scores and of rank correlations, a column a method.

    Args:
        comparison: what to show.
        width: columns; where they are too few, further methods stand in further tables, never half a number.
        palette: "red-blue" or "orange-teal".
    Raises:
        OptionError: there is no such palette.
    """
    return View(comparison, width, find_palette(palette))


@dataclass(frozen=True)
class View:
    """A comparison that a rich console prints with as many colours as it has.

    Attributes:
        comparison: what to show.
        width: columns.
        palette: colours for and against.
    """

    comparison: Comparison
    width: int
    palette: Palette

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the parts, one under another."""
        comparison, width, paint = self.comparison, self.width, paint_for(console, self.palette)
        first = comparison.explanations[0]
        letters = [chr(ord("A") + i) for i in range(len(comparison.names))]
        words = [shorten(visible(unit.text), max(width // 3, 8)) for unit in first.units]
        breaks = {i for i in range(1, len(words)) if first.units[i].segment != first.units[i - 1].segment}
        scores = [_scores(explanation, paint) for explanation in comparison.explanations]
        correlation = [[Text("" if np.isnan(r) else f"{r:.2f}") for r in own] for own in comparison.correlation()]
        yield Text(visible(f"{first.target}  {answer_text(first, first.value)}"), style="bold")
        yield Text()
        yield from [Text(visible(line)) for line in _legend(comparison, letters)]
        yield Text(visible(f"scores: {signs(first)}; each method has its own unit"))
        yield Text()
        yield from _tables("word", words, letters, scores, breaks, width)
        yield from _sets(comparison, letters)
        yield Text("Spearman correlation of the methods: 1 where they rank the words alike")
        yield from _tables("", letters, letters, correlation, set(), width)[:-1]
        said = list(dict.fromkeys(filter(None, map(precision, comparison.explanations))))
        yield from [Text(), *(Text(visible(line), style="dim") for line in said)] * bool(said)


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


def _sets(comparison: Comparison, letters: list[str]) -> list[Text]:
    """Return what is said of the sets of each method that sought any."""
    said = [
        Text(f"{letter}  {visible(plain(one))}")
        for letter, explanation in zip(letters, comparison.explanations, strict=True)
        for one in rationale_sentences(explanation)
    ]
    return [*said, Text()] if said else []


def _legend(comparison: Comparison, letters: list[str]) -> list[str]:
    known = {method.name: method.summary for method in methods()}
    return [
        f"{letter}  {name}: {known.get(explanation.method, 'your own')}; {_count(explanation.origin.evaluations)}"
        for letter, name, explanation in zip(letters, comparison.names, comparison.explanations, strict=True)
    ]


def _count(evaluations: int) -> str:
    return f"{evaluations:,} evaluation{'' if evaluations == 1 else 's'}"


def _scores(explanation: Explanation, paint: Paint) -> list[Text]:
    """Return a method's scores, coloured where they are not weak; those without a sign say neither for nor against."""
    shown, digits = [], score_digits(explanation) if is_signed(explanation) else _DIGITS
    for score, share in zip(explanation.scores, strength(explanation), strict=True):
        coloured = is_signed(explanation) and abs(share) >= WEAK
        shown.append(Text(f"{score:+.{digits}f}", style=paint.bar(share) if coloured else ""))
    return shown
