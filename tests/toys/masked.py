"""Masked language models of each architecture family, tiny, with random weights."""

from __future__ import annotations

from typing import Any

import torch
import transformers

from toys.models import build
from toys.tokenizers import byte_tokenizer, wordpiece_tokenizer

USUAL = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
MORE = {
    "albert": ("Albert", wordpiece_tokenizer, USUAL | {"embedding_size": 8, "max_position_embeddings": 64}),
    "mpnet": ("MPNet", byte_tokenizer, USUAL | {"max_position_embeddings": 66}),
    "xlm-roberta": ("XLMRoberta", byte_tokenizer, USUAL | {"max_position_embeddings": 66}),
    "deberta": ("DebertaV2", wordpiece_tokenizer, USUAL | {"max_position_embeddings": 64}),
    "modernbert": ("ModernBert", wordpiece_tokenizer, USUAL | {"max_position_embeddings": 64}),
}
FAMILIES = ("bert", "roberta", "distilbert", "electra", *MORE)


def masked_language_model(kind: str) -> tuple[Any, Any]:
    """Return a tiny masked language model in float64 and its tokenizer."""
    if kind in MORE:
        family, tokenizer_of, settings = MORE[kind]
        tokenizer = tokenizer_of()
        torch.manual_seed(0)
        config = getattr(transformers, f"{family}Config")(
            vocab_size=len(tokenizer), pad_token_id=tokenizer.pad_token_id, **settings
        )
        net = getattr(transformers, f"{family}ForMaskedLM")(config)
    else:
        net, tokenizer = build(kind, "MaskedLM")
    return net.eval().double(), tokenizer
