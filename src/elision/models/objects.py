"""Objects in memory as models: networks, and what other libraries hold them in."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from elision.errors import OptionError, UnsupportedError
from elision.models.estimators import from_answers, require_reading
from elision.models.heads import WAYS_TO_READ, Head
from elision.models.model import Model
from elision.models.networks import (
    A_FUNCTION,
    classifier,
    network_of,
    require_agreement,
    with_limit,
)
from elision.models.pipelines import from_pipeline, is_pipeline
from elision.models.tokenization import kept_settings


def from_object(
    thing: Any,
    tokenizer: Any,
    *,
    labels: Sequence[str] | None,
    head: str,
    answers: str,
    batch_tokens: int | None,
    attention: str,
    dtype: str,
) -> Model:
    """Return the model of an object in memory, as `elision.load` does, found out by what the object can do.

    Raises:
        ModelError, UnsupportedError, OptionError: as for `load`.
    """
    options: dict[str, Any] = {"head": head, "batch_tokens": batch_tokens, "attention": attention, "dtype": dtype}
    net = network_of(thing)
    if is_pipeline(thing):
        if tokenizer is not None:
            raise OptionError("a pipeline has its own tokenizer: load(pipeline)")
        found: Model = from_pipeline(thing, labels=labels, **options)
    elif _is_cross_encoder(thing):
        found = _cross_encoder(thing, tokenizer, labels=labels, **options)
    elif _is_sentence_encoder(thing):
        raise UnsupportedError(
            f"{type(thing).__name__} gives embeddings of texts, no classes; give {A_FUNCTION}, that asks a classifier "
            "of them"
        )
    elif hasattr(net, "config") and hasattr(net, "forward") and not isinstance(net, type):
        if tokenizer is None:
            raise OptionError("a model in memory needs its tokenizer too: load(model, tokenizer)")
        found = classifier(net, tokenizer, labels=labels, **options)
    elif hasattr(thing, "tokenizer") and hasattr(inner := network_of(getattr(thing, "model", None)), "config"):
        found = classifier(inner, tokenizer or thing.tokenizer, labels=labels, **options)
    else:
        return from_answers(thing, labels, answers)
    require_reading(answers)
    return found


def _is_sentence_encoder(thing: Any) -> bool:
    encodes = hasattr(thing, "tokenizer") and callable(getattr(thing, "encode", None))
    return encodes and isinstance(thing, torch.nn.Module)


def _activation(thing: Any) -> Callable[..., Any] | None:
    # The second name is of versions before 4; later ones warn of it.
    found = getattr(thing, "activation_fn", None)
    return getattr(thing, "default_activation_function", None) if found is None else found


def _is_cross_encoder(thing: Any) -> bool:
    inside = hasattr(getattr(thing, "model", None), "config") and hasattr(thing, "tokenizer")
    return inside and callable(getattr(thing, "predict", None)) and callable(_activation(thing))


def _cross_encoder(thing: Any, tokenizer: Any, *, labels: Sequence[str] | None, head: str, **options: Any) -> Model:
    """Return the model of a cross-encoder of the sentence-transformers library, which reads pairs.

    One output is a score, as it is or through the cross-encoder's sigmoid: what it predicts.

    Raises:
        UnsupportedError: its scores of several classes are no probabilities, or it does more than its parts.
    """
    name, net = type(thing).__name__, network_of(thing.model)
    read = _reading(_activation(thing), net.config.num_labels) if head == "auto" else head
    if read is None:
        raise UnsupportedError(
            f"{name} gives raw scores of several classes; say how they are to be read: {WAYS_TO_READ}"
        )
    own = tokenizer or thing.tokenizer
    longest = getattr(thing, "max_seq_length", None) or getattr(thing, "max_length", None)
    own = with_limit(own, longest or own.model_max_length)
    model = classifier(net, own, labels=labels, head=read, n_texts=2, **options)
    if head == "auto":
        outer = thing if isinstance(thing, torch.nn.Module) else thing.model
        with kept_settings(thing.tokenizer):
            require_agreement(
                model, name, lambda pair: np.ravel(thing.predict([pair], show_progress_bar=False)).tolist(), outer
            )
    return model


def _reading(activation: Any, n_logits: int) -> str | Head | None:
    """Return the reading that an activation makes of logits, or None where it makes none of several."""
    logits = torch.tensor([[-1.0, 0.5, 2.0]])
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            found = activation(logits)
    except Exception:
        return None
    made = {"sigmoid": torch.sigmoid(logits), "softmax": torch.softmax(logits, dim=1), "scores": logits}
    same = (name for name, wanted in made.items() if found.shape == wanted.shape and torch.allclose(found, wanted))
    name = next(same, None)
    if n_logits == 1 and name in ("sigmoid", "scores"):
        return Head("scores", 1, squashed=name == "sigmoid")
    return None if name == "scores" else name
