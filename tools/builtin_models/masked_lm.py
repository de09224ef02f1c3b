"""The masked language model: hard words everywhere, the teacher's distribution where it was asked."""

from __future__ import annotations

import logging
import math
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch.nn.functional import cross_entropy
from transformers import ElectraForMaskedLM

from .data import Example, distinct, mlm_sentences, nli_examples, pair_texts, plain, sst_sentences
from .masking import Masked, mask_examples
from .optimise import Optimiser, narrow
from .rows import Rows, encode, ordered_batches, shuffled_batches
from .settings import MASK, TEACHERS, Settings
from .student import fresh_masked_model, position_shift
from .teachers import TopWords, top_words
from .vocabulary import build_tokenizer, load_tokenizer, teacher_ids

LOG = logging.getLogger(__name__)
_TOP = 48
_QUORA_PAIRS = 20_000
_PACKED = 15_000
_EVALUATION_RATE = 0.15


def shared_tokenizer(settings: Settings) -> Tokenizer:
    """The tokenizer of all students, built once per work folder."""
    path = settings.cache("tokenizer").with_suffix(".json")
    if not path.exists():
        texts, _ = mlm_sentences(settings)
        # SST has few sentences and rare, telling words: counted more than once so that they stay whole.
        texts += [row.first for row in sst_sentences(settings, "train")] * 3
        build_tokenizer(settings, texts).save(str(path))
    return Tokenizer.from_file(str(path))


def training_rows(settings: Settings) -> list[Example]:
    """Single sentences, pairs in two segments, and packed neighbours for longer texts; nothing held out."""
    drawn = random.Random(settings.seed)
    sentences, held_out = mlm_sentences(settings)
    held = {plain(sentence) for sentence in held_out}
    snli = [(row.first, row.second or "") for row in nli_examples(settings, "train")]
    in_pairs = {plain(text) for pair in snli for text in pair}
    pairs = (
        snli
        + pair_texts(settings, "mrpc", "train")
        + drawn.sample(pair_texts(settings, "quora", "train_balanced"), _QUORA_PAIRS)
    )
    rows = [Example(first, second) for first, second in pairs if plain(first) not in held and plain(second) not in held]
    # SNLI sentences are seen in pairs already: half of the single ones are left out.
    rows += [Example(text) for text in sentences if plain(text) not in in_pairs or drawn.random() < 0.5]
    rows += [Example(" ".join(drawn.sample(sentences, drawn.randint(2, 4)))) for _ in range(_PACKED)]
    return distinct(rows, set())


@dataclass(frozen=True)
class _Targets:
    """Masked rows with the first target of every row, and the teacher's answers for them where there are any."""

    masked: Masked
    firsts: NDArray[np.int64]
    asked: NDArray[np.int64]
    top: TopWords | None

    @classmethod
    def of(cls, masked: Masked, top: TopWords | None) -> _Targets:
        """Index the targets; ``top`` answers those with a teacher position, in order."""
        firsts = np.searchsorted(masked.row, np.arange(len(masked.student) + 1))
        has = masked.teacher_position >= 0
        return cls(masked, firsts, np.where(has, np.cumsum(has) - 1, -1), top)


def labelled_targets(settings: Settings, tokenizer: Tokenizer, examples: Sequence[Example]) -> _Targets:
    """Masked rows with the teacher's answers, which are cached because they take minutes."""
    teacher_tokenizer = load_tokenizer(settings.models / TEACHERS["mlm"])
    masked = mask_examples(examples, tokenizer, teacher_tokenizer, settings.seed)
    path = settings.cache("mlm-teacher", len(examples), len(masked.row), int(masked.gold.sum()), _TOP)
    if path.exists():
        with np.load(path) as stored:
            return _Targets.of(masked, TopWords(stored["pieces"], stored["probabilities"]))
    asked = np.flatnonzero(masked.teacher_position >= 0)
    pieces = teacher_ids(settings, tokenizer)
    top = top_words(settings, masked.teacher, masked.row[asked], masked.teacher_position[asked], pieces, _TOP)
    np.savez(path, pieces=top.pieces, probabilities=top.probabilities)
    return _Targets.of(masked, top)


def _logits(
    model: ElectraForMaskedLM, batch: dict[str, torch.Tensor], rows: torch.Tensor, at: torch.Tensor
) -> torch.Tensor:
    """Word logits at the given positions only: the vocabulary is by far the widest layer."""
    states = model.electra(**batch).last_hidden_state[rows, at]
    logits: torch.Tensor = model.generator_lm_head(model.generator_predictions(states)).float()
    return logits


def _loss(
    model: ElectraForMaskedLM, targets: _Targets, chosen: NDArray[np.int64], soft_weight: float, shift: float
) -> torch.Tensor:
    masked, firsts = targets.masked, targets.firsts
    at = np.concatenate([np.arange(firsts[row], firsts[row + 1]) for row in chosen])
    local = np.repeat(np.arange(len(chosen)), firsts[chosen + 1] - firsts[chosen])
    batch = position_shift(masked.student.batch(chosen), model.config.max_position_embeddings, shift)
    logits = _logits(model, batch, torch.from_numpy(local), torch.from_numpy(masked.position[at]))
    gold = torch.from_numpy(masked.gold[at])
    if targets.top is None:
        return cross_entropy(logits, gold)
    log_probabilities = logits.log_softmax(-1)
    hard = -log_probabilities.gather(1, gold[:, None])[:, 0]
    asked = targets.asked[at]
    known = np.flatnonzero(asked >= 0)
    pieces = torch.from_numpy(targets.top.pieces[asked[known]].astype(np.int64))
    weights = torch.from_numpy(targets.top.probabilities[asked[known]].astype(np.float32))
    index = torch.from_numpy(known)
    soft = -(log_probabilities[index].gather(1, pieces) * weights).sum(1)
    weight = torch.ones_like(hard)
    weight[index] = 1 - soft_weight
    return ((hard * weight).sum() + soft_weight * soft.sum()) / len(hard)


def train_masked_model(settings: Settings, tokenizer: Tokenizer) -> tuple[ElectraForMaskedLM, dict[str, float]]:
    """The trained student, and figures of the run.

    Even epochs learn from the teacher's cached answers, odd ones from freshly masked rows: the teacher is asked once.
    """
    examples = training_rows(settings)
    targets = labelled_targets(settings, tokenizer, examples)
    teacher_tokenizer = load_tokenizer(settings.models / TEACHERS["mlm"])
    counts = np.bincount(targets.masked.student.ids, minlength=tokenizer.get_vocab_size()) + 0.5
    frequencies = torch.from_numpy(np.log(counts / counts.sum())).float()
    model = fresh_masked_model(settings, teacher_ids(settings, tokenizer), frequencies)
    training = settings.mlm
    generator = np.random.default_rng(settings.seed)
    batches = len(shuffled_batches(targets.masked.student, training.tokens_per_batch, np.random.default_rng(0)))
    steps = int(batches * training.epochs)
    optimiser = Optimiser(model, training, steps)
    LOG.info("mlm: %d rows, %d targets, %d steps", len(examples), len(targets.masked.row), steps)
    began, step, running, epoch = time.monotonic(), 0, 0.0, 0
    while step < steps:
        if epoch % 2:
            fresh = _Targets.of(mask_examples(examples, tokenizer, teacher_tokenizer, settings.seed + epoch), None)
        else:
            fresh = targets
        for chosen in shuffled_batches(fresh.masked.student, training.tokens_per_batch, generator)[: steps - step]:
            with narrow():
                loss = _loss(model, fresh, chosen, training.soft_weight, float(generator.random()))
            optimiser.step(loss)
            step += 1
            running += 0.01 * (loss.item() - running) if step > 1 else loss.item()
            if step % 500 == 0:
                LOG.info("mlm step %d of %d, loss %.3f, %.0f s", step, steps, running, time.monotonic() - began)
        epoch += 1
        if epoch * batches >= steps or epoch % 2 == 0:
            LOG.info("mlm epoch %d: held out %s", epoch, held_out_figures(settings, model, tokenizer))
    return model, {"rows": len(examples), "seconds": time.monotonic() - began}


def held_out_figures(settings: Settings, model: ElectraForMaskedLM, tokenizer: Tokenizer) -> dict[str, float]:
    """Perplexity and accuracy at 15 % hidden pieces of the held-out sentences, and at single hidden whole words."""
    _, sentences = mlm_sentences(settings)
    rows = encode(tokenizer, [Example(text) for text in sentences], model.config.max_position_embeddings)
    drawn = random.Random(settings.seed)
    pieces = [_choose_pieces(int(length), drawn) for length in rows.lengths]
    several = _measure(model, rows, pieces)
    vocabulary = tokenizer.get_vocab()
    inner = {number for piece, number in vocabulary.items() if piece.startswith("##")}
    single = _measure(model, rows, [_choose_word(rows, row, inner, drawn) for row in range(len(rows))])
    return {"perplexity": several[0], "accuracy": several[1], "word_perplexity": single[0], "word_accuracy": single[1]}


def _choose_pieces(length: int, drawn: random.Random) -> list[int]:
    """Positions to hide, specials excluded."""
    inside = range(1, length - 1)
    return sorted(drawn.sample(inside, min(len(inside), max(1, round(len(inside) * _EVALUATION_RATE)))))


def _choose_word(rows: Rows, row: int, inner: set[int], drawn: random.Random) -> list[int]:
    """One position whose word is a single piece, the case in which an explainer asks the model."""
    ids = rows.ids[rows.starts[row] : rows.starts[row + 1]].tolist()
    single = [at for at in range(1, len(ids) - 1) if ids[at] not in inner and ids[at + 1] not in inner]
    return [drawn.choice(single)] if single else []


def _measure(model: ElectraForMaskedLM, rows: Rows, hidden: list[list[int]]) -> tuple[float, float]:
    """Perplexity and accuracy at the hidden positions."""
    loss, right, count = 0.0, 0, 0
    with torch.inference_mode():
        for chosen in ordered_batches(rows, 4_000):
            batch = rows.batch(chosen)
            local = torch.tensor([index for index, row in enumerate(chosen) for _ in hidden[row]])
            at = torch.tensor([position for row in chosen for position in hidden[row]])
            if not len(at):
                continue
            gold = batch["input_ids"][local, at]
            batch["input_ids"][local, at] = MASK
            logits = _logits(model, batch, local, at)
            loss += float(cross_entropy(logits, gold, reduction="sum"))
            right += int((logits.argmax(-1) == gold).sum())
            count += len(gold)
    return math.exp(loss / count), right / count
