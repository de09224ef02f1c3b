"""Seeking an order by a surrogate: it proposes, games are asked about what it proposes, and it learns from that.

Single units are asked about first, alone and absent. Then, again and again: the surrogate's best order (a beam search,
then moves of single units, by what was said where something was) is taken, and each set along it goes to one of the
games that do not know it, another each time. Where all along it is known, the moves that come nearest to bettering it
are asked about too; that ends when they have bettered nothing.
"""

from __future__ import annotations

from collections.abc import Generator

import numpy as np

from elision.approximators.asked import Answers, Asked, Questions, keys_of
from elision.approximators.growing import States, settled
from elision.approximators.orders import Worth, top_kept, top_removed
from elision.approximators.subset_surrogate import SubsetSurrogate, to_link
from elision.arrays import Bools, Floats, Ints

_LEAST_WEIGHT = 0.15
"""In the surrogate, of a unit that does nothing alone, where the one that does most has 1."""
_NEAR_MOVES = 8
"""Moves that are asked about where nothing better is foretold. A choice, by cost; `python benchmarks/search.py --tune`
has none and more beside it."""
_MOST_MOVES = 8
"""Moves of a proposed order before the games are asked. A choice: more are found after the next questions."""
_SMALLEST_GAIN = 1e-9
_FEW_SIZES = 0.5
"""Where at most so many sizes count, as a share of the units, units are exchanged too. A choice."""


class Guide:
    """Seeks an order.

    Args:
        worth: what is sought.
        asked: the games.
        beam: orders that the surrogate follows.
        bounded: whether values are probabilities.
        near: moves that are asked about where nothing better is foretold; None for the usual few.
    """

    def __init__(self, worth: Worth, asked: Asked, *, beam: int, bounded: bool, near: int | None = None) -> None:
        self._near_moves = _NEAR_MOVES if near is None else near
        self._worth, self._asked, self._beam, self._bounded = worth, asked, beam, bounded
        self._counts, self._growth = (worth.kept != 0) | (worth.removed != 0), worth.filled()

    def seek(self) -> Generator[Questions, Answers, tuple[Ints, bool]]:
        """Return the best order that was met, and whether the search came to its own end."""
        asked = self._asked
        yield from self._first_questions()
        best: tuple[float, Ints] | None = None
        turn = 0
        while True:
            self._surrogate.fit(*asked.everything(), asked.n_games)
            order = self._moved(self._grown())
            unknown = self._unknown(order)
            if any(map(len, unknown)):
                if asked.left <= 0:
                    return (order if best is None else best[1]), False
                yield from asked.ask(_in_turn(unknown, turn))
                turn += 1
                continue
            value = float(self._foretold(top_kept(order), np.arange(len(order) + 1)).sum())
            if best is not None and value <= best[0] + _SMALLEST_GAIN:
                return best[1], True
            best = value, order
            yield from asked.ask([self._near(order)] * asked.n_games)

    def _first_questions(self) -> Generator[Questions, Answers, None]:
        """Ask about no, all and single units, and begin the surrogate with how much each of these does."""
        asked, n = self._asked, self._worth.n_units
        alone = np.eye(n, dtype=bool)
        ends = np.array([np.zeros(n, dtype=bool), np.ones(n, dtype=bool)])
        single = [own for own, weights in ((~alone, self._worth.removed), (alone, self._worth.kept)) if weights.any()]
        yield from asked.ask([np.concatenate([ends, *single])] * asked.n_games)
        done = np.zeros(n)
        for game in range(asked.n_games):
            none, full = to_link(asked.known(game, ends), self._bounded)
            for sets in single:
                end = none if sets[0].sum() == 1 else full
                done += np.nan_to_num(np.abs(to_link(asked.known(game, sets), self._bounded) - end))
        self._surrogate = SubsetSurrogate(done / (done.max() or 1.0) + _LEAST_WEIGHT, bounded=self._bounded)

    def _foretold(self, sets: Bools, size: Ints, worth: Worth | None = None) -> Floats:
        """Return the part of a worth (s,) that sets bool (s, u) of sizes int (s,) have, foretold where not known."""
        asked, worth = self._asked, worth or self._worth
        found = np.zeros(len(sets))
        for weights, wanted in ((worth.kept, sets), (worth.removed, ~sets)):
            if not weights.any():
                continue
            said = np.column_stack([asked.known(game, wanted) for game in range(asked.n_games)])
            open_ = np.isnan(said).any(axis=1)
            if open_.any():
                foretold = self._surrogate.predict(wanted[open_])
                said[open_] = np.where(np.isnan(said[open_]), foretold, said[open_])
            found += weights[size] * said.mean(axis=1)
        return found

    def _grown(self) -> Ints:
        """Return the best order that a beam search foretells."""
        states = States.start(self._worth.n_units)
        for k in range(1, self._worth.n_units + 1):
            sets, owner, unit = states.longer()
            gain = self._foretold(sets, np.full(len(sets), k), self._growth)
            states = states.best(sets, owner, unit, gain, self._beam)
        return np.array(states.orders[0], dtype=np.int64)

    def _moved(self, order: Ints) -> Ints:
        """Return an order with moves of single units that are foretold to better it."""
        for _ in range(_MOST_MOVES):
            gains = self._gains_of_all(order)
            best = int(settled(gains).argmax())
            if gains[best] <= _SMALLEST_GAIN:
                break
            order = _changed(order, best)
        return order

    def _gains(self, order: Ints) -> Floats:
        """Return the foretold gain (u, u) of moving the unit at each place to each other; -inf if nothing changes."""
        n, tops = len(order), top_kept(order)
        now = self._foretold(tops, np.arange(n + 1))
        start, size = (own.ravel() for own in np.meshgrid(np.arange(n), np.arange(1, n), indexing="ij"))
        forth = size <= start
        sets = tops[np.where(forth, size - 1, size + 1)].copy()
        sets[np.arange(len(sets)), order[start]] = forth
        change = np.zeros((n, n + 1))
        change[start, size] = self._foretold(sets, size) - now[size]
        summed = np.cumsum(change, axis=1)
        place = np.arange(n)
        at_start = np.take_along_axis(summed, place[:, None], axis=1)
        gains = np.where(place > place[:, None], summed[:, :n] - at_start, at_start - summed[:, :n])
        before = np.concatenate([[0], np.cumsum(self._counts[1:])])[:n]
        gains[before == before[:, None]] = -np.inf
        return gains

    def _gains_of_all(self, order: Ints) -> Floats:
        """Return the foretold gains of moves and, where few sizes count, of exchanges too, as `_changed` numbers them.

        A move changes a part of one size by the units at its border only: that is enough where all sizes count.
        """
        gains = self._gains(order).ravel()
        few = self._counts[1:-1].sum() <= _FEW_SIZES * len(order)
        return np.concatenate([gains, self._gains_of_exchanges(order).ravel()]) if few else gains

    def _gains_of_exchanges(self, order: Ints) -> Floats:
        """Return the foretold gain (u, u) of exchanging the units at two places; -inf if nothing changes."""
        n, tops = len(order), top_kept(order)
        sizes = np.flatnonzero(self._counts)
        now = self._foretold(tops, np.arange(n + 1))
        gains = np.full((n, n), -np.inf)
        for size in sizes[(sizes > 0) & (sizes < n)]:
            first, second = (own.ravel() for own in np.meshgrid(np.arange(size), np.arange(size, n), indexing="ij"))
            sets = np.repeat(tops[size][None], len(first), axis=0)
            sets[np.arange(len(sets)), order[first]] = False
            sets[np.arange(len(sets)), order[second]] = True
            gained = self._foretold(sets, np.full(len(sets), size)) - now[size]
            before = gains[first, second]
            gains[first, second] = gained + np.where(np.isfinite(before), before, 0.0)
        return gains

    def _near(self, order: Ints) -> Bools:
        """Return the sets along the moves that come nearest to bettering an order, of those not all known."""
        n = len(order)
        gains = self._gains_of_all(order)
        later = np.arange(n - 1)
        gains[(later + 1) * n + later] = -np.inf  # The same as moving the earlier one back.
        found = [self._along(order)[:0]]
        for flat in np.argsort(-settled(gains), kind="stable")[: self._near_moves]:
            if np.isfinite(gains[flat]):
                found.append(self._along(_changed(order, int(flat))))
        return np.concatenate(found)

    def _along(self, order: Ints) -> Bools:
        """Return the sets along an order that count, the weightiest first."""
        weights = np.concatenate([np.abs(self._worth.kept), np.abs(self._worth.removed)])
        by_weight = np.argsort(-weights, kind="stable")
        return np.concatenate([top_kept(order), top_removed(order)])[by_weight[weights[by_weight] > 0]]

    def _unknown(self, order: Ints) -> list[Bools]:
        """Return for each game the sets along an order that it was not asked about."""
        sets = self._along(order)
        return [sets[np.isnan(self._asked.known(game, sets))] for game in range(self._asked.n_games)]


def _changed(order: Ints, move: int) -> Ints:
    """Return an order after a move: start u + end sets a unit elsewhere, u u more than that exchanges two."""
    exchanges, places = divmod(move, len(order) ** 2)
    start, end = divmod(places, len(order))
    if not exchanges:
        return np.insert(np.delete(order, start), end, order[start])
    exchanged = order.copy()
    exchanged[[start, end]] = order[[end, start]]
    return exchanged


def _in_turn(unknown: list[Bools], turn: int) -> list[Bools]:
    """Return for each set one of the games that do not know it, another each time."""
    taken: set[bytes] = set()
    found = [sets[:0] for sets in unknown]
    for i in range(len(unknown)):
        game = (turn + i) % len(unknown)
        keys = keys_of(unknown[game])
        found[game] = unknown[game][[j for j, key in enumerate(keys) if key not in taken]]
        taken.update(keys)
    return found
