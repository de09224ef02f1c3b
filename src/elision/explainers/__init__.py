"""Explainers: how values of v become scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elision._lazy import attributes
from elision.explainers.registry import METHODS

if TYPE_CHECKING:
    from elision.explainers.explainer import Explainer
    from elision.explainers.gradients.attention import Attention
    from elision.explainers.gradients.bottleneck import InformationBottleneck
    from elision.explainers.gradients.methods import (
        DeepLift,
        GradientShap,
        InputXGradient,
        IntegratedGradients,
        Saliency,
    )
    from elision.explainers.learned.l2x import L2X
    from elision.explainers.leave_one_out import LeaveOneOut
    from elision.explainers.lime import Lime
    from elision.explainers.marginalization.input_marginalization import InputMarginalization
    from elision.explainers.masks.group_masks import GroupMasks
    from elision.explainers.masks.word_masks import WordMasks
    from elision.explainers.random import Random
    from elision.explainers.search.search import Search
    from elision.explainers.shapley import Shapley
else:
    __getattr__ = attributes(__name__, {"Explainer": "elision.explainers.explainer:Explainer"}, METHODS.own)

__all__ = [
    "L2X",
    "METHODS",
    "Attention",
    "DeepLift",
    "Explainer",
    "GradientShap",
    "GroupMasks",
    "InformationBottleneck",
    "InputMarginalization",
    "InputXGradient",
    "IntegratedGradients",
    "LeaveOneOut",
    "Lime",
    "Random",
    "Saliency",
    "Search",
    "Shapley",
    "WordMasks",
]


def __dir__() -> list[str]:
    return list(__all__)
