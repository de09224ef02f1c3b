"""Metrics and methods by the names that a comparison gives them, with options."""

from __future__ import annotations

import numpy as np
import pytest
from toys.models import keyword_model

import elision
from elision.metrics.registry import METRICS, Chosen, describe_metric, named_methods, named_metrics


def test_chosen_methods_have_their_options_and_their_removal() -> None:
    found = named_methods(["shapley", Chosen("lime@mask", {"n_samples": 30}), Chosen("random")], seed=4)
    assert [one.name for one in found] == ["shapley", "lime@mask", "random", "leave-one-out"]
    assert repr(found[1].what) == "Lime(n_samples=30, removal='mask', seed=4)"
    assert repr(named_methods([Chosen("lime@mask", {"removal": "pad"})], seed=0)[0].what) == "Lime(removal='pad')"


def test_chosen_metrics_have_their_options_and_their_removal() -> None:
    explanation = elision.LeaveOneOut(removal="delete")(keyword_model(), "a good film")
    (metric,) = named_metrics([Chosen("aopc@mask", {"n_units": 1})])
    found = metric.what(keyword_model(), [explanation], engine=None, seed=0)
    assert metric.name == "aopc@mask"
    assert found.settings["n_units"] == 1
    assert found.removal == {"name": "mask"}
    assert found.values == pytest.approx(
        elision.metrics.aopc(keyword_model(), [explanation], removal="mask", n_units=1).values
    )


def test_metrics_say_of_themselves_what_is_better_and_what_they_need() -> None:
    described = {name: describe_metric(name) for name in METRICS.own}
    assert {name for name, one in described.items() if one.better == "lower"} == {
        "sufficiency",
        "deletion-auc",
        "auc-rep",
    }
    assert {name for name, one in described.items() if one.needs == "annotations"} == {"token-f1", "iou-f1", "auprc"}
    assert described["auc-rep"].needs == "a likelihood model"
    assert [option.name for option in described["aopc"].options] == ["removal", "n_units", "normalize", "beam"]
    assert all(one.summary and one.cost and one.source for one in described.values())
    assert np.array([one.better != "" for one in described.values()]).all()
