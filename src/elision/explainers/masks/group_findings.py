"""What group masks find, as an Explanation shows it."""

from __future__ import annotations

from dataclasses import asdict
from itertools import combinations
from typing import Any

import numpy as np

from elision.approximators.lattice import interactions, posterior, posterior_error, posterior_range
from elision.arrays import Floats
from elision.explainers.masks.lattice import Lattice
from elision.explainers.masks.objective import Terms
from elision.explainers.masks.shortlist import ShortList
from elision.game.value import ValueFunction
from elision.results.explanation import Group, Interaction
from elision.results.meaning import Meaning

MEANING = Meaning("weighted attribution", "probability", signed=False)


def find_groups(
    v: ValueFunction, short: ShortList, membership: Floats, importance: Floats, losses: Floats
) -> tuple[Group, ...]:
    """Return the groups from phi (k, t), psi (t,) and the groups' losses (t,)."""
    likeliest = membership.argmax(axis=1)
    return tuple(
        Group(
            tuple(v.units[unit] for unit in short.chosen[likeliest == i]),
            float(importance[i]),
            float(losses[i]),
            short.spread(membership[:, i]),
        )
        for i in range(membership.shape[1])
    )


def find_interactions(v: ValueFunction, lattice: Lattice) -> tuple[Interaction, ...]:
    """Return the interactions of all pairs of short-listed units: across the texts first, then the strongest."""
    shapley, banzhaf = interactions(-lattice.losses)
    found = [
        Interaction(v.units[lattice.units[i]], v.units[lattice.units[j]], float(shapley[i, j]), float(banzhaf[i, j]))
        for i, j in combinations(range(lattice.k), 2)
    ]
    return tuple(sorted(found, key=lambda pair: (not pair.across, -abs(pair.shapley))))


def find_posterior(v: ValueFunction, lattice: Lattice, short: ShortList, *, rho: Floats, beta: float) -> dict[str, Any]:
    """Return scores for all classes, with errors where values were sampled and bounds where they were truncated."""
    values, target = lattice.values, v.target
    losses = -values.watch(v.behaviour).T
    classes = [short.spread(own, rank=True) for own in posterior(losses, rho=rho, beta=beta)]
    found: dict[str, Any] = {"scores": classes[target], "class_scores": np.stack(classes)}
    bounds = values.watch_bounds(v.behaviour, target)
    if values.std_error.any():
        width = 0.0 if bounds is None else (values.upper - values.lower)[:, target] / 2.0
        slope = v.behaviour.slope_of(values.kind.watch(values.answers, target))
        error = slope * np.hypot(values.std_error[:, target], width)
        found["std_error"] = short.spread(posterior_error(losses[target], error, rho=rho, beta=beta))
    elif bounds is not None:
        low, high = posterior_range(-bounds[1], -bounds[0], rho=rho, beta=beta)
        found["lower"], found["upper"] = classes[target].copy(), classes[target].copy()
        found["lower"][short.chosen], found["upper"][short.chosen] = low, high
    return found


def find_notes(v: ValueFunction, short: ShortList, *, drawn: bool = False) -> tuple[str, ...]:
    """Return what a reader must know of units that are not short-listed, and of values that were drawn."""
    notes = []
    if len(short.outside):
        order = "their scores only rank them" if short.scores is not None else "their scores are 0"
        close = "; the short-list's last places are within sampling error" if short.close else ""
        notes.append(
            f"{len(short.chosen)} of {len(v.units)} units are short-listed; the other {len(short.outside)} were always "
            f"absent, {order}{close}"
        )
    if drawn:
        notes.append("groups and interactions rest on draws of the removal, whose error they do not carry")
    return tuple(notes)


def group_record(terms: Terms, **run: Any) -> dict[str, Any]:
    """Return what provenance records: the objective's terms and the run."""
    return {"solution": {"objective": asdict(terms), **run}}
