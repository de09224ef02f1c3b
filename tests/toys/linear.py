"""A model whose logits are sums over its tokens, so that all it says without some words is known beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import mpmath
import numpy as np
import torch
import transformers
from transformers.modeling_outputs import SequenceClassifierOutput

import elision
from toys.tokenizers import wordpiece_tokenizer


class LinearConfig(transformers.PretrainedConfig):
    model_type = "elision-linear"

    def __init__(self, vocab_size: int = 80, **options: object):
        self.vocab_size = vocab_size
        super().__init__(**options)


class Linear(transformers.PreTrainedModel):
    """Logits that are the sum of W E over attended tokens; [PAD] embeds to 0, and so do the other special tokens."""

    config_class = LinearConfig

    def __init__(self, config: LinearConfig) -> None:
        super().__init__(config)
        self.embeddings = torch.nn.Embedding(config.vocab_size, 4, padding_idx=0)
        self.weight = torch.nn.Linear(4, config.num_labels, bias=False)
        self.post_init()

    def get_input_embeddings(self) -> torch.nn.Module:
        return self.embeddings

    def _init_weights(self, module: torch.nn.Module) -> None:
        return

    def forward(self, input_ids=None, attention_mask=None) -> SequenceClassifierOutput:
        by_token = self.weight(self.embeddings(input_ids)) * attention_mask[:, :, None]
        return SequenceClassifierOutput(logits=by_token.sum(1))


def linear(*, scale: float = 1.0, head: str = "auto", labels: Any = None, **config: Any) -> elision.HuggingFaceModel:
    """Return such a model in float64.

    Args:
        scale: of the logits.
        head: as for `elision.load`.
        labels: likewise.
        config: num_labels, problem_type.
    """
    tokenizer = wordpiece_tokenizer(model_input_names=["input_ids", "attention_mask"])
    torch.manual_seed(7)
    net = Linear(LinearConfig(vocab_size=len(tokenizer), **config)).double().eval()
    with torch.no_grad():
        net.embeddings.weight[: len(tokenizer.all_special_ids)] = 0.0
        net.weight.weight *= scale
    return elision.HuggingFaceModel(net, tokenizer, name="linear", head=head, labels=labels)


def parts(model: elision.HuggingFaceModel, example: Any) -> np.ndarray:
    """Return what each unit adds to the logits, (u, l)."""
    encoding = model.encode(example)
    own = by_token(model, encoding.ids)
    return np.array([own[encoding.unit_of_token == unit].sum(0) for unit in range(len(encoding.units))])


def by_token(model: elision.HuggingFaceModel, ids: Sequence[int]) -> np.ndarray:
    """Return what tokens add to the logits, (n, l)."""
    net = model.transformer.model
    with torch.no_grad():
        return net.weight(net.embeddings(torch.tensor(np.asarray(ids, dtype=np.int64)))).numpy()


def exact_odds(rows: Any, target: int, weights: Sequence[float] | None = None) -> float:
    """Return log2 odds of the mean softmax of rows of logits, computed with 400 digits.

    Args:
        rows: (n, c).
        target: the class.
        weights: of the mean, (n,); None for equal ones.
    """
    with mpmath.workdps(400):
        p = q = mpmath.mpf(0)
        shares = [mpmath.mpf(1) / len(rows)] * len(rows) if weights is None else [mpmath.mpf(w) for w in weights]
        for row, share in zip(rows, shares, strict=True):
            e = [mpmath.exp(mpmath.mpf(float(z))) for z in row]
            p += share * e[target] / sum(e)
            q += share * (sum(e) - e[target]) / sum(e)
        return float(mpmath.log(p / q) / mpmath.log(2))
