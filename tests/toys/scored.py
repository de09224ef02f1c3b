"""Explanations of models whose answers are scores."""

from __future__ import annotations

from typing import Any

import numpy as np

from elision.results.explanation import Candidate, Explanation
from toys.reports import PROVENANCE, explained

SCORE = PROVENANCE | {
    "method": "leave-one-out",
    "behaviour": {"name": "score", "unit": "score"},
    "removal": {"name": "delete"},
}


def scored(words: str | tuple[str, ...] = "a divine dull film", **changes: Any) -> Explanation:
    """Return leave-one-out scores of a regression that says 3.2."""
    scores = np.array([0.05, 1.1, -0.8, 0.0])
    settings: dict[str, Any] = {
        "scores": scores,
        "absent_values": 3.2 - scores,
        "target": "score",
        "labels": ("score",),
        "answer": "scores",
        "answers": np.array([3.2]),
        "probabilities": None,
        "provenance": SCORE,
    }
    return explained(words, **(settings | changes))


def two_scores() -> Explanation:
    """Return the same of a model that also says how long a text seems, with candidates."""
    return scored(
        target="stars",
        labels=("length", "stars"),
        answers=np.array([117.0, 3.2]),
        class_scores=np.array([[10.0, 0.5, -20.0, 0.0], [0.05, 1.1, -0.8, 0.0]]),
        std_error=np.full(4, 0.02),
        candidates=tuple((Candidate("fine", 0.5, 3.0), Candidate("so", 0.25, 4.5)) for _ in range(4)),
    )
