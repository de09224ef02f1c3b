"""Behaviours: one number of each answer, its slope, and its name."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from elision.errors import OptionError, UnsupportedError
from elision.game.behaviour import BEHAVIOURS, Behaviour, fitting, make_behaviour
from elision.models.answers import GIVEN_LABELS, SCORES


def pickled(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


@pytest.mark.parametrize("name", list(BEHAVIOURS))
def test_behaviours_pickle_and_their_slopes_are_derivatives(name: str) -> None:
    own = pickled(BEHAVIOURS[name])
    assert own == BEHAVIOURS[name]
    assert repr(own) == f"Behaviour({name!r})"
    p, step = np.array([0.02, 0.4, 0.9]), 1e-6
    np.testing.assert_allclose(own.slope(p), (own(p + step) - own(p - step)) / (2 * step), rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "wanted", "unit"),
    [
        ("log_odds", [-2.0, 0.0, 3.0], "bits"),
        ("logit", [-2 * np.log(2), 0.0, 3 * np.log(2)], "nats"),
        ("log_probability", [np.log(0.2), np.log(0.5), np.log(8 / 9)], "nats"),
        ("probability", [0.2, 0.5, 8 / 9], "probability"),
    ],
)
def test_behaviours_of_probabilities(name: str, wanted: list[float], unit: str) -> None:
    own = BEHAVIOURS[name]
    np.testing.assert_allclose(own(np.array([0.2, 0.5, 8 / 9])), wanted, atol=1e-12)
    assert own.unit == unit
    # Beyond 0 and 1 rounding may have carried a probability.
    assert np.isfinite(own(np.array([-1e-12, 1 + 1e-12]))).all()


@pytest.mark.parametrize("name", ["log_odds", "logit", "log_probability", "probability"])
def test_against_an_answer_is_the_behaviour_of_all_others(name: str) -> None:
    own, p, step = BEHAVIOURS[name], np.array([0.02, 0.4, 0.9]), 1e-6
    read = GIVEN_LABELS.read

    def against(p: np.ndarray) -> np.ndarray:
        return own.against(GIVEN_LABELS.watch(read(p[:, None]), 0))

    np.testing.assert_allclose(against(p), own(1.0 - p), atol=1e-12)
    slope = own.slope_against(GIVEN_LABELS.watch(read(p[:, None]), 0))
    np.testing.assert_allclose(slope, (against(p + step) - against(p - step)) / (2 * step), rtol=1e-6)


def test_against_a_score_is_minus_its_behaviour() -> None:
    squares = Behaviour("squares", "square stars", lambda s: s**2, lambda s: 2 * s)
    watched = SCORES.watch(np.array([[3.0], [-0.5]]), 0)
    assert squares.against(watched).tolist() == [-9.0, -0.25]
    assert squares.slope_against(watched).tolist() == [-6.0, 1.0]


def test_a_name_or_a_behaviour_of_ones_own() -> None:
    assert make_behaviour("logit") is BEHAVIOURS["logit"]
    own = Behaviour("twice", "doubles", lambda p: 2 * p, lambda p: 2 * np.ones_like(p))
    assert make_behaviour(own) is own
    assert own(np.array([0.25])) == [0.5]
    with pytest.raises(OptionError, match=r"^behaviour must be one of .*; got 'twice'"):
        make_behaviour("twice")


def test_scores_have_no_odds() -> None:
    assert fitting(None, SCORES, "it").name == "score"
    with pytest.raises(UnsupportedError, match=r"^it answers with scores, of which behaviour='log_odds' cannot be"):
        fitting(BEHAVIOURS["log_odds"], SCORES, "it")
    assert fitting(BEHAVIOURS["similarity"], SCORES, "it").name == "similarity"
