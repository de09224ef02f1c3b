"""Units replaced by one thing or left out: what the model then reads, and what it cannot serve."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from toys.models import build

import elision
from elision.models.rows import PADDED
from elision.removal import make_removal

TEXT = "a good film"


def test_removals_that_a_model_cannot_serve(keywords: elision.BlackBox) -> None:
    for removal in ("pad", "zero", "drop"):
        with pytest.raises(elision.UnsupportedError, match=f"'{removal}' needs a model with tokens"):
            elision.LeaveOneOut(removal=removal)(keywords, TEXT)
    net, tokenizer = build("bert")
    tokenizer.mask_token = None
    with pytest.raises(elision.UnsupportedError, match="tiny has no mask token; use 'delete'"):
        elision.LeaveOneOut(removal="mask")(elision.HuggingFaceModel(net, tokenizer, name="tiny"), TEXT)


def rows_of(model: elision.Model, removal: str, known: list[list[bool]]) -> Any:
    """Return the one block of rows that stand for subsets, with its indices and weights."""
    encoding = model.encode(TEXT)
    drawn = make_removal(removal).bind(model, encoding, seed=0).draws(np.array(known))
    assert not drawn.left_out.any()
    assert not drawn.sampled.any()
    ((rows, index, weight),) = drawn.blocks
    assert index.tolist() == list(range(len(known)))
    assert weight.tolist() == [1.0] * len(known)
    return rows


def test_tokens_of_absent_units(bert: elision.HuggingFaceModel) -> None:
    cls, a, good, film, sep = bert.encode(TEXT).ids.tolist()
    mask, unk = bert.vocabulary.mask_id, bert.vocabulary.unk_id
    known = [[True, False, True], [False, False, True]]
    assert rows_of(bert, "mask", known).ids.tolist() == [[cls, a, mask, film, sep], [cls, mask, mask, film, sep]]
    assert rows_of(bert, "unk", known).ids.tolist() == [[cls, a, unk, film, sep], [cls, unk, unk, film, sep]]
    assert rows_of(bert, "pad", known).ids.tolist() == [[cls, a, PADDED, film, sep], [cls, PADDED, PADDED, film, sep]]
    zero = rows_of(bert, "zero", known)
    assert zero.ids.tolist() == [[cls, a, good, film, sep]] * 2
    assert zero.scale.tolist() == [[1, 1, 0, 1, 1], [1, 0, 0, 1, 1]]
    dropped = rows_of(bert, "drop", known)
    assert dropped.attended.tolist() == [[True, True, False, True, True], [True, False, False, True, True]]
    assert rows_of(bert, "delete", known[1:]).ids.tolist() == [[cls, film, sep]]


def test_texts_without_absent_units(keywords: elision.BlackBox) -> None:
    known = [[True, False, True], [False, False, True], [False, False, False]]
    assert rows_of(keywords, "delete", known).examples == ("a film", "film", "")
