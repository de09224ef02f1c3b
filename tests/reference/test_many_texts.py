"""Adaptive marginalization of many texts: as each alone, within its budget, and what one teaches the next."""

from __future__ import annotations

import numpy as np
import pytest
from toys.models import build

import elision

TEXT = "a deep film , well made"


def test_texts_explained_together_are_explained_as_alone(bert, masked_lm) -> None:
    texts = [TEXT, "a dull story", "the film is not good", TEXT]
    method = elision.InputMarginalization(masked_lm, tolerance=0.3)
    together = method.many(bert, texts)
    alone = [method(bert, text) for text in texts]
    for a, b in zip(together, alone, strict=True):
        np.testing.assert_allclose(a.scores, b.scores, atol=1e-6)
        np.testing.assert_allclose(a.std_error, b.std_error, atol=1e-6)
    assert [e.provenance["evaluations"] for e in together[:3]] == [e.provenance["evaluations"] for e in alone[:3]]
    # What was asked for the first text costs nothing for the last, which is the same, but for its gradient.
    assert together[3].provenance["evaluations"] == len(bert.labels)


def test_many_texts_take_one_after_another_where_a_method_knows_no_better(bert, masked_lm) -> None:
    texts = [TEXT, "a dull story"]
    for method in (elision.LeaveOneOut(), elision.InputMarginalization(masked_lm, threshold=1e-2)):
        for together, text in zip(method.many(bert, texts), texts, strict=True):
            alone = method(bert, text)
            np.testing.assert_allclose(together.scores, alone.scores, atol=1e-6)
            assert together.provenance["evaluations"] == alone.provenance["evaluations"]
    with pytest.raises(elision.OptionError, match="examples must be a sequence of examples, not one text"):
        elision.LeaveOneOut().many(bert, TEXT)


def test_a_budget_holds_for_each_of_many_texts(bert, masked_lm) -> None:
    texts = [TEXT, "a dull story", "the film is not good"]
    for explanation in elision.InputMarginalization(masked_lm, tolerance=1e-3, budget=60).many(bert, texts):
        assert explanation.provenance["evaluations"] <= 60


def test_warming_up_is_remembered_for_the_model_and_recorded(bert, masked_lm) -> None:
    texts = ["a dull story", "the film is not good", "a very good story"]
    method = elision.InputMarginalization(masked_lm, tolerance=0.2)
    cold = method(bert, TEXT)
    assert method.warm(bert, texts) is method
    warm = method(bert, TEXT)
    assert cold.provenance["settings"]["warmed_on"] == 0
    assert warm.provenance["settings"]["warmed_on"] == 3
    exact = elision.InputMarginalization(masked_lm, threshold=0)(bert, TEXT)
    assert (np.abs(warm.scores - exact.scores) <= 4 * warm.std_error + 1e-9).all()
    assert warm.scores.tolist() != cold.scores.tolist()
    again = elision.InputMarginalization(masked_lm, tolerance=0.2).warm(bert, texts)(bert, TEXT)
    assert again.scores.tolist() == warm.scores.tolist()
    other = elision.HuggingFaceModel(*build("bert", seed=9))
    assert (
        method(other, TEXT).scores.tolist()
        == elision.InputMarginalization(masked_lm, tolerance=0.2)(other, TEXT).scores.tolist()
    )
    with pytest.raises(elision.OptionError, match="only estimates can be warmed: leave out threshold and top_n"):
        elision.InputMarginalization(masked_lm, threshold=1e-5).warm(bert, texts)
