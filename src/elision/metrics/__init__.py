"""How good explanations are: faithfulness, plausibility, agreement, sanity, each with its interval."""

from __future__ import annotations

from elision.data.annotation import Annotation, Mark, sentiment_annotation
from elision.metrics.agreement import correlation, pooled_correlation, top_k_overlap
from elision.metrics.evaluation import Cell, Evaluation, compare
from elision.metrics.perturbation import (
    aopc,
    comprehensiveness,
    degradation,
    deletion_auc,
    insertion_auc,
    post_hoc_accuracy,
    sufficiency,
)
from elision.metrics.plausibility import auprc, intersection_of_tokens, iou_f1, neutral_score, token_f1
from elision.metrics.resampling import auc_rep
from elision.metrics.sanity import cascading_randomization, punctuation_stability, random_ranking, seed_stability
from elision.results.intervals import difference, holm
from elision.results.measurement import Curve, Measurement

__all__ = [
    "Annotation",
    "Cell",
    "Curve",
    "Evaluation",
    "Mark",
    "Measurement",
    "aopc",
    "auc_rep",
    "auprc",
    "cascading_randomization",
    "compare",
    "comprehensiveness",
    "correlation",
    "degradation",
    "deletion_auc",
    "difference",
    "holm",
    "insertion_auc",
    "intersection_of_tokens",
    "iou_f1",
    "neutral_score",
    "pooled_correlation",
    "post_hoc_accuracy",
    "punctuation_stability",
    "random_ranking",
    "seed_stability",
    "sentiment_annotation",
    "sufficiency",
    "token_f1",
    "top_k_overlap",
]
