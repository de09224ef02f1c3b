"""Scores that agree with an order of units: what each adds along it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from elision.approximators.orders import contributions, falling, pooled, top_kept, top_removed
from elision.arrays import Floats, Ints
from elision.explainers.search.games import Games
from elision.game.driver import Conversation
from elision.game.value import Values
from elision.results.meaning import change_in

_DRAWN = "the order was chosen by what was drawn, so that its scores are somewhat too far apart; no error holds that"


def score_order(games: Games, order: Ints, share: float) -> Conversation[dict[str, Any]]:
    """Ask about all sets along an order, and return Attribution's arguments.

    Args:
        games: what is asked.
        order: int (u,), the first unit first.
        share: of the removed side.
    """
    v, u = games.v, len(order)
    kept = yield from games.everywhere(top_kept(order))
    removed = yield from games.everywhere(top_removed(order))
    k, r = _mean(games, kept), _mean(games, removed)
    scores = np.empty(u)
    scores[order] = falling(contributions(k, r, share))
    found: dict[str, Any] = {
        "scores": scores,
        "meaning": change_in(v.behaviour.name, v.behaviour.unit, adds_up_to="all words' effect together"),
        "notes": _notes(kept),
    }
    if any(values.std_error.any() for values in (*kept, *removed)):
        found["std_error"] = np.empty(u)
        found["std_error"][order] = _errors(games, kept, removed, contributions(k, r, share), share)
    return found


def _mean(games: Games, values: list[Values]) -> Floats:
    """Return what is watched of the target float64 (u + 1,), on average over the removals."""
    return np.asarray(np.mean([games.v.watch(own) for own in values], axis=0))


def _errors(games: Games, kept: list[Values], removed: list[Values], added: Floats, share: float) -> Floats:
    """Return standard errors (u,) by rank, of each pooled block's mean: it hangs on the values at the block's ends."""
    v = games.v
    blocks = pooled(added)
    variance = np.zeros(len(added) + 1)
    for weight, side in ((1.0 - share, kept), (share, removed)):
        own = np.sum([own.watch_error(v.behaviour, v.target) ** 2 for own in side], axis=0) / len(side) ** 2
        variance += weight**2 * own
    error = [np.sqrt(variance[a] + variance[b]) / (b - a) for a, b in pairwise(blocks)]
    return np.repeat(error, np.diff(blocks))


def _notes(values: list[Values]) -> tuple[str, ...]:
    """Return what a reader must know of values that were drawn, or truncated."""
    notes = [_DRAWN] if any(own.std_error.any() for own in values) else []
    left_out = max((float(own.left_out.max()) for own in values if own.left_out is not None), default=0.0)
    if left_out > 0:
        notes.append(f"up to {left_out:.2g} of a word's likelihood lies outside its candidates; no error covers that")
    return tuple(notes)
