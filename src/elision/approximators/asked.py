"""What games said of subsets of units, each asked about once."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import numpy as np

from elision.arrays import Bools, Floats, Ints

Questions = list[Bools]
"""For each of g games on the same units, sets known bool (s, u)."""
Answers = list[Floats]
"""For each game the values float64 (s,) of its sets."""


class Asked:
    """What games said of subsets, each asked about once.

    Attributes:
        most: subsets asked about at most, over all games; None for no end.

    Args:
        n_units: u.
        n_games: g.
        most: likewise.
    """

    def __init__(self, n_units: int, n_games: int, most: int | None = None) -> None:
        self.n_units, self.n_games = n_units, n_games
        self.most = most
        self._values: list[dict[bytes, float]] = [{} for _ in range(n_games)]
        self._known: list[Bools] = []
        self._game: list[int] = []
        self._said: list[float] = []

    @property
    def left(self) -> float:
        """How many may still be asked about."""
        return np.inf if self.most is None else self.most - len(self._said)

    @property
    def n(self) -> int:
        """How many were asked about."""
        return len(self._said)

    def everything(self) -> tuple[Bools, Ints, Floats]:
        """Return known bool (n, u), games int (n,) and values float64 (n,)."""
        return np.array(self._known), np.array(self._game), np.array(self._said)

    def known(self, game: int, sets: Bools) -> Floats:
        """Return a game's values of sets bool (s, u), NaN where it was not asked."""
        table = self._values[game]
        return np.array([table.get(key, np.nan) for key in keys_of(sets)])

    def ask(self, wanted: Sequence[Bools]) -> Generator[Questions, Answers, None]:
        """Ask each game about sets bool (s, u), those not yet asked about, as far as there are questions left."""
        questions = []
        room = self.left
        for game, sets in enumerate(wanted):
            fresh = {key: i for i, key in reversed(list(enumerate(keys_of(sets)))) if key not in self._values[game]}
            chosen = sorted(fresh.values())[: int(min(room, len(fresh)))]
            room -= len(chosen)
            questions.append(sets[chosen])
        if any(map(len, questions)):
            answers = yield questions
            for game, (sets, values) in enumerate(zip(questions, answers, strict=True)):
                self._values[game].update(zip(keys_of(sets), values.tolist(), strict=True))
                self._known += list(sets)
                self._game += [game] * len(sets)
                self._said += values.tolist()

    def mean(self, sets: Bools) -> Generator[Questions, Answers, Floats]:
        """Return the mean game's values float64 (s,) of sets bool (s, u), asking about those not known."""
        yield from self.ask([sets] * self.n_games)
        return np.asarray(np.mean([self.known(game, sets) for game in range(self.n_games)], axis=0))


def keys_of(sets: Bools) -> list[bytes]:
    """Return what tells sets bool (s, u) apart."""
    return [row.tobytes() for row in np.packbits(sets, axis=1)]
