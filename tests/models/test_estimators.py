"""Estimators with scikit-learn's methods: classifiers, regressors, and what may be neither."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.cluster import KMeans
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC
from toys.refusals import refusal

import elision

TEXT = "a very good film , not a boring one"
PAIR = ("a man plays the guitar", "a woman sings on the stage")


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


def test_decision_values_are_scores_where_somebody_says_so() -> None:
    fitted = make_pipeline(CountVectorizer(), LinearSVC()).fit(TEXTS, CLASSES)
    expected = (
        "Pipeline gives decision values, no probabilities: fit it inside scikit-learn's CalibratedClassifierCV, or "
        "give answers='scores' to explain the decision values"
    )
    assert refusal(elision.UnsupportedError, fitted) == expected
    assert refusal(elision.UnsupportedError, fitted, labels=["bad", "good"]) == expected
    model = elision.load(fitted, answers="scores")
    assert (model.labels, model.answer.name) == (("good",), "scores")
    np.testing.assert_allclose(untouched(model, TEXT), fitted.decision_function([TEXT]), atol=1e-12)
    three = make_pipeline(CountVectorizer(), LinearSVC()).fit(TEXTS, ["a", "b", "c", "a", "b", "c"])
    model = elision.load(three, answers="scores")
    assert model.labels == ("a", "b", "c")
    np.testing.assert_allclose(untouched(model, TEXT), three.decision_function([TEXT])[0], atol=1e-12)
    assert refusal(elision.OptionError, CountVectorizer()) == (
        "model must be a folder, a hub name, a model or a function; got CountVectorizer"
    )
    assert refusal(elision.ModelError, LinearRegression()).startswith(
        "LinearRegression failed on a short text (NotFittedError: "
    )


STARS = np.array([4.5, 5.0, 1.5, 2.0, 1.0, 4.0])


def test_a_regressor_is_a_score() -> None:
    fitted = make_pipeline(CountVectorizer(), Ridge(alpha=0.1)).fit(TEXTS, STARS)
    model = elision.load(fitted)
    assert (model.labels, model.name, model.answer.name) == (("score",), "Pipeline", "scores")
    found = elision.explain("a good story", model=fitted, method="leave-one-out")
    weights, words = fitted[-1].coef_, fitted[0].vocabulary_
    np.testing.assert_allclose(found.scores, [0.0, weights[words["good"]], weights[words["story"]]], atol=1e-12)
    assert elision.load(fitted, labels=["stars"]).labels == ("stars",)


def test_a_regressor_of_several_outputs_is_named_by_its_caller() -> None:
    fitted = make_pipeline(CountVectorizer(), Ridge()).fit(TEXTS, np.stack([STARS, -STARS], axis=1))
    assert refusal(elision.ModelError, fitted) == (
        "Pipeline must answer with scores of shape (1, 1), got (1, 2); labels=[...] name several outputs"
    )
    np.testing.assert_allclose(untouched(elision.load(fitted, labels=["up", "down"]), TEXT), fitted.predict([TEXT])[0])


def test_predictions_that_may_be_names_are_no_scores() -> None:
    groups = make_pipeline(CountVectorizer(), KMeans(2, n_init=1, random_state=0)).fit(TEXTS)
    message = refusal(elision.UnsupportedError, groups)
    assert message in {
        f"Pipeline predicts [{group}], which may be the names of classes or groups; give answers='scores' if they are "
        "scores"
        for group in (0, 1)
    }
    np.testing.assert_array_equal(untouched(elision.load(groups, answers="scores"), TEXT), groups.predict([TEXT]))
    named = make_pipeline(CountVectorizer(), NearestNeighbour()).fit(TEXTS, CLASSES)
    assert refusal(elision.UnsupportedError, named) == (
        "Pipeline predicts classes without saying how likely they are, which cannot be explained"
    )


class NearestNeighbour(BaseEstimator):
    """It names a class, and no more."""

    def fit(self, x: Any, y: Any) -> NearestNeighbour:
        self.classes_ = np.unique(y)
        return self

    def predict(self, x: Any) -> Any:
        return np.repeat(self.classes_[:1], x.shape[0])


def test_estimators_say_more_where_they_are_asked_for_it() -> None:
    fitted = make_pipeline(CountVectorizer(), LogisticRegression()).fit(TEXTS, CLASSES)
    logs = elision.load(fitted, answers="log_probabilities")
    assert logs.describe()["answers"] == "log_probabilities"
    np.testing.assert_allclose(logs.answers([logs.encode(TEXT).untouched]), fitted.predict_log_proba([TEXT]))
    np.testing.assert_allclose(
        untouched(elision.load(fitted, answers="scores"), TEXT), fitted.decision_function([TEXT])
    )
    assert elision.load(fitted, answers="labels").answer.name == "labels"
    expected = "Pairs has no predict_log_proba, which answers='log_probabilities' needs"
    assert refusal(elision.UnsupportedError, Pairs(), answers="log_probabilities") == expected


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
