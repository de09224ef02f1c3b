"""How a network's logits are read: as answers of a kind, and as numbers that PyTorch can differentiate.

Axes: r rows, l logits, c labels, a columns of an answer, k of the labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

import torch

from elision.arrays import Floats
from elision.errors import ModelError, OptionError, require_one_of
from elision.labels import config_names, distinct, require_own_order
from elision.models.answers import CLASSES, LABELS, SCORES, AnswerKind
from elision.models.weights import HALF

HEADS = ("auto", "softmax", "sigmoid", "scores")
WAYS_TO_READ = "head='softmax', head='sigmoid' or head='scores'"
GUESSED = (
    "the model has one output, and its config does not say what it is: it is read as a score; if it is the logit of a "
    "class, load it with head='sigmoid'"
)


@final
@dataclass(frozen=True)
class Head:
    """A reading of logits.

    Attributes:
        name: "softmax", "sigmoid" or "scores".
        n_logits: l.
        squashed: whether the scores are the logits' sigmoids.
        guessed: whether neither the caller nor the config said that the one logit is a score.
    """

    name: str
    n_logits: int
    squashed: bool = False
    guessed: bool = False

    @property
    def answer(self) -> AnswerKind:
        """The kind of answers; one logit of a sigmoid makes two classes, several make independent labels."""
        if self.name == "scores":
            return SCORES
        return CLASSES if self.name == "softmax" or self.n_logits == 1 else LABELS

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of every explanation should know of the reading."""
        return (GUESSED,) if self.guessed else ()

    def labels(self, id2label: Any, given: Sequence[str] | None, model: str) -> tuple[str, ...]:
        """Return the names of classes or outputs.

        Args:
            id2label: the config's.
            given: the caller's, or None for the config's.
            model: what the model is called.
        Raises:
            OptionError: those given are too many, too few, not different, or the config's in another order.
        """
        own = config_names(id2label, self.n_logits)
        if self.n_logits == 1:
            if self.name != "scores":
                own = f"not {own[0]}", own[0]
            elif own == ("LABEL_0",):
                own = ("score",)
        if given is None:
            return own
        names = distinct(given)
        if len(names) != len(own):
            what = "outputs" if self.name == "scores" else "classes"
            raise OptionError(f"labels must name the model's {len(own)} {what}, got {len(names)} names")
        require_own_order(names, own, model)
        return names

    def read(self, logits: torch.Tensor) -> torch.Tensor:
        """Return answers, float64 (r, a) on the CPU, differentiable, from logits (r, l)."""
        values = logits.to("cpu", torch.float64)
        if self.name == "scores":
            return torch.sigmoid(values) if self.squashed else values
        if self.answer is LABELS:
            return torch.nn.functional.logsigmoid(torch.cat([values, -values], dim=1))
        if self.n_logits == 1:
            return torch.nn.functional.logsigmoid(torch.cat([-values, values], dim=1))
        return torch.log_softmax(values, dim=1)

    def answers(self, logits: torch.Tensor) -> Floats:
        """Return answers, float64 (r, a), from logits (r, l).

        Raises:
            ModelError: a logit is not a number.
        """
        values = logits.detach().to("cpu", torch.float64)
        if not bool(torch.isfinite(values).all()):
            way_out = "check its weights, or use another removal, such as 'delete'"
            way_out = "load it with dtype='float32'" if logits.dtype in HALF else way_out
            raise ModelError(f"the model answered with NaN or infinity; {way_out}")
        found: Floats = self.read(values).numpy()
        return found

    def watched(self, logits: torch.Tensor, labels: Sequence[int]) -> torch.Tensor:
        """Return log-odds in nats, or scores, of k labels, float32 or float64 (r, k), differentiable.

        Their derivatives stay what they are where the model is sure: those of probabilities vanish in rounding there.
        """
        values = logits if logits.dtype == torch.float64 else logits.float()
        if self.name == "scores":
            return (torch.sigmoid(values) if self.squashed else values)[:, list(labels)]
        if self.n_logits == 1:
            return torch.cat([-values, values], dim=1)[:, list(labels)]
        if self.name == "sigmoid":
            return values[:, list(labels)]
        others = [[other for other in range(self.n_logits) if other != label] for label in labels]
        rest = [torch.logsumexp(values[:, other], dim=1) for other in others]
        return values[:, list(labels)] - torch.stack(rest, dim=1)


def choose_head(head: str | Head, config: Any, n_logits: int, labels: Sequence[str] | None = None) -> Head:
    """Return how a network's logits are read.

    "auto" goes by the config's `problem_type`. Where it has none, several logits are a softmax, and one is a score, as
    the transformers library trains it (mean squared error), unless the caller has names for two classes.

    Args:
        head: "softmax", "sigmoid", "scores", "auto", or a reading that is known already.
        config: the network's.
        n_logits: how many logits it gives.
        labels: the names that the caller gave.
    Raises:
        OptionError: head is unknown.
    """
    if isinstance(head, Head):
        return head
    require_one_of("head", head, HEADS)
    if head != "auto":
        return Head("sigmoid" if head == "softmax" and n_logits == 1 else head, n_logits)
    kind = getattr(config, "problem_type", None)
    if kind == "regression":
        return Head("scores", n_logits)
    if kind == "multi_label_classification":
        return Head("sigmoid", n_logits)
    if n_logits > 1:
        return Head("softmax", n_logits)
    if kind is not None or (labels is not None and len(labels) == 2):
        return Head("sigmoid", n_logits)
    return Head("scores", n_logits, guessed=True)
