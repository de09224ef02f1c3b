"""One call from a text to its explanation."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from elision.behaviour import Behaviour
from elision.errors import OptionError
from elision.explainers import METHODS, Explainer, InputMarginalization, LeaveOneOut, Random
from elision.explanation import Explanation
from elision.models.loading import load
from elision.removal.base import Removal
from elision.removal.likelihood import Likelihood
from elision.removal.marginal import Marginal
from elision.text import Example, UnitKind, check_example

THRESHOLD = 1e-5
"""The paper's likelihood threshold sigma."""


def explain(
    example: Example,
    *,
    model: Any = None,
    tokenizer: Any = None,
    labels: Sequence[str] | None = None,
    method: str | Explainer = "marginalization",
    target: str | int | None = None,
    units: UnitKind = "word",
    likelihood: Likelihood | str | os.PathLike[str] | None = None,
    threshold: float = THRESHOLD,
    original: str = "keep",
    removal: str | Removal | None = None,
    behaviour: str | Behaviour = "log_odds",
    seed: int = 0,
    budget: int | None = None,
) -> Explanation:
    """Explain a model's answer to a text or a pair of texts.

    Args:
        example: a text, or a pair of texts.
        model: whatever `elision.load` takes; None takes the built-in sentiment classifier for a text and the built-in
            NLI classifier for a pair.
        tokenizer: for a model in memory.
        labels: the classes' names, for a function.
        method: "marginalization", "leave-one-out" or "random"; or an explainer, which has its own settings.
        target: the class explained; None for the predicted one.
        units: "word", "token", or a function from a text to spans.
        likelihood: the likelihood model, for marginalization and the removal "marginal"; None for the built-in one.
        threshold: sigma, the likelihood under which candidates are left out.
        original: "keep" or "exclude" the original word among the candidates.
        removal: what stands where a unit is absent, for "leave-one-out"; by default "pad", the papers' zero erasure.
        behaviour: which number is watched.
        seed: of every random draw.
        budget: the most model evaluations, or None.
    Returns:
        The explanation.
    Raises:
        ElisionError: what was asked cannot be done; the message says why and what to do.
    """
    segments = check_example(example)
    if model is None:
        model = "builtin:sentiment" if len(segments) == 1 else "builtin:nli"
    answering = load(model, tokenizer, labels=labels)
    explainer = method
    if not isinstance(explainer, Explainer):
        explainer = make_explainer(
            explainer,
            likelihood=likelihood,
            threshold=threshold,
            original=original,
            removal=removal,
            behaviour=behaviour,
            seed=seed,
            budget=budget,
        )
    return explainer(answering, example, target=target, units=units)


def make_explainer(
    method: str,
    *,
    likelihood: Likelihood | str | os.PathLike[str] | None = None,
    threshold: float = THRESHOLD,
    original: str = "keep",
    removal: str | Removal | None = None,
    behaviour: str | Behaviour = "log_odds",
    seed: int = 0,
    budget: int | None = None,
) -> Explainer:
    """Return an explainer by name; the options are those of `explain`.

    Raises:
        OptionError: no method has the name, or an option does not go with it.
    """
    if method not in METHODS:
        raise OptionError(f"method must be one of {', '.join(METHODS)}; got {method!r}")
    if method == InputMarginalization.name:
        if removal not in (None, "marginal"):
            raise OptionError(
                f"marginalization has its own removal; use method='leave-one-out' with removal={removal!r}"
            )
        return InputMarginalization(
            likelihood, threshold=threshold, original=original, behaviour=behaviour, seed=seed, budget=budget
        )
    if removal != "marginal":
        for name, value, default in (
            ("likelihood", likelihood, None),
            ("threshold", threshold, THRESHOLD),
            ("original", original, "keep"),
        ):
            if value != default:
                raise OptionError(f"{name} goes with method='marginalization' or removal='marginal' only")
    if method == LeaveOneOut.name:
        if removal == "marginal":
            removal = Marginal(likelihood, threshold=threshold, original=original)
        return LeaveOneOut(removal=removal or "pad", behaviour=behaviour, seed=seed, budget=budget)
    for name, given in (("removal", removal), ("budget", budget)):
        if given is not None:
            raise OptionError(f"{name} does not go with method='random', which asks nothing of the model")
    return Random(seed=seed)
