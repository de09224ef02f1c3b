"""A model's answer to an example: what is fixed, counted and timed before anything is left out."""

from __future__ import annotations

import numpy as np
import pytest

import elision
from elision.errors import UnsupportedError
from elision.game.prediction import Prediction

TEXT = "a good film"
P = 1 / (1 + np.exp(-2.5))


def test_the_target_and_the_number_are_fixed(keywords: elision.BlackBox) -> None:
    found = Prediction(keywords, TEXT)
    assert found.target == 1
    assert found.prediction == pytest.approx([1 - P, P], abs=1e-12)
    assert found.full == pytest.approx(2.5 / np.log(2), abs=1e-9)
    other = Prediction(keywords, TEXT, target="negative", behaviour="probability")
    assert (other.target, other.full) == (0, pytest.approx(1 - P, abs=1e-12))
    assert [unit.text for unit in found.units] == ["a", "good", "film"]


def test_an_engine_is_shared_and_each_pays_for_its_own_rows(keywords: elision.BlackBox) -> None:
    engine = elision.Engine(keywords, budget=10)
    first = Prediction(keywords, TEXT, engine=engine)
    second = Prediction(keywords, "a bad film", engine=engine)
    again = Prediction(keywords, TEXT, engine=engine)
    assert [own.evaluations for own in (first, second, again)] == [1, 1, 0]
    assert engine.remaining == 8
    with first.account.counting():
        second.engine.evaluate([second.model.encode("the plot").untouched])
        with first.account.counting():
            second.engine.evaluate([second.model.encode("the story").untouched])
        assert first.evaluations == 3
    second.charge(4)
    assert (first.evaluations, second.evaluations) == (3, 5)


def test_it_says_what_was_asked_and_asks_about_no_subset(bert: elision.HuggingFaceModel) -> None:
    found = Prediction(bert, TEXT, behaviour="logit", seed=3, budget=5, units="token")
    told = found.describe()
    assert told["behaviour"] == {"name": "logit", "unit": "nats"}
    assert [told[name] for name in ("units", "seed", "budget", "evaluations")] == ["token", 3, 5, 1]
    with pytest.raises(UnsupportedError, match="with a removal only"):
        found.asking(np.ones((1, 3), dtype=bool))
    with pytest.raises(elision.OptionError, match=r"^seed must be at least 0, got -1$"):
        Prediction(bert, TEXT, seed=-1)
