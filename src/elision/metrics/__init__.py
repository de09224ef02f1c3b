"""How good explanations are: faithfulness, plausibility, agreement, sanity, each with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elision._lazy import attributes

if TYPE_CHECKING:
    from elision.data.annotation import Annotation, Mark, sentiment_annotation
    from elision.metrics.agreement import correlation, pooled_correlation, top_k_overlap
    from elision.metrics.ceilings import attainable
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
    from elision.results.attainable import Attainable
    from elision.results.intervals import difference, holm
    from elision.results.measurement import Curve, Measurement
else:
    _HOMES = {
        "elision.data.annotation": ("Annotation", "Mark", "sentiment_annotation"),
        "elision.metrics.agreement": ("correlation", "pooled_correlation", "top_k_overlap"),
        "elision.metrics.ceilings": ("attainable",),
        "elision.metrics.evaluation": ("Cell", "Evaluation", "compare"),
        "elision.metrics.perturbation": (
            "aopc",
            "comprehensiveness",
            "degradation",
            "deletion_auc",
            "insertion_auc",
            "post_hoc_accuracy",
            "sufficiency",
        ),
        "elision.metrics.plausibility": ("auprc", "intersection_of_tokens", "iou_f1", "neutral_score", "token_f1"),
        "elision.metrics.resampling": ("auc_rep",),
        "elision.metrics.sanity": (
            "cascading_randomization",
            "punctuation_stability",
            "random_ranking",
            "seed_stability",
        ),
        "elision.results.attainable": ("Attainable",),
        "elision.results.intervals": ("difference", "holm"),
        "elision.results.measurement": ("Curve", "Measurement"),
    }
    __getattr__ = attributes(__name__, {name: f"{home}:{name}" for home, names in _HOMES.items() for name in names})

__all__ = [
    "Annotation",
    "Attainable",
    "Cell",
    "Curve",
    "Evaluation",
    "Mark",
    "Measurement",
    "aopc",
    "attainable",
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


def __dir__() -> list[str]:
    return list(__all__)
