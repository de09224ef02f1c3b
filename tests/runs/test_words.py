"""Words and surprises of many explanations against slow independent reckoning."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from toys.reports import explained
from toys.sets import drawn, occurrences, slow_reach, slow_surprise

import elision
from elision.runs.collection import collect
from elision.runs.file import LabelledExplanation
from elision.runs.words import Words


def test_means_of_words_against_slow_ones() -> None:
    run = drawn()
    collection = collect(run)
    slow = occurrences(run)
    assert len(slow) > 30
    found = Words(collection)
    for one, (key, own) in zip(found.means(), slow.items(), strict=True):
        assert (one.segment, one.word) == key[2:]
        assert (one.times, one.examples) == (len(own), len({place for place, _ in own}))
        assert one.mean == pytest.approx(np.mean([score for _, score in own]), abs=1e-12)
        assert one.reach == pytest.approx(slow_reach(own), abs=1e-9, nan_ok=True)


def test_an_interval_where_no_word_is_twice_in_a_text_is_the_ordinary_one() -> None:
    scores = [0.5, 1.25, -1.0, 2.0]
    found = Words(collect(LabelledExplanation(explained("not", [s])) for s in scores)).means()[0]
    low, high = stats.t.interval(0.95, 3, np.mean(scores), stats.sem(scores))
    assert (found.mean - found.reach, found.mean + found.reach) == pytest.approx((low, high), abs=1e-12)


def test_the_heaviest_words_of_each_class() -> None:
    run = drawn(120)
    slow = occurrences(run)
    classes = Words(collect(run)).by_class(top=3)
    counts = [own.explanations for own in classes]
    assert counts == sorted(counts, reverse=True)
    assert sum(counts) == 120
    for own in classes:
        pair = collect(run).kinds[own.kind].pairs
        assert own.explanations == sum(
            one.explanation.target == own.target and (len(one.explanation.segments) > 1) == pair for one in run
        )
        mine = {key[2:]: all_ for key, all_ in slow.items() if key[:2] == (pair, own.target)}
        means = {key: float(np.mean([s for _, s in all_])) for key, all_ in mine.items()}
        least = {
            key: 0.0 if len(all_) < 3 or math.isnan(reach := slow_reach(all_)) else max(abs(means[key]) - reach, 0.0)
            for key, all_ in mine.items()
        }
        sure = sorted((key for key in least if least[key] > 0), key=lambda key: -least[key])
        rest = sorted((key for key in least if least[key] == 0), key=lambda key: -abs(means[key]))
        assert (own.words, own.by_chance) == (len(mine), len(rest))
        assert [(w.segment, w.word) for w in own.top_for] == [key for key in sure if means[key] > 0][:3]
        assert [(w.segment, w.word) for w in own.top_against] == [key for key in sure if means[key] < 0][:3]
        assert [(w.segment, w.word) for w in own.chance] == rest[:3]
    assert any(own.top_for or own.top_against for own in classes)
    assert any(own.by_chance > 3 for own in classes)


def test_a_rare_word_with_a_wide_interval_stands_behind_a_sure_one() -> None:
    """The means say "but" first; its interval, from -7 to 13, says that this may be chance."""
    run = [LabelledExplanation(explained("but wonderful", [s, w])) for s, w in ((0.5, 2.0), (7.5, 2.2), (1.0, 1.9))]
    run += [LabelledExplanation(explained("wonderful my", [w, m])) for w, m in ((2.1, 9.0), (2.0, -3.0), (1.8, 5.0))]
    run += [
        LabelledExplanation(explained("once", [30.0])),
        *(LabelledExplanation(explained("twice", [s])) for s in (9.0, 9.001)),
    ]
    found = Words(collect(run)).by_class()[0]
    assert [one.word for one in found.top_for] == ["wonderful"]
    assert [one.word for one in found.chance] == ["once", "twice", "my", "but"]
    assert (found.words, found.by_chance, found.top_against) == (5, 4, ())


def test_surprises_against_slow_ones() -> None:
    run = drawn()
    found = Words(collect(run)).surprises()
    assert None in found
    for place, one in enumerate(found):
        slow = slow_surprise(run, place)
        assert (one is None) == (slow is None)
        if one is not None and slow is not None:
            assert (one.unit, one.score, one.times) == (slow.unit, slow.score, slow.times)
            assert (one.elsewhere, one.size) == pytest.approx((slow.elsewhere, slow.size), abs=1e-9)


def test_the_largest_scores_do_not_overflow() -> None:
    run = [LabelledExplanation(explained("not", [s])) for s in (1e300, 1e300, -1e300, 1e300, 0.0)]
    found = Words(collect(run))
    assert found.means()[0].mean == pytest.approx(4e299)
    assert max(own.size for own in found.surprises() if own) == pytest.approx(1.75 / math.sqrt(0.8))
    assert "<table" in elision.report(run)
