"""Sums over candidates: how many a budget allows, and which fit in memory together."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from elision.errors import BudgetError
from elision.explainers.marginalization import sums
from elision.likelihood.filling import Fillings


def fillings(*sizes: int) -> list[Fillings]:
    """Return fillings of so many candidates each, the likeliest half as likely as all that follow it."""
    return [
        Fillings((unit,), np.arange(n, dtype=np.int32)[:, None], 0.5 ** np.arange(1, n + 1), 0.5**n, 0.25)
        for unit, n in enumerate(sizes)
    ]


def game(remaining: int | None) -> Any:
    budget = None if remaining is None else remaining + 1
    return SimpleNamespace(engine=SimpleNamespace(remaining=remaining, budget=budget))


@pytest.mark.parametrize(
    ("sizes", "remaining", "kept"),
    [
        ((5, 3, 9), None, [5, 3, 9]),
        ((5, 3, 9), 17, [5, 3, 9]),
        ((5, 3, 9), 16, [5, 3, 8]),
        ((5, 3, 9), 13, [5, 3, 5]),
        ((5, 3, 9), 12, [4, 3, 4]),
        ((5, 3, 9), 11, [3, 3, 3]),
        ((5, 3, 9), 8, [2, 2, 2]),
        ((5, 3, 9), 3, [1, 1, 1]),
    ],
)
def test_what_a_budget_leaves_is_shared_alike(sizes: tuple[int, ...], remaining: int | None, kept: list[int]) -> None:
    found = sums.within_budget(game(remaining), fillings(*sizes))
    assert [len(own.fills) for own in found] == kept
    # What is dropped is left out: together they stay 1.
    for own, n in zip(found, sizes, strict=True):
        assert own.likelihood.sum() + own.left_out == pytest.approx(1.0, abs=1e-12)
        assert own.left_out == pytest.approx(0.5 ** min(len(own.fills), n), abs=1e-12)


def test_a_budget_below_a_candidate_a_unit_is_refused() -> None:
    with pytest.raises(BudgetError, match=r"^budget must be at least 4, one candidate a unit and .*; got 3$"):
        sums.within_budget(game(2), fillings(5, 3, 9))


def test_groups_fit_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sums, "_CELLS", 100)
    groups = sums.chunks(fillings(5, 5, 1, 30, 9, 1), length=10)
    assert [[own.absent[0] for own in group] for group in groups] == [[0, 1], [2], [3], [4, 5]]
