"""Seeking the best order: against brute force, with few questions, within their number, and on toys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from approximators.test_orders import along, brute
from scipy.special import expit

from elision.approximators.lattice import subsets
from elision.approximators.orders import Worth, both_sides
from elision.approximators.seek import Sought, seek

Game = Callable[[np.ndarray], np.ndarray]


def answered(games: list[Game], worth: Worth, **options: Any) -> tuple[Sought, list[int]]:
    """Return what is found by asking games, and how many subsets each was asked about."""
    options = {"solver": "guided", "bounded": False} | options
    search = seek(worth, len(games), **options)
    counts, answers, seen = [0] * len(games), None, set()
    while True:
        try:
            questions = next(search) if answers is None else search.send(answers)
        except StopIteration as stop:
            return stop.value, counts
        for i, sets in enumerate(questions):
            counts[i] += len(sets)
            fresh = {(i, row.tobytes()) for row in sets}
            assert len(fresh) == len(sets), "a set stands twice in one question"
            assert not fresh & seen, "a set is asked about again"
            seen |= fresh
        answers = [game(sets) for game, sets in zip(games, questions, strict=True)]


def table(values: np.ndarray) -> Game:
    n = int(np.log2(len(values)))
    bits = 1 << np.arange(n)[::-1]
    return lambda sets: values[sets @ bits]


def sigmoid(n: int, seed: int, *, scale: float = 1.0) -> np.ndarray:
    """Return values of all subsets: units act alone and in pairs, and the whole saturates."""
    rng = np.random.default_rng(seed)
    known = subsets(n)
    pairs = rng.normal(size=(n, n)) * 0.4
    return expit(scale * (known @ rng.normal(size=n) + np.einsum("si,ij,sj->s", known, pairs, known)))


@pytest.mark.parametrize("n", [1, 2, 5, 7])
def test_exact_and_a_beam_of_full_width_are_brute_force(n: int) -> None:
    values = np.random.default_rng(n).normal(size=1 << n)
    worth = both_sides(n, 0.7)
    for options in ({"solver": "exact"}, {"solver": "beam", "beam": 1 << n}):
        found, _ = answered([table(values)], worth, **options)
        assert found.converged
        assert worth.of(*along(values, found.order)) == pytest.approx(brute(values, worth), abs=1e-12)


def test_several_games_are_searched_by_their_mean() -> None:
    games = [sigmoid(5, seed) for seed in range(3)]
    worth = both_sides(5, 0.8)
    found, counts = answered([table(own) for own in games], worth, solver="exact", bounded=True)
    assert counts == [32] * 3
    assert worth.of(*along(np.mean(games, axis=0), found.order)) == pytest.approx(brute(np.mean(games, axis=0), worth))


@pytest.mark.parametrize("bounded", [True, False])
def test_guided_comes_near_the_best_with_few_questions(bounded: bool) -> None:
    worth, reached = both_sides(10, 0.8), []
    for seed in range(12):
        values = sigmoid(10, seed)
        best, _ = answered([table(values)], worth, solver="exact")
        worst, _ = answered([table(values)], -worth, solver="exact")
        found, counts = answered([table(values)], worth, bounded=bounded)
        assert found.converged
        assert counts[0] == found.n_asked < 200
        ends = [worth.of(*along(values, own.order)) for own in (worst, best)]
        reached.append((worth.of(*along(values, found.order)) - ends[0]) / (ends[1] - ends[0]))
    assert np.mean(reached) > 0.99
    assert min(reached) > 0.95


def test_local_moves_never_make_it_worse_and_end_where_none_helps() -> None:
    worth = both_sides(7, 0.5)
    for seed in range(4):
        values = np.random.default_rng(seed).normal(size=128)
        before, _ = answered([table(values)], worth)
        after, _ = answered([table(values)], worth, rounds=100)
        assert after.converged
        assert worth.of(*along(values, after.order)) >= worth.of(*along(values, before.order)) - 1e-12
        few, _ = answered([table(values)], worth, rounds=100, most=30)
        assert few.converged
        assert few.n_asked > 30
        again, _ = answered([table(values)], worth, rounds=1)
        assert worth.of(*along(values, again.order)) <= worth.of(*along(values, after.order)) + 1e-12


def test_no_more_is_asked_about_than_may_be() -> None:
    values = sigmoid(9, 1)
    found, counts = answered([table(values), table(values)], both_sides(9, 0.8), bounded=True, most=60)
    assert sum(counts) == found.n_asked <= 60
    assert not found.converged
    assert sorted(found.order) == list(range(9))


def test_only_the_side_that_counts_is_asked_about() -> None:
    values, worth = sigmoid(6, 2), both_sides(6, 1.0)
    found, counts = answered([table(values)], worth, solver="beam", beam=2, bounded=True)
    assert counts[0] <= 1 + 2 * sum(range(1, 7))
    assert worth.of(*along(values, found.order)) > worth.of(*along(values, found.order[::-1]))


def of_size(n: int, *sizes: int) -> Worth:
    """Return the worth of orders of which the top parts of some sizes count, as they go."""
    removed = np.zeros(n + 1)
    removed[list(sizes)] = -1.0
    return Worth(np.zeros(n + 1), removed)


def test_the_exact_solver_asks_about_what_counts() -> None:
    values, worth = sigmoid(6, 3), of_size(6, 2)
    found, counts = answered([table(values)], worth, solver="exact")
    assert counts == [15]
    assert worth.of(*along(values, found.order)) == pytest.approx(brute(values, worth), abs=1e-12)


def test_guided_comes_near_the_best_sets_of_few_sizes() -> None:
    reached = []
    for seed in range(12):
        values, worth = sigmoid(10, seed), of_size(10, 1, 5)
        best, _ = answered([table(values)], worth, solver="exact")
        worst, _ = answered([table(values)], -worth, solver="exact")
        found, counts = answered([table(values)], worth, bounded=True, near=32)
        assert counts[0] < 100
        ends = [worth.of(*along(values, own.order)) for own in (worst, best)]
        reached.append((worth.of(*along(values, found.order)) - ends[0]) / (ends[1] - ends[0]))
    assert np.mean(reached) > 0.99
    assert min(reached) > 0.95


def test_more_near_moves_cost_more_questions() -> None:
    values, worth = sigmoid(10, 0), both_sides(10, 0.8)
    few, many = (answered([table(values)], worth, bounded=True, near=near)[0].n_asked for near in (1, 40))
    assert few < many


def test_a_gate_needs_both_its_units_and_either_of_them_takes_the_answer() -> None:
    both = np.array([float(s[0] and s[3]) for s in subsets(5)])
    found, _ = answered([table(both)], both_sides(5, 0.8), solver="exact")
    assert set(found.order[:2]) == {0, 3}


def test_of_two_units_that_do_alone_both_must_go() -> None:
    either = np.array([float(s[1] or s[4]) for s in subsets(5)])
    for solver in ("exact", "beam", "guided"):
        found, _ = answered([table(either)], both_sides(5, 0.8), solver=solver, bounded=True)
        assert set(found.order[:2]) == {1, 4}


def test_a_decoy_that_shines_alone_counts_where_the_rest_is_gone_only() -> None:
    def value(s: np.ndarray) -> float:
        return 0.9 if s[0] and s[1] else 0.3 if s[2] else 0.1

    values = np.array([value(s) for s in subsets(4)])
    for solver in ("exact", "guided"):
        found, _ = answered([table(values)], both_sides(4, 0.3), solver=solver, bounded=True)
        assert set(found.order[:2]) == {0, 1}
        removed, _ = answered([table(values)], both_sides(4, 1.0), solver=solver, bounded=True)
        assert 2 in removed.order[:2]


def test_the_best_set_of_a_size_is_found_by_exchanges_where_no_single_unit_shows_the_way() -> None:
    n, k = 7, 3
    worth, size = both_sides(n, 0.0), np.zeros(n + 1)
    size[k] = 1.0
    only = Worth(size, np.zeros(n + 1))
    reached = 0
    for seed in range(6):
        values = np.random.default_rng(seed).normal(size=1 << n)
        found, _ = answered([table(values)], worth, rounds=50, final=only)
        assert found.converged
        best = max(values[s] for s in range(1 << n) if bin(s).count("1") == k)
        own = only.of(*along(values, found.order))
        reached += own == pytest.approx(best)
        exchanged = [
            values[sum(1 << (n - 1 - i) for i in {*found.order[:k]} - {out} | {into})]
            for out in found.order[:k]
            for into in found.order[k:]
        ]
        assert own >= max(exchanged) - 1e-12
    assert reached >= 3
