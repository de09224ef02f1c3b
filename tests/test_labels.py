"""Which class a label means, and what classes are called."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from toys.models import build

import elision
from elision.labels import config_names, distinct, index_of, index_of_label

TEXT = "a good film"


@pytest.mark.parametrize(
    ("label", "labels", "index"),
    [
        ("positive", ("negative", "positive"), 1),
        ("POSITIVE", ("negative", "positive"), 1),
        ("straße", ("Weg", "STRASSE"), 1),
        ("1", ("negative", "positive"), 1),
        (1, ("negative", "positive"), 1),
        (np.int64(1), ("negative", "positive"), 1),
        (np.uint8(0), ("negative", "positive"), 0),
        (np.str_("positive"), ("negative", "positive"), 1),
        ("1", ("0", "1"), 1),
        ("1", ("1", "0"), 0),
        ("7", ("3", "7"), 1),
        ("1", ("3", "7"), 1),
        (1, ("1", "0"), 1),
        ("yes", ("Yes", "yes"), 1),
        ("Yes", ("Yes", "yes"), 0),
    ],
)
def test_a_label_means_a_name_to_the_letter_then_in_any_case_then_an_index(
    label: Any, labels: tuple[str, ...], index: int
) -> None:
    found = index_of(label, labels)
    assert found == index
    assert type(found) is int


@pytest.mark.parametrize(
    "label", ["odd", "2", "-1", "01", "1.0", "", "YES", "9" * 5000, 2, -1, np.int64(2), True, np.True_, 1.0, None, [1]]
)
def test_a_label_that_means_no_one_class_is_refused_with_the_names(label: Any) -> None:
    with pytest.raises(elision.TargetError) as caught:
        index_of(label, ("Yes", "yes"))
    assert str(caught.value) == f"the model has no class {label!r}; it has Yes, yes"


@pytest.mark.parametrize("target", ["Positive", "1", 1, np.int64(1)])
def test_a_target_is_read_so(keywords: elision.BlackBox, target: Any) -> None:
    assert elision.explain(TEXT, model=keywords, method="random", target=target).target == "positive"


@pytest.mark.parametrize(
    ("id2label", "expected"),
    [
        ({0: "bad", 1: "fine", 2: "good"}, ("bad", "fine", "good")),
        ({"0": "bad", "1": "fine", "2": "good"}, ("bad", "fine", "good")),
        ({0: "bad"}, ("bad", "LABEL_1", "LABEL_2")),
        ({1: "bad", 2: "good", 3: "odd"}, ("LABEL_0", "bad", "good")),
        ({}, ("LABEL_0", "LABEL_1", "LABEL_2")),
        (None, ("LABEL_0", "LABEL_1", "LABEL_2")),
        ({0: 0, 1: None, 2: True}, ("0", "LABEL_1", "True")),
        ({0: "good", 1: "bad", 2: "good"}, ("good (0)", "bad", "good (2)")),
        ({0: "good", 1: "good", 2: "good (0)"}, ("good (0) (0)", "good (1)", "good (0) (2)")),
        ({0: 1, 1: "1", 2: "2"}, ("1 (0)", "1 (1)", "2")),
    ],
)
def test_names_of_a_config_are_all_there_and_all_different(id2label: Any, expected: tuple[str, ...]) -> None:
    assert config_names(id2label, 3) == expected


@pytest.mark.parametrize("id2label", [{0: "good", 1: "bad", 2: "good"}, {0: "only"}, {0: 1, 1: None, 2: 3}])
def test_a_config_of_odd_names_explains_the_class_asked_for(id2label: Any) -> None:
    net, tokenizer = build("bert")
    plain = elision.load(net, tokenizer)
    assert plain.labels == ("LABEL_0", "LABEL_1", "LABEL_2")
    expected = elision.LeaveOneOut(removal="mask")(plain, TEXT, target=2)
    net.config.id2label = id2label
    model = elision.load(net, tokenizer)
    assert len(set(model.labels)) == 3
    for target in (2, model.labels[2]):
        found = elision.LeaveOneOut(removal="mask")(model, TEXT, target=target)
        assert found.target == model.labels[2]
        np.testing.assert_allclose(found.scores, expected.scores, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(found.probabilities, expected.probabilities, rtol=1e-5)


@pytest.mark.parametrize("labels", [["a", "b", "a"], ["1", 1, "2"], "abc", [], 3])
def test_names_given_that_are_not_different_are_refused(labels: Any) -> None:
    message = f"labels must be the names of different classes, got {labels!r}"
    with pytest.raises(elision.OptionError) as caught:
        distinct(labels)
    assert str(caught.value) == message
    with pytest.raises(elision.OptionError) as caught:
        elision.load(*build("bert"), labels=labels)
    assert str(caught.value) == message


def test_names_given_become_text_whatever_holds_them() -> None:
    for labels in (["0", "1"], (0, 1), np.array([0, 1]), range(2), {"0": "x", "1": "y"}):
        assert distinct(labels) == ("0", "1")


STARS = ("1", "2", "3", "4", "5")


@pytest.mark.parametrize(
    ("label", "labels", "name"),
    [
        (1, STARS, "1"),
        ("1", STARS, "1"),
        (np.int64(4), STARS, "4"),
        (5, ("1", "5"), "5"),
        (4, ("1 star", "2 stars", "3 stars", "4 stars"), "4 stars"),
        ("1", ("1 star", "2 stars", "3 stars", "4 stars"), "1 star"),
        (1, ("negative", "positive"), "positive"),
        ("Positive", ("negative", "positive"), "positive"),
    ],
)
def test_a_label_in_data_is_a_name_before_it_is_an_index(label: Any, labels: tuple[str, ...], name: str) -> None:
    assert labels[index_of_label(label, labels)] == name


def test_a_number_that_no_name_begins_with_is_no_index() -> None:
    with pytest.raises(elision.TargetError, match="no class 0; it has 1 star, 2 stars"):
        index_of_label(0, ("1 star", "2 stars"))


def test_the_models_own_names_in_another_order_are_refused() -> None:
    with pytest.raises(elision.OptionError, match="in another order, which is negative, positive; leave labels out"):
        elision.load(labels=["positive", "negative"])
    assert elision.load(labels=["bad", "good"]).labels == ("bad", "good")
