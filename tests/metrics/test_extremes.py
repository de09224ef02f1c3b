"""The search for the best and the worst order: one example beside others, in parts, and where nothing counts."""

from __future__ import annotations

import numpy as np
import pytest
from toys.models import keyword_model

import elision
from elision.metrics import extremes as searched
from elision.metrics.extremes import extremes
from elision.metrics.games import MeteredModel
from elision.metrics.rewards import area_between, lost_on_average, lost_with

TEXTS = ["good plot , bad actor", "bad", "not a good film but a bad good plot of a long bad good film of a bad actor"]


@pytest.fixture
def metered():
    model = keyword_model()
    return MeteredModel(model, elision.Random().many(model, TEXTS), "delete", None, 0)


def test_the_solver_is_the_exact_one_where_few_subsets_count(metered) -> None:
    assert [own.proven for own in extremes(metered, area_between())] == [True, True, False]
    assert [own.proven for own in extremes(metered, lost_on_average(1))] == [True, True, False]
    assert [own.proven for own in extremes(metered, area_between(), budget=2000, solver="guided")] == [False] * 3


def test_an_example_has_the_same_ends_beside_others(metered) -> None:
    together = extremes(metered, area_between())
    for own, explanation in zip(together, metered.explanations, strict=True):
        alone = extremes(MeteredModel(metered.model, [explanation], "delete", None, 0), area_between())
        assert alone == [own]


def test_many_subsets_are_asked_about_in_parts(metered, monkeypatch) -> None:
    together = extremes(metered, lost_on_average(3))
    monkeypatch.setattr(searched, "_AT_ONCE", 3)
    again = MeteredModel(metered.model, metered.explanations, "delete", None, 0)
    assert extremes(again, lost_on_average(3)) == together


def test_where_no_part_counts_all_orders_are_alike(metered) -> None:
    for solver in ("exact", "guided", "beam"):
        chosen = MeteredModel(metered.model, metered.explanations[:2], "delete", None, 0)
        found = extremes(chosen, lost_with((1.0,)), solver=solver)
        assert np.array([[own.low, own.high] for own in found]).tolist() == [[0.0, 0.0]] * 2
