"""Masked training: texts with any share of their tokens hidden are nothing new to a model (Madsen et al. 2024)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elision.arrays import Floats, Ints
from elision.errors import OptionError
from elision.training.batches import EncodedRows

SHARE_MEASURED = 0.5
"""The share of hidden tokens at which a model's card states its accuracy. A choice."""


def require_mask(tokenizer: Any, init: str) -> None:
    """Refuse a tokenizer that has nothing to hide tokens behind.

    Raises:
        OptionError: it has no [MASK].
    """
    if tokenizer.mask_token_id is None:
        raise OptionError(
            f"masked_training needs a mask token, and the tokenizer of {init!r} has none; start from a model that has "
            "one, or leave masked_training out"
        )


class Hiding:
    """Puts [MASK] in the place of tokens, never of the special ones that frame a text.

    An unknown word is a word: it is hidden like any other.

    Args:
        tokenizer: with a mask token.
    Source: Madsen et al. 2024, masked fine-tuning. Deviations: none known in what is hidden; the weights are
        chosen by whole texts alone.
    """

    def __init__(self, tokenizer: Any) -> None:
        frame = {tokenizer.cls_token_id, tokenizer.sep_token_id, tokenizer.bos_token_id, tokenizer.eos_token_id}
        kept = frame | {tokenizer.pad_token_id, tokenizer.mask_token_id}
        kept |= set(tokenizer.all_special_ids) - {tokenizer.unk_token_id}
        self._kept = np.array(sorted(kept - {None}), dtype=np.int32)
        self._mask_id = np.int32(tokenizer.mask_token_id)

    def hide(self, rows: EncodedRows, shares: Floats, draws: np.random.Generator) -> EncodedRows:
        """Return the rows with tokens hidden, each by itself.

        Args:
            rows: n rows; they are not changed.
            shares: float64 (n,), how likely each of a row's tokens is to be hidden.
            draws: decide.
        """
        lots = draws.random(len(rows.ids)) < np.repeat(shares, rows.lengths)
        hidden = lots & ~np.isin(rows.ids, self._kept)
        return replace(rows, ids=np.where(hidden, self._mask_id, rows.ids))

    def measured(self, rows: EncodedRows, seed: int) -> EncodedRows:
        """Return the rows on which a card's figure is measured: half of all tokens hidden."""
        return self.hide(rows, np.full(len(rows), SHARE_MEASURED), np.random.default_rng(seed))


def drawn_shares(batches: Sequence[NDArray[np.int64]], n: int, draws: np.random.Generator) -> Floats:
    """Return the share of tokens to hide in each row: 0 in half of a batch's rows, uniform in 0 to 1 in the others.

    Args:
        batches: indices of their rows.
        n: number of rows.
        draws: decide, and whether the middle one of an odd number of rows is among the others.
    Returns:
        float64 (n,). A token of one of the others is then hidden by its row's share, so that every number of hidden
        tokens, from none to all, is as likely as any other.
    """
    shares = np.zeros(n)
    for batch in batches:
        chosen: Ints = draws.permutation(batch)[: (len(batch) + draws.integers(2)) // 2]
        shares[chosen] = draws.random(len(chosen))
    return shares
