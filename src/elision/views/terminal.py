"""The explanation as text: coloured where the terminal has colours, readable where it has none."""

from __future__ import annotations

import io

import numpy as np
from rich.cells import cell_len
from rich.console import Console, Group
from rich.style import Style
from rich.table import Table
from rich.text import Text

from elision.explanation import Explanation
from elision.views.groups import colour, interaction_line, letter, members, share
from elision.views.shared import (
    BLUE,
    LONGEST_WORD,
    RED,
    headline,
    interval,
    is_signed,
    meaning,
    number,
    percent,
    pieces,
    provenance_line,
    shorten,
    strength,
    upright,
    visible,
)

_PLAIN_WIDTH = 100
_MOST_BAR_CELLS = 12
_WIDTH_FOR_LIKELIHOOD = 48
_WIDTH_FOR_TABLE = 60
_WIDTH_FOR_BOUNDS = 64
_BLOCKS = "▐▌█│"
_ASCII = "##=|"


def render(explanation: Explanation, *, top: int | None = None, width: int = _PLAIN_WIDTH) -> str:
    """Return the explanation as plain text.

    Args:
        explanation: what to show.
        top: show only the units that weigh most, or None for all in reading order.
        width: columns.
    """
    console = Console(file=io.StringIO(), width=width, color_system=None, legacy_windows=False)
    console.print(view(explanation, top=top, width=width))
    written = console.file.getvalue()  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in written.rstrip().splitlines())


def view(
    explanation: Explanation, *, top: int | None = None, width: int = _PLAIN_WIDTH, ascii_only: bool = False
) -> Group:
    """Return the explanation for a rich console: headline, coloured text, a row for each unit, provenance.

    Args:
        explanation: what to show.
        top: show only the units that weigh most, or None for all in reading order.
        width: columns; a narrow terminal gets fewer of the table's columns, never half a number.
        ascii_only: draw bars with letters that every terminal has.
    """
    parts: list[Text | Table] = [Text(visible(headline(explanation)), style="bold"), Text()]
    for segment in range(len(explanation.segments)):
        parts += (
            [_strip(explanation, segment)] if explanation.groups is None else _lettered(explanation, segment, width)
        )
    if explanation.groups is not None:
        parts += [Text(), *(_group_lines(explanation) if width < _WIDTH_FOR_TABLE else [_group_table(explanation)])]
        parts += [Text(visible(line)) for line in [interaction_line(explanation)] if line]
    table = _table(explanation, top, width, _ASCII if ascii_only else _BLOCKS)
    parts += [Text(), Text(visible(meaning(explanation)), style="dim"), table, Text()]
    parts += [Text(f"note: {visible(note)}", style="yellow") for note in explanation.notes]
    parts.append(Text(visible(provenance_line(explanation)), style="dim"))
    return Group(*parts)


def _style(share: float) -> Style:
    """Return red for positive, blue for negative, the stronger the more."""
    if abs(share) < 0.02:
        return Style()
    red, green, blue = RED if share > 0 else BLUE
    weight = 0.15 + 0.85 * min(abs(share), 1.0)
    paper = tuple(round(255 + (channel - 255) * weight) for channel in (red, green, blue))
    return Style(
        bgcolor=f"rgb({paper[0]},{paper[1]},{paper[2]})", color="rgb(255,255,255)" if weight > 0.85 else "rgb(0,0,0)"
    )


def _strip(explanation: Explanation, segment: int) -> Text:
    """Return one text with its units coloured."""
    shares = strength(explanation)
    line = Text()
    for text, unit in pieces(explanation, segment):
        line.append(visible(text), style="dim" if unit is None else _style(shares[unit]))
    return line


def _lettered(explanation: Explanation, segment: int, width: int) -> list[Text]:
    """Return one text with its units coloured and, in the line below, each unit's group."""
    shares = strength(explanation)
    head = f"{segment + 1}  " if len(explanation.segments) > 1 else ""
    lines: list[Text] = []
    above, below = Text().append(head, style="dim"), Text(" " * len(head))
    for text, unit in pieces(explanation, segment):
        shown = visible(text)
        shown = shown if unit is None else shorten(shown, max(width - len(head), 2))
        group = None if unit is None else explanation.group_of(unit)
        mark = "" if group is None else letter(group)
        if above.cell_len > len(head) and above.cell_len + max(cell_len(shown.rstrip()), len(mark)) > width:
            lines += [above, below]
            above, below = Text(" " * len(head)), Text(" " * len(head))
            shown = shown.lstrip() if unit is None else shown
        above.append(upright(shown), style="dim" if unit is None else _style(shares[unit]))
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
        line = Text(letter(i), style=f"bold {_rgb(colour(i))}")
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
        name = Text(letter(i), style=f"bold {_rgb(colour(i))}")
        table.add_row(name, percent(group.importance), f"{group.loss:.2f}", *map(Text, words))
    return table


def _bar(share: float, cells: int, marks: str, *, one_sided: bool) -> Text:
    """Return a bar from the middle: to the right for, to the left against; or from the left."""
    left, right, whole, middle = tuple(marks)
    if one_sided:
        return Text((whole * round(share * 2 * cells)).ljust(2 * cells), style=_rgb(RED))
    full, half = divmod(round(abs(share) * 2 * cells), 2)
    if share > 0:
        return Text(" " * cells + middle).append(whole * full + right * half, style=_rgb(RED))
    drawn = left * half + whole * full
    return Text(" " * (cells - len(drawn))).append(drawn, style=_rgb(BLUE)).append(middle, style="none")


def _rgb(colour: tuple[int, int, int]) -> str:
    return f"rgb({colour[0]},{colour[1]},{colour[2]})"


def _table(explanation: Explanation, top: int | None, width: int, marks: str) -> Table:
    shown: list[int] = list(range(len(explanation.units)))
    if top is not None:
        shown = [int(i) for i in np.argsort(-np.abs(explanation.scores), kind="stable")[:top]]
    shares = strength(explanation)
    columns = _columns(explanation, shown, width)
    cells = max(min((width - 60) // 2, _MOST_BAR_CELLS), 4)
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    if len(explanation.segments) > 1:
        table.add_column("text", justify="right")
    table.add_column("word", no_wrap=True)
    one_sided = not is_signed(explanation)
    sides = f"{'against' if cells > 6 else '-':>{cells}}{marks[-1]}for"
    table.add_column("" if one_sided else sides, no_wrap=True)
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
    fixed = sum(max(len(name), *map(len, column), 1) + 2 for name, column in columns.items()) + 2 * cells + 3
    room = max(min(width - fixed - (6 if len(explanation.segments) > 1 else 0) - 2, LONGEST_WORD), 4)
    for row, i in enumerate(shown):
        unit = explanation.units[i]
        before = [str(unit.segment + 1)] if len(explanation.segments) > 1 else []
        word = Text(upright(shorten(visible(unit.text), room)))
        bar = _bar(shares[i], cells, marks, one_sided=one_sided)
        table.add_row(*before, word, bar, *[column[row] for column in columns.values()])
    return table


def _columns(explanation: Explanation, shown: list[int], width: int) -> dict[str, list[str]]:
    """Return the table's numbers, by heading, as many columns as there is room for."""
    columns = {"score": [number(explanation, explanation.scores[i]) for i in shown]}
    likely = explanation.likelihoods
    if likely is not None and width >= _WIDTH_FOR_LIKELIHOOD:
        columns["likelihood"] = [percent(float(likely[i])) for i in shown]
    if explanation.groups is not None and width >= _WIDTH_FOR_LIKELIHOOD:
        columns["group"] = [share(explanation, i) for i in shown]
    bounded = explanation.lower is not None
    if (bounded or explanation.std_error is not None) and width >= _WIDTH_FOR_BOUNDS:
        own = {"error" if explanation.std_error is not None else "bounds": [interval(explanation, i) for i in shown]}
        columns = {"score": columns.pop("score"), **own, **columns}
    return columns
