"""Faithfulness by perturbation: what the answer does when the units that score highest go, or are all that stays.

Each metric removes units in its own way, whatever removal the explainer had; units that score alike come in a seeded
order. Removing or keeping more units than there are means all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from elision.arrays import Floats
from elision.game.engine import Engine
from elision.metrics.games import DEFAULT_REMOVAL, MeteredModel, leading, shares_grid
from elision.metrics.normalization import BEAM, check_normalization, normalized
from elision.metrics.rewards import (
    Reward,
    Sides,
    along,
    answers_kept,
    area_between,
    area_inserting,
    area_removing,
    lost_on_average,
    lost_with,
    lost_without,
    require_readable,
    rewards,
)
from elision.models.model import ModelLike
from elision.removal.removal import Removal
from elision.results.explanation import Explanation
from elision.results.measurement import Curve, Measurement

ERASER_SHARES = (0.01, 0.05, 0.1, 0.2, 0.5)
"""The shares of units that ERASER takes away (DeYoung et al. 2020)."""


@rewards(lost_on_average)
def aopc(
    model: ModelLike,
    explanations: Sequence[Explanation],
    *,
    removal: str | Removal = DEFAULT_REMOVAL,
    n_units: int = 10,
    normalize: str | None = None,
    beam: int = BEAM,
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
        normalize: None, or "exact", "beam" or "guided": how near it comes to the best order of the example's units, 0
            being the worst and 1 the best; only so are models comparable. "exact" takes at most 2^u rows, the others
            search, so that a figure may lie above 1 where they miss the best.
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
    reward = lost_on_average(n_units)
    check_normalization(normalize, beam)
    metered = MeteredModel(model, explanations, removal, engine, seed)
    sides = along(metered, reward)
    lost = np.array([line[0] - line[np.minimum(np.arange(n_units + 1), len(line) - 1)] for line in sides.removed])
    curve = Curve(x=np.arange(n_units + 1.0), y=lost, x_label="units removed", y_label=f"{metered.number} lost")
    return _measured(
        "aopc",
        metered,
        reward,
        sides,
        {"n_units": n_units, "normalize": normalize},
        scale=(normalize, beam),
        curves={"aopc": curve},
    )


@rewards(lost_without)
def comprehensiveness(
    model: ModelLike,
    explanations: Sequence[Explanation],
    *,
    removal: str | Removal = DEFAULT_REMOVAL,
    shares: Sequence[float] = ERASER_SHARES,
    normalize: str | None = None,
    beam: int = BEAM,
    engine: Engine | None = None,
    seed: int = 0,
) -> Measurement:
    """How much probability goes when the top units go: p(y | x) - p(y | x without them), averaged over shares of units.

    Args:
        model: whatever `elision.load` takes.
        explanations: n explanations of this model's answers.
        removal: what stands where a unit is absent.
        shares: of an example's units that count as top, rounded up to whole units.
        normalize: None, or "exact", "beam" or "guided": how near it comes to the best order of the example's units, 0
            being the worst and 1 the best, as in `aopc`.
        beam: for "beam", how many orders are followed.
        engine: one to share what the model already answered.
        seed: of the order of units that score alike, and of the removal's draws.
    Returns:
        One value an example, in probability; higher is better.
    Raises:
        ElisionError: an option is out of range, or the model cannot do the removal.
    Source: DeYoung et al. 2020 (ERASER), for scores that are no choice of words. Deviations: shares round up.
    Cost: one row a share and example.
    """
    reward = lost_without(shares)
    check_normalization(normalize, beam)
    metered = MeteredModel(model, explanations, removal, engine, seed)
    settings = {"shares": [float(share) for share in shares]}
    return _measured("comprehensiveness", metered, reward, along(metered, reward), settings, scale=(normalize, beam))


@rewards(lost_with)
def sufficiency(
    model: ModelLike,
    explanations: Sequence[Explanation],
    *,
    removal: str | Removal = DEFAULT_REMOVAL,
    shares: Sequence[float] = ERASER_SHARES,
    normalize: str | None = None,
    beam: int = BEAM,
    engine: Engine | None = None,
    seed: int = 0,
) -> Measurement:
    """How much probability is missing with the top units alone: p(y | x) - p(y | them), averaged over shares of units.

    Args:
        model: whatever `elision.load` takes.
        explanations: n explanations of this model's answers.
        removal: what stands where a unit is absent.
        shares: of an example's units that count as top, rounded up to whole units.
        normalize: None, or "exact", "beam" or "guided": how near it comes to the best order of the example's units, 0
            being the worst and 1 the best, as in `aopc`.
        beam: for "beam", how many orders are followed.
        engine: one to share what the model already answered.
        seed: of the order of units that score alike, and of the removal's draws.
    Returns:
        One value an example, in probability; lower is better.
    Raises:
        ElisionError: an option is out of range, or the model cannot do the removal.
    Source: DeYoung et al. 2020 (ERASER), for scores that are no choice of words. Deviations: shares round up.
    Cost: one row a share and example.
    """
    reward = lost_with(shares)
    check_normalization(normalize, beam)
    metered = MeteredModel(model, explanations, removal, engine, seed)
    settings = {"shares": [float(share) for share in shares]}
    return _measured("sufficiency", metered, reward, along(metered, reward), settings, scale=(normalize, beam))


@rewards(answers_kept)
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
    reward = answers_kept(n_units)
    metered = MeteredModel(model, explanations, removal, engine, seed)
    require_readable(reward, metered.model)
    sides = along(metered, reward)
    same = np.array([line[np.minimum(np.arange(1, n_units + 1), len(line) - 1)] for line in sides.kept])
    curve = Curve(x=np.arange(1.0, n_units + 1), y=same, x_label="units kept", y_label="answers kept")
    return _measured(
        "post-hoc-accuracy", metered, reward, sides, {"n_units": n_units}, curves={"post-hoc-accuracy": curve}
    )


@rewards(area_between)
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
    reward = area_between()
    metered = MeteredModel(model, explanations, removal, engine, seed)
    sides = along(metered, reward)
    whole, none = np.array([line[0] for line in sides.removed]), np.array([line[-1] for line in sides.removed])
    lengths = [len(explanation.units) for explanation in metered.explanations]
    curves = {}
    for name, lines in (("MoRF", sides.removed), ("LeRF", [line[::-1] for line in sides.kept])):
        x, y = shares_grid(lines, lengths)
        labels = {"x_label": "units removed (%)", "y_label": f"normalised {metered.number}"}
        curves[name] = Curve(x=x, y=y, low=none, high=whole, **labels)
    return _measured("degradation", metered, reward, sides, {}, curves=curves)


@rewards(area_removing)
def deletion_auc(
    model: ModelLike,
    explanations: Sequence[Explanation],
    *,
    removal: str | Removal = DEFAULT_REMOVAL,
    share: float = 1.0,
    normalize: str | None = None,
    beam: int = BEAM,
    engine: Engine | None = None,
    seed: int = 0,
) -> Measurement:
    """Area under the probability while units go, the highest score first.

    Args:
        model: whatever `elision.load` takes.
        explanations: n explanations of this model's answers.
        removal: what stands where a unit is absent.
        share: of an example's units that go, rounded down, at least one.
        normalize: None, or "exact", "beam" or "guided": how near it comes to the best order of the example's units, 0
            being the worst and 1 the best, as in `aopc`.
        beam: for "beam", how many orders are followed.
        engine: one to share what the model already answered.
        seed: of the order of units that score alike, and of the removal's draws.
    Returns:
        One value an example, in probability; lower is better.
    Raises:
        ElisionError: an option is out of range, or the model cannot do the removal.
    Source: Petsiuk et al. 2018. Deviations: units, not pixels.
    Cost: share u rows an example of u units.
    """
    reward = area_removing(share)
    check_normalization(normalize, beam)
    metered = MeteredModel(model, explanations, removal, engine, seed)
    sides = along(metered, reward)
    curve = _shares_curve(metered, sides.removed, share, "units removed (%)")
    settings = {"share": share}
    return _measured(
        "deletion-auc", metered, reward, sides, settings, scale=(normalize, beam), curves={"deletion-auc": curve}
    )


@rewards(area_inserting)
def insertion_auc(
    model: ModelLike,
    explanations: Sequence[Explanation],
    *,
    removal: str | Removal = DEFAULT_REMOVAL,
    share: float = 1.0,
    normalize: str | None = None,
    beam: int = BEAM,
    engine: Engine | None = None,
    seed: int = 0,
) -> Measurement:
    """Area under the probability while units come back to the empty example, the highest score first.

    Args:
        model: whatever `elision.load` takes.
        explanations: n explanations of this model's answers.
        removal: what stands where a unit is absent.
        share: of an example's units that come back, rounded down, at least one.
        normalize: None, or "exact", "beam" or "guided": how near it comes to the best order of the example's units, 0
            being the worst and 1 the best, as in `aopc`.
        beam: for "beam", how many orders are followed.
        engine: one to share what the model already answered.
        seed: of the order of units that score alike, and of the removal's draws.
    Returns:
        One value an example, in probability; higher is better.
    Raises:
        ElisionError: an option is out of range, or the model cannot do the removal.
    Source: Petsiuk et al. 2018. Deviations: units, not pixels.
    Cost: share u rows an example of u units.
    """
    reward = area_inserting(share)
    check_normalization(normalize, beam)
    metered = MeteredModel(model, explanations, removal, engine, seed)
    sides = along(metered, reward)
    curve = _shares_curve(metered, sides.kept, share, "units inserted (%)")
    settings = {"share": share}
    return _measured(
        "insertion-auc", metered, reward, sides, settings, scale=(normalize, beam), curves={"insertion-auc": curve}
    )


def _shares_curve(metered: MeteredModel, lines: Sequence[Floats], share: float, label: str) -> Curve:
    """Return lines (u + 1,) over the share of units, as far as a share of them goes."""
    lengths = [len(explanation.units) for explanation in metered.explanations]
    ends = [line[: leading(share, n) + 1] for line, n in zip(lines, lengths, strict=True)]
    x, y = shares_grid(ends, lengths, share)
    return Curve(x=x, y=y, x_label=label, y_label=metered.number)


def _measured(
    name: str,
    metered: MeteredModel,
    reward: Reward,
    sides: Sides,
    settings: Mapping[str, Any],
    *,
    scale: tuple[str | None, int] = (None, BEAM),
    curves: Mapping[str, Curve] | None = None,
) -> Measurement:
    """Return a reward's figures as a measurement, on a scale from the worst order to the best where one is told."""
    values, higher_is_better = sides.figures(reward.figure), reward.higher_is_better
    how, beam = scale
    if how is not None:
        values, higher_is_better = normalized(values, metered, reward, how, beam), True
        settings = {**settings, "normalize": how, **({"beam": beam} if how == "beam" else {})}
    return Measurement(
        name=name,
        values=values,
        weights=None if reward.weight is None else sides.figures(reward.weight),
        higher_is_better=higher_is_better,
        removal=metered.removal.describe(),
        settings={**settings, "seed": metered.seed},
        curves=curves or {},
    )
