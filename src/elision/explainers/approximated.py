"""What explainers share that ask about subsets chosen beforehand: the budget, all classes at once, errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from elision.approximators.subsets import Approximator
from elision.errors import BudgetError
from elision.explainers.explainer import Attribution
from elision.game.driver import Conversation
from elision.game.value import ValueFunction, Values
from elision.results.meaning import Meaning

SAMPLES_A_UNIT, SAMPLES = 2, 2048
"""How many subsets sampled explainers ask about unless told: the shap package's 2 u + 2048."""
DEFAULT_SAMPLES = f"{SAMPLES_A_UNIT} u + {SAMPLES:,}"


def default_samples(n_units: int) -> int:
    """Return how many subsets sampled explainers ask about unless told."""
    return SAMPLES_A_UNIT * n_units + SAMPLES


def attribute(
    v: ValueFunction,
    make: Callable[[int], Approximator],
    n_samples: int,
    *,
    least: int,
    record: dict[str, Any],
    meaning: Meaning | None = None,
) -> Conversation[Attribution]:
    """Ask about an approximator's subsets, as many as the budget allows, and return its scores for every class.

    Args:
        v: the game.
        make: number of samples -> approximator.
        n_samples: wanted.
        least: the fewest samples that the approximator can do with.
        record: what provenance records of the solution.
        meaning: what the scores mean, where they are more than changes of what is watched.
    Raises:
        BudgetError: the budget does not suffice for the fewest samples.
    """
    approximator, values = yield from _ask(v, make, n_samples, least)
    noise = values.watch_error(v.behaviour) if values.std_error.any() else None
    found = approximator.estimate(values.watch(v.behaviour), noise)
    own = {name: float(value[v.target]) for name, value in found.record.items()}
    left_out = 0.0 if values.left_out is None else float(values.left_out.max())
    notes = list(found.notes)
    if left_out > 0:
        notes.append(f"up to {left_out:.2g} of a word's likelihood lies outside its candidates; no error covers that")
    return Attribution(
        scores=found.scores[v.target],
        class_scores=found.scores,
        std_error=None if found.variance is None else np.sqrt(found.variance[v.target]),
        notes=tuple(notes),
        meaning=meaning,
        record={"solution": {**record, "n_subsets": approximator.n_subsets, **own}},
    )


def _ask(
    v: ValueFunction, make: Callable[[int], Approximator], n_samples: int, least: int
) -> Conversation[tuple[Approximator, Values]]:
    """Ask about as many subsets as the budget allows; return their approximator and their values."""
    approximator = make(n_samples)
    try:
        return approximator, (yield approximator.known)
    except BudgetError:
        remaining = v.engine.remaining
        assert remaining is not None
    cost = v.cost(make(least).known)
    if cost > remaining:
        raise BudgetError(
            f"budget must be at least {v.engine.evaluations + cost} for the fewest subsets that give scores of "
            f"{len(v.units)} units; got {v.engine.budget}"
        )
    low, high = least, n_samples
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if v.cost(make(middle).known) <= remaining else (low, middle)
    approximator = make(low)
    return approximator, (yield approximator.known)
