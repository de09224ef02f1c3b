"""Tiny models, one for each architecture family, built on the spot with random weights; nothing is downloaded."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
import transformers

import elision
from toys.tokenizers import SlowTokenizer, byte_tokenizer, unigram_tokenizer, wordpiece_tokenizer


def build(kind: str, head: str = "SequenceClassification", *, seed: int = 0, n_labels: int = 3, **config: object):
    """Return a tiny model of a family and its tokenizer, with weights large enough that answers differ."""
    tokenizers = {
        "bert": wordpiece_tokenizer,
        "electra": wordpiece_tokenizer,
        "distilbert": lambda: wordpiece_tokenizer(model_input_names=["input_ids", "attention_mask"]),
        "roberta": byte_tokenizer,
        "gpt2": lambda: byte_tokenizer(special=False, padding_side="left"),
        "xlnet": lambda: unigram_tokenizer(padding_side="left"),
        "slow": SlowTokenizer,
    }
    tokenizer = tokenizers[kind]()
    size, pad = len(tokenizer), tokenizer.pad_token_id
    small = {"vocab_size": size, "pad_token_id": pad}
    usual = small | {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    labels = {"num_labels": n_labels} | config
    made = {
        "bert": ("Bert", usual | {"max_position_embeddings": 64}),
        "slow": ("Bert", usual | {"max_position_embeddings": 64}),
        "electra": ("Electra", usual | {"embedding_size": 8, "max_position_embeddings": 64}),
        "roberta": ("Roberta", usual | {"max_position_embeddings": 66}),
        "distilbert": ("DistilBert", small | {"dim": 16, "n_layers": 2, "n_heads": 2, "hidden_dim": 32}),
        "gpt2": ("GPT2", small | {"n_embd": 16, "n_layer": 2, "n_head": 2, "n_positions": 64}),
        "xlnet": ("XLNet", small | {"d_model": 16, "n_layer": 2, "n_head": 2, "d_inner": 32}),
    }
    family, settings = made[kind]
    settings = settings | (labels if head == "SequenceClassification" else {})
    torch.manual_seed(seed)
    model = getattr(transformers, f"{family}For{head}")(getattr(transformers, f"{family}Config")(**settings))
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.ndim > 1:
                weight.mul_(30.0 if "classif" in name or "out_proj" in name or "score" in name else 12.0)
    return model.eval(), tokenizer


def keyword_model(weights: dict[str, float] | None = None) -> elision.BlackBox:
    """A function of texts whose log-odds are the sum of its words' weights."""
    chosen = {"good": 2.0, "bad": -3.0, "film": 0.5} if weights is None else weights

    def answer(texts: list[object]) -> np.ndarray:
        joined = [" ".join(text) if isinstance(text, tuple) else str(text) for text in texts]
        z = np.array([sum(chosen.get(word, 0.0) for word in text.split()) for text in joined])
        p = 1.0 / (1.0 + np.exp(-z))
        return np.stack([1.0 - p, p], axis=1)

    return elision.BlackBox(answer, ["negative", "positive"], name="keywords")


def small(kind: str, tokenizer: Any, **own: Any) -> Any:
    """Return a random classifier whose answers differ well between texts."""
    torch.manual_seed(3)
    config = getattr(transformers, f"{kind}Config")(
        vocab_size=len(tokenizer),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
        pad_token_id=tokenizer.pad_token_id,
        initializer_range=0.4,
        num_labels=2,
        **own,
    )
    return getattr(transformers, f"{kind}ForSequenceClassification")(config).eval().double()
