"""Models that are trained on planted texts until the shortcut rules, kept in folders; and untrained ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from elision.data.samples import LABELS, DataSet, Split
from elision.models.loading import read_tokenizer
from elision.reproduction.context import StudyContext
from elision.reproduction.planting import HeldOut, Shortcut, held_out, mixed, rare_words
from elision.reproduction.recipes import find_model, fingerprint
from elision.reproduction.store import digest_of
from elision.training.batches import EncodedRows, encode_rows
from elision.training.cards import card
from elision.training.classifiers import Embeddings, from_encoder, from_scratch
from elision.training.folders import save_folder
from elision.training.loop import Fit, accuracy, fit, row_batches
from elision.training.settings import Settings

RULES = 0.99
"""The accuracy on planted rows from which on a shortcut rules."""
ENCODER = "mlm-minilm"
N_TRAIN = {"lstm": 3000, "encoder": 1000}
N_DEV, N_TEST = 400, 500
LONGEST = 16
"""Texts, and words of a text before planting: the sizes are choices, by cost."""
_ENOUGH = 0.995
"""Of dev rows: with some slack, so that other rows have RULES too."""
_LAG = 0.05
"""By so much accuracy may be lower on half-planted rows than on the same rows without any planted word. A choice."""
SETTINGS = {
    "lstm": Settings(epochs=40, batch_size=32, learning_rate=2e-3, patience=40, max_length=64),
    "encoder": Settings(epochs=12, batch_size=32, learning_rate=1e-4, patience=12, max_length=64),
}
"""The passes are the most: training ends where the shortcut rules. Choices."""
TITLES = {"lstm": "LSTM", "encoder": "BERT"}


@dataclass(frozen=True, eq=False)
class Planted:
    """A shortcut with its words and its rows.

    Attributes:
        shortcut: what is planted.
        words: those planted.
        train: to learn from, mixed.
        dev: to stop by.
        test: to measure and to explain.
    """

    shortcut: Shortcut
    words: tuple[str, ...]
    train: Split
    dev: HeldOut
    test: HeldOut

    def task(self) -> DataSet:
        """Return the rows to learn from as what training takes."""
        data = self.shortcut.data
        sources = dict.fromkeys(("train", "dev", "test"), f"{data} with a shortcut: {self.shortcut.title}")
        n_texts = 2 if isinstance(self.train.examples[0], tuple) else 1
        return DataSet(data, LABELS[data], n_texts, self.train, self.dev.planted, None, sources)


def plant(context: StudyContext, shortcut: Shortcut, kind: str) -> Planted:
    """Return short rows of a data set with a shortcut in them; words and held-out rows are the same for every kind.

    Args:
        context: models and data.
        shortcut: what is planted.
        kind: "lstm" or "encoder", which learns from fewer texts.
    Raises:
        ElisionError: the data or the encoder, whose vocabulary the words are from, are missing.
    """
    parts = []
    for split, n in (("train", max(N_TRAIN.values())), ("dev", N_DEV), ("test", N_TEST)):
        part = context.split(shortcut.data, split)
        short = [row for row in context.order(shortcut.data, split) if _n_words(part.examples[row]) <= LONGEST]
        parts.append(part.take(np.array(short[:n], dtype=np.int64)))
    tokenizer = read_tokenizer(_encoder(context))
    words = rare_words(tokenizer, (e for part in parts for e in part.examples), seed=context.seed)
    train, dev, test = parts
    return Planted(
        shortcut,
        words,
        mixed(train.take(np.arange(len(train))[: N_TRAIN[kind]]), shortcut, words, seed=context.seed),
        held_out(dev, shortcut, words, seed=context.seed + 1),
        held_out(test, shortcut, words, seed=context.seed + 2),
    )


def obtain(context: StudyContext, kind: str, planted: Planted, *, trained: bool = True) -> str:
    """Return the name under which the context has a model, which is trained where it is not there yet.

    Args:
        context: where its folder is, or is made.
        kind: "lstm" or "encoder".
        planted: the shortcut that it is to learn.
        trained: False for random weights.
    Raises:
        ElisionError: the encoder to start from is missing.
    """
    settings = replace(SETTINGS[kind], seed=context.seed)
    pin = {
        "kind": kind,
        "rows": [list(planted.train.examples), planted.train.labels.tolist(), list(planted.dev.planted.examples)],
        "start": fingerprint(_encoder(context)) if kind == "encoder" else None,
        "settings": settings.describe() if trained else {"seed": context.seed},
    }
    name = f"shortcut-{planted.shortcut.name}-{kind}" + ("" if trained else "-untrained")
    folder = context.out / "models" / f"{name}-{digest_of(pin)}"
    if not folder.is_dir():
        _make(context, kind, planted, settings, folder, trained)
    context.adopt(name, folder, planted.train.examples)
    return name


def _make(context: StudyContext, kind: str, planted: Planted, settings: Settings, folder: Path, trained: bool) -> None:
    model, tokenizer, facts = _start(context, kind, planted, settings, trained)
    model.to("cpu")
    figures: dict[str, Any] = {}
    if trained:
        context.report(f"{folder.name}: training on {len(planted.train):,} rows")
        came_to = _teach(context, model, tokenizer, planted, settings)
        figures = {"best figure on dev": f"{came_to.best:.4f}", "passes": came_to.epochs}
    title = f"{TITLES[kind]} with a shortcut: {planted.shortcut.title} (Bastings et al. 2022)"
    facts = {**facts, "planted words": ", ".join(planted.words)}
    save_folder(folder, model, tokenizer, card(title, figures, facts, settings.describe()))


def _start(
    context: StudyContext, kind: str, planted: Planted, settings: Settings, trained: bool
) -> tuple[Any, Any, dict[str, Any]]:
    task = planted.task()
    if kind == "lstm":
        name = "lstm" if task.n_texts == 1 else "pair-lstm"
        return from_scratch(name, task, settings, Embeddings())
    model, tokenizer, facts = from_encoder(_encoder(context), task, settings)
    if not trained:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings.seed)
            model = type(model)(model.config)
    return model, tokenizer, facts if trained else {"starts from": "random weights"}


def _teach(context: StudyContext, model: Any, tokenizer: Any, planted: Planted, settings: Settings) -> Fit:
    """Train a model until the planted rows follow the rule and the half-planted ones do not."""

    def encode(split: Split) -> EncodedRows:
        return encode_rows(tokenizer, split.examples, split.labels, max_length=settings.max_length)

    planted_rows, plain = encode(planted.dev.planted), encode(planted.dev.plain)
    half = None if planted.dev.half is None else encode(planted.dev.half)

    def measure() -> float:
        followed = accuracy(model, planted_rows, quick=True)
        if half is None:
            return followed
        lag = accuracy(model, plain, quick=True) - accuracy(model, half, quick=True)
        return followed - max(0.0, lag - _LAG)

    return fit(
        model,
        settings,
        row_batches(model, encode(planted.train), settings),
        measure,
        show="planted dev rows {:.4f}".format,
        enough=_ENOUGH,
        progress=False,
        report=context.report,
    )


def _encoder(context: StudyContext) -> str:
    return find_model(ENCODER, context.folders, context.given)


def _n_words(example: Any) -> int:
    texts: Sequence[str] = example if isinstance(example, tuple) else (example,)
    return sum(len(text.split()) for text in texts)
