"""The sides of a mask: what the units that it keeps say alone, and what the example says without them.

loss(w) = -b(w), or with both sides 1/2 [-b(w) - b'(all but w)]: b' is the behaviour of any answer but the target
(`Behaviour.against`). With the cross entropy that is -1/2 ln [p(y | w) (1 - p(y | all but w))]: both sides are bounded
below by 0 alike, and their mean has the scale of one. All but w has the units outside the short-list too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from elision.arrays import Bools, Floats
from elision.game.behaviour import Behaviour
from elision.game.driver import Conversation
from elision.game.value import ValueFunction, Values

SIDES = ("kept", "both")
SHARE_REMOVED = 0.5
"""Of the removed side in a loss of both: they count alike. On dev pairs a larger share adds to AOPC and takes from
post-hoc accuracy, a smaller one the other way:
`python benchmarks/sides.py --split dev --skip 300 --pairs 40 --shares 0.3,0.5,0.7,1.0`."""


@dataclass(frozen=True, eq=False)
class Side:
    """One side's part of the losses of s masks.

    Attributes:
        values: what the model says on that side, of each mask.
        removed: False where they are of the units kept, True where they are of all others.
        weight: of the side in the loss.
    """

    values: Values
    removed: bool
    weight: float

    def losses(self, behaviour: Behaviour, label: int | None = None) -> Floats:
        """Return the side's part of the losses of one label (s,), or of all (s, c)."""
        watched = self.values.kind.watch(self.values.answers, label)
        return np.asarray(-self.weight * (behaviour.against(watched) if self.removed else behaviour.of(watched)))

    def range(self, behaviour: Behaviour, label: int) -> tuple[Floats, Floats]:
        """Return the least and the most, two (s,), that the part may be, given what was truncated."""
        if self.values.bounds is None:
            exact = self.losses(behaviour, label)
            return exact, exact
        low, high = (side.of_label(label) for side in self.values.bounds)
        function, likely, unlikely = (behaviour.against, low, high) if self.removed else (behaviour.of, high, low)
        return -self.weight * function(likely), -self.weight * function(unlikely)

    def errors(self, behaviour: Behaviour, label: int) -> Floats:
        """Return the part's errors (s,), to first order: a draw's standard error and half of what was truncated.

        They have the sign of the part's derivative, so that what two parts share can be told.
        """
        watched = self.values.kind.watch(self.values.answers, label)
        slope = behaviour.slope_against(watched) if self.removed else behaviour.slope_of(watched)
        width = np.zeros(len(slope))
        if self.values.bounds is not None:
            width = (self.values.upper - self.values.lower)[:, label] / 2.0
        return np.asarray(-self.weight * slope * np.hypot(self.values.std_error[:, label], width))


def ask_sides(v: ValueFunction, known: Bools, sides: str) -> Conversation[tuple[Side, ...]]:
    """Ask about masks bool (s, u), True where a unit is kept: what each keeps and, for "both", what it leaves."""
    if sides == "kept":
        return (Side((yield from v.asking(known)), False, 1.0),)
    values = yield from v.asking(np.concatenate([known, ~known]))
    n = len(known)
    kept, others = values.at(slice(n)), values.at(slice(n, None))
    return Side(kept, False, 1.0 - SHARE_REMOVED), Side(others, True, SHARE_REMOVED)


def total(sides: tuple[Side, ...], behaviour: Behaviour, label: int | None = None) -> Floats:
    """Return the losses of one label (s,), or of all (s, c)."""
    return np.asarray(sum(side.losses(behaviour, label) for side in sides))
