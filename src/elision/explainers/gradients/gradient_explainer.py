"""What the gradient methods share: the way from captum's attributions of embeddings to scores of units."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, ClassVar

import numpy as np
import torch

from elision.arrays import Floats
from elision.errors import (
    ElisionError,
    ModelError,
    OptionError,
    UnsupportedError,
    reason_of,
    warn,
)
from elision.explainers.explainer import Attribution, Needs
from elision.explainers.gradients.watch import watch
from elision.explainers.white_box_explainer import WhiteBoxExplainer
from elision.game.behaviour import Behaviour
from elision.game.prediction import Prediction
from elision.memory import is_out_of_memory
from elision.models.encoding import TokenEncoding, tokens_of
from elision.models.white_box import WhiteBox
from elision.results.meaning import Meaning

BASELINES = ("zero", "pad", "mask")
GRADIENT_TOKENS = 2048
"""The most tokens that go forth and back together: what is kept for the way back takes ten times the memory."""
TOLERANCE = 0.05
"""Attributions may miss the answer's change by this part of it before a warning is given."""


class EmbeddingForward(torch.nn.Module):
    """Embeddings (n, l, d) -> the watched number (n,), counted; a module, because DeepLIFT hooks modules."""

    def __init__(self, box: WhiteBox, target: int, behaviour: Behaviour, count: Callable[[int], None]) -> None:
        super().__init__()
        self.model = box.model
        self._box, self._target, self._behaviour, self._count = box, target, behaviour, count

    def forward(self, embeddings: torch.Tensor) -> torch.Tensor:
        """Return the behaviour float64 (n,)."""
        found = watch(self._box.from_embeddings(embeddings), self._target, self._behaviour, self._box.answer)
        self._count(len(found))
        return found


@dataclass(frozen=True, eq=False)
class CaptumFindings:
    """What captum gave.

    Attributes:
        attributions: (n, l, d), of n draws.
        delta: the sum of the mean attribution less the answer's change; None where the two need not be equal.
    """

    attributions: torch.Tensor
    delta: float | None = None


class GradientExplainer(WhiteBoxExplainer):
    """Scores units by gradients on their embeddings, summed over the embedding axis and over a word's tokens; abstract.

    Attributes:
        baseline: what stands for the absence of all units, or None; special tokens stay as they are.
    """

    needs: ClassVar[Needs] = "embeddings"
    needs_gradients = True
    gradients_for: ClassVar[str] = ""
    way_out: ClassVar[str] = "'leave-one-out', 'marginalization' or 'group-masks', which need its answers only"
    private: ClassVar[bool] = False
    baseline: str | None = None

    def __init__(
        self, *, behaviour: str | Behaviour | None, seed: int, budget: int | None, baseline: str | None
    ) -> None:
        if find_spec("captum") is None:
            raise OptionError(f'{self.name} needs the captum library: pip install "elision[gradients]"')
        self.baseline = baseline
        super().__init__(behaviour=behaviour, seed=seed, budget=budget)

    @abstractmethod
    def _cost(self) -> int:
        """Return how many rows captum sends through the model."""

    @abstractmethod
    def _ask(self, forward: EmbeddingForward, embeddings: torch.Tensor, baseline: torch.Tensor) -> CaptumFindings:
        """Return captum's attributions of embeddings (1, l, d), against a baseline (1, l, d)."""

    def _meaning(self, v: Prediction) -> Meaning | None:
        """Return what the scores mean, where they are more or less than changes of the behaviour."""
        return None

    def _remark(self, sum_: float, change: float, unit: str) -> str:
        """Return the warning where scores do not add up to the answer's change."""
        return ""

    def look(self, v: Prediction) -> Attribution:
        """Return the scores of an example's units."""
        encoding = tokens_of(v.encoding, self.name)
        with v.engine.spending(self.name, self._cost()) as count, differentiable(), in_one_line(v.model.name):
            box = v.model.white_box(encoding.untouched, private=self.private)
            embeddings = box.embed()
            baseline = self._baseline(v, box, encoding, embeddings)
            found = self._ask(EmbeddingForward(box, v.target, v.behaviour, count), embeddings, baseline)
        tokens = found.attributions.detach().sum(-1).to("cpu", torch.float64).numpy()
        if not np.isfinite(tokens).all():
            raise ModelError(f"the gradients of {v.model.name} are NaN or infinite; load it with dtype='float32'")
        return self._findings(v, encoding, box, tokens, found.delta)

    def _baseline(
        self, v: Prediction, box: WhiteBox, encoding: TokenEncoding, embeddings: torch.Tensor
    ) -> torch.Tensor:
        """Return the embeddings (1, l, d) with every unit absent."""
        absent = torch.from_numpy(encoding.unit_of_token >= 0).to(embeddings.device)[None, :, None]
        if self.baseline in (None, "zero"):
            return torch.where(absent, torch.zeros_like(embeddings), embeddings)
        token_id = None if v.model.vocabulary is None else getattr(v.model.vocabulary, f"{self.baseline}_id")
        if token_id is None:
            raise UnsupportedError(f"the model {v.model.name} has no {self.baseline} token; use baseline='zero'")
        return torch.where(absent, box.embed(np.full(len(encoding.ids), token_id)), embeddings)

    def _findings(
        self, v: Prediction, encoding: TokenEncoding, box: WhiteBox, tokens: Floats, delta: float | None
    ) -> Attribution:
        """Return scores of units from those of tokens (n, l), with what a reader should know of them."""
        by_unit = sum_by_unit(tokens, encoding)
        special, share = special_share(tokens.mean(axis=0), encoding)
        record: dict[str, Any] = {
            "removal": {"name": self.baseline or "none"},
            "gradients": {"dtype": str(box.dtype).removeprefix("torch.")},
            "special_tokens": {"score": special, "share": share},
        }
        notes = list(special_note(share))
        error = None if len(tokens) == 1 else by_unit.std(axis=0, ddof=1) / np.sqrt(len(tokens))
        if delta is not None:
            total = float(tokens.mean(axis=0).sum())
            record["convergence"] = {"delta": delta, "change": total - delta}
            noise = 0.0 if error is None else 3.0 * float(tokens.sum(axis=1).std(ddof=1)) / np.sqrt(len(tokens))
            if abs(delta) > TOLERANCE * abs(total - delta) + noise + 1e-3:
                notes.append(self._remark(total, total - delta, v.behaviour.unit))
                warn(notes[-1])
        return Attribution(
            scores=by_unit.mean(axis=0)[: len(v.units)],
            std_error=None if error is None else error[: len(v.units)],
            notes=tuple(notes),
            meaning=self._meaning(v),
            record=record,
        )


def sum_by_unit(tokens: Floats, encoding: TokenEncoding) -> Floats:
    """Return sums (n, u + 1) over each unit's tokens from (n, l); the last column is of special tokens."""
    by_unit = np.zeros((len(tokens), len(encoding.units) + 1))
    np.add.at(by_unit.T, encoding.unit_of_token, tokens.T)
    return by_unit


def special_share(tokens: Floats, encoding: TokenEncoding) -> tuple[float, float]:
    """Return the special tokens' score, and their part of all tokens' absolute scores, from tokens' scores (l,)."""
    special = encoding.unit_of_token < 0
    whole = float(np.abs(tokens).sum())
    return float(tokens[special].sum()), float(np.abs(tokens[special]).sum() / whole) if whole > 0 else 0.0


def special_note(share: float) -> tuple[str, ...]:
    """Return the note on special tokens, where they have a part of the scores that a reader should know of."""
    return (f"special tokens, which are no words, have {share:.0%} of the scores",) if share > TOLERANCE else ()


def rows_at_once(embeddings: torch.Tensor) -> int:
    """Return how many variants of embeddings (1, l, d) go forth and back together."""
    return max(GRADIENT_TOKENS // embeddings.shape[1], 1)


@contextmanager
def differentiable() -> Iterator[None]:
    """Keep track of gradients whatever the caller does, without captum's remarks on its own hooks and flags."""
    with warnings.catch_warnings(), torch.inference_mode(False), torch.enable_grad():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def in_one_line(model: str) -> Iterator[None]:
    """Say in one line that memory does not suffice, or that a model gives no gradients, whatever was raised."""
    try:
        yield
    except (ElisionError, Warning):
        raise
    except Exception as error:
        if is_out_of_memory(error):
            raise ModelError(
                "memory does not suffice for this text's gradients; shorten the text, free memory, load the model on "
                "another device, or use 'leave-one-out'"
            ) from error
        raise UnsupportedError(
            f"{model} gives no gradients ({reason_of(error)}); use a method that needs answers only, such as "
            "'leave-one-out'"
        ) from error
