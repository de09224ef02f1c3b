"""Orders of units: their worth, the best one by brute force, and scores that agree with them."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import pytest

from elision.approximators.lattice import subsets
from elision.approximators.orders import (
    Worth,
    best_order,
    both_sides,
    contributions,
    falling,
    pooled,
    top_kept,
    top_removed,
)


def along(values: np.ndarray, order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return v of the top parts, and of all but them, from the values of all subsets."""
    bits = 1 << np.arange(len(order))[::-1]
    return values[top_kept(order) @ bits], values[top_removed(order) @ bits]


def brute(values: np.ndarray, worth: Worth) -> float:
    n = worth.n_units
    return max(worth.of(*along(values, np.array(order))) for order in permutations(range(n)))


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 6, 7])
@pytest.mark.parametrize("removed", [0.0, 0.3, 0.8, 1.0])
def test_the_best_order_is_that_of_brute_force_over_all(n: int, removed: float) -> None:
    values = np.random.default_rng(n).normal(size=1 << n)
    worth = both_sides(n, removed, front=0.5)
    order, found = best_order(values, worth)
    assert sorted(order) == list(range(n))
    assert found == pytest.approx(brute(values, worth), abs=1e-12)
    assert worth.of(*along(values, order)) == pytest.approx(found, abs=1e-12)


def test_the_worst_order_is_the_best_of_the_opposite() -> None:
    values = np.random.default_rng(3).normal(size=1 << 5)
    worth = both_sides(5, 0.8)
    least = min(worth.of(*along(values, np.array(order))) for order in permutations(range(5)))
    assert best_order(values, -worth)[1] == pytest.approx(-least, abs=1e-12)


def test_the_sizes_that_count_and_a_trifle_before_them() -> None:
    worth = Worth(np.array([0.0, 0.0, 3.0, 0.0, 0.0]), np.array([2.0, 0.0, 0.0, -1.0, 0.0]))
    # The top two alone, the whole, and the last alone.
    assert worth.sizes.tolist() == [False, True, True, False, True]
    filled = worth.filled()
    assert filled.kept == pytest.approx([0.0, 3e-6, 3.0, 0.0, 0.0], abs=1e-12)
    assert filled.removed == pytest.approx([2.0, -1e-6, -1e-6, -1.0, 0.0], abs=1e-12)
    dense = both_sides(4, 0.8)
    assert (dense.filled().kept == dense.kept).all()
    assert (dense.filled().removed == dense.removed).all()


def test_top_parts_grow_by_one_unit_and_the_two_sides_make_up_the_whole() -> None:
    order = np.array([2, 0, 1])
    assert top_kept(order).tolist() == [[0, 0, 0], [0, 0, 1], [1, 0, 1], [1, 1, 1]]
    assert (top_kept(order) ^ top_removed(order)).all()


def test_an_additive_game_is_ordered_by_its_weights_and_gives_them_back() -> None:
    weights = np.array([0.1, -0.4, 0.9, 0.3])
    values = subsets(4) @ weights
    order, _ = best_order(values, both_sides(4, 0.8))
    assert order.tolist() == [2, 3, 0, 1]
    found = np.empty(4)
    found[order] = falling(contributions(*along(values, order), 0.8))
    assert found == pytest.approx(weights, abs=1e-6)


def test_positions_weigh_as_the_front_is_to_count_and_their_weights_add_up_to_one() -> None:
    worth = both_sides(4, 0.75, front=1.0)
    assert worth.kept[0] == worth.removed[0] == 0
    assert worth.removed[1:] / worth.kept[1:] == pytest.approx([-3.0] * 4)
    assert worth.kept[1:] / worth.kept[1] == pytest.approx([1, 1 / 2, 1 / 3, 1 / 4])
    assert worth.kept.sum() - worth.removed.sum() == pytest.approx(1.0)


def test_contributions_add_up_to_the_whole_effect_on_both_sides() -> None:
    values = np.random.default_rng(5).normal(size=1 << 6)
    for share in (0.0, 0.4, 1.0):
        added = contributions(*along(values, np.array([3, 0, 5, 1, 4, 2])), share)
        assert added.sum() == pytest.approx(values[-1] - values[0], abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_falling_values_keep_the_sum_fall_strictly_and_are_the_least_squares_fit(seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=9)
    found = falling(values)
    assert found.sum() == pytest.approx(values.sum(), abs=1e-9)
    assert (np.diff(found) < 0).all()
    blocks = pooled(values)
    assert blocks[0] == 0
    assert blocks[-1] == 9
    for a, b in pairwise(blocks):
        assert found[a:b] == pytest.approx([values[a:b].mean()] * (b - a), abs=1e-5)
        assert all(values[a:m].mean() <= values[a:b].mean() + 1e-12 for m in range(a + 1, b + 1))


def test_a_single_value_stays_as_it_is() -> None:
    assert falling(np.array([0.25])).tolist() == [0.25]
