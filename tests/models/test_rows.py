"""Rows: parts of them, and keys that are equal where rows are."""

from __future__ import annotations

import numpy as np
import pytest

from elision.models.rows import TextRows, TokenRows

IDS = np.array([[2, 5, 6, 3], [2, 5, 7, 3], [2, 5, 6, 3]], dtype=np.int32)
ALL = np.ones(IDS.shape, dtype=bool)


def changed(part: str, dtype: type) -> TokenRows:
    """Return rows of which the last one differs from the first in one part only."""
    parts = {
        "attended": ALL.copy(),
        "segment_ids": np.zeros(IDS.shape, dtype=np.int8),
        "scale": np.ones(IDS.shape, dtype=np.float32),
    }
    parts[part][2, 1] = dtype(not parts[part][2, 1])
    return TokenRows(IDS, **parts)


def test_keys_are_equal_where_rows_are() -> None:
    first, second, third = TokenRows(IDS, ALL).keys()
    assert first == third
    assert first != second
    assert TokenRows(IDS[:1], ALL[:1]).keys() == [first]
    assert TokenRows(IDS[:0], ALL[:0]).keys() == []


@pytest.mark.parametrize(("part", "dtype"), [("attended", bool), ("segment_ids", np.int8), ("scale", np.float32)])
def test_every_part_of_a_row_is_in_its_key(part: str, dtype: type) -> None:
    first, _, third = changed(part, dtype).keys()
    assert first != third


def test_a_part_that_is_there_differs_from_one_that_is_not() -> None:
    zeros, ones = np.zeros(IDS.shape, dtype=np.int8), np.ones(IDS.shape, dtype=np.float32)
    rows = [TokenRows(IDS, ALL), TokenRows(IDS, ALL, zeros), TokenRows(IDS, ALL, None, ones)]
    assert len({own.keys()[0] for own in rows}) == 3
    wide = np.concatenate([IDS, np.zeros((3, 1), dtype=np.int32)], axis=1)
    assert TokenRows(wide, np.ones(wide.shape, dtype=bool)).keys()[0] != rows[0].keys()[0]


def test_long_rows_have_short_keys() -> None:
    long = np.arange(4000, dtype=np.int32)[None].repeat(2, axis=0)
    long[1, -1] += 1
    one, other = TokenRows(long, np.ones(long.shape, dtype=bool)).keys()
    assert one != other
    assert len(one) == len(other) == 24
    one, other = TextRows(("word " * 999, "word " * 998)).keys()
    assert one != other
    assert len(one) == 24


@pytest.mark.parametrize("index", [slice(1, 3), [1, 2], np.array([False, True, True])])
def test_parts_of_rows(index: object) -> None:
    rows = changed("scale", np.float32).take(index)
    assert (len(rows), rows.length) == (2, 4)
    assert rows.ids.tolist() == IDS[1:].tolist()
    assert rows.scale is not None
    assert rows.scale[:, 1].tolist() == [1.0, 0.0]
    texts = TextRows(("a", "b", ("c", "d"))).take(index)
    assert texts.examples == ("b", ("c", "d"))
    assert (len(texts), texts.length) == (2, 1)


def test_a_pair_is_no_text_that_looks_like_it() -> None:
    assert len(set(TextRows(("('a', 'b')", ("a", "b"), "a", ("a", "a"))).keys())) == 4
