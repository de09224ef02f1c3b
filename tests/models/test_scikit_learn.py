"""Classifiers of scikit-learn: functions of texts, or refused in one line."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC
from toys.refusals import refusal

import elision

TEXT = "a very good film , not a boring one"
PAIR = ("a man plays the guitar", "a woman sings on the stage")
FUNCTION = "give a function from texts to probabilities, with labels=[...]"


def untouched(model: elision.Model, example: Any = TEXT) -> np.ndarray:
    """Return the model's answer to an example with nothing left out."""
    return np.asarray(model.predict([model.encode(example).untouched])[0])




TEXTS = ["a good film", "a great story", "a bad film", "a dull plot", "a boring actor", "fine and moving"]
CLASSES = ["good", "good", "bad", "bad", "bad", "good"]


def test_a_pipeline_of_scikit_learn_is_a_function_of_texts() -> None:
    fitted = make_pipeline(CountVectorizer(), LogisticRegression()).fit(TEXTS, CLASSES)
    model = elision.load(fitted)
    assert isinstance(model, elision.BlackBox)
    assert (model.labels, model.name) == (("bad", "good"), "Pipeline")
    explanation = elision.explain(TEXT, model=fitted, method="leave-one-out", behaviour="probability", target="GOOD")
    whole, without = fitted.predict_proba([TEXT, "a very film , not a boring one"])[:, 1]
    at = [unit.text for unit in explanation.units].index("good")
    np.testing.assert_allclose(explanation.scores[at], whole - without, atol=1e-12)
    assert elision.load(fitted, labels=["no", "yes"]).labels == ("no", "yes")


def test_classes_that_are_numbers_are_names() -> None:
    fitted = make_pipeline(CountVectorizer(), LogisticRegression()).fit(TEXTS, [7, 7, 3, 3, 3, 7])
    model = elision.load(fitted)
    assert model.labels == ("3", "7")
    assert elision.explain(TEXT, model=model, method="random", target="7").target == "7"
    assert elision.explain(TEXT, model=model, method="random", target=1).target == "7"


def test_classifiers_without_probabilities_are_refused() -> None:
    fitted = make_pipeline(CountVectorizer(), LinearSVC()).fit(TEXTS, CLASSES)
    expected = (
        "Pipeline gives decision values, no probabilities: fit it inside scikit-learn's CalibratedClassifierCV, or "
        + FUNCTION
    )
    assert refusal(elision.UnsupportedError, fitted) == expected
    assert refusal(elision.UnsupportedError, fitted, labels=["bad", "good"]) == expected
    assert refusal(elision.OptionError, LinearRegression()) == (
        "model must be a folder, a hub name, a model or a function; got LinearRegression"
    )


def test_classifiers_that_are_not_fitted_or_read_no_texts_are_refused() -> None:
    new = make_pipeline(CountVectorizer(), LogisticRegression())
    assert refusal(elision.OptionError, new) == (
        "Pipeline has no names of its classes: fit it first, or give labels=[...]"
    )
    message = refusal(elision.ModelError, new, labels=["bad", "good"])
    assert message.startswith("Pipeline failed on a short text (NotFittedError: ")
    vectors = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    message = refusal(elision.ModelError, vectors)
    assert message.startswith("LogisticRegression failed on a short text (ValueError: ")
    assert message.endswith("as a Pipeline of a vectorizer and a classifier does")
    fitted = make_pipeline(CountVectorizer(), LogisticRegression()).fit(TEXTS, CLASSES)
    assert refusal(elision.ModelError, fitted, labels=["a", "b", "c"]) == (
        "Pipeline must answer with probabilities of shape (1, 3), got (1, 2)"
    )


def test_several_answers_at_once_are_refused_and_independent_ones_explained() -> None:
    several = make_pipeline(CountVectorizer(), OneVsRestClassifier(LogisticRegression()))
    several.fit(TEXTS, np.array([[1, 0, 1], [1, 0, 0], [0, 1, 1], [0, 1, 0], [0, 1, 0], [1, 0, 1]]))
    np.testing.assert_allclose(untouched(elision.load(several)), several.predict_proba([TEXT])[0], atol=1e-12)


class Pairs:
    """A classifier of pairs with the methods of scikit-learn."""

    classes_ = np.array(["same", "different"])

    def predict_proba(self, pairs: list[Any]) -> np.ndarray:
        shared = [len({*a.split()} & {*b.split()}) / len({*a.split()} | {*b.split()}) for a, b in pairs]
        return np.stack([np.array(shared), 1 - np.array(shared)], axis=1)


def test_a_classifier_of_pairs() -> None:
    model = elision.load(Pairs())
    assert model.labels == ("same", "different")
    np.testing.assert_allclose(untouched(model, PAIR), Pairs().predict_proba([PAIR])[0])
