"""Every number of the recipe in one place, so that a model card can state what was run."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

MLM_HELD_OUT = 4_000
TASKS = ("mlm", "sentiment", "nli")
SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
PAD, UNK, CLS, SEP, MASK = range(5)
LABELS = {
    "sentiment": ("negative", "positive"),
    "nli": ("entailment", "neutral", "contradiction"),
}
TEACHERS = {"mlm": "mlm-minilm", "sentiment": "sst2-minilm", "nli": "snli-minilm"}


@dataclass(frozen=True)
class Architecture:
    """Shape of the students; about 1.85 million parameters, 3.7 MB in half precision."""

    vocab_size: int = 7_680
    embedding_size: int = 96
    hidden_size: int = 192
    num_hidden_layers: int = 3
    num_attention_heads: int = 6
    intermediate_size: int = 512
    max_position_embeddings: int = 256


@dataclass(frozen=True)
class Training:
    """One optimisation run: AdamW, linear warm-up and linear decay to zero."""

    epochs: float
    learning_rate: float
    tokens_per_batch: int
    warmup: float = 0.04
    weight_decay: float = 0.01
    temperature: float = 2.0
    soft_weight: float = 0.7


@dataclass(frozen=True)
class Settings:
    """Where things lie, the seed, and the sizes of every stage."""

    data: Path
    models: Path
    work: Path
    out: Path
    seed: int = 7
    threads: int = 2
    architecture: Architecture = field(default_factory=Architecture)
    mlm: Training = Training(epochs=2.07, learning_rate=1.5e-3, tokens_per_batch=2_400, soft_weight=0.6)
    sentiment: Training = Training(epochs=3.0, learning_rate=6e-4, tokens_per_batch=1_600)
    nli: Training = Training(epochs=2.5, learning_rate=6e-4, tokens_per_batch=2_400)

    def training(self, task: str) -> Training:
        """The optimisation settings of one task."""
        found: Training = getattr(self, task)
        return found

    def cache(self, name: str, *parts: object) -> Path:
        """Cache file for ``name``; seed, vocabulary size and ``parts`` are in its name, so stale ones are not read."""
        key = json.dumps([self.seed, self.architecture.vocab_size, [str(part) for part in parts]])
        self.work.mkdir(parents=True, exist_ok=True)
        return self.work / f"{name}-{hashlib.sha256(key.encode()).hexdigest()[:10]}.npz"


def first_folder(variable: str, fallback: Path) -> Path:
    """The folder an environment variable names, else ``fallback``."""
    return Path(os.environ.get(variable) or fallback)


def describe(training: Training) -> dict[str, object]:
    """The settings of a run as plain values, for the model card."""
    return asdict(training)
