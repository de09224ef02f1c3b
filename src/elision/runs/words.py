"""What words weigh over many explanations, and where one weighs otherwise than it does elsewhere.

Words are compared within a kind of explanations and a class explained, case-folded; the same word of a pair's first and
second text is two words.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from elision.arrays import Floats
from elision.runs.collection import Collection

LEAST_TIMES = 3
"""How often a word must occur for its mean effect to have an interval of any use. A choice."""

_Ints = NDArray[np.int64]


class WordMean(NamedTuple):
    """What a word weighs on average.

    Attributes:
        word: case-folded.
        segment: 0 or 1, which text of a pair; 0 for single texts.
        mean: of the scores of all its occurrences.
        reach: half the width of the mean's 95 % interval; NaN where the word is in one example only.
        times: how often it occurs.
        examples: in how many explanations.
    """

    word: str
    segment: int
    mean: float
    reach: float
    times: int
    examples: int

    @property
    def surely(self) -> float:
        """How much the word weighs at least, for or against: the interval's bound nearest to 0.

        It is 0 where the interval holds 0, where there is none, and where the word is rarer than `LEAST_TIMES`: such a
        word's effect may be chance.
        """
        if self.times < LEAST_TIMES or np.isnan(self.reach):
            return 0.0
        return max(abs(self.mean) - self.reach, 0.0)


class ClassWords(NamedTuple):
    """The words of one kind of explanations of one class.

    Attributes:
        kind: index into the collection's kinds.
        target: the class explained.
        explanations: how many.
        words: how many different words there are.
        top_for: those that surely weigh most for the class, the surest first.
        top_against: those that surely weigh most against it, the surest first.
        chance: the heaviest of those whose effect may be chance, the heaviest first.
        by_chance: how many those are.
    """

    kind: int
    target: str
    explanations: int
    words: int
    top_for: tuple[WordMean, ...]
    top_against: tuple[WordMean, ...]
    chance: tuple[WordMean, ...]
    by_chance: int


class Surprise(NamedTuple):
    """The word of an explanation that departs most from what it weighs elsewhere.

    Attributes:
        unit: its index among the explanation's units.
        score: what it weighs here.
        elsewhere: what it weighs on average in the other explanations.
        times: how often it occurs there.
        size: the difference, in units of its spread there.
    """

    unit: int
    score: float
    elsewhere: float
    times: int
    size: float


class _Sums(NamedTuple):
    """Of o occurrences, w words and g pairs of a word and an explanation; deviations are from the word's mean.

    Attributes:
        scale: the largest score; scores are divided by it, so that squares of huge ones stay finite.
        x: float64 (o,), the scores.
        times: int (w,), how often a word occurs.
        mean: float64 (w,).
        square: float64 (w,), sum of squared deviations.
        pair: int (o,), each occurrence's pair.
        word_of_pair: int (g,).
        pair_times: int (g,), how often the word occurs there.
        pair_sum: float64 (g,), sum of deviations.
        pair_square: float64 (g,), sum of squared deviations.
    """

    scale: float
    x: Floats
    times: _Ints
    mean: Floats
    square: Floats
    pair: _Ints
    word_of_pair: _Ints
    pair_times: _Ints
    pair_sum: Floats
    pair_square: Floats


@dataclass(frozen=True)
class Words:
    """Every scored word of a collection.

    Attributes:
        collection: where they occur.
    """

    collection: Collection

    @cached_property
    def _flat(self) -> tuple[list[tuple[int, str, int, str]], _Ints, _Ints, Floats]:
        """Return the words, and of each occurrence its word int (o,), explanation int (o,) and score float64 (o,)."""
        known: dict[tuple[int, str, int, str], int] = {}
        word, owner = [], []
        for place, item in enumerate(self.collection.items):
            target = item.explanation.target
            for unit in item.explanation.units:
                key = (item.kind, target, unit.segment, unit.text.casefold())
                word.append(known.setdefault(key, len(known)))
                owner.append(place)
        scores = [item.explanation.scores for item in self.collection.items]
        return list(known), np.array(word, np.int64), np.array(owner, np.int64), np.concatenate(scores)

    @cached_property
    def _sums(self) -> _Sums:
        """Return times and sums of deviations: of each word (w,) and of each word in an explanation (g,)."""
        known, word, owner, scores = self._flat
        count = len(known)
        scale = float(np.abs(scores).max(initial=0.0)) or 1.0
        x = scores / scale
        times = np.bincount(word, minlength=count)
        mean = _sum(word, x, count) / times
        d = x - mean[word]
        pairs, pair = np.unique(word * len(self.collection.items) + owner, return_inverse=True)
        return _Sums(
            scale=scale,
            x=x,
            times=times,
            mean=mean,
            square=_sum(word, d * d, count),
            pair=pair,
            word_of_pair=pairs // len(self.collection.items),
            pair_times=np.bincount(pair),
            pair_sum=_sum(pair, d, len(pairs)),
            pair_square=_sum(pair, d * d, len(pairs)),
        )

    def means(self) -> tuple[WordMean, ...]:
        """Return what each word weighs, in the order of first occurrence.

        Occurrences in one explanation are not independent, so the interval's variance is that of the explanations' sums
        of deviations, G / (G - 1) * sum_g (sum_i d_gi)^2 / n^2, with Student's t of G - 1 degrees of freedom; where
        no word occurs twice in a text it is the ordinary interval of a mean.
        """
        known, s = self._flat[0], self._sums
        examples = np.bincount(s.word_of_pair, minlength=len(known))
        spread = _sum(s.word_of_pair, s.pair_sum**2, len(known))
        freedom = np.where(examples > 1, examples - 1, np.nan)
        reach = stdtrit(freedom, 0.975) * np.sqrt(examples / freedom * spread) / s.times
        mean = s.mean * s.scale
        return tuple(
            WordMean(word, segment, float(mean[i]), float(reach[i] * s.scale), int(s.times[i]), int(examples[i]))
            for i, (_, _, segment, word) in enumerate(known)
        )

    def by_class(self, top: int = 10) -> list[ClassWords]:
        """Return the heaviest words of each kind and class, those with the most explanations first.

        Words are ranked by what they weigh at least (`WordMean.surely`): a word with three occurrences and an interval
        from -11 to 14 would else stand before one that weighs 3 bits in a hundred texts.

        Args:
            top: how many to return of each list.
        """
        of: dict[tuple[int, str], int] = {}
        for item in self.collection.items:
            key = (item.kind, item.explanation.target)
            of[key] = of.get(key, 0) + 1
        grouped: dict[tuple[int, str], list[WordMean]] = {key: [] for key in of}
        for (kind, target, _, _), one in zip(self._flat[0], self.means(), strict=True):
            grouped[kind, target].append(one)
        found = []
        for (kind, target), count in sorted(of.items(), key=lambda pair: -pair[1]):
            own = grouped[kind, target]
            sure = sorted((one for one in own if one.surely > 0), key=lambda one: -one.surely)
            rest = sorted((one for one in own if one.surely == 0), key=lambda one: -abs(one.mean))
            top_for = tuple(one for one in sure if one.mean > 0)[:top]
            against = tuple(one for one in sure if one.mean < 0)[:top]
            found.append(ClassWords(kind, target, count, len(own), top_for, against, tuple(rest[:top]), len(rest)))
        return found

    def surprises(self) -> list[Surprise | None]:
        """Return for each explanation its most surprising word, or None where no word occurs elsewhere often enough.

        A word's size is |score - mean elsewhere| / max(spread elsewhere, floor): "elsewhere" are its occurrences in the
        other explanations of the same kind and class, at least `LEAST_TIMES`, the spread is their standard deviation,
        and the floor is the root mean square of all scores of the kind and class, so that a word that always weighs
        next to nothing does not surprise by weighing a little.
        """
        _, word, owner, scores = self._flat
        s = self._sums
        there = s.times[word] - s.pair_times[s.pair]
        with np.errstate(divide="ignore", invalid="ignore"):
            shift = -s.pair_sum[s.pair] / there
            square = s.square[word] - s.pair_square[s.pair] - there * shift**2
            spread = np.sqrt(np.maximum(square, 0.0) / (there - 1))
            mean = s.mean[word] + shift
            size = np.abs(s.x - mean) / np.maximum(spread, self._floor())
        size = np.where((there >= LEAST_TIMES) & np.isfinite(size), size, -1.0)
        found: list[Surprise | None] = [None] * len(self.collection.items)
        starts = np.searchsorted(owner, np.arange(len(found) + 1))
        for place, (start, end) in enumerate(pairwise(starts)):
            best = int(start + np.argmax(size[start:end])) if end > start else -1
            if best >= 0 and size[best] >= 0:
                elsewhere = float(mean[best] * s.scale)
                found[place] = Surprise(
                    int(best - start), float(scores[best]), elsewhere, int(there[best]), float(size[best])
                )
        return found

    def _floor(self) -> Floats:
        """Return float64 (o,), the root mean square of all scores of each occurrence's kind and class."""
        known, word, *_ = self._flat
        classes: dict[tuple[int, str], int] = {}
        of_word = np.array([classes.setdefault((kind, target), len(classes)) for kind, target, *_ in known], np.int64)
        of = of_word[word]
        squares = _sum(of, self._sums.x**2, len(classes)) / np.bincount(of, minlength=len(classes))
        return np.asarray(np.sqrt(squares)[of])


def _sum(index: _Ints, values: Floats, count: int) -> Floats:
    """Return float64 (count,), the sum of the values float64 (o,) at each index int (o,)."""
    return np.asarray(np.bincount(index, values, count), np.float64)
