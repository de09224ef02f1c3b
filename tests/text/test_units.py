"""Words, tokens and character clusters: where texts are cut, in many scripts, and what is refused."""

from __future__ import annotations

import time
from collections.abc import Iterable

import pytest

import elision
from elision.errors import OptionError, UnitError
from elision.text import Unit, clusters, merge_spans, snap, split_words, unit_spans

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
THUMB = "\U0001f44d\U0001f3fd"
GERMANY, FRANCE = "\U0001f1e9\U0001f1ea", "\U0001f1eb\U0001f1f7"
SCOTLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"


def words(text: str, cuts: Iterable[int] | None = None) -> list[str]:
    """Return the words themselves."""
    return [text[start:end] for start, end in split_words(text, cuts)]


def units(text: str, tokens: list[tuple[int, int]] | None, kind: object = "word") -> list[str]:
    """Return the units themselves."""
    return [text[start:end] for start, end in unit_spans(text, kind, tokens)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a quiet film .", ["a", "quiet", "film", "."]),
        ("A quiet film.", ["A", "quiet", "film", "."]),
        ("  two\tlines\r\nof   text ", ["two", "lines", "of", "text"]),
        ("don't stop", ["don't", "stop"]),
        ("don’t stop", ["don’t", "stop"]),
        ("rock'n'roll", ["rock'n'roll"]),
        ("the dogs' bowl", ["the", "dogs", "'", "bowl"]),
        ("'tis 'fine'", ["'", "tis", "'", "fine", "'"]),
        ("it costs 3.50 or 1,000.25", ["it", "costs", "3.50", "or", "1,000.25"]),
        ("in 1999. Then", ["in", "1999", ".", "Then"]),
        ("1, 2 ,3", ["1", ",", "2", ",", "3"]),
        ("$5 and 50%", ["$", "5", "and", "50", "%"]),
        ("well-made", ["well", "-", "made"]),
        ("snake_case name", ["snake_case", "name"]),
        ("the U.S. team, e.g. him", ["the", "U.S.", "team", ",", "e.g.", "him"]),
        ("plan B. Next", ["plan", "B", ".", "Next"]),
        ("end.Start", ["end", ".", "Start"]),
        ("wait... what?!", ["wait", "...", "what", "?", "!"]),
        ("so good!!!", ["so", "good", "!!!"]),
        ("----- ''", ["-----", "''"]),
        ("hm… yes", ["hm", "…", "yes"]),
        ("a (good) film", ["a", "(", "good", ")", "film"]),
        ("me@home.org", ["me", "@", "home", ".", "org"]),
        ("??!!??", ["??", "!!", "??"]),
        ("x²+y", ["x²", "+", "y"]),
    ],
)
def test_latin_text(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{FAMILY} ok", [FAMILY, "ok"]),
        (f"{THUMB}{THUMB}", [THUMB, THUMB]),
        (f"{GERMANY}{FRANCE} won", [GERMANY, FRANCE, "won"]),
        (SCOTLAND + "!", [SCOTLAND, "!"]),
        ("1\ufe0f\u20e3 first", ["1\ufe0f\u20e3", "first"]),
        ("good\U0001f600film", ["good", "\U0001f600", "film"]),
        ("!!\u200d film", ["!!\u200d", "film"]),
    ],
)
def test_emoji_stay_whole(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cafe\u0301 noir", ["cafe\u0301", "noir"]),
        ("co\u0301o\u0308per\u0327ate", ["co\u0301o\u0308per\u0327ate"]),
        ("l\u0301'a\u0301me", ["l\u0301'a\u0301me"]),
        ("\u0301 x", ["\u0301", "x"]),
        (".\u0301.", [".\u0301", "."]),
        ("Z\u0351\u036b\u0343algo ok", ["Z\u0351\u036b\u0343algo", "ok"]),
        ("soft\u00adly said", ["soft\u00adly", "said"]),
        ("नमस्ते, दुनिया।", ["नमस्ते", ",", "दुनिया", "।"]),
        ("வணக்கம் உலகம்", ["வணக்கம்", "உலகம்"]),
        ("ক্ষমা করো", ["ক্ষমা", "করো"]),
        ("می\u200cخواهم بروم", ["می\u200cخواهم", "بروم"]),
        ("שָׁלוֹם עולם!", ["שָׁלוֹם", "עולם", "!"]),
        ("فيلم جيد، جدا؟", ["فيلم", "جيد", "،", "جدا", "؟"]),
        ("좋은 영화예요", ["좋은", "영화예요"]),
        ("Ωραία ταινία; όχι", ["Ωραία", "ταινία", ";", "όχι"]),
    ],
)
def test_marks_and_joiners_belong_to_their_letters(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_a_mark_on_a_space_is_a_unit_with_its_space() -> None:
    assert split_words("a \u0301b") == [(0, 1), (1, 3), (3, 4)]


@pytest.mark.parametrize(
    ("text", "cuts", "expected"),
    [
        ("我喜欢电影。好", None, ["我", "喜", "欢", "电", "影", "。", "好"]),
        ("我喜欢电影。好", [1, 3, 5], ["我", "喜欢", "电影", "。", "好"]),
        ("我喜欢电影", [], ["我喜欢电影"]),
        ("映画がすき", [2, 3], ["映画", "が", "すき"]),
        ("コーヒー", None, ["コ", "ー", "ヒ", "ー"]),
        ("コーヒー", [2], ["コー", "ヒー"]),
        ("ดีมาก", None, ["ดี", "ม", "า", "ก"]),
        ("ดีมาก", [1, 2], ["ดี", "มาก"]),
        ("ร์ที่", None, ["ร์", "ที่"]),
        ("ខ្មែរ ok", [], ["ខ្មែរ", "ok"]),
        ("iPhone手机", [6, 7], ["iPhone", "手", "机"]),
        ("good film", [2, 6], ["good", "film"]),
    ],
)
def test_scripts_without_spaces_are_cut_at_tokens_or_else_at_clusters(
    text: str, cuts: list[int] | None, expected: list[str]
) -> None:
    assert words(text, cuts) == expected


@pytest.mark.parametrize("text", ["", " ", "\n\t\r\n", "\u200b\u200e", "\u3000\u00a0", "\x00\x1b\x9b"])
def test_nothing_visible_has_no_words(text: str) -> None:
    assert split_words(text) == []


def test_control_characters_part_words() -> None:
    assert words("a\x00b\x1b[1mc") == ["a", "b", "[", "1mc"]
    assert words("good\x00film\u0085now") == ["good", "film", "now"]


def test_cutting_many_runs_takes_linear_time() -> None:
    short, long = "好的，" * 1_000, "好的，" * 8_000
    seconds = []
    for text in (short, long):
        started = time.process_time()
        assert len(split_words(text)) == len(text)
        seconds.append(time.process_time() - started)
    assert seconds[1] < 32 * seconds[0] + 0.1, "8 times the text; 64 times the time would be quadratic"


def test_clusters_of_ascii_and_of_other_texts() -> None:
    assert clusters("ab c") == [(0, 1), (1, 2), (2, 3), (3, 4)]
    assert clusters("a\r\nb") == [(0, 1), (1, 3), (3, 4)]
    assert clusters("e\u0301" + FAMILY) == [(0, 2), (2, 7)]


def test_snap_widens_to_both_sides() -> None:
    assert snap((2, 3), {0, 1, 4, 5}) == (1, 4)
    assert snap((1, 4), {0, 1, 4, 5}) == (1, 4)


def test_merge_joins_what_overlaps_and_not_what_touches() -> None:
    assert merge_spans([(4, 6), (0, 2), (2, 4), (5, 8), (5, 6), (9, 9)]) == [(0, 2), (2, 4), (4, 8)]


def test_words_that_one_token_reaches_into_are_one_unit() -> None:
    text = "well-made film"
    assert units(text, [(0, 4), (4, 5), (5, 9), (10, 14)]) == ["well", "-", "made", "film"]
    assert units(text, [(0, 5), (5, 9), (10, 14)]) == ["well-", "made", "film"]
    assert units(text, [(0, 2), (2, 7), (7, 14)]) == ["well-made film"]
    assert units(text, [(0, 4), (4, 9), (9, 14)]) == ["well", "-made", "film"]


def test_a_token_that_reaches_over_white_space_only_joins_nothing() -> None:
    assert units("a  film", [(0, 3), (3, 7)]) == ["a", "film"]


def test_units_are_words_where_there_are_no_tokens() -> None:
    assert unit_spans("two films", "word") == [(0, 3), (4, 9)]
    assert unit_spans("two films", "word", []) == [(0, 3), (4, 9)]


def test_runs_without_spaces_are_cut_where_the_tokenizer_cuts() -> None:
    assert units("我喜欢电影", [(0, 1), (1, 3), (3, 5)]) == ["我", "喜欢", "电影"]
    assert units("ดีมาก", [(0, 1), (1, 5)]) == ["ดีมาก"]


def test_token_units_are_the_tokens_and_those_that_overlap_are_joined() -> None:
    assert unit_spans("filming", "token", [(0, 4), (4, 7)]) == [(0, 4), (4, 7)]
    assert unit_spans("\U0001f600 x", "token", [(0, 1), (0, 1), (2, 3)]) == [(0, 1), (2, 3)]


def test_a_function_gives_its_own_units() -> None:
    assert unit_spans("a deep film", lambda text: [(2, len(text)), (0, 1)]) == [(0, 1), (2, 11)]
    assert unit_spans("a deep film", lambda text: iter([(0, 4), (2, 6)])) == [(0, 6)]


def test_a_functions_units_are_widened_by_tokens_that_reach_into_two() -> None:
    tokens = [(0, 1), (2, 8), (8, 11)]
    assert unit_spans("a deep film", lambda text: [(0, 1), (2, 6), (7, 11)], tokens) == [(0, 1), (2, 11)]


@pytest.mark.parametrize("span", [(-1, 2), (0, 12), (3, 3), (5, 2), (11, 12)])
def test_a_functions_span_outside_the_text_is_refused(span: tuple[int, int]) -> None:
    with pytest.raises(UnitError) as caught:
        unit_spans("a deep film", lambda text: [(0, 1), span])
    assert str(caught.value) == f"a unit's span must lie inside the text of 11 characters, got {span}"


@pytest.mark.parametrize("answer", [None, 5, [(0,)], [(0, 1, 2)], ["ab"], [(None, 1)], ["a"]])
def test_a_function_that_gives_no_spans_is_refused(answer: object) -> None:
    with pytest.raises(UnitError, match="span"):
        unit_spans("a deep film", lambda text: answer)  # type: ignore[arg-type, return-value]


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("words", "units must be one of word, token; got 'words': did you mean 'word'?"),
        ("", "units must be one of word, token; got ''"),
        (None, "units must be 'word', 'token' or a function from a text to spans; got None"),
        (5, "units must be 'word', 'token' or a function from a text to spans; got 5"),
    ],
)
def test_an_unknown_kind_of_units_is_refused(kind: object, message: str) -> None:
    with pytest.raises(OptionError) as caught:
        unit_spans("a film", kind)  # type: ignore[arg-type]
    assert str(caught.value) == message


def test_token_units_need_tokens() -> None:
    with pytest.raises(OptionError) as caught:
        unit_spans("a film", "token")
    assert str(caught.value) == "units='token' needs a model with a tokenizer; use units='word'"


def test_a_unit_is_its_text_and_cannot_be_changed() -> None:
    unit = Unit("film", 2, 6)
    assert (str(unit), unit.segment) == ("film", 0)
    with pytest.raises(AttributeError):
        unit.text = "book"  # type: ignore[misc]


def test_a_word_of_single_letters_keeps_its_last_one(keywords) -> None:
    explanation = elision.Random()(keywords, "the U.S.A today")
    assert [unit.text for unit in explanation.units] == ["the", "U.S.A", "today"]
