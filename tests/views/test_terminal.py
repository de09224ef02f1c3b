"""What terminals show: columns beside right-to-left letters, narrow and dumb terminals, methods side by side."""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
from io import StringIO

import numpy as np
import pytest
from bidi.algorithm import get_display
from rich.cells import cell_len
from rich.console import Console
from toys.reports import explained

from elision.progress import Progress
from elision.results.comparison import Comparison
from elision.results.explanation import Group
from elision.views.comparison import view
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


def compared(n: int, text: str | tuple[str, str] = "a deep film .") -> Comparison:
    names = tuple(f"method-{i}" for i in range(n))
    return Comparison(names, tuple(explained(text, scores=[1.0 + i, -2.0, 0.25, 0.0]) for i in range(n)))


def lines_of(comparison: Comparison, width: int) -> list[str]:
    out = StringIO()
    Console(file=out, width=width, color_system=None).print(view(comparison, width=width))
    return out.getvalue().split("\n")


@pytest.mark.parametrize("width", [20, 40, 80])
def test_methods_side_by_side_cut_no_number(width: int) -> None:
    comparison = compared(9)
    lines = lines_of(comparison, width)
    assert max(map(cell_len, lines)) <= width
    text = "\n".join(lines)
    numbers = re.findall(r"[+-]\d+\.\d\d(?!\d)", text)
    expected = [f"{score:+.2f}" for one in comparison.explanations for score in one.scores]
    assert sorted(numbers) == sorted(expected)
    assert len(re.findall(r"(?<![\d+-])\d\.\d\d", text)) == 81
    assert "…" not in text


def test_methods_side_by_side_keep_their_columns() -> None:
    lines = lines_of(compared(9), 40)
    heads = [line for line in lines if re.fullmatch(r"word( +[A-I])+ *", line)]
    assert [head.split()[1:] for head in heads] == [["A", "B", "C", "D", "E"], ["F", "G", "H", "I"]]
    first = next(line for line in lines if line.startswith("a "))
    assert first.split() == ["a", "+1.00", "+2.00", "+3.00", "+4.00", "+5.00"]
    assert first.index("+1.00") + 4 == heads[0].index("A")


def test_a_pair_has_a_line_between_its_texts() -> None:
    lines = lines_of(compared(2, ("two cats", "one dog")), 80)
    start = lines.index(next(line for line in lines if line.startswith("word")))
    assert [line.split()[0] if line.strip() else "" for line in lines[start + 1 : start + 6]] == [
        "two",
        "cats",
        "",
        "one",
        "dog",
    ]


def test_nothing_in_a_comparison_steers_the_terminal() -> None:
    hostile = "\x1b[31mred\x07"
    one = explained(f"a {hostile} .", scores=[1.0, 0.0, 0.0], labels=("negative", hostile), target=hostile)
    lines = lines_of(Comparison((hostile, "b"), (one, one)), 80)
    assert not set("\n".join(lines)) & {"\x1b", "\x07"}


def test_right_to_left_words_keep_the_columns_of_a_comparison() -> None:
    words = "הסרט הזה טוב מאוד".split()
    lines = [line for line in lines_of(compared(2, " ".join(words)), 80) if re.search(r"\d\.\d\d +[+-]", line)]
    assert len(lines) == len(words)
    for line, word in zip(lines, words, strict=True):
        assert re.match(rf"{get_display(word, base_dir='R')} +[+-]\d\.\d\d  [+-]\d\.\d\d", shown(line))


@pytest.mark.parametrize(("name", "silent"), [("dumb", True), ("unknown", True), ("xterm", False), ("", False)])
def test_no_bar_where_a_terminal_cannot_go_back(monkeypatch: pytest.MonkeyPatch, name: str, silent: bool) -> None:
    monkeypatch.setenv("TERM", name)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with Progress().expect("work", 3) as progress:
        assert bool(progress._bar.disable) is silent


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
