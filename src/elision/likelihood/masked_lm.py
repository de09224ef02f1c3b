"""A masked language model as likelihood model."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, final

import numpy as np
import torch
from numpy.typing import NDArray

from elision.arrays import Floats, Ints
from elision.errors import ModelError, OptionError, UnsupportedError, require_count
from elision.likelihood.embedding_features import COMPONENTS, neighbour_order, principal_components
from elision.likelihood.filling import MASKED, Slots
from elision.likelihood.likelihood import Likelihood, candidates, token_slots, units_to_slots
from elision.likelihood.vocabulary_head import VocabularyHead
from elision.memory import halving
from elision.models.encoding import Encoding, TokenEncoding
from elision.models.loading import pretrained
from elision.models.model import Model
from elision.models.networks import keep_attention
from elision.models.rows import Rows, TokenRows
from elision.models.tokenization import Tokens
from elision.models.transformer import Transformer

_LOGITS_AT_ONCE = 1 << 26
"""Logits that are held at once, 256 MB in float32: a bound on memory."""


@final
class MaskedLanguageModel(Likelihood):
    """Likelihoods of a masked language model of the transformers library.

    Special tokens are no candidates; the others' likelihoods are renormalised. Text longer than the model reads is
    seen through a window around the masked token.

    Args:
        model: folder, hub name, "builtin:mlm", or a model in memory.
        tokenizer: for a model in memory.
        device: as for `load`.
        dtype: as for `load`, but "auto" is "fast".
        attention: as for `load`.
        batch_tokens: the most tokens in one batch.
    Raises:
        ModelNotFoundError: there is no such model.
        UnsupportedError: it is no masked language model, or has no mask token.
    Source: Kim et al. 2020, Section 3.2. Deviations: special tokens are no candidates.
    """

    def __init__(
        self,
        model: str | os.PathLike[str] | Any = "builtin:mlm",
        tokenizer: Any = None,
        *,
        device: str | None = None,
        dtype: str = "float32",
        attention: str = "auto",
        batch_tokens: int = 4096,
    ) -> None:
        self.name = str(model) if isinstance(model, str | os.PathLike) else type(model).__name__
        if isinstance(model, str | os.PathLike):
            model, tokenizer = pretrained(
                "AutoModelForMaskedLM",
                model,
                tokenizer,
                device=device,
                dtype="fast" if dtype == "auto" else dtype,
                attention=attention,
            )
        elif tokenizer is None:
            raise OptionError("a model in memory needs its tokenizer too: MaskedLanguageModel(model, tokenizer)")
        else:
            keep_attention(model, attention)
        require_count("batch_tokens", batch_tokens, 1)
        self.transformer = Transformer(model, tokenizer, batch_tokens=batch_tokens)
        self._head = VocabularyHead(self.transformer)
        self.vocabulary = self.transformer.vocabulary
        if self.vocabulary.mask_id is None:
            raise UnsupportedError(
                f"{self.name} has no mask token, so it gives no likelihoods; use a masked language model"
            )
        self._known: tuple[NDArray[np.float32], Floats] | None = None
        self._allowed = candidates(self.vocabulary)
        self._starts = self._allowed & self.vocabulary.starts_word()

    def describe(self) -> dict[str, Any]:
        """Return name, architecture, dtype and device."""
        return {"name": self.name, **self.transformer.describe()}

    def bind(self, model: Model, encoding: Encoding) -> Slots:
        """Return the example's slots: the explained model's tokens where both share a vocabulary, else this one's."""
        return replace(self._slots(encoding), features=self._features)

    def _slots(self, encoding: Encoding) -> Slots:
        counter = [0]
        if isinstance(encoding, TokenEncoding) and encoding.vocabulary.fingerprint() == self.vocabulary.fingerprint():
            tokens = self._tokens(encoding, len(encoding.ids))
            if np.array_equal(encoding.ids, tokens.ids):
                plain = np.zeros(len(encoding.ids), dtype=bool)
                return token_slots(encoding, self._distribution(tokens.segment_ids, plain, counter), counter)
        return self._word_slots(encoding, self._tokens(encoding, None), counter)

    def _features(self) -> tuple[NDArray[np.float32], Floats]:
        """Return the word embeddings' leading components (V, d) and an order of them (V,), found once."""
        if self._known is None:
            weight = self.transformer.model.get_input_embeddings().weight[: len(self.vocabulary)]
            components = principal_components(weight.detach().to("cpu", torch.float32).numpy())
            self._known = components, neighbour_order(components[:, :COMPONENTS])
        return self._known

    def _tokens(self, encoding: Encoding, limit: int | None) -> Tokens:
        net = self.transformer
        return net.reader.read(encoding.segments, limit, with_types=net.takes_types)

    def _word_slots(self, encoding: Encoding, tokens: Tokens, counter: list[int]) -> Slots:
        """Return slots that are this model's tokens, whose fillings travel to the explained model as words."""
        ids, owners, types = self._complete(encoding, tokens)
        of_unit = units_to_slots(owners, len(encoding.units))
        first = np.zeros(len(ids), dtype=bool)
        first[[slots[0] for slots in of_unit]] = True

        def spell(unit: int, fill: Sequence[int]) -> str:
            return _match_case(self.vocabulary.word(fill), encoding.units[unit].text)

        def render(absent: Sequence[int], fills: NDArray[np.int32]) -> list[tuple[Rows, Ints]]:
            ends = np.cumsum([len(of_unit[unit]) for unit in absent])
            words: list[list[str | None]] = []
            for row in fills:
                parts = np.split(row, ends[:-1])
                words.append(
                    [
                        None if np.array_equal(part, ids[list(of_unit[unit])]) else spell(unit, part.tolist())
                        for unit, part in zip(absent, parts, strict=True)
                    ]
                )
            return encoding.insert(absent, words)

        return Slots(
            original=ids,
            of_unit=of_unit,
            size=len(self.vocabulary),
            distribution=self._distribution(types, first, counter),
            render=render,
            spell=spell,
            evaluations=counter,
        )

    def _complete(self, encoding: Encoding, tokens: Tokens) -> tuple[NDArray[np.int32], Ints, Any]:
        """Return ids, owners and types with an unknown token for each unit that this tokenizer drops."""
        ids, owners, types = tokens.ids, tokens.unit_of_token(encoding.units), tokens.segment_ids
        filler = self.vocabulary.mask_id if self.vocabulary.unk_id is None else self.vocabulary.unk_id
        for unit in range(len(encoding.units)):
            if not (owners == unit).any():
                before = np.flatnonzero((owners >= 0) & (owners < unit))
                at = int(before[-1]) + 1 if len(before) else int(np.flatnonzero(tokens.segments >= 0)[:1].sum())
                ids = np.insert(ids, at, int(filler or 0))
                owners = np.insert(owners, at, unit)
                types = None if types is None else np.insert(types, at, types[max(at - 1, 0)])
        return ids, owners, types

    def _distribution(self, types: Any, first: Any, counter: list[int]) -> Any:
        def distribution(states: NDArray[np.int32], slots: Ints) -> Floats:
            ids = np.where(states == MASKED, np.int32(self.vocabulary.mask_id or 0), states)
            keys = ids if self._fits(ids) else np.concatenate([ids, slots[:, None]], axis=1)
            _, index, back = np.unique(keys, axis=0, return_index=True, return_inverse=True)
            back = back.reshape(-1)
            logits = np.empty((len(slots), len(self.vocabulary)))
            most = int(np.bincount(back).max())

            def ask(chosen: Ints) -> tuple[Ints, Floats]:
                wanted = np.flatnonzero(np.isin(back, chosen))
                owners = back[wanted] - chosen[0]
                rows, at = self._window(ids[index[chosen]], types, slots[wanted], owners)
                return wanted, self._logits(rows, owners, at)

            start = 0
            while start < len(index):
                chosen = np.arange(start, min(start + self._rows_at_once(ids.shape[1], most), len(index)))
                for done, (wanted, found) in halving(chosen, ask, self._shrink(ids.shape[1])):
                    logits[wanted] = found
                    counter[0] += len(done)
                start += len(chosen)
            return _softmax(logits, np.where(first[slots][:, None], self._starts, self._allowed))

        return distribution

    def _fits(self, ids: NDArray[np.int32]) -> bool:
        limit = self.transformer.limit
        return limit is None or ids.shape[1] <= limit

    def _rows_at_once(self, length: int, most: int) -> int:
        """Return how many rows go together, of a length and with at most so many wanted positions each."""
        positions = length if self._head.selects is False else most
        by_logits = _LOGITS_AT_ONCE // max(positions * len(self.vocabulary), 1)
        return max(min(by_logits, self.transformer.batch_tokens // max(length, 1)), 1)

    def _shrink(self, length: int) -> Callable[[int], None]:
        return lambda n_rows: self.transformer.budget.shrink(n_rows * length)

    def _window(self, ids: NDArray[np.int32], types: Any, slots: Ints, rows: Ints) -> tuple[TokenRows, Ints]:
        """Return rows that the model can read, and where in them the slots are."""
        length, limit = ids.shape[1], self.transformer.limit
        if limit is None or length <= limit:
            shape = ids.shape
            kinds = None if types is None else np.broadcast_to(types, shape)
            return TokenRows(ids, np.ones(shape, dtype=bool), kinds), slots
        inner = limit - 2
        starts = np.clip(slots - inner // 2, 1, length - 1 - inner)
        begin = np.zeros(len(ids), dtype=np.int64)
        begin[rows] = starts
        ends = np.zeros((len(ids), 1), dtype=np.int64), np.full((len(ids), 1), length - 1)
        columns = np.concatenate([ends[0], begin[:, None] + np.arange(inner), ends[1]], axis=1)
        cut = np.take_along_axis(ids, columns, axis=1)
        return TokenRows(
            cut, np.ones(cut.shape, dtype=bool), None if types is None else types[columns]
        ), slots - starts + 1

    def _logits(self, rows: TokenRows, owners: Ints, at: Ints) -> Floats:
        """Return float64 (q, V): logits at one position of each owner row."""
        found = self._head.logits(rows, owners, at).detach().to("cpu", torch.float64).numpy()
        if not np.isfinite(found).all():
            raise ModelError(f"{self.name} answered with NaN or infinity; load it with dtype='float32'")
        return np.asarray(found[:, : len(self.vocabulary)])


def _softmax(logits: Floats, allowed: Any) -> Floats:
    """Return softmax over the allowed candidates, 0 for the others."""
    masked = np.where(allowed, logits, -np.inf)
    masked -= masked.max(axis=1, keepdims=True)
    exponentials = np.exp(masked)
    return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True))


def _match_case(word: str, original: str) -> str:
    """Return a lower-case word in the case of the word that it replaces."""
    if not word.islower() or original.islower():
        return word
    if len(original) > 1 and original.isupper():
        return word.upper()
    return word[:1].upper() + word[1:] if original[:1].isupper() else word
