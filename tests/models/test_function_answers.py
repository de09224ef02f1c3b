"""What functions of texts may answer with: probabilities, their logarithms, independent labels, scores."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import elision
from elision.models.function import BlackBox
from elision.models.rows import TextRows

LABELS = ["negative", "positive"]
ROWS = [TextRows(("a", "b"))]
TEXT = "a good film"
WEIGHTS = {"good": 40.0, "film": 25.0, "a": -3.0}


def logit_of(text: str) -> float:
    return sum(WEIGHTS[word] for word in text.split())


def log_sigmoid(z: np.ndarray) -> np.ndarray:
    return -np.logaddexp(0.0, -z)


def log_probabilities(texts: list[str]) -> np.ndarray:
    """Answer with log-probabilities, surer than probabilities can say."""
    z = np.array([logit_of(text) for text in texts])
    return np.stack([log_sigmoid(-z), log_sigmoid(z)], axis=1)


def test_log_probabilities_do_not_saturate() -> None:
    model = elision.load(log_probabilities, labels=LABELS, answers="log_probabilities")
    found = elision.LeaveOneOut(removal="delete", behaviour="logit")(model, TEXT)
    np.testing.assert_allclose(found.scores, [-3.0, 40.0, 25.0], rtol=1e-12)
    assert (model.answer.name, model.describe()["answers"]) == ("classes", "log_probabilities")
    assert "clip" not in model.describe()
    assert found.notes == ()
    np.testing.assert_allclose(model.predict([TextRows((TEXT,))]), [[np.exp(-62.0), 1.0]], rtol=1e-12)


def test_where_probabilities_are_cut_off_is_recorded_and_told() -> None:
    model = elision.load(lambda texts: np.exp(log_probabilities(texts)), labels=LABELS)
    assert model.describe()["clip"] == 1e-9
    found = elision.LeaveOneOut(removal="delete", behaviour="logit")(model, TEXT)
    # Every text is surer than 20.7 nats: no word is seen to weigh anything.
    np.testing.assert_allclose(found.scores, 0.0, atol=1e-8)
    assert found.notes == (
        "4 of 4 answers have a probability within 1e-09 of 0 or 1, and how near it is does not count; a function that "
        "answers with answers='log_probabilities' tells",
    )
    short = elision.LeaveOneOut(removal="delete", behaviour="logit")(model, "a")
    np.testing.assert_allclose(short.scores, 3.0, atol=1e-6)
    assert short.notes == ()
    assert elision.LeaveOneOut(removal="delete", behaviour="probability")(model, TEXT).notes == ()


def test_probabilities_of_zero_and_one_are_as_they_are() -> None:
    hard = elision.BlackBox(lambda texts: [[0.0, 1.0] if "good" in text else [1.0, 0.0] for text in texts], LABELS)
    found = elision.LeaveOneOut(removal="delete", behaviour="probability")(hard, TEXT)
    np.testing.assert_array_equal(found.scores, [0.0, 1.0, 0.0])
    np.testing.assert_array_equal(found.probabilities, [0.0, 1.0])
    odds = elision.LeaveOneOut(removal="delete", behaviour="logit")(hard, TEXT).scores
    np.testing.assert_allclose(odds, [0.0, 2 * np.log(1e9), 0.0], rtol=1e-9)


@pytest.mark.parametrize(("answers", "kind"), [("probabilities", "classes"), ("labels", "labels")])
def test_probabilities_need_no_sum_of_one(answers: str, kind: str) -> None:
    def answer(texts: list[str]) -> list[list[float]]:
        return [[0.9, 0.8 if "good" in text else 0.25] for text in texts]

    model = elision.load(answer, labels=["long", "good"], answers=answers)
    found = elision.LeaveOneOut(removal="delete", behaviour="logit")(model, TEXT, target="good")
    np.testing.assert_allclose(found.scores, [0.0, np.log(4.0) + np.log(3.0), 0.0], atol=1e-12)
    assert model.answer.name == kind
    one = elision.load(lambda texts: [[0.8 if "good" in text else 0.5] for text in texts], labels=["good"])
    assert elision.LeaveOneOut(removal="delete", behaviour="logit")(one, TEXT).scores[1] == pytest.approx(np.log(4.0))


@pytest.mark.parametrize("shape", [(-1,), (-1, 1)])
def test_scores_are_any_numbers(shape: tuple[int, ...]) -> None:
    def stars(texts: list[str]) -> np.ndarray:
        return np.array([logit_of(text) for text in texts]).reshape(shape)

    model = elision.load(stars, answers="scores")
    found = elision.explain(TEXT, model=model, method="leave-one-out")
    np.testing.assert_array_equal(found.scores, [-3.0, 40.0, 25.0])
    assert (model.labels, found.target, model.describe()["answers"]) == (("score",), "score", "scores")
    assert found.provenance["behaviour"]["name"] == "score"
    assert elision.load(stars, labels=["stars"], answers="scores").labels == ("stars",)


def test_several_scores_are_named() -> None:
    def both(texts: list[str]) -> np.ndarray:
        return np.array([[logit_of(text), -len(text)] for text in texts])

    model = elision.load(both, labels=["stars", "length"], answers="scores")
    assert elision.explain(TEXT, model=model, method="leave-one-out").target == "stars"
    length = elision.explain(TEXT, model=model, method="leave-one-out", target="length").scores
    np.testing.assert_array_equal(length, [-2.0, -5.0, -5.0])
    with pytest.raises(elision.ModelError) as caught:
        elision.load(both, answers="scores").predict([TextRows((TEXT,))])
    assert str(caught.value) == (
        "both must answer with scores of shape (1, 1), got (1, 2); labels=[...] name several outputs"
    )


@pytest.mark.parametrize(
    ("answers", "given", "message"),
    [
        ("scores", [np.nan, 1.0], "odd must answer with finite scores, got nan"),
        ("scores", ["a", "b"], "odd must answer with scores of shape (2, 1), got ['a', 'b']"),
        (
            "log_probabilities",
            [[0.0], [-np.inf]],
            "odd must answer with finite log-probabilities, got -inf; give the least one that is meant, as by "
            "numpy.maximum(answer, -100)",
        ),
        (
            "log_probabilities",
            [[0.0], [np.log(0.5)]],
            "odd must answer with log-probabilities of classes that have a sum of 1, got 0.5; subtract their "
            "logsumexp, or give answers='scores'",
        ),
        (
            "log_probabilities",
            [[0.0], [-900.0]],
            "odd must answer with log-probabilities of classes that have a sum of 1, got 0; subtract their "
            "logsumexp, or give answers='scores'",
        ),
        (
            "log_probabilities",
            [[0.0], [900.0]],
            "odd must answer with log-probabilities of classes that have a sum of 1, got inf; subtract their "
            "logsumexp, or give answers='scores'",
        ),
        ("labels", [[0.0], [1.5]], "odd must answer with probabilities between 0 and 1, got 1.5"),
    ],
)
def test_answers_of_another_kind_are_refused(answers: str, given: Any, message: str) -> None:
    with pytest.raises(elision.ModelError) as caught:
        BlackBox(lambda texts: given, ["one"], answers=answers, name="odd").answers(ROWS)
    assert str(caught.value) == message


def constant(texts: list[Any]) -> list[list[float]]:
    return [[0.25, 0.75] for _ in texts]


def test_what_answers_are_is_one_of_four() -> None:
    with pytest.raises(elision.OptionError, match="answers must be one of probabilities, log_probabilities, "):
        BlackBox(constant, LABELS, answers="logits")
    with pytest.raises(elision.OptionError, match=r"answers must be one of auto, .*: did you mean 'scores'\?"):
        elision.load(constant, answers="score")
    with pytest.raises(elision.OptionError, match="a function needs the names of its classes"):
        BlackBox(constant)
    with pytest.raises(elision.OptionError, match="answers is for functions and estimators, got 'scores'"):
        elision.load("builtin:sentiment", answers="scores")
