"""Metrics by name, with what they say of themselves; metrics and methods as a comparison names them.

A name may choose the removal: "aopc@mask", "leave-one-out@unk".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from elision.errors import OptionError
from elision.explainers.registry import make_explainer
from elision.options import Description, options_of, section, source, summary
from elision.plugins import Registry

if TYPE_CHECKING:
    from elision.data.annotation import Annotation
    from elision.explainers.explainer import Explainer
    from elision.game.engine import Engine
    from elision.results.explanation import Explanation
    from elision.results.measurement import Measurement

Metric = Callable[..., "Measurement"]

METRICS: Registry[Metric] = Registry(
    "metric",
    group="elision.metrics",
    own={
        "aopc": "elision.metrics.perturbation:aopc",
        "comprehensiveness": "elision.metrics.perturbation:comprehensiveness",
        "sufficiency": "elision.metrics.perturbation:sufficiency",
        "post-hoc-accuracy": "elision.metrics.perturbation:post_hoc_accuracy",
        "degradation": "elision.metrics.perturbation:degradation",
        "deletion-auc": "elision.metrics.perturbation:deletion_auc",
        "insertion-auc": "elision.metrics.perturbation:insertion_auc",
        "auc-rep": "elision.metrics.resampling:auc_rep",
        "token-f1": "elision.metrics.plausibility:token_f1",
        "iou-f1": "elision.metrics.plausibility:iou_f1",
        "auprc": "elision.metrics.plausibility:auprc",
    },
)
SIDES = {"1": 0, "2": 1}
DEFAULT_METRICS = ("comprehensiveness", "sufficiency", "aopc", "post-hoc-accuracy", "degradation")
OF_CLASSES = {"post-hoc-accuracy"}
"""Metrics that look at which class is predicted: they are no default for scores."""
DEFAULT_METHODS = ("marginalization", "lime", "shapley")
BASELINES = ("leave-one-out", "random")
_NEEDS = {"annotations": "annotations", "likelihood": "a likelihood model"}
"""What a metric needs that has such a parameter."""
GIVEN = ("model", "explanations", "annotations", "segment", "engine", "seed")
"""Parameters of metrics that are no options: a comparison gives them."""


@dataclass(frozen=True)
class MetricDescription(Description):
    """What a metric says of itself.

    Attributes:
        better: "higher" or "lower"; "" where neither is.
    """

    better: str = ""


@dataclass(frozen=True)
class Chosen:
    """A metric or a method by its name, with options.

    Attributes:
        label: NAME or NAME@REMOVAL.
        options: those that differ from the defaults.
    """

    label: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Named:
    """A metric or a method under the name that a table shows.

    Attributes:
        name: unlike all others'.
        what: what is called.
    """

    name: str
    what: Any


def metric_descriptions() -> tuple[MetricDescription, ...]:
    """Return all metrics, each with what it is, what is better, what it needs, what it costs, and its options."""
    return tuple(map(describe_metric, METRICS))


def describe_metric(name: str) -> MetricDescription:
    """Return what a metric says of itself, in its docstring and its signature.

    Raises:
        OptionError: there is no such metric.
    """
    if name not in METRICS:
        METRICS.find(name)
    return _described(name, METRICS.outline(name))


@cache
def _described(name: str, metric: Any) -> MetricDescription:
    text = metric.__doc__ or ""
    options = {option.name: option for option in options_of(metric)}
    needs = next((said for name, said in _NEEDS.items() if name in options), "values only")
    better = next((way for way in ("higher", "lower") if f"{way} is better" in section(text, "Returns")), "")
    own = tuple(option for option in options.values() if option.name not in GIVEN)
    return MetricDescription(
        name, summary(text), needs, section(text, "Cost").removesuffix("."), source(text), own, better
    )


def named_metrics(
    metrics: Sequence[str | Chosen | Metric], annotations: Sequence[Annotation] | None = None
) -> list[Named]:
    """Return metrics by their names: NAME or NAME@REMOVAL, or functions of (model, explanations, *, engine, seed).

    Metrics of annotations take a text of each pair in place of a removal: token-f1@1, token-f1@2.

    Raises:
        OptionError: there is none of that name, two have the same, the metric takes no removal, or there are no
            annotations for it.
    """
    found = []
    for metric in _several("metrics", metrics):
        if isinstance(metric, str | Chosen):
            found.append(_named_metric(metric if isinstance(metric, Chosen) else Chosen(metric), annotations))
        else:
            own = getattr(metric, "func", metric)
            found.append(Named(str(getattr(own, "__name__", type(own).__name__)).replace("_", "-"), metric))
    return _distinct("metrics", found)


def _named_metric(chosen: Chosen, annotations: Sequence[Annotation] | None) -> Named:
    name, at = split_removal(chosen.label)
    described = describe_metric(name)
    names = {option.name for option in described.options}
    metric = partial(METRICS[name], **chosen.options) if chosen.options else METRICS[name]
    if described.needs == "annotations":
        return Named(chosen.label, _of_annotations(name, metric, at, annotations))
    if at is not None and "removal" not in names:
        raise OptionError(f"{name} has its own removal; write {name} without @")
    return Named(chosen.label, metric if at is None else partial(metric, removal=at))


def _of_annotations(name: str, metric: Metric, side: str | None, annotations: Sequence[Annotation] | None) -> Metric:
    """Return a metric of annotations as one of a model and explanations."""
    if annotations is None:
        raise OptionError(
            f"{name} compares with what people highlighted: give annotations, or rows with tokens and highlights"
        )
    if side is not None and side not in SIDES:
        raise OptionError(f"{name}@ takes 1 for the first text or 2 for the second, got {side!r}")
    segment = None if side is None else SIDES[side]

    def measure(model: Any, explanations: Sequence[Explanation], *, engine: Engine, seed: int) -> Measurement:
        return metric(explanations, annotations, segment=segment)

    return measure


def named_methods(methods: Sequence[str | Chosen | Explainer], *, seed: int) -> list[Named]:
    """Return explainers by their names: NAME or NAME@REMOVAL, or explainers, with leave-one-out and random at the end.

    Raises:
        OptionError: there is none of that name, or two have the same.
    """
    given = list(_several("methods", methods))
    there = {getattr(method, "name", getattr(method, "label", method)) for method in given}
    every = [*given, *(name for name in BASELINES if name not in there)]
    return _distinct("methods", [named_method(method, seed=seed) for method in every])


def named_method(method: str | Chosen | Explainer, *, seed: int) -> Named:
    """Return an explainer by its name, NAME or NAME@REMOVAL, or the one given.

    Raises:
        OptionError: there is none of that name.
    """
    from elision.explainers.explainer import Explainer

    if isinstance(method, Explainer):
        return Named(method.name, method)
    if not isinstance(method, str | Chosen):
        raise OptionError(f"a method must be a name or an Explainer, got {type(method).__name__}")
    chosen = method if isinstance(method, Chosen) else Chosen(method)
    name, removal = split_removal(chosen.label)
    own = dict(removal=removal, seed=seed) | dict(chosen.options)
    return Named(chosen.label, make_explainer(name, **own))


def split_removal(text: str) -> tuple[str, str | None]:
    """Return name and removal of NAME@REMOVAL; None without a removal."""
    name, at, removal = text.partition("@")
    if at and not removal:
        raise OptionError(f"{text!r} lacks the removal after the @: write {name}@mask")
    return name, removal or None


def _several(what: str, given: Any) -> Sequence[Any]:
    if isinstance(given, str) or callable(given) or not len(given):
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
