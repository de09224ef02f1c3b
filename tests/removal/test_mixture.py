"""Several removals at once: the mean of each alone, for every explainer, and errors that know what was drawn."""

from __future__ import annotations

import numpy as np
import pytest

import elision
from elision.explainers.registry import all_options, make_explainer
from elision.removal import make_removal
from elision.removal.registry import describe_removal, is_removal

TEXT = "a good bad film"


def known(n: int) -> np.ndarray:
    return np.random.default_rng(0).random((7, n)) < 0.5


def test_answers_are_the_means_of_those_under_each(bert) -> None:
    parts = ("drop", "mask", "delete")
    games = [elision.ValueFunction(bert, TEXT, removal=name) for name in (*parts, "+".join(parts))]
    asked = known(len(games[0].units))
    *alone, together = [game.probabilities(asked) for game in games]
    np.testing.assert_allclose(together, np.mean(alone, axis=0), atol=1e-6)
    assert games[-1].cost(asked) == sum(game.cost(asked) for game in games[:-1])


def test_it_is_named_after_its_parts_and_works_with_every_explainer(bert) -> None:
    found = elision.Shapley(removal="mask + delete", n_samples=40)(bert, TEXT)
    assert found.provenance["removal"] == {"name": "mask+delete", "parts": [{"name": "mask"}, {"name": "delete"}]}
    alone = [
        elision.Shapley(removal=name, n_samples=40, behaviour="probability")(bert, TEXT) for name in ("mask", "delete")
    ]
    both = elision.Shapley(removal="mask+delete", n_samples=40, behaviour="probability")(bert, TEXT)
    np.testing.assert_allclose(both.scores, np.mean([own.scores for own in alone], axis=0), atol=1e-6)


def test_errors_come_from_draws_alone_and_not_from_the_parts_being_apart(bert) -> None:
    marginal = elision.Marginal(elision.Uniform(), n_draws=30)
    asked = known(4)[:3]
    drawn = elision.ValueFunction(bert, TEXT, removal=marginal).values(asked)
    mixed = elision.ValueFunction(bert, TEXT, removal=elision.Mixture([marginal, make_removal("delete")])).values(asked)
    np.testing.assert_allclose(mixed.std_error, drawn.std_error / 2, atol=1e-9)
    assert drawn.std_error.max() > 0


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("drop+drop", "removal must name each of several once, got 'drop\\+drop'; leave out one drop"),
        ("drop+burn", "removal must be one of pad, .*; got 'burn'"),
        ("drop+", "removal must have a name on either side of each \\+, as in drop\\+mask; got 'drop\\+'"),
        ("+", "removal must have a name on either side of each .*"),
    ],
)
def test_what_is_no_mixture_is_refused(name: str, message: str) -> None:
    for refuses in (make_removal, describe_removal):
        with pytest.raises(elision.OptionError, match=f"^{message}$"):
            refuses(name)
    assert not is_removal(name)


def test_each_part_takes_the_options_that_it_has() -> None:
    made = make_removal("drop+marginal", n_draws=5, likelihood="uniform")
    assert [part.name for part in made.parts] == ["drop", "marginal"]
    assert made.describe()["parts"][1]["n_draws"] == 5
    by_name = make_explainer("shapley", removal="drop + marginal", n_draws=6)
    assert by_name.removal.describe()["parts"][1]["n_draws"] == 6
    assert "n_draws" in {option.name for option in all_options("shapley", {"removal": "drop+marginal"})}
    with pytest.raises(elision.OptionError, match="n_draws goes with removal='marginal' only"):
        make_explainer("shapley", removal="drop+mask", n_draws=6)


def test_several_say_what_all_of_them_need_cost_and_take() -> None:
    both, marginal = describe_removal("delete+marginal"), describe_removal("marginal")
    assert (both.name, both.needs) == ("delete+marginal", "any model; a likelihood model")
    assert both.cost == f"1 row + {marginal.cost}"
    assert both.options == marginal.options
    assert is_removal("delete+marginal")
    assert describe_removal("mask+delete").needs == "any model"
