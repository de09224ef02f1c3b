"""AUC_rep: faithfulness by replacing top units with what a language model would put there."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from elision.arrays import Floats, Ints
from elision.errors import require_count
from elision.game.engine import Engine
from elision.likelihood.filling import MASKED, Slots, invert
from elision.likelihood.likelihood import Likelihood
from elision.metrics.games import MeteredModel, leading, ranking, seeded, shares_grid
from elision.models.model import ModelLike
from elision.models.rows import Rows
from elision.removal.marginal import BoundMarginal, Marginal
from elision.results.explanation import Explanation
from elision.results.measurement import Curve, Measurement

_EXAMPLES_AT_ONCE = 32
"""Examples whose draws share batches: a bound on memory."""


def auc_rep(
    model: ModelLike,
    explanations: Sequence[Explanation],
    *,
    likelihood: Likelihood | str | os.PathLike[str] | None = None,
    share: float = 0.2,
    n_draws: int = 10,
    engine: Engine | None = None,
    seed: int = 0,
) -> Measurement:
    """Area under the probability while units, the highest score first, are replaced by draws from a language model.

    Each unit is drawn given the rest of the text, in which those before it are replaced already; a unit of several
    tokens token by token. The area is the mean height of the curve from the whole text to the last replacement,
    averaged over draws. A unit is drawn with the same random numbers whatever the order, so that methods are compared
    on like draws.

    Args:
        model: whatever `elision.load` takes.
        explanations: n explanations of this model's answers.
        likelihood: the language model, as for `Marginal`; None for the built-in one.
        share: of an example's units that are replaced, rounded down, at least one.
        n_draws: replaced texts drawn for an example.
        engine: one to share what the model already answered.
        seed: of the draws, and of the order of units that score alike.
    Returns:
        One value an example, in probability; lower is better. The metric's draws are input marginalization's own
        candidates, which favours that method.
    Raises:
        ElisionError: an option is out of range, or the likelihood model cannot work with the model.
    Source: Kim et al. 2020, Section 3.5. Deviations: special tokens are never drawn; several draws instead of one.
    Cost: at most n_draws rows through both models for each unit replaced.
    """
    require_count("n_draws", n_draws, 1)
    removal = Marginal(likelihood)
    metered = MeteredModel(model, explanations, removal, engine, seed)
    targets, curves = metered.targets(), []
    for start in range(0, len(metered.explanations), _EXAMPLES_AT_ONCE):
        chosen = metered.explanations[start : start + _EXAMPLES_AT_ONCE]
        paths = [_replacements(metered, e, leading(share, len(e.units)), n_draws) for e in chosen]
        answers = iter(metered.engine.evaluate([rows for path in paths for step in path for rows, _ in step]))
        for i, path in enumerate(paths, start):
            drawn = [np.concatenate([next(answers)[:, targets[i]] for _ in step]) for step in path]
            curves.append(np.array([p.mean() for p in drawn]))
    values = np.array([np.trapezoid(curve, dx=1.0 / (len(curve) - 1)) for curve in curves])
    lengths = [len(explanation.units) for explanation in metered.explanations]
    x, y = shares_grid(curves, lengths, share)
    return Measurement(
        name="auc-rep",
        values=values,
        higher_is_better=False,
        removal={"name": removal.name, "likelihood": removal.likelihood.describe()},
        settings={"share": share, "n_draws": n_draws, "seed": seed},
        curves={"auc-rep": Curve(x=x, y=y, x_label="units replaced (%)", y_label=metered.number)},
    )


def _replacements(
    metered: MeteredModel, explanation: Explanation, n_units: int, n_draws: int
) -> list[list[tuple[Rows, Ints]]]:
    """Return the rows of the whole text, and of the texts with the first 1 to n_units units replaced."""
    v = metered.game(explanation)
    assert isinstance(v.bound, BoundMarginal)
    slots = v.bound.slots
    uniform = seeded(explanation, metered.seed).random((n_draws, len(slots.original)))
    states = np.repeat(slots.original[None], n_draws, axis=0)
    order = ranking(explanation, metered.seed).tolist()
    path: list[list[tuple[Rows, Ints]]] = [[(v.encoding.untouched, np.zeros(1, dtype=np.int64))]]
    for n in range(1, n_units + 1):
        _redraw(slots, states, slots.of_unit[order[n - 1]], uniform)
        absent = order[:n]
        path.append(slots.render(absent, states[:, slots.slots(absent)]))
    return path


def _redraw(slots: Slots, states: NDArray[np.int32], own: Sequence[int], uniform: Floats) -> None:
    """Fill one unit's slots anew in all states (n, l), from left to right, in place."""
    states[:, own] = MASKED
    for slot in own:
        likelihood = slots.distribution(states, np.full(len(states), slot))
        states[:, slot] = invert(likelihood, uniform[:, slot])
