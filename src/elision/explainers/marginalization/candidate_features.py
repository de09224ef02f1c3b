"""What is known of a text's candidates before the model is asked about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elision.arrays import Floats
from elision.explainers.marginalization.links import Link
from elision.explainers.marginalization.surrogate import SHARED, Prior
from elision.explainers.marginalization.warm_start import WarmStart, warm_prior
from elision.game.value import ValueFunction
from elision.likelihood.embedding_features import COMPONENTS, active_directions
from elision.likelihood.filling import Fillings, Slots

_OWN_COMPONENTS = 16
"""Leading components of which a unit has weights of its own. A choice: a unit has few answers to learn them from."""

_MOST_LABELS = 4
"""Up to so many labels each has its gradient, which costs a row; of more the explained one only. A choice."""

_ALONG, _PREDICTED = 10 / 3, 7 / 3
"""How much more is expected of a nat along active directions, and as predicted, than of a component. Choices."""

_FURTHEST = 20.0
"""What a gradient predicts is cut there, for it holds nearby only. A choice."""


@dataclass(frozen=True, eq=False)
class TextFeatures:
    """Features of all candidates of a text's units.

    Directions, what the gradient predicts, leading components, and for each label the warm prediction; all as a link
    has it, for log-odds in nats.

    Attributes:
        directions: for each unit float32 (n, r): how far candidates move along the text's active directions.
        predicted: for each unit float32 (n, k): the change of k labels' log-odds or scores that the gradient predicts.
        components: float32 (V, d), of all the vocabulary; d may be 0.
        warm: float32 (V, c), warm predictions, or None.
        prior: of the features' shared weights.
    """

    directions: list[NDArray[np.float32]]
    predicted: list[NDArray[np.float32]]
    components: NDArray[np.float32]
    warm: NDArray[np.float32] | None
    prior: Prior

    @property
    def n_own(self) -> int:
        """How many leading features have a weight of each unit's own."""
        first = sum(int(part[0].shape[1]) for part in (self.directions, self.predicted) if part)
        return first + min(_OWN_COMPONENTS, int(self.components.shape[1]))

    def rows(self, unit: int, fills: NDArray[np.int32], index: Any) -> NDArray[np.float32]:
        """Return float32 (m, d), the features of a unit's candidates of an index, whose fillings are fills (n, k)."""
        chosen = fills[index]
        leading = self.components[:, :COMPONENTS]
        parts = [self.directions[unit][index], self.predicted[unit][index], leading[chosen].mean(axis=1)]
        return np.concatenate([*parts, *([] if self.warm is None else [self.warm[chosen].sum(axis=1)])], axis=1)

    def lesson(self, unit: int, fills: NDArray[np.int32], index: Any) -> NDArray[np.float32]:
        """Return float32 (m, d), the features from which other texts can learn: predictions and all components."""
        return np.concatenate([self.predicted[unit][index], self.components[fills[index]].mean(axis=1)], axis=1)


@dataclass(frozen=True, eq=False)
class Slopes:
    """How the model's answer changes at the text itself.

    Attributes:
        labels: k indices.
        gradients: float32 (k, l, e), of each of those labels' log-odds in nats, or score, by a token's embedding.
    """

    labels: list[int]
    gradients: NDArray[np.float32]


def text_slopes(v: ValueFunction, slots: Slots) -> Slopes | None:
    """Return how the model's answer changes at a text, where the model tells and shares its tokens.

    Cost: counted as one row for each label watched.
    """
    if not slots.of_model or not v.model.gives_gradients:
        return None
    c = len(v.model.labels)
    labels = [1] if c == 2 and v.kind.exclusive else list(range(c)) if c <= _MOST_LABELS else [v.target]
    return Slopes(labels, v.engine.linearize(v.encoding.untouched, labels))


def text_features(
    v: ValueFunction,
    slots: Slots,
    fillings: Sequence[Fillings],
    slopes: Slopes | None,
    link: Link,
    warm: WarmStart | None,
) -> TextFeatures:
    """Return the features of all candidates of a text's units.

    Args:
        v: the game.
        slots: its units as they are filled.
        fillings: each unit's candidates.
        slopes: of the model's answer, or None.
        link: how answers look to the surrogate.
        warm: what was learnt on other texts, or None.
    """
    c = len(v.model.labels)
    components = np.zeros((slots.size, 0), np.float32) if slots.features is None else slots.features()[0]
    if slopes is None:
        directions = predicted = [np.zeros((len(filling.fills), 0), np.float32) for filling in fillings]
    else:
        scaled = (slopes.gradients / link.unit[slopes.labels, None, None]).astype(np.float32)
        directions, predicted = _first_order(v, slots, fillings, scaled)
    r, k = directions[0].shape[1] if fillings else 0, predicted[0].shape[1] if fillings else 0
    d = min(COMPONENTS, components.shape[1])
    if warm is None or c > _MOST_LABELS or len(warm.precision) != k + components.shape[1]:
        flat = Prior(np.zeros((r + k + d, c)), np.ones(r + k + d))
        return TextFeatures(directions, predicted, components, None, flat)
    weights = warm.weights()
    by_word = (SHARED * components @ weights[k:]).astype(np.float32)
    return TextFeatures(directions, predicted, components, by_word, warm_prior(weights, r, k, d))


def _first_order(
    v: ValueFunction, slots: Slots, fillings: Sequence[Fillings], gradients: NDArray[np.float32]
) -> tuple[list[NDArray[np.float32]], list[NDArray[np.float32]]]:
    """Return for each unit what the model's gradient at the text itself says of candidates, as TextFeatures has it."""
    places = sorted({slot for filling in fillings for slot in slots.slots(filling.absent)})
    directions = active_directions(np.concatenate(list(gradients[:, places])))
    r = directions.shape[1]
    along, predicted = [], []
    for filling in fillings:
        features = np.zeros((len(filling.fills), r + len(gradients)), np.float32)
        for k, slot in enumerate(slots.slots(filling.absent)):
            moved = v.model.embed(filling.fills[:, k]) - v.model.embed(slots.original[slot : slot + 1])
            features += moved @ np.concatenate([_ALONG * directions, _PREDICTED * gradients[:, slot].T], axis=1)
        features = np.clip(features, -_FURTHEST, _FURTHEST)
        along.append(features[:, :r])
        predicted.append(features[:, r:])
    return along, predicted


def sort_keys(slots: Slots, filling: Fillings) -> Floats:
    """Return float64 (n,), a sort key that puts like candidates side by side."""
    first = filling.fills[:, 0]
    return first.astype(np.float64) if slots.features is None else slots.features()[1][first]
