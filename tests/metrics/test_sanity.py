"""Sanity checks against the toys' known scores; variants of punctuation, word by word."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import stats
from toys.additive import toy, weights_of
from toys.models import keyword_model

import elision
from elision.metrics.randomization import randomized
from elision.metrics.sanity import (
    PUNCTUATION_VARIANTS,
    _punctuated,
    _same_words,
    cascading_randomization,
    punctuation_stability,
    random_ranking,
    seed_stability,
)
from elision.results.explanation import Explanation
from elision.text import Unit

EXAMPLES = ["a very good film , not dull", "the plot is bad and boring", "fine guitar was on an old stage ?"]


@pytest.mark.parametrize("kind", ["spearman", "pearson"])
def test_randomization_is_the_correlation_with_each_stage(kind: str) -> None:
    model, method = toy(), elision.LeaveOneOut(removal="drop")
    explained = method.many(model, EXAMPLES)
    assert {e.target for e in explained} == {"no", "yes"}
    found = cascading_randomization(model, EXAMPLES, method, seed=3, kind=kind)
    measure = {"spearman": stats.spearmanr, "pearson": stats.pearsonr}[kind]
    expected = [
        [measure(weights_of(model, text), weights_of(other, text)).statistic for text in EXAMPLES]
        for _, other in randomized(model, 3)
    ]
    curve = found.curves["randomization"]
    np.testing.assert_allclose(curve.y, np.array(expected).T, atol=1e-9)
    np.testing.assert_allclose(found.values, expected[-1], atol=1e-9)
    np.testing.assert_array_equal(curve.x, [1, 2, 3, 4])
    assert found.settings["stages"] == ["weight", "layers.1", "layers.0", "embeddings"]
    assert (found.higher_is_better, found.removal) == (False, None)
    np.testing.assert_allclose(curve.y[:, 1], curve.y[:, 0])


def test_sizes_can_be_compared() -> None:
    model, method = toy(), elision.LeaveOneOut(removal="drop")
    found = cascading_randomization(model, EXAMPLES, method, seed=3, absolute=True)
    for _, other in randomized(model, 3):
        sizes = [stats.spearmanr(*np.abs([weights_of(m, t) for m in (model, other)])).statistic for t in EXAMPLES]
    np.testing.assert_allclose(found.values, sizes, atol=1e-9)


def test_a_method_that_does_not_look_at_the_model_survives() -> None:
    found = cascading_randomization(toy(), EXAMPLES, elision.Random())
    np.testing.assert_allclose(found.curves["randomization"].y, 1.0)
    assert found.mean == pytest.approx(1.0)


def test_examples_without_correlation_are_in_no_curve() -> None:
    found = cascading_randomization(toy(), [*EXAMPLES, "good"], elision.LeaveOneOut())
    assert (found.n, found.values.shape) == (3, (4,))
    assert found.curves["randomization"].y.shape == (3, 4)
    assert np.isfinite(found.curves["randomization"].mean).all()


def test_bert_is_explained_at_every_stage(bert: elision.HuggingFaceModel) -> None:
    before = {key: weight.clone() for key, weight in bert.transformer.model.state_dict().items()}
    pairs = [("a good film", "the plot is dull"), ("very bad", "not great , fine")]
    found = cascading_randomization(bert, pairs, elision.LeaveOneOut())
    assert found.curves["randomization"].y.shape == (2, 5)
    assert all(torch.equal(weight, before[key]) for key, weight in bert.transformer.model.state_dict().items())
    again = cascading_randomization(bert, pairs, elision.LeaveOneOut())
    np.testing.assert_array_equal(found.values, again.values)


def test_functions_have_no_weights() -> None:
    with pytest.raises(
        elision.UnsupportedError, match="keywords has no weights to draw anew: randomisation needs a Py"
    ):
        cascading_randomization(keyword_model(), EXAMPLES, elision.LeaveOneOut())


def test_a_random_ranking_deals_the_scores_out_again() -> None:
    explained = elision.LeaveOneOut().many(toy(), EXAMPLES)
    shuffled = random_ranking(explained, seed=2)
    for one, other in zip(explained, shuffled, strict=True):
        np.testing.assert_array_equal(np.sort(one.scores), np.sort(other.scores))
        assert (other.units, other.target, other.example) == (one.units, one.target, one.example)
        assert other.class_scores is None
        assert other.method == "leave-one-out, shuffled"
        assert elision.Explanation.from_json(other.to_json()) == other
    assert random_ranking(explained, seed=2) == shuffled
    assert random_ranking(explained, seed=3) != shuffled
    first = [int(np.argmax(random_ranking(explained[:1], seed=s)[0].scores)) for s in range(700)]
    # Each of seven units is first equally often: chi squared with 6 degrees of freedom, beyond 22.5 once in a thousand.
    assert stats.chisquare(np.bincount(first, minlength=7)).statistic < 22.5


def test_seed_stability_is_the_mean_over_pairs_of_seeds() -> None:
    found = seed_stability(toy(), EXAMPLES, lambda seed: elision.Random(seed=seed), seeds=(1, 5, 7))
    runs = [elision.Random(seed=seed).many(toy(), EXAMPLES) for seed in (1, 5, 7)]
    for i, value in enumerate(found.values):
        pairs = [(0, 1), (0, 2), (1, 2)]
        each = [stats.spearmanr(runs[a][i].scores, runs[b][i].scores).statistic for a, b in pairs]
        assert value == pytest.approx(np.mean(each))
    assert found.settings == {"method": "random", "kind": "spearman", "seeds": [1, 5, 7]}


def test_a_method_without_draws_is_stable() -> None:
    found = seed_stability(toy(), [*EXAMPLES, "good"], lambda seed: elision.LeaveOneOut(seed=seed), kind="kendall")
    np.testing.assert_allclose(found.values, [1.0, 1.0, 1.0, np.nan])
    assert found.higher_is_better is True


@pytest.mark.parametrize(
    ("text", "variant", "expected"),
    [
        ("A good film.", "full-stop", "A good film"),
        ("A good film .", "full-stop", "A good film"),
        ("A good film. ", "full-stop", "A good film"),
        ("A good film", "full-stop", "A good film."),
        ("A good film!", "full-stop", "A good film!"),
        ("Who knows...", "full-stop", "Who knows..."),
        ("made in the U.S.", "full-stop", "made in the U.S."),
        ("...", "full-stop", "..."),
        ("Good, bad; fine?!", "spaced", "Good , bad ; fine ? !"),
        ("It's 3.5, at 10:30... ok", "spaced", "It's 3.5 , at 10:30 ... ok"),
        ("see b.org/c , really", "spaced", "see b.org/c , really"),
        ("Good , bad  ; fine ? !", "closed", "Good, bad; fine?!"),
        (", he said , and left .", "closed", ", he said, and left."),
        ("it costs .5 now", "closed", "it costs .5 now"),
        ("? !", "closed", "? !"),
        (("Good.", "bad, ok"), "full-stop", ("Good", "bad, ok.")),
        (("Good.", "bad, ok"), "spaced", ("Good .", "bad , ok")),
    ],
)
def test_variants_of_punctuation(text, variant: str, expected) -> None:
    segments = (text,) if isinstance(text, str) else text
    assert _punctuated(segments, variant) == expected


def fickle() -> elision.BlackBox:
    """A function whose words count for the other class where the text does not end with a full stop."""
    weights = {"good": 2.0, "bad": -3.0, "film": 0.5}

    def answer(texts: list[str]) -> np.ndarray:
        z = np.array([sum(weights.get(word, 0.1) for word in re.findall(r"\w+", text)) + 0.0 for text in texts])
        z *= np.array([1.0 if text.endswith(".") else -1.0 for text in texts])
        p = 1.0 / (1.0 + np.exp(-z))
        return np.stack([1.0 - p, p], axis=1)

    return elision.BlackBox(answer, ["no", "yes"])


def test_stability_compares_words_for_one_class() -> None:
    text, method = "a good film, not bad.", elision.LeaveOneOut()
    for variant, expected in (("full-stop", -1.0), ("spaced", 1.0), ("closed", np.nan)):
        found = punctuation_stability(fickle(), [text], method, variants=[variant])
        np.testing.assert_allclose(found.values, [expected])
    found = punctuation_stability(fickle(), [text], method)
    np.testing.assert_allclose(found.values, [0.0], atol=1e-12)
    assert found.settings["variants"] == list(PUNCTUATION_VARIANTS)


def test_examples_without_words_say_nothing() -> None:
    found = punctuation_stability(fickle(), ["? !", "good.", "good film", "bad good"], elision.LeaveOneOut())
    np.testing.assert_allclose(found.values, [np.nan, np.nan, -1.0, -1.0])
    assert found.n == 2


def test_words_are_matched_in_order_without_their_punctuation() -> None:
    def made(units: list[tuple[str, int]], scores: list[float]) -> Explanation:
        explanation = elision.LeaveOneOut()(keyword_model(), ("good", "bad"))
        return replace(
            explanation,
            units=tuple(Unit(text, 9 * i, 9 * i + 9, segment) for i, (text, segment) in enumerate(units)),
            scores=np.array(scores),
            class_scores=None,
            absent_probabilities=None,
        )

    one = made([("(a", 0), ("film.", 0), ("film", 1), ("cut", 1)], [1.0, 2.0, 3.0, 4.0])
    other = made([("(", 0), ("a", 0), ("film", 0), (".", 0), ("film", 1)], [0.0, 5.0, 6.0, 7.0, 8.0])
    np.testing.assert_array_equal(_same_words(one, other), [[1.0, 2.0, 3.0], [5.0, 6.0, 8.0]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m, e: seed_stability(m, EXAMPLES, lambda s: e, seeds=(1,)), r"at least two different ones, got \(1,\)"),
        (lambda m, e: seed_stability(m, EXAMPLES, lambda s: e, seeds=(1, 1)), r"two different ones, got \(1, 1\)"),
        (lambda m, e: seed_stability(m, EXAMPLES, lambda s: e, seeds=(1, 2, 1)), r"different ones, got \(1, 2, 1\)"),
        (
            lambda m, e: punctuation_stability(m, EXAMPLES, e, variants=[]),
            r"some of full-stop, spaced, closed, got \[\]",
        ),
        (lambda m, e: punctuation_stability(m, EXAMPLES, e, variants=["x"]), r"must be one of full-stop.*got 'x'"),
        (lambda m, e: cascading_randomization(m, EXAMPLES, e, kind="x"), r"kind must be one of .*got 'x'"),
        (lambda m, e: seed_stability(m, EXAMPLES, lambda s: e, kind="x"), r"kind must be one of .*got 'x'"),
        (lambda m, e: punctuation_stability(m, EXAMPLES, e, kind="x"), r"kind must be one of .*got 'x'"),
        (lambda m, e: cascading_randomization(m, [], e), r"at least one text or pair, got \[\]"),
        (lambda m, e: seed_stability(m, "a text", lambda s: e), r"at least one text or pair, got 'a text'"),
        (lambda m, e: punctuation_stability(m, [], e), r"at least one text or pair"),
    ],
)
def test_options_out_of_range_are_refused(call, message: str) -> None:
    with pytest.raises(elision.OptionError, match=message):
        call(toy(), elision.LeaveOneOut())
