"""Pipelines of the transformers library: what they say is what is explained, or they are refused."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any

import numpy as np

from elision.errors import ExampleError, OptionError, UnsupportedError
from elision.labels import distinct
from elision.models.classifier import HuggingFaceModel
from elision.models.function import BlackBox
from elision.models.heads import WAYS_TO_READ
from elision.models.model import Model
from elision.models.networks import (
    A_FUNCTION,
    NO_LIMIT,
    answer,
    classifier,
    keep_attention,
    keep_dtype,
    network_of,
    require_agreement,
    with_limit,
)
from elision.models.rest import at_rest
from elision.models.tokenization import private_copy
from elision.text import Example

_UNDERSTOOD = ("truncation", "max_length", "padding", "pad_to_multiple_of", "verbose", "return_all_scores")
"""Settings of the tokenizer that say how texts are cut, or change no answer; padding is tried on a short text."""


def is_pipeline(thing: Any) -> bool:
    """Tell whether an object is a pipeline, of any task."""
    steps = ("preprocess", "postprocess", "run_single")
    return hasattr(thing, "task") and all(callable(getattr(thing, step, None)) for step in steps)


def from_pipeline(
    pipe: Any, *, labels: Sequence[str] | None, head: str, batch_tokens: int | None, attention: str, dtype: str
) -> Model:
    """Return the model of a pipeline: a text classifier's from inside, a zero-shot classifier's by its answers alone.

    Args:
        pipe: the pipeline.
        labels: the classes' names; for zero-shot classification the candidate labels.
        head: how raw scores are to be read; "auto" reads them as the pipeline does.
        batch_tokens: the most tokens in one batch.
        attention: "auto" or what the pipeline's model has.
        dtype: "auto", "fast" or what the pipeline's model has.
    Raises:
        UnsupportedError: the task is another, or a setting is not understood.
        OptionError: zero-shot classification has no labels, or an option is out of range.
    """
    import transformers

    if isinstance(pipe, transformers.ZeroShotClassificationPipeline):
        keep_attention(pipe.model, attention)
        keep_dtype(pipe.model, dtype)
        return _zero_shot(pipe, labels)
    if not isinstance(pipe, transformers.TextClassificationPipeline):
        raise UnsupportedError(
            f"a pipeline of the task {pipe.task or type(pipe).__name__!r} is not supported: only 'text-classification' "
            f"and 'zero-shot-classification' are; or give {A_FUNCTION}"
        )
    model = classifier(
        network_of(pipe.model),
        _tokenizer(pipe),
        labels=labels,
        head=_head(pipe) if head == "auto" else head,
        batch_tokens=batch_tokens,
        attention=attention,
        dtype=dtype,
    )
    given = {} if head == "auto" else {"function_to_apply": "none" if head == "scores" else head}
    require_agreement(model, "the pipeline", lambda example: _said(pipe, model, example, given), pipe.model)
    return model


def _head(pipe: Any) -> str:
    """Return how a text classification reads its logits; "auto" is the same reading of the config."""
    function, config = pipe._postprocess_params.get("function_to_apply"), pipe.model.config
    regression = config.problem_type == "regression"
    if function is None:
        return "sigmoid" if config.num_labels == 1 and not regression else "auto"
    name = str(getattr(function, "value", function))
    if name != "none":
        return name
    if config.num_labels == 1 or regression:
        return "scores"
    raise UnsupportedError(
        "the pipeline gives raw scores (function_to_apply='none') of several classes; say how they are to be read: "
        f"{WAYS_TO_READ}"
    )


def _tokenizer(pipe: Any) -> Any:
    """Return the tokenizer, cutting texts where the pipeline cuts them; where it does not cut, where the model ends."""
    settings = pipe._preprocess_params
    unknown = sorted(set(settings) - set(_UNDERSTOOD))
    strategy, longest = settings.get("truncation"), settings.get("max_length")
    if strategy is None and longest is not None and not settings.get("padding"):
        strategy = True
    strategy = getattr(strategy, "value", strategy)
    if unknown or strategy not in (None, False, True, "longest_first", "do_not_truncate"):
        name = unknown[0] if unknown else "truncation"
        raise UnsupportedError(
            f"the pipeline's setting {name}={settings[name]!r} is not supported; leave it out, or give {A_FUNCTION}, "
            "that asks the pipeline"
        )
    cuts = strategy in (True, "longest_first")
    return with_limit(pipe.tokenizer, (longest or pipe.tokenizer.model_max_length) if cuts else NO_LIMIT)


def _said(pipe: Any, model: HuggingFaceModel, example: Example, given: dict[str, Any]) -> list[float]:
    """Return a text classification's scores of an example, by the labels that it gives them.

    Raises:
        UnsupportedError: it gives other labels than its model's config.
    """
    inputs = example if isinstance(example, str) else {"text": example[0], "text_pair": example[1]}
    entries = _copy(pipe)(inputs, top_k=None, **given)
    names = [str(pipe.model.config.id2label.get(i, f"LABEL_{i}")) for i in range(len(entries))]
    scores = {str(entry["label"]): float(entry["score"]) for entry in entries}
    if len(set(names)) < len(names):
        # Labels that do not tell its classes apart leave only the scores, whose order is that of their size.
        own = answer(model) or []
        order = np.argsort(np.argsort(-np.array(own)))
        return [float(entries[i]["score"]) for i in order] if len(own) == len(entries) else []
    if set(scores) != set(names):
        told, own_names = ", ".join(scores), ", ".join(names)
        raise UnsupportedError(f"the pipeline gives the labels {told} where its model has {own_names}")
    return [scores[name] for name in names]


def _copy(pipe: Any) -> Any:
    """Return a pipeline to be asked: it counts its calls, and its tokenizer keeps how it cuts and pads."""
    own = copy(pipe)
    own.tokenizer = private_copy(pipe.tokenizer)
    return own


def _zero_shot(pipe: Any, labels: Sequence[str] | None) -> BlackBox:
    """Return a function of texts that asks the pipeline, template, several labels and all."""
    own = pipe._preprocess_params.get("candidate_labels")
    if labels is None and own is None:
        raise OptionError("a zero-shot pipeline needs its candidate labels: load(pipeline, labels=[...])")
    names = distinct(own if labels is None else labels)
    name = str(getattr(pipe.model.config, "name_or_path", "") or type(pipe.model).__name__)
    asked = _copy(pipe)

    def ask(texts: list[Any]) -> list[list[float]]:
        if any(not isinstance(text, str) for text in texts):
            raise ExampleError(f"{name} reads one text, got a pair: a zero-shot pipeline makes the second one")
        # The pipeline refuses an empty text, but not a list that holds it.
        with at_rest(pipe.model):
            answers = asked([text or [text] for text in texts], candidate_labels=list(names))
        found = (dict(zip(answer["labels"], answer["scores"], strict=True)) for answer in answers)
        return [[scores[label] for label in names] for scores in found]

    return BlackBox(ask, names, name=name)
