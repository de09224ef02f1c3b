"""Reading the corpora: only training sides are used for training, dev for choosing, test for one measurement."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .settings import LABELS, MLM_HELD_OUT, Settings

_WORD = re.compile(r"\[(?:MASK|UNK)\]|\w+|[^\w\s]")


@dataclass(frozen=True)
class Example:
    """One text or pair of texts with its gold label, or None where only a teacher labels it."""

    first: str
    second: str | None = None
    label: int | None = None


def words_of(text: str) -> list[str]:
    """Words and punctuation marks of a text, placeholders kept whole."""
    return _WORD.findall(text)


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON-lines file."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def plain(text: str) -> str:
    """A key under which two spellings of the same sentence meet."""
    return " ".join(words_of(text.lower()))


def mlm_sentences(settings: Settings) -> tuple[list[str], list[str]]:
    """Training and held-out sentences of the masked-language-model corpus, no held-out one in the training side."""
    with gzip.open(settings.data / "mlm" / "sentences.txt.gz", "rt", encoding="utf-8") as lines:
        sentences = sorted({line.strip() for line in lines} - {""})
    random.Random(settings.seed).shuffle(sentences)
    held_out = sentences[:MLM_HELD_OUT]
    held = {plain(sentence) for sentence in held_out}
    return [sentence for sentence in sentences[MLM_HELD_OUT:] if plain(sentence) not in held], held_out


def nli_examples(settings: Settings, split: str) -> list[Example]:
    """SNLI pairs of one split."""
    names = LABELS["nli"]
    return [
        Example(row["premise"], row["hypothesis"], names.index(row["label"]))
        for row in read_rows(settings.data / "snli" / f"{split}.jsonl")
    ]


def sst_sentences(settings: Settings, split: str) -> list[Example]:
    """SST binary sentences of one split, tokens joined by spaces."""
    return [
        Example(" ".join(row["tokens"]), None, int(row["label"]))
        for row in read_rows(settings.data / "sst" / f"{split}_binary.jsonl")
    ]


def sst_phrases(settings: Settings) -> list[Example]:
    """The labelled phrases of the SST-2 training side."""
    rows = read_rows(settings.data / "sst" / "glue_sst2_train_phrases.jsonl")
    return [Example(row["text"].strip(), None, int(row["label"])) for row in rows]


def pair_texts(settings: Settings, name: str, split: str) -> list[tuple[str, str]]:
    """Sentence pairs of a paraphrase set, without their labels."""
    return [(row["text1"], row["text2"]) for row in read_rows(settings.data / name / f"{split}.jsonl")]


def evaluation_set(settings: Settings, task: str, split: str) -> list[Example]:
    """The dev or test set of a classification task."""
    if split not in ("dev", "test"):
        raise ValueError(f"not an evaluation split: {split}")
    return sst_sentences(settings, split) if task == "sentiment" else nli_examples(settings, split)


def forbidden_texts(settings: Settings, task: str) -> set[str]:
    """Keys of all dev and test rows of a task, which no training row may equal."""
    rows = [row for split in ("dev", "test") for row in evaluation_set(settings, task, split)]
    return {example_key(row) for row in rows}


def example_key(row: Example) -> str:
    """The comparison key of an example."""
    return plain(row.first) + ("" if row.second is None else " || " + plain(row.second))


def distinct(rows: Iterable[Example], forbidden: set[str]) -> list[Example]:
    """``rows`` without repeats (the first stays) and without those whose key is forbidden."""
    seen = set(forbidden)
    kept = []
    for row in rows:
        key = example_key(row)
        if key and key not in seen:
            seen.add(key)
            kept.append(row)
    return kept
