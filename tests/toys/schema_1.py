"""Explanations as schema 1 has them, which version 0.1.0 wrote."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from elision.results.explanation import Explanation

_ARRAYS = ("std_error", "lower", "upper", "class_scores", "absent_probabilities", "likelihoods")


def schema_1(found: Explanation) -> dict[str, Any]:
    """Return what `to_dict` gave."""
    arrays = {name: getattr(found, name) for name in ("scores", "probabilities", *_ARRAYS)}
    numbers: dict[str, Any] = {
        name: None if value is None else json.loads(json.dumps(value.tolist()).replace("NaN", "null"))
        for name, value in arrays.items()
    }
    groups, pairs, candidates = (
        None if items is None else [_plain(one) for one in items]
        for items in (found.groups, found.interactions, found.candidates)
    )
    return {
        "schema": 1,
        "segments": list(found.segments),
        "units": [dataclasses.asdict(unit) for unit in found.units],
        "scores": numbers.pop("scores"),
        "target": found.target,
        "labels": list(found.labels),
        **numbers,
        "candidates": candidates,
        "groups": groups,
        "interactions": pairs,
        "notes": list(found.notes),
        "provenance": found.to_dict()["provenance"],
    }


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if not dataclasses.is_dataclass(value):
        return value.tolist() if hasattr(value, "tolist") else value
    return {item.name: _plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
