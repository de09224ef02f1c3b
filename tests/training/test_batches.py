"""Batches of rows of about one length."""

from __future__ import annotations

import numpy as np
from toys.tokenizers import wordpiece_tokenizer

from elision.training.batches import encode_rows


def test_batches_hold_every_row_once_and_are_as_wide_as_a_multiple_of_four() -> None:
    tokenizer = wordpiece_tokenizer()
    examples = ["a film " * n for n in range(1, 20)]
    rows = encode_rows(tokenizer, examples, np.arange(19) % 2, max_length=32)
    assert rows.lengths.max() == 32
    for batches in (rows.shuffled(4, np.random.default_rng(0)), rows.ordered(4)):
        assert sorted(np.concatenate(batches).tolist()) == list(range(19))
    assert [b.tolist() for b in rows.shuffled(4, np.random.default_rng(1))] == [
        b.tolist() for b in rows.shuffled(4, np.random.default_rng(1))
    ]
    batch = rows.batch(np.array([0, 1]))
    assert batch["input_ids"].shape == (2, 8)
    own = tokenizer(examples[:2], padding="max_length", max_length=8, return_tensors="pt")
    for name in own:
        assert batch[name].tolist() == own[name].tolist()
    assert batch["labels"].tolist() == [0, 1]
