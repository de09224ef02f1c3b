"""One way to send rows of token ids through any PyTorch model of the transformers library."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from copy import copy
from functools import cached_property, partial, reduce
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from elision.arrays import Floats, Ints
from elision.errors import ElisionError, ModelError, UnsupportedError, reason_of
from elision.memory import is_out_of_memory, keep_freed_memory, remember_few_shapes
from elision.models.budget import TokenBudget
from elision.models.hooks import copied, hooked
from elision.models.lookups import Change, embedding_layer, embeddings_of, replace_found
from elision.models.rest import at_rest
from elision.models.rows import PADDED, TokenRows
from elision.models.tokenization import HuggingFaceVocabulary, Reader, length_limit
from elision.models.trials import Trials
from elision.models.weights import HALF, LARGEST_EXACT, n_weights

BATCH_TOKENS = 16384
"""A choice; `python benchmarks/engine.py` sets it beside the best of four batch sizes."""
_MAX_WASTE = 0.05
"""The share of a batch that may be padding: a choice, by the cost of one more batch."""


class Transformer:
    """A model and its tokenizer, with all that their families differ in.

    Embeddings are changed where the model itself looks them up, for not every model takes embeddings in place of token
    ids. So a [PAD] put in a word's place moves nothing in families that skip [PAD] where they count positions, as
    RoBERTa's, or read their answer before it, as GPT-2's.

    Attributes:
        trials: what was found out about the model by asking it.
    """

    def __init__(self, model: Any, tokenizer: Any, *, batch_tokens: int | None) -> None:
        """Look the model over; neither the model nor the tokenizer is changed.

        Args:
            model: a PyTorch model of the transformers library.
            tokenizer: its tokenizer.
            batch_tokens: the most tokens in one batch, padding included; None finds it by trial on CUDA.
        """
        self.model = model
        n_embeddings = _n_embeddings(model)
        self.reader = Reader(tokenizer, n_embeddings)
        self.tokenizer = tokenizer = self.reader.tokenizer
        self.keeps_memory = self.device.type == "cpu" and keep_freed_memory()
        remember_few_shapes()
        by_trial = batch_tokens is None and self.device.type == "cuda"
        self.budget = TokenBudget(batch_tokens or BATCH_TOKENS, by_trial=by_trial)
        self.config = model.config
        accepted = inspect.signature(model.forward).parameters
        passes_on = any(p.kind is p.VAR_KEYWORD for p in accepted.values())
        self.takes_types = "token_type_ids" in accepted or (passes_on and _takes_types_inside(model))
        self._takes_attention = "attention_mask" in accepted or passes_on
        self.pads_left = getattr(tokenizer, "padding_side", "right") == "left"
        self.vocabulary = HuggingFaceVocabulary(tokenizer, n_embeddings)
        own = getattr(self.config, "pad_token_id", None)
        pad_id = own if self.vocabulary.pad_id is None else self.vocabulary.pad_id
        self.pad_id = 0 if pad_id is None else int(pad_id)
        self._has_pad = pad_id is not None
        end_id = getattr(self.config, "eos_token_id", None)
        self.end_id = end_id if isinstance(end_id, int) else None
        self.trials = Trials(self, takes_positions="position_ids" in accepted)

    def with_model(self, model: Any) -> Transformer:
        """Return the same for a model that differs in its weights, or in their precision, only."""
        other = copy(self)
        other.model, other.config = model, model.config
        return other

    @cached_property
    def limit(self) -> int | None:
        """The most tokens that the model reads, or None where nothing limits it."""
        return length_limit(self.tokenizer, self.config, self.trials.first_position or 0)

    @cached_property
    def can_pad(self) -> bool:
        """Whether rows of several lengths may go together."""
        return self._has_pad and self.trials.pads

    @property
    def takes_embeddings(self) -> bool:
        """Whether the embeddings of tokens can be changed."""
        return bool(self.trials.embedding_names)

    @property
    def device(self) -> torch.device:
        """Where the model's weights are."""
        return torch.device(self.model.device)

    def describe(self) -> dict[str, Any]:
        """Return architecture, dtype, device and how it computes, for provenance."""
        return {
            "architecture": type(self.model).__name__,
            "dtype": str(next(self.model.parameters()).dtype).removeprefix("torch."),
            "device": str(self.device),
            "attention": str(getattr(self.config, "_attn_implementation", "")),
            "threads": torch.get_num_threads(),
            "keeps_memory": self.keeps_memory,
            "batch_tokens": self.batch_tokens,
        }

    @property
    def batch_tokens(self) -> int:
        """The most tokens in one batch, as it is now."""
        return self.budget.tokens

    def batches(self, lengths: Ints) -> Iterator[Ints]:
        """Yield index arrays of rows to be sent together: alike in length, within the token budget of the moment."""
        order = np.argsort(lengths, kind="stable")
        sizes = np.asarray(lengths)[order]
        start = 0
        while start < len(order):
            end = start + self._first_batch(sizes[start:])
            yield order[start:end]
            start = end

    def _first_batch(self, sizes: Ints) -> int:
        """Return how many of the first rows, sorted by length, are sent together."""
        if not self.trials.batches:
            return 1
        sizes = sizes[: max(self.batch_tokens // max(int(sizes[0]), 1), 1)]
        area = sizes * np.arange(1, len(sizes) + 1)
        fits = (area <= self.batch_tokens) & (np.cumsum(sizes) >= (1 - _MAX_WASTE) * area)
        if sizes[0] != sizes[-1] and not self.can_pad:
            fits &= sizes == sizes[0]
        elif sizes[0] != sizes[-1]:
            longest = sizes[int(np.flatnonzero(fits)[-1])] if fits.any() else sizes[0]
            fits &= self.trials.pads_to(int(longest)) | (sizes == sizes[0])
        fits[0] = True
        return int(np.flatnonzero(fits)[-1]) + 1

    def in_full(self) -> Transformer | None:
        """Return the same in full precision, for a while; None where it is, or where that takes too much memory."""
        if next(self.model.parameters()).dtype not in HALF or n_weights(self.model) > LARGEST_EXACT:
            return None
        try:
            return self.with_model(copied(self.model).float())
        except Exception:
            return None

    def ask(self, **arrays: Any) -> Any:
        """Return the model's output for arrays (r, l), its own arguments by name."""
        return self._run({name: send(torch.from_numpy(array), self.device) for name, array in arrays.items()})

    def forward(self, blocks: Sequence[TokenRows], *, carries_pads: bool | None = None) -> Any:
        """Return the model's output for one batch of rows.

        Args:
            blocks: the rows.
            carries_pads: what trials try in place of what is known of it.
        """
        inputs, changes = self._inputs(blocks, carries_pads)
        if not changes:
            return self._run(inputs)
        with self._embedding(inputs["input_ids"], lambda own: reduce(lambda e, change: change(e), changes, own)):
            return self._run(inputs)

    def alike(self, blocks: Sequence[TokenRows]) -> list[tuple[Sequence[TokenRows], Ints]]:
        """Return rows that the model takes together, each time with their indices among all.

        Args:
            blocks: rows of a batch.
        """
        every = np.arange(sum(map(len, blocks)))
        if self.end_id is None:
            return [(blocks, every)]
        counts = np.concatenate([(block.ids == self.end_id).sum(axis=1) for block in blocks])
        if (counts == counts[0]).all() or not self.trials.counts_ends:
            return [(blocks, every)]
        bounds = np.cumsum([0, *map(len, blocks)])
        found: list[tuple[Sequence[TokenRows], Ints]] = []
        for count in np.unique(counts):
            own = counts == count
            parts = [block.take(own[a:b]) for block, a, b in zip(blocks, bounds[:-1], bounds[1:], strict=True)]
            found.append(([part for part in parts if len(part)], every[own]))
        return found

    def _run(self, inputs: dict[str, Any]) -> Any:
        if not self._takes_attention:
            inputs.pop("attention_mask", None)
        with torch.inference_mode(), at_rest(self.model), self._answering(inputs):
            return self.model(**inputs)

    @contextmanager
    def _answering(self, inputs: dict[str, Any]) -> Iterator[None]:
        """Say in one line what the model fails on, whatever it raises."""
        try:
            yield
        except (ElisionError, MemoryError, Warning):
            raise
        except Exception as error:
            if is_out_of_memory(error):
                raise
            length = inputs["input_ids"].shape[1]
            raise ModelError(
                f"{type(self.model).__name__} fails on a row of {length} tokens: {reason_of(error)}"
            ) from error

    @contextmanager
    def _embedding(self, ids: torch.Tensor, change: Change) -> Iterator[None]:
        """Change the embeddings (r, l, d) of the rows' tokens where the model looks them up, in a decoder too.

        Raises:
            UnsupportedError: the model looks none up.
        """
        with ExitStack() as hooks:
            for module in self._tables():
                hooks.enter_context(hooked(module.register_forward_hook, partial(replace_found, ids, change)))
            yield

    def _tables(self) -> list[Any]:
        if not self.takes_embeddings:
            raise UnsupportedError(
                f"{type(self.model).__name__} takes no embeddings, which the removal 'zero' and gradients need; "
                "use 'pad' or 'drop'"
            )
        return [self.model.get_submodule(name) for name in self.trials.embedding_names]

    def differentiate(self, rows: TokenRows, watched: Callable[[Any], torch.Tensor]) -> tuple[Any, Floats]:
        """Return the model's output and how a watched number changes with each token's embedding factor.

        Args:
            rows: one block; its scale is where the derivative is taken, 1 everywhere if it has none.
            watched: output -> tensor (r,).
        Returns:
            The output, and float64 (r, l): the derivatives.
        Raises:
            UnsupportedError: the model takes no embeddings.
        """
        given = np.ones(rows.ids.shape, dtype=np.float32) if rows.scale is None else rows.scale
        factor = send(torch.from_numpy(given), self.device)
        factor = factor.to(self.embed(rows.ids[:1, :1]).dtype).requires_grad_()
        with torch.enable_grad():
            output = self.call(rows, change=lambda own: own.detach() * factor.to(own.dtype)[:, :, None])
            (gradient,) = torch.autograd.grad(watched(output).sum(), factor)
        return output, gradient.to("cpu", torch.float64).numpy()

    def linearize(self, rows: TokenRows, watched: Callable[[Any], torch.Tensor]) -> NDArray[np.float32]:
        """Return how watched numbers change with each token's embedding.

        Args:
            rows: one row.
            watched: output -> tensor (1, k).
        Returns:
            float32 (k, l, e).
        Raises:
            UnsupportedError: the model takes no embeddings.
        """
        embeddings = self.embed(rows.ids[0])[None].requires_grad_()
        with torch.enable_grad():
            numbers = watched(self.call(rows, change=lambda own: embeddings))[0]
            found = [torch.autograd.grad(number, embeddings, retain_graph=True)[0][0] for number in numbers]
        return np.asarray(torch.stack(found).to("cpu", torch.float32).numpy())

    def embed(self, ids: NDArray[Any]) -> torch.Tensor:
        """Return the embeddings (..., e) of token ids (...), as the model looks them up.

        Raises:
            UnsupportedError: the model takes no embeddings.
        """
        with torch.no_grad():
            given = send(torch.from_numpy(np.asarray(ids, dtype=np.int64)), self.device)
            return embeddings_of(self._tables()[0](given)).detach().clone()

    def call(self, rows: TokenRows, change: Change | None = None, **given: Any) -> Any:
        """Return the model's output for rows as `forward` sends them, but differentiable.

        Args:
            rows: one block.
            change: own embeddings (r, l, e) -> those to take in their place.
            given: further arguments of the model.
        """
        inputs, _ = self._inputs([rows])
        if not self._takes_attention:
            inputs.pop("attention_mask")
        changed = nullcontext() if change is None else self._embedding(inputs["input_ids"], change)
        # cuDNN's recurrent layers give gradients in training mode only.
        with torch.backends.cudnn.flags(enabled=False), at_rest(self.model), changed, self._answering(inputs):
            return self.model(**inputs, **given)

    def _inputs(
        self, blocks: Sequence[TokenRows], carries_pads: bool | None = None
    ) -> tuple[dict[str, Any], list[Change]]:
        """Return the model's arguments, and what is to be changed of its embeddings (r, l, e), in that order."""
        ids, attention, shift, segments, scale = self._stack(blocks)
        changes: list[Change] = []
        padded = ids == PADDED
        if padded.any():
            carried = self.trials.carries_pads if carries_pads is None else carries_pads
            ids[padded] = self.trials.other(self.pad_id) if carried else self.pad_id
            if carried:
                places = send(torch.from_numpy(padded), self.device)
                changes.append(partial(_put, places, self.embed(np.array([self.pad_id]))))
        arrays = {"input_ids": ids, "attention_mask": attention}
        if segments is not None and self.takes_types:
            arrays["token_type_ids"] = segments
        if shift.any() and self.trials.needs_positions:
            steps = np.maximum(np.arange(ids.shape[1]) - shift[:, None], 0)
            arrays["position_ids"] = steps + (self.trials.first_position or 0)
        device = self.device
        inputs = {name: send(torch.from_numpy(array), device) for name, array in arrays.items()}
        if scale is not None:
            factor = send(torch.from_numpy(scale), device)[:, :, None]
            changes.append(lambda own: own * factor.to(own.dtype))
        return inputs, changes

    def _stack(self, blocks: Sequence[TokenRows]) -> tuple[Ints, Ints, Ints, Ints | None, Any]:
        """Return padded ids, attention, tokens of padding on the left (r,), segment ids or None, scale or None."""
        shape = sum(map(len, blocks)), max(block.length for block in blocks)
        ids = np.full(shape, self.pad_id, dtype=np.int64)
        attention, shift = np.zeros(shape, dtype=np.int64), np.zeros(shape[0], dtype=np.int64)
        segments = None if blocks[0].segment_ids is None else np.zeros(shape, dtype=np.int64)
        scale = np.zeros(shape, dtype=np.float32) if any(block.scale is not None for block in blocks) else None
        start = 0
        for block in blocks:
            end = start + len(block)
            gap = shape[1] - block.length if self.pads_left else 0
            place = slice(start, end), slice(gap, gap + block.length)
            ids[place], attention[place], shift[start:end] = block.ids, block.attended, gap
            if segments is not None and block.segment_ids is not None:
                segments[place] = block.segment_ids
            if scale is not None:
                scale[place] = 1.0 if block.scale is None else block.scale
            start = end
        return ids, attention, shift, segments, scale


def send(tensor: torch.Tensor, device: torch.device) -> torch.Tensor:
    """Return a tensor on a device; to CUDA it travels from pinned memory, while the processor goes on."""
    if device.type == "cuda":
        return tensor.pin_memory().to(device, non_blocking=True)
    return tensor.to(device)


def _put(places: torch.Tensor, vector: torch.Tensor, embeddings: torch.Tensor) -> torch.Tensor:
    """Return embeddings (r, l, e) with a vector (1, e) at places, bool (r, l)."""
    return torch.where(places[:, :, None], vector.to(embeddings.dtype), embeddings)


def _takes_types_inside(model: Any) -> bool:
    """Tell whether a module inside has token type ids, which a wrapper passes on without naming them."""
    return any("token_type_ids" in inspect.signature(module.forward).parameters for module in model.modules())


def _n_embeddings(model: Any) -> int | None:
    """Return how many token ids the model has embeddings for, or None where it does not say."""
    return getattr(embedding_layer(model), "num_embeddings", None)
