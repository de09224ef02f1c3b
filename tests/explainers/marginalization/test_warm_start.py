"""What is learnt on other texts."""

from __future__ import annotations

import numpy as np
import pytest

from elision.explainers.marginalization.surrogate import SHARED
from elision.explainers.marginalization.warm_start import WarmStart


def test_a_warm_start_is_the_ridge_regression_of_all_texts_with_an_intercept_a_unit() -> None:
    rng = np.random.default_rng(0)
    units = [(rng.normal(size=(n, 3)).astype(np.float32), rng.normal(size=(n, 2))) for n in (6, 9, 4)]
    found = WarmStart.cold(3, np.array([1.0, 1.0])).learn(units[:2]).learn(units[2:])
    rows = [np.column_stack([SHARED * x, np.eye(3)[np.full(len(x), i)]]) for i, (x, _) in enumerate(units)]
    design, logits = np.concatenate(rows), np.concatenate([said for _, said in units])
    prior = np.diag([1.0, 1.0, 1.0, 0.0, 0.0, 0.0])
    expected = np.linalg.solve(prior + design.T @ design / 1.1**2, design.T @ logits / 1.1**2)[:3]
    assert found.weights() == pytest.approx(expected, abs=1e-6)
    assert found.n_texts == 2
    assert found.unit.tolist() == [1.0, 1.0]
