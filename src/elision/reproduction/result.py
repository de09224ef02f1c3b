"""What a study found, beside what the paper says: one structure, from which all files are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from elision.results.explanation import Explanation
from elision.results.intervals import LEVEL
from elision.results.measurement import Curve, Measurement


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of a table.

    Attributes:
        value: what was measured, or a text; None where nothing could be.
        lower: of its 95 % interval.
        upper: of its 95 % interval.
        n: examples it rests on.
        paper: what the paper has in this place, or None.
        reason: why there is no value, in two words.
    """

    value: float | str | None = None
    lower: float | None = None
    upper: float | None = None
    n: int | None = None
    paper: float | str | None = None
    reason: str = ""

    @classmethod
    def of(cls, measured: Measurement, paper: float | None = None) -> Cell:
        """Return the cell of a measurement, with its bootstrap interval where there are two examples or more."""
        if measured.n < 2:
            return cls(_finite(measured.mean), n=measured.n, paper=paper)
        lower, upper = measured.interval(level=LEVEL)
        return cls(_finite(measured.mean), _finite(lower), _finite(upper), measured.n, paper)

    def shown(self, digits: int) -> str:
        """Return the value, its interval and the paper's value in one line."""
        found = self.reason or "-" if self.value is None else _number(self.value, digits)
        if self.lower is not None and self.upper is not None:
            found += f" ({_number(self.lower, digits)} to {_number(self.upper, digits)})"
        return found if self.paper is None else f"{found}; paper {_number(self.paper)}"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table.

    Attributes:
        heads: what it is of, one for each of the table's heads.
        cells: one for each of the table's columns.
    """

    heads: tuple[str, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, eq=False)
class Picture:
    """A figure to be drawn.

    Attributes:
        name: added to the study's name for the file; may be empty.
        kind: "curves", "degradation", "strips" or "groups".
        curves: for "curves" name -> curve.
        both: for "degradation" name -> the curves with the most and with the least relevant words removed first.
        strips: for "strips" name -> explanation; for "groups" one of them.
        top: for "strips": only the so many units that weigh most are coloured.
    """

    name: str
    kind: str
    curves: Mapping[str, Curve] = field(default_factory=dict)
    both: Mapping[str, tuple[Curve, Curve]] = field(default_factory=dict)
    strips: Sequence[tuple[str, Explanation]] = ()
    top: int | None = None


@dataclass(frozen=True, eq=False)
class Result:
    """A table or figure of a paper, measured anew.

    Attributes:
        title: what it shows.
        heads: names of the columns that say what a row is of.
        columns: names of the figures' columns.
        rows: the figures.
        setting: in what data, models, size and removal differ from the paper's, in one line.
        remarks: what a reader should know.
        digits: decimal places shown.
        pictures: to be drawn.
    """

    title: str
    heads: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    setting: str
    remarks: tuple[str, ...] = ()
    digits: int = 3
    pictures: tuple[Picture, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, numbers and strings."""
        rows = [
            {
                **dict(zip(self.heads, row.heads, strict=True)),
                "cells": {
                    column: {name: getattr(cell, name) for name in Cell.__slots__}
                    for column, cell in zip(self.columns, row.cells, strict=True)
                },
            }
            for row in self.rows
        ]
        return {
            "title": self.title,
            "setting": self.setting,
            "remarks": list(self.remarks),
            "heads": list(self.heads),
            "columns": list(self.columns),
            "rows": rows,
            "curves": {p.name: found for p in self.pictures if (found := _plain_curves(p))},
        }


def _plain_curves(picture: Picture) -> dict[str, Any]:
    """Return each curve's points, means and interval."""
    curves = dict(picture.curves)
    for name, (most, least) in picture.both.items():
        curves |= {f"{name}, MoRF": most, f"{name}, LeRF": least}
    found = {}
    for name, curve in curves.items():
        lower, upper = curve.interval()
        points = {"x": curve.x, "mean": curve.mean, "lower": lower, "upper": upper}
        found[name] = {key: [_finite(float(v)) for v in values] for key, values in points.items()}
    return found


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _number(value: float | str, digits: int | None = None) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:g}" if digits is None else f"{value:.{digits}f}"
