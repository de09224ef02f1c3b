"""Fine-tuning of a masked language model on a domain's texts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from elision.errors import OptionError
from elision.models.tokenization import length_limit
from elision.training.batches import EncodedRows, encode_rows
from elision.training.loop import Batch, Fit, Report, accepted, evaluating, fit
from elision.training.settings import Settings

_SHARE = 0.15
_AS_MASK, _AS_RANDOM = 0.8, 0.1
"""Tokens that are guessed, and how many of them read [MASK] or a random token: BERT's (Devlin et al. 2019)."""
_IGNORED = -100
_HELD_OUT_SHARE, _MOST_HELD_OUT = 0.05, 2_000
_ROWS = 64


def train_masked_lm(
    model: Any, tokenizer: Any, texts: list[str], settings: Settings, *, progress: bool | None, report: Report
) -> tuple[Fit, dict[str, float]]:
    """Fine-tune a masked language model in place, as BERT was trained: 15 % of a text's tokens are to be found.

    Of these, eight in ten are hidden behind [MASK], one in ten is another token, one in ten is left as it is; drawn
    anew at each pass. A twentieth of the texts is held out; there all of the chosen tokens are hidden.

    Args:
        model: on its device.
        tokenizer: its tokenizer.
        texts: to learn from.
        settings: how.
        progress: None shows a bar on a terminal; False never.
        report: gets one line after each pass.
    Returns:
        What training came to; perplexity and accuracy on held-out tokens, before and after.
    Raises:
        OptionError: the tokenizer has no [MASK] or no padding, or fewer than two texts have a token that it knows.
    Source: Kim et al. 2020, section 5 (fine-tuned MLM). Deviations: none known.
    """
    if tokenizer.mask_token_id is None or tokenizer.pad_token_id is None:
        raise OptionError("the model's tokenizer has no [MASK] or no padding, which a masked language model needs")
    limit = min(settings.max_length, length_limit(tokenizer, model.config) or settings.max_length)
    masking = Masking(tokenizer, model.get_input_embeddings().num_embeddings)
    usable = masking.usable(tokenizer, texts, limit)
    if len(usable) < 2:
        raise OptionError(f"at least 2 texts with a token that the model knows are needed, got {len(usable)}")
    order = np.random.default_rng(settings.seed).permutation(len(usable))
    size = min(_MOST_HELD_OUT, max(1, int(_HELD_OUT_SHARE * len(usable))))
    rows, held_out = (
        encode_rows(tokenizer, [usable[i] for i in chosen], None, max_length=limit)
        for chosen in (order[size:], order[:size])
    )
    before = _measure(model, held_out, masking, settings.seed)

    def batches(draws: np.random.Generator) -> list[Callable[[], Batch]]:
        chosen = rows.shuffled(settings.batch_size, draws)
        seeds = draws.integers(2**32, size=len(chosen))
        return [_maker(model, rows, part, masking, int(seed)) for part, seed in zip(chosen, seeds, strict=True)]

    came_to = fit(
        model,
        settings,
        batches,
        lambda: -_measure(model, held_out, masking, settings.seed)[0],
        show=lambda figure: f"held-out perplexity {np.exp(-figure):.2f}",
        progress=progress,
        report=report,
    )
    after = _measure(model, held_out, masking, settings.seed)
    return came_to, {
        "perplexity_before": float(np.exp(before[0])),
        "accuracy_before": before[1],
        "perplexity": float(np.exp(after[0])),
        "accuracy": after[1],
    }


class Masking:
    """Chooses tokens to be found and hides them."""

    def __init__(self, tokenizer: Any, size: int) -> None:
        """Read the tokenizer; `size` is the number of the model's embeddings."""
        special = np.array(sorted({int(i) for i in tokenizer.all_special_ids}), dtype=np.int64)
        self._is_special = np.zeros(max(size, int(special.max()) + 1), dtype=bool)
        self._is_special[special] = True
        self._words = np.flatnonzero(~self._is_special[: min(size, len(tokenizer))])
        self._mask_id = int(tokenizer.mask_token_id)

    def usable(self, tokenizer: Any, texts: list[str], max_length: int) -> list[str]:
        """Return the texts that have a token to be found; a batch without any would have no loss."""
        rows = encode_rows(tokenizer, texts, None, max_length=max_length)
        row_of_token = np.repeat(np.arange(len(rows)), rows.lengths)
        found = np.bincount(row_of_token, weights=self._ordinary(rows.ids), minlength=len(rows))
        return [text for text, n in zip(texts, found, strict=True) if n]

    def _ordinary(self, ids: Any) -> Any:
        """Return bool: True on tokens that are not special."""
        return ~self._is_special[ids]

    def hide(self, batch: Batch, draws: np.random.Generator, *, always: bool = False) -> Batch:
        """Return the batch with tokens hidden, and labels that tell what they were.

        Args:
            batch: input_ids and more.
            draws: decide.
            always: whether all chosen tokens become [MASK].
        """
        ids = batch["input_ids"].cpu().numpy()
        possible = self._ordinary(ids) & (batch["attention_mask"].cpu().numpy() > 0)
        lots = np.where(possible, draws.random(ids.shape), np.inf)
        wanted = np.maximum(1, np.rint(_SHARE * possible.sum(axis=1))).astype(np.int64)
        chosen = (lots.argsort(axis=1).argsort(axis=1) < wanted[:, None]) & possible
        labels = np.where(chosen, ids, _IGNORED)
        fate = np.zeros(ids.shape) if always else draws.random(ids.shape)
        hidden = np.where(chosen & (fate < _AS_MASK), self._mask_id, ids)
        other = chosen & (fate >= _AS_MASK) & (fate < _AS_MASK + _AS_RANDOM)
        hidden = np.where(other, draws.choice(self._words, size=ids.shape), hidden)
        device = batch["input_ids"].device
        return batch | {
            "input_ids": torch.from_numpy(hidden).to(device),
            "labels": torch.from_numpy(labels).to(device),
        }


def _maker(model: Any, rows: EncodedRows, chosen: Any, masking: Masking, seed: int) -> Callable[[], Batch]:
    return lambda: masking.hide(accepted(model, rows.batch(chosen, model.device)), np.random.default_rng(seed))


def _measure(model: Any, rows: EncodedRows, masking: Masking, seed: int) -> tuple[float, float]:
    """Return the mean negative log-likelihood of hidden tokens, and the share that was found."""
    draws = np.random.default_rng(seed)
    loss, right, count = 0.0, 0, 0
    with evaluating(model):
        for chosen in replace(rows, labels=None).ordered(_ROWS):
            batch = masking.hide(accepted(model, rows.batch(chosen, model.device)), draws, always=True)
            labels = batch.pop("labels")
            at = labels != _IGNORED
            logits, wanted = model(**batch).logits[at].float(), labels[at]
            loss += float(torch.nn.functional.cross_entropy(logits, wanted, reduction="sum"))
            right += int((logits.argmax(-1) == wanted).sum())
            count += len(wanted)
    return loss / count, right / count
