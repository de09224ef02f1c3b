"""Texts beyond the data sets: damaged as an explainer damages them, and rewritten by the masked language model."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence

import torch
from tokenizers import Tokenizer
from transformers import ElectraForMaskedLM

from .data import Example, words_of
from .optimise import narrow
from .rows import encode, ordered_batches
from .settings import MASK, SPECIAL_TOKENS

_HEAVY_SHARE = 0.35
_COMMON_WORD = 400


def damage(words: list[str], drawn: random.Random, stock: Sequence[str]) -> list[str]:
    """Words masked, deleted, made unknown or replaced: mostly one or two, sometimes most of them."""
    if drawn.random() < _HEAVY_SHARE:
        share = drawn.uniform(0.15, 0.9)
        hit = {index for index in range(len(words)) if drawn.random() < share}
    else:
        hit = set(drawn.sample(range(len(words)), min(len(words), drawn.randint(1, 2))))
    kind = drawn.choices(("mask", "delete", "unknown", "replace", "mixed"), (4, 3, 1, 3, 1))[0]
    kept = []
    for index, word in enumerate(words):
        if index not in hit:
            kept.append(word)
            continue
        way = drawn.choice(("mask", "delete", "unknown", "replace")) if kind == "mixed" else kind
        if way == "mask":
            kept.append("[MASK]")
        elif way == "unknown":
            kept.append("[UNK]")
        elif way == "replace":
            kept.append(drawn.choice(stock))
    return kept or [drawn.choice(("[MASK]", "[UNK]"))]


def damaged(examples: Sequence[Example], count: int, drawn: random.Random) -> list[Example]:
    """``count`` examples with one side (or both) damaged; replacement words come from the examples themselves."""
    stock = [word for row in drawn.sample(list(examples), min(len(examples), 5_000)) for word in words_of(row.first)]

    def one(row: Example) -> Example:
        if row.second is None:
            return Example(" ".join(damage(words_of(row.first), drawn, stock)))
        side = drawn.choices(("first", "second", "both"), (4, 5, 1))[0]
        first = row.first if side == "second" else " ".join(damage(words_of(row.first), drawn, stock))
        second = row.second if side == "first" else " ".join(damage(words_of(row.second), drawn, stock))
        return Example(first, second)

    return [one(row) for row in drawn.choices(list(examples), k=count)]


def swapped(examples: Sequence[Example], count: int, drawn: random.Random) -> list[Example]:
    """Pairs the other way round."""
    return [Example(row.second or "", row.first) for row in drawn.sample(list(examples), count)]


def shortened(examples: Sequence[Example], count: int, drawn: random.Random) -> list[Example]:
    """A premise with some of its own words left out as its hypothesis."""

    def one(row: Example) -> Example:
        words = words_of(row.first)
        share = drawn.uniform(0.1, 0.7)
        return Example(row.first, " ".join([word for word in words if drawn.random() >= share] or words))

    return [one(row) for row in drawn.choices(list(examples), k=count)]


def mismatched(examples: Sequence[Example], count: int, drawn: random.Random) -> list[Example]:
    """Hypotheses under another premise that shares a fairly rare word, so that the pair is not plainly unrelated."""
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for index, row in enumerate(examples):
        for word in set(words_of(row.first.lower())):
            holders[word].append(index)
    made = []
    for row in drawn.choices(list(examples), k=count):
        shared = [word for word in words_of((row.second or "").lower()) if 1 < len(holders[word]) < _COMMON_WORD]
        other = drawn.choice(holders[drawn.choice(shared)]) if shared else drawn.randrange(len(examples))
        made.append(Example(examples[other].first, row.second))
    return made


def rewritten(
    examples: Sequence[Example], count: int, drawn: random.Random, model: ElectraForMaskedLM, tokenizer: Tokenizer
) -> list[Example]:
    """One or two words of the last text replaced by words that the masked language model finds likely there."""
    chosen = drawn.choices(list(examples), k=count)
    words = [words_of(row.first if row.second is None else row.second) for row in chosen]
    holes = [sorted(drawn.sample(range(len(row)), min(len(row), drawn.choice((1, 1, 2))))) for row in words]
    for row, at in zip(words, holes, strict=True):
        for index in at:
            row[index] = "[MASK]"
    asked = [_with_last(row, " ".join(text)) for row, text in zip(chosen, words, strict=True)]
    torch.manual_seed(drawn.randrange(2**31))
    fillings = _fill(asked, model, tokenizer)
    for row, at, filling in zip(words, holes, fillings, strict=True):
        for index, word in zip(at, filling, strict=False):
            row[index] = word
    return [_with_last(row, " ".join(text)) for row, text in zip(chosen, words, strict=True)]


def _with_last(row: Example, text: str) -> Example:
    return Example(text) if row.second is None else Example(row.first, text)


def _fill(examples: Sequence[Example], model: ElectraForMaskedLM, tokenizer: Tokenizer) -> list[list[str]]:
    """A sampled whole word for every [MASK] of every example, in order."""
    rows = encode(tokenizer, examples, model.config.max_position_embeddings)
    pieces = tokenizer.get_vocab()
    names = sorted(pieces, key=lambda piece: pieces[piece])
    barred = torch.tensor([name.startswith("##") or name in SPECIAL_TOKENS for name in names])
    found: list[list[str]] = [[] for _ in examples]
    with torch.inference_mode(), narrow():
        for chosen in ordered_batches(rows, 4_000):
            batch = rows.batch(chosen)
            local, at = torch.where(batch["input_ids"] == MASK)
            states = model.electra(**batch).last_hidden_state[local, at]
            logits = model.generator_lm_head(model.generator_predictions(states)).float()
            drawn = torch.multinomial(logits.masked_fill(barred, -torch.inf).softmax(-1), 1)[:, 0]
            for row, word in zip(local.tolist(), drawn.tolist(), strict=True):
                found[chosen[row]].append(names[word])
    return found


def joined(examples: Sequence[Example], count: int, drawn: random.Random) -> list[Example]:
    """Several texts in a row, for inputs longer than a sentence."""
    texts = [row.first for row in examples]
    return [Example(" ".join(drawn.choices(texts, k=drawn.randint(2, 5)))) for _ in range(count)]
