"""Explainers: how values of v become scores."""

from __future__ import annotations

from elision.explainers.base import Explainer
from elision.explainers.group_masks import GroupMasks
from elision.explainers.leave_one_out import LeaveOneOut
from elision.explainers.lime import Lime
from elision.explainers.marginalization import InputMarginalization
from elision.explainers.random import Random
from elision.explainers.shapley import Shapley
from elision.explainers.word_masks import WordMasks

__all__ = [
    "METHODS",
    "Explainer",
    "GroupMasks",
    "InputMarginalization",
    "LeaveOneOut",
    "Lime",
    "Random",
    "Shapley",
    "WordMasks",
]

METHODS: dict[str, type[Explainer]] = {
    m.name: m for m in (InputMarginalization, GroupMasks, WordMasks, Lime, Shapley, LeaveOneOut, Random)
}
