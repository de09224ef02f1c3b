"""Made-up data sets and tiny models with random weights, named as the papers' are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from elision.models import papers
from elision.models.loading import quiet
from toys.models import build
from toys.tokenizers import WORDS, wordpiece_tokenizer

NLI = ("entailment", "neutral", "contradiction")
PARAPHRASE = ("not_paraphrase", "paraphrase")
SENTIMENT = ("negative", "positive")
_SMALL = {"embedding_size": 8, "hidden_size": 8}


def write(file: Path, rows: list[Any]) -> Path:
    """Write a JSON-lines file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


def make_data(folder: Path, n: int = 24) -> Path:
    """Write sst, snli, quora and mrpc with n rows a split; the paper's two sentences are among them."""
    for number, split in enumerate(("train", "dev", "test")):
        draws = np.random.default_rng(number)

        def words(draws: np.random.Generator = draws) -> list[str]:
            return [str(word) for word in draws.choice(WORDS[:32], size=draws.integers(3, 6))]

        sst = [(words(), i % 2) for i in range(n)]
        rows = [
            {"tokens": [w.title() for w in own], "token_labels": [(j + i) % 5 for j in range(len(own))], "label": label}
            for i, (own, label) in enumerate(sst)
        ]
        write(folder / "sst" / f"{split}_binary.jsonl", rows)
        nli = [{"premise": " ".join(words()), "hypothesis": " ".join(words()), "label": NLI[i % 3]} for i in range(n)]
        nli[1]["premise"] = nli[0]["premise"]
        write(folder / "snli" / f"{split}.jsonl", nli)
        pairs = [{"text1": " ".join(words()), "text2": " ".join(words()), "label": i % 2} for i in range(n)]
        write(folder / "quora" / ("train_balanced.jsonl" if split == "train" else f"{split}.jsonl"), pairs)
        write(folder / "mrpc" / f"{split}.jsonl", pairs)
    return folder


def _labelled(labels: tuple[str, ...]) -> dict[str, Any]:
    return {"id2label": dict(enumerate(labels)), "label2id": {label: i for i, label in enumerate(labels)}}


def make_models(folder: Path) -> Path:
    """Save a tiny model under each of the papers' names but QQP's."""
    tokenizer = wordpiece_tokenizer()
    size = {"vocab_size": len(tokenizer), "pad_token_id": tokenizer.pad_token_id, "initializer_range": 1.0}
    kinds: dict[str, Any] = {
        "sst2-lstm": (papers.LstmForSequenceClassification, SENTIMENT, _SMALL),
        "sst2-cnn": (papers.CnnForSequenceClassification, SENTIMENT, {"embedding_size": 8, "n_filters": 4}),
        "snli-lstm": (papers.PairLstmForSequenceClassification, NLI, _SMALL | {"projection_size": 8}),
        "snli-decomposable-attention": (papers.DecomposableAttentionForSequenceClassification, NLI, _SMALL),
        "quora-decomposable-attention": (papers.DecomposableAttentionForSequenceClassification, PARAPHRASE, _SMALL),
        "mrpc-decomposable-attention": (papers.DecomposableAttentionForSequenceClassification, PARAPHRASE, _SMALL),
    }
    with quiet():
        for name, (kind, labels, small) in kinds.items():
            torch.manual_seed(3)
            n_texts = 1 if labels is SENTIMENT else 2
            net = kind(kind.config_class(**size, **small, n_texts=n_texts, **_labelled(labels)))
            net.eval().save_pretrained(folder / name)
            tokenizer.save_pretrained(folder / name)
        for name, labels in (("sst2", SENTIMENT), ("snli", NLI), ("quora", PARAPHRASE), ("mrpc", PARAPHRASE)):
            # With this seed the sentiment model gives both answers.
            net, own = build("bert", seed=9 if name == "sst2" else 0, n_labels=len(labels), **_labelled(labels))
            net.save_pretrained(folder / f"{name}-minilm")
            own.save_pretrained(folder / f"{name}-minilm")
        for name, seed in (("ordinary", 9), ("masked", 12)):
            net, own = build("bert", seed=seed, n_labels=2, **_labelled(SENTIMENT))
            net.save_pretrained(folder / f"sst2-minilm-{name}")
            own.save_pretrained(folder / f"sst2-minilm-{name}")
        net, own = build("bert", "MaskedLM", seed=1)
        net.save_pretrained(folder / "mlm-minilm")
        own.save_pretrained(folder / "mlm-minilm")
    return folder
