"""The networks of L2X: a selector that scores units, and a student that sees only what was selected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import torch
from torch import nn

from elision.arrays import Floats, Ints

_EMBEDDING, _FILTERS, _HIDDEN, _WIDTH = 50, 100, 250, 3
_DROPOUT = 0.2
"""The network for words of Chen et al. 2018, Section 4.2."""


@dataclass(frozen=True, eq=False)
class EncodedExample:
    """An example as the networks read it.

    Attributes:
        ids: int64 (l,), token ids from 1; 0 is padding.
        units: int64 (l,), each token's unit, or -1 for special tokens.
        sides: int64 (l,), 0 or 1: which text a token is of.
    """

    ids: Ints
    units: Ints
    sides: Ints


@dataclass(frozen=True, eq=False)
class Batch:
    """Examples side by side, padded.

    Attributes:
        ids: (b, l), 0 on padding.
        pooled: (b, u, l), the mean over each unit's tokens; rows of 0 where there is no such unit.
        spread: (b, l, u), 1 where a token is of a unit.
        sides: (b, 2, l), 1 where a unit's token is of a text.
        absent: bool (b, u), True where there is no such unit.
    """

    ids: torch.Tensor
    pooled: torch.Tensor
    spread: torch.Tensor
    sides: torch.Tensor
    absent: torch.Tensor


def collate(examples: Sequence[EncodedExample]) -> Batch:
    """Return examples as one batch."""
    length = max(len(s.ids) for s in examples)
    n_units = max(int(s.units.max(initial=-1)) + 1 for s in examples)
    ids = torch.zeros(len(examples), length, dtype=torch.int64)
    spread = torch.zeros(len(examples), length, n_units)
    sides = torch.zeros(len(examples), 2, length)
    for row, s in enumerate(examples):
        ids[row, : len(s.ids)] = torch.from_numpy(s.ids)
        tokens = np.flatnonzero(s.units >= 0)
        spread[row, tokens, s.units[tokens]] = 1.0
        sides[row, s.sides[tokens], tokens] = 1.0
    sizes = spread.sum(1)
    pooled = spread.transpose(1, 2) / sizes.clamp(min=1.0)[:, :, None]
    return Batch(ids, pooled, spread, sides, sizes == 0)


@final
class Selector(nn.Module):
    """Tokens -> a logit for each unit, from a window around each token and from the whole example."""

    def __init__(self, n_ids: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(n_ids, _EMBEDDING, padding_idx=0)
        self.dropout = nn.Dropout(_DROPOUT)
        self.first = nn.Conv1d(_EMBEDDING, _FILTERS, _WIDTH, padding=1)
        self.whole = nn.Linear(_FILTERS, _FILTERS)
        self.second = nn.Conv1d(_FILTERS, _FILTERS, _WIDTH, padding=1)
        self.third = nn.Conv1d(_FILTERS, _FILTERS, _WIDTH, padding=1)
        self.joint = nn.Conv1d(2 * _FILTERS, _FILTERS, 1)
        self.last = nn.Conv1d(_FILTERS, 1, 1)

    def forward(self, batch: Batch) -> torch.Tensor:
        """Return logits (b, u); minus infinity where there is no such unit."""
        there = (batch.ids > 0).float()[:, None]
        first = torch.relu(self.first(self.dropout(self.embedding(batch.ids)).transpose(1, 2))) * there
        whole = torch.relu(self.whole(first.max(dim=2).values))[:, :, None]
        local = torch.relu(self.second(first)) * there
        local = torch.relu(self.third(local)) * there
        joint = torch.cat([local, whole.expand_as(local)], dim=1)
        logits = self.last(torch.relu(self.joint(self.dropout(joint))))[:, 0]
        by_unit = torch.einsum("bul,bl->bu", batch.pooled, logits)
        return by_unit.masked_fill(batch.absent, float("-inf"))


@final
class Student(nn.Module):
    """What was selected -> the model's answer, with its own embeddings; for a pair it compares the texts' means."""

    def __init__(self, n_ids: int, n_classes: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(n_ids, _EMBEDDING, padding_idx=0)
        self.hidden = nn.Linear(4 * _EMBEDDING, _HIDDEN)
        self.last = nn.Linear(_HIDDEN, n_classes)

    def forward(self, batch: Batch, kept: torch.Tensor) -> torch.Tensor:
        """Return logits (b, c) from how far each unit is kept, (b, u)."""
        weight = torch.einsum("blu,bu->bl", batch.spread, kept)[:, None] * batch.sides
        means = torch.einsum("bsl,bld->bsd", weight, self.embedding(batch.ids))
        means = means / batch.sides.sum(2).clamp(min=1.0)[:, :, None]
        first, second = means[:, 0], means[:, 1]
        seen = torch.cat([first, second, (first - second).abs(), first * second], dim=1)
        return torch.as_tensor(self.last(torch.relu(self.hidden(seen))))


def relaxed_draws(logits: torch.Tensor, k: int, temperature: float, generator: torch.Generator) -> torch.Tensor:
    """Return how far each unit is kept, (b, u) in [0, 1]: the greatest entry of k relaxed draws of one unit.

    Source: Chen et al. 2018, Section 3.3.
    """
    uniform = torch.rand((k, *logits.shape), generator=generator).clamp(1e-9, 1.0 - 1e-7)
    noisy = (logits - torch.log(-torch.log(uniform))) / temperature
    return torch.softmax(noisy, dim=-1).max(dim=0).values


def chance_in_draws(logits: Floats, k: int) -> Floats:
    """Return the probability that k draws of one unit each, by the softmax of logits (u,), hold each unit."""
    p = np.exp(logits - logits.max())
    p = np.minimum(p / p.sum(), 1.0 - 1e-12)
    return np.asarray(-np.expm1(k * np.log1p(-p)))


def start_from(embedding: nn.Embedding, vectors: Floats) -> None:
    """Set the embeddings of ids from 1 to the leading principal components of vectors (n, d), with variance 1."""
    centred = torch.from_numpy(vectors - vectors.mean(axis=0))
    values, axes = torch.linalg.eigh(centred.T @ centred / len(centred))
    components = centred @ axes[:, -_EMBEDDING:]
    components = components / values[-_EMBEDDING:].clamp(min=1e-12).sqrt()
    with torch.no_grad():
        embedding.weight[1 : len(vectors) + 1, : components.shape[1]] = components.float()


@contextmanager
def seeded(seed: int) -> Any:
    """Run a block with PyTorch's generator, which layers and dropout draw from, set to a seed; then as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


@dataclass(frozen=True)
class TrainingSettings:
    """How the networks are trained."""

    k: int
    temperature: float
    n_epochs: int
    batch_size: int
    learning_rate: float
    seed: int


def train(
    examples: Sequence[EncodedExample],
    answers: Floats,
    n_ids: int,
    training: TrainingSettings,
    advance: Callable[[int], None],
    *,
    vectors: Floats | None = None,
) -> tuple[Selector, list[float]]:
    """Return a selector whose selections let a student repeat the model's answers best, and each epoch's mean loss.

    The loss is the cross entropy of the student's answer to the model's, in nats: the variational bound of Eq. 5.

    Args:
        examples: n examples.
        answers: float64 (n, c), the model's probabilities.
        n_ids: how many ids there are, padding included.
        training: settings.
        advance: told how many examples were seen, each time.
        vectors: float64 (n_ids - 2, d), of the ids from 1, to start from; None for random ones.
    """
    losses: list[float] = []
    with seeded(training.seed), torch.inference_mode(False), torch.enable_grad():
        selector, student = Selector(n_ids), Student(n_ids, answers.shape[1])
        if vectors is not None:
            for network in (selector, student):
                start_from(network.embedding, vectors)
        optimizer = torch.optim.RMSprop([*selector.parameters(), *student.parameters()], lr=training.learning_rate)
        generator = torch.Generator().manual_seed(training.seed)
        wanted = torch.from_numpy(answers / answers.sum(axis=1, keepdims=True)).float()
        for _ in range(training.n_epochs):
            total = 0.0
            order = torch.randperm(len(examples), generator=generator)
            for start in range(0, len(order), training.batch_size):
                index = order[start : start + training.batch_size]
                batch = collate([examples[i] for i in index.tolist()])
                kept = relaxed_draws(selector(batch), training.k, training.temperature, generator)
                loss = nn.functional.cross_entropy(student(batch, kept), wanted[index])
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                total += float(loss.detach()) * len(index)
                advance(len(index))
            losses.append(total / len(examples))
    return selector.eval(), losses
