"""How good explanations are: faithfulness, plausibility, agreement, sanity, each with its interval."""

from __future__ import annotations

from elision.metrics.evaluation import Cell, Evaluation, compare
from elision.metrics.intervals import difference, holm
from elision.metrics.measurement import Curve, Measurement
from elision.metrics.perturbation import (
    aopc,
    comprehensiveness,
    degradation,
    deletion_auc,
    insertion_auc,
    post_hoc_accuracy,
    sufficiency,
)
from elision.metrics.resampling import auc_rep

__all__ = [
    "Cell",
    "Curve",
    "Evaluation",
    "Measurement",
    "aopc",
    "auc_rep",
    "compare",
    "comprehensiveness",
    "degradation",
    "deletion_auc",
    "difference",
    "holm",
    "insertion_auc",
    "post_hoc_accuracy",
    "sufficiency",
]
