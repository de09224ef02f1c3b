"""What metrics say that they reward: the weights of each top part, and what is asked for it."""

from __future__ import annotations

import numpy as np
import pytest
from toys.sums import add, explained

import elision
from elision import metrics
from elision.metrics.games import MeteredModel
from elision.metrics.registry import METRICS
from elision.metrics.rewards import (
    along,
    answers_kept,
    area_between,
    area_inserting,
    area_removing,
    lost_on_average,
    lost_with,
    lost_without,
)


@pytest.mark.parametrize(
    ("reward", "kept", "removed"),
    [
        (lost_on_average(2), [0, 0, 0, 0, 0], [2 / 3, -1 / 3, -1 / 3, 0, 0]),
        (lost_on_average(6), [0, 0, 0, 0, 0], [6 / 7, -1 / 7, -1 / 7, -1 / 7, -3 / 7]),
        (lost_without((0.1, 0.5)), [0, 0, 0, 0, 0], [1, -1 / 2, -1 / 2, 0, 0]),
        (lost_with((0.1, 1.0)), [0, -1 / 2, 0, 0, 1 / 2], [0, 0, 0, 0, 0]),
        (answers_kept(5), [0, 1 / 5, 1 / 5, 1 / 5, 2 / 5], [0, 0, 0, 0, 0]),
        (area_between(), [1 / 8, 1 / 4, 1 / 4, 1 / 4, 1 / 8], [-1 / 8, -1 / 4, -1 / 4, -1 / 4, -1 / 8]),
        (area_removing(0.5), [0, 0, 0, 0, 0], [1 / 4, 1 / 2, 1 / 4, 0, 0]),
        (area_inserting(1.0), [1 / 8, 1 / 4, 1 / 4, 1 / 4, 1 / 8], [0, 0, 0, 0, 0]),
    ],
)
def test_the_weights_of_four_units(reward, kept, removed) -> None:
    worth = reward.worth(4)
    assert worth.kept == pytest.approx(kept, abs=1e-12)
    assert worth.removed == pytest.approx(removed, abs=1e-12)


def test_what_does_not_count_is_not_asked() -> None:
    model = elision.load(add, labels=["negative", "positive"])
    metered = MeteredModel(model, [explained(model, "warm funny long film", [4, 3, 1, 2])], "delete", None, 0)
    sides = along(metered, lost_without((0.5,)))
    assert np.isnan(sides.kept[0]).all()
    assert sides.removed[0] == pytest.approx([0.85, np.nan, 0.25, np.nan, np.nan], nan_ok=True)
    assert metered.engine.evaluations == 2
    whole = along(metered, lost_with((1.0,)))
    assert whole.figures(lost_with((1.0,)).figure).tolist() == [0.0]


def test_metrics_that_remove_units_in_an_order_say_what_they_reward() -> None:
    saying = {name for name in METRICS if hasattr(METRICS[name], "reward")}
    assert saying == {
        "aopc",
        "comprehensiveness",
        "sufficiency",
        "post-hoc-accuracy",
        "degradation",
        "deletion-auc",
        "insertion-auc",
    }
    assert metrics.aopc.reward is lost_on_average
