"""A kind of answers of somebody else's: directions, which are averaged on the circle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, final

import numpy as np

import elision
from elision.arrays import Floats, Ints
from elision.models.answers import AnswerKind, Watched


@final
class Directions(AnswerKind):
    """Directions in degrees: columns cosine and sine of each of c."""

    name: ClassVar[str] = "directions"
    behaviours: ClassVar[tuple[str, ...]] = ("score",)
    bounded: ClassVar[bool] = False

    def columns(self, n_labels: int) -> int:
        """Return 2 c."""
        return 2 * n_labels

    def read(self, numbers: Floats) -> Floats:
        """Return cosines and sines of degrees (..., c)."""
        return np.concatenate([np.cos(np.radians(numbers)), np.sin(np.radians(numbers))], axis=-1)

    def numbers(self, answers: Floats) -> Floats:
        """Return degrees (..., c), -180 to 180."""
        cosine, sine = np.split(answers, 2, axis=-1)
        return np.asarray(np.degrees(np.arctan2(sine, cosine)))

    def watch(self, answers: Floats, label: int | None = None) -> Watched:
        """Return the degrees."""
        numbers = self.numbers(answers)
        return Watched(numbers if label is None else numbers[..., label])

    def mean(self, answers: Floats, owner: Ints, weight: Floats, reference: Floats, n: int) -> Floats:
        """Return the weighted sums of arrows."""
        found = np.zeros((n, answers.shape[1]))
        np.add.at(found, owner, weight[:, None] * answers)
        return found

    def deviations(self, answers: Floats, means: Floats) -> Floats:
        """Return differences, the short way round."""
        return np.asarray((self.numbers(answers) - self.numbers(means) + 180.0) % 360.0 - 180.0)

    def linear(self, answers: Floats) -> Floats:
        """Return the arrows."""
        return answers

    def of_linear(self, means: Floats) -> Floats:
        """Return the arrows."""
        return means


HEADINGS = {"left": 350.0, "right": 10.0, "round": 90.0}


class Compass(elision.BlackBox):
    """Says where a text leads: 10 degrees unless it has a word of HEADINGS."""

    answer = Directions()

    def __init__(self) -> None:
        super().__init__(lambda texts: [[heading(text)] for text in texts], labels=["heading"], name="compass")

    def answers(self, blocks: Sequence[Any]) -> Floats:
        """Return arrows."""
        return self.answer.read(np.array(self.function([e for block in blocks for e in block.examples])))


def heading(text: str) -> float:
    """Return degrees, of the last word that says where."""
    return next((HEADINGS[word] for word in reversed(text.split()) if word in HEADINGS), 10.0)
