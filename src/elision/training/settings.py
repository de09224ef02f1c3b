"""How models are trained, without anything that takes time to import."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from elision.errors import OptionError, require_count, require_positive

MODELS = ("cnn", "lstm", "pair-lstm", "decomposable-attention", "encoder", "mlm")
FROM_SCRATCH = MODELS[:4]
OF_PAIRS = ("pair-lstm", "decomposable-attention")


@dataclass(frozen=True)
class Settings:
    """How a model is trained: AdamW, linear warm-up and linear decay.

    Attributes:
        epochs: the most passes over the training rows.
        batch_size: rows in a batch.
        learning_rate: its largest value.
        patience: passes without a better dev figure after which training stops.
        weight_decay: on matrices, not on biases and norms.
        warmup: the share of all steps in which the learning rate rises.
        max_length: the most tokens in a row.
        seed: of weights, batches, dropout and hidden tokens.
        masked_training: for an encoder: whether a random share of the tokens is hidden behind [MASK] in half of each
            batch's rows.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    patience: int = 2
    weight_decay: float = 0.01
    warmup: float = 0.05
    max_length: int = 256
    seed: int = 0
    masked_training: bool = False

    def __post_init__(self) -> None:
        """Refuse values out of range.

        Raises:
            OptionError: a value is out of range.
        """
        for name in ("epochs", "batch_size", "patience"):
            require_count(name, getattr(self, name), 1)
        require_count("max_length", self.max_length, 4)
        require_count("seed", self.seed, 0)
        require_positive("learning_rate", self.learning_rate)
        for name in ("weight_decay", "warmup"):
            if not 0 <= getattr(self, name) < 1:
                raise OptionError(f"{name} must be at least 0 and less than 1, got {getattr(self, name)!r}")

    def describe(self) -> dict[str, Any]:
        """Return all settings as plain values, for the model card."""
        return asdict(self)


DEFAULTS = {
    "cnn": Settings(epochs=8, batch_size=50, learning_rate=1e-3),
    "lstm": Settings(epochs=8, batch_size=50, learning_rate=1e-3),
    "pair-lstm": Settings(epochs=2, batch_size=128, learning_rate=1e-3),
    "decomposable-attention": Settings(epochs=4, batch_size=32, learning_rate=5e-4),
    "encoder": Settings(epochs=5, batch_size=32, learning_rate=3e-5),
    "mlm": Settings(epochs=2, batch_size=32, learning_rate=3e-5),
}
"""Choices, of the size that is usual for such models; the passes are the most, and dev figures say where to stop."""
