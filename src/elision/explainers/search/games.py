"""The games that a search plays: one for each way of leaving out, on the same example."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TypeVar

import numpy as np

from elision.approximators.asked import Answers, Questions, keys_of
from elision.arrays import Bools, Floats
from elision.game.driver import Conversation, side_by_side
from elision.game.value import ValueFunction, Values
from elision.removal.mixture import Mixture

T = TypeVar("T")


class Games:
    """A value function for each removal of an example.

    Attributes:
        names: the removals'.
        bounded: whether what is watched is a probability.
        cost: rows that stand for one subset, at most, under the dearest removal.

    Args:
        v: the value function, whose removal may be several.
    """

    def __init__(self, v: ValueFunction) -> None:
        self.v = v
        parts = v.removal.parts if isinstance(v.removal, Mixture) else (v.removal,)
        self._games = [v.variant(removal=part) for part in parts]
        self.names = tuple(part.name for part in parts)
        self.bounded = v.behaviour.name == "probability"
        self.cost = max(part.expected_rows for part in parts)
        self._numbers: dict[str, dict[bytes, Floats]] = {name: {} for name in self.names}

    def __len__(self) -> int:
        return len(self._games)

    @property
    def questions_left(self) -> int | None:
        """How many subsets the budget still allows to ask about; None for no end."""
        left = self.v.engine.remaining
        return None if left is None else left // self.cost

    def hold(self, search: Generator[Questions, Answers, T]) -> Conversation[T]:
        """Have the model answer a search's questions."""
        answers: Answers | None = None
        while True:
            try:
                questions = next(search) if answers is None else search.send(answers)
            except StopIteration as stop:
                found: T = stop.value
                return found
            values = yield from self.values(questions)
            answers = [self.v.watch(own) for own in values]

    def values(self, sets: Sequence[Bools]) -> Conversation[list[Values]]:
        """Return each game's values of its own sets bool (s, u)."""
        asked = [game.asking(own) for game, own in zip(self._games, sets, strict=True)]
        found = yield from side_by_side(asked)
        for name, own, values in zip(self.names, sets, found, strict=True):
            self._numbers[name].update(zip(keys_of(own), values.mean, strict=True))
        return found

    def everywhere(self, sets: Bools) -> Conversation[list[Values]]:
        """Return every game's values of the same sets bool (s, u)."""
        return (yield from self.values([sets] * len(self)))

    def stays(self, sets: Bools, name: str) -> Conversation[Bools]:
        """Return whether the answer stays with sets bool (s, u) under a removal."""
        keys = keys_of(sets)
        if not all(key in self._numbers[name] for key in keys):
            yield from self.values([sets if own == name else sets[:0] for own in self.names])
        return self._stays(name, np.array([self._numbers[name][key] for key in keys]))

    def number(self, units: Bools, name: str) -> float:
        """Return the target's probability, or score, with a set bool (u,) that was asked about."""
        return float(self._numbers[name][keys_of(units[None])[0]][self.v.target])

    def known(self, name: str) -> tuple[Bools, Bools]:
        """Return the sets bool (s, u) that were asked about under a removal, and whether the answer stays with each."""
        packed = np.array([np.frombuffer(key, dtype=np.uint8) for key in self._numbers[name]])
        sets = np.unpackbits(packed, axis=1, count=len(self.v.units)).astype(bool)
        return sets, self._stays(name, np.array(list(self._numbers[name].values())))

    def _stays(self, name: str, numbers: Floats) -> Bools:
        none = self._numbers[name][keys_of(np.zeros((1, len(self.v.units)), dtype=bool))[0]]
        return self.v.kind.stays(numbers, self.v.target, self.v.prediction, none)
