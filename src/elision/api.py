"""One call from a text to its explanation, or to several methods' explanations side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from elision.errors import Interrupted, OptionError, require_one_of, warn
from elision.explainers.cost import expected_work
from elision.explainers.explainer import Explainer, explain_together
from elision.explainers.registry import make_explainer, refuse_settings
from elision.game.engine import Engine
from elision.metrics.registry import Chosen, named_method
from elision.models.loading import DEFAULTS, load
from elision.models.model import ModelLike
from elision.results.comparison import Comparison
from elision.results.explanation import Explanation
from elision.results.several import ERRORS, Failure, Outcome, sift
from elision.text import Example, UnitKind, check_example

__all__ = ["Comparison", "compare", "explain", "make_explainer"]

COMPARED = ("marginalization", "leave-one-out", "lime", "shapley")


def explain(
    example: Example,
    *,
    model: ModelLike | None = None,
    tokenizer: Any = None,
    labels: Sequence[str] | None = None,
    dtype: str = "auto",
    head: str = "auto",
    method: str | Explainer = "marginalization",
    target: str | int | None = None,
    units: UnitKind = "word",
    engine: Engine | None = None,
    seed: int = 0,
    budget: int | None = None,
    **options: Any,
) -> Explanation:
    """Explain a model's answer to a text or a pair of texts.

    Args:
        example: a text, or a pair of texts.
        model: whatever `elision.load` takes; None takes the built-in sentiment classifier for a text and the built-in
            NLI classifier for a pair.
        tokenizer: for a model in memory.
        labels: the classes' names, for a function.
        dtype: of the model's weights, as `elision.load` takes it.
        head: how logits are read, as `elision.load` takes it.
        method: the name of one that `elision.methods` lists, or an explainer, such as a fitted `L2X`, which has its own
            settings.
        target: the class explained; None for the predicted one.
        units: "word", "token", or a function from a text to spans.
        engine: `elision.Engine(model)`, to share what the model already answered between calls; its model is
            explained, and its budget holds for all calls together.
        seed: of every random draw.
        budget: the most model evaluations, or None.
        options: of the method, such as `removal`, `behaviour`, `tolerance`, `n_samples`, `k`: those of its constructor,
            and of a removal that is given by its name. `elision methods NAME` lists them, and `help` of its class does,
            such as `help(elision.Lime)`.
    Returns:
        The explanation.
    Raises:
        ElisionError: what was asked cannot be done; the message says why and what to do.
    """
    segments = check_example(example)
    if engine is not None:
        if budget is not None:
            raise OptionError("budget is a setting of the engine that is shared: Engine(model, budget=...)")
        for name, value in (("dtype", dtype), ("head", head)):
            if value != "auto":
                raise OptionError(f"{name} is a setting of the engine's model: Engine(load(..., {name}=...))")
        model = engine.model if model is None else model
    answering = load(
        DEFAULTS[len(segments)] if model is None else model, tokenizer, labels=labels, dtype=dtype, head=head
    )
    if isinstance(method, Explainer):
        refuse_settings(method, seed=seed, budget=budget, **options)
    else:
        method = make_explainer(method, seed=seed, budget=budget, **options)
    return method(answering, example, target=target, units=units, engine=engine)


def compare(
    example: Example,
    *,
    methods: Sequence[str | Chosen | Explainer] = COMPARED,
    model: ModelLike | None = None,
    tokenizer: Any = None,
    labels: Sequence[str] | None = None,
    dtype: str = "auto",
    head: str = "auto",
    target: str | int | None = None,
    units: UnitKind = "word",
    seed: int = 0,
    errors: str = "skip",
) -> Comparison:
    """Explain one example by several methods, which share what the model answered.

    A method that cannot explain the example is left out, and a warning tells of it.

    Args:
        example: a text, or a pair of texts.
        methods: names of methods, or explainers, at least one; NAME@REMOVAL chooses the removal.
        model: whatever `elision.load` takes; None takes a built-in one.
        tokenizer: for a model in memory.
        labels: the classes' names, for a function.
        dtype: of the model's weights, as `elision.load` takes it.
        head: how logits are read, as `elision.load` takes it.
        target: the class explained; None for the predicted one.
        units: "word", "token", or a function from a text to spans.
        seed: of every random draw, for methods given by name.
        errors: "skip" methods that cannot explain the example, or "raise" the first one's error.
    Returns:
        The explanations.
    Raises:
        ElisionError: what was asked cannot be done, by no method.
        Interrupted: Ctrl-C; its `finished` has the Comparison of the methods that were done.
    Source: the comparisons of Kim et al. 2020 (Table A2) and Chen et al. 2021 (Table 3).
    """
    if isinstance(methods, str) or not len(methods):
        raise OptionError(f"methods must be a sequence of at least one method, got {methods!r}")
    require_one_of("errors", errors, ERRORS)
    chosen = [named_method(method, seed=seed) for method in methods]
    explainers: list[Explainer] = [own.what for own in chosen]
    model = DEFAULTS[len(check_example(example))] if model is None else model
    answering = load(model, tokenizer, labels=labels, dtype=dtype, head=head)
    engine = Engine(answering.for_work(expected_work(explainers, answering, [example], units)))
    begin: dict[str, Any] = {"target": target, "units": units, "engine": engine}
    asked = ((i, own, partial(own.begin, answering, **begin), example) for i, own in enumerate(explainers))
    outcomes = explain_together(asked, at_once=len(explainers))
    return _side_by_side([own.name for own in chosen], outcomes, errors, answering.name)


def _side_by_side(names: Sequence[str], outcomes: Iterator[Outcome], errors: str, model: str) -> Comparison:
    """Return what methods found, without those that failed; a warning tells of these."""
    found: dict[int, Explanation] = {}
    failures: list[Failure] = []

    def finished() -> Comparison:
        failed = tuple((names[failure.index], failure.reason) for failure in failures)
        return Comparison(tuple(names[i] for i in found), tuple(found.values()), failed)

    try:
        found.update(sift(outcomes, errors=errors, name=model, report=failures.append, alike=len(names)))
    except KeyboardInterrupt as stop:
        raise Interrupted(f"stopped after {len(found)} methods", finished() if found else None) from stop
    if failures:
        told = "; ".join(f"{name}: {reason}" for name, reason in finished().failures)
        warn(f"{len(failures)} of {len(names)} methods are left out ({told})")
    return finished()
