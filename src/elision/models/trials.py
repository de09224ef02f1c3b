"""What a model of the transformers library can do, found out by asking it, never by its name.

Families count positions, read padding and pool their answers in ways that no config tells. Each fact is tried once a
model, on short rows of its own tokens, by a dozen rows in all that no budget counts; noise apart, it holds for every
row, so that it is shared with copies of the model and with models that differ in their weights alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cached_property, partial
from typing import Any, Protocol, final

import numpy as np
import torch

from elision.arrays import Bools, Ints
from elision.memory import is_out_of_memory
from elision.models.hooks import hooked
from elision.models.lookups import embedding_layer, is_asked
from elision.models.rows import PADDED, TokenRows

_EXAMPLES: tuple[tuple[str, ...], ...] = (("a b c d e",), ("a b c", "d e"))
_PADDING, _FAR = 3, 64
"""Pads that are tried on a row, and tokens by which a row is far longer than it is. Choices."""
_CLOSE = {torch.float64: 1e-9, torch.float32: 1e-4}
"""The part of the largest logit by which other shapes of a batch may round it differently."""
_CLOSE_IN_HALF = 0.03
"""Likewise in half precision."""
_SAME = 1e-6
"""What differs by no more is the same."""
_MOST_PLACES = 4
"""Tokens of a row that are hidden by trial, spread over it. A choice: each costs two rows."""


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

    def in_full(self) -> Asked | None:
        """Return the same in full precision, for a while; None where it is, or where that takes too much memory."""

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
        self._hides: dict[tuple[int, bool, int], bool] = {}
        self._pads_to: dict[int, bool] = {}

    @cached_property
    def row(self) -> TokenRows:
        """A short text as the model reads it, or a pair where it reads pairs only. Cost: a row or two."""
        rows = [self._rows_of(texts) for texts in _EXAMPLES]
        return next((row for row in rows if self._try(lambda row=row: self._logits(row)) is not None), rows[0])  # type: ignore[misc]

    @cached_property
    def _words(self) -> Ints:
        """The places of the short row's tokens, int (k,), but for those that stand around its texts."""
        texts = next(texts for texts in _EXAMPLES if np.array_equal(self._rows_of(texts).ids, self.row.ids))
        encoded = self._asked.tokenizer(*texts, verbose=False, return_special_tokens_mask=True)
        return np.flatnonzero(np.array(encoded["special_tokens_mask"]) == 0)

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
        """Whether positions must be given where rows are padded; None where padding does harm. Cost: up to six rows."""
        if not self.batches:
            return None
        ways = (False, True) if self._asked.pads_left and self.first_position is not None else (False,)
        with self._exactly() as asked:
            return next((way for way in ways if self._bears(asked, self.row, self._far, positions=way)), None)

    @property
    def _far(self) -> int:
        """A length to which the short row is padded."""
        far = 2 * self.row.length + _FAR
        return far if self._asked.limit is None else min(self._asked.limit, far)

    def pads_to(self, length: int) -> bool:
        """Tell whether rows may be padded to a length.

        Some models read rows in blocks, or long rows in another way than short ones, so that it is tried for each
        power of two. Cost: up to three rows each.
        """
        if not self.pads or length <= self._far:
            return self.pads
        size = int(length).bit_length()
        if size not in self._pads_to:
            most = (1 << size) - 1 if self._asked.limit is None else min(self._asked.limit, (1 << size) - 1)
            with self._exactly() as asked:
                row = self._longer(1 << (size - 1))
                self._pads_to[size] = self._bears(asked, row, most, positions=self.needs_positions)
        return self._pads_to[size]

    def _longer(self, length: int) -> TokenRows:
        """Return the short row with its first text made longer."""
        place = int(self._words[0]) if len(self._words) else 0
        word = [place] * max(length - self.row.length, 0)
        order = [*range(place), *word, *range(place, self.row.length)]
        types = None if self.row.segment_ids is None else self.row.segment_ids[:, order]
        return TokenRows(self.row.ids[:, order], self.row.attended[:, order], types)

    def _bears(self, asked: Asked, row: TokenRows, far: int, *, positions: bool) -> bool:
        """Tell whether a little padding and padding to a length change nothing of a row's answer."""
        own = self._try(lambda: _logits(asked, row))
        gaps = [gap for gap in (_PADDING, far - row.length) if gap > 0]
        return own is not None and all(self._padded(asked, row, own, gap, positions=positions) for gap in gaps)

    def _padded(self, asked: Asked, row: TokenRows, own: torch.Tensor, gap: int, *, positions: bool) -> bool:
        left = asked.pads_left
        sides = ((0, 0), (gap, 0) if left else (0, gap))
        types = None if row.segment_ids is None else np.pad(row.segment_ids, sides)
        ids = np.pad(row.ids, sides, constant_values=asked.pad_id)
        start, given = gap if left else 0, {}
        if positions:
            steps = np.maximum(np.arange(ids.shape[1])[None] - start, 0)
            given["position_ids"] = steps + (self.first_position or 0)
        found = self._try(lambda: _logits(asked, TokenRows(ids, np.pad(row.attended, sides), types), **given))
        return found is not None and _close(found[:, start : start + row.length] if found.ndim == 3 else found, own)

    @contextmanager
    def _exactly(self) -> Iterator[Asked]:
        """Ask in full precision for a while: in half of it, what padding does may pass for rounding."""
        exact = self._asked.in_full()
        yield self._asked if exact is None else exact

    @cached_property
    def carries_pads(self) -> bool:
        """Whether a model makes more of [PAD]'s id than its embedding: it counts positions or finds its answer by it.

        Then another token must carry the embedding of a [PAD] that stands in a word's place. Cost: four rows.
        """
        if not self.embedding_names:
            return False
        if not len(self._words):
            return True
        for place in self._words[[0, -1]]:
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

        It is tried once for single texts and once for pairs, for those that end in a word, whose last token a model
        may read whether it is hidden or not, and for lengths of each power of two.

        Args:
            rows: one row, all attended.
            words: bool (l,); True for tokens that a removal may hide.
            n_texts: of the example.
        Cost: up to eight rows.
        """
        kind = n_texts, bool(words[-1]), rows.length.bit_length()
        if kind not in self._hides:
            places = np.flatnonzero(words)
            chosen = places[np.unique(np.linspace(0, len(places) - 1, _MOST_PLACES).astype(int))]
            self._hides[kind] = all(self._hides_one(rows, int(place)) for place in chosen)
        return self._hides[kind]

    def _hides_one(self, rows: TokenRows, place: int) -> bool:
        attended, ids = rows.attended.copy(), rows.ids.copy()
        attended[0, place] = False
        ids[0, place] = self.other(int(ids[0, place]))
        hidden, changed = replace(rows, attended=attended), replace(rows, attended=attended, ids=ids)
        found = [self._try(lambda own=own: self._logits(own)) for own in (hidden, changed)]  # type: ignore[misc]
        return found[0] is not None and found[1] is not None and _same(found[1], found[0])

    def other(self, token: int) -> int:
        """Return another token of the short row, which is none of the special ones where it has such."""
        special = {*self._asked.tokenizer.all_special_ids, self._asked.pad_id, token}
        tokens = [int(i) for i in self.row.ids[0] if i != token]
        return next((i for i in tokens if i not in special), next(i for i in (*tokens, 0, 1) if i != token))

    def _logits(self, rows: TokenRows, **given: Any) -> torch.Tensor:
        return _logits(self._asked, rows, **given)

    def _try(self, ask: Callable[[], torch.Tensor]) -> torch.Tensor | None:
        """Return what a question gives, or None where the model fails on it."""
        try:
            found = ask()
        except Warning:
            raise
        except Exception as error:
            if is_out_of_memory(error):
                raise
            return None
        return found if bool(torch.isfinite(found).all()) else None


def _logits(asked: Asked, rows: TokenRows, **given: Any) -> torch.Tensor:
    arrays: dict[str, Any] = {"input_ids": rows.ids.astype(np.int64), "attention_mask": rows.attended.astype(int)}
    if rows.segment_ids is not None:
        arrays["token_type_ids"] = rows.segment_ids.astype(np.int64)
    return _logits_of(asked.ask(**arrays, **given))


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
