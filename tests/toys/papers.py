"""The papers' target models, tiny, with random weights."""

from __future__ import annotations

import torch

from elision.models import papers
from toys.tokenizers import wordpiece_tokenizer

SMALL = {
    "cnn": (papers.CnnForSequenceClassification, {"n_filters": 6}),
    "lstm": (papers.LstmForSequenceClassification, {"hidden_size": 7}),
    "pair-lstm": (papers.PairLstmForSequenceClassification, {"hidden_size": 7, "projection_size": 6}),
    "decomposable-attention": (
        papers.DecomposableAttentionForSequenceClassification,
        {"hidden_size": 9, "initializer_range": 0.7},
    ),
}
KINDS = tuple(SMALL)
OF_PAIRS = ("pair-lstm", "decomposable-attention")
TEXT = "the man plays a moving story , well made !"
PAIR = ("the man plays guitar .", "a woman sings on stage")


def small(kind: str, *, dtype: torch.dtype = torch.float64, n_labels: int = 3):
    """Return a tiny model with weights large enough that answers differ, and its tokenizer."""
    tokenizer = wordpiece_tokenizer()
    family, sizes = SMALL[kind]
    torch.manual_seed(0)
    settings = {"initializer_range": 1.0} | sizes
    config = family.config_class(vocab_size=len(tokenizer), embedding_size=8, num_labels=n_labels, **settings)
    net = family(config).to(dtype).eval()
    with torch.no_grad():
        net.classifier.weight.mul_(8.0 if kind != "decomposable-attention" else 1.0)
        for layer in getattr(net, "dense", []):
            layer.weight.mul_(3.0)
            layer.bias.zero_()
    return net, tokenizer
