"""Encodings: rows with units hidden, silenced, deleted or replaced, by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from elision.errors import UnsupportedError
from elision.models.encoding import TextEncoding, TokenEncoding, Vocabulary, tokens_of
from elision.models.rows import PADDED
from elision.text import Unit

PIECES = {"long": [8], "word": [5], "words": [5, 6], "": []}


class Written(Vocabulary):
    """A vocabulary of four words, one of them in two pieces; it keeps what it was asked."""

    mask_id, unk_id, pad_id, special_ids = 4, None, 0, (0, 2, 3, 4)

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def __len__(self) -> int:
        return 10

    def token(self, i: int) -> str:
        return str(i)

    def fingerprint(self) -> str:
        return "written"

    def pieces(self, word: str, before: str) -> list[int]:
        self.asked.append((word, before))
        return PIECES[word]

    def word(self, ids: Sequence[int]) -> str:
        return " ".join(map(str, ids))

    def starts_word(self) -> np.ndarray:
        return np.ones(10, dtype=bool)


def encoding() -> TokenEncoding:
    """Return [CLS] word-s film ! [SEP], the first word of two tokens."""
    return TokenEncoding(
        ("words film!",),
        (Unit("words", 0, 5), Unit("film", 6, 10), Unit("!", 10, 11)),
        ids=np.array([2, 5, 6, 7, 9, 3], dtype=np.int32),
        unit_of_token=np.array([-1, 0, 0, 1, 2, -1]),
        segment_ids=np.array([0, 0, 0, 0, 1, 1], dtype=np.int8),
        vocabulary=Written(),
    )


KNOWN = np.array([[True, True, True], [False, True, True], [True, False, False]])


def test_the_example_is_the_text_or_the_pair() -> None:
    assert encoding().example == "words film!"
    assert TextEncoding(("a", "b"), (Unit("a", 0, 1), Unit("b", 0, 1, 1))).example == ("a", "b")
    untouched = encoding().untouched
    assert untouched.ids.tolist() == [[2, 5, 6, 7, 9, 3]]
    assert untouched.segment_ids.tolist() == [[0, 0, 0, 0, 1, 1]]
    assert untouched.attended.all()


def test_a_special_token_stands_on_every_token_of_a_unit() -> None:
    own = encoding()
    assert own.special("mask")(KNOWN).ids.tolist() == [[2, 5, 6, 7, 9, 3], [2, 4, 4, 7, 9, 3], [2, 5, 6, 4, 4, 3]]
    assert own.special("pad")(KNOWN[1:2]).ids.tolist() == [[2, PADDED, PADDED, 7, 9, 3]]
    assert own.special("unk") is None


def test_hidden_and_silenced_tokens_keep_their_ids() -> None:
    own = encoding()
    absent = [[0, 0, 0, 0, 0, 0], [0, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 0]]
    hidden, silenced = own.hide(KNOWN), own.silence(KNOWN)
    assert (hidden.ids == own.ids).all()
    assert (silenced.ids == own.ids).all()
    assert (~hidden.attended).astype(int).tolist() == absent
    assert (1 - silenced.scale).astype(int).tolist() == absent
    assert silenced.attended.all()


def test_deleted_tokens_leave_rows_of_each_length() -> None:
    (four, of_four), (six, of_six) = encoding().delete(KNOWN)
    assert (of_four.tolist(), of_six.tolist()) == ([1, 2], [0])
    assert four.ids.tolist() == [[2, 7, 9, 3], [2, 5, 6, 3]]
    assert four.segment_ids.tolist() == [[0, 0, 1, 1], [0, 0, 0, 1]]
    assert six.ids.tolist() == [[2, 5, 6, 7, 9, 3]]


def test_a_row_of_which_nothing_is_left_keeps_its_first_token() -> None:
    bare = TokenEncoding(
        ("a",),
        (Unit("a", 0, 1),),
        ids=np.array([5, 6], dtype=np.int32),
        unit_of_token=np.array([0, 0]),
        segment_ids=None,
        vocabulary=Written(),
    )
    ((rows, index),) = bare.delete(np.array([[False]]))
    assert (rows.ids.tolist(), index.tolist(), rows.segment_ids) == ([[5]], [0], None)


def test_words_of_any_number_of_tokens_take_a_units_place() -> None:
    own = encoding()
    found = own.insert([1], [["word"], ["words"], [None], [""]])
    by_length = {rows.length: (rows.ids.tolist(), index.tolist()) for rows, index in found}
    assert by_length == {
        6: ([[2, 5, 6, 5, 9, 3], [2, 5, 6, 7, 9, 3]], [0, 2]),
        7: ([[2, 5, 6, 5, 6, 9, 3]], [1]),
        5: ([[2, 5, 6, 9, 3]], [3]),
    }
    # What stands before a unit decides how its word is cut: a space, nothing, or the character it is joined to.
    assert own.vocabulary.asked == [("word", " "), ("words", " "), ("", " ")]
    own.insert([0, 2], [["long", "long"]])
    assert own.vocabulary.asked[-2:] == [("long", ""), ("long", "m")]


def test_new_tokens_have_the_segment_of_the_unit() -> None:
    ((rows, _),) = encoding().insert([0, 2], [["long", "words"]])
    assert rows.ids.tolist() == [[2, 8, 7, 5, 6, 3]]
    assert rows.segment_ids.tolist() == [[0, 0, 0, 1, 1, 1]]


def units_of(text: str) -> tuple[Unit, ...]:
    found, at = [], 0
    for word in text.replace(",", " , ").replace("!", " !").split():
        at = text.index(word, at)
        found.append(Unit(word, at, at + len(word)))
        at += len(word)
    return tuple(found)


@pytest.mark.parametrize(
    ("text", "absent", "left"),
    [
        ("a good film", [1], "a film"),
        ("a good film", [0], "good film"),
        ("a good film", [2], "a good"),
        ("a good film", [0, 1, 2], ""),
        ("good, bad", [1], "good bad"),
        ("good, bad", [0], ", bad"),
        ("so bad, no!", [1], "so, no!"),
        ("so bad!", [1], "so!"),
        ("one\n\ntwo three", [1], "one three"),
    ],
)
def test_texts_close_up_behind_a_unit(text: str, absent: list[int], left: str) -> None:
    own = TextEncoding((text,), units_of(text))
    known = np.ones((1, len(own.units)), dtype=bool)
    known[0, absent] = False
    ((rows, index),) = own.delete(known)
    assert (rows.examples, index.tolist()) == ((left,), [0])


def test_words_and_marks_stand_in_a_texts_own_gaps() -> None:
    own = TextEncoding(("a good  film",), units_of("a good  film"), specials={"mask": "[MASK]"})
    ((rows, index),) = own.insert([1, 2], [["bad", "song"], [None, "song"], ["bad", None]])
    assert rows.examples == ("a bad  song", "a good  song", "a bad  film")
    assert index.tolist() == [0, 1, 2]
    assert own.special("mask")(np.array([[True, False, True]])).examples == ("a [MASK]  film",)
    assert own.special("unk") is None


def test_texts_have_no_tokens() -> None:
    assert tokens_of(encoding(), "it").ids[1] == 5
    with pytest.raises(UnsupportedError, match=r"^it needs a model with tokens; for a function of texts use 'delete'"):
        tokens_of(TextEncoding(("a",), (Unit("a", 0, 1),)), "it")
