"""The explanation as text: coloured where the terminal has colours, readable where it has none."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from elision.results.explanation import Explanation
from elision.views.answers import sides
from elision.views.groups import colour, interaction_line, members, numeral
from elision.views.groups import share as group_share
from elision.views.paint import Paint, paint_for
from elision.views.palettes import DEFAULT, Palette, find_palette
from elision.views.rationales import differing, mark_hint, marks, rationale_sentences, ways
from elision.views.shared import (
    LONGEST_WORD,
    headline,
    interval,
    is_signed,
    meaning,
    number,
    percent,
    pieces,
    points,
    provenance_line,
    shorten,
    strength,
    upright,
    visible,
    without,
)
from elision.views.words import Name, Said, absence, error_hint, key, sentence, shades, shown, sum_hint, unit_hint

_PLAIN_WIDTH = 100
_MOST_BAR_CELLS = 12
_LEAST_BAR_CELLS = 4
_ROOM_FOR_WORDS = 16
_WIDTH_FOR_LIKELIHOOD = 48
_WIDTH_FOR_POINTS = 40
_WIDTH_FOR_TABLE = 60
_WIDTH_FOR_BOUNDS = 64
_WIDTH_FOR_ALL = 90
_WIDTH_FOR_NAMED_TEXTS = 40
_BLOCKS = "▐▌█│"
_ASCII = "##=|"


def render(
    explanation: Explanation, *, top: int | None = None, width: int = _PLAIN_WIDTH, palette: str = DEFAULT
) -> str:
    """Return the explanation as plain text.

    Args:
        explanation: what to show.
        top: show only the units that weigh most, or None for all in reading order.
        width: columns.
        palette: checked, and without effect: plain text has no colours.
    """
    console = Console(file=io.StringIO(), width=width, color_system=None, legacy_windows=False)
    console.print(view(explanation, top=top, width=width, palette=palette))
    written = console.file.getvalue()  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in written.rstrip().splitlines())


def view(
    explanation: Explanation,
    *,
    top: int | None = None,
    width: int = _PLAIN_WIDTH,
    ascii_only: bool = False,
    palette: str = DEFAULT,
) -> View:
    """Return the explanation for a rich console: a sentence, coloured text, a row for each unit, provenance.

    Args:
        explanation: what to show.
        top: show only the units that weigh most, or None for all in reading order.
        width: columns; a narrow terminal gets fewer of the table's columns, never half a number.
        ascii_only: draw bars with letters that every terminal has.
        palette: "red-blue", or "orange-teal" where red for the class would mislead.
    Raises:
        OptionError: there is no such palette.
    """
    return View(explanation, top, width, _ASCII if ascii_only else _BLOCKS, find_palette(palette))


@dataclass(frozen=True)
class View:
    """An explanation that a rich console prints with as many colours as it has.

    Attributes:
        explanation: what to show.
        top: show only the units that weigh most, or None for all.
        width: columns.
        marks: of which bars are drawn: half at the left, half at the right, whole, the middle.
        palette: colours for and against.
    """

    explanation: Explanation
    top: int | None
    width: int
    marks: str
    palette: Palette

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the parts, one under another."""
        explanation, paint = self.explanation, paint_for(console, self.palette)
        yield Text(visible(headline(explanation)), style="bold")
        said = sentence(explanation, paint.names)
        yield from [_said(said)] * bool(said)
        yield Text()
        for segment in range(len(explanation.segments)):
            if explanation.groups is None:
                yield _strip(explanation, segment, paint)
            else:
                yield from _numbered(explanation, segment, self.width, paint)
        yield from [_legend(explanation, paint)] * paint.colours
        if explanation.groups is not None:
            yield Text()
            yield from _group_lines(explanation) if self.width < _WIDTH_FOR_TABLE else [_group_table(explanation)]
            yield from [Text(visible(line)) for line in [interaction_line(explanation)] if line]
        yield from _sets(explanation)
        yield Text()
        yield _table(explanation, self.top, self.width, self.marks, paint)
        yield _columns_are(explanation, self.width)
        yield Text()
        yield from [Text(f"note: {visible(note)}", style="yellow") for note in explanation.notes]
        yield Text(visible(provenance_line(explanation)), style="dim")


def _said(said: Said) -> Text:
    """Return a sentence with the text's words and the class set off."""
    line = Text()
    for part in said:
        if isinstance(part, Name):
            own = part._replace(text=upright(shorten(visible(part.text), 2 * LONGEST_WORD)))
            line.append(shown(own), style="bold")
        else:
            line.append(visible(shown(part)))
    return line


def _sets(explanation: Explanation) -> list[Text]:
    """Return what is said of sets that keep the answer or take it, and of those that do so under one removal only."""
    said = [_said(one) for one in rationale_sentences(explanation)]
    others = [_said(one) for one in differing(explanation)]
    how = ways(explanation)
    lines = [Text(), *said] if said else []
    lines += [Text(" ").join(others)] * bool(others)
    return lines + [Text(visible(how), style="italic")] * bool(how)


def _legend(explanation: Explanation, paint: Paint) -> Text:
    """Return what the colours mean."""
    line = Text()
    for said, share in key(explanation):
        line.append(f" {visible(_said(said).plain)} ", style=paint.word(share)).append(" ")
    return line.append(f" {shades(explanation)}", style="dim")


def _columns_are(explanation: Explanation, width: int) -> Text:
    """Return what the table's numbers are."""
    lines = [absence(explanation)] * (width >= _WIDTH_FOR_POINTS)
    lines += [f"score: {meaning(explanation)}", unit_hint(explanation), sum_hint(explanation)]
    lines += [error_hint(explanation)] * (width >= _width_for_bounds(explanation))
    lines += [mark_hint(explanation)] * (width >= _WIDTH_FOR_TABLE)
    return Text(visible("; ".join(filter(None, lines))), style="italic")


def _width_for_bounds(explanation: Explanation) -> int:
    return _WIDTH_FOR_BOUNDS + 12 * (explanation.absent_values is not None)


def _strip(explanation: Explanation, segment: int, paint: Paint) -> Text:
    """Return one text with its units coloured."""
    shares = strength(explanation)
    line = Text()
    for text, unit in pieces(explanation, segment):
        line.append(visible(text), style="dim" if unit is None else paint.word(shares[unit]))
    return line


def _numbered(explanation: Explanation, segment: int, width: int, paint: Paint) -> list[Text]:
    """Return one text with its units coloured and, in the line below, each unit's group."""
    shares = strength(explanation)
    # Beside a group's 1 and 2, a text's would be taken for another group.
    head = f"text {segment + 1}  " if width >= _WIDTH_FOR_NAMED_TEXTS else f"{segment + 1}: "
    head = head if len(explanation.segments) > 1 else ""
    lines: list[Text] = []
    above, below = Text().append(head, style="dim"), Text(" " * len(head))
    for text, unit in pieces(explanation, segment):
        shown = visible(text)
        shown = shown if unit is None else shorten(shown, max(width - len(head), 2))
        group = None if unit is None else explanation.group_of(unit)
        mark = "" if group is None else numeral(group)
        if above.cell_len > len(head) and above.cell_len + max(cell_len(shown.rstrip()), len(mark)) > width:
            lines += [above, below]
            above, below = Text(" " * len(head)), Text(" " * len(head))
            shown = shown.lstrip() if unit is None else shown
        above.append(upright(shown), style="dim" if unit is None else paint.word(shares[unit]))
        if group is not None:
            below.append(mark, style=f"bold {_rgb(colour(group))}")
        above.append(" " * max(below.cell_len - above.cell_len, 0))
        below.append(" " * (above.cell_len - below.cell_len))
    below.rstrip()
    return [*lines, above, below]


def _group_lines(explanation: Explanation) -> list[Text]:
    """Return a line for each group, for narrow terminals."""
    lines = []
    for i, group in enumerate(explanation.groups or ()):
        words = " | ".join(upright(visible(members(explanation, i, s))) for s in range(len(explanation.segments)))
        line = Text(numeral(i), style=f"bold {_rgb(colour(i))}")
        lines.append(Text.assemble(line, f" {percent(group.importance)}, loss {group.loss:.2f}: {words}"))
    return lines


def _group_table(explanation: Explanation) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("group", no_wrap=True)
    table.add_column("importance", justify="right", no_wrap=True)
    table.add_column("loss", justify="right", no_wrap=True)
    pair = len(explanation.segments) > 1
    for segment in range(len(explanation.segments)):
        table.add_column(f"words of text {segment + 1}" if pair else "words")
    for i, group in enumerate(explanation.groups or ()):
        words = [upright(visible(members(explanation, i, segment))) for segment in range(len(explanation.segments))]
        name = Text(numeral(i), style=f"bold {_rgb(colour(i))}")
        table.add_row(name, percent(group.importance), f"{group.loss:.2f}", *map(Text, words))
    return table


def _bar(share: float, cells: int, marks: str, paint: Paint, *, one_sided: bool) -> Text:
    """Return a bar from the middle: to the right for, to the left against; or from the left."""
    left, right, whole, middle = tuple(marks)
    if one_sided:
        return Text((whole * round(share * 2 * cells)).ljust(2 * cells), style=paint.bar(1.0))
    full, half = divmod(round(abs(share) * 2 * cells), 2)
    if share > 0:
        return Text(" " * cells + middle).append(whole * full + right * half, style=paint.bar(share))
    drawn = left * half + whole * full
    return Text(" " * (cells - len(drawn))).append(drawn, style=paint.bar(share)).append(middle, style="none")


def _rgb(colour: tuple[int, int, int]) -> str:
    return f"rgb({colour[0]},{colour[1]},{colour[2]})"


def _table(explanation: Explanation, top: int | None, width: int, marks: str, paint: Paint) -> Table:
    shown: list[int] = list(range(len(explanation.units)))
    if top is not None:
        shown = [int(i) for i in np.argsort(-np.abs(explanation.scores), kind="stable")[:top]]
    shares, pair = strength(explanation), len(explanation.segments) > 1
    columns = _columns(explanation, shown, width)
    numbers = sum(max(len(name), *map(len, column), 1) + 2 for name, column in columns.items())
    left = width - numbers - 6 * pair - 5
    words = [visible(explanation.units[i].text) for i in shown]
    cells = _cells(left, words)
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    if pair:
        table.add_column("text", justify="right")
    table.add_column("word", no_wrap=True)
    one_sided = not is_signed(explanation)
    towards, away = sides(explanation)
    heads = f"{away if cells >= len(away) else '-':>{cells}}{marks[-1]}{towards if cells >= len(towards) else '+'}"
    table.add_column("" if one_sided else heads, no_wrap=True)
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
    room = max(min(left - 2 * cells, LONGEST_WORD), 4)
    for row, i in enumerate(shown):
        before = [str(explanation.units[i].segment + 1)] if pair else []
        bar = _bar(shares[i], cells, marks, paint, one_sided=one_sided)
        word = Text(upright(shorten(words[row], room)))
        table.add_row(*before, word, bar, *[column[row] for column in columns.values()])
    return table


def _cells(left: int, words: Sequence[str]) -> int:
    """Return how long a bar may be to either side, where so many columns are left for it and the words."""
    for_words = min(max(map(cell_len, words), default=4), _ROOM_FOR_WORDS)
    return max(min((left - for_words) // 2, _MOST_BAR_CELLS), _LEAST_BAR_CELLS)


def _columns(explanation: Explanation, shown: list[int], width: int) -> dict[str, list[str]]:
    """Return the table's numbers, by heading, as many columns as there is room for; percentages stand first."""
    told = explanation.absent_values is not None
    columns: dict[str, list[str]] = {}
    if told and width >= _WIDTH_FOR_POINTS:
        columns["without it"] = [without(explanation, i) for i in shown]
    if told and explanation.is_probability and width >= _WIDTH_FOR_LIKELIHOOD:
        columns["points"] = [points(explanation, i) for i in shown]
    columns["score"] = [number(explanation, explanation.scores[i]) for i in shown]
    bounded = explanation.lower is not None
    if (bounded or explanation.std_error is not None) and width >= _width_for_bounds(explanation):
        name = "error" if explanation.std_error is not None else "bounds"
        columns[name] = [interval(explanation, i) for i in shown]
    likely = explanation.likelihoods
    if likely is not None and width >= (_WIDTH_FOR_ALL if told else _WIDTH_FOR_LIKELIHOOD):
        columns["likelihood"] = [percent(float(likely[i])) for i in shown]
    if explanation.groups is not None and width >= _WIDTH_FOR_LIKELIHOOD:
        columns["group"] = [group_share(explanation, i) for i in shown]
    own = marks(explanation)
    if own is not None and width >= _WIDTH_FOR_TABLE:
        columns["set"] = [own[i] for i in shown]
    return columns
