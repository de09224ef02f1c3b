"""Plausibility: whether explanations agree with what people marked. It says nothing of whether they are true.

Annotations are one for each explanation, in the same order. For signed ones (`sentiment_annotation`) values above 0
mark units that support the explained class, values below 0 those against it, and 0 neutral ones; for highlights, values
above 0 are highlighted and all else, also what nobody marked, is not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil
from typing import Any

import numpy as np

from elision.arrays import Bools, Floats, Ints
from elision.data.annotation import Annotation
from elision.errors import OptionError, require_count
from elision.metrics.games import ranking, require_explanations
from elision.results.explanation import Explanation
from elision.results.measurement import Measurement

IOU_THRESHOLD = 0.5
"""The share of overlap that counts as found, as in ERASER."""


def intersection_of_tokens(
    explanations: Sequence[Explanation], annotations: Sequence[Annotation], *, n_units: int = 10, seed: int = 0
) -> Measurement:
    """Intersection of tokens: how many of the units that people say support the class are among the top ones.

    IoT = |P and T| / |P|, P the units of value above 0, T the n_units that score highest.

    Args:
        explanations: n explanations; the paper takes examples that the model got right.
        annotations: of each, signed from the view of the class that the explanation explains.
        n_units: size of T.
        seed: of the order of units that score alike.
    Returns:
        One value an example, NaN where no unit supports the class; higher is better.
    Raises:
        ElisionError: n_units is less than 1, or annotations do not fit the explanations.
    Source: Kim et al. 2020, Section 4.3. Deviations: none.
    Cost: no model evaluation.
    """
    require_count("n_units", n_units, 1)

    def share(explanation: Explanation, values: Floats) -> float:
        supports = values > 0
        return _mean(supports[ranking(explanation, seed)[:n_units]].sum(), supports.sum())

    found = [share(*pair) for pair in _annotated(explanations, annotations)]
    return Measurement(name="iot", values=np.array(found), settings={"n_units": n_units, "seed": seed})


def neutral_score(
    explanations: Sequence[Explanation],
    annotations: Sequence[Annotation],
    *,
    signed: bool = False,
    normalize: bool = False,
) -> Measurement:
    """How far from 0 the scores of units are that people find neutral.

    The figure is the mean over all neutral units of all examples: of |score|, or of the scores with their sign, where
    those for and against the class cancel. The paper's words are "the average attribution score of the neutral words",
    which is `signed=True` to the letter; a method whose large scores cancel does well by it.

    Args:
        explanations: n explanations.
        annotations: of each; neutral are units of value 0, not those that nobody marked.
        signed: whether scores keep their sign.
        normalize: whether an example's scores are divided by its largest |score|; without it, figures in different
            units, such as bits and probability, do not compare.
    Returns:
        For each example the sum over its neutral units, weighted by their number; NaN where none is neutral, and where
        all scores are 0 and are to be normalised. Lower is better; signed, what is nearer to 0, so that neither higher
        nor lower is.
    Raises:
        ElisionError: annotations do not fit the explanations.
    Source: Kim et al. 2020, Section 4.3, by `signed=True`. Deviations: |score| unless that is given; normalising.
    Cost: no model evaluation.
    """
    sums, counts = [], []
    for explanation, values in _annotated(explanations, annotations):
        neutral, sizes = values == 0, np.abs(explanation.scores)
        largest = float(sizes.max(initial=0.0)) if normalize else 1.0
        told = neutral.any() and largest > 0
        counted = explanation.scores if signed else sizes
        sums.append(float(counted[neutral].sum()) / largest if told else np.nan)
        counts.append(float(neutral.sum()))
    return Measurement(
        name="neutral-score",
        values=np.array(sums),
        weights=np.array(counts),
        higher_is_better=None if signed else False,
        settings={"signed": signed, "normalize": normalize},
    )


def token_f1(
    explanations: Sequence[Explanation],
    annotations: Sequence[Annotation],
    *,
    n_units: int | None = None,
    share: float | None = None,
    segment: int | None = None,
    seed: int = 0,
) -> Measurement:
    """F1 of the top units as a guess of the highlighted ones.

    Args:
        explanations: n explanations.
        annotations: of each, highlights.
        n_units: how many units are guessed; None for as many as are highlighted in the example, which only who knows
            the highlights can do, and which makes precision and recall the same.
        share: in place of n_units, which part of the example's units is guessed, rounded up.
        segment: 0 or 1 for one text of each pair, whose units alone are then ranked and counted; None for all.
        seed: of the order of units that score alike.
    Returns:
        One value an example, NaN where nothing is highlighted; higher is better.
    Raises:
        ElisionError: an option is out of range, or annotations do not fit the explanations.
    Source: DeYoung et al. 2020 (ERASER). Deviations: F1 of each example, averaged, where ERASER averages precision and
        recall before.
    Cost: no model evaluation.
    """

    def f1(explanation: Explanation, guessed: Bools, highlighted: Bools) -> float:
        return _f1((guessed & highlighted).sum(), guessed.sum(), highlighted.sum())

    return _of_guesses("token-f1", f1, explanations, annotations, n_units, share, segment, seed)


def iou_f1(
    explanations: Sequence[Explanation],
    annotations: Sequence[Annotation],
    *,
    n_units: int | None = None,
    share: float | None = None,
    segment: int | None = None,
    seed: int = 0,
) -> Measurement:
    """F1 of the top units' runs as a guess of the highlighted runs.

    A run is of neighbouring units of one text. A guessed run is right where, of the units in it or in a highlighted
    run, at least half are in both.

    Args:
        explanations: n explanations.
        annotations: of each, highlights.
        n_units: how many units are guessed; None for as many as are highlighted in the example.
        share: in place of n_units, which part of the example's units is guessed, rounded up.
        segment: 0 or 1 for one text of each pair, whose units alone are then ranked and counted; None for all.
        seed: of the order of units that score alike.
    Returns:
        One value an example, NaN where nothing is highlighted; higher is better.
    Raises:
        ElisionError: an option is out of range, or annotations do not fit the explanations.
    Source: DeYoung et al. 2020 (ERASER), threshold 0.5. Deviations: F1 of each example, averaged, where ERASER averages
        precision and recall before; units, not tokens.
    Cost: no model evaluation.
    """

    def f1(explanation: Explanation, guessed: Bools, highlighted: Bools) -> float:
        segments = np.array([unit.segment for unit in explanation.units])
        guesses, truths = _runs(guessed, segments), _runs(highlighted, segments)
        right = sum(any(_iou(guess, truth) >= IOU_THRESHOLD for truth in truths) for guess in guesses)
        return _f1(right, len(guesses), len(truths))

    return _of_guesses("iou-f1", f1, explanations, annotations, n_units, share, segment, seed)


def auprc(
    explanations: Sequence[Explanation], annotations: Sequence[Annotation], *, segment: int | None = None
) -> Measurement:
    """Area under the precision-recall curve of scores as a guess of the highlighted units, as average precision.

    AP = sum over thresholds of (recall - recall before) precision; units that score alike share a threshold.

    Args:
        explanations: n explanations.
        annotations: of each, highlights.
        segment: 0 or 1 for one text of each pair, whose units alone are then ranked and counted; None for all.
    Returns:
        One value an example, NaN where nothing is highlighted; higher is better. Random scores get about the share of
        units that are highlighted.
    Raises:
        ElisionError: an option is out of range, or annotations do not fit the explanations.
    Source: DeYoung et al. 2020 (ERASER). Deviations: average precision, not trapezoids, which are too large.
    Cost: no model evaluation.
    """
    from sklearn.metrics import average_precision_score

    found = []
    for explanation, values in _annotated(explanations, annotations):
        counted = _counted(explanation, segment)
        highlighted = (values > 0)[counted]
        told = highlighted.any()
        found.append(float(average_precision_score(highlighted, explanation.scores[counted])) if told else np.nan)
    return Measurement(name="auprc", values=np.array(found), settings={"segment": segment})


def _annotated(
    explanations: Sequence[Explanation], annotations: Sequence[Annotation]
) -> list[tuple[Explanation, Floats]]:
    """Return each explanation with the values (u,) of its units.

    Raises:
        OptionError: annotations are not one for each.
        UnitError: an annotation is of another example.
    """
    found = require_explanations(explanations)
    if isinstance(annotations, Annotation) or len(annotations) != len(found):
        n = 1 if isinstance(annotations, Annotation) else len(annotations)
        raise OptionError(f"annotations must be one for each of the {len(found)} explanations, got {n}")
    return [(e, annotation.of_units(e)) for e, annotation in zip(found, annotations, strict=True)]


Figure = Callable[[Explanation, Bools, Bools], float]


def _of_guesses(
    name: str,
    figure: Figure,
    explanations: Sequence[Explanation],
    annotations: Sequence[Annotation],
    n_units: int | None,
    share: float | None,
    segment: int | None,
    seed: int,
) -> Measurement:
    """Return a figure of guessed and highlighted units, bool (u,) both, of each example."""
    _require_size(n_units, share)
    found = []
    for explanation, values in _annotated(explanations, annotations):
        counted = _counted(explanation, segment)
        highlighted = (values > 0) & counted
        order: Ints = ranking(explanation, seed)
        order = order[counted[order]]
        size = highlighted.sum() if n_units is None else n_units
        size = size if share is None else ceil(share * len(order) - 1e-9)
        guessed = np.zeros_like(counted)
        guessed[order[:size]] = True
        found.append(figure(explanation, guessed, highlighted) if highlighted.any() else np.nan)
    settings: dict[str, Any] = {"n_units": n_units, "share": share, "segment": segment, "seed": seed}
    return Measurement(name=name, values=np.array(found), settings=settings)


def _require_size(n_units: int | None, share: float | None) -> None:
    if n_units is not None and share is not None:
        raise OptionError(f"give n_units or share, not both: got {n_units} and {share}")
    if n_units is not None:
        require_count("n_units", n_units, 1)
    if share is not None and not 0.0 < share <= 1.0:
        raise OptionError(f"share must be above 0 and at most 1, got {share!r}")


def _counted(explanation: Explanation, segment: int | None) -> Bools:
    """Return bool (u,), the units of one text, or all.

    Raises:
        OptionError: the example has no such text.
    """
    if segment is None:
        return np.ones(len(explanation.units), dtype=bool)
    if segment not in range(len(explanation.segments)):
        raise OptionError(f"segment must be 0 for the first text or 1 for the second of a pair, got {segment!r}")
    return np.array([unit.segment == segment for unit in explanation.units], dtype=bool)


def _runs(chosen: Bools, segments: Ints) -> list[set[int]]:
    """Return the sets of chosen (u,) units that follow one another in one text."""
    runs: list[set[int]] = []
    for i in np.flatnonzero(chosen).tolist():
        if runs and i - 1 in runs[-1] and segments[i] == segments[i - 1]:
            runs[-1].add(i)
        else:
            runs.append({i})
    return runs


def _iou(one: set[int], other: set[int]) -> float:
    return len(one & other) / len(one | other)


def _f1(right: int, n_guessed: int, n_true: int) -> float:
    """Return 2 right / (guessed + true), the harmonic mean of precision and recall."""
    return _mean(2.0 * right, n_guessed + n_true)


def _mean(total: float, n: int) -> float:
    """Return total / n, NaN where n is 0."""
    return float(total) / float(n) if n else float("nan")
