"""Functions of texts, and fitted estimators with scikit-learn's methods, as models that are known by their answers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from elision.errors import ModelError, OptionError, UnsupportedError, reason_of, require_one_of
from elision.labels import distinct, require_own_order
from elision.models.function import READINGS, BlackBox, Function
from elision.models.rows import TextRows
from elision.text import Example

READ_AS = ("auto", *READINGS)
_EXAMPLES = ("a short text", ("a short text", "a short text"))
_METHODS = {"probabilities": "predict_proba", "labels": "predict_proba", "log_probabilities": "predict_log_proba"}
"""The method of an estimator that answers so."""


def from_answers(thing: Any, labels: Sequence[str] | None, answers: str) -> BlackBox:
    """Return the model of a function of texts, or of a fitted estimator, as `elision.load` does.

    Args:
        thing: the function, or the estimator.
        labels: the names of classes or outputs.
        answers: one of READ_AS; "auto" takes a function's answers for probabilities, and a regressor's for scores.
    Raises:
        ModelError, UnsupportedError, OptionError: as for `load`.
    """
    require_one_of("answers", answers, READ_AS)
    decides = callable(getattr(thing, "decision_function", None))
    if callable(getattr(thing, "predict_proba", None)) and answers != "scores":
        return _classifier(thing, labels, "probabilities" if answers == "auto" else answers)
    if decides and answers == "scores":
        return _asked(thing, thing.decision_function, _decided(thing) if labels is None else labels, "scores")
    if decides:
        raise UnsupportedError(
            f"{type(thing).__name__} gives decision values, no probabilities: fit it inside scikit-learn's "
            "CalibratedClassifierCV, or give answers='scores' to explain the decision values"
        )
    if callable(thing) and not isinstance(thing, type):
        return BlackBox(thing, labels, answers="probabilities" if answers == "auto" else answers)
    if callable(getattr(thing, "predict", None)) and not isinstance(thing, type) and answers in ("auto", "scores"):
        return _regressor(thing, labels, sure=answers == "scores")
    raise OptionError(f"model must be a folder, a hub name, a model or a function; got {type(thing).__name__}")


def require_reading(answers: str) -> None:
    """Refuse a reading of answers for a network, whose logits are read by its head.

    Raises:
        OptionError: it is given.
    """
    require_one_of("answers", answers, READ_AS)
    if answers != "auto":
        raise OptionError(
            f"answers is for functions and estimators, got {answers!r}; how a network's logits are read says head=..."
        )


def _classifier(thing: Any, labels: Sequence[str] | None, answers: str) -> BlackBox:
    """Return the model of a classifier.

    Raises:
        OptionError: its classes have no names.
        UnsupportedError: it has no such answers.
        ModelError: it reads no texts, or gives no probabilities of as many classes.
    """
    name = type(thing).__name__
    own = getattr(thing, "classes_", None)
    if labels is not None and own is not None and np.ndim(own) == 1:
        require_own_order([str(label) for label in labels], [str(label) for label in own], name)
    labels = own if labels is None else labels
    if labels is None or np.ndim(labels) != 1:
        raise OptionError(f"{name} has no names of its classes: fit it first, or give labels=[...]")
    function = getattr(thing, _METHODS[answers], None)
    if not callable(function):
        raise UnsupportedError(f"{name} has no {_METHODS[answers]}, which answers={answers!r} needs")
    return _asked(thing, function, labels, answers)


def _regressor(thing: Any, labels: Sequence[str] | None, *, sure: bool) -> BlackBox:
    """Return the model of a regressor, whose predictions are the scores.

    Args:
        thing: the regressor.
        labels: its outputs' names; None for one.
        sure: whether the caller says that they are scores.
    Raises:
        UnsupportedError: it predicts classes, or whole numbers that may be such.
        ModelError: it reads no texts, or gives no numbers.
    """
    name = type(thing).__name__
    if getattr(thing, "classes_", None) is not None:
        raise UnsupportedError(f"{name} predicts classes without saying how likely they are, which cannot be explained")
    return _asked(thing, thing.predict if sure else partial(_fractions, thing), labels, "scores")


def _fractions(thing: Any, texts: list[Any]) -> Any:
    """Return an estimator's predictions.

    Raises:
        UnsupportedError: they are whole numbers or words.
    """
    found = thing.predict(texts)
    if np.asarray(found).dtype.kind in "biuOSU":
        raise UnsupportedError(
            f"{type(thing).__name__} predicts {np.ravel(found)[:1].tolist()}, which may be the names of classes or "
            "groups; give answers='scores' if they are scores"
        )
    return found


def _decided(thing: Any) -> list[str] | None:
    """Return the names of decision values: one for the second of two classes, or one a class."""
    own = [str(label) for label in getattr(thing, "classes_", ())]
    return own[1:] if len(own) == 2 else own or None


def _asked(thing: Any, function: Function, labels: Sequence[str] | None, answers: str) -> BlackBox:
    """Return an estimator's model, which is asked one short text, or a pair where it reads no text.

    Raises:
        ModelError: it fails on both, or its answer is refused.
    """
    name = type(thing).__name__
    model = BlackBox(function, None if labels is None else distinct(labels), answers=answers, name=name)
    failures = [error for example in _EXAMPLES if (error := _failure(model, example)) is not None]
    if len(failures) == len(_EXAMPLES):
        raise ModelError(
            f"{name} failed on a short text ({reason_of(failures[0])}); it must be fitted and read texts, as a "
            "Pipeline of a vectorizer and a classifier does"
        ) from failures[0]
    return model


def _failure(model: BlackBox, example: Example) -> BaseException | None:
    """Return the error of a model's function on an example, or None where it answers.

    Raises:
        ModelError: it answers, but not with what was said.
    """
    try:
        model.predict([TextRows((example,))])
    except ModelError as error:
        if error.__cause__ is None:
            raise
        return error.__cause__
    return None
