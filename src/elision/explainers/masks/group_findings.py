"""What group masks find, as an Explanation shows it."""

from __future__ import annotations

from dataclasses import asdict
from itertools import combinations
from typing import Any

import numpy as np

from elision.approximators.lattice import interactions, posterior, posterior_range, posterior_slopes
from elision.arrays import Floats
from elision.explainers.masks.lattice import Lattice
from elision.explainers.masks.objective import Terms
from elision.explainers.masks.shortlist import ShortList
from elision.explainers.masks.sides import total
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
    target = v.target
    losses = total(lattice.parts, v.behaviour).T
    classes = [short.spread(own, rank=True) for own in posterior(losses, rho=rho, beta=beta)]
    found: dict[str, Any] = {"scores": classes[target], "class_scores": np.stack(classes)}
    if lattice.drawn:
        slopes = posterior_slopes(losses[target], rho=rho, beta=beta)
        found["std_error"] = short.spread(_error(v, lattice, slopes))
    elif any(part.values.bounds is not None for part in lattice.parts):
        least, most = np.sum([part.range(v.behaviour, target) for part in lattice.parts], axis=0)
        low, high = posterior_range(least, most, rho=rho, beta=beta)
        found["lower"], found["upper"] = classes[target].copy(), classes[target].copy()
        found["lower"][short.chosen], found["upper"][short.chosen] = low, high
    return found


def _error(v: ValueFunction, lattice: Lattice, slopes: Floats) -> Floats:
    """Return errors (k,) of what has these derivatives (2^k, k) by the losses."""
    by_value = [slopes * part.errors(v.behaviour, v.target)[:, None] for part in lattice.parts]
    if lattice.whole and len(by_value) > 1:
        # What a subset leaves is the subset at the other end of the lattice: one value, and one draw.
        by_value = [by_value[0] + by_value[1][::-1]]
    return np.asarray(np.sqrt(sum((own**2).sum(axis=0) for own in by_value)))


def find_notes(v: ValueFunction, short: ShortList, sides: str, *, drawn: bool = False) -> tuple[str, ...]:
    """Return what a reader must know of both sides, of units that are not short-listed, and of values drawn."""
    notes = []
    both = sides == "both"
    if both:
        notes.append(
            "what is said of groups and of pairs counts both sides, half each: what the model says of the words alone, "
            "and what it says without them"
        )
    if len(short.outside):
        order = "their scores only rank them" if short.scores is not None else "their scores are 0"
        close = "; the short-list's last places are within sampling error" if short.close else ""
        absent = "absent where words are kept alone and there where they are removed" if both else "always absent"
        notes.append(
            f"{len(short.chosen)} of {len(v.units)} units are short-listed; the other {len(short.outside)} were "
            f"{absent}, {order}{close}"
        )
    if drawn:
        notes.append("groups and interactions rest on draws of the removal, whose error they do not carry")
    return tuple(notes)


def group_record(terms: Terms, **run: Any) -> dict[str, Any]:
    """Return what provenance records: the objective's terms and the run."""
    return {"solution": {"objective": asdict(terms), **run}}
