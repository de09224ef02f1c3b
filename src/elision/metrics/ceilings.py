"""Ceilings: how good, and how bad, a metric's figure can be for given examples, whatever explains them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from inspect import signature
from typing import Any

import numpy as np

from elision.approximators.seek import BEAM
from elision.errors import OptionError, require_count, require_one_of
from elision.game.engine import Engine
from elision.metrics.extremes import SOLVERS, extremes
from elision.metrics.games import MeteredModel
from elision.metrics.registry import GIVEN, METRICS, Metric, split_removal
from elision.metrics.rewards import Reward, along, require_readable
from elision.models.model import ModelLike
from elision.results.attainable import Attainable
from elision.results.explanation import Explanation


def attainable(
    metric: str | Metric,
    model: ModelLike,
    explanations: Sequence[Explanation],
    *,
    solver: str = "auto",
    beam: int = BEAM,
    budget: int | None = None,
    engine: Engine | None = None,
    seed: int = 0,
    **options: Any,
) -> Attainable:
    """Seek the worst and the best figure that any order of each example's units has under a metric and its removal.

    Each metric that removes or keeps units in an order is a sum, over the order's top parts, of what the model says
    with and without them; so the order with the largest sum is sought, and the one with the smallest.

    Args:
        metric: its name, NAME@REMOVAL too, or its function.
        model: whatever `elision.load` takes.
        explanations: of this model's answers; only their examples, units and targets count, no scores.
        solver: "exact" asks about all subsets that count, for up to 16 units, and its ends are proven; "guided" lets a
            surrogate propose orders, "beam" lengthens the best ones, and what they find bounds the ends from within;
            "auto" takes the exact one for up to 4,096 subsets, and the guided one elsewhere.
        beam: orders that are followed at once, for "guided" and "beam".
        budget: the most rows through the model for an example, or None.
        engine: one to share what the model already answered.
        seed: of the removal's draws.
        options: the metric's own, such as removal=, n_units=, share= or shares=.
    Returns:
        The worst and the best, float64 (n, 2) and over all examples, and where they are proven.
    Raises:
        OptionError: the metric does not say what it rewards, or an option is out of range.
        BudgetError: the budget does not suffice.
    Source: Edin et al. 2025, Section 4; Zhou & Shah 2023. Deviations: besides AOPC other metrics; the surrogate.
    Cost: exact: a row for each subset that counts, 2^u at most, the same for all metrics of a removal; guided: some 20
        rows a unit, or 35 where both sides count.
    """
    require_one_of("solver", solver, SOLVERS)
    require_count("beam", beam, 1)
    require_count("budget", 1 if budget is None else budget, 1)
    if isinstance(metric, str):
        name, removal = split_removal(metric)
        metric = METRICS.find(name)
        options = options if removal is None else {"removal": removal} | options
    chosen = _chosen(metric, options)
    reward = _reward(metric, chosen)
    metered = MeteredModel(model, explanations, chosen["removal"], engine, seed)
    require_readable(reward, metered.model)
    return _sought(_name(metric), metered, reward, {"solver": solver, "beam": beam, "budget": budget})


def _sought(name: str, metered: MeteredModel, reward: Reward, search: Mapping[str, Any]) -> Attainable:
    before = metered.engine.evaluations
    found = extremes(metered, reward, **search)
    ends = np.array([[own.low, own.high] if reward.higher_is_better else [own.high, own.low] for own in found])
    weight = reward.weight
    return Attainable(
        name=name,
        ends=ends,
        proven=np.array([own.proven for own in found]),
        higher_is_better=reward.higher_is_better,
        weights=None if weight is None else along(metered, Reward(weight)).figures(weight),
        removal=metered.removal.describe(),
        settings={**search, "seed": metered.seed},
        evaluations=metered.engine.evaluations - before,
    )


def says_reward(metric: Metric) -> bool:
    """Tell whether a metric says what it rewards in an order of units."""
    return hasattr(_function(metric), "reward")


def has_ceiling(metric: Metric) -> bool:
    """Tell whether `attainable` knows what a metric rewards; of a normalised one the figures are shares already."""
    return says_reward(metric) and _chosen(metric, {}).get("normalize") is None


def _function(metric: Metric) -> Metric:
    return _function(metric.func) if isinstance(metric, partial) else metric


def _name(metric: Metric) -> str:
    return str(getattr(_function(metric), "__name__", metric)).replace("_", "-")


def _chosen(metric: Metric, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return a metric's options with their values.

    Raises:
        OptionError: it has none of that name.
    """
    given = dict(options)
    while isinstance(metric, partial):
        given, metric = metric.keywords | given, metric.func
    parameters = {name: own for name, own in signature(metric).parameters.items() if name not in GIVEN}
    for name in given.keys() - GIVEN:
        if name not in parameters:
            require_one_of(f"option of {_name(metric)}", name, tuple(parameters))
    return {name: given.get(name, own.default) for name, own in parameters.items()}


def _reward(metric: Metric, chosen: Mapping[str, Any]) -> Reward:
    """Return what a metric rewards.

    Raises:
        OptionError: it does not say so, or gives shares already.
    """
    make = getattr(_function(metric), "reward", None)
    if make is None:
        names = ", ".join(name for name in METRICS if hasattr(METRICS[name], "reward"))
        raise OptionError(f"{_name(metric)} has no ceiling, as it does not say what it rewards; those that do: {names}")
    if chosen.get("normalize") is not None:
        raise OptionError(
            f"normalize must be None for what is attainable, got {chosen['normalize']!r}: normalised figures lie "
            "between 0 and 1 already"
        )
    found: Reward = make(**{name: chosen[name] for name in signature(make).parameters})
    return found
