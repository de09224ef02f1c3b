"""What was asked: each set once, and no more sets than may be."""

from __future__ import annotations

import numpy as np
import pytest

from elision.approximators.asked import Asked
from elision.approximators.lattice import subsets


def test_a_set_that_stands_twice_or_is_known_is_asked_about_once() -> None:
    asked, sets = Asked(3, 2), subsets(3)
    asking = asked.ask([np.concatenate([sets[:3], sets[1:4]]), sets[:1]])
    first, second = next(asking)
    assert first.tolist() == sets[:4].tolist()
    assert second.tolist() == sets[:1].tolist()
    with pytest.raises(StopIteration):
        asking.send([np.arange(4.0), np.array([9.0])])
    assert asked.n == 5
    assert asked.known(0, sets[2:6])[:2].tolist() == [2.0, 3.0]
    assert np.isnan(asked.known(0, sets[4:])).all()
    assert next(asked.ask([sets[:5], sets[:0]]))[0].tolist() == sets[4:5].tolist()


def test_questions_end_where_they_may_be_no_more_and_the_first_come_first() -> None:
    asked, sets = Asked(3, 2, most=5), subsets(3)
    first, second = next(asking := asked.ask([sets[:3], sets]))
    assert len(first) == 3
    assert second.tolist() == sets[:2].tolist()
    with pytest.raises(StopIteration):
        asking.send([np.zeros(3), np.zeros(2)])
    assert asked.left == 0
    assert list(asked.ask([sets, sets])) == []


def test_the_mean_is_over_games() -> None:
    asked, sets = Asked(2, 2), subsets(2)
    asking = asked.mean(sets)
    next(asking)
    with pytest.raises(StopIteration) as stop:
        asking.send([np.arange(4.0), np.full(4, 2.0)])
    assert stop.value.value.tolist() == [1.0, 1.5, 2.0, 2.5]
    known, game, values = asked.everything()
    assert known.shape == (8, 2)
    assert game.tolist() == [0] * 4 + [1] * 4
    assert values.tolist() == [0, 1, 2, 3, 2, 2, 2, 2]
