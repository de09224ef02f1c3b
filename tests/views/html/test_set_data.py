"""The data of a set's page: what its script reads, in few bytes."""

from __future__ import annotations

import numpy as np
from toys.reports import explained, full, grouped
from toys.sets import VOCABULARY, data, shown

import elision
from elision.results.explanation import Explanation
from elision.results.findings import Rationale
from elision.runs.file import LabelledExplanation


def test_the_data_has_texts_words_and_numbers() -> None:
    bounded = explained(
        ("😀 two ", "é <b>"), [12.3456, -0.12345, 1e-7, 2.0], lower=np.zeros(4), upper=np.full(4, 0.00012345)
    )
    run = [LabelledExplanation(full(), "negative"), LabelledExplanation(bounded), LabelledExplanation(grouped())]
    told = data(elision.report(run))
    assert [shown(told, i) for i in range(3)] == [
        [["a", "deep", "film", "."]],
        [["😀", "two"], ["é", "<b>"]],
        [["two", "<b>cats"], ["one", "dog", "!"]],
    ]
    assert told["classes"] == ["positive", "negative"]
    assert told["items"][0][2:] == [
        *([0.1, -2, 1, 0], [0.05, 0.1, 0.2, 0], [0.5, None, 1e-05, 1], 0, 0, [0, 0.75, 1, 0.25], 1, 0, [0], 0),
    ]
    assert told["notes"] == ["mind the gap"]
    assert told["items"][1][2:5] == [[12.35, -0.123, 1e-07, 2], [[0] * 4, [0.000123] * 4], 0]
    assert told["items"][2][2] == [0.1, 0.8, 0.25, 0.4, 0]
    assert told["orders"]["errors"] == [1, [0, 1, 2]]


def test_numbers_are_told_alike_with_and_without_the_script() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(0, 1, 3000)
    told = data(elision.report([explained(" ".join(["a"] * 3000), scores)]))["items"][0][2]
    assert [f"{value:.2f}" for value in told] == [f"{value:.2f}" for value in scores]
    assert max(abs(told - scores) / abs(scores)) <= 0.0051


def test_units_of_both_texts_may_come_in_any_order() -> None:
    mixed = explained(("one two", "three"), [1.0, 2.0, 3.0])
    one, two, three = mixed.units
    mixed = explained(
        ("one two", "three"), [3.0, 1.0, 2.0], units=(three, one, two), likelihoods=np.array([0.3, 0.1, 0.2])
    )
    told = data(elision.report([mixed, *[explained(("a", "three"), [0.5, s]) for s in (-1.0, -1.5, -2.0)]]))
    assert shown(told, 0) == [["one", "two"], ["three"]]
    assert told["items"][0][9] == [2, -1.5, 3]
    assert told["items"][0][2] == [1, 2, 3]
    assert told["items"][0][4] == [0.1, 0.2, 0.3]


def test_probabilities_of_many_classes_are_the_likeliest_the_target_and_the_label() -> None:
    labels = tuple(f"c{i}" for i in range(1000))
    p = np.full(1000, 1e-4)
    p[:7] = [0.1, 0.3, 0.2, 0.12, 0.11, 0.01, 0.9999999]
    told = data(elision.report([explained("a", [1.0], labels=labels, target="c998", probabilities=p)], ["c999"]))
    own = told["items"][0][7]
    assert [(told["classes"][i], q) for i, q in zip(own[::2], own[1::2], strict=True)] == [
        *(("c6", 0.99999), ("c1", 0.3), ("c2", 0.2), ("c3", 0.12), ("c4", 0.11), ("c998", 1e-4), ("c999", 1e-4)),
    ]


def test_a_sentence_takes_about_a_kilobyte() -> None:
    rng = np.random.default_rng(0)

    def one() -> Explanation:
        words = " ".join(rng.choice(VOCABULARY, 25))
        return explained(words, rng.normal(size=25), std_error=rng.uniform(size=25), likelihoods=rng.uniform(size=25))

    few, many = (len(elision.report([one() for _ in range(n)]).encode()) for n in (200, 400))
    assert (many - few) / 200 < 1024


def test_words_of_sets_are_told_by_their_places() -> None:
    one, two, three = explained(("one two", "three"), [1.0, 2.0, 3.0]).units
    sets = (
        Rationale("sufficient", (two, three), {"drop": 0.9, "mask": 0.9}),
        Rationale("sufficient", (one,), {"drop": 0.9}),
        Rationale("necessary", (three,), {"drop": 0.1}),
    )
    mixed = explained(("one two", "three"), [3.0, 1.0, 2.0], units=(three, one, two), rationales=sets)
    told = data(elision.report([mixed, explained()]))
    assert [item[11] for item in told["items"]] == [[[1, 2], [2]], 0]
    assert list(told["marks"]) == ["keeps", "takes"]
