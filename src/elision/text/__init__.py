"""Texts: what is explained, and the units that can be left out of it."""

from __future__ import annotations

from elision.text.example import Example, check_example
from elision.text.units import Span, Unit, UnitKind, clusters, merge_spans, snap, split_words, unit_spans

__all__ = [
    "Example",
    "Span",
    "Unit",
    "UnitKind",
    "check_example",
    "clusters",
    "merge_spans",
    "snap",
    "split_words",
    "unit_spans",
]
