"""What is attainable: over all examples, as a share, and when a figure lies beyond what was found."""

from __future__ import annotations

import json

import numpy as np
import pytest

from elision.errors import OptionError
from elision.results.attainable import Attainable
from elision.results.measurement import Measurement


def found(ends, **more):
    more = {"name": "m", "proven": np.zeros(len(ends), dtype=bool), "higher_is_better": True} | more
    return Attainable(ends=np.array(ends, dtype=float), **more)


def measured(*values, **more):
    return Measurement(name="m", values=np.array(values, dtype=float), **more)


def test_ends_over_all_examples_are_means_or_ratios_of_sums() -> None:
    own = found([[0.0, 1.0], [0.2, 0.4]])
    assert (own.worst, own.best) == pytest.approx((0.1, 0.7))
    weighted = found([[0.0, 1.0], [0.2, 0.4]], weights=np.array([0.5, 0.1]))
    assert (weighted.worst, weighted.best) == pytest.approx((0.2 / 0.6, 1.4 / 0.6))
    lower = found([[1.0, 0.0], [0.4, 0.2]], higher_is_better=False)
    assert (lower.worst, lower.best) == pytest.approx((0.7, 0.1))
    # Divided by less than 0, the lowest sum is the highest ratio.
    turned = found([[0.0, 1.0], [0.2, 0.4]], weights=np.array([0.5, -0.9]))
    assert (turned.worst, turned.best) == pytest.approx((-3.5, -0.5))


def test_a_share_is_the_place_between_the_worst_and_the_best() -> None:
    assert found([[0.0, 1.0], [0.2, 0.4]]).share(measured(0.5, 0.3)) == pytest.approx(0.5)
    lower = found([[1.0, 0.0], [0.4, 0.2]], higher_is_better=False)
    assert lower.share(measured(0.0, 0.4)) == pytest.approx((0.2 - 0.7) / (0.1 - 0.7))
    weights = np.array([0.5, 0.1])
    weighted = found([[0.0, 1.0], [0.2, 0.4]], weights=weights)
    assert weighted.share(measured(1.0, 0.4, weights=weights)) == pytest.approx(1.0)
    assert np.isnan(found([[0.3, 0.3]]).share(measured(0.3)))


@pytest.mark.parametrize("higher", [True, False])
def test_a_figure_beyond_an_end_moves_it_and_no_share_leaves_0_to_1(higher) -> None:
    side = slice(None) if higher else slice(None, None, -1)
    own = found([[0.0, 1.0][side], [0.2, 0.4][side], [0.0, 1.0][side]], higher_is_better=higher)
    figures = [measured(1.5, 0.1, 0.5), measured(-0.5, 0.3, np.nan), measured(1.5, 0.4, 1.0)]
    moved = own.with_measured(figures)
    assert moved.ends.tolist() == [[-0.5, 1.5][side], [0.1, 0.4][side], [0.0, 1.0][side]]
    assert moved.n_moved == 2
    assert own.n_moved == 0
    assert own.ends[0].tolist() == [0.0, 1.0][side]
    assert moved.share(measured(1.5, 0.4, 1.0)) == pytest.approx(1.0 if higher else 0.0)
    assert moved.share(measured(-0.5, 0.1, 0.0)) == pytest.approx(0.0 if higher else 1.0)


def test_other_examples_are_refused() -> None:
    with pytest.raises(OptionError, match="the same 1 examples is needed, got one of 2"):
        found([[0.0, 1.0]]).share(measured(0.1, 0.2))
    with pytest.raises(OptionError, match="got one of 2"):
        found([[0.0, 1.0]]).with_measured([measured(0.1, 0.2)])


def test_plain_and_short_forms() -> None:
    own = found([[0.0, 1.0], [0.25, 0.5]], proven=np.array([True, False]), evaluations=7, settings={"solver": "auto"})
    assert json.loads(json.dumps(own.to_dict())) == {
        "worst": 0.125,
        "best": 0.75,
        "ends": [[0.0, 1.0], [0.25, 0.5]],
        "proven": [True, False],
        "moved": 0,
        "evaluations": 7,
        "settings": {"solver": "auto"},
    }
    assert repr(own) == "Attainable('m', worst=0.125, best=0.75, proven=1 of 2)"
