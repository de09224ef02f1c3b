"""The loop: the best weights are kept, training ends in time, accuracy is of the model as it answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from toys.models import build
from toys.training import Files, texts

from elision.errors import ModelError
from elision.training import loop
from elision.training.batches import encode_rows
from elision.training.loop import Fit, accuracy, fit
from elision.training.settings import Settings


class Counter(torch.nn.Module):
    """A model whose only weight counts its updates, more or less."""

    def __init__(self, answer: float = 1.0) -> None:
        super().__init__()
        self.w = torch.nn.Parameter(torch.zeros(1))
        self.device = torch.device("cpu")
        self.answer = answer

    def forward(self, **batch: Any) -> Any:
        return transformers.modeling_outputs.SequenceClassifierOutput(loss=(self.w * self.answer).sum())


def run(figures: list[float], **settings: Any) -> tuple[Counter, Fit, list[float]]:
    """Train the counter against given dev figures."""
    model, weights, left = Counter(), [], list(figures)

    def measure() -> float:
        weights.append(model.w.item())
        return left.pop(0)

    chosen = replace(Settings(epochs=6, batch_size=1, learning_rate=0.1, patience=2), **settings)
    return model, fit(model, chosen, lambda draws: [dict, dict], measure, progress=False), weights


def test_the_best_weights_are_kept_and_training_stops_in_time() -> None:
    model, came_to, weights = run([0.1, 0.5, 0.3, 0.4, 0.9])
    assert (came_to.best, came_to.epoch, came_to.epochs) == (0.5, 2, 4)
    assert model.w.item() == weights[1] != weights[3]
    assert not model.training
    _, came_to, _ = run([0.1, 0.2, 0.3, 0.3, 0.3, 0.4], patience=3)
    assert (came_to.epoch, came_to.epochs) == (6, 6)


def test_a_loss_that_is_no_number_ends_training() -> None:
    settings = Settings(epochs=1, batch_size=1, learning_rate=0.1)
    with pytest.raises(ModelError, match="the loss is no longer a number; take a smaller learning rate"):
        fit(Counter(float("nan")), settings, lambda draws: [dict], lambda: 0.0, progress=False)


def test_accuracy_does_not_depend_on_training_mode_or_batches(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    net, tokenizer = build("bert", n_labels=2)
    rows = encode_rows(tokenizer, [row["text"] for row in texts(40, 3)], np.arange(40) % 2, max_length=64)
    net.train()
    found = accuracy(net, rows)
    assert net.training
    monkeypatch.setattr(loop, "_LARGE_BATCH", 7)
    assert accuracy(net.eval(), rows) == found
    with torch.inference_mode():
        logits = [net(**tokenizer(row["text"], return_tensors="pt")).logits[0].argmax().item() for row in texts(40, 3)]
    assert found == pytest.approx(np.mean(np.array(logits) == np.arange(40) % 2))
