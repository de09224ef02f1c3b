"""A set's explanations as the page's script reads them: some hundred bytes for a sentence."""

from __future__ import annotations

import json
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from elision.results.explanation import Explanation
from elision.runs.collection import Collection, Item
from elision.runs.words import Surprise
from elision.views.answers import score_digits
from elision.views.html.set_entry import kind_name, said
from elision.views.html.set_orders import Order
from elision.views.rationales import MARKS, marked, marks
from elision.views.shared import is_signed, pieces, score_title

_PROBABILITIES = 5
_LARGE = 10


class _Names:
    """Names by their numbers, in the order of first use."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {}

    def __call__(self, name: str) -> int:
        return self.known.setdefault(name, len(self.known))


def data(collection: Collection, orders: Sequence[Order], surprises: Sequence[Surprise | None]) -> str:
    """Return the data as JSON that holds no markup.

    Each item is [texts, lengths, scores, spread, likelihoods, target, kind, answers, label, surprise, notes,
    sets]. A
    text's lengths are, in UTF-16 units, what lies before a word and the word, word after word; scores and what belongs
    to them have the words text by text. Scores have three significant digits and two decimals at least; spread is
    standard errors, or [lower bounds, upper bounds], or 0; answers are class, value, class, value for the likeliest
    five, the target and the label; surprise is [word, mean elsewhere, times], or 0; sets are the
    words of that which keeps the answer and of that which takes it, or 0. Where the model answers with scores
    all numbers are whole, answers begin with the target, a label is [value], and a score's number of decimals follows.
    """
    classes, notes = _Names(), _Names()
    items = [_item(item, found, classes, notes) for item, found in zip(collection.items, surprises, strict=True)]
    firsts: dict[Hashable, Explanation] = {}
    for item in collection.items:
        firsts.setdefault(item.kind, item.explanation)
    kinds = [
        {
            "said": kind_name(kind),
            "title": score_title(firsts[i]),
            "signed": is_signed(firsts[i]),
            "unit": firsts[i].unit_of_scores,
            "scoring": not firsts[i].is_probability,
        }
        for i, kind in enumerate(collection.kinds)
    ]
    told = {
        "classes": [said(name) for name in classes.known],
        "notes": list(notes.known),
        "kinds": kinds,
        "marks": MARKS,
        "orders": {order.name: [order.known, order.places] for order in orders if order.name != "file"},
        "items": items,
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def _item(item: Item, surprise: Surprise | None, classes: _Names, notes: _Names) -> list[Any]:
    explanation = item.explanation
    scoring = not explanation.is_probability
    number = float if scoring else _number
    sides = range(len(explanation.segments))
    order = [i for side in sides for i, unit in enumerate(explanation.units) if unit.segment == side]
    spread: Any = 0
    if explanation.std_error is not None:
        spread = [number(value) for value in explanation.std_error[order]]
    elif explanation.lower is not None and explanation.upper is not None:
        spread = [[number(value) for value in ends[order]] for ends in (explanation.lower, explanation.upper)]
    texts, lengths = zip(*(_pieces(explanation, side) for side in sides), strict=True)
    likely = explanation.likelihoods
    return [
        texts,
        lengths,
        [number(value) for value in explanation.scores[order].tolist()],
        spread,
        0 if likely is None else [None if np.isnan(value) else _number(value) for value in likely[order].tolist()],
        classes(explanation.target),
        item.kind,
        _scores(explanation, classes) if scoring else _probabilities(item, classes),
        -1 if item.label is None else classes(item.label) if isinstance(item.label, str) else [item.label],
        [order.index(surprise.unit), number(surprise.elsewhere), surprise.times] if surprise else 0,
        [notes(str(note)) for note in explanation.notes],
        _sets(explanation, order),
        *[score_digits(explanation)] * scoring,
    ]


def _sets(explanation: Explanation, order: list[int]) -> Any:
    """Return the words of each mark, by their places in the order, or 0."""
    own = marks(explanation)
    return 0 if own is None else [[at for at, i in enumerate(order) if mark in marked(own[i])] for mark in MARKS]


def _pieces(explanation: Explanation, segment: int) -> tuple[str, list[int]]:
    """Return a text as its pieces give it, and the lengths of what lies before each word and of the word."""
    parts, lengths, gap = [], [], 0
    for text, i in pieces(explanation, segment):
        parts.append(text)
        if i is None:
            gap = _length(text)
        else:
            lengths += [gap, _length(text)]
            gap = 0
    return "".join(parts), lengths


def _length(text: str) -> int:
    """Return a text's length as the script counts it."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def _probabilities(item: Item, classes: _Names) -> list[float]:
    explanation = item.explanation
    wanted = np.argsort(-explanation.probabilities, kind="stable")[:_PROBABILITIES].tolist()
    for name in (explanation.target, item.true_class):
        if name is not None and (i := explanation.labels.index(name)) not in wanted:
            wanted.append(i)
    told = []
    for i in wanted:
        value = float(explanation.probabilities[i])
        short = float(f"{value:.5g}")
        # A probability that is nearly 1 must not be told as 1.
        told += [classes(explanation.labels[i]), 0.99999 if short == 1 and value < 1 else short]
    return told


def _scores(explanation: Explanation, classes: _Names) -> list[float]:
    """Return the first outputs with their scores, the target before the others."""
    wanted = sorted(range(len(explanation.labels)), key=lambda i: explanation.labels[i] != explanation.target)
    told: list[float] = []
    for i in wanted[:_PROBABILITIES]:
        told += [classes(explanation.labels[i]), float(explanation.answers[i])]
    return told


def _number(value: float) -> float:
    """Return a number as short as it may be without its two decimals being told otherwise."""
    short = round(value, 2) if abs(value) >= _LARGE else float(f"{value:.3g}")
    if f"{short:.2f}" != f"{value:.2f}":
        return value
    return int(short) if short.is_integer() and abs(short) < 1e6 else short
