"""The methods that the papers compare, each with the settings that pin its explanations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LIME_SAMPLES = 500
"""The papers name no number. A choice, by cost."""
IBA_STEPS = 10
"""As its paper has it; the explainer's own default is more."""
L2X_TEXTS = 5000
"""Training texts that L2X is fitted to, where the paper takes all. A choice, by cost."""
LIKELIHOOD = "mlm-minilm"


@dataclass(frozen=True)
class StudyMethod:
    """A method as tables call it.

    Attributes:
        title: what tables call it.
        name: as `elision.methods` calls it.
        options: of the explainer. A likelihood is named: one of the papers' models, "builtin:mlm", "uniform" or
            "prior".
        counts_candidates: keep each explanation's mean number of candidates in place of the candidates.
    """

    title: str
    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    counts_candidates: bool = False

    def settings(self) -> dict[str, Any]:
        """Return what pins the method's explanations."""
        return {"method": self.name, "options": dict(self.options), "counts_candidates": self.counts_candidates}


def marginalization(likelihood: str = LIKELIHOOD, title: str = "marginalization", **options: Any) -> StudyMethod:
    """Return input marginalization with a likelihood model by name; by default the sum is estimated."""
    return StudyMethod(title, "marginalization", {"likelihood": likelihood, **options})


ZERO = StudyMethod("Zero", "leave-one-out", {"removal": "pad"})
UNK = StudyMethod("Unk", "leave-one-out", {"removal": "unk"})
MASK = StudyMethod("leave-one-out, mask", "leave-one-out", {"removal": "mask"})
RANDOM = StudyMethod("random", "random")
MARGINALIZATION = marginalization()
ERASURES = (ZERO, UNK, MARGINALIZATION, MASK, RANDOM)
GRADIENTS = (
    StudyMethod("DLIFT", "deep-lift"),
    StudyMethod("IG", "integrated-gradients"),
    StudyMethod("SHAP", "gradient-shap"),
    StudyMethod("LIME", "lime", {"n_samples": LIME_SAMPLES}),
)

# The papers mask word embeddings; the explainers that ask about subsets of words do the same here.
_ZERO = {"removal": "zero"}
LIME = StudyMethod("LIME", "lime", {"n_samples": LIME_SAMPLES, **_ZERO})
L2X = StudyMethod("L2X", "l2x", {"n_texts": L2X_TEXTS})
IBA = StudyMethod("IBA", "iba", {"n_steps": IBA_STEPS})
IMASK = StudyMethod("IMASK", "word-masks", _ZERO)
GMASK = StudyMethod("GMASK", "group-masks", _ZERO)
GMASK_EXPECTED = StudyMethod("GMASK, Eq. 8", "group-masks", {"attribution": "expected", **_ZERO})
LEAVE_ONE_OUT = StudyMethod("leave-one-out", "leave-one-out", _ZERO)
OF_PAIRS = (LIME, L2X, IBA, IMASK, GMASK, GMASK_EXPECTED, LEAVE_ONE_OUT, RANDOM)
