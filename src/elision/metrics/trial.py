"""Several methods explained and measured on the same examples: one that fails anywhere is left out everywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from elision.game.engine import Engine
from elision.metrics.registry import Named
from elision.models.model import Model
from elision.results.explanation import Explanation
from elision.results.measurement import Measurement
from elision.results.several import Failure, why
from elision.text import UnitKind

Metrics = Callable[[Sequence[int]], list[Named]]


class Trial:
    """Methods' explanations of examples, and their measurements.

    Attributes:
        model: what is explained.
        kept: the examples that every method so far explained, by index.
        failures: the others.
        measured: of each method, each metric's measurement.

    Args:
        model: what is explained.
        examples: texts or pairs.
        metrics: returns the metrics that measure the examples of the given indices.
        engine: what answers.
        target: the class explained; None for each example's predicted one.
        units: what is left out as one.
        seed: of the metrics' draws.
        errors: "skip" or "raise".
    """

    def __init__(
        self,
        model: Model,
        examples: Sequence[Any],
        metrics: Metrics,
        *,
        engine: Engine,
        target: str | int | None,
        units: UnitKind,
        seed: int,
        errors: str,
    ) -> None:
        self.model, self._examples, self._metrics = model, examples, metrics
        self._engine, self._target, self._units, self._seed, self._errors = engine, target, units, seed, errors
        self.kept: list[int] = list(range(len(examples)))
        self.failures: list[Failure] = []
        self.measured: dict[str, dict[str, Measurement]] = {}
        self._found: dict[str, dict[int, Explanation]] = {}
        self._measured_on: dict[str, list[int]] = {}

    @property
    def metrics(self) -> list[Named]:
        """The metrics of the examples that are kept."""
        return self._metrics(self.kept)

    @property
    def asked_with(self) -> dict[str, Any]:
        """What every metric is given beside the model and explanations."""
        return {"engine": self._engine, "seed": self._seed}

    def explanations(self, name: str) -> tuple[Explanation, ...]:
        """Return a method's explanations of the examples that are kept."""
        return tuple(self._found[name][i] for i in self.kept)

    def add(self, method: Named) -> None:
        """Explain by a method what the others could explain, and measure it."""
        failures: list[Failure] = []
        made = method.what.iter(
            self.model,
            [self._examples[i] for i in self.kept],
            target=self._target,
            units=self._units,
            engine=self._engine,
            errors=self._errors,
            report=failures.append,
        )
        self._found[method.name] = {self.kept[i]: explanation for i, explanation in made}
        self.failures += [Failure(self.kept[failure.index], failure.reason) for failure in failures]
        self.kept = list(self._found[method.name])
        self._measure(method.name)

    def level_out(self) -> None:
        """Measure anew the methods that were measured with examples that a later one could not explain."""
        while late := [name for name, own in self._measured_on.items() if own != self.kept]:
            for name in late:
                self._measure(name)

    def _measure(self, name: str) -> None:
        try:
            measured = self._measurements(name, self.kept)
        except Warning:
            raise
        except Exception:
            broken = [] if self._errors == "raise" else self._broken(name)
            if not broken or len(broken) == len(self.kept):
                raise
            self.failures += broken
            self.kept = [i for i in self.kept if i not in {failure.index for failure in broken}]
            measured = self._measurements(name, self.kept)
        self.measured[name], self._measured_on[name] = measured, self.kept

    def _measurements(self, name: str, kept: Sequence[int]) -> dict[str, Measurement]:
        own = tuple(self._found[name][i] for i in kept)
        return {metric.name: metric.what(self.model, own, **self.asked_with) for metric in self._metrics(kept)}

    def _broken(self, name: str) -> list[Failure]:
        """Return the examples whose explanations cannot be measured even alone."""
        found = []
        for i in self.kept:
            try:
                self._measurements(name, [i])
            except Warning:
                raise
            except Exception as error:
                found.append(Failure(i, why(error, self.model.name)))
        return found
