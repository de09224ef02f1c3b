"""Kinds of answers: what is kept, averaged and watched, against plain arithmetic and beyond where it saturates."""

from __future__ import annotations

import numpy as np
import pytest

from elision.errors import OptionError
from elision.models.answers import (
    CLASSES,
    EPSILON,
    GIVEN_CLASSES,
    LABELS,
    SCORES,
    AnswerKind,
    answer_kind,
    log_of_others,
    log_sum,
)

P = np.array([[0.2, 0.3, 0.5], [0.7, 0.2, 0.1], [0.05, 0.05, 0.9], [1 / 3, 1 / 3, 1 / 3]])
OWNER, WEIGHT = np.array([0, 0, 1, 1]), np.array([0.25, 0.75, 0.5, 0.5])


@pytest.mark.parametrize("kind", [CLASSES, LABELS, SCORES])
def test_numbers_come_back_and_means_are_means_of_numbers(kind: AnswerKind) -> None:
    answers = kind.read(P)
    assert answers.shape == (4, kind.columns(3))
    np.testing.assert_allclose(kind.numbers(answers), P, atol=1e-15)
    means = kind.mean(answers, OWNER, WEIGHT, answers[0], 2)
    wanted = np.array([0.25 * P[0] + 0.75 * P[1], 0.5 * P[2] + 0.5 * P[3]])
    np.testing.assert_allclose(kind.numbers(means), wanted, atol=1e-14)
    np.testing.assert_allclose(kind.deviations(answers, means[OWNER]), P - wanted[OWNER], atol=1e-14)
    np.testing.assert_allclose(kind.of_linear(kind.linear(answers)), answers, atol=1e-14)


@pytest.mark.parametrize("kind", [CLASSES, LABELS])
def test_of_a_probability_its_logarithms_are_watched(kind: AnswerKind) -> None:
    for label in range(3):
        own = kind.watch(kind.read(P), label)
        np.testing.assert_allclose(own.number, P[:, label], atol=1e-15)
        np.testing.assert_allclose(np.array(own.logs), [np.log(P[:, label]), np.log1p(-P[:, label])], atol=1e-14)
        every = kind.watch(kind.read(P)).of_label(label)
        np.testing.assert_allclose(np.array(every.logs), np.array(own.logs), atol=1e-14)


def test_of_a_score_the_score_is_watched() -> None:
    own = SCORES.watch(P, 2)
    assert own.is_score
    assert own.number.tolist() == [0.5, 0.1, 0.9, 1 / 3]
    assert SCORES.bounds(P, np.zeros(4)) is None


def test_what_a_sure_model_says_has_its_digits() -> None:
    logits = np.array([[60.0, 0.0, -700.0], [0.0, 800.0, 1.0]])
    answers = logits - log_sum(logits)[:, None]
    (log_p, log_q) = CLASSES.watch(answers, 0).logs
    np.testing.assert_allclose(log_p - log_q, [60.0, -800.0], rtol=1e-14)
    np.testing.assert_allclose(log_of_others(answers)[1], [0.0, np.log1p(np.e) - 800, 0.0], atol=1e-9)
    # Two texts whose probabilities underflow still have a mean.
    means = CLASSES.mean(np.array([[-800.0, 0.0], [-802.0, 0.0]]), np.zeros(2, int), np.full(2, 0.5), np.zeros(2), 1)
    assert means[0, 0] == pytest.approx(-800 + np.log((1 + np.exp(-2)) / 2), abs=1e-9)


def test_the_mean_of_equal_answers_is_just_that() -> None:
    answers = CLASSES.read(P[:1]).repeat(3, axis=0)
    means = CLASSES.mean(answers, np.zeros(3, int), np.array([0.1, 0.2, 0.7]), answers[0], 1)
    assert means.tolist() == answers[:1].tolist()


def test_probabilities_that_were_handed_out_are_clipped() -> None:
    own = GIVEN_CLASSES.watch(GIVEN_CLASSES.read(np.array([[0.0, 1.0]])), 0)
    assert own.number.tolist() == [0.0]
    assert np.array(own.logs)[:, 0] == pytest.approx([np.log(EPSILON), np.log1p(-EPSILON)])
    assert CLASSES.watch(CLASSES.read(np.array([[0.0, 1.0]])), 0).logs[0].tolist() == [-np.inf]


@pytest.mark.parametrize("kind", [CLASSES, LABELS])
def test_a_missing_part_may_speak_for_or_against(kind: AnswerKind) -> None:
    low, high = kind.bounds(kind.read(P[:2]), np.array([0.0, 0.1]))
    np.testing.assert_allclose(low.number, [P[0], 0.9 * P[1]], atol=1e-14)
    np.testing.assert_allclose(high.number, [P[0], 0.9 * P[1] + 0.1], atol=1e-14)
    np.testing.assert_allclose(np.exp(low.logs[1]), 1 - low.number, atol=1e-14)
    np.testing.assert_allclose(np.exp(high.logs[1]), 1 - high.number, atol=1e-14)


def test_kinds_by_name() -> None:
    assert answer_kind("labels") is LABELS
    assert answer_kind(GIVEN_CLASSES) is GIVEN_CLASSES
    for wrong in ("texts", 5):
        with pytest.raises(OptionError, match=r"^answers must be one of classes, labels, scores"):
            answer_kind(wrong)
    with pytest.raises(OptionError, match=r"^behaviour must be one of score; got 'logit'$"):
        SCORES.require("logit")
