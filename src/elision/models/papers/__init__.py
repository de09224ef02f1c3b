"""The papers' target models, as ordinary models of the transformers library.

Importing this module registers them with its Auto classes; `elision.load` does so by itself.
"""

from __future__ import annotations

from transformers import AutoConfig, AutoModelForSequenceClassification

from elision.models.papers.base import PaperClassifier
from elision.models.papers.configs import (
    CnnConfig,
    DecomposableAttentionConfig,
    LstmConfig,
    PairLstmConfig,
    PaperConfig,
)
from elision.models.papers.pairs import (
    DecomposableAttentionForSequenceClassification,
    PairLstmForSequenceClassification,
)
from elision.models.papers.single import CnnForSequenceClassification, LstmForSequenceClassification

__all__ = [
    "CnnConfig",
    "CnnForSequenceClassification",
    "DecomposableAttentionConfig",
    "DecomposableAttentionForSequenceClassification",
    "LstmConfig",
    "LstmForSequenceClassification",
    "PairLstmConfig",
    "PairLstmForSequenceClassification",
    "PaperClassifier",
    "PaperConfig",
]

for _model in (
    CnnForSequenceClassification,
    LstmForSequenceClassification,
    PairLstmForSequenceClassification,
    DecomposableAttentionForSequenceClassification,
):
    AutoConfig.register(_model.config_class.model_type, _model.config_class, exist_ok=True)
    AutoModelForSequenceClassification.register(_model.config_class, _model, exist_ok=True)
