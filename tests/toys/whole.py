"""An explanation of a pair by hand, with every field."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from elision.results.explanation import Candidate, Explanation
from elision.text import Unit

SEGMENTS = ("a slow film", "it drags")
UNITS = (Unit("a", 0, 1), Unit("slow", 2, 6), Unit("film", 7, 11), Unit("it", 0, 2, 1), Unit("drags", 3, 8, 1))
SCORES = (0.5, -2.0, 2.0, 0.0, 0.25)


def make(**changes: Any) -> Explanation:
    """Return an explanation of a pair, by hand."""
    settings: dict[str, Any] = {
        "segments": SEGMENTS,
        "units": UNITS,
        "scores": np.array(SCORES),
        "target": "positive",
        "labels": ("negative", "positive", "neither"),
        "probabilities": np.array([0.6, 0.3, 0.1]),
    }
    return Explanation(**(settings | changes))


def full() -> Explanation:
    """Return an explanation with every field."""
    return make(
        std_error=np.array([0.1, 0.2, 0.3, 0.4, 0.5]),
        lower=np.array(SCORES) - 0.5,
        upper=np.array(SCORES) + 0.5,
        class_scores=np.arange(15.0).reshape(3, 5),
        absent_probabilities=np.array([0.3, 0.1, 0.9, 0.0, 1.0]),
        likelihoods=np.array([0.1, math.nan, 1e-12, 0.0, 1.0]),
        candidates=((Candidate("the", 0.75, 0.5), Candidate("\U0001f600", 0.25, 1 / 3)), (), (), (), ()),
        notes=("one note", 'with "quotes" and \u2028'),
        provenance={
            "method": "leave-one-out",
            "behaviour": {"name": "log_odds", "unit": "bits"},
            "seed": np.int64(3),
            "order": (1, 0),
            "threshold": np.float64(0.1),
            "budget": None,
        },
    )
