"""Behaviours: one number of each answer, its slope, and its name."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from elision.game.behaviour import BEHAVIOURS


def pickled(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


@pytest.mark.parametrize("name", list(BEHAVIOURS))
def test_behaviours_pickle_and_their_slopes_are_derivatives(name: str) -> None:
    own = pickled(BEHAVIOURS[name])
    assert own == BEHAVIOURS[name]
    assert repr(own) == f"Behaviour({name!r})"
    p, step = np.array([0.02, 0.4, 0.9]), 1e-6
    np.testing.assert_allclose(own.slope(p), (own(p + step) - own(p - step)) / (2 * step), rtol=1e-6)
