"""Running the teachers: class logits for texts, and the likeliest words at masked positions."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModelForMaskedLM, AutoModelForSequenceClassification

from .data import Example, example_key
from .rows import Rows, encode, ordered_batches
from .settings import TEACHERS, Settings
from .vocabulary import load_tokenizer

LOG = logging.getLogger(__name__)
_BATCH_TOKENS = 3_200
_MAX_LENGTH = 128


@dataclass(frozen=True)
class TopWords:
    """For every masked position the teacher's likeliest student pieces and their probabilities."""

    pieces: NDArray[np.uint16]
    probabilities: NDArray[np.float16]


def class_logits(settings: Settings, task: str, examples: Sequence[Example]) -> NDArray[np.float32]:
    """The teacher's logits for every example, read from the cache where the same examples were labelled before."""
    path = settings.cache(f"{task}-teacher", *(example_key(row) for row in examples))
    if path.exists():
        with np.load(path) as stored:
            return np.asarray(stored["logits"], np.float32)
    folder = settings.models / TEACHERS[task]
    model = AutoModelForSequenceClassification.from_pretrained(
        folder, dtype=torch.bfloat16, attn_implementation="eager"
    ).eval()
    rows = encode(load_tokenizer(folder), examples, _MAX_LENGTH)
    logits = np.zeros((len(rows), model.config.num_labels), np.float32)
    began = time.monotonic()
    with torch.inference_mode():
        for chosen in ordered_batches(rows, _BATCH_TOKENS):
            logits[chosen] = model(**rows.batch(chosen)).logits.float().numpy()
    LOG.info("%s teacher labelled %d rows in %.0f s", task, len(rows), time.monotonic() - began)
    np.savez(path, logits=logits)
    return logits


def top_words(
    settings: Settings,
    rows: Rows,
    mask_rows: NDArray[np.int64],
    mask_positions: NDArray[np.int64],
    pieces: Sequence[int],
    count: int,
) -> TopWords:
    """The masked-language-model teacher's ``count`` likeliest pieces at every masked position.

    ``mask_rows`` must ascend; ``pieces`` are the teacher's numbers of the student's vocabulary, so the
    probabilities are renormalised over what the student can say.
    """
    folder = settings.models / TEACHERS["mlm"]
    model = AutoModelForMaskedLM.from_pretrained(folder, dtype=torch.bfloat16, attn_implementation="eager").eval()
    found = TopWords(
        np.zeros((len(mask_rows), count), np.uint16),
        np.zeros((len(mask_rows), count), np.float16),
    )
    firsts = np.searchsorted(mask_rows, np.arange(len(rows) + 1))
    began, done = time.monotonic(), 0
    with torch.inference_mode():
        decoder = model.cls.predictions.decoder
        weight, bias = decoder.weight[list(pieces)], decoder.bias[list(pieces)]
        for chosen in ordered_batches(rows, _BATCH_TOKENS):
            at = np.concatenate([np.arange(firsts[row], firsts[row + 1]) for row in chosen])
            done += len(chosen)
            if not len(at):
                continue
            local = np.repeat(np.arange(len(chosen)), firsts[chosen + 1] - firsts[chosen])
            states = model.bert(**rows.batch(chosen)).last_hidden_state[local, mask_positions[at]]
            logits = torch.nn.functional.linear(model.cls.predictions.transform(states), weight, bias).float()
            best = logits.softmax(-1).topk(count)
            found.pieces[at] = best.indices.numpy().astype(np.uint16)
            found.probabilities[at] = best.values.numpy().astype(np.float16)
            if done % 100_000 < len(chosen):
                LOG.info("mlm teacher: %d of %d rows, %.0f s", done, len(rows), time.monotonic() - began)
    return found
