"""The guide: what it foretells of moves is what they gain, once all is known."""

from __future__ import annotations

import numpy as np
import pytest
from approximators.test_orders import along
from approximators.test_seek import answered, sigmoid, table

from elision.approximators import guided
from elision.approximators.asked import Asked
from elision.approximators.guided import Guide
from elision.approximators.lattice import subsets
from elision.approximators.orders import Worth, both_sides


def test_gains_of_moves_are_the_differences_of_worth_where_every_subset_is_known() -> None:
    n = 5
    values, worth, asked = sigmoid(n, 4), both_sides(n, 0.7, front=0.3), Asked(n, 1)
    asking = asked.mean(subsets(n))
    next(asking)
    with pytest.raises(StopIteration):
        asking.send([values])
    guide = Guide(worth, asked, beam=1, bounded=True)
    order = np.array([3, 0, 4, 1, 2])
    gains = guide._gains(order)
    for p in range(n):
        assert gains[p, p] == -np.inf
        for q in range(n):
            if p != q:
                moved = np.insert(np.delete(order, p), q, order[p])
                gain = worth.of(*along(values, moved)) - worth.of(*along(values, order))
                assert gains[p, q] == pytest.approx(gain, abs=1e-12)
    better = guide._moved(order)
    assert worth.of(*along(values, better)) > worth.of(*along(values, order))
    assert guide._gains(better).max() <= 1e-9


def test_gains_of_exchanges_where_few_sizes_count_and_no_move_that_changes_nothing() -> None:
    n = 6
    values, asked = sigmoid(n, 4), Asked(n, 1)
    worth = Worth(np.array([0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]), np.array([0.0, -2.0, 0.0, 0.0, 0.0, 0.0, 0.0]))
    asking = asked.mean(subsets(n))
    next(asking)
    with pytest.raises(StopIteration):
        asking.send([values])
    guide = Guide(worth, asked, beam=1, bounded=True)
    order = np.array([3, 0, 4, 1, 5, 2])
    gains = guide._gains_of_exchanges(order)
    for p in range(n):
        for q in range(n):
            if p < q and not {p, q} <= {1, 2} and p < 3:
                exchanged = order.copy()
                exchanged[[p, q]] = order[[q, p]]
                gain = worth.of(*along(values, exchanged)) - worth.of(*along(values, order))
                assert gains[p, q] == pytest.approx(gain, abs=1e-12)
            else:
                assert gains[p, q] == -np.inf
    # Sizes 1 and 3 count: among places 1 and 2, and among 3, 4 and 5, a move changes nothing.
    still = np.isinf(guide._gains(order))
    assert still[1:3, 1:3].all()
    assert still[3:, 3:].all()
    assert not still[0, 1:].any()
    assert not still[1:3, 3:].any()
    flat = guide._gains_of_all(order)
    assert len(flat) == 2 * n * n


def test_each_game_is_asked_about_other_sets_in_its_turn() -> None:
    n = 6
    guide = Guide(both_sides(n, 0.8), Asked(n, 2), beam=2, bounded=True)
    values, bits = sigmoid(n, 0), 1 << np.arange(n)[::-1]
    search, counts = guide.seek(), []
    questions = next(search)
    for _ in range(3):
        counts.append(tuple(map(len, questions)))
        try:
            questions = search.send([values[sets @ bits] for sets in questions])
        except StopIteration:
            break
    assert counts[0] == (2 * n + 2,) * 2
    assert counts[1][1] == 0 < counts[1][0] <= 2 * n
    assert counts[2][1] > 0


def test_a_set_that_no_game_knows_goes_to_the_one_whose_turn_it_is() -> None:
    sets = subsets(3)[1:4]
    for turn in range(3):
        found = guided._in_turn([sets, sets, sets], turn)
        assert [len(own) for own in found] == [3 * (game == turn) for game in range(3)]
    found = guided._in_turn([sets[:1], sets[1:], sets], 1)
    assert [own.tolist() for own in found] == [[], sets[1:].tolist(), sets[:1].tolist()]


def test_moves_that_come_near_are_asked_about_before_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    games, worth = [table(sigmoid(8, seed)) for seed in range(2)], both_sides(8, 0.8)
    with_near, _ = answered(games, worth, bounded=True)
    monkeypatch.setattr(guided, "_NEAR_MOVES", 0)
    without, _ = answered(games, worth, bounded=True)
    assert with_near.n_asked > without.n_asked + 4
