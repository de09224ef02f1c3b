"""How sure an average over examples is: bootstrap intervals, paired differences, several comparisons at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from elision.arrays import Floats
from elision.errors import OptionError, require_count, require_one_of

if TYPE_CHECKING:
    from elision.results.measurement import Measurement

LEVEL = 0.95
N_RESAMPLES = 2000
"""Bootstrap samples: from seed to seed a 95 % interval's ends move by some 2 % of its width. A choice."""
TESTS = ("bootstrap", "wilcoxon")
_CELLS = 1 << 22
"""Resamples times examples that are held at once: a bound on memory."""


def resamples(n: int, n_resamples: int, seed: int) -> Iterator[Floats]:
    """Yield float64 (b, n) blocks of how often each of n examples stands in a bootstrap sample.

    The same n, number and seed give the same samples, so that metrics of the same examples are compared pairwise.
    """
    draws = np.random.default_rng(seed)
    step = max(_CELLS // max(n, 1), 1)
    for start in range(0, n_resamples, step):
        counts = draws.multinomial(n, np.full(n, 1.0 / n), size=min(step, n_resamples - start))
        yield counts.astype(np.float64)


def bootstrap(figure: Callable[[Floats], Floats], n: int, *, level: float, n_resamples: int, seed: int) -> Floats:
    """Return the percentile interval of figures of n examples.

    Args:
        figure: counts (b, n) of each example in b samples -> float64 (b, p), p figures.
        n: number of examples.
        level: of the interval, between 0 and 1.
        n_resamples: samples drawn.
        seed: of the draws.
    Returns:
        float64 (2, p), lower and upper ends; NaN where there is no example. Samples without a figure do not count.
    Raises:
        OptionError: level or n_resamples is out of range.
    """
    require_count("n_resamples", n_resamples, 1)
    if n == 0:
        return np.full((2, figure(np.zeros((1, 0))).shape[1]), np.nan)
    return percentiles(np.concatenate([figure(counts) for counts in resamples(n, n_resamples, seed)]), level)


def percentiles(found: Floats, level: float) -> Floats:
    """Return float64 (2, p), between which the middle of p figures' b samples (b, p) lies, NaN where there are none.

    Raises:
        OptionError: level is not between 0 and 1.
    """
    if not 0.0 < level < 1.0:
        raise OptionError(f"level must be between 0 and 1, got {level!r}")
    ends = np.full((2, found.shape[1]), np.nan)
    for i, column in enumerate(found.T):
        told = column[np.isfinite(column)]
        if len(told):
            ends[:, i] = np.quantile(told, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    return ends


def difference(
    one: Measurement,
    other: Measurement,
    *,
    level: float = LEVEL,
    n_resamples: int = N_RESAMPLES,
    seed: int = 0,
    test: str = "bootstrap",
) -> tuple[float, float, float, float]:
    """Return how far one measurement is above another of the same examples.

    Examples of which either says nothing are left out of both.

    Args:
        one: a measurement.
        other: the same metric of another method, on the same examples.
        level: of the interval.
        n_resamples: bootstrap samples drawn.
        seed: of the draws.
        test: "bootstrap" asks how often the paired bootstrap's difference, moved to 0, is as large as the one seen;
            "wilcoxon" is the signed-rank test of the examples' differences, for metrics that are averages, and takes
            these to spread alike to both sides. Neither says less than `least_p`.
    Returns:
        difference, lower, upper, p-value (two-sided); NaN where no example has both.
    Raises:
        OptionError: they are of different numbers of examples, or a setting is out of range.
    Few examples make the bootstrap's p-values too small, except that 5 can give none under 0.05: where there is no
    difference, 10 give one in some 10 % of cases (14 % where values are skewed), 20 and 30 in 8 % (10 %).
    """
    require_one_of("test", test, TESTS)
    if one.values.shape != other.values.shape:
        raise OptionError(f"both must be of the same examples, got {len(one.values)} and {len(other.values)}")
    told = np.flatnonzero(np.isfinite(one.values) & np.isfinite(other.values))

    def figure(counts: Floats) -> Floats:
        whole = np.zeros((len(counts), len(one.values)))
        whole[:, told] = counts
        # Weights of a sample may add up to 0; then neither has a mean.
        with np.errstate(invalid="ignore"):
            return one.over(whole) - other.over(whole)

    if not len(told):
        return (float("nan"),) * 4
    require_count("n_resamples", n_resamples, 1)
    seen = float(figure(np.ones((1, len(told))))[0])
    sampled = np.concatenate([figure(counts) for counts in resamples(len(told), n_resamples, seed)])
    lower, upper = percentiles(sampled[:, None], level)[:, 0].tolist()
    if test == "wilcoxon" and one.weights is None and other.weights is None:
        return seen, lower, upper, max(_wilcoxon(one.values[told] - other.values[told]), least_p(len(told), test=test))
    moved = sampled[np.isfinite(sampled)] - seen
    as_large = np.abs(moved) >= abs(seen) * (1.0 - 1e-12)
    p = float((as_large.sum() + 1.0) / (len(moved) + 1.0))
    return seen, lower, upper, max(p, least_p(len(told), n_resamples=n_resamples))


def least_p(n: int, *, n_resamples: int = N_RESAMPLES, test: str = "bootstrap") -> float:
    """Return the smallest p-value that `difference` gives for n examples.

    All of n differences have one sign by chance in 2^(1 - n) of cases: n examples can say no more.
    """
    sign = 2.0 ** (1 - n)
    return sign if test == "wilcoxon" else max(sign, 1.0 / (n_resamples + 1.0))


def _wilcoxon(differences: Floats) -> float:
    from scipy import stats

    return float(stats.wilcoxon(differences).pvalue) if differences.any() else 1.0


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values corrected for being several, so that any at most alpha is seen wrongly at most alpha often.

    Args:
        p_values: of a family of tests; NaN is no test.
    Returns:
        As many, each at least as large.
    Source: Holm 1979.
    """
    p = np.asarray(p_values, dtype=np.float64)
    corrected = np.full(len(p), np.nan)
    tested = np.flatnonzero(~np.isnan(p))
    order = tested[np.argsort(p[tested], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    corrected[order] = np.minimum(np.maximum.accumulate(p[order] * factors), 1.0)
    return corrected.tolist()
