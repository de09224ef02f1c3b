"""Training of classifiers: the papers' own from scratch, or any encoder with a new head."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from elision.data.samples import DataSet, Split
from elision.errors import OptionError, require_count
from elision.models.loading import initial, read_tokenizer
from elision.models.tokenization import length_limit
from elision.training.batches import EncodedRows, encode_rows
from elision.training.loop import Fit, Report, accuracy, fit, row_batches
from elision.training.masked_training import Hiding, require_mask
from elision.training.settings import OF_PAIRS, Settings
from elision.training.vectors import WordVectors, read_vectors, vectors_of_model
from elision.training.vocabulary import word_tokenizer

_WORDS = "words"
_MASKED_TRAINING = (
    "in half of each batch's rows a random share of the tokens, uniform in 0 to 1, was hidden behind the mask token "
    "(Madsen et al. 2024)"
)


@dataclass(frozen=True)
class Embeddings:
    """What a model that is trained from scratch reads, and what its embeddings start from.

    Attributes:
        tokenizer: "words" for a vocabulary of the training texts' words; else a folder, a hub name or
            "builtin:mlm", whose tokenizer is taken.
        min_count: for words: rarer ones are [UNK].
        max_words: for words: the most.
        size: numbers a token; None takes the model's own, or that of the vectors.
        vectors: a text file of word vectors.
        source: a folder, a hub name or "builtin:mlm" of a trained model whose embeddings are taken.
    """

    tokenizer: str = _WORDS
    min_count: int = 2
    max_words: int | None = None
    size: int | None = None
    vectors: str | None = None
    source: str | None = None

    def check(self) -> None:
        """Refuse values out of range, and options that exclude one another.

        Raises:
            OptionError: there is one.
        """
        require_count("min_count", self.min_count, 1)
        for name in ("max_words", "size"):
            if getattr(self, name) is not None:
                require_count(name, getattr(self, name), 1)
        if self.vectors is not None and self.source is not None:
            raise OptionError("embeddings start from a file of vectors or from a model, not from both")
        if self.tokenizer != _WORDS and (self.min_count != 2 or self.max_words is not None):
            raise OptionError("min_count and max_words are for a vocabulary of words, not for a given tokenizer")


def from_scratch(name: str, data: DataSet, settings: Settings, chosen: Embeddings) -> tuple[Any, Any, dict[str, Any]]:
    """Return an untrained model, its tokenizer, and facts for the card.

    Args:
        name: one of the papers' models.
        data: gives words and classes.
        settings: the seed, and the rows' length.
        chosen: words and vectors.
    Raises:
        OptionError: the model reads pairs and the data are single texts, or the tokenizer is not of use.
    """
    from elision.models import papers

    kinds: Mapping[str, Any] = {
        "cnn": papers.CnnForSequenceClassification,
        "lstm": papers.LstmForSequenceClassification,
        "pair-lstm": papers.PairLstmForSequenceClassification,
        "decomposable-attention": papers.DecomposableAttentionForSequenceClassification,
    }
    if name in OF_PAIRS and data.n_texts == 1:
        raise OptionError(f"{name} reads pairs, and {data.name} has single texts; take cnn, lstm or encoder")
    tokenizer = _tokenizer(data, chosen)
    if name in OF_PAIRS and 1 not in tokenizer("a", "b", return_token_type_ids=True)["token_type_ids"]:
        raise OptionError(f"{name} needs token types, which the tokenizer of {chosen.tokenizer!r} does not give")
    start = _start(tokenizer.get_vocab(), chosen)
    size = chosen.size or (start.vectors.shape[1] if start is not None and chosen.vectors else None)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        config = kinds[name].config_class(
            vocab_size=len(tokenizer),
            pad_token_id=tokenizer.pad_token_id,
            n_texts=data.n_texts,
            **({} if size is None else {"embedding_size": size}),
            **_label_config(data),
        )
        model = kinds[name](config)
    seen = encode_rows(tokenizer, data.train.examples, None, max_length=settings.max_length).ids
    _start_embeddings(model, seen, start)
    facts = {
        "vocabulary": f"{len(tokenizer):,} tokens, "
        + ("words of the training texts" if chosen.tokenizer == _WORDS else f"those of {chosen.tokenizer}"),
        "embeddings start": "at random"
        if start is None
        else f"from {start.source}: {len(start.ids):,} of {len(tokenizer):,} tokens, the others at random",
    }
    return model, tokenizer, facts


def from_encoder(init: str, data: DataSet, settings: Settings) -> tuple[Any, Any, dict[str, Any]]:
    """Return a trained encoder with a new head, its tokenizer, and facts for the card.

    Raises:
        OptionError: the tokenizer has no padding, or no [MASK] for masked training.
    """
    head = "AutoModelForSequenceClassification"
    model, tokenizer = initial(head, init, seed=settings.seed, ignore_mismatched_sizes=True, **_label_config(data))
    if tokenizer.pad_token_id is None:
        raise OptionError(f"the tokenizer of {init!r} has no token for padding, which training needs")
    model.config.n_texts = data.n_texts
    # A model to start from may have been trained so; the config tells of this training.
    model.config.masked_training = settings.masked_training
    if not settings.masked_training:
        return model, tokenizer, {"starts from": init}
    require_mask(tokenizer, init)
    return model, tokenizer, {"starts from": init, "masked training": _MASKED_TRAINING}


def train_classifier(
    model: Any, tokenizer: Any, data: DataSet, settings: Settings, *, progress: bool | None, report: Report
) -> tuple[Fit, dict[str, float]]:
    """Train a classifier in place.

    Args:
        model: on its device.
        tokenizer: its tokenizer.
        data: train, dev and test.
        settings: how.
        progress: None shows a bar on a terminal; False never.
        report: gets one line after each pass.
    Returns:
        What training came to, and the accuracy on dev and test in the weights' own arithmetic; after masked training
        also that on dev with half of the tokens hidden, as "dev_masked".
    """
    limit = min(settings.max_length, length_limit(tokenizer, model.config) or settings.max_length)

    def encode(split: Split) -> EncodedRows:
        return encode_rows(tokenizer, split.examples, split.labels, max_length=limit)

    hiding = Hiding(tokenizer) if settings.masked_training else None
    train, dev = encode(data.train), encode(data.dev)
    came_to = fit(
        model,
        settings,
        row_batches(model, train, settings, hiding),
        lambda: accuracy(model, dev, quick=True),
        progress=progress,
        report=report,
    )
    figures = {"dev": accuracy(model, dev)}
    if data.test is not None:
        figures["test"] = accuracy(model, encode(data.test))
    if hiding is not None:
        figures["dev_masked"] = accuracy(model, hiding.measured(dev, settings.seed))
    return came_to, figures


def _tokenizer(data: DataSet, chosen: Embeddings) -> Any:
    if chosen.tokenizer != _WORDS:
        tokenizer = read_tokenizer(chosen.tokenizer)
        if tokenizer.pad_token_id is None:
            raise OptionError(f"the tokenizer of {chosen.tokenizer!r} has no token for padding, which training needs")
        return tokenizer
    texts = (text for e in data.train.examples for text in (e if isinstance(e, tuple) else (e,)))
    return word_tokenizer(texts, min_count=chosen.min_count, max_words=chosen.max_words)


def _start(vocabulary: Mapping[str, int], chosen: Embeddings) -> WordVectors | None:
    if chosen.vectors is not None:
        return read_vectors(chosen.vectors, vocabulary)
    if chosen.source is not None:
        model, tokenizer = initial("AutoModel", chosen.source)
        return vectors_of_model(model, tokenizer, vocabulary, chosen.source)
    return None


def _start_embeddings(model: Any, seen: Any, start: WordVectors | None) -> None:
    """Give known words their vectors, and words that training never meets a vector of 0: they say nothing."""
    weight = model.get_input_embeddings().weight
    unseen = np.bincount(seen, minlength=len(weight)) == 0
    with torch.no_grad():
        weight[torch.from_numpy(unseen)] = 0
        if start is not None:
            vectors = start.resized(weight.shape[1]).scaled(model.config.initializer_range)
            weight[torch.from_numpy(vectors.ids)] = torch.from_numpy(vectors.vectors)
        weight[model.config.pad_token_id] = 0


def _label_config(data: DataSet) -> dict[str, Any]:
    return {
        "id2label": dict(enumerate(data.labels)),
        "label2id": {label: i for i, label in enumerate(data.labels)},
    }
