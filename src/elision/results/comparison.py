"""Several methods on one text, side by side, with their rank correlations."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from elision.api import make_explainer
from elision.arrays import Floats
from elision.constructed import short
from elision.errors import ElisionWarning, Interrupted, OptionError, require_one_of
from elision.explainers import Explainer
from elision.explainers.cost import expected_work
from elision.game.engine import Engine
from elision.metrics.agreement import CORRELATIONS, correlate
from elision.models.loading import load
from elision.models.model import Model
from elision.results.explanation import Explanation
from elision.results.several import ERRORS, Failure, Outcome, sift
from elision.text import Example, UnitKind, check_example

_DEFAULT = ("marginalization", "leave-one-out", "lime", "shapley")


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Explanations of one example by m methods.

    Attributes:
        names: the methods' names.
        explanations: one of each.
        failures: the names of methods that could not explain the example, with the reasons.
    """

    names: tuple[str, ...]
    explanations: tuple[Explanation, ...]
    failures: tuple[tuple[str, str], ...] = ()

    @property
    def scores(self) -> Floats:
        """float64 (m, u), each method in its own unit."""
        return np.array([explanation.scores for explanation in self.explanations])

    def correlation(self, kind: str = "spearman") -> Floats:
        """Return float64 (m, m), how alike the methods rank units; NaN where one scores all alike.

        Args:
            kind: "spearman" and "kendall" compare ranks, "pearson" the scores.
        """
        require_one_of("kind", kind, CORRELATIONS)
        found = np.eye(len(self.names))
        for i, one in enumerate(self.scores):
            for j, other in enumerate(self.scores[:i]):
                found[i, j] = found[j, i] = correlate(one, other, kind)
        return found

    def to_html(self, *, palette: str = "red-blue") -> str:
        """Return one self-contained HTML file: the methods one under another, with a switch, and their correlations.

        Args:
            palette: colours for and against, "red-blue" or "orange-teal"; the reader can switch them.
        Raises:
            OptionError: there is no such palette.
        """
        from elision.views.html import document

        return document(self, palette)

    def _repr_html_(self) -> str:
        from elision.views.html import fragment

        return fragment(self)

    def __repr__(self) -> str:
        return f"Comparison({short(self.names)}, {short(self.explanations[0].example)})"

    def __str__(self) -> str:
        from io import StringIO

        from rich.console import Console

        from elision.views.comparison import view

        console = Console(file=StringIO(), width=100, color_system=None)
        console.print(view(self))
        return str(console.file.getvalue()).rstrip()  # type: ignore[attr-defined]


def compare(
    example: Example,
    *,
    methods: Sequence[str | Explainer] = _DEFAULT,
    model: Any = None,
    tokenizer: Any = None,
    labels: Sequence[str] | None = None,
    dtype: str = "auto",
    target: str | int | None = None,
    units: UnitKind = "word",
    seed: int = 0,
    errors: str = "skip",
) -> Comparison:
    """Explain one example by several methods, which share what the model answered.

    A method that cannot explain the example is left out, and a warning tells of it.

    Args:
        example: a text, or a pair of texts.
        methods: names of methods, or explainers, at least one.
        model: whatever `elision.load` takes; None takes a built-in one.
        tokenizer: for a model in memory.
        labels: the classes' names, for a function.
        dtype: of the model's weights, as `elision.load` takes it.
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
    explainers = [method if isinstance(method, Explainer) else make_explainer(method, seed=seed) for method in methods]
    if model is None:
        model = "builtin:sentiment" if len(check_example(example)) == 1 else "builtin:nli"
    answering = load(model, tokenizer, labels=labels, dtype=dtype)
    engine = Engine(answering.for_work(expected_work(explainers, answering, [example], units)))
    outcomes = _outcomes(explainers, answering, example, target, units, engine)
    found: dict[int, Explanation] = {}
    failures: list[Failure] = []

    def finished() -> Comparison:
        names = [method.name for method in explainers]
        failed = tuple((names[failure.index], failure.reason) for failure in failures)
        return Comparison(tuple(names[i] for i in found), tuple(found.values()), failed)

    try:
        for i, explanation in sift(
            outcomes, errors=errors, name=answering.name, report=failures.append, alike=len(explainers)
        ):
            found[i] = explanation
    except KeyboardInterrupt as stop:
        raise Interrupted(f"stopped after {len(found)} methods", finished() if found else None) from stop
    if failures:
        told = "; ".join(f"{name}: {reason}" for name, reason in finished().failures)
        warnings.warn(
            f"{len(failures)} of {len(explainers)} methods are left out ({told})", ElisionWarning, stacklevel=2
        )
    return finished()


def _outcomes(
    explainers: Sequence[Explainer], model: Model, example: Example, target: Any, units: UnitKind, engine: Engine
) -> Iterator[Outcome]:
    """Yield each method's explanation of the example, or its error."""
    for i, method in enumerate(explainers):
        try:
            found: Explanation | Exception = method(model, example, target=target, units=units, engine=engine)
        except Warning:
            raise
        except Exception as error:
            found = error
        yield i, found
