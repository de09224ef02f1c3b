"""Methods against each other: metrics with intervals, paired differences to the best, and what makes them unfair."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from elision.data.annotation import Annotation
from elision.data.frames import Column, examples_of
from elision.errors import Interrupted, OptionError, require_count, require_one_of
from elision.explainers import Explainer
from elision.explainers.cost import expected_work
from elision.game.engine import Engine
from elision.metrics.ceilings import attainable, has_ceiling, says_reward
from elision.metrics.registry import (
    DEFAULT_METHODS,
    DEFAULT_METRICS,
    OF_CLASSES,
    Metric,
    Named,
    named_methods,
    named_metrics,
)
from elision.metrics.trial import Trial
from elision.models.loading import load
from elision.models.model import Model, ModelLike
from elision.results.attainable import Attainable
from elision.results.evaluation import Cell as Cell
from elision.results.evaluation import Evaluation as Evaluation
from elision.results.explanation import Explanation
from elision.results.intervals import LEVEL, N_RESAMPLES, TESTS, difference, holm
from elision.results.measurement import Measurement
from elision.results.origin import parts_of
from elision.results.several import ERRORS
from elision.text import Example, UnitKind


def compare(
    model: ModelLike,
    examples: Any,
    methods: Sequence[str | Explainer] = DEFAULT_METHODS,
    metrics: Sequence[str | Metric] = DEFAULT_METRICS,
    *,
    column: Column | None = None,
    annotations: Sequence[Annotation] | None = None,
    target: str | int | None = None,
    units: UnitKind = "word",
    level: float = LEVEL,
    n_resamples: int = N_RESAMPLES,
    test: str = "bootstrap",
    engine: Engine | None = None,
    seed: int = 0,
    errors: str = "skip",
    ceilings: bool = False,
    names: Sequence[str] | None = None,
    report: Callable[[str], None] | None = None,
) -> Evaluation:
    """Explain examples by several methods, measure each by several metrics, and compare on the same examples.

    An example that a method cannot explain or a metric cannot measure is left out of all, so that differences stay
    paired; the evaluation's `settings` and `warnings` say which, and why.

    Args:
        model: whatever `elision.load` takes.
        examples: texts or pairs, a Series of them, or a DataFrame.
        methods: names, or explainers; NAME@REMOVAL chooses the removal. Leave-one-out and random are always there.
        metrics: names, or functions of (model, explanations, *, engine, seed) that return a Measurement; NAME@REMOVAL
            chooses the metric's removal, by default "delete".
        column: of a DataFrame, the column of the texts, or the two of pairs.
        annotations: what people highlighted in each example, for "token-f1", "iou-f1" and "auprc"; NAME@1 and NAME@2
            look at one text of each pair.
        target: the class explained; None for each example's predicted one.
        units: "word", "token", or a function from a text to spans.
        level: of intervals.
        n_resamples: bootstrap samples.
        test: "bootstrap" or "wilcoxon", for the differences to the best.
        engine: one to share what the model already answered.
        seed: of every random draw.
        errors: "skip" examples that cannot be explained or measured, or "raise" the first one's error.
        ceilings: seek what any order of each example's units attains at worst and at best in each metric of removed or
            kept units, and say which share of it each method attains; it costs as `attainable` does.
        names: what each example is called where it is left out; by default "example 0" and so on.
        report: is told, in a line, when a method is done.
    Returns:
        The table. The best method is chosen on the same examples, so that p-values against it are a little too small.
    Raises:
        ElisionError: what was asked cannot be done.
        Interrupted: Ctrl-C; its `finished` has the Evaluation of the methods that were measured, or None.
    """
    given = _checked(list(examples_of(examples, column)), test=test, errors=errors, n_resamples=n_resamples)
    answering = load(model)
    wanted = _Wanted(given, _metrics_for(answering, metrics), annotations)
    explainers = named_methods(methods, seed=seed)
    engine = engine or _engine(answering, explainers, given, units)
    trial = Trial(answering, given, wanted.of, engine=engine, target=target, units=units, seed=seed, errors=errors)
    sampling = {"level": level, "n_resamples": n_resamples, "test": test, "seed": seed}
    return _measured(explainers, trial, lambda **more: _settings(trial, names) | sampling | more, report, ceilings)


def _checked(examples: list[Example], *, test: str, errors: str, n_resamples: int) -> list[Example]:
    """Return the examples, or refuse what cannot be compared, before any work is done."""
    if not examples:
        raise OptionError("examples must be a sequence of at least one example")
    require_one_of("test", test, TESTS)
    require_one_of("errors", errors, ERRORS)
    require_count("n_resamples", n_resamples, 1)
    return examples


def _metrics_for(model: Model, metrics: Sequence[str | Metric]) -> Sequence[str | Metric]:
    """Return the metrics, without those that are of classes where none was chosen and the model gives scores."""
    if metrics is DEFAULT_METRICS and not model.answer.bounded:
        return [name for name in metrics if name not in OF_CLASSES]
    return metrics


def _engine(model: Model, explainers: Sequence[Named], examples: Sequence[Example], units: UnitKind) -> Engine:
    """Return what answers, made ready for about as much as the methods will ask."""
    return Engine(model.for_work(expected_work([own.what for own in explainers], model, examples, units)))


@dataclass(frozen=True)
class _Wanted:
    """Metrics of examples, some of which may be left out.

    Attributes:
        examples: all.
        metrics: names or functions.
        annotations: one an example, or None.
    """

    examples: Sequence[Example]
    metrics: Sequence[str | Metric]
    annotations: Sequence[Annotation] | None

    def __post_init__(self) -> None:
        """Refuse metrics that there are not, and annotations that are not one an example."""
        named_metrics(self.metrics, self.annotations)
        n = len(self.examples)
        if self.annotations is not None and len(self.annotations) != n:
            raise OptionError(f"annotations must be one for each of the {n} examples, got {len(self.annotations)}")

    def of(self, kept: Sequence[int]) -> list[Named]:
        """Return the metrics of the examples that are kept."""
        own = None if self.annotations is None else [self.annotations[i] for i in kept]
        return named_metrics(self.metrics, own)


def _settings(trial: Trial, names: Sequence[str] | None) -> dict[str, Any]:
    """Return what the table records of the model and the examples."""
    left_out = [
        {"example": i, "name": names[i] if names is not None else f"example {i}", "reason": reason}
        for i, reason in sorted(trial.failures)
    ]
    return {"model": trial.model.describe(), "examples": len(trial.kept), "left_out": left_out}


def _measured(
    explainers: Sequence[Named],
    trial: Trial,
    settings: Callable[..., dict[str, Any]],
    report: Callable[[str], None] | None,
    ceilings: bool,
) -> Evaluation:
    """Explain and measure by one method after another.

    Raises:
        Interrupted: Ctrl-C; it has the table of the methods that were measured.
    """

    def table(**more: Any) -> Evaluation:
        trial.level_out()
        return _evaluation([own for own in explainers if own.name in trial.measured], trial, settings(**more))

    try:
        for method in explainers:
            started = time.perf_counter()
            trial.add(method)
            if report is not None:
                seconds = time.perf_counter() - started
                report(f"{method.name}: {len(trial.kept)} explained and measured in {seconds:,.1f} s")
    except KeyboardInterrupt as stop:
        message = f"stopped after {len(trial.measured)} of {len(explainers)} methods"
        raise Interrupted(message, table(stopped=message) if trial.measured else None) from stop
    return _with_ceilings(table(), trial, report) if ceilings else table()


def _evaluation(explainers: Sequence[Named], trial: Trial, settings: dict[str, Any]) -> Evaluation:
    """Return the table of what was measured."""
    explanations = {method.name: trial.explanations(method.name) for method in explainers}
    measurements = {
        (method.name, metric): found for method in explainers for metric, found in trial.measured[method.name].items()
    }
    metrics = tuple(trial.measured[explainers[0].name])
    cells: dict[tuple[str, str], Cell] = {}
    arrows = {}
    rewarding = {metric.name for metric in trial.metrics if says_reward(metric.what)}
    for metric in metrics:
        own = {method.name: measurements[method.name, metric] for method in explainers}
        shared = {
            m.name: _sharing(m.what, explanations[m.name][0], own[m.name], rewarding=metric in rewarding)
            for m in explainers
        }
        arrows[metric] = _arrow(next(iter(own.values())))
        sampling = settings["level"], settings["n_resamples"], settings["test"], settings["seed"]
        for name, cell in _column(own, shared, *sampling).items():
            cells[name, metric] = cell
    return Evaluation(tuple(m.name for m in explainers), metrics, cells, measurements, explanations, arrows, settings)


def _arrow(measurement: Measurement) -> str:
    return {True: "higher", False: "lower", None: ""}[measurement.higher_is_better]


@dataclass(frozen=True)
class _Sharing:
    """What makes a method's figure in a metric unfair.

    Attributes:
        shared: whether its scores rest on a removal that the metric uses.
        ceiling: whether it searched for what the metric rewards, by all removals that the metric uses.
    """

    shared: bool
    ceiling: bool


def _sharing(explainer: Explainer, explanation: Explanation, measurement: Measurement, *, rewarding: bool) -> _Sharing:
    """Return what a method has in common with a metric, which rewards orders of units or something else."""
    own = explanation.origin.removals if explainer.leaves_out else frozenset[str]()
    used = parts_of(str((measurement.removal or {}).get("name", "")))
    return _Sharing(bool(own & used), rewarding and explainer.searches and bool(used) and used <= own)


def _column(
    measurements: Mapping[str, Measurement],
    shared: Mapping[str, _Sharing],
    level: float,
    n_resamples: int,
    test: str,
    seed: int,
) -> dict[str, Cell]:
    """Return each method's cell of one metric; ceilings are told their difference to the best rival, and no p-value."""
    sampling: dict[str, Any] = {"level": level, "n_resamples": n_resamples, "seed": seed}
    best = _best({name: own for name, own in measurements.items() if not shared[name].ceiling})
    gaps = {
        name: difference(own, measurements[best], test=test, **sampling)
        for name, own in measurements.items()
        if best is not None and name != best
    }
    rivals = [name for name in gaps if not shared[name].ceiling]
    corrected = dict(zip(rivals, holm([gaps[name][3] for name in rivals]), strict=True))
    cells = {}
    for name, own in measurements.items():
        gap, lower, upper = gaps[name][:3] if name in gaps else (None, None, None)
        cells[name] = Cell(
            own.mean,
            *own.interval(**sampling),
            n=own.n,
            best=name == best,
            shared=shared[name].shared,
            difference=gap,
            difference_lower=lower,
            difference_upper=upper,
            p=corrected.get(name),
            ceiling=shared[name].ceiling,
        )
    return cells


def _best(measurements: Mapping[str, Measurement]) -> str | None:
    means = {name: own.mean for name, own in measurements.items() if np.isfinite(own.mean)}
    direction = next((own.higher_is_better for own in measurements.values()), None)
    if direction is None or not means:
        return None
    return (max if direction else min)(means, key=lambda name: means[name])


def _with_ceilings(found: Evaluation, trial: Trial, report: Callable[[str], None] | None) -> Evaluation:
    """Return the table with what is attainable in each metric, and which share of it each method attains.

    Raises:
        Interrupted: Ctrl-C; it has the table without.
    """
    ceilings: dict[str, Attainable] = {}
    started = time.perf_counter()
    try:
        for metric in trial.metrics:
            if has_ceiling(metric.what):
                own = attainable(metric.what, trial.model, found.explanations[found.methods[0]], **trial.asked_with)
                ceilings[metric.name] = own.with_measured([found.measurements[m, metric.name] for m in found.methods])
    except KeyboardInterrupt as stop:
        message = "stopped while ceilings were sought"
        raise Interrupted(message, replace(found, settings={**found.settings, "stopped": message})) from stop
    if report is not None:
        rows = sum(own.evaluations for own in ceilings.values())
        report(f"ceilings: found by {rows:,} rows in {time.perf_counter() - started:,.1f} s")
    cells = {
        (method, metric): replace(cell, attained=ceilings[metric].share(found.measurements[method, metric]))
        if metric in ceilings
        else cell
        for (method, metric), cell in found.cells.items()
    }
    return replace(found, cells=cells, ceilings=ceilings)
