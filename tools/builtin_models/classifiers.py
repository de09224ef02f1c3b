"""The classifiers: transfer sets labelled by the teachers, distillation, and the choice of a checkpoint on dev."""

from __future__ import annotations

import copy
import logging
import random
import time
from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch.nn.functional import cross_entropy, kl_div, log_softmax, softmax
from transformers import ElectraForMaskedLM, ElectraForSequenceClassification

from . import augment
from .data import (
    Example,
    distinct,
    evaluation_set,
    forbidden_texts,
    mlm_sentences,
    nli_examples,
    pair_texts,
    plain,
    sst_phrases,
    sst_sentences,
)
from .optimise import Optimiser, narrow
from .rows import Rows, encode, ordered_batches, shuffled_batches
from .settings import Settings
from .student import classifier_from, position_shift, save_folder
from .teachers import class_logits

LOG = logging.getLogger(__name__)
_NO_LABEL = -100


def sentiment_rows(settings: Settings, masked: ElectraForMaskedLM, tokenizer: Tokenizer) -> list[Example]:
    """Phrases and sentences with gold labels, other reviews, and damaged, rewritten and joined texts."""
    drawn = random.Random(settings.seed)
    sentences = sst_sentences(settings, "train")
    gold = sentences + sst_phrases(settings)
    elsewhere = {plain(text) for row in nli_examples(settings, "train") for text in (row.first, row.second or "")}
    elsewhere |= {plain(text) for pair in pair_texts(settings, "quora", "train_balanced") for text in pair}
    others, _ = mlm_sentences(settings)
    reviews = [Example(text) for text in others if plain(text) not in elsewhere]
    reviews = drawn.sample(reviews, min(len(reviews), 30_000))
    # Whole sentences are what users explain, so they are damaged more often than phrases.
    base = sentences * 4 + gold + reviews[:30_000]
    rows = gold + reviews
    rows += augment.damaged(base, 40_000, drawn)
    rows += augment.rewritten(base, 20_000, drawn, masked, tokenizer)
    rows += augment.joined(sentences + reviews, 3_000, drawn)
    return distinct(rows, forbidden_texts(settings, "sentiment"))


def nli_rows(settings: Settings, masked: ElectraForMaskedLM, tokenizer: Tokenizer) -> list[Example]:
    """Training pairs with gold labels, and re-paired, swapped, shortened, damaged and rewritten ones."""
    drawn = random.Random(settings.seed)
    gold = nli_examples(settings, "train")
    rows = list(gold)
    rows += augment.mismatched(gold, 8_000, drawn)
    rows += augment.swapped(gold, 3_000, drawn)
    rows += augment.shortened(gold, 3_000, drawn)
    rows += augment.damaged(gold, 40_000, drawn)
    rows += augment.rewritten(gold, 30_000, drawn, masked, tokenizer)
    return distinct(rows, forbidden_texts(settings, "nli"))


def accuracy(model: ElectraForSequenceClassification, rows: Rows, labels: NDArray[np.int64]) -> float:
    """Share of rows whose likeliest class is the gold one, in single precision."""
    model.train(False)
    right = 0
    with torch.inference_mode():
        for chosen in ordered_batches(rows, 4_000):
            best = model(**rows.batch(chosen)).logits.argmax(-1).numpy()
            right += int((best == labels[chosen]).sum())
    model.train()
    return right / len(rows)


def gold_labels(examples: Sequence[Example]) -> NDArray[np.int64]:
    """Gold labels, ``_NO_LABEL`` where there is none."""
    return np.array([_NO_LABEL if row.label is None else row.label for row in examples], np.int64)


def distillation_loss(
    logits: torch.Tensor, teacher: torch.Tensor, gold: torch.Tensor, temperature: float, soft_weight: float
) -> torch.Tensor:
    """Softened divergence from the teacher on all rows, mixed with the gold label where a row has one."""
    divergence = kl_div(log_softmax(logits / temperature, -1), softmax(teacher / temperature, -1), reduction="none")
    soft = divergence.sum(-1) * temperature**2
    hard = cross_entropy(logits, gold, ignore_index=_NO_LABEL, reduction="none")
    weight = torch.where(gold == _NO_LABEL, 1.0, soft_weight)
    return (weight * soft + (1 - weight) * hard).mean()


def train_classifier(
    settings: Settings, task: str, masked: ElectraForMaskedLM, tokenizer: Tokenizer
) -> tuple[ElectraForSequenceClassification, dict[str, float]]:
    """The best student on dev, and figures of the run."""
    make = sentiment_rows if task == "sentiment" else nli_rows
    examples = make(settings, masked, tokenizer)
    teacher = torch.from_numpy(class_logits(settings, task, examples))
    labels = gold_labels(examples)
    longest = settings.architecture.max_position_embeddings
    rows = encode(tokenizer, examples, longest)
    dev = evaluation_set(settings, task, "dev")
    dev_rows, dev_labels = encode(tokenizer, dev, longest), gold_labels(dev)
    model = classifier_from(settings, task, masked)
    began = time.monotonic()

    def keep() -> None:
        # A run that is broken off still leaves a usable folder.
        save_folder(settings, model, tokenizer, settings.out / task)

    best = _run(settings, task, model, (rows, teacher, torch.from_numpy(labels)), (dev_rows, dev_labels), keep)
    return model, {"rows": len(examples), "best_dev_while_training": best, "seconds": time.monotonic() - began}


def _run(
    settings: Settings,
    task: str,
    model: ElectraForSequenceClassification,
    train: tuple[Rows, torch.Tensor, torch.Tensor],
    dev: tuple[Rows, NDArray[np.int64]],
    keep: Callable[[], None],
) -> float:
    """Optimise ``model`` in place and leave it at its best checkpoint on dev; returns that accuracy.

    ``keep`` is called after every check that found a better one.
    """
    rows, teacher, gold = train
    training = settings.training(task)
    generator = np.random.default_rng(settings.seed)
    batches = len(shuffled_batches(rows, training.tokens_per_batch, np.random.default_rng(0)))
    steps = int(batches * training.epochs)
    optimiser = Optimiser(model, training, steps)
    LOG.info("%s: %d rows, %d steps", task, len(rows), steps)
    began, step, best, state = time.monotonic(), 0, 0.0, model.state_dict()
    while step < steps:
        for chosen in shuffled_batches(rows, training.tokens_per_batch, generator)[: steps - step]:
            batch = position_shift(rows.batch(chosen), model.config.max_position_embeddings, float(generator.random()))
            at = torch.from_numpy(chosen)
            with narrow():
                logits = model(**batch).logits
            loss = distillation_loss(logits.float(), teacher[at], gold[at], training.temperature, training.soft_weight)
            optimiser.step(loss)
            step += 1
            if step % batches == 0 or step == steps:
                with narrow():
                    now = accuracy(model, *dev)
                LOG.info(
                    "%s step %d of %d, dev %.4f, loss %.4f, %.0f s",
                    task,
                    step,
                    steps,
                    now,
                    loss.item(),
                    time.monotonic() - began,
                )
                if now >= best:
                    best, state = now, copy.deepcopy(model.state_dict())
                    keep()
    model.load_state_dict(state)
    return best
