"""The terminal: exact lines, columns that hold for wide characters and narrow terminals, nothing that steers it."""

from __future__ import annotations

import io
import re
import time
import unicodedata
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from toys.outlines import PROVENANCE, bounded, explained

from elision.results.explanation import Explanation
from elision.results.findings import Rationale
from elision.results.meaning import Meaning
from elision.text import Unit
from elision.views.terminal import render, view


def cells(text: str) -> int:
    """Return the columns of a text without emoji, by Unicode's own widths."""
    shown = [c for c in text if unicodedata.category(c) not in ("Mn", "Me")]
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in shown)


SAID = [
    "Some words speak against positive: above all “deep” (-2.00 bits). Some words speak for it: above all",
    "“film” (+1.00 bits). The scores: the answer less that without the word.",
]


def table(written: str) -> list[str]:
    """Return the table's lines: its heading, which has the bars' middle, and a line for each unit."""
    lines = written.split("\n")
    start = next(i for i, line in enumerate(lines) if "│for" in line)
    return lines[start : next(i for i in range(start, len(lines)) if "score: " in lines[i])]


def strip(written: str) -> str:
    """Return the text as it stands above the table."""
    lines = written.split("\n")
    return lines[lines.index("") + 1]


def test_the_whole_of_a_plain_explanation() -> None:
    assert render(explained()).split("\n") == [
        "positive  75.0 %",
        *SAID,
        "",
        "a deep film .",
        "",
        "word       against│for     score",
        "a                 │▌       +0.10",
        "deep  ████████████│        -2.00",
        "film              │██████  +1.00",
        ".                 │        +0.00",
        "score: weight of evidence, bits: + for positive, - against it; one bit doubles the odds",
        "",
        "leave-one-out · model tiny · removal pad · 1,234 evaluations · 0.3 s",
    ]


def test_the_whole_of_a_bounded_explanation() -> None:
    assert render(bounded()).split("\n") == [
        "positive  75.0 %",
        *SAID,
        "",
        "a deep film .",
        "",
        "word       against│for     score          bounds  likelihood",
        "a                 │▌       +0.10  [+0.00, +0.20]      50.0 %",
        "deep  ████████████│        -2.00  [-2.50, -1.50]           -",
        "film              │██████  +1.00  [+0.50, +1.50]    < 0.01 %",
        ".                 │        +0.00  [+0.00, +0.00]       100 %",
        "score: weight of evidence, bits: + for positive, - against it; one bit doubles the odds; bounds: the",
        "score lies within them",
        "",
        "note: mind the bounds",
        "leave-one-out · model tiny · likelihood hub/mlm · 1,234 evaluations + 4 of the likelihood model ·",
        "0.3 s",
    ]


def test_the_whole_of_an_explanation_that_knows_the_answer_without_each_word() -> None:
    found = explained(
        absent_probabilities=np.array([0.737, 0.923, 0.6, 0.75]),
        std_error=np.array([0.05, 0.1, 0.2, 0.0]),
        provenance=PROVENANCE
        | {"model": {"name": "tiny", "dtype": "bfloat16"}, "rounding": {"rows": 4, "moves": 0.0213}},
    )
    assert render(found, width=80).split("\n") == [
        "positive  75.0 %",
        "Some words push away from positive: above all “deep”; without it 92.3 %, with it",
        "75.0 %. Some words push towards it: above all “film”; without it 60.0 %.",
        "",
        "a deep film .",
        "",
        "word       against│for     without it  points  score   error",
        "a                 │▌           73.7 %    -1.3  +0.10  ± 0.05",
        "deep  ████████████│            92.3 %   +17.3  -2.00  ± 0.10",
        "film              │██████      60.0 %   -15.0  +1.00  ± 0.20",
        ".                 │            75.0 %    +0.0  +0.00  ± 0.00",
        "without it: the probability when the word is left out (with a blank in its",
        "place); points: its change in percentage points; score: weight of evidence,",
        "bits: + for positive, - against it; one bit doubles the odds; ± is one standard",
        "error",
        "",
        "leave-one-out · model tiny · removal pad · computed in bfloat16; rounding may",
        "move a score by about 0.021 bits · 1,234 evaluations · 0.3 s",
    ]


def test_a_pair_says_which_text_each_word_is_in() -> None:
    lines = render(explained(("two cats", "one dog"), target="negative")).split("\n")
    assert lines[0] == "positive  75.0 %   explained: negative  25.0 %"
    assert lines[1].startswith("The model says positive; explained here is negative. Some words speak against")
    start = lines.index("")
    assert lines[start : start + 4] == ["", "two cats", "one dog", ""]
    assert "score: weight of evidence, bits: + for negative, - against it; one bit doubles the odds" in lines
    assert [line.split()[:2] for line in table("\n".join(lines))[1:]] == [
        ["1", "two"],
        ["1", "cats"],
        ["2", "one"],
        ["2", "dog"],
    ]


def test_standard_errors_stand_in_a_column() -> None:
    lines = table(render(explained(std_error=np.array([0.5, 0.25, 0.0, 1.0]))))
    assert lines[0].endswith("score   error")
    ends = ["+0.10  ± 0.50", "-2.00  ± 0.25", "+1.00  ± 0.00", "+0.00  ± 1.00"]
    assert [line[-13:] for line in lines[1:]] == ends


def test_top_shows_the_heaviest_first() -> None:
    written = render(explained(), top=2)
    assert [line.split()[0] for line in table(written)[1:]] == ["deep", "film"]
    assert strip(written) == "a deep film ."
    assert len(table(render(explained(), top=99))) == 5


def test_bars_grow_with_the_score_to_either_side() -> None:
    lines = table(render(explained("a b c d e f", [4, -4, 2, -2, 0.5, -0.05])))[1:]
    assert [line.rsplit(maxsplit=1)[0] for line in lines] == [
        "a                 │████████████",
        "b     ████████████│",
        "c                 │██████",
        "d           ██████│",
        "e                 │█▌",
        "f                 │",
    ]


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
@pytest.mark.parametrize("words", ["a deep film .", "a 映画 " + "x" * 60 + " .", ("two cats", "one " + "dog" * 20)])
def test_no_line_is_wider_than_the_terminal(width: int, words: str | tuple[str, str]) -> None:
    for line in render(bounded(words=words), width=width).split("\n"):
        assert cells(line) <= width


@pytest.mark.parametrize("width", [40, 60, 80])
def test_narrow_terminals_cut_no_score(width: int) -> None:
    for explanation in (explained(), bounded(), bounded(words=("two cats", "one dog"))):
        written = render(explanation, width=width)
        for score in explanation.scores:
            assert re.search(rf"(?<![\[\d]){re.escape(f'{score:+.2f}')}(?!\d)(?![,\]…])", written), f"{score} is cut"


@pytest.mark.parametrize("width", [40, 60, 80])
def test_narrow_terminals_cut_no_heading_of_the_bars(width: int) -> None:
    heading = next(line for line in render(explained(), width=width).split("\n") if "│for" in line)
    left = heading.split("│")[0].split()
    assert left in (["word", "against"], ["word", "-"], ["word"])


def test_wide_characters_keep_columns() -> None:
    lines = table(render(explained("映画 ดี e\u0301te\u0301 x")))[1:]
    assert len({cells(line.split("│")[0]) for line in lines}) == 1
    assert len({cells(line.rstrip()) for line in lines}) == 1


def test_a_long_word_is_shortened_to_its_column() -> None:
    lines = table(render(explained("a " + "x" * 60 + " " + "映" * 20 + " .")))[1:]
    assert lines[1].startswith("x" * 23 + "… ")
    assert lines[2].startswith("映" * 11 + "… ")
    assert len({cells(line.split("│")[0]) for line in lines}) == 1


def test_an_endless_word_is_shortened_at_once() -> None:
    explanation = explained("a " + "x" * 40_000)
    started = time.process_time()
    written = render(explanation, top=2)
    assert "x" * 23 + "… " in written
    assert time.process_time() - started < 2.0, "a fraction of a second for linear work; quadratic takes 8 seconds"


HOSTILE = "\x1b[31mred\x1b[0m\x07\x08\x00\x9b2J\x7f"


def printable(text: str) -> bool:
    """Tell whether a text holds nothing that steers a terminal."""
    return all(c == "\n" or unicodedata.category(c) != "Cc" for c in text) and not set(text) & set(
        "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029"
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"words": f"a {HOSTILE} film ."},
        {"words": "a \u202egnp.exe\u202c film ."},
        {"labels": ("negative", HOSTILE), "target": HOSTILE},
        {"labels": (HOSTILE, "positive"), "probabilities": np.array([0.75, 0.25])},
        {"notes": (HOSTILE, "a\u2028b")},
        {"provenance": PROVENANCE | {"model": {"name": HOSTILE}}},
        {"provenance": PROVENANCE | {"method": HOSTILE, "removal": {"name": HOSTILE}}},
        {"provenance": PROVENANCE | {"behaviour": {"name": HOSTILE, "unit": HOSTILE}}},
    ],
    ids=["text", "direction", "target", "predicted", "note", "model", "method", "behaviour"],
)
def test_nothing_steers_the_terminal(changes: dict[str, Any]) -> None:
    assert printable(render(explained(**changes)))


def test_white_space_of_a_text_becomes_one_line() -> None:
    explanation = explained("a\ndeep\r\nfilm\t.", units=(Unit("a", 0, 1), Unit(".", 13, 14)), scores=[1.0, 2.0])
    assert strip(render(explanation)) == "a deep  film ."


def test_square_brackets_and_colons_are_no_markup() -> None:
    names = {"notes": ("[link=x]y[/link]",), "target": "[b]", "labels": ("n", "[b]")}
    written = render(explained("[bold] [/red] :smile: .", **names))
    assert strip(written) == "[bold] [/red] :smile: ."
    assert "\n[bold] " in written[written.index("word  ") :]
    assert "note: [link=x]y[/link]" in written
    assert written.startswith("[b]  75.0 %")


def coloured(explanation: Explanation, **settings: Any) -> str:
    """Return what a terminal with colours is sent."""
    console = Console(file=io.StringIO(), force_terminal=True, width=100, **({"color_system": "truecolor"} | settings))
    console.print(view(explanation))
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_red_is_for_and_blue_against() -> None:
    written = coloured(explained("good bad so .", [2.0, -2.0, 0.0, 0.01]))
    assert "48;2;214;60;50mgood" in written
    assert "48;2;45;105;200mbad" in written
    assert re.search(r"48;2;\d+;\d+;\d+m(so|\.)", written) is None
    half = re.search(r"48;2;(\d+);\d+;\d+mhalf", coloured(explained("all half", [-2.0, -1.0])))
    assert half is not None
    # 0.15 + 0.85 / 2 of the way from white, 255, to the blue's red, 45
    assert int(half.group(1)) == round(255 - (255 - 45) * 0.575)


def test_no_color_means_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    written = coloured(explained())
    assert "deep" in written
    for codes in re.findall(r"\x1b\[([\d;]*)m", written):
        assert not {code[:2] for code in codes.split(";")} & {*map(str, range(30, 39)), *map(str, range(40, 49))}


def test_numbers_have_no_colours_of_their_own() -> None:
    sent = coloured(bounded())
    for number in ("+0.10", "-2.00"):
        assert re.search(rf"36m{re.escape(number)}", sent) is None


def test_scores_that_are_all_zero_are_shown() -> None:
    lines = table(render(explained(scores=[0.0, 0.0, 0.0, 0.0])))
    assert lines[1].split() == ["a", "│", "+0.00"]
    assert "█" not in render(explained(scores=[0.0, 0.0, 0.0, 0.0]))


def sought(text: str | tuple[str, str] = "a deep film .") -> Explanation:
    """Return an explanation with sets under two removals."""
    _, deep, film, *_ = explained(text).units
    return explained(
        text,
        rationales=(
            Rationale("sufficient", (deep, film), {"drop": 0.9, "mask": 0.8}),
            Rationale("necessary", (deep,), {"drop": 0.1, "mask": 0.2}),
            Rationale("sufficient", (film,), {"mask": 0.6}),
        ),
        meaning=Meaning("change in probability", "probability", adds_up_to="all words' effect together"),
        provenance=PROVENANCE | {"method": "search", "removal": {"name": "drop+mask"}},
    )


def test_the_whole_of_an_explanation_with_sets() -> None:
    assert render(sought(), width=80).split("\n") == [
        "positive  75.0 %",
        "Some words speak against positive: above all “deep” (-2.00). Some words speak",
        "for it: above all “film” (+1.00). The scores: what each word adds to those",
        "before it, in the order that keeps the answer and takes it best; words that add",
        "more jointly share it.",
        "",
        "a deep film .",
        "",
        "With “deep film” alone the model still says positive (80 to 90 %), however the",
        "other words are left out; neither can be spared.",
        "Without “deep” it says so no more (10 to 20 %).",
        "By mask only, “film” alone keeps it (60 %).",
        "a word is left out in 2 ways: drop, with the model not looking at it; mask, with",
        "a mask in its place. Other sets may be as small, or smaller",
        "",
        "word       against│for     score    set",
        "a                 │▌       +0.10",
        "deep  ████████████│        -2.00   both",
        "film              │██████  +1.00  keeps",
        ".                 │        +0.00",
        "score: change in probability: + for positive, - against it; all scores add up to",
        "all words' effect together; keeps: one of the words that keep the answer alone;",
        "takes: one of the words whose absence takes the answer; both: one of either",
        "",
        "search · model tiny · removal drop+mask · 1,234 evaluations · 0.3 s",
    ]


def test_a_narrow_terminal_has_the_sentences_and_no_column_of_sets() -> None:
    written = render(sought(), width=50)
    assert "Without “deep” it says so no more (10 to 20 %)." in written
    assert table(written)[0].split()[-1] == "score"
    assert "keeps: one of" not in written


def test_words_of_sets_steer_no_terminal_and_keep_their_direction() -> None:
    hostile = render(sought("a \x1b[31mdeep\u202e film ."))
    assert "\x1b" not in hostile
    assert "\u202e" not in hostile
    assert "\u200eטוב מאוד\u200e" in render(sought("סרט טוב מאוד ."))
