"""One way to send rows of token ids through any PyTorch model of the transformers library."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from elision.errors import ModelError, UnsupportedError
from elision.memory import keep_freed_memory, remember_few_shapes
from elision.models.budget import TokenBudget
from elision.models.rows import Floats, Ints, TokenRows
from elision.models.tokenization import HuggingFaceVocabulary, length_limit

BATCH_TOKENS = 16384
_MAX_WASTE = 0.05


class Transformer:
    """A model and its tokenizer, with all that their families differ in.

    Positions are given explicitly where a family counts them in another way than 0, 1, 2 (RoBERTa's start behind the
    padding index and skip [PAD], so a [PAD] put in a word's place would move all words after it).
    """

    def __init__(self, model: Any, tokenizer: Any, *, batch_tokens: int | None) -> None:
        """Look the model over; neither the model nor the tokenizer is changed.

        Args:
            model: a PyTorch model of the transformers library.
            tokenizer: its tokenizer.
            batch_tokens: the most tokens in one batch, padding included; None finds it by trial on CUDA.
        """
        self.model = model
        self.tokenizer = tokenizer
        self.keeps_memory = self.device.type == "cpu" and keep_freed_memory()
        remember_few_shapes()
        by_trial = batch_tokens is None and self.device.type == "cuda"
        self.budget = TokenBudget(batch_tokens or BATCH_TOKENS, by_trial=by_trial)
        self.config = model.config
        accepted = inspect.signature(model.forward).parameters
        self.takes_types = "token_type_ids" in accepted
        self._takes_positions = "position_ids" in accepted
        self.takes_embeddings = "inputs_embeds" in accepted
        self._first_position = _first_position(model)
        self.limit = length_limit(tokenizer, self.config, self._first_position)
        self.pads_left = getattr(tokenizer, "padding_side", "right") == "left"
        self._pad_id = tokenizer.pad_token_id
        if self._pad_id is None:
            self._pad_id = getattr(self.config, "pad_token_id", None)
        self.can_pad = self._pad_id is not None and (not self.pads_left or self._takes_positions)
        self.one_by_one = getattr(self.config, "pad_token_id", None) is None and _pools_last_token(model)
        size = (
            model.get_input_embeddings().num_embeddings
            if hasattr(model.get_input_embeddings(), "num_embeddings")
            else None
        )
        self.vocabulary = HuggingFaceVocabulary(tokenizer, size)

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
        if self.one_by_one:
            return 1
        sizes = sizes[: max(self.batch_tokens // max(int(sizes[0]), 1), 1)]
        area = sizes * np.arange(1, len(sizes) + 1)
        fits = (area <= self.batch_tokens) & (np.cumsum(sizes) >= (1 - _MAX_WASTE) * area)
        fits &= self.can_pad | (sizes == sizes[0])
        fits[0] = True
        return int(np.flatnonzero(fits)[-1]) + 1

    def forward(self, blocks: Sequence[TokenRows]) -> Any:
        """Return the model's output for one batch of rows."""
        inputs, token_ids, scale = self._inputs(blocks)
        with torch.inference_mode(), _evaluating(self.model):
            if scale is None:
                inputs["input_ids"] = token_ids
            else:
                embeddings = self.embeddings()(token_ids)
                inputs["inputs_embeds"] = embeddings * scale.to(embeddings.dtype)[:, :, None]
            return self.model(**inputs)

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
        inputs, token_ids, scale = self._inputs([rows])
        embed = self.embeddings()
        with torch.enable_grad(), _evaluating(self.model):
            embeddings = embed(token_ids).detach()
            factor = torch.ones(token_ids.shape, device=self.device) if scale is None else scale
            factor = factor.to(embeddings.dtype).requires_grad_()
            output = self.model(**inputs, inputs_embeds=embeddings * factor[:, :, None])
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
        inputs, token_ids, _ = self._inputs([rows])
        embed = self.embeddings()
        with torch.enable_grad(), _evaluating(self.model):
            embeddings = embed(token_ids).detach().requires_grad_()
            numbers = watched(self.model(**inputs, inputs_embeds=embeddings))[0]
            found = [torch.autograd.grad(number, embeddings, retain_graph=True)[0][0] for number in numbers]
        return np.asarray(torch.stack(found).to("cpu", torch.float32).numpy())

    def embed(self, ids: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return the embeddings float32 (n, e) of token ids (n,).

        Raises:
            UnsupportedError: the model takes no embeddings.
        """
        with torch.inference_mode():
            found = self.embeddings()(send(torch.from_numpy(ids.astype(np.int64)), self.device))
            return np.asarray(found.to("cpu", torch.float32).numpy())

    def call(self, rows: TokenRows, **given: Any) -> Any:
        """Return the model's output for rows as `forward` sends them, but differentiable.

        Args:
            rows: one block.
            given: further arguments of the model; inputs_embeds among them stand in place of the token ids.
        """
        inputs, token_ids, _ = self._inputs([rows])
        tokens = {} if "inputs_embeds" in given else {"input_ids": token_ids}
        # cuDNN's recurrent layers give gradients in training mode only.
        with torch.backends.cudnn.flags(enabled=False), _evaluating(self.model):
            return self.model(**inputs, **tokens, **given)

    def _inputs(self, blocks: Sequence[TokenRows]) -> tuple[dict[str, Any], torch.Tensor, torch.Tensor | None]:
        """Return the model's arguments but for its tokens, then token ids and scale (r, l) or None."""
        ids, attention, shift, segments, scale = self._stack(blocks)
        arrays = {"attention_mask": attention}
        if segments is not None and self.takes_types:
            arrays["token_type_ids"] = segments
        if self._takes_positions and (self._first_position or shift.any()):
            positions = np.arange(ids.shape[1]) - shift[:, None]
            arrays["position_ids"] = np.maximum(positions, 0) + self._first_position
        device = self.device
        inputs = {name: send(torch.from_numpy(array), device) for name, array in arrays.items()}
        factor = None if scale is None else send(torch.from_numpy(scale), device)
        return inputs, send(torch.from_numpy(ids), device), factor

    def embeddings(self) -> Any:
        """Return the layer that embeds token ids.

        Raises:
            UnsupportedError: the model takes no embeddings.
        """
        if not self.takes_embeddings:
            raise UnsupportedError(
                f"{type(self.model).__name__} takes no embeddings, which the removal 'zero' and gradients need; "
                "use 'pad' or 'drop'"
            )
        return self.model.get_input_embeddings()

    def _stack(self, blocks: Sequence[TokenRows]) -> tuple[Ints, Ints, Ints, Ints | None, Any]:
        """Return padded ids, attention, tokens of padding on the left (r,), segment ids or None, scale or None."""
        shape = sum(map(len, blocks)), max(block.length for block in blocks)
        ids = np.full(shape, self._pad_id or 0, dtype=np.int64)
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


@contextmanager
def _evaluating(model: Any) -> Iterator[None]:
    """Run a block with dropout and the model's own warnings off, and leave every module's mode as it was."""
    training = [module for module in model.modules() if module.training]
    # GPT-2's kind warns that it finds no padding in embeddings; here it gets one length at a time.
    log = logging.getLogger(type(model).__module__)
    level = log.level
    try:
        log.setLevel(logging.ERROR)
        for module in training:
            module.training = False
        yield
    finally:
        log.setLevel(level)
        for module in training:
            module.training = True


def _first_position(model: Any) -> int:
    """Return the index that the model gives the first position."""
    for module in model.modules():
        if hasattr(module, "create_position_ids_from_input_ids") and getattr(module, "padding_idx", None) is not None:
            return int(module.padding_idx) + 1
    return 0


def _pools_last_token(model: Any) -> bool:
    """Tell whether a classifier reads the last token, which it finds by the padding id."""
    return hasattr(model, "score") and not getattr(model.config, "is_encoder_decoder", False)


def to_probabilities(logits: torch.Tensor, *, sigmoid: bool) -> Any:
    """Return float64 probabilities (r, c) from logits; a single logit gives two classes.

    Raises:
        ModelError: a logit is not a number.
    """
    values = logits.detach().to("cpu", torch.float64)
    if not bool(torch.isfinite(values).all()):
        raise ModelError("the model answered with NaN or infinity; load it with dtype='float32'")
    if values.shape[1] == 1:
        values = torch.cat([-values, values], dim=1)
        sigmoid = True
    return (torch.sigmoid(values) if sigmoid else torch.softmax(values, dim=1)).numpy()


def _two_classes(logits: torch.Tensor, *, sigmoid: bool) -> tuple[torch.Tensor, bool]:
    """Return logits of at least two classes, in float32 or float64, and whether each is a sigmoid's."""
    values = logits if logits.dtype == torch.float64 else logits.float()
    if values.shape[1] == 1:
        return torch.cat([-values, values], dim=1), True
    return values, sigmoid


def log_probability(logits: torch.Tensor, target: int, *, sigmoid: bool) -> torch.Tensor:
    """Return ln p(target), float32 or float64 (r,), differentiable, for the probabilities of `to_probabilities`."""
    values, sigmoid = _two_classes(logits, sigmoid=sigmoid)
    logs = torch.nn.functional.logsigmoid(values) if sigmoid else torch.log_softmax(values, dim=1)
    return logs[:, target]


def class_log_odds(logits: torch.Tensor, classes: Sequence[int], *, sigmoid: bool) -> torch.Tensor:
    """Return log-odds (r, k) of k classes in nats, differentiable, for the probabilities of `to_probabilities`."""
    values, sigmoid = _two_classes(logits, sigmoid=sigmoid)
    if sigmoid:
        return values[:, list(classes)]
    others = [[other for other in range(values.shape[1]) if other != c] for c in classes]
    rest = [torch.logsumexp(values[:, other], dim=1) for other in others]
    return values[:, list(classes)] - torch.stack(rest, dim=1)
