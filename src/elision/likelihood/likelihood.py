"""Likelihood models: how likely each candidate is in a unit's place.

A likelihood model with the explained model's own tokenizer proposes token ids for token positions. With another
tokenizer, or for a function of texts, its proposals travel as words, which the explained model cuts in its own way.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from elision.arrays import Bools, Floats, Ints
from elision.constructed import Constructed
from elision.errors import OptionError, UnsupportedError
from elision.likelihood.filling import UNKNOWN, Slots
from elision.models.encoding import Encoding, TokenEncoding, Vocabulary
from elision.models.model import Model
from elision.models.rows import Rows
from elision.text import check_example, split_words


class Likelihood(Constructed, ABC):
    """Gives p(candidate | the rest of the text)."""

    name: str

    @abstractmethod
    def bind(self, model: Model, encoding: Encoding) -> Slots:
        """Return the example as slots that this likelihood model fills.

        Raises:
            UnsupportedError: it cannot work with the explained model.
        """

    def describe(self) -> dict[str, Any]:
        """Return name and settings, for provenance."""
        return {"name": self.name}


@final
class UnigramPrior(Likelihood):
    """The frequency of each token or word in a corpus, whatever the context.

    Args:
        texts: any iterable of texts; counted once, when the prior is made.
    Raises:
        OptionError: there are no texts.
        ExampleError: a text is not a string, or empty.
    Source: Kim et al. 2020, Section 4.5, "Prior".
    """

    def __init__(self, texts: Iterable[str]) -> None:
        if isinstance(texts, str):
            raise OptionError("texts must be an iterable of texts, not one text")
        self._texts = [segment for text in texts for segment in check_example(text)]
        if not self._texts:
            raise OptionError("texts must hold at least one text")
        self.name = "prior"
        self._counted: dict[str, Floats] = {}

    def bind(self, model: Model, encoding: Encoding) -> Slots:
        """Return slots whose distribution is the corpus frequency."""
        if isinstance(encoding, TokenEncoding):
            return token_slots(encoding, _constant(self._frequencies(encoding.vocabulary)))
        counts = Counter(text[a:b] for text in self._texts for a, b in split_words(text))
        words = sorted(counts)
        frequencies = np.array([counts[word] for word in words], dtype=np.float64)
        return word_list_slots(encoding, words, frequencies / frequencies.sum())

    def describe(self) -> dict[str, Any]:
        """Return name and number of texts."""
        return {"name": self.name, "texts": len(self._texts)}

    def _frequencies(self, vocabulary: Vocabulary) -> Floats:
        key = vocabulary.fingerprint()
        if key not in self._counted:
            counts = np.zeros(len(vocabulary))
            for text in self._texts:
                np.add.at(counts, vocabulary.pieces(text, ""), 1)
            counts[list(vocabulary.special_ids)] = 0
            if not counts.any():
                raise UnsupportedError("the model's tokenizer knows no token of the prior's texts")
            self._counted[key] = counts / counts.sum()
        return self._counted[key]


@final
class Uniform(Likelihood):
    """Every candidate as likely as any other.

    Args:
        words: the candidates, for a function of texts; a model with tokens has its vocabulary.
    Source: Kim et al. 2020, Section 4.5, "Uniform". Deviations: special tokens are no candidates.
    """

    def __init__(self, words: Sequence[str] | None = None) -> None:
        self.name = "uniform"
        self._words = None if words is None else sorted(set(words))

    def bind(self, model: Model, encoding: Encoding) -> Slots:
        """Return slots whose distribution is flat.

        Raises:
            UnsupportedError: the model reads texts and no words were given.
        """
        if isinstance(encoding, TokenEncoding):
            allowed = candidates(encoding.vocabulary).astype(np.float64)
            return token_slots(encoding, _constant(allowed / allowed.sum()))
        if not self._words:
            raise UnsupportedError(f"{model.name} has no vocabulary: give the candidates with Uniform(words=[...])")
        return word_list_slots(encoding, self._words, np.full(len(self._words), 1.0 / len(self._words)))


def candidates(vocabulary: Vocabulary) -> Bools:
    """Return bool (V,): True for the ids that may stand in a unit's place: tokens that are not special."""
    allowed = np.array([vocabulary.token(i) != "" for i in range(len(vocabulary))])
    allowed[list(vocabulary.special_ids)] = False
    return allowed


def _constant(frequencies: Floats) -> Any:
    return lambda states, slots: np.repeat(frequencies[None], len(slots), axis=0)


def token_slots(encoding: TokenEncoding, distribution: Any, evaluations: list[int] | None = None) -> Slots:
    """Return slots that are the explained model's own tokens."""
    of_unit = units_to_slots(encoding.unit_of_token, len(encoding.units))

    def render(absent: Sequence[int], fills: NDArray[np.int32]) -> list[tuple[Rows, Ints]]:
        ids = np.repeat(encoding.ids[None], len(fills), axis=0)
        ids[:, [slot for unit in absent for slot in of_unit[unit]]] = fills
        return [(encoding.rows(ids), np.arange(len(fills)))]

    return Slots(
        original=encoding.ids,
        of_unit=of_unit,
        size=len(encoding.vocabulary),
        distribution=distribution,
        render=render,
        spell=lambda unit, ids: encoding.vocabulary.word(ids),
        evaluations=[0] if evaluations is None else evaluations,
        of_model=True,
    )


def word_list_slots(encoding: Encoding, words: Sequence[str], frequencies: Floats) -> Slots:
    """Return slots that are the units themselves, to be filled from a list of words."""
    index = {word: i for i, word in enumerate(words)}
    original = np.array([index.get(unit.text, UNKNOWN) for unit in encoding.units], dtype=np.int32)
    return Slots(
        original=original,
        of_unit=tuple((i,) for i in range(len(encoding.units))),
        size=len(words),
        distribution=_constant(frequencies),
        render=lambda absent, fills: encoding.insert(absent, [[words[i] for i in row] for row in fills]),
        spell=lambda unit, ids: words[ids[0]],
    )


def units_to_slots(unit_of_token: Ints, n_units: int) -> tuple[tuple[int, ...], ...]:
    """Return the token positions of each unit."""
    return tuple(tuple(int(i) for i in np.flatnonzero(unit_of_token == unit)) for unit in range(n_units))
