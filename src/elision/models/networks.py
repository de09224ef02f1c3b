"""Networks in memory: what is found inside a wrapper, and whether it is a sequence classifier at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from typing import Any

import numpy as np
import torch

from elision.errors import (
    ElisionError,
    ExampleError,
    ModelError,
    OptionError,
    UnsupportedError,
    reason_of,
    require_one_of,
)
from elision.memory import is_out_of_memory
from elision.models.classifier import HuggingFaceModel
from elision.models.heads import Head
from elision.models.rest import at_rest
from elision.models.tokenization import private_copy
from elision.text import Example

ATTENTIONS = ("auto", "eager", "sdpa")
DTYPES = ("auto", "fast", "float32", "float64", "bfloat16", "float16")
A_FUNCTION = "a function from texts to probabilities, with labels=[...]"
NO_LIMIT = int(1e30)
"""What tokenizers of the transformers library call no limit."""
_ONLY = f"only sequence classifiers are supported: give one of AutoModelForSequenceClassification, or {A_FUNCTION}"
_TEXT = "a short text"
_CLOSE, _CLOSE_IN_HALF = 1e-4, 0.02
"""The difference of two probabilities, or the part of the largest score, that is rounding: another batch or order."""


def network_of(thing: Any) -> Any:
    """Return the network inside wrappers that say where or how it is computed: DataParallel's kind, torch.compile's."""
    for name in ("_orig_mod",) if hasattr(thing, "config") else ("module", "_orig_mod"):
        inner = getattr(thing, name, None)
        if isinstance(inner, torch.nn.Module) and hasattr(inner, "config"):
            return network_of(inner)
    return thing


def classifier(
    net: Any,
    tokenizer: Any,
    *,
    labels: Sequence[str] | None,
    head: str | Head,
    batch_tokens: int | None,
    attention: str,
    dtype: str,
    n_texts: int | None = None,
) -> HuggingFaceModel:
    """Return the model of a network in memory, which is asked one short text.

    Args:
        net: the network.
        tokenizer: its tokenizer.
        labels: as for `load`.
        head: as for `load`, or a reading that is known already.
        batch_tokens: the most tokens in one batch.
        attention: "auto" or what the network has.
        dtype: "auto", "fast" or what the network has.
        n_texts: how many texts it reads; None for what its config says.
    Raises:
        ModelError: it holds no weights.
        UnsupportedError: it is no sequence classifier.
        OptionError: an option is out of range, or not what the network has.
    """
    name = type(net).__name__
    if not isinstance(net, torch.nn.Module):
        raise UnsupportedError(f"{name} is no PyTorch model; give {A_FUNCTION}")
    _require_weights(net)
    keep_attention(net, attention)
    keep_dtype(net, dtype)
    n_texts = n_texts or getattr(net.config, "n_texts", None)
    try:
        found = HuggingFaceModel(
            _base(net, tokenizer), tokenizer, labels=labels, head=head, batch_tokens=batch_tokens, n_texts=n_texts
        )
        _require_classifier(found)
    except ElisionError:
        raise
    except Exception as error:
        if is_out_of_memory(error):
            raise ModelError(f"memory does not suffice for one short text ({reason_of(error)})") from error
        raise UnsupportedError(f"{name} failed on a short text ({reason_of(error)}); {_ONLY}") from error
    return found


def _require_classifier(model: HuggingFaceModel) -> None:
    try:
        answer(model)
    except UnsupportedError as error:
        raise UnsupportedError(f"{error}; {_ONLY}") from error


def keep_attention(model: Any, attention: str) -> None:
    """Check that an attention is what a model in memory has, for it is never changed.

    Raises:
        OptionError: it is unknown, or another.
    """
    require_one_of("attention", attention, ATTENTIONS)
    own = str(getattr(model.config, "_attn_implementation", ""))
    if attention not in ("auto", own):
        raise OptionError(
            f"attention must be 'auto' or what the model in memory has, {own!r}; got {attention!r}. "
            f"Load the model with attn_implementation={attention!r}"
        )


def keep_dtype(model: Any, dtype: str) -> None:
    """Check that a dtype is what a model in memory has, for it is never changed.

    Raises:
        OptionError: it is unknown, or another.
    """
    require_one_of("dtype", dtype, DTYPES)
    own = str(getattr(model, "dtype", "")).removeprefix("torch.")
    if dtype not in ("auto", "fast", own):
        raise OptionError(
            f"dtype must be 'auto' or what the model in memory has, {own!r}; got {dtype!r}. Convert it: "
            f"model.to(torch.{dtype})"
        )


def example_for(model: HuggingFaceModel) -> Example:
    """Return a short example of the kind that a model reads."""
    return (_TEXT, _TEXT) if model.n_texts == 2 else _TEXT


def answer(model: HuggingFaceModel) -> list[float] | None:
    """Return the probabilities or scores of a short example; None where it gives none, which the user's may do.

    Raises:
        UnsupportedError: the model is no sequence classifier.
    """
    try:
        return [float(p) for p in model.predict([model.encode(example_for(model)).untouched])[0]]
    except UnsupportedError:
        raise
    except (ExampleError, ModelError) as error:
        if isinstance(error, ModelError) and error.__cause__ is not None:
            name = type(model.transformer.model).__name__
            raise UnsupportedError(f"{name} failed on a short text ({reason_of(error.__cause__)})") from error
        return None


def require_agreement(model: HuggingFaceModel, who: str, ask: Callable[[Example], Sequence[float]], net: Any) -> None:
    """Check that an object says of a short example what the model found inside it says.

    Args:
        model: what was found inside.
        who: what the object is called.
        ask: example -> the object's probabilities or scores in the model's order; one where there is a single logit.
        net: whose dropout is off meanwhile.
    Raises:
        UnsupportedError: it fails, or both differ by more than rounding, so there is more to it than was understood.
    """
    own = answer(model)
    if own is None:
        return
    try:
        with at_rest(net):
            said = [float(score) for score in ask(example_for(model))]
    except Exception as error:
        raise UnsupportedError(f"{who} failed on a short text ({reason_of(error)}); give {A_FUNCTION}") from error
    own = own[-1:] if len(said) == 1 and len(own) == 2 else own
    half = next(model.transformer.model.parameters()).dtype in (torch.bfloat16, torch.float16)
    close = _CLOSE_IN_HALF if half else _CLOSE
    close *= 1.0 if model.answer.bounded else max(map(abs, own))
    if len(said) != len(own) or not np.allclose(said, own, rtol=0.0, atol=close):
        raise UnsupportedError(
            f"{who} gives a short text the scores {_numbers(said)} where its model and tokenizer give {_numbers(own)}; "
            f"what it does besides is not understood: give {A_FUNCTION}, that asks it"
        )


def with_limit(tokenizer: Any, limit: int) -> Any:
    """Return a tokenizer that reads at most so many tokens, a copy where the own one reads more or less."""
    if limit == tokenizer.model_max_length:
        return tokenizer
    other = copy(tokenizer)
    other.model_max_length = limit
    return other


def _require_weights(net: Any) -> None:
    missing = any(weight.is_meta for weight in net.parameters())
    # Weights that lie on a disk until they are needed are on 'meta' too, and the map of devices says so.
    if missing and not (hasattr(net, "hf_device_map") and net.device.type != "meta"):
        raise ModelError(
            f"{type(net).__name__} holds no weights, for it is on the device 'meta'; "
            "load it with from_pretrained, on 'cpu' or 'cuda'"
        )


def _base(net: Any, tokenizer: Any) -> Any:
    """Return the network that adapters were put into, which names all it takes, where it answers as the wrapper does.

    A wrapper that passes on what it does not know hides that its network takes token types or positions; one that puts
    tokens before the text does more than its network.
    """
    base = net.get_base_model() if callable(getattr(net, "get_base_model", None)) else net
    if base is net:
        return net
    inputs = {key: value.to(net.device) for key, value in private_copy(tokenizer)(_TEXT, return_tensors="pt").items()}
    with torch.inference_mode(), at_rest(net):
        outputs = [getattr(which(**inputs), "logits", None) for which in (net, base)]
    wrapped, bare = outputs
    same = isinstance(wrapped, torch.Tensor) and isinstance(bare, torch.Tensor) and torch.equal(wrapped, bare)
    return base if same else net


def _numbers(values: Sequence[float]) -> str:
    return "[" + ", ".join(f"{value:.4g}" for value in values) + "]"
