"""Explainers: how values of v become scores."""

from __future__ import annotations

from elision.explainers.base import Explainer
from elision.explainers.leave_one_out import LeaveOneOut
from elision.explainers.marginalization import InputMarginalization
from elision.explainers.random import Random

__all__ = ["METHODS", "Explainer", "InputMarginalization", "LeaveOneOut", "Random"]

METHODS: dict[str, type[Explainer]] = {m.name: m for m in (InputMarginalization, LeaveOneOut, Random)}
