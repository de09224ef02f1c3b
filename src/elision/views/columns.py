"""An explanation as a table: a row a unit, for data frames and CSV."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elision.errors import OptionError
from elision.files import beside
from elision.results.findings.rationales import ROLES, Rationales

if TYPE_CHECKING:
    from elision.results.explanation import Explanation


def columns(explanation: Explanation) -> dict[str, list[Any]]:
    """Return the columns by name, each with a value a unit; what the explanation does not have is left out."""
    units = explanation.units
    found: dict[str, list[Any]] = {
        "unit": [unit.text for unit in units],
        "segment": [unit.segment for unit in units],
        "start": [unit.start for unit in units],
        "end": [unit.end for unit in units],
        "score": explanation.scores.tolist(),
    }
    absent = "absent_probability" if explanation.is_probability else "absent_value"
    optional = {
        **{name: getattr(explanation, name) for name in ("std_error", "lower", "upper")},
        absent: explanation.absent_values,
        "likelihood": explanation.likelihoods,
    }
    found |= {name: values.tolist() for name, values in optional.items() if values is not None}
    if explanation.groups is not None:
        found["group"] = [explanation.group_of(i) for i in range(len(units))]
    if (rationales := explanation.finding(Rationales)) is not None:
        sets = {role: rationales.of(role) for role in ROLES}
        found |= {role: [unit in own.units for unit in units] for role, own in sets.items() if own is not None}
    return found


def frame(explanation: Explanation) -> Any:
    """Return the columns as a pandas DataFrame; groups are whole numbers that may be missing.

    Raises:
        OptionError: pandas is not installed.
    """
    try:
        import pandas
    except ImportError as error:
        raise OptionError("to_frame needs the pandas library: pip install pandas") from error
    found = pandas.DataFrame(columns(explanation))
    return found.astype({"group": "Int64"}) if "group" in found else found


def to_csv(explanation: Explanation, path: str | os.PathLike[str] | None) -> str:
    """Return the columns as CSV with a line of names, and write them to a file if one is named.

    Raises:
        OptionError: the file cannot be written.
    """
    table = columns(explanation)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table)
    writer.writerows(["" if value != value else value for value in row] for row in zip(*table.values(), strict=True))
    if path is not None:
        with beside(Path(path)) as half:
            half.write_text(text.getvalue(), encoding="utf-8", newline="")
    return text.getvalue()
