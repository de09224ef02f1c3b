"""What `explain` takes and refuses: methods, removals, units, and which options go with which method."""

from __future__ import annotations

import numpy as np
import pytest

import elision
from elision.api import make_explainer

TEXT = "a good film"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "magic"}, "method must be one of marginalization, search, group-masks, .*, random; got 'magic'"),
        ({"method": "leave-one-out", "removal": "blank"}, "removal must be one of pad, zero, .*; got 'blank'"),
        ({"removal": "pad"}, "marginalization has its own removal; use method='leave-one-out' with removal='pad'"),
        (
            {"method": "leave-one-out", "likelihood": "uniform"},
            "likelihood goes with method='marginalization' or removal='marginal' only; "
            "leave-one-out has removal, behaviour, seed, budget",
        ),
        ({"method": "random", "seed": -1}, "seed must be at least 0, got -1"),
        ({"method": "random", "units": "letter"}, "units must be one of word, token; got 'letter'"),
        ({"method": "random", "units": 5}, "units must be 'word', 'token' or a function .*; got 5"),
    ],
)
def test_explain_options(keywords: elision.BlackBox, options: dict, message: str) -> None:
    with pytest.raises(elision.OptionError, match=f"^{message}$"):
        elision.explain(TEXT, model=keywords, **options)


def test_explain_takes_an_explainer_and_options(bert: elision.HuggingFaceModel) -> None:
    by_name = elision.explain(TEXT, model=bert, method="leave-one-out", removal="unk", behaviour="probability")
    by_object = elision.explain(TEXT, model=bert, method=elision.LeaveOneOut(removal="unk", behaviour="probability"))
    np.testing.assert_array_equal(by_name.scores, by_object.scores)
    assert by_name.provenance["removal"] == {"name": "unk"}
    prior = elision.UnigramPrior(["a good film", "a bad film"])
    marginal = make_explainer("leave-one-out", removal="marginal", likelihood=prior, original="exclude")
    assert marginal.removal.describe()["original"] == "exclude"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "leave-one-out", "original": "exclude"}, "original goes with method='marginalization' or removal="),
        ({"method": "leave-one-out", "threshold": 0.1}, "threshold goes with method='marginalization' or removal="),
        ({"method": "random", "removal": "pad"}, "removal does not go with method='random'"),
        ({"method": "random", "budget": 5}, "budget does not go with method='random'"),
        ({"k": 5}, "k does not go with method='marginalization', but with 'search', 'group-masks'"),
        ({"method": "word-masks", "n_groups": 5}, "n_groups does not go with method='word-masks', but with 'group-m"),
        ({"method": "leave-one-out", "solver": "exact"}, "solver does not go with .*, but with 'search', 'group-"),
        ({"method": "group-masks", "threshold": 0.1}, "threshold goes with method='marginalization' or removal="),
    ],
)
def test_options_that_do_not_go_with_the_method_are_refused(keywords, options: dict, message: str) -> None:
    with pytest.raises(elision.OptionError, match=f"^{message}"):
        elision.explain(TEXT, model=keywords, **options)
