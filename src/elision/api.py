"""One call from a text to its explanation."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from elision.errors import OptionError, require_one_of
from elision.explainers import (
    L2X,
    METHODS,
    Attention,
    Explainer,
    GroupMasks,
    InformationBottleneck,
    InputMarginalization,
    LeaveOneOut,
    Lime,
    Random,
    Shapley,
    WordMasks,
)
from elision.explainers.gradients.methods import GRADIENTS
from elision.explainers.masks.sampling import Sampling
from elision.game.behaviour import Behaviour
from elision.game.engine import Engine
from elision.likelihood.likelihood import Likelihood
from elision.models.loading import load
from elision.removal import make_removal
from elision.removal.marginal import Marginal
from elision.removal.removal import Removal
from elision.results.explanation import Explanation
from elision.text import Example, UnitKind, check_example


def explain(
    example: Example,
    *,
    model: Any = None,
    tokenizer: Any = None,
    labels: Sequence[str] | None = None,
    dtype: str = "auto",
    method: str | Explainer = "marginalization",
    target: str | int | None = None,
    units: UnitKind = "word",
    likelihood: Likelihood | str | os.PathLike[str] | None = None,
    tolerance: float | None = None,
    threshold: float | None = None,
    original: str = "keep",
    removal: str | Removal | None = None,
    behaviour: str | Behaviour | None = None,
    k: int | None = None,
    n_groups: int | None = None,
    solver: str | Sampling | None = None,
    estimator: str | None = None,
    n_samples: int | None = None,
    seed: int = 0,
    budget: int | None = None,
    engine: Engine | None = None,
) -> Explanation:
    """Explain a model's answer to a text or a pair of texts.

    Args:
        example: a text, or a pair of texts.
        model: whatever `elision.load` takes; None takes the built-in sentiment classifier for a text and the built-in
            NLI classifier for a pair.
        tokenizer: for a model in memory.
        labels: the classes' names, for a function.
        dtype: of the model's weights, as `elision.load` takes it.
        method: the name of one that `elision.methods` lists, or an explainer, such as a fitted `L2X`, which has its own
            settings.
        target: the class explained; None for the predicted one.
        units: "word", "token", or a function from a text to spans.
        likelihood: the likelihood model, for marginalization and the removal "marginal"; None for the built-in one.
        tolerance: the largest standard error wanted, for "marginalization"; by default 0.1 bits.
        threshold: in place of a tolerance the paper's sum over candidates with a likelihood above this sigma (1e-5 in
            the paper); for the removal "marginal" by default 1e-5.
        original: "keep" or "exclude" the original word among the candidates.
        removal: what stands where a unit is absent; by default "pad", the papers' zero erasure, for "leave-one-out"
            and "drop" for the others; "delete" for functions of texts.
        behaviour: which number is watched; by default "log_odds", and for masks "log_probability".
        k: units on the short-list of "group-masks"; by default 10.
        n_groups: t of "group-masks".
        solver: of "group-masks" ("auto", "exact", "sampling") or "word-masks" ("values", "sampling").
        estimator: of "shapley": "auto", "exact", "kernel" or "permutation".
        n_samples: the most subsets that "lime" and "shapley" ask about; by default 2 for each unit and 2048.
        seed: of every random draw.
        budget: the most model evaluations, or None.
        engine: `elision.Engine(model)`, to share what the model already answered between calls; its model is
            explained, and its budget holds for all calls together.
    Returns:
        The explanation.
    Raises:
        ElisionError: what was asked cannot be done; the message says why and what to do.
    """
    segments = check_example(example)
    if engine is not None:
        if budget is not None:
            raise OptionError("budget is a setting of the engine that is shared: Engine(model, budget=...)")
        if dtype != "auto":
            raise OptionError("dtype is a setting of the engine's model: Engine(load(..., dtype=...))")
        model = engine.model if model is None else model
    if model is None:
        model = "builtin:sentiment" if len(segments) == 1 else "builtin:nli"
    answering = load(model, tokenizer, labels=labels, dtype=dtype)
    options: dict[str, Any] = {
        "likelihood": likelihood,
        "tolerance": tolerance,
        "threshold": threshold,
        "original": original,
        "removal": removal,
        "behaviour": behaviour,
        "k": k,
        "n_groups": n_groups,
        "solver": solver,
        "estimator": estimator,
        "n_samples": n_samples,
        "seed": seed,
        "budget": budget,
    }
    if isinstance(method, Explainer):
        for name, value in options.items():
            if value != _DEFAULTS.get(name):
                raise OptionError(f"{name} is a setting of the explainer: {type(method).__name__}({name}=...)")
        return method(answering, example, target=target, units=units, engine=engine)
    return make_explainer(method, **options)(answering, example, target=target, units=units, engine=engine)


_DEFAULTS = {"original": "keep", "seed": 0}
_OPTIONS = {
    InputMarginalization.name: ("likelihood", "tolerance", "threshold", "original", "behaviour", "budget"),
    GroupMasks.name: ("removal", "behaviour", "k", "n_groups", "solver", "budget"),
    WordMasks.name: ("removal", "behaviour", "solver", "budget"),
    Lime.name: ("removal", "behaviour", "n_samples", "budget"),
    Shapley.name: ("removal", "behaviour", "estimator", "n_samples", "budget"),
    LeaveOneOut.name: ("removal", "behaviour", "budget"),
    Random.name: (),
    **dict.fromkeys(GRADIENTS, ("behaviour", "budget")),
    InformationBottleneck.name: ("behaviour", "budget"),
    L2X.name: ("budget",),
    Attention.name: ("budget",),
}
_MARGINAL = ("likelihood", "threshold", "original")


def make_explainer(
    method: str,
    *,
    likelihood: Likelihood | str | os.PathLike[str] | None = None,
    tolerance: float | None = None,
    threshold: float | None = None,
    original: str = "keep",
    removal: str | Removal | None = None,
    behaviour: str | Behaviour | None = None,
    k: int | None = None,
    n_groups: int | None = None,
    solver: str | Sampling | None = None,
    estimator: str | None = None,
    n_samples: int | None = None,
    seed: int = 0,
    budget: int | None = None,
) -> Explainer:
    """Return an explainer by name; the options are those of `explain`.

    Raises:
        OptionError: no method has the name, or an option does not go with it.
    """
    require_one_of("method", method, METHODS)
    given: dict[str, Any] = {
        "likelihood": likelihood,
        "tolerance": tolerance,
        "threshold": threshold,
        "original": None if original == "keep" else original,
        "removal": removal,
        "behaviour": behaviour,
        "k": k,
        "n_groups": n_groups,
        "solver": solver,
        "estimator": estimator,
        "n_samples": n_samples,
        "budget": budget,
    }
    options = {name: value for name, value in given.items() if value is not None}
    allowed = _OPTIONS[method]
    if "removal" in allowed and removal == "marginal":
        options["removal"] = Marginal(**{name: options.pop(name) for name in _MARGINAL if name in options})
    elif removal == "marginal" and method == InputMarginalization.name:
        del options["removal"]
    for name, value in options.items():
        if name not in allowed:
            raise OptionError(_refusal(name, value, method))
    return METHODS[method](seed=seed, **options)


def _refusal(name: str, value: Any, method: str) -> str:
    """Return why an option does not go with a method, and with which it does."""
    if name == "removal" and method == InputMarginalization.name:
        make_removal(value)
        return f"marginalization has its own removal; use method='leave-one-out' with removal={value!r}"
    if name in _MARGINAL:
        return f"{name} goes with method='marginalization' or removal='marginal' only"
    if method == Random.name and name in ("removal", "budget"):
        return f"{name} does not go with method='random', which asks nothing of the model"
    users = ", ".join(repr(user) for user, allowed in _OPTIONS.items() if name in allowed)
    return f"{name} does not go with method={method!r}, but with {users}"
