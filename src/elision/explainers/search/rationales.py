"""The smallest sets of units on which alone the answer stays, and without which it is gone."""

from __future__ import annotations

import numpy as np

from elision.approximators.seek import Sought
from elision.arrays import Bools
from elision.errors import BudgetError
from elision.explainers.search.games import Games
from elision.game.driver import Conversation
from elision.results.findings.rationales import ROLES, Rationale, Rationales, Role

_NO_BUDGET = "the budget ended before the smallest sets that keep the answer, or take it, were found"
_NOT_GIVEN = "the model does not give this answer to the whole text, so there is nothing that keeps it or takes it"


def find_rationales(games: Games, sought: Sought) -> Conversation[tuple[Rationales | None, tuple[str, ...]]]:
    """Ask about what may be spared of the smallest sets that were met, and return them.

    Under all removals together, and, where there are several, under each.

    Args:
        games: what was asked by the search.
        sought: what it found.
    """
    v = games.v
    whole = v.kind.stays(v.prediction[None], v.target, v.prediction, np.full_like(v.prediction, np.inf))
    if not whole[0]:
        return None, (_NOT_GIVEN,)
    found = []
    try:
        for names in dict.fromkeys([games.names, *((name,) for name in games.names)]):
            for role in ROLES:
                rationale = yield from _smallest(games, names, role, sought.solver == "exact")
                if rationale is not None:
                    found.append(rationale)
    except BudgetError:
        return None, (_NO_BUDGET,)
    return Rationales(tuple(found)) if found else None, ()


def _smallest(games: Games, names: tuple[str, ...], role: Role, all_asked: bool) -> Conversation[Rationale | None]:
    """Return the smallest set of a role under all of some removals, or None where none was met."""
    chosen = _met(games, names, role)
    if chosen is None:
        return None
    if not all_asked:
        chosen = yield from _spared(games, names, role, chosen)
    shown = _as_known(chosen, role)
    return Rationale(
        role,
        tuple(unit for unit, own in zip(games.v.units, chosen, strict=True) if own),
        {name: games.number(shown, name) for name in names},
        smallest=all_asked,
    )


def _met(games: Games, names: tuple[str, ...], role: Role) -> Bools | None:
    """Return the smallest of the sets that were asked about and do it under all removals; of equals the surest."""
    common: dict[bytes, Bools] | None = None
    for name in names:
        sets, stays = games.known(name)
        does = sets[stays] if role == "sufficient" else sets[~stays]
        own = {row.tobytes(): row for row in does}
        common = own if common is None else {key: row for key, row in common.items() if key in own}
    assert common is not None
    rows = [(_as_known(row, role), row) for row in common.values()]
    if not rows:
        return None
    sign = 1.0 if role == "sufficient" else -1.0

    def rank(row: tuple[Bools, Bools]) -> tuple[int, float]:
        return int(row[0].sum()), -sign * float(np.mean([games.number(row[1], name) for name in names]))

    return min(rows, key=rank)[0]


def _spared(games: Games, names: tuple[str, ...], role: Role, chosen: Bools) -> Conversation[Bools]:
    """Return a set without the units that it can do without, one after another."""
    again = True
    while again and chosen.any():
        again = False
        smaller = np.repeat(chosen[None], int(chosen.sum()), axis=0)
        smaller[np.arange(len(smaller)), np.flatnonzero(chosen)] = False
        does = np.ones(len(smaller), dtype=bool)
        for name in names:
            left = np.flatnonzero(does)
            stays = yield from games.stays(np.array([_as_known(row, role) for row in smaller[left]]), name)
            does[left] = stays if role == "sufficient" else ~stays
            if not does.any():
                break
        if does.any():
            chosen, again = smaller[np.flatnonzero(does)[0]], True
    return chosen


def _as_known(units: Bools, role: Role) -> Bools:
    """Return what is there where a set alone is kept, or is what is absent; and the other way round."""
    return units if role == "sufficient" else ~units
