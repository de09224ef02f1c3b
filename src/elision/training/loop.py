"""Seeded training with early stopping, for every model alike."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from inspect import signature
from typing import Any

import numpy as np
import torch

from elision.errors import ModelError
from elision.models.loading import fast_dtype
from elision.progress import Progress
from elision.training.batches import EncodedRows
from elision.training.masked_training import Hiding, drawn_shares
from elision.training.settings import Settings

_CLIP = 1.0
"""The largest norm of a step's gradient, as is usual for encoders."""
_LARGE_BATCH = 256
"""Rows of a batch where nothing is learnt. A choice."""
Batch = dict[str, torch.Tensor]
Report = Callable[[str], None]


@dataclass(frozen=True)
class Fit:
    """What training came to.

    Attributes:
        best: the best dev figure, whose weights the model has.
        epoch: the pass after which it was reached, from 1.
        epochs: passes made.
        seconds: wall time.
        cpu_seconds: processor time of all threads.
    """

    best: float
    epoch: int
    epochs: int
    seconds: float
    cpu_seconds: float


def fit(
    model: Any,
    settings: Settings,
    batches: Callable[[np.random.Generator], list[Callable[[], Batch]]],
    measure: Callable[[], float],
    *,
    show: Callable[[float], str] = "dev accuracy {:.4f}".format,
    enough: float = np.inf,
    progress: bool | None = None,
    report: Report = lambda line: None,
) -> Fit:
    """Train a model in place and leave it with its best weights on dev.

    Args:
        model: takes a batch with labels and gives a loss.
        settings: how.
        batches: draws -> one pass's batches, each made when it is called.
        measure: the figure to be as large as possible.
        show: the figure in words.
        enough: a figure with which training stops.
        progress: None shows a bar on a terminal; False never.
        report: gets one line after each pass.
    Returns:
        What training came to.
    Raises:
        ModelError: the loss is no longer a number.
    """
    draws = np.random.default_rng(settings.seed)
    began, processor = time.monotonic(), time.process_time()
    best, best_epoch, weights = -np.inf, 0, None
    optimiser: Any = None
    # The dropout's draws come from torch's global state, which is given back as it was.
    with torch.random.fork_rng(devices=_cuda_devices(model)):
        torch.manual_seed(settings.seed)
        for epoch in range(1, settings.epochs + 1):
            made = batches(draws)
            optimiser = optimiser or _Optimiser(model, settings, settings.epochs * len(made))
            title = f"epoch {epoch} of {settings.epochs}" + (f", {show(best)}" if weights else "")
            loss = _pass(model, optimiser, made, Progress(progress).expect(title, len(made), unit="batches"))
            now = measure()
            report(f"epoch {epoch}: loss {loss:.4f}, {show(now)}, {time.monotonic() - began:.0f} s")
            if now > best:
                best, best_epoch, weights = now, epoch, copy.deepcopy(model.state_dict())
            if now >= enough or epoch - best_epoch >= settings.patience:
                break
    model.load_state_dict(weights)
    model.eval()
    return Fit(best, best_epoch, epoch, time.monotonic() - began, time.process_time() - processor)


def _pass(model: Any, optimiser: _Optimiser, made: list[Callable[[], Batch]], bar: Progress) -> float:
    """Return the mean loss of one pass over the batches."""
    model.train()
    total = torch.zeros((), device=model.device)
    with bar:
        for make in made:
            with narrow(model.device):
                loss = model(**make()).loss
            optimiser.step(loss)
            total += loss.detach().float()
            bar.advance(1)
    mean = float(total) / len(made)
    if not np.isfinite(mean):
        raise ModelError("the loss is no longer a number; take a smaller learning rate")
    return mean


class _Optimiser:
    """AdamW with its schedule; biases and norms are not decayed."""

    def __init__(self, model: Any, settings: Settings, steps: int) -> None:
        self._parameters = [p for p in model.parameters() if p.requires_grad]
        groups = [
            {"params": [p for p in self._parameters if p.ndim > 1], "weight_decay": settings.weight_decay},
            {"params": [p for p in self._parameters if p.ndim <= 1], "weight_decay": 0.0},
        ]
        self._inner = torch.optim.AdamW(groups, lr=settings.learning_rate, fused=True)
        warm = max(1, round(steps * settings.warmup))
        self._schedule = torch.optim.lr_scheduler.LambdaLR(
            self._inner, lambda step: min((step + 1) / warm, max(0.0, (steps - step) / max(1, steps - warm)))
        )

    def step(self, loss: torch.Tensor) -> None:
        """Make one update."""
        self._inner.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._parameters, _CLIP)
        self._inner.step()
        self._schedule.step()


def narrow(device: torch.device) -> AbstractContextManager[Any]:
    """Return mixed arithmetic in bfloat16 where the device multiplies it fast, and else plain arithmetic."""
    return torch.autocast(device.type, torch.bfloat16) if fast_dtype(device) == "bfloat16" else nullcontext()


def row_batches(
    model: Any, rows: EncodedRows, settings: Settings, hiding: Hiding | None = None
) -> Callable[[Any], list[Callable[[], Batch]]]:
    """Return what `fit` asks for its batches: shuffled rows, as the model takes them.

    Args:
        model: that is trained.
        rows: to learn from.
        settings: the batches' size.
        hiding: hides tokens in half of each batch's rows, anew at each pass; None hides none. The batches are the same
            with and without it.
    """

    def draw(draws: np.random.Generator) -> list[Callable[[], Batch]]:
        batches, seen = rows.shuffled(settings.batch_size, draws), rows
        if hiding is not None:
            (own,) = draws.spawn(1)
            seen = hiding.hide(rows, drawn_shares(batches, len(rows), own), own)
        return [_maker(model, seen, chosen) for chosen in batches]

    return draw


def _maker(model: Any, rows: EncodedRows, chosen: Any) -> Callable[[], Batch]:
    return lambda: accepted(model, rows.batch(chosen, model.device))


def accepted(model: Any, batch: Batch) -> Batch:
    """Return the batch without token types where the model takes none."""
    if "token_type_ids" in signature(model.forward).parameters:
        return batch
    return {name: values for name, values in batch.items() if name != "token_type_ids"}


def accuracy(model: Any, rows: EncodedRows, *, quick: bool = False) -> float:
    """Return the share of rows whose likeliest class is the right one.

    Args:
        model: a classifier.
        rows: with labels.
        quick: whether to use the arithmetic of training in place of the weights' own.
    """
    right = 0
    with evaluating(model), narrow(model.device) if quick else nullcontext():
        for chosen in rows.ordered(_LARGE_BATCH):
            batch = accepted(model, rows.batch(chosen, model.device))
            labels = batch.pop("labels")
            right += int((model(**batch).logits.argmax(-1) == labels).sum())
    return right / len(rows)


@contextmanager
def evaluating(model: Any) -> Iterator[None]:
    """Run a block without dropout and gradients; the model trains on afterwards if it did before."""
    training = model.training
    model.eval()
    with torch.inference_mode():
        yield
    model.train(training)


def _cuda_devices(model: Any) -> list[torch.device]:
    return [model.device] if model.device.type == "cuda" else []
