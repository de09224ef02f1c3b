"""Explanations of which terminals show every number."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from elision.results.explanation import Explanation
from elision.text import Unit

PROVENANCE = {
    "method": "leave-one-out",
    "behaviour": {"name": "log_odds", "unit": "bits"},
    "model": {"name": "/models/tiny/"},
    "removal": {"name": "pad"},
    "evaluations": 1234,
    "seconds": 0.26,
}


def explained(words: str | tuple[str, str] = "a deep film .", scores: Any = None, **changes: Any) -> Explanation:
    """Return an explanation of words that stand one space apart."""
    segments = (words,) if isinstance(words, str) else words
    units = tuple(
        Unit(match.group(), match.start(), match.end(), segment)
        for segment, text in enumerate(segments)
        for match in re.finditer(r"[^ ]+", text)
    )
    settings: dict[str, Any] = {
        "segments": segments,
        "units": units,
        "scores": np.array([0.1, -2.0, 1.0, 0.0][: len(units)] if scores is None else scores),
        "target": "positive",
        "labels": ("negative", "positive"),
        "probabilities": np.array([0.25, 0.75]),
        "provenance": PROVENANCE,
    }
    return Explanation(**(settings | changes))


def bounded(**changes: Any) -> Explanation:
    """Return an explanation with bounds, likelihoods and a note."""
    return explained(
        **{
            "lower": np.array([0.0, -2.5, 0.5, 0.0]),
            "upper": np.array([0.2, -1.5, 1.5, 0.0]),
            "likelihoods": np.array([0.5, math.nan, 0.00001, 1.0]),
            "notes": ("mind the bounds",),
            "provenance": PROVENANCE
            | {"removal": {"name": "marginal", "likelihood": {"name": "hub/mlm"}}, "likelihood_evaluations": 4},
            **changes,
        }
    )
