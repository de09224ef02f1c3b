"""Tokens in a batch: they double while that gains, and halve where memory does not suffice."""

from __future__ import annotations

import pytest

from elision.models.budget import TokenBudget


def report(budget: TokenBudget, *batches: tuple[int, float]) -> list[int]:
    """Report batches of so many tokens at so many tokens a second, and return the budget after each."""
    found = []
    for area, speed in batches:
        budget.report(area, area / speed)
        found.append(budget.tokens)
    return found


def test_it_doubles_while_each_token_gets_faster_by_a_twentieth() -> None:
    budget = TokenBudget(1000, by_trial=True)
    # The first batch of each size warms up: only the second one is timed.
    assert report(budget, (1000, 1.0), (1000, 100.0)) == [1000, 2000]
    assert report(budget, (2000, 1.0), (2000, 106.0)) == [2000, 4000]
    assert report(budget, (4000, 1.0), (4000, 110.0)) == [4000, 2000]
    assert report(budget, (2000, 1.0), (2000, 999.0)) == [2000, 2000]


def test_batches_of_half_the_size_or_less_say_nothing() -> None:
    budget = TokenBudget(1000, by_trial=True)
    assert report(budget, (500, 9.0), (500, 9.0), (501, 9.0), (500, 9.0), (501, 9.0)) == [1000, 1000, 1000, 1000, 2000]


def test_it_stays_where_it_was_told_and_below_a_million() -> None:
    assert report(TokenBudget(1000), (1000, 1.0), (1000, 9.0)) == [1000, 1000]
    budget = TokenBudget(1 << 20, by_trial=True)
    assert report(budget, (1 << 20, 1.0), (1 << 20, 9.0)) == [1 << 20, 1 << 20]


@pytest.mark.parametrize(("area", "left"), [(1000, 500), (300, 150), (5000, 1000), (1, 1), (0, 1)])
def test_it_halves_what_did_not_fit_and_stays(area: int, left: int) -> None:
    budget = TokenBudget(1000, by_trial=True)
    budget.shrink(area)
    assert budget.tokens == left
    assert report(budget, (left, 1.0), (left, 999.0)) == [left, left]
