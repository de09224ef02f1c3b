"""The short list: which units are grouped, and what is said of those left out."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from toys.planted import lock_model, planted

import elision
from elision.explainers.masks.shortlist import group_count, shortlist

PAIR = ("the man plays guitar .", "a woman sings on stage")






def test_word_masks_short_list_the_planted_pair() -> None:
    for seed in range(10):
        example, (first, second), decoys = planted(seed)
        explanation = elision.GroupMasks(seed=seed)(lock_model(first, second, decoys), example)
        one, two = explanation.groups[0].words
        assert first in one
        assert second in two


def test_all_units_are_short_listed_where_k_allows(bert) -> None:
    explanation = elision.GroupMasks(k=10)(bert, PAIR)
    assert explanation.notes == ()
    assert explanation.provenance["evaluations"] == 1 << 10
    assert explanation.provenance["solution"]["units"] == list(range(10))


def test_short_list_takes_the_best_and_leaves_no_side_out() -> None:
    sides = np.array([0, 0, 0, 1, 1])
    scores = np.array([0.1, 0.9, 0.8, 0.2, 0.3])
    short = shortlist(scores, sides, 2)
    assert (short.chosen.tolist(), short.outside.tolist()) == ([1, 4], [2, 3, 0])
    assert shortlist(scores, sides, 1).chosen.tolist() == [1]
    spread = short.spread(np.array([0.5, 0.4]), rank=True)
    assert np.argsort(-spread).tolist() == [1, 4, 2, 3, 0]
    assert spread[2] < 0.001


def test_group_count_is_the_smaller_side() -> None:
    assert group_count(np.array([0, 0, 0, 1, 1, 1, 1])) == 3
    assert group_count(np.array([0, 1, 1, 1])) == 2
    assert group_count(np.zeros(9, dtype=int)) == 4
    assert group_count(np.array([0])) == 1


def test_any_explainer_gives_the_short_list(bert) -> None:
    ranking = elision.LeaveOneOut(removal="mask")
    explanation = elision.GroupMasks(k=4, shortlist=ranking)(bert, PAIR)
    scores = ranking(bert, PAIR).scores
    assert explanation.provenance["solution"]["units"] == sorted(np.argsort(-scores)[:4].tolist())
    assert explanation.provenance["settings"]["shortlist"]["method"] == "leave-one-out"


def test_likelihood_rows_of_the_short_list_count_too(bert, masked_lm) -> None:
    alone = elision.WordMasks(removal=elision.Marginal(masked_lm, n_draws=2), n_samples=8, n_epochs=2)
    both = elision.GroupMasks(shortlist=alone, k=3, removal="mask")(bert, PAIR)
    expected = alone(bert, PAIR).provenance["likelihood_evaluations"]
    assert both.provenance["likelihood_evaluations"] == expected > 0


def test_the_short_list_says_where_it_is_uncertain(bert) -> None:
    sides = np.zeros(3, dtype=int)
    scores, error = np.array([0.5, 0.6, 0.49]), np.full(3, 0.02)
    assert shortlist(scores, sides, 2, error).close
    assert not shortlist(scores, sides, 1, error).close
    assert not shortlist(scores, sides, 2).close
    noted = elision.GroupMasks(k=4, shortlist=elision.WordMasks(n_samples=4, n_epochs=1))(bert, PAIR).notes[0]
    assert noted.endswith("their scores only rank them; the short-list's last places are within sampling error")


def test_the_short_list_is_recorded_so_that_it_can_be_repeated(bert) -> None:
    ranking = elision.LeaveOneOut(removal="mask", behaviour="logit", seed=7)
    settings = elision.GroupMasks(k=3, shortlist=ranking)(bert, PAIR).provenance["settings"]
    assert settings["shortlist"] == {
        "method": "leave-one-out",
        "removal": {"name": "mask"},
        "behaviour": "logit",
        "seed": 7,
    }


def test_settings_beside_an_explainer_are_refused(keywords) -> None:
    with pytest.raises(elision.OptionError, match=r"k is a setting of the explainer: GroupMasks\(k=...\)"):
        elision.explain("a film", model=keywords, method=elision.GroupMasks(), k=2)
    assert elision.explain("a film", model=keywords, method=elision.GroupMasks(k=1)).provenance["settings"]["k"] == 1


def test_marginalization_gives_a_short_list_on_the_same_engine(bert, masked_lm) -> None:
    ranking = elision.InputMarginalization(masked_lm, threshold=0.05)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", elision.ElisionWarning)
        explanation = elision.GroupMasks(k=3, shortlist=ranking)(bert, "the man plays guitar")
    spent = explanation.provenance["solution"]["shortlist_evaluations"]
    assert 0 < spent < explanation.provenance["evaluations"]
