"""Sets that keep the answer, or take it, in words: no more is claimed than was asked, and no word is lost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from toys.outlines import PROVENANCE, explained

from elision.results.explanation import Explanation
from elision.results.findings import Rationale
from elision.views.abridged import abridged
from elision.views.rationales import differing, mark_hint, marks, rationale_sentences, ways
from elision.views.words import plain

THREE = ("drop", "mask", "delete")


def found(
    *sets: tuple[Any, ...], words: str | tuple[str, str] = "a deep film .", removal: str = "drop", **changes: Any
) -> Explanation:
    """Return an explanation with sets: role, indices of units, values, and whether it is the smallest."""
    n = len(words.split() if isinstance(words, str) else " ".join(words).split())
    whole = explained(words, np.array(changes.pop("scores", range(n)), dtype=float))
    own = tuple(
        Rationale(role, tuple(whole.units[i] for i in places), values, *smallest)
        for role, places, values, *smallest in sets
    )
    return whole.replace(rationales=own, provenance=PROVENANCE | {"removal": {"name": removal}}, **changes)


def three(low: float, high: float) -> dict[str, float]:
    return {"drop": low, "mask": high, "delete": (low + high) / 2}


def said(explanation: Explanation) -> list[str]:
    return [plain(one) for one in rationale_sentences(explanation)]


def scored(*sets: tuple[Any, ...]) -> Explanation:
    return found(*sets, target="score", labels=("score",), answers=np.array([3.2]), answer="scores")


def test_of_one_removal_and_of_several() -> None:
    one = found(("sufficient", [1], {"drop": 0.948}), ("necessary", [1], {"drop": 0.0122}))
    assert said(one) == [
        "With “deep” alone the model still says positive (95 %).",
        "Without “deep” it says so no more (1 %).",
    ]
    several = found(
        ("sufficient", [1], three(0.884, 0.95)), ("necessary", [2], three(0.0122, 0.0165)), removal="drop+mask+delete"
    )
    assert said(several) == [
        "With “deep” alone the model still says positive (88 to 95 %), however the other words are left out.",
        "Without “film” it says so no more (1 to 2 %).",
    ]
    assert said(explained()) == []


def test_where_no_word_is_needed_those_that_are_left_speak_against_the_answer() -> None:
    own = found(("sufficient", [], three(0.9, 0.95)), ("necessary", [1], three(0.1, 0.2)), removal="+".join(THREE))
    assert said(own) == [
        "Without any word the model says positive already (90 to 95 %), so no words are needed for it.",
        "Without “deep” it says so no more (10 to 20 %), for the words that are left speak against it.",
    ]
    nothing = found(("sufficient", [], {"drop": 0.9}))
    assert said(nothing)[1] == "No words were found whose absence changes that."


@pytest.mark.parametrize(
    ("role", "places", "smallest", "end"),
    [
        ("sufficient", [0, 2], True, "; no smaller set does."),
        ("sufficient", [0, 2], False, "; neither can be spared."),
        ("sufficient", [0, 2, 3], False, "; none of them can be spared."),
        ("necessary", [0, 2], True, "; no smaller set does."),
        ("necessary", [0, 2], False, "; both have to go."),
        ("necessary", [0, 1, 3], False, "; each of them has to go."),
        ("necessary", [1], False, "(30 %)."),
        ("necessary", [1], True, "(30 %)."),
    ],
)
def test_what_is_known_of_smaller_sets_is_said_where_there_may_be_any(
    role: str, places: list[int], smallest: bool, end: str
) -> None:
    own = said(found((role, places, {"drop": 0.3}, smallest)))
    assert own[role == "necessary"].endswith(end)


def test_all_words() -> None:
    every = [0, 1, 2, 3]
    assert said(found(("sufficient", every, {"drop": 0.75}, True), ("necessary", every, {"drop": 0.3}, True))) == [
        "It is only with all words that the model still says positive (75 %).",
        "Without any word it says so no more (30 %); no smaller set does.",
    ]
    assert said(found(("sufficient", every, {"drop": 0.75})))[0] == (
        "No fewer than all words were found with which the model still says positive (75 %); "
        "none of them can be spared."
    )


def test_words_side_by_side_are_one_and_those_of_a_pair_are_told_by_text() -> None:
    own = found(("sufficient", [0, 1, 3], {"drop": 0.9}), words="not so good , but fun")
    assert said(own)[0].startswith("With “not so” and “,” alone")
    pair = found(
        ("sufficient", [0, 2, 4], {"drop": 0.9}),
        ("necessary", [0, 2, 4], {"drop": 0.1}),
        words=("two cats play", "animals sleep"),
    )
    assert said(pair) == [
        "With “two”, “play” of the first text and “sleep” of the second text alone the model still says positive "
        "(90 %); none of them can be spared.",
        "Without these it says so no more (10 %); each of them has to go.",
    ]
    second = found(("necessary", [4], {"drop": 0.1}), words=("two cats play", "animals sleep"))
    assert said(second)[1] == "Without “sleep” of the second text it says so no more (10 %)."


def test_of_many_words_a_dozen_are_named() -> None:
    words = " ".join(f"w{i}" for i in range(40))
    own = said(found(("sufficient", range(0, 40, 2), {"drop": 0.9}), words=words))[0]
    assert "“w20”, “w22” and 8 more words alone" in own
    assert "w24" not in own
    assert "and one more word alone" in said(found(("sufficient", range(0, 26, 2), {"drop": 0.9}), words=words))[0]


def test_a_cut_text_does_not_lose_words_of_a_set() -> None:
    words = " ".join(f"w{i}" for i in range(6))
    own = found(
        ("sufficient", [0, 2, 5], {"drop": 0.9}),
        ("necessary", [0], {"drop": 0.1}),
        words=words,
        scores=[0, 0, 1, 2, 3, 4],
    )
    assert said(abridged(own, 3)) == [
        "With “w5” and 2 more words alone the model still says positive (90 %); none of them can be spared.",
        "Without one more word it says so no more (10 %).",
    ]
    most = found(("sufficient", [0, 3, 4, 5], {"drop": 0.9}), words=words, scores=[0, 0, 1, 2, 3, 4])
    assert said(abridged(most, 3))[0].startswith("With “w3 w4 w5” and one more word alone the model still says")


def test_where_a_set_holds_under_some_removals_only_that_is_said() -> None:
    own = found(("sufficient", [1], three(0.8, 0.9)), ("necessary", [1], {"drop": 0.3}), removal="drop+mask+delete")
    assert said(own)[1] == (
        "Without “deep” it says so no more (30 %), where words are left out by drop; "
        "no set was found that does so by mask and delete too."
    )
    assert said(found(("necessary", [1], {"drop": 0.3})))[0] == (
        "No words were found with which alone the model still says positive."
    )


def test_of_scores_the_numbers_are_the_scores() -> None:
    own = scored(("sufficient", [1], {"drop": 2.9, "mask": 3.05}), ("necessary", [1], {"drop": 0.5, "mask": 0.5}))
    assert said(own) == [
        "With “deep” alone the score keeps more than half of what the words do to it (2.90 to 3.05; with all words "
        "3.20), however the other words are left out.",
        "Without “deep” more than half of that is gone (0.50).",
    ]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([0.5, 0.504], "(50.0 to 50.4 %)"),
        ([0.00001, 0.004], "(< 0.01 to 0.40 %)"),
        ([0.999, 1.0], "(99.90 to 100 %)"),
        ([0.871, 0.869], "(87 %)"),
    ],
)
def test_probabilities_have_the_digits_that_tell_them_from_a_half_and_the_ends(values: list[float], told: str) -> None:
    assert told in said(found(("sufficient", [1], dict(zip(THREE, values, strict=False)))))[0]


def test_sets_that_differ_by_removal() -> None:
    own = found(
        ("sufficient", [1, 2], three(0.8, 0.9)),
        ("necessary", [1, 2], three(0.1, 0.2)),
        ("sufficient", [1, 2], {"drop": 0.9}),
        ("necessary", [2], {"drop": 0.3}),
        ("sufficient", [], {"mask": 0.87}),
        ("necessary", [1, 2], {"mask": 0.2}),
        ("sufficient", [0, 3], {"delete": 0.52}),
        ("necessary", [0], {"delete": 0.4}),
        removal="drop+mask+delete",
    )
    assert [plain(one) for one in differing(own)] == [
        "By drop only, leaving out “film” takes it (30 %).",
        "By mask only, no word is needed (87 %).",
        "By delete only, “a” and “.” alone keep it (52 %) and leaving out “a” takes it (40 %).",
    ]
    assert differing(explained()) == []


def test_how_words_were_left_out_is_said_in_words() -> None:
    own = found(("sufficient", [1], {"mask": 0.9, "burn": 0.9}), removal="mask+burn")
    assert ways(own) == "a word is left out in 2 ways: mask, with a mask in its place; burn. Other sets may be as small"
    assert ways(found(("sufficient", [1], {"drop": 0.9}))).startswith("a word is left out by drop, with the model not")
    assert ways(found(("sufficient", [], {"drop": 0.9}))).endswith("not looking at it")
    assert ways(found(("sufficient", [1, 2], {"drop": 0.9}))).endswith("Other sets may be as small, or smaller")
    assert ways(explained()) == ""


def test_each_word_is_marked_by_its_sets() -> None:
    own = found(("sufficient", [1, 2], {"drop": 0.9}), ("necessary", [0, 1], {"drop": 0.1}))
    assert marks(own) == ["takes", "both", "keeps", ""]
    assert mark_hint(own) == (
        "keeps: one of the words that keep the answer alone; takes: one of the words whose absence takes the answer; "
        "both: one of either"
    )
    assert mark_hint(found(("necessary", [0], {"drop": 0.1}))).startswith("takes: ")
    assert marks(explained()) is None
    assert marks(found(("sufficient", [], {"drop": 0.9}))) is None
    assert mark_hint(explained()) == ""
