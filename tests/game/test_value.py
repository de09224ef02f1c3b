"""The value function: its columns, its budget, what it counts, and the model's answers behind it."""

from __future__ import annotations

import numpy as np
import pytest

import elision

TEXT = "a good film"


def test_known_must_have_a_column_for_each_unit(keywords: elision.BlackBox) -> None:
    v = elision.ValueFunction(keywords, TEXT, removal="delete")
    for known in (np.ones(3, dtype=bool), np.ones((1, 4), dtype=bool)):
        with pytest.raises(elision.UnitError, match=r"known must have shape \(s, 3\), one column per unit; got "):
            v(known)


def test_the_budget_is_never_passed_and_nothing_is_spent_in_vain(bert: elision.HuggingFaceModel) -> None:
    v = elision.ValueFunction(bert, TEXT, removal="mask", budget=3)
    with pytest.raises(elision.BudgetError, match="budget must be at least 4 model evaluations for this, got 3"):
        v(~np.eye(3, dtype=bool))
    assert v.evaluations == 1
    v(~np.eye(3, dtype=bool)[:2])
    assert v.engine.remaining == 0
    with pytest.raises(elision.BudgetError, match="budget must be at least 4, one evaluation a unit"):
        elision.LeaveOneOut(budget=3)(bert, TEXT)
    assert elision.LeaveOneOut(budget=4)(bert, TEXT).provenance["evaluations"] == 4
    for wrong in (0, -3, True):
        with pytest.raises(elision.OptionError, match="budget must be at least 1"):
            elision.LeaveOneOut(budget=wrong)(bert, TEXT)
