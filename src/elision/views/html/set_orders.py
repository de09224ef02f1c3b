"""Orders of a collection in which a reader finds first what needs a look."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from elision.results.explanation import Explanation
from elision.runs.collection import Collection, Item
from elision.runs.words import Surprise
from elision.views.shared import interval_ends


class Order(NamedTuple):
    """All explanations in an order.

    Attributes:
        name: of the order, in the page's data.
        title: what a reader calls it.
        places: int (n,); those that the order is about, then the others as they came.
        known: how many it is about.
    """

    name: str
    title: str
    places: list[int]
    known: int


def margin(explanation: Explanation) -> float | None:
    """Return by how much the likeliest class leads the second, as a probability; None where there are no two."""
    if len(explanation.labels) < 2 or not explanation.is_probability:
        return None
    second, first = np.partition(explanation.probabilities, -2)[-2:]
    return float(first - second)


def widest(explanation: Explanation) -> tuple[int, float] | None:
    """Return the unit whose interval is widest and half its width, or None where scores have no intervals."""
    ends = interval_ends(explanation)
    if ends is None or not ends.size:
        return None
    halves = ends[1] / 2 - ends[0] / 2
    i = int(np.argmax(halves))
    return i, float(halves[i])


def doubt(explanation: Explanation) -> float | None:
    """Return half the widest interval over the strongest score; infinite where all scores are 0 and it is not."""
    found = widest(explanation)
    if found is None:
        return None
    strongest = float(np.abs(explanation.scores).max())
    return found[1] / strongest if strongest > 0 else float("inf") if found[1] > 0 else 0.0


def label_probability(item: Item) -> float | None:
    """Return the model's probability of the true class, or None where it is not known."""
    if item.true_class is None:
        return None
    return float(item.explanation.probabilities[item.explanation.labels.index(item.true_class)])


def orders(collection: Collection, surprises: list[Surprise | None]) -> list[Order]:
    """Return the orders that the collection has something for, the first of them the one to begin with.

    Errors come first by the least probability of the label, scores by the largest distance to the label, ties by the
    least margin, wide intervals by the largest doubt, surprises by the largest size; equals as they came.
    """
    items = collection.items

    def by(name: str, title: str, key: Callable[[int], float | None]) -> Order:
        keys = [key(place) for place in range(len(items))]
        own = sorted((place for place, value in enumerate(keys) if value is not None), key=lambda p: keys[p] or 0.0)
        return Order(name, title, own + [place for place, value in enumerate(keys) if value is None], len(own))

    def surprise(place: int) -> float | None:
        found = surprises[place]
        return None if found is None else -found.size

    found = [
        by("errors", "errors first", lambda p: label_probability(items[p]) if items[p].wrong else None),
        by("file", "order of the file", float),
        by("far", "farthest from the label", lambda p: None if (own := items[p].distance) is None else -own),
        by("tie", "nearest to a tie", lambda p: margin(items[p].explanation)),
        by("wide", "widest intervals", lambda p: None if (own := doubt(items[p].explanation)) is None else -own),
        by("surprising", "most surprising", surprise),
        by("label", "least probable label", lambda p: label_probability(items[p])),
    ]
    return [one for one in found if one.known or (one.name == "errors" and collection.labelled)]
