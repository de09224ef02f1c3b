"""Columns beside words from right to left, and lines that end where the terminal does."""

from __future__ import annotations

import os
import struct
import subprocess
import sys

import numpy as np
import pytest
from bidi.algorithm import get_display
from rich.cells import cell_len
from toys.reports import explained

from elision.results.explanation import Group
from elision.views.shared import upright
from elision.views.terminal import render

HEBREW = "הסרט הזה 12 טוב מאוד , film !"
ARABIC = "فيلم رائع ١٢ جدا"
MARK = "\u200e"


def shown(line: str) -> str:
    """Return a line as a terminal orders it that knows both directions (Unicode Standard Annex 9)."""
    return str(get_display(line, base_dir="L")).replace(MARK, "")


def rows(written: str) -> list[str]:
    """Return the lines with bars."""
    return [line for line in written.split("\n") if "│" in line]


@pytest.mark.parametrize("text", [HEBREW, ARABIC])
@pytest.mark.parametrize("width", [44, 100])
def test_bars_and_numbers_stay_right_of_right_to_left_words(text: str, width: int) -> None:
    explanation = explained(text)
    table = rows(render(explanation, width=width))
    assert len({cell_len(row.split("│")[0]) for row in table}) == 1
    for row, unit, score in zip(table[1:], explanation.units, explanation.scores, strict=True):
        turned = str(get_display(unit.text, base_dir="R"))
        assert shown(row).startswith(turned + " ")
        assert f"{score:+.2f}" in shown(row)
        assert shown(row).index("│") == row.replace(MARK, "").index("│")


def test_left_to_right_words_get_no_mark() -> None:
    for text in ("a deep film .", "映画 ディープ", "12 + 3"):
        assert upright(text) == text
        assert MARK not in render(explained(text))


def test_numerals_of_groups_stand_under_their_right_to_left_words() -> None:
    text = "הסרט הזה טוב מאוד"
    explanation = explained(text)
    groups = []
    for i in (2, 0):
        membership = np.zeros(4)
        membership[i] = 1.0
        groups.append(Group((explanation.units[i],), 0.5, 0.1, membership))
    grouped = explained(text, groups=tuple(groups))
    lines = render(grouped).split("\n")
    row = next(i for i, line in enumerate(lines) if MARK in line)
    above, below = shown(lines[row]), lines[row + 1]
    for i, numeral in ((2, "1"), (0, "2")):
        assert above.index(str(get_display(explanation.units[i].text, base_dir="R"))) == below.index(numeral)


def test_groups_of_right_to_left_words_in_one_line_keep_their_order() -> None:
    text = ("הסרט טוב", "סרט נפלא")
    plain = explained(text)
    group = Group(plain.units, 1.0, 0.1, np.ones(4))
    line = next(x for x in render(explained(text, groups=(group,)), width=50).split("\n") if x.startswith("1 "))
    assert shown(line).startswith("1 100 %, loss 0.10: ")
    assert [part.strip() for part in shown(line).split(":")[1].split("|")] == ["בוט ,טרסה", "אלפנ ,טרס"]


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="pseudo-terminals are of POSIX")
@pytest.mark.parametrize("name", ["dumb", "xterm"])
def test_lines_end_where_the_terminal_does(name: str) -> None:
    import fcntl
    import termios

    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 20, 50, 0, 0))
    code = "from elision.cli.output import show; from rich.text import Text; show(lambda c: Text('word ' * 40))"
    settings = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES")} | {"TERM": name}
    subprocess.run([sys.executable, "-c", code], stdin=theirs, stdout=theirs, stderr=theirs, env=settings, check=True)
    os.close(theirs)
    lines = os.read(ours, 4096).decode().split("\r\n")
    os.close(ours)
    assert [line.split() for line in lines] == [["word"] * 10] * 4 + [[]]
