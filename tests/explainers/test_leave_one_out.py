"""Leave one out against closed forms: what each score is, in each behaviour, and what it costs."""

from __future__ import annotations

import numpy as np
import pytest

import elision

TEXT = "a good bad film"
LOGITS = {"": -0.5, "a": -0.5, "good": -2.5, "bad": 2.5, "film": -1.0}
"""The keywords' ln odds of "positive" for the text, and without each word."""


def sigmoid(z: float) -> float:
    return float(1 / (1 + np.exp(-z)))


@pytest.mark.parametrize(
    ("behaviour", "number"),
    [
        ("log_odds", lambda z: z / np.log(2)),
        ("logit", lambda z: z),
        ("probability", sigmoid),
        ("log_probability", lambda z: np.log(sigmoid(z))),
    ],
)
def test_each_score_is_the_answer_less_that_without_the_word(keywords, behaviour: str, number) -> None:
    found = elision.LeaveOneOut(behaviour=behaviour)(keywords, TEXT, target="positive")
    wanted = [number(LOGITS[""]) - number(LOGITS[word]) for word in TEXT.split()]
    np.testing.assert_allclose(found.scores, wanted, atol=1e-9)
    np.testing.assert_allclose(found.absent_values, [sigmoid(LOGITS[word]) for word in TEXT.split()], atol=1e-12)
    assert found.std_error is None
    assert found.lower is None


def test_every_class_is_scored_by_the_same_rows(keywords) -> None:
    found = elision.LeaveOneOut(behaviour="logit")(keywords, TEXT, target="positive")
    np.testing.assert_allclose(found.scores_for("negative"), -found.scores, atol=1e-9)
    assert found.provenance["evaluations"] == 5
    assert elision.LeaveOneOut().expected_rows(4) == 5


def test_a_function_of_texts_has_words_deleted_and_a_network_has_them_padded(keywords, bert) -> None:
    assert elision.LeaveOneOut()(keywords, TEXT).provenance["removal"] == {"name": "delete"}
    assert elision.LeaveOneOut()(bert, TEXT).provenance["removal"] == {"name": "pad"}
