"""How far two methods agree about the same answers. It says nothing of which is right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from elision.arrays import Floats
from elision.errors import OptionError, UnitError, require_count, require_one_of
from elision.metrics.games import ranking, require_explanations
from elision.results.correlation import correlate, midranks, pearson, places_of
from elision.results.explanation import Explanation
from elision.results.intervals import LEVEL, N_RESAMPLES, bootstrap
from elision.results.measurement import Measurement

POOLED_CORRELATIONS = ("spearman", "pearson")


def correlation(
    one: Sequence[Explanation], other: Sequence[Explanation], *, kind: str = "spearman", absolute: bool = False
) -> Measurement:
    """How alike two methods score each example's units.

    Args:
        one: n explanations.
        other: of the same examples' same units and classes by another method, in the same order.
        kind: "spearman" and "kendall" compare ranks, "pearson" the scores.
        absolute: whether the sizes of scores are compared, for methods that do not tell for from against.
    Returns:
        One value an example, between -1 and 1; NaN where a method scores all alike.
    Raises:
        ElisionError: the kind is unknown, or the explanations are not of the same examples, units and classes.
    Source: Kim et al. 2020, Table A2, which pools all units: see `pooled_correlation`.
    Cost: no model evaluation.
    """
    found = [correlate(a, b, kind) for a, b in _scores(one, other, absolute)]
    settings = {"kind": kind, "absolute": absolute}
    return Measurement(name="correlation", values=np.array(found), higher_is_better=None, settings=settings)


def pooled_correlation(
    one: Sequence[Explanation],
    other: Sequence[Explanation],
    *,
    kind: str = "spearman",
    absolute: bool = False,
    level: float = LEVEL,
    n_resamples: int = N_RESAMPLES,
    seed: int = 0,
) -> tuple[float, float, float]:
    """Return how alike two methods score all units of all examples, taken together.

    Long examples weigh more than short ones, and examples with large scores make much of it; `correlation` looks at
    each example by itself.

    Args:
        one: n explanations.
        other: of the same examples' same units and classes by another method, in the same order.
        kind: "spearman" or "pearson".
        absolute: whether the sizes of scores are compared.
        level: of the interval.
        n_resamples: bootstrap samples drawn; of whole examples, since an example's scores depend on each other.
        seed: of the draws.
    Returns:
        Correlation, lower, upper; NaN where a method scores all units alike.
    Raises:
        ElisionError: an option is out of range, or the explanations are not of the same examples, units and classes.
    Source: Kim et al. 2020, Table A2. Deviations: an interval.
    Cost: no model evaluation.
    """
    require_one_of("kind", kind, POOLED_CORRELATIONS)
    pairs = _scores(one, other, absolute)
    owner = np.repeat(np.arange(len(pairs)), [len(a) for a, _ in pairs])
    columns = [np.concatenate(column) for column in zip(*pairs, strict=True)]
    places = [places_of(column) for column in columns]

    def figure(counts: Floats) -> Floats:
        found = []
        for shares in counts[:, owner]:
            own = [midranks(place, shares) for place in places] if kind == "spearman" else columns
            found.append([pearson(own[0], own[1], shares)])
        return np.array(found)

    ends = bootstrap(figure, len(pairs), level=level, n_resamples=n_resamples, seed=seed)
    return float(figure(np.ones((1, len(pairs))))[0, 0]), float(ends[0, 0]), float(ends[1, 0])


def top_k_overlap(
    one: Sequence[Explanation], other: Sequence[Explanation], *, n_units: int = 5, seed: int = 0
) -> Measurement:
    """Which share of the top units two methods have in common: |T1 and T2| / k.

    Args:
        one: n explanations.
        other: of the same examples' same units and classes by another method, in the same order.
        n_units: k, how many units that score highest count as top.
        seed: of the order of units that score alike, the same for both methods.
    Returns:
        One value an example, between 0 and 1; NaN where a method scores all alike, and where an example has no more
        than k units. Random scores have k / u in common.
    Raises:
        ElisionError: n_units is less than 1, or the explanations are not of the same examples, units and classes.
    Cost: no model evaluation.
    """
    require_count("n_units", n_units, 1)
    _scores(one, other, absolute=False)
    found = []
    for pair in zip(one, other, strict=True):
        told = all(np.ptp(explanation.scores) > 0 for explanation in pair) and len(pair[0].units) > n_units
        first, second = (set(ranking(explanation, seed)[:n_units].tolist()) for explanation in pair)
        found.append(len(first & second) / n_units if told else np.nan)
    settings = {"n_units": n_units, "seed": seed}
    return Measurement(name="top-k-overlap", values=np.array(found), higher_is_better=None, settings=settings)


def _scores(one: Sequence[Explanation], other: Sequence[Explanation], absolute: bool) -> list[tuple[Floats, Floats]]:
    """Return both methods' scores (u,) of each example.

    Raises:
        OptionError: the explanations are not of the same examples and classes.
        UnitError: they are not of the same units.
    """
    firsts, seconds = require_explanations(one), require_explanations(other)
    if len(firsts) != len(seconds):
        raise OptionError(f"both methods must explain the same examples, got {len(firsts)} and {len(seconds)}")
    for i, (first, second) in enumerate(zip(firsts, seconds, strict=True)):
        if first.segments != second.segments:
            raise OptionError(
                f"both methods must explain the same examples in the same order; number {i} is "
                f"{first.segments[0][:30]!r} and {second.segments[0][:30]!r}"
            )
        if first.units != second.units:
            raise UnitError(f"both methods must score the same units; example {i} is cut differently")
        if first.target != second.target:
            raise OptionError(
                f"both methods must explain the same class; example {i} has {first.target!r} and {second.target!r}: "
                "explain both with one target"
            )
    pairs = [(first.scores, second.scores) for first, second in zip(firsts, seconds, strict=True)]
    return [(np.abs(a), np.abs(b)) for a, b in pairs] if absolute else pairs
