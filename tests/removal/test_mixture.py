"""Several removals at once: the mean of each alone, for every explainer, and errors that know what was drawn."""

from __future__ import annotations

import numpy as np
import pytest

import elision
from elision.removal import make_removal

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


@pytest.mark.parametrize("name", ["drop+drop", "drop+burn", "+"])
def test_what_is_no_mixture_is_refused(name: str) -> None:
    with pytest.raises(elision.OptionError):
        make_removal(name)
