"""Metrics and methods by name, each with the removal that it is to use: "aopc@mask", "leave-one-out@unk"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from elision.data.annotation import Annotation
from elision.errors import OptionError, require_one_of
from elision.explainers import Explainer
from elision.game.engine import Engine
from elision.metrics.perturbation import (
    aopc,
    comprehensiveness,
    degradation,
    deletion_auc,
    insertion_auc,
    post_hoc_accuracy,
    sufficiency,
)
from elision.metrics.plausibility import auprc, iou_f1, token_f1
from elision.metrics.resampling import auc_rep
from elision.results.explanation import Explanation
from elision.results.measurement import Measurement

Metric = Callable[..., Measurement]

METRICS: dict[str, Metric] = {
    "aopc": aopc,
    "comprehensiveness": comprehensiveness,
    "sufficiency": sufficiency,
    "post-hoc-accuracy": post_hoc_accuracy,
    "degradation": degradation,
    "deletion-auc": deletion_auc,
    "insertion-auc": insertion_auc,
    "auc-rep": auc_rep,
}
ANNOTATED: dict[str, Metric] = {"token-f1": token_f1, "iou-f1": iou_f1, "auprc": auprc}
SIDES = {"1": 0, "2": 1}
DEFAULT_METRICS = ("comprehensiveness", "sufficiency", "aopc", "post-hoc-accuracy", "degradation")
DEFAULT_METHODS = ("marginalization", "lime", "shapley")
BASELINES = ("leave-one-out", "random")


@dataclass(frozen=True)
class Named:
    """A metric or a method under the name that a table shows.

    Attributes:
        name: unlike all others'.
        what: what is called.
    """

    name: str
    what: Any


def named_metrics(metrics: Sequence[str | Metric], annotations: Sequence[Annotation] | None = None) -> list[Named]:
    """Return metrics by their names: NAME or NAME@REMOVAL, or functions of (model, explanations, *, engine, seed).

    Metrics of annotations take a text of each pair in place of a removal: token-f1@1, token-f1@2.

    Raises:
        OptionError: there is none of that name, two have the same, the metric takes no removal, or there are no
            annotations for it.
    """
    found = []
    for metric in _several("metrics", metrics):
        if not isinstance(metric, str):
            own = getattr(metric, "func", metric)
            found.append(Named(str(getattr(own, "__name__", type(own).__name__)).replace("_", "-"), metric))
            continue
        name, removal = split_removal(metric)
        if name in ANNOTATED:
            found.append(Named(metric, _of_annotations(name, removal, annotations)))
            continue
        require_one_of("metric", name, (*METRICS, *ANNOTATED))
        if removal is not None and name == "auc-rep":
            raise OptionError("auc-rep has its own removal, draws from a language model; write auc-rep without @")
        found.append(Named(metric, METRICS[name] if removal is None else partial(METRICS[name], removal=removal)))
    return _distinct("metrics", found)


def _of_annotations(name: str, side: str | None, annotations: Sequence[Annotation] | None) -> Metric:
    """Return a metric of annotations as one of a model and explanations."""
    if annotations is None:
        raise OptionError(
            f"{name} compares with what people highlighted: give annotations, or rows with tokens and highlights"
        )
    if side is not None and side not in SIDES:
        raise OptionError(f"{name}@ takes 1 for the first text or 2 for the second, got {side!r}")
    segment = None if side is None else SIDES[side]

    def measure(model: Any, explanations: Sequence[Explanation], *, engine: Engine, seed: int) -> Measurement:
        return ANNOTATED[name](explanations, annotations, segment=segment)

    return measure


def named_methods(methods: Sequence[str | Explainer], *, seed: int) -> list[Named]:
    """Return explainers by their names: NAME or NAME@REMOVAL, or explainers, with leave-one-out and random at the end.

    Raises:
        OptionError: there is none of that name, or two have the same.
    """
    from elision.api import make_explainer

    found = []
    given = list(_several("methods", methods))
    there = {getattr(method, "name", method) for method in given}
    for method in [*given, *(name for name in BASELINES if name not in there)]:
        if isinstance(method, Explainer):
            found.append(Named(method.name, method))
        elif isinstance(method, str):
            name, removal = split_removal(method)
            found.append(Named(method, make_explainer(name, removal=removal, seed=seed)))
        else:
            raise OptionError(f"a method must be a name or an Explainer, got {type(method).__name__}")
    return _distinct("methods", found)


def split_removal(text: str) -> tuple[str, str | None]:
    """Return name and removal of NAME@REMOVAL; None without a removal."""
    name, at, removal = text.partition("@")
    if at and not removal:
        raise OptionError(f"{text!r} lacks the removal after the @: write {name}@mask")
    return name, removal or None


def _several(what: str, given: Any) -> Sequence[Any]:
    if isinstance(given, str | Explainer) or callable(given) or not len(given):
        raise OptionError(f"{what} must be a sequence of at least one name, got {given!r}")
    return list(given)


def _distinct(what: str, found: list[Named]) -> list[Named]:
    names = [one.name for one in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is None:
        return found
    raise OptionError(
        f"{what} must differ by name, and {twice!r} stands there twice; write {twice}@REMOVAL to tell apart"
    )
