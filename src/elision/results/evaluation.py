"""Methods by metrics: each one's figure with its interval, and its difference to the best."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from elision.constructed import short
from elision.results.attainable import Attainable
from elision.results.explanation import Explanation
from elision.results.measurement import Measurement

_TOLD = 3


@dataclass(frozen=True)
class Cell:
    """One method's figure in one metric.

    Attributes:
        mean: over the examples that say something.
        lower: end of the bootstrap interval.
        upper: end of the bootstrap interval.
        n: how many examples say something.
        best: whether no method has a better figure, ceilings aside.
        shared: whether the method leaves units out in the metric's own way.
        difference: to the best method, on the same examples; None where there is no better or worse.
        difference_lower: end of its interval.
        difference_upper: end of its interval.
        p: of the difference, two-sided, Holm-corrected over the metric's methods; None for the best, and for ceilings.
        ceiling: whether the method searched for what the metric rewards, in the metric's own way of leaving out: it is
            no rival of the others.
        attained: the figure's place between the worst, 0, and the best, 1, that any order of the units has; None where
            that was not sought.
    """

    mean: float
    lower: float
    upper: float
    n: int
    best: bool = False
    shared: bool = False
    difference: float | None = None
    difference_lower: float | None = None
    difference_upper: float | None = None
    p: float | None = None
    ceiling: bool = False
    attained: float | None = None


@dataclass(frozen=True, eq=False, repr=False)
class Evaluation:
    """Methods by metrics, on the same examples.

    Attributes:
        methods: names, in the order of the table.
        metrics: names.
        cells: of method and metric.
        measurements: of method and metric, with each example's value.
        explanations: of each method.
        arrows: for each metric "higher" or "lower", what is better; "" where neither is.
        settings: model, number of examples, those left out with the reasons, level, resamples, test, seed.
        ceilings: what is attainable in each metric, where that was sought.
    """

    methods: tuple[str, ...]
    metrics: tuple[str, ...]
    cells: Mapping[tuple[str, str], Cell]
    measurements: Mapping[tuple[str, str], Measurement]
    explanations: Mapping[str, tuple[Explanation, ...]]
    arrows: Mapping[str, str]
    settings: Mapping[str, Any] = field(default_factory=dict)
    ceilings: Mapping[str, Attainable] = field(default_factory=dict)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader must know before comparing figures."""
        left_out = self.settings.get("left_out", ())
        found = [self.settings["stopped"]] if "stopped" in self.settings else []
        found += [_left_out(left_out, self.settings["examples"])] if left_out else []
        for metric in self.metrics:
            cells = {method: self.cells[method, metric] for method in self.methods}
            sharing = [method for method, cell in cells.items() if cell.shared and not cell.ceiling]
            if sharing:
                removal = (self.measurements[sharing[0], metric].removal or {}).get("name")
                found.append(
                    f"{metric} removes units by {removal!r}, as {', '.join(sharing)} did to explain: "
                    "that favours them there (marked !)"
                )
        return (*found, *self._ceilings_among_methods())

    def _ceilings_among_methods(self) -> list[str]:
        """Return which methods are no rivals of the others, and where."""
        of_metrics: dict[tuple[str, ...], list[str]] = {}
        for method in self.methods:
            if metrics := tuple(metric for metric in self.metrics if self.cells[method, metric].ceiling):
                of_metrics.setdefault(metrics, []).append(method)
        return [
            f"{', '.join(methods)} looked for what {', '.join(metrics)} reward{'s' if len(metrics) == 1 else ''}, "
            "leaving units out in the same way: read it there as a ceiling, not as a rival (marked ^, and never bold)"
            for metrics, methods in of_metrics.items()
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, numbers and strings: the table, each example's values, settings; NaN becomes None."""
        rows = [
            {"method": method, "metric": metric, **{k: _plain(v) for k, v in vars(self.cells[method, metric]).items()}}
            for method in self.methods
            for metric in self.metrics
        ]
        values = {
            method: {
                metric: list(map(_plain, self.measurements[method, metric].values.tolist())) for metric in self.metrics
            }
            for method in self.methods
        }
        metrics = {
            metric: {
                "better": self.arrows[metric],
                "removal": self.measurements[self.methods[0], metric].removal,
                "settings": dict(self.measurements[self.methods[0], metric].settings),
                **({"attainable": self.ceilings[metric].to_dict()} if metric in self.ceilings else {}),
            }
            for metric in self.metrics
        }
        return {
            "settings": dict(self.settings),
            "metrics": metrics,
            "rows": rows,
            "values": values,
            "warnings": list(self.warnings),
        }

    def to_json(self, *, indent: int | None = 1) -> str:
        """Return the evaluation as JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=indent, allow_nan=False)

    def to_csv(self) -> str:
        """Return one line for each method and metric."""
        names = ["method", "metric", *Cell.__dataclass_fields__]
        text = io.StringIO()
        writer = csv.DictWriter(text, names, lineterminator="\n")
        writer.writeheader()
        for row in self.to_dict()["rows"]:
            writer.writerow({name: "" if row[name] is None else row[name] for name in names})
        return text.getvalue()

    def to_markdown(self) -> str:
        """Return a table for reading, with what a reader must know under it."""
        from elision.views.evaluation import markdown

        return markdown(self)

    def __repr__(self) -> str:
        examples = self.settings.get("examples")
        return f"Evaluation(methods={short(self.methods)}, metrics={short(self.metrics)}, examples={examples})"

    def __str__(self) -> str:
        return self.to_markdown()


def _left_out(examples: Sequence[Mapping[str, Any]], n: int) -> str:
    told = "; ".join(f"{one['name']}: {one['reason']}" for one in examples[:_TOLD])
    more = f"; and {len(examples) - _TOLD} more" if len(examples) > _TOLD else ""
    return f"{len(examples)} of {len(examples) + n} examples are left out of all figures ({told}{more})"


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not np.isfinite(value) else value
