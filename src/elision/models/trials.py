"""What a model of the transformers library can do, found out by asking it, never by its name.

Families count positions, read padding and pool their answers in ways that no config tells. Each fact is tried once a
model, on a short row of its own tokens, by two or three rows that no budget counts; noise apart, it holds for every
row, so that it is shared with copies of the model and with models that differ in their weights alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property, partial
from typing import Any, Protocol, final

import numpy as np
import torch

from elision.memory import is_out_of_memory
from elision.models.hooks import hooked
from elision.models.lookups import embedding_layer, is_asked
from elision.models.rows import PADDED, Bools, Ints, TokenRows

_EXAMPLES: tuple[tuple[str, ...], ...] = (("a b c d e",), ("a b c", "d e"))
_PADDING, _FAR = 3, 64
_CLOSE = {torch.float64: 1e-9, torch.float32: 1e-4}
"""The part of the largest logit by which other shapes of a batch may round it differently."""
_CLOSE_IN_HALF = 0.03
_SAME = 1e-6
_MOST_PLACES = 4


class Asked(Protocol):
    """What the trials ask: a `Transformer`."""

    model: Any
    tokenizer: Any
    takes_types: bool
    pads_left: bool
    pad_id: int
    end_id: int | None

    @property
    def limit(self) -> int | None:
        """The most tokens that the model reads."""

    def ask(self, **arrays: Any) -> Any:
        """Return the model's output for arrays (r, l), its own arguments by name."""

    def forward(self, blocks: Sequence[TokenRows], *, carries_pads: bool | None = None) -> Any:
        """Return the model's output for rows; carries_pads is tried in place of what is known of it."""


@final
class Trials:
    """Facts about a model, each tried when it is first asked for.

    Args:
        asked: the model.
        takes_positions: whether its forward has position ids.
    """

    def __init__(self, asked: Asked, *, takes_positions: bool) -> None:
        self._asked = asked
        self._takes_positions = takes_positions
        self._hides: dict[int, bool] = {}

    @cached_property
    def row(self) -> TokenRows:
        """A short text as the model reads it, or a pair where it reads pairs only. Cost: a row or two."""
        rows = [self._rows_of(texts) for texts in _EXAMPLES]
        return next((row for row in rows if self._try(lambda row=row: self._logits(row)) is not None), rows[0])  # type: ignore[misc]

    def _rows_of(self, texts: tuple[str, ...]) -> TokenRows:
        encoded = self._asked.tokenizer(*texts, verbose=False)
        ids = np.array(encoded["input_ids"], dtype=np.int32)[None]
        types = encoded.get("token_type_ids") if self._asked.takes_types else None
        return TokenRows(ids, np.ones(ids.shape, dtype=bool), None if types is None else np.array([types], np.int8))

    @cached_property
    def batches(self) -> bool:
        """Whether several rows may go together. Cost: two rows."""
        return self._try(lambda: self._logits(self.row.take([0, 0]))) is not None

    @cached_property
    def first_position(self) -> int | None:
        """The index that the model gives the first position; None where it takes none. Cost: up to four rows.

        RoBERTa's kin start behind the padding index.
        """
        if not self._takes_positions:
            return None
        own = self._try(lambda: self._logits(self.row))
        steps = np.arange(self.row.length)[None]
        indices = {int(p) for m in self._asked.model.modules() if isinstance(p := getattr(m, "padding_idx", None), int)}
        for first in (0, *sorted(index + 1 for index in indices if index >= 0)):
            found = self._try(lambda first=first: self._logits(self.row, position_ids=steps + first))  # type: ignore[misc]
            if found is not None and own is not None and _same(found, own):
                return first
        return None

    @property
    def pads(self) -> bool:
        """Whether padding changes nothing, so that rows of several lengths may go together."""
        return self._padding is not None

    @property
    def needs_positions(self) -> bool:
        """Whether padding changes nothing only where positions are given, as for most models padded on the left."""
        return self._padding is True

    @cached_property
    def _padding(self) -> bool | None:
        """Whether positions must be given where rows are padded; None where padding does harm. Cost: up to six rows.

        Some models read rows in blocks, and only padding that reaches into another block does harm.
        """
        own, length = self._try(lambda: self._logits(self.row)), self.row.length
        if own is None or not self.batches:
            return None
        far = 2 * length + _FAR if self._asked.limit is None else min(self._asked.limit, 2 * length + _FAR)
        gaps = [gap for gap in (_PADDING, far - length) if gap > 0]
        ways = (False, True) if self._asked.pads_left and self.first_position is not None else (False,)
        return next((way for way in ways if all(self._padded(own, gap, positions=way) for gap in gaps)), None)

    def _padded(self, own: torch.Tensor, gap: int, *, positions: bool) -> bool:
        """Tell whether so many tokens of padding change nothing."""
        left, row = self._asked.pads_left, self.row
        sides = ((0, 0), (gap, 0) if left else (0, gap))
        types = None if row.segment_ids is None else np.pad(row.segment_ids, sides)
        ids = np.pad(row.ids, sides, constant_values=self._asked.pad_id)
        start, given = gap if left else 0, {}
        if positions:
            steps = np.maximum(np.arange(ids.shape[1])[None] - start, 0)
            given["position_ids"] = steps + (self.first_position or 0)
        found = self._try(lambda: self._logits(TokenRows(ids, np.pad(row.attended, sides), types), **given))
        return found is not None and _close(found[:, start : start + row.length] if found.ndim == 3 else found, own)

    @cached_property
    def carries_pads(self) -> bool:
        """Whether a model makes more of [PAD]'s id than its embedding: it counts positions or finds its answer by it.

        Then another token must carry the embedding of a [PAD] that stands in a word's place. Cost: four rows.
        """
        if not self.embedding_names:
            return False
        words = np.flatnonzero(~np.isin(self.row.ids[0], [*self._asked.tokenizer.all_special_ids, self._asked.pad_id]))
        for place in words[[0, -1]] if len(words) else ():
            ids = self.row.ids.copy()
            ids[0, place] = PADDED
            ask = partial(self._asked.forward, [replace(self.row, ids=ids)])
            plain = self._try(lambda ask=ask: _logits_of(ask(carries_pads=False)))  # type: ignore[misc]
            carried = self._try(lambda ask=ask: _logits_of(ask(carries_pads=True)))  # type: ignore[misc]
            if plain is None or carried is None or not _same(plain, carried):
                return carried is not None
        return False

    @cached_property
    def counts_ends(self) -> bool:
        """Whether rows may go together only where they have as many end tokens each. Cost: two rows.

        BART's and T5's kin read their answer at the last one.
        """
        end = self._asked.end_id
        if end is None or not self.batches:
            return False
        rows = self.row.take([0, 0])
        ids = rows.ids.copy()
        ids[1, np.flatnonzero(ids[1] != end)[-1:]] = end
        return self._try(lambda: self._logits(replace(rows, ids=ids))) is None

    @cached_property
    def embedding_names(self) -> tuple[str, ...]:
        """The modules that embed a row's token ids, the first one asked first; none where there are none. Cost: a row.

        An encoder and its decoder may each have one, of the same weights.
        """
        model = self._asked.model
        weight = getattr(embedding_layer(model), "weight", None)
        if weight is None:
            return ()
        alike = {
            name: module
            for name, module in model.named_modules()
            if getattr(module, "weight", None) is weight and not isinstance(module, torch.nn.Linear)
        }
        called: list[str] = []
        ids = torch.from_numpy(self.row.ids.astype(np.int64)).to(weight.device)

        def note(name: str) -> Callable[..., None]:
            def hook(module: Any, inputs: Any, output: Any) -> None:
                if is_asked(ids, inputs) and name not in called:
                    called.append(name)

            return hook

        with ExitStack() as hooks:
            for name, module in alike.items():
                hooks.enter_context(hooked(module.register_forward_hook, note(name)))
            self._try(lambda: self._logits(self.row))
        return tuple(called)

    def hides(self, rows: TokenRows, words: Bools, n_texts: int) -> bool:
        """Tell whether what is not attended has no influence: then another token there changes no bit of the answer.

        It is tried once for single texts and once for pairs. The last token is tried too: a model that reads its
        answer there reads it even where no other token may.

        Args:
            rows: one row, all attended.
            words: bool (l,); True for tokens that a removal may hide.
            n_texts: of the example.
        Cost: up to eight rows.
        """
        if n_texts not in self._hides:
            places = np.flatnonzero(words)
            chosen = places[np.unique(np.linspace(0, len(places) - 1, _MOST_PLACES).astype(int))]
            if self.batches:
                self._hides[n_texts] = self._hide(rows, chosen)
            else:
                self._hides[n_texts] = all(self._hide(rows, chosen[i : i + 1]) for i in range(len(chosen)))
        return self._hides[n_texts]

    def _hide(self, rows: TokenRows, places: Ints) -> bool:
        """Tell whether another token at a hidden place changes nothing, for each of some places int (k,)."""
        own = np.arange(len(places))
        many = rows.take(np.zeros(len(places), dtype=np.int64))
        attended, ids = many.attended.copy(), many.ids.copy()
        attended[own, places] = False
        ids[own, places] = [self.other(int(token)) for token in ids[own, places]]
        hidden, changed = replace(many, attended=attended), replace(many, attended=attended, ids=ids)
        found = [self._try(lambda own=own: self._logits(own)) for own in (hidden, changed)]  # type: ignore[misc]
        if found[0] is None or found[1] is None:
            return False
        if found[0].ndim > 2:
            found[0][own, places] = found[1][own, places] = 0
        return _same(found[1], found[0])

    def other(self, token: int) -> int:
        """Return another token of the short row, which is none of the special ones where it has such."""
        special = {*self._asked.tokenizer.all_special_ids, self._asked.pad_id, token}
        tokens = [int(i) for i in self.row.ids[0] if i != token]
        return next((i for i in tokens if i not in special), next(i for i in (*tokens, 0, 1) if i != token))

    def _logits(self, rows: TokenRows, **given: Any) -> torch.Tensor:
        arrays: dict[str, Any] = {"input_ids": rows.ids.astype(np.int64), "attention_mask": rows.attended.astype(int)}
        if rows.segment_ids is not None:
            arrays["token_type_ids"] = rows.segment_ids.astype(np.int64)
        return _logits_of(self._asked.ask(**arrays, **given))

    def _try(self, ask: Callable[[], torch.Tensor]) -> torch.Tensor | None:
        """Return what a question gives, or None where the model fails on it."""
        try:
            found = ask()
        except Exception as error:
            if is_out_of_memory(error):
                raise
            return None
        return found if bool(torch.isfinite(found).all()) else None


def _logits_of(output: Any) -> torch.Tensor:
    logits = getattr(output, "logits", None)
    return torch.as_tensor(output[0] if logits is None else logits)


def _same(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Tell whether two answers for batches of one shape are the same."""
    return _within(one, other, _SAME)


def _close(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Tell whether two answers for batches of different shapes are the same but for rounding."""
    return _within(one, other, _CLOSE.get(one.dtype, _CLOSE_IN_HALF))


def _within(one: torch.Tensor, other: torch.Tensor, part: float) -> bool:
    if one.shape != other.shape:
        return False
    return bool((one - other).abs().max() <= part * other.abs().max())
