"""Orders that grow: each longer set once, from the order that is worth most."""

from __future__ import annotations

import numpy as np

from elision.approximators.growing import States, settled


def test_of_two_orders_that_lead_to_a_set_the_better_is_followed() -> None:
    sets, owner, unit = States.start(3).longer()
    assert sorted(unit.tolist()) == [0, 1, 2]
    two = States.start(3).best(sets, owner, unit, sets @ np.array([1.0, 5.0, 3.0]), 2)
    assert two.orders == [[1], [2]]
    assert two.worth.tolist() == [5.0, 3.0]
    longer, owner, unit = two.longer()
    assert sorted(map(tuple, longer.astype(int).tolist())) == [(0, 1, 1), (1, 0, 1), (1, 1, 0)]
    both = longer.tolist().index([False, True, True])
    assert two.orders[owner[both]] == [1]
    assert unit[both] == 2
    best = two.best(longer, owner, unit, np.zeros(len(longer)), 1)
    assert best.orders[0][0] == 1


def test_what_differs_by_rounding_only_keeps_its_order() -> None:
    values = np.array([0.1 + 0.2, 0.3, -np.inf, 7.0])
    assert np.argsort(-settled(values), kind="stable").tolist() == [3, 0, 1, 2]
    assert np.argsort(-settled(values[[1, 0, 2, 3]]), kind="stable").tolist() == [3, 0, 1, 2]
    assert settled(np.zeros(2)).tolist() == [0.0, 0.0]
