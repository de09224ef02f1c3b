"""Agreement with people: annotations on units, and each metric against its formula by hand or by a slow loop."""

from __future__ import annotations

import numpy as np
import pytest

import elision
from elision.data.annotation import Annotation, sentiment_annotation
from elision.metrics.plausibility import auprc, intersection_of_tokens, iou_f1, neutral_score, token_f1
from elision.results.explanation import Explanation
from elision.text import Example, Unit, split_words

SENTENCE = "not a dull film , but a very good one"
WORDS = SENTENCE.split()


def made(example: Example, scores: list[float]) -> Explanation:
    """Return an explanation of words with given scores."""
    segments = (example,) if isinstance(example, str) else example
    units = tuple(
        Unit(text[start:end], start, end, s) for s, text in enumerate(segments) for start, end in split_words(text)
    )
    return Explanation(
        segments=segments,
        units=units,
        scores=np.array(scores, dtype=float),
        target="yes",
        labels=("no", "yes"),
        probabilities=np.array([0.2, 0.8]),
    )


def highlights(*values: list[int]) -> Annotation:
    """Return highlights of texts of one-letter words."""
    return Annotation.of_tokens([["x"] * len(own) for own in values], values)


def letters(*scores: list[float]) -> Explanation:
    """Return an explanation of texts of one-letter words."""
    texts = [" ".join(["x"] * len(own)) for own in scores]
    flat = [score for own in scores for score in own]
    return made(texts[0] if len(texts) == 1 else (texts[0], texts[1]), flat)


def test_tokens_become_spans_of_characters() -> None:
    found = Annotation.of_tokens([["It", "'s", "good"], ["ok", "."]], [[0, 0, 1], [1, 0]])
    assert found.segments == ("It 's good", "ok .")
    assert found.marks == (((0, 2, 0.0), (3, 5, 0.0), (6, 10, 1.0)), ((0, 2, 1.0), (3, 4, 0.0)))


def test_numbers_of_numpy_do() -> None:
    found = Annotation.of_tokens([["a", "b"]], np.array([[True, False]]))
    assert found.marks == (((0, 1, 1.0), (2, 3, 0.0)),)
    assert Annotation((((np.int64(0), np.int64(1), np.float64(2.0)),),)).marks == (((0, 1, 2.0),),)


def test_a_unit_takes_the_mark_it_shares_most_with() -> None:
    explanation = made("well-made good stuff", [0.0] * 5)
    assert [unit.text for unit in explanation.units] == ["well", "-", "made", "good", "stuff"]
    # "well" shares 1 character with the first mark and 3 with the second, "made" 2 with each of two.
    annotation = Annotation((((0, 1, 5.0), (1, 7, -1.0), (7, 9, 3.0), (15, 20, 0.0)),))
    np.testing.assert_array_equal(annotation.of_units(explanation), [-1.0, -1.0, -1.0, np.nan, 0.0])


def test_marks_of_a_pair_stay_on_their_sides() -> None:
    explanation = made(("a b", "c d"), [0.0] * 4)
    np.testing.assert_array_equal(
        Annotation((((0, 1, 1.0),), ((2, 3, 2.0),))).of_units(explanation), [1.0, np.nan, np.nan, 2.0]
    )


def test_sentiment_is_seen_from_the_explained_class() -> None:
    tags = [0, 1, 2, 3, 4]
    for positive, values in ((True, [-2.0, -1.0, 0.0, 1.0, 2.0]), (False, [2.0, 1.0, 0.0, -1.0, -2.0])):
        found = sentiment_annotation(list("abcde"), tags, positive=positive)
        assert [mark.value for mark in found.marks[0]] == values


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Annotation(()), r"marks for one text or two, got 0"),
        (lambda: Annotation(((), (), ())), r"marks for one text or two, got 3"),
        (lambda: Annotation(((),), ("a", "b")), r"one text or two, got 1 for 2"),
        (lambda: Annotation((((2, 2, 1.0),),)), r"start, end, value\) with 0 <= start < end .*got \(2, 2, 1.0\)"),
        (lambda: Annotation((((0, 2),),)), r"a mark must be"),
        (lambda: Annotation((((0, 2, float("nan")),),)), r"a finite value"),
        (lambda: Annotation((((0, 1.5, 1.0),),)), r"a mark must be"),
        (lambda: Annotation((((0, 4, 1.0),),), ("abc",)), r"inside the text of 3 characters, got \(0, 4, 1.0\)"),
        (lambda: Annotation.of_tokens([["a"]], [[1], [0]]), r"got tokens of 1 and values of 2"),
        (lambda: Annotation.of_tokens([["a", "b"]], [[1]]), r"got 2 tokens and 1 values"),
        (lambda: Annotation.of_tokens(["ab"], [[1, 0]]), r"a list of words for each text, got 'ab'"),
        (lambda: Annotation.of_tokens([["a", ""]], [[1, 0]]), r"a list of words"),
        (lambda: sentiment_annotation(["a"], [5], positive=True), r"0 \(very negative\) to 4 .*got 5"),
        (lambda: sentiment_annotation(["a"], [1, 2], positive=True), r"got 1 tokens and 2 values"),
    ],
)
def test_an_annotation_that_cannot_be_is_refused(make, message: str) -> None:
    with pytest.raises(elision.ElisionError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("annotation", "message"),
    [
        (Annotation(((), ())), r"annotation of 2 texts does not fit an explanation of 1"),
        (Annotation((((0, 9, 1.0),),)), r"inside the text of 3 characters, got \(0, 9, 1.0\)"),
        (highlights([1, 0, 0]), r"annotation is of the text 'x x x', its explanation of 'x x'"),
    ],
)
def test_an_annotation_of_another_example_is_refused(annotation: Annotation, message: str) -> None:
    with pytest.raises(elision.UnitError, match=message):
        annotation.of_units(letters([1.0, 2.0]))


def test_every_metric_wants_an_annotation_for_each() -> None:
    for metric in (intersection_of_tokens, neutral_score, token_f1, iou_f1, auprc):
        with pytest.raises(elision.OptionError, match=r"one for each of the 1 explanations, got 2"):
            metric([letters([1.0])], [highlights([1])] * 2)
        with pytest.raises(elision.OptionError, match=r"explanations must be a sequence"):
            metric(letters([1.0]), [highlights([1])])


def test_intersection_of_tokens_is_the_formula() -> None:
    explanation = made(SENTENCE, [5.0, 0.0, 4.0, 0.1, 0.0, 0.3, 0.0, 3.0, 6.0, 0.2])
    tags = [3, 2, 1, 2, 2, 2, 2, 3, 4, 3]
    for n_units, positive, negative in ((1, 1 / 4, 0.0), (2, 2 / 4, 0.0), (3, 2 / 4, 1.0), (4, 3 / 4, 1.0)):
        for sign, expected in ((True, positive), (False, negative)):
            annotation = sentiment_annotation(WORDS, tags, positive=sign)
            assert intersection_of_tokens([explanation], [annotation], n_units=n_units).mean == pytest.approx(expected)


def test_examples_without_support_say_nothing() -> None:
    explanations = [letters([1.0, 2.0]), letters([2.0, 1.0])]
    found = intersection_of_tokens(explanations, [highlights([0, -1]), highlights([1, 0])], n_units=1)
    np.testing.assert_array_equal(found.values, [np.nan, 1.0])
    assert (found.mean, found.n, found.higher_is_better) == (1.0, 1, True)


def test_ties_are_cut_in_a_seeded_order() -> None:
    explanation, annotation = letters([1.0] * 8), highlights([1] + [0] * 7)
    hits = [intersection_of_tokens([explanation], [annotation], n_units=2, seed=s).mean for s in range(200)]
    assert hits == [intersection_of_tokens([explanation], [annotation], n_units=2, seed=s).mean for s in range(200)]
    # Two of eight alike: a quarter, within four standard errors of 200 draws.
    assert np.mean(hits) == pytest.approx(0.25, abs=4 * np.sqrt(0.25 * 0.75 / 200))


def test_neutral_score_is_a_mean_over_units() -> None:
    explanations = [letters([0.5, -1.5, 4.0]), letters([8.0, -2.0]), letters([1.0, 1.0])]
    annotations = [highlights([0, 0, 1]), highlights([1, 0]), highlights([1, -1])]
    found = neutral_score(explanations, annotations)
    assert found.mean == pytest.approx((0.5 + 1.5 + 2.0) / 3)
    np.testing.assert_array_equal(found.values, [2.0, 2.0, np.nan])
    assert found.higher_is_better is False
    scaled = neutral_score(explanations, annotations, normalize=True)
    assert scaled.mean == pytest.approx((0.5 / 4 + 1.5 / 4 + 2.0 / 8) / 3)


def test_the_neutral_score_has_both_readings() -> None:
    explanations = [letters([0.5, -1.5, 4.0]), letters([8.0, -2.0])]
    annotations = [highlights([0, 0, 1]), highlights([1, 0])]
    signed = neutral_score(explanations, annotations, signed=True)
    assert signed.mean == pytest.approx((0.5 - 1.5 - 2.0) / 3)
    assert neutral_score(explanations, annotations).mean == pytest.approx((0.5 + 1.5 + 2.0) / 3)
    scaled = neutral_score(explanations, annotations, signed=True, normalize=True)
    assert scaled.mean == pytest.approx((0.5 / 4 - 1.5 / 4 - 2.0 / 8) / 3)
    assert (signed.higher_is_better, signed.settings) == (None, {"signed": True, "normalize": False})


def test_units_nobody_marked_are_not_neutral() -> None:
    assert neutral_score([letters([3.0, 5.0])], [Annotation((((0, 1, 0.0),),))]).mean == 3.0


def test_scores_of_zero_cannot_be_normalised() -> None:
    zero, annotation = letters([0.0, 0.0]), highlights([0, 1])
    assert neutral_score([zero], [annotation]).mean == 0.0
    assert np.isnan(neutral_score([zero], [annotation], normalize=True).mean)


def slow_f1(guessed: set[int], true: set[int]) -> float:
    """Return the harmonic mean of precision and recall."""
    right = len(guessed & true)
    precision, recall = right / len(guessed), right / len(true)
    return 0.0 if not right else 2 * precision * recall / (precision + recall)


def test_token_f1_is_the_harmonic_mean_of_precision_and_recall() -> None:
    draws = np.random.default_rng(3)
    for _ in range(30):
        scores, marked = draws.normal(size=9), draws.integers(0, 2, 9)
        if not marked.any():
            continue
        true = set(np.flatnonzero(marked).tolist())
        order = sorted(range(9), key=lambda i: -scores[i])
        given = [letters(scores.tolist())], [highlights(marked.tolist())]
        assert token_f1(*given).mean == pytest.approx(slow_f1(set(order[: len(true)]), true))
        assert token_f1(*given, n_units=2).mean == pytest.approx(slow_f1(set(order[:2]), true))
        # A fifth of nine units are two, rounded up.
        assert token_f1(*given, share=0.2).mean == token_f1(*given, n_units=2).mean
        assert token_f1(*given, n_units=50).mean == pytest.approx(slow_f1(set(range(9)), true))


def test_a_share_that_is_whole_units_is_not_rounded_up() -> None:
    given = [letters([float(-i) for i in range(25)])], [highlights([1] * 7 + [0] * 18)]
    # 0.28 times 25 is a little more than 7 in floating point.
    assert token_f1(*given, share=0.28).mean == 1.0


def test_sides_of_a_pair_are_ranked_by_themselves() -> None:
    explanation = letters([9.0, 8.0, 7.0], [1.0, 2.0, 3.0])
    annotation = highlights([0, 0, 1], [0, 0, 1])
    assert token_f1([explanation], [annotation]).mean == 0.0
    assert token_f1([explanation], [annotation], segment=0).mean == 0.0
    for metric in (token_f1, iou_f1, auprc):
        assert metric([explanation], [annotation], segment=1).mean == 1.0
    assert auprc([explanation], [annotation], segment=0).mean == pytest.approx(1 / 3)
    # The third and the fourth unit are the highlighted ones: precision 1/3 at the one, 2/4 at the other.
    assert auprc([explanation], [annotation]).mean == pytest.approx((1 / 3 + 2 / 4) / 2)


def test_sides_without_highlights_say_nothing() -> None:
    explanation, annotation = letters([2.0, 1.0], [1.0, 2.0]), highlights([0, 0], [0, 1])
    for metric in (token_f1, iou_f1, auprc):
        options = {} if metric is auprc else {"n_units": 1}
        assert np.isnan(metric([explanation], [annotation], segment=0, **options).mean)
        assert metric([explanation, explanation], [annotation, highlights([0, 0], [0, 0])], segment=1).n == 1


@pytest.mark.parametrize(
    ("guessed", "true", "expected"),
    [
        ([1, 1, 1, 1], [1, 1, 1, 1], 1.0),
        # One guessed run covers two of four: half is enough. One of three is not.
        ([0, 1, 1, 0], [1, 1, 1, 1], 1.0),
        ([0, 1, 0, 0], [1, 1, 1, 0], 0.0),
        # Two runs guessed, one of them right; one run is true: precision 1/2, recall 1.
        ([1, 1, 0, 1], [1, 1, 0, 0], 2 / 3),
        # One run guessed over a gap: it shares 4 of 5 with neither of the two true runs, 2 and 2.
        ([1, 1, 1, 1, 1], [1, 1, 0, 1, 1], 0.0),
    ],
)
def test_iou_f1_counts_runs_half_of_which_are_right(guessed: list[int], true: list[int], expected: float) -> None:
    scores = [float(g) + 0.001 * i for i, g in enumerate(guessed)]
    found = iou_f1([letters(scores)], [highlights(true)], n_units=sum(guessed))
    assert found.mean == pytest.approx(expected)


def test_runs_end_with_their_text() -> None:
    # The runs at the first text's end and the second's start are two: the guess of the second alone gets one of them.
    explanation, annotation = letters([0.0, 1.0], [3.0, 0.0]), highlights([0, 1], [1, 0])
    assert iou_f1([explanation], [annotation], n_units=1).mean == pytest.approx(2 / 3)


def test_auprc_is_precision_averaged_over_the_highlighted() -> None:
    draws = np.random.default_rng(8)
    for _ in range(20):
        scores, marked = draws.normal(size=12), np.r_[1, draws.integers(0, 2, 11)]
        precisions = [np.mean([marked[j] for j in range(12) if scores[j] >= scores[i]]) for i in range(12) if marked[i]]
        found = auprc([letters(scores.tolist())], [highlights(marked.tolist())])
        assert found.mean == pytest.approx(np.mean(precisions), abs=1e-12)


def test_alike_scores_get_the_share_that_is_highlighted() -> None:
    assert auprc([letters([1.0] * 5)], [highlights([1, 0, 0, 1, 0])]).mean == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_units": 0}, "n_units must be at least 1, got 0"),
        ({"share": 0.0}, "share must be above 0 and at most 1, got 0.0"),
        ({"share": 1.5}, "share must be above 0 and at most 1, got 1.5"),
        ({"n_units": 2, "share": 0.5}, "give n_units or share, not both: got 2 and 0.5"),
        ({"segment": 1}, "segment must be 0 for the first text or 1 for the second of a pair, got 1"),
    ],
)
def test_options_out_of_range_are_refused(options: dict[str, float], message: str) -> None:
    for metric in (token_f1, iou_f1):
        with pytest.raises(elision.OptionError, match=message):
            metric([letters([1.0, 2.0])], [highlights([0, 1])], **options)
    with pytest.raises(elision.OptionError, match="n_units must be at least 1, got 0"):
        intersection_of_tokens([letters([1.0, 2.0])], [highlights([0, 1])], n_units=0)


def test_settings_are_recorded() -> None:
    given = [letters([1.0, 2.0])], [highlights([0, 1])]
    assert token_f1(*given, share=0.5, seed=3).settings == {"n_units": None, "share": 0.5, "segment": None, "seed": 3}
    assert intersection_of_tokens(*given).settings == {"n_units": 10, "seed": 0}
    assert {m(*given).name for m in (token_f1, iou_f1, auprc, intersection_of_tokens, neutral_score)} == {
        "token-f1",
        "iou-f1",
        "auprc",
        "iot",
        "neutral-score",
    }
