"""Word vectors to start embeddings from: text files, or the embeddings of a trained model."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elision.errors import OptionError

Vectors = NDArray[np.float32]
_FEWEST_NUMBERS = 2


@dataclass(frozen=True, eq=False)
class WordVectors:
    """Vectors of some of a vocabulary's tokens.

    Attributes:
        ids: int64 (n,), the tokens.
        vectors: float32 (n, d).
        source: where they are from, for the model card.
    """

    ids: NDArray[np.int64]
    vectors: Vectors
    source: str

    def resized(self, size: int) -> WordVectors:
        """Return vectors of another size.

        Longer ones are projected to their principal components; shorter ones are filled up with 0.
        """
        d = self.vectors.shape[1]
        if d == size:
            return self
        if d < size:
            return WordVectors(self.ids, np.pad(self.vectors, ((0, 0), (0, size - d))), self.source)
        centred = self.vectors.astype(np.float64) - self.vectors.mean(axis=0)
        _, axes = np.linalg.eigh(centred.T @ centred)
        return WordVectors(self.ids, (centred @ axes[:, ::-1][:, :size]).astype(np.float32), self.source)

    def scaled(self, deviation: float) -> WordVectors:
        """Return vectors whose numbers have this standard deviation."""
        factor = deviation / max(float(self.vectors.std()), 1e-12)
        return WordVectors(self.ids, (self.vectors * factor).astype(np.float32), self.source)


def read_vectors(file: str | os.PathLike[str], vocabulary: Mapping[str, int]) -> WordVectors:
    """Return the vectors that a text file in GloVe's or fastText's format has for a vocabulary.

    Args:
        file: each line a word and its numbers, divided by spaces; a first line of two whole numbers is fastText's
            header. It may be packed by gzip.
        vocabulary: token -> id.
    Returns:
        The vectors of those tokens that are in the file, the first where a word stands there twice.
    Raises:
        OptionError: the file cannot be read, a line is malformed, or no token is in the file.
    """
    found: dict[int, Vectors] = {}
    size: int | None = None
    for number, line in _lines(file):
        fields = line.rstrip().split(" ")
        if number == 1 and len(fields) == 2 and all(field.isdigit() for field in fields):
            size = int(fields[1])
            continue
        size = len(fields) - 1 if size is None else size
        if size < _FEWEST_NUMBERS:
            raise OptionError(f"{file}, line {number}: expected a word and its numbers, got {line.strip()[:40]!r}")
        if len(fields) < size + 1:
            raise OptionError(f"{file}, line {number}: {len(fields) - 1} numbers after the word, expected {size}")
        i = vocabulary.get(" ".join(fields[:-size]))
        if i is None or i in found:
            continue
        try:
            found[i] = np.array(fields[-size:], dtype=np.float32)
        except ValueError as error:
            raise OptionError(f"{file}, line {number}: not a number among the word's vector") from error
        if not np.isfinite(found[i]).all():
            raise OptionError(f"{file}, line {number}: a vector's numbers must be finite")
    if not found:
        raise OptionError(f"no word of the vocabulary is in {file}; is it a file of word vectors?")
    return WordVectors(np.array(list(found), dtype=np.int64), np.stack(list(found.values())), Path(file).name)


def vectors_of_model(model: Any, tokenizer: Any, vocabulary: Mapping[str, int], source: str) -> WordVectors:
    """Return the embeddings that a trained model has for a vocabulary, matched by the tokens' names.

    Raises:
        OptionError: the two vocabularies have no token in common.
    """
    weights = model.get_input_embeddings().weight.detach().float().cpu().numpy()
    theirs = tokenizer.get_vocab()
    pad = tokenizer.pad_token
    shared = [(i, theirs[token]) for token, i in vocabulary.items() if token in theirs and token != pad]
    shared = [(i, j) for i, j in shared if j < len(weights)]
    if not shared:
        raise OptionError(f"the vocabulary has no token in common with {source}")
    ids = np.array(sorted(shared), dtype=np.int64)
    return WordVectors(ids[:, 0], weights[ids[:, 1]].astype(np.float32), source)


def _lines(file: str | os.PathLike[str]) -> Iterator[tuple[int, str]]:
    path = Path(file)
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
            yield from enumerate(lines, 1)
    except UnicodeDecodeError as error:
        raise OptionError(f"{file} is not UTF-8 text") from error
    except (OSError, EOFError) as error:
        raise OptionError(f"cannot read {file}: {getattr(error, 'strerror', None) or error}") from error
