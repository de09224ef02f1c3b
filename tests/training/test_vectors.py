"""Word vectors from files and from models."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from toys.models import build

from elision.errors import OptionError
from elision.training.vectors import read_vectors, vectors_of_model


@pytest.mark.parametrize("header", ["", "4 2\n"])
def test_vectors_of_glove_and_fasttext(tmp_path: Path, header: str) -> None:
    file = tmp_path / "vectors.txt"
    file.write_text(header + "the 1 2\nfilm -0.5 1e1\nthe 8 8\nnever x y\n", encoding="utf-8")
    found = read_vectors(file, {"[PAD]": 0, "film": 3, "the": 1, "absent": 4})
    assert found.ids.tolist() == [1, 3]
    assert found.vectors.tolist() == [[1.0, 2.0], [-0.5, 10.0]]
    packed = tmp_path / "vectors.txt.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    assert read_vectors(packed, {"film": 0}).vectors.tolist() == [[-0.5, 10.0]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("the 1 2 3\nfilm 1 2\n", "line 2: 2 numbers after the word, expected 3"),
        ("9 3\nthe 1 2\n", "line 2: 2 numbers after the word, expected 3"),
        ("the 1 x\n", "line 1: not a number among the word's vector"),
        ("the 1 nan\n", "line 1: a vector's numbers must be finite"),
        ("plain words\n", "line 1: expected a word and its numbers, got 'plain words'"),
        ("other 1 2\n", "no word of the vocabulary is in"),
        ("", "no word of the vocabulary is in"),
    ],
)
def test_malformed_vectors(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "vectors.txt"
    file.write_text(content)
    with pytest.raises(OptionError, match=message):
        read_vectors(file, {"the": 0, "film": 1})


def test_vectors_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"cannot read .*: No such file"):
        read_vectors(tmp_path / "none.txt", {})
    (tmp_path / "latin.txt").write_bytes(b"\xe9 1 2\n")
    with pytest.raises(OptionError, match="is not UTF-8 text"):
        read_vectors(tmp_path / "latin.txt", {})


def test_embeddings_of_a_model_by_the_names_of_tokens() -> None:
    net, tokenizer = build("bert", "MaskedLM")
    found = vectors_of_model(net, tokenizer, {"[PAD]": 0, "film": 7, "unheard": 8}, "bert")
    assert found.ids.tolist() == [7]
    own = net.get_input_embeddings().weight[tokenizer.convert_tokens_to_ids("film")].detach().numpy()
    np.testing.assert_allclose(found.vectors[0], own)
    with pytest.raises(OptionError, match="no token in common with bert"):
        vectors_of_model(net, tokenizer, {"unheard": 8}, "bert")


def test_vectors_are_brought_to_a_size_and_a_scale() -> None:
    net, tokenizer = build("bert", "MaskedLM")
    found = vectors_of_model(net, tokenizer, tokenizer.get_vocab(), "bert")
    less = found.resized(5).vectors
    centred = found.vectors - found.vectors.mean(axis=0)
    # The principal components keep as much of the variance as any five directions can.
    largest = np.linalg.svd(centred, compute_uv=False)[:5]
    assert (less**2).sum() == pytest.approx((largest**2).sum(), rel=1e-4)
    more = found.resized(20).vectors
    assert more.shape[1] == 20
    assert not more[:, 16:].any()
    assert found.resized(16) is found
    assert found.scaled(0.25).vectors.std() == pytest.approx(0.25, abs=1e-5)
