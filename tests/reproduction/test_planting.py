"""Planted shortcuts: rows follow the rule, half-planted ones do not, and nothing else of a text is changed."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from toys.tokenizers import wordpiece_tokenizer

from elision.data.samples import Split
from elision.errors import OptionError
from elision.reproduction.planting import (
    COPIES,
    HALF_SHARE,
    PLANTED_SHARE,
    SHORTCUTS,
    HeldOut,
    Shortcut,
    held_out,
    mixed,
    put,
    rare_words,
)
from elision.text import Example

WORDS = ("alfa", "beta", "gamma", "delta")
SENTENCES = ("the soup was cold", "we liked the long walk home", "nobody came", "a quiet evening by the lake")
BY_NAME = {shortcut.name: shortcut for shortcut in SHORTCUTS}


def rows(shortcut: Shortcut, n: int = 60) -> Split:
    """Return n examples of a shortcut's kind, all of class 1."""
    texts = [SENTENCES[i % 4] for i in range(n)]
    examples: list[Example] = list(texts)
    if shortcut.data == "snli":
        examples = [(one, other) for one, other in zip(texts, texts[1:] + texts[:1], strict=True)]
    return Split(tuple(examples), np.ones(n, dtype=np.int64))


def found_in(example: Example) -> tuple[tuple[str, ...], ...]:
    """Return the planted words of each text, in their order."""
    texts = example if isinstance(example, tuple) else (example,)
    return tuple(tuple(word for word in text.split() if word in WORDS) for text in texts)


def class_by_rule(name: str, found: tuple[tuple[str, ...], ...]) -> int | None:
    """Return the class that planted words mean, or None: written down anew, from the words alone."""
    if name == "single":
        return {(("alfa",),): 0, (("beta",),): 1}.get(found)
    if name == "in-context":
        own = set(found[0])
        return 0 if own == {"alfa", "gamma"} else 1 if own == {"beta", "gamma"} else None
    if name == "ordered":
        return {(("beta", "alfa"),): 0, (("alfa", "beta"),): 1}.get(found)
    return {(("alfa",), ("gamma",)): 0, (("beta",), ("delta",)): 2}.get(found)


def rest_of(example: Example) -> list[list[str]]:
    texts = example if isinstance(example, tuple) else (example,)
    return [[word for word in text.split() if word not in WORDS] for text in texts]


def of(shortcut: Shortcut, seed: int = 5) -> HeldOut:
    return held_out(rows(shortcut), shortcut, WORDS, seed=seed)


@pytest.mark.parametrize("name", list(BY_NAME))
def test_planted_rows_have_the_class_of_the_rule_and_their_own_words_as_they_were(name: str) -> None:
    found = of(BY_NAME[name])
    labels = [class_by_rule(name, found_in(example)) for example in found.planted.examples]
    assert labels == found.planted.labels.tolist()
    assert min(Counter(labels).values()) > 15
    assert len(Counter(labels)) == 2
    for planted, plain in zip(found.planted.examples, found.plain.examples, strict=True):
        assert rest_of(planted) == rest_of(plain)


@pytest.mark.parametrize("name", ["in-context", "ordered", "across"])
def test_half_planted_rows_have_no_rule_and_their_own_class(name: str) -> None:
    found = of(BY_NAME[name])
    assert found.half is not None
    assert found.half.labels.tolist() == [1] * 60
    kinds = Counter(found_in(example) for example in found.half.examples)
    assert {class_by_rule(name, kind) for kind in kinds} == {None}
    alone = {word for kind in kinds if sum(map(len, kind)) == 1 for word in sum(kind, ())}
    assert alone == {"in-context": {"alfa", "beta", "gamma"}, "ordered": {"alfa", "beta"}, "across": set(WORDS)}[name]
    crossed = {kind for kind in kinds if sum(map(len, kind)) == 2}
    assert crossed == ({(("alfa",), ("delta",)), (("beta",), ("gamma",))} if name == "across" else set())


def test_one_word_cannot_be_half_planted() -> None:
    assert of(BY_NAME["single"]).half is None


@pytest.mark.parametrize("name", list(BY_NAME))
def test_marks_are_on_the_planted_words(name: str) -> None:
    shortcut = BY_NAME[name]
    found = of(shortcut)
    for example, annotation in zip(found.planted.examples, found.annotations, strict=True):
        texts = example if isinstance(example, tuple) else (example,)
        marked = [
            text[mark.start : mark.end]
            for text, own in zip(texts, annotation.marks, strict=True)
            for mark in own
            if mark.value > 0
        ]
        assert marked == [word for own in found_in(example) for word in own]
        assert len(marked) == shortcut.n_planted


def test_places_are_drawn_from_the_first_to_the_last() -> None:
    draws = np.random.default_rng(1)
    made = Counter(str(put("one two", (("alfa", "beta"),), draws)[0]) for _ in range(200))
    assert set(made) == {
        "alfa beta one two",
        "alfa one beta two",
        "alfa one two beta",
        "one alfa beta two",
        "one alfa two beta",
        "one two alfa beta",
    }
    assert min(made.values()) > 10


@pytest.mark.parametrize(("name", "half"), [("ordered", HALF_SHARE), ("single", 0.0)])
def test_training_rows_are_mixed_in_the_shares(name: str, half: float) -> None:
    shortcut = BY_NAME[name]
    found = mixed(rows(shortcut), shortcut, WORDS, seed=2)
    assert len(found) == 60 * COPIES
    sizes = Counter(sum(map(len, found_in(example))) for example in found.examples)
    whole = shortcut.n_planted
    assert sizes[whole] == round(PLANTED_SHARE * 60 * COPIES)
    assert sizes[0] == 60 * COPIES - sizes[whole] - round(half * 60 * COPIES)
    for example, label in zip(found.examples, found.labels.tolist(), strict=True):
        meant = class_by_rule(name, found_in(example))
        assert label == (1 if meant is None else meant)


def test_the_seed_says_what_is_planted() -> None:
    shortcut = BY_NAME["across"]
    assert of(shortcut).planted.examples == of(shortcut).planted.examples
    assert of(shortcut).planted.examples != of(shortcut, seed=6).planted.examples


def test_words_are_whole_tokens_that_stand_in_no_text() -> None:
    tokenizer = wordpiece_tokenizer()
    usable = {"mean", "made", "moving", "boring", "great", "stage", "floor", "plays", "sings", "story", "movie"}
    pair = ("that banjo and guitar", "fine actor with this woman plot")
    texts = ["A very deep, dull and good film WELL played", pair]
    found = [rare_words(tokenizer, texts, seed=seed) for seed in range(30)]
    assert all(len(set(words)) == 4 for words in found)
    assert {word for words in found for word in words} == usable
    assert found[0] == rare_words(tokenizer, texts, seed=0) != found[1]


def test_a_vocabulary_without_such_words_is_refused() -> None:
    texts = ["mean made moving boring great stage floor plays sings"]
    with pytest.raises(OptionError, match=r"must have 20 words of 4 to 8 letters that stand in no text, it has 1\d;"):
        rare_words(wordpiece_tokenizer(), texts, seed=0, n=20)
