"""Orders of many explanations against slow independent reckoning."""

from __future__ import annotations

import math

import numpy as np
import pytest
from toys.reports import explained
from toys.sets import drawn, ordered, slow_surprise

from elision.runs.file import LabelledExplanation
from elision.views.html.set_orders import doubt, margin


def test_what_is_uncertain() -> None:
    wide = explained(scores=[0.5, -2.0, 1.0, 0.0], std_error=np.array([0.1, 0.2, 0.5, 0.0]))
    assert doubt(wide) == pytest.approx(1.959963984540054 * 0.5 / 2.0)
    bounded = explained(lower=np.array([0.0, -2.5, 0.5, 0.0]), upper=np.array([0.2, -1.5, 1.75, 0.0]))
    assert doubt(bounded) == pytest.approx(1.25 / 2 / 2.0)
    assert doubt(explained()) is None
    assert doubt(explained(scores=[0.0] * 4, std_error=np.ones(4))) == math.inf
    assert doubt(explained(scores=[0.0] * 4, std_error=np.zeros(4))) == 0.0
    three = explained(labels=("a", "b", "positive"), probabilities=np.array([0.3, 0.45, 0.25]))
    assert margin(three) == pytest.approx(0.15)
    assert margin(explained(labels=("positive",), probabilities=np.array([1.0]))) is None


def test_orders_against_slow_ones() -> None:
    run = [*drawn(60), LabelledExplanation(explained("unheard"))]
    n = range(len(run))
    p = [one.explanation.probabilities for one in run]
    of_label = [
        None if one.label is None else float(p[i][one.explanation.labels.index(one.label)]) for i, one in enumerate(run)
    ]
    wrong = [value is not None and value < 0.5 for value in of_label]
    sizes = [None if (own := slow_surprise(run, i)) is None else own.size for i in n]
    wide = [max(own.explanation.std_error) / max(abs(own.explanation.scores)) for own in run[:-1]]
    keys: dict[str, list[float | None]] = {
        "errors": [of_label[i] if wrong[i] else None for i in n],
        "file": [float(i) for i in n],
        "tie": [abs(q[0] - q[1]) for q in p],
        "wide": [*(-value for value in wide), None],
        "surprising": [None if value is None else -value for value in sizes],
        "label": of_label,
    }
    _, found = ordered(run)
    assert list(found) == list(keys)
    for name, key in keys.items():
        told = [i for i in n if key[i] is not None]
        assert found[name].known == len(told)
        assert found[name].places == sorted(told, key=lambda i: key[i]) + [i for i in n if key[i] is None]
    assert {"errors", "label", "surprising"} <= {name for name, order in found.items() if 0 < order.known < 61}
