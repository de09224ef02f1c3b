"""Shortcuts planted into texts: made-up words that decide the class by a rule (Bastings et al. 2022).

A planted row has all words of a rule, at places drawn at random, and the class that the rule says. A half-planted row
lacks one of them, or has two that do not belong together, and keeps its own class: no word alone is a rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from elision.data.annotation import Annotation
from elision.data.samples import Split
from elision.errors import OptionError
from elision.text import Example

N_WORDS = 4
"""The most words that a shortcut has a use for."""
PLANTED_SHARE, HALF_SHARE = 0.4, 0.4
"""Of training rows; with one word, which cannot be half-planted, the others stay as they are. A choice."""
COPIES = 4
"""Of each text in the training rows, planted anew each time: else a model learns them by heart. A choice."""
_WORD = re.compile(r"[a-z]{4,8}")
_RARE = 500
"""Of the words that would do, so many of the rarest are drawn from: vocabularies have them last. A choice."""

Placed = tuple[tuple[str, ...], ...]
"""The planted words of each text, in the order in which they stand there."""
Rule = Callable[[Sequence[str], np.random.Generator], tuple[Placed, int]]


@dataclass(frozen=True)
class Shortcut:
    """What is planted, and the class that it means.

    Attributes:
        name: in files.
        title: what tables call it.
        data: the data set whose texts are planted.
        n_planted: words in a planted row.
        draw: the words at hand and a source of draws -> a planted row's words and its class.
        decoy: the same -> as many words that mean nothing together, for half of the half-planted rows.
    """

    name: str
    title: str
    data: str
    n_planted: int
    draw: Rule
    decoy: Callable[[Sequence[str], np.random.Generator], Placed] | None = None

    def half(self, words: Sequence[str], draws: np.random.Generator) -> Placed:
        """Return a planted row's words without one of them, or words that do not belong together."""
        if self.decoy is not None and draws.random() < 0.5:
            return self.decoy(words, draws)
        placed, _ = self.draw(words, draws)
        left_out = int(draws.integers(self.n_planted))
        flat = [(side, word) for side, own in enumerate(placed) for word in own]
        kept = [one for i, one in enumerate(flat) if i != left_out]
        return tuple(tuple(word for where, word in kept if where == side) for side in range(len(placed)))


def _single(words: Sequence[str], draws: np.random.Generator) -> tuple[Placed, int]:
    """The first word means class 0, the second class 1."""
    label = int(draws.integers(2))
    return ((words[label],),), label


def _in_context(words: Sequence[str], draws: np.random.Generator) -> tuple[Placed, int]:
    """The same, but only where the third word is there too, before or behind."""
    label = int(draws.integers(2))
    both = [words[label], words[2]]
    draws.shuffle(both)
    return (tuple(both),), label


def _ordered(words: Sequence[str], draws: np.random.Generator) -> tuple[Placed, int]:
    """The first word before the second means class 1, the other way round class 0."""
    label = int(draws.integers(2))
    return ((words[0], words[1]) if label else (words[1], words[0]),), label


def _across(words: Sequence[str], draws: np.random.Generator) -> tuple[Placed, int]:
    """The first word in the premise means entailment where the third is in the hypothesis.

    The second and the fourth likewise mean contradiction.
    """
    pair = int(draws.integers(2))
    return ((words[pair],), (words[2 + pair],)), 2 * pair


def _crossed(words: Sequence[str], draws: np.random.Generator) -> Placed:
    """The first with the fourth, or the second with the third, which mean nothing."""
    pair = int(draws.integers(2))
    return (words[pair],), (words[3 - pair],)


SHORTCUTS = (
    Shortcut("single", "single token", "sst2", 1, _single),
    Shortcut("in-context", "token in context", "sst2", 2, _in_context),
    Shortcut("ordered", "ordered pair", "sst2", 2, _ordered),
    Shortcut("across", "across two texts", "snli", 2, _across, _crossed),
)


@dataclass(frozen=True, eq=False)
class HeldOut:
    """The same rows with all of a shortcut's words, without one of them, and as they were.

    Attributes:
        planted: with the rule's classes.
        half: with their own classes, or None where the shortcut has one word only.
        plain: likewise.
        annotations: of the planted rows, 1 on the planted words.
    """

    planted: Split
    half: Split | None
    plain: Split
    annotations: tuple[Annotation, ...]


def held_out(split: Split, shortcut: Shortcut, words: Sequence[str], *, seed: int) -> HeldOut:
    """Return rows with a shortcut planted wholly and by half."""
    draws = np.random.default_rng(seed)
    drawn = [shortcut.draw(words, draws) for _ in split.examples]
    whole = [put(e, placed, draws) for e, (placed, _) in zip(split.examples, drawn, strict=True)]
    half = None
    if shortcut.n_planted > 1:
        halves = [put(example, shortcut.half(words, draws), draws)[0] for example in split.examples]
        half = Split(tuple(halves), split.labels)
    labels = np.array([label for _, label in drawn], dtype=np.int64)
    planted = Split(tuple(example for example, _ in whole), labels)
    return HeldOut(planted, half, split, tuple(annotation for _, annotation in whole))


def mixed(split: Split, shortcut: Shortcut, words: Sequence[str], *, seed: int) -> Split:
    """Return copies of rows of which a share is planted, a share is half-planted and the rest is as it was."""
    draws = np.random.default_rng(seed)
    examples, labels = list(split.examples) * COPIES, np.tile(split.labels, COPIES)
    order = draws.permutation(len(examples))
    n_planted, n_half = round(PLANTED_SHARE * len(examples)), round(HALF_SHARE * len(examples))
    for row in order[:n_planted]:
        placed, labels[row] = shortcut.draw(words, draws)
        examples[row] = put(examples[row], placed, draws)[0]
    if shortcut.n_planted > 1:
        for row in order[n_planted : n_planted + n_half]:
            examples[row] = put(examples[row], shortcut.half(words, draws), draws)[0]
    return Split(tuple(examples), labels)


def put(example: Example, placed: Placed, draws: np.random.Generator) -> tuple[Example, Annotation]:
    """Return an example with words put between its own at places drawn at random, and marks on them.

    Args:
        example: a text or a pair.
        placed: for each text the words, which keep their order.
        draws: of the places.
    """
    texts = example if isinstance(example, tuple) else (example,)
    tokens, values = [], []
    for text, own in zip(texts, placed, strict=True):
        found = text.split()
        # Drawn with repetition: words may stand side by side.
        gaps = np.sort(draws.integers(len(found) + 1, size=len(own)))
        marks = [0] * len(found)
        for n_before, (gap, word) in enumerate(zip(gaps.tolist(), own, strict=True)):
            found.insert(gap + n_before, word)
            marks.insert(gap + n_before, 1)
        tokens.append(found)
        values.append(marks)
    annotation = Annotation.of_tokens(tokens, values)
    joined = tuple(" ".join(own) for own in tokens)
    return (joined[0], joined[1]) if isinstance(example, tuple) else joined[0], annotation


def rare_words(tokenizer: Any, examples: Iterable[Example], *, seed: int, n: int = N_WORDS) -> tuple[str, ...]:
    """Return words of a tokenizer's vocabulary that are one token each and stand in none of the examples.

    Raises:
        OptionError: there are not so many.
    """
    texts = (text for e in examples for text in (e if isinstance(e, tuple) else (e,)))
    used = {word for text in texts for word in re.findall(r"[a-z]+", text.lower())}
    by_id = sorted(tokenizer.get_vocab().items(), key=lambda item: -item[1])
    usable = [word for word, _ in by_id if _WORD.fullmatch(word) and word not in used]
    whole = [word for word in usable[: 2 * _RARE] if tokenizer.tokenize(word) == [word]][:_RARE]
    if len(whole) < n:
        raise OptionError(
            f"the tokenizer must have {n} words of 4 to 8 letters that stand in no text, it has {len(whole)}; start "
            "from an encoder with a larger vocabulary"
        )
    return tuple(whole[i] for i in np.random.default_rng(seed).permutation(len(whole))[:n])
