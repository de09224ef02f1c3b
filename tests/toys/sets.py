"""Sets of explanations, and what a page of them says, reckoned slowly."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
from scipy import stats

from elision.runs.collection import Collection, collect
from elision.runs.file import LabelledExplanation
from elision.runs.words import Surprise, Words
from elision.views.html.set_orders import Order, orders
from toys.reports import explained, parse

VOCABULARY = "Film film a plot not NOT good dull . twist song Ending".split()


def drawn(n: int = 40, seed: int = 0, **changes: Any) -> list[LabelledExplanation]:
    """Return explanations of words drawn at random, most with labels; every fourth is a pair."""
    rng = np.random.default_rng(seed)
    found = []
    for i in range(n):
        words = " ".join(rng.choice(VOCABULARY, rng.integers(1, 8)))
        scores = rng.normal(0, 2, words.count(" ") + 1)
        p = float(rng.uniform())
        settings = {
            "probabilities": np.array([1 - p, p]),
            "target": str(rng.choice(["negative", "positive"])),
            "std_error": rng.uniform(0, 1, len(scores)),
        }
        text: Any = (words, "a good plot") if i % 4 == 0 else words
        if i % 4 == 0:
            scores = np.append(scores, rng.normal(0, 2, 3))
            settings["std_error"] = rng.uniform(0, 1, len(scores))
        label = str(rng.choice(["negative", "positive"])) if i % 5 else None
        found.append(LabelledExplanation(explained(text, scores, **(settings | changes)), label))
    return found


def occurrences(run: list[LabelledExplanation]) -> dict[tuple[bool, str, int, str], list[tuple[int, float]]]:
    """Return for each word its explanations and scores there."""
    found: dict[tuple[bool, str, int, str], list[tuple[int, float]]] = {}
    for place, one in enumerate(run):
        e = one.explanation
        for unit, score in zip(e.units, e.scores, strict=True):
            key = (len(e.segments) > 1, e.target, unit.segment, unit.text.lower())
            found.setdefault(key, []).append((place, float(score)))
    return found


def slow_reach(own: list[tuple[int, float]]) -> float:
    """Return half the 95 % interval of a mean of clusters, as its formula says."""
    mean = np.mean([score for _, score in own])
    sums = [sum(s - mean for p, s in own if p == place) for place in {p for p, _ in own}]
    g = len(sums)
    if g < 2:
        return math.nan
    return float(stats.t.ppf(0.975, g - 1) * math.sqrt(g / (g - 1) * sum(s * s for s in sums)) / len(own))


def slow_surprise(run: list[LabelledExplanation], place: int) -> Surprise | None:
    e, all_ = run[place].explanation, occurrences(run)
    pair, best = len(e.segments) > 1, None
    known = [s for key, own in all_.items() if key[:2] == (pair, e.target) for _, s in own]
    floor = math.sqrt(sum(s * s for s in known) / len(known))
    for i, unit in enumerate(e.units):
        there = [s for p, s in all_[pair, e.target, unit.segment, unit.text.lower()] if p != place]
        if len(there) >= 3:
            size = abs(e.scores[i] - np.mean(there)) / max(np.std(there, ddof=1), floor)
            if best is None or size > best.size:
                best = Surprise(i, float(e.scores[i]), float(np.mean(there)), len(there), float(size))
    return best


def ordered(run: list[LabelledExplanation]) -> tuple[Collection, dict[str, Order]]:
    collection = collect(run)
    return collection, {order.name: order for order in orders(collection, Words(collection).surprises())}


def data(page: str) -> dict[str, Any]:
    found = parse(page).all("script", type="application/json")
    assert len(found) == 1
    assert "<" not in found[0].children[0]
    told: dict[str, Any] = json.loads(found[0].children[0])
    return told


def shown(told: dict[str, Any], place: int) -> list[list[str]]:
    """Return each text's words as the script cuts them: lengths are in UTF-16 units."""
    texts, lengths = told["items"][place][:2]
    found = []
    for text, own in zip(texts, lengths, strict=True):
        units, at, words = text.encode("utf-16-le"), 0, []
        for gap, length in zip(own[::2], own[1::2], strict=True):
            at += gap
            words.append(units[2 * at : 2 * (at + length)].decode("utf-16-le"))
            at += length
        found.append(words)
    return found
