"""Faithfulness by perturbation: what the answer does when the units that score highest go, or are all that stays.

Each metric removes units in its own way, whatever removal the explainer had; units that score alike come in a seeded
order. Removing or keeping more units than there are means all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from elision.arrays import Bools, Floats, Ints
from elision.errors import OptionError, UnsupportedError, require_count, require_one_of
from elision.game.engine import Engine
from elision.metrics.games import (
    DEFAULT_REMOVAL,
    MeteredModel,
    leading,
    ranking,
    shares_grid,
    top_kept,
    top_removed,
)
from elision.metrics.normalization import extreme_aopc
from elision.models.model import ModelLike
from elision.removal.removal import Removal
from elision.results.explanation import Explanation
from elision.results.measurement import Curve, Measurement

ERASER_SHARES = (0.01, 0.05, 0.1, 0.2, 0.5)
"""The shares of units that ERASER takes away (DeYoung et al. 2020)."""
NORMALIZATIONS = ("exact", "beam")


def aopc(
    model: ModelLike,
    explanations: Sequence[Explanation],
    *,
    removal: str | Removal = DEFAULT_REMOVAL,
    n_units: int = 10,
    normalize: str | None = None,
    beam: int = 5,
    engine: Engine | None = None,
    seed: int = 0,
) -> Measurement:
    """Area over the perturbation curve: how much probability goes with the units that score highest.

    AOPC = 1 / (U + 1) < sum over u = 1..U of p(y | x) - p(y | x without units 1..u) >, y the explained class.

    Args:
        model: whatever `elision.load` takes.
        explanations: n explanations of this model's answers.
        removal: what stands where a unit is absent.
        n_units: U.
        normalize: None, or "exact" or "beam": how near it comes to the best order of the example's units, 0 being the
            worst and 1 the best; only so are models comparable. "exact" takes at most 2^u rows, "beam" searches.
        beam: for "beam", how many orders are followed.
        engine: one to share what the model already answered.
        seed: of the order of units that score alike, and of the removal's draws.
    Returns:
        One value an example, in probability, or normalised; higher is better. Its curve is the probability lost.
    Raises:
        ElisionError: an option is out of range, or the model cannot do the removal.
    Source: Chen et al. 2021, Eq. 9; normalised: Edin et al. 2025. Deviations: none.
    Cost: U rows an example.
    """
    require_count("n_units", n_units, 1)
    require_count("beam", beam, 1)
    if normalize is not None:
        require_one_of("normalize", normalize, NORMALIZATIONS)
    metered = MeteredModel(model, explanations, removal, engine, seed)
    p = np.array(_curves(metered, top_removed, lambda n: np.arange(n_units + 1)))
    lost = p[:, :1] - p
    values = lost[:, 1:].sum(axis=1) / (n_units + 1)
    if normalize is not None:
        values = _normalized(values, extreme_aopc(metered, n_units, beam if normalize == "beam" else None))
    curve = Curve(x=np.arange(n_units + 1.0), y=lost, x_label="units removed", y_label=f"{metered.number} lost")
    return _measured(
        "aopc",
        values,
        metered,
        {"n_units": n_units, "normalize": normalize, **({"beam": beam} if normalize == "beam" else {})},
        curves={"aopc": curve},
    )


def comprehensiveness(
    model: ModelLike,
    explanations: Sequence[Explanation],
    *,
    removal: str | Removal = DEFAULT_REMOVAL,
    shares: Sequence[float] = ERASER_SHARES,
    engine: Engine | None = None,
    seed: int = 0,
) -> Measurement:
    """How much probability goes when the top units go: p(y | x) - p(y | x without them), averaged over shares of units.

    Args:
        model: whatever `elision.load` takes.
        explanations: n explanations of this model's answers.
        removal: what stands where a unit is absent.
        shares: of an example's units that count as top, rounded up to whole units.
        engine: one to share what the model already answered.
        seed: of the order of units that score alike, and of the removal's draws.
    Returns:
        One value an example, in probability; higher is better.
    Raises:
        ElisionError: an option is out of range, or the model cannot do the removal.
    Source: DeYoung et al. 2020 (ERASER), for scores that are no choice of words. Deviations: shares round up.
    Cost: one row a share and example.
    """
    metered = MeteredModel(model, explanations, removal, engine, seed)
    return _eraser("comprehensiveness", metered, top_removed, shares, higher_is_better=True)


def sufficiency(
    model: ModelLike,
    explanations: Sequence[Explanation],
    *,
    removal: str | Removal = DEFAULT_REMOVAL,
    shares: Sequence[float] = ERASER_SHARES,
    engine: Engine | None = None,
    seed: int = 0,
) -> Measurement:
    """How much probability is missing with the top units alone: p(y | x) - p(y | them), averaged over shares of units.

    Args:
        model: whatever `elision.load` takes.
        explanations: n explanations of this model's answers.
        removal: what stands where a unit is absent.
        shares: of an example's units that count as top, rounded up to whole units.
        engine: one to share what the model already answered.
        seed: of the order of units that score alike, and of the removal's draws.
    Returns:
        One value an example, in probability; lower is better.
    Raises:
        ElisionError: an option is out of range, or the model cannot do the removal.
    Source: DeYoung et al. 2020 (ERASER), for scores that are no choice of words. Deviations: shares round up.
    Cost: one row a share and example.
    """
    metered = MeteredModel(model, explanations, removal, engine, seed)
    return _eraser("sufficiency", metered, top_kept, shares, higher_is_better=False)


def post_hoc_accuracy(
    model: ModelLike,
    explanations: Sequence[Explanation],
    *,
    removal: str | Removal = DEFAULT_REMOVAL,
    n_units: int = 10,
    engine: Engine | None = None,
    seed: int = 0,
) -> Measurement:
    """How often the top v units alone get the answer of the whole text, v = 1..n_units.

    Args:
        model: whatever `elision.load` takes.
        explanations: n explanations of this model's answers.
        removal: what stands where a unit is absent.
        n_units: the largest v.
        engine: one to share what the model already answered.
        seed: of the order of units that score alike, and of the removal's draws.
    Returns:
        One value an example, the share of v that keep the answer; higher is better. The curve has each v.
    Raises:
        ElisionError: an option is out of range, or the model cannot do the removal.
    Source: Chen et al. 2021, Section 5.1.2. Deviations: beside the curve, its average.
    Cost: n_units rows an example.
    """
    require_count("n_units", n_units, 1)
    metered = MeteredModel(model, explanations, removal, engine, seed)
    if not metered.model.answer.bounded:
        raise UnsupportedError(
            f"post-hoc-accuracy counts how often the predicted class stays, and {metered.model.name} gives scores; "
            "use 'aopc', 'comprehensiveness' or 'sufficiency'"
        )
    answers = _answers(metered, top_kept, lambda n: np.arange(1, n_units + 1))
    predicted = np.array([int(np.argmax(e.probabilities)) for e in metered.explanations])
    same = np.array([answer.argmax(axis=1) == own for answer, own in zip(answers, predicted, strict=True)], dtype=float)
    curve = Curve(x=np.arange(1.0, n_units + 1), y=same, x_label="units kept", y_label="answers kept")
    return _measured(
        "post-hoc-accuracy", same.mean(axis=1), metered, {"n_units": n_units}, curves={"post-hoc-accuracy": curve}
    )


def degradation(
    model: ModelLike,
    explanations: Sequence[Explanation],
    *,
    removal: str | Removal = DEFAULT_REMOVAL,
    engine: Engine | None = None,
    seed: int = 0,
) -> Measurement:
    """Degradation score: the area between the curves with the least and with the most relevant units removed first.

    S(rho) = (p(y | x_rho) - p(y | x_o)) / (p(y | x) - p(y | x_o)), each p averaged over examples first; x_rho lacks rho
    percent of the units and x_o all. The score is the integral of S_least - S_most over rho.

    Args:
        model: whatever `elision.load` takes.
        explanations: n explanations of this model's answers.
        removal: what stands where a unit is absent.
        engine: one to share what the model already answered.
        seed: of the order of units that score alike, and of the removal's draws.
    Returns:
        For each example the area between its own curves, in probability, weighted by p(y | x) - p(y | x_o); higher is
        better. Curves "MoRF" and "LeRF", normalised.
    Raises:
        ElisionError: an option is out of range, or the model cannot do the removal.
    Source: Chen et al. 2021, Eq. 10, 11; Schulz et al. 2020. Deviations: none.
    Cost: 2 u rows an example of u units.
    """
    metered = MeteredModel(model, explanations, removal, engine, seed)
    most, kept = _curves(metered, top_removed), _curves(metered, top_kept)
    least = [curve[::-1] for curve in kept]
    whole, none = np.array([c[0] for c in most]), np.array([c[-1] for c in most])
    values = np.array([_area(low) - _area(high) for low, high in zip(least, most, strict=True)])
    lengths = [len(explanation.units) for explanation in metered.explanations]
    curves = {}
    for name, lines in (("MoRF", most), ("LeRF", least)):
        x, y = shares_grid(lines, lengths)
        labels = {"x_label": "units removed (%)", "y_label": f"normalised {metered.number}"}
        curves[name] = Curve(x=x, y=y, low=none, high=whole, **labels)
    return _measured("degradation", values, metered, {}, weights=whole - none, curves=curves)


def deletion_auc(
    model: ModelLike,
    explanations: Sequence[Explanation],
    *,
    removal: str | Removal = DEFAULT_REMOVAL,
    share: float = 1.0,
    engine: Engine | None = None,
    seed: int = 0,
) -> Measurement:
    """Area under the probability while units go, the highest score first.

    Args:
        model: whatever `elision.load` takes.
        explanations: n explanations of this model's answers.
        removal: what stands where a unit is absent.
        share: of an example's units that go, rounded down, at least one.
        engine: one to share what the model already answered.
        seed: of the order of units that score alike, and of the removal's draws.
    Returns:
        One value an example, in probability; lower is better.
    Raises:
        ElisionError: an option is out of range, or the model cannot do the removal.
    Source: Petsiuk et al. 2018. Deviations: units, not pixels.
    Cost: share u rows an example of u units.
    """
    metered = MeteredModel(model, explanations, removal, engine, seed)
    return _auc("deletion-auc", metered, top_removed, "units removed (%)", share, higher_is_better=False)


def insertion_auc(
    model: ModelLike,
    explanations: Sequence[Explanation],
    *,
    removal: str | Removal = DEFAULT_REMOVAL,
    share: float = 1.0,
    engine: Engine | None = None,
    seed: int = 0,
) -> Measurement:
    """Area under the probability while units come back to the empty example, the highest score first.

    Args:
        model: whatever `elision.load` takes.
        explanations: n explanations of this model's answers.
        removal: what stands where a unit is absent.
        share: of an example's units that come back, rounded down, at least one.
        engine: one to share what the model already answered.
        seed: of the order of units that score alike, and of the removal's draws.
    Returns:
        One value an example, in probability; higher is better.
    Raises:
        ElisionError: an option is out of range, or the model cannot do the removal.
    Source: Petsiuk et al. 2018. Deviations: units, not pixels.
    Cost: share u rows an example of u units.
    """
    metered = MeteredModel(model, explanations, removal, engine, seed)
    return _auc("insertion-auc", metered, top_kept, "units inserted (%)", share, higher_is_better=True)


Subsets = Callable[[Ints], Bools]
Counts = Callable[[int], Any]


def _answers(metered: MeteredModel, subsets: Subsets, counts: Counts | None = None) -> list[Floats]:
    """Return each example's probabilities (s, c) with its top units treated.

    Args:
        metered: what is asked.
        subsets: an order of units -> known (u + 1, u), row k with the top k treated.
        counts: a number of units u -> which rows are wanted, those beyond u meaning u; None for all.
    """

    def known(explanation: Explanation) -> Bools:
        rows = subsets(ranking(explanation, metered.seed))
        last = len(rows) - 1
        return rows if counts is None else rows[np.minimum(counts(last), last)]

    return metered.answers(known)


def _curves(metered: MeteredModel, subsets: Subsets, counts: Counts | None = None) -> list[Floats]:
    """Return the explained class's probabilities (s,) for each example."""
    return [p[:, target] for p, target in zip(_answers(metered, subsets, counts), metered.targets(), strict=True)]


def _area(curve: Floats) -> float:
    """Return the mean height of straight lines through equally spaced points (p,)."""
    return float(np.trapezoid(curve, dx=1.0 / (len(curve) - 1)))


def _normalized(values: Floats, ends: Floats) -> Floats:
    """Return where values (n,) lie between the worst and the best (n, 2); NaN where both are one."""
    worst, best = ends.T
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(best - worst > 1e-9, (values - worst) / (best - worst), np.nan)


def _eraser(
    name: str,
    metered: MeteredModel,
    subsets: Subsets,
    shares: Sequence[float],
    *,
    higher_is_better: bool,
) -> Measurement:
    if not len(shares) or not all(0.0 < share <= 1.0 for share in shares):
        raise OptionError(f"shares must be numbers above 0 and at most 1, got {tuple(shares)}")
    parts = np.asarray(shares, dtype=np.float64)
    removes = subsets is top_removed

    def counts(n_units: int) -> Ints:
        return np.concatenate([[0 if removes else n_units], np.ceil(parts * n_units - 1e-9)]).astype(np.int64)

    p = np.array(_curves(metered, subsets, counts))
    values = (p[:, :1] - p[:, 1:]).mean(axis=1)
    return _measured(name, values, metered, {"shares": parts.tolist()}, higher_is_better=higher_is_better)


def _auc(
    name: str, metered: MeteredModel, subsets: Subsets, label: str, share: float, *, higher_is_better: bool
) -> Measurement:
    curves = _curves(metered, subsets, lambda n: np.arange(leading(share, n) + 1))
    x, y = shares_grid(curves, [len(explanation.units) for explanation in metered.explanations], share)
    curve = Curve(x=x, y=y, x_label=label, y_label=metered.number)
    values = np.array([_area(own) for own in curves])
    return _measured(name, values, metered, {"share": share}, higher_is_better=higher_is_better, curves={name: curve})


def _measured(name: str, values: Floats, metered: MeteredModel, settings: dict[str, Any], **more: Any) -> Measurement:
    settings = {**settings, "seed": metered.seed}
    return Measurement(name=name, values=values, removal=metered.removal.describe(), settings=settings, **more)
