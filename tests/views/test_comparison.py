"""Methods side by side in the terminal: no number cut, columns kept."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from bidi.algorithm import get_display
from rich.cells import cell_len
from rich.console import Console
from toys.reports import explained

from elision.results.comparison import Comparison
from elision.results.findings import Rationale
from elision.views.comparison import view

MARK = "\u200e"


def shown(line: str) -> str:
    """Return a line as a terminal orders it that knows both directions (Unicode Standard Annex 9)."""
    return str(get_display(line, base_dir="L")).replace(MARK, "")


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


def test_sets_stand_beside_the_letter_of_their_method() -> None:
    plain = explained(provenance={"method": "lime"})
    sought = plain.replace(rationales=(Rationale("necessary", plain.units[1:2], {"drop": 0.1}),))
    lines = [line.rstrip() for line in lines_of(Comparison(("lime@drop", "mine"), (plain, sought)), 100)]
    at = lines.index("B  Without “deep” it says so no more (10 %).")
    assert lines[at - 1] == "B  No words were found with which alone the model still says positive."
    assert not any(line.startswith(("A  With", "A  No words")) for line in lines)
    assert any(line.startswith("A  lime@drop: weights of a local linear model; ") for line in lines)
