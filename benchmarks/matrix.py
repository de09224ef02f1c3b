"""Every architecture against every method and removal: right by a plain computation, or refused with a reason.

    python benchmarks/matrix.py [--only bert,fnet] [--columns drop,lime] [--jobs 2] [--markdown docs/models.md]

Tiny networks with random weights, made on the spot; each cell is compared with plain one-row calls of a network that
nothing else has touched (tests/toys/plain.py says how). `--only bert` takes what is called so, in brackets too, as
"bert (1 logit)". `--markdown` puts the table between its two marks in the file. The exit code is 1 where a cell is
neither right nor refused.
"""

from __future__ import annotations

import argparse
import multiprocessing
import re
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
from transformers.utils import logging

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from toys.architectures import ARCHITECTURES
from toys.cells import COLUMNS, EXAMPLES, RIGHT, cells

START, END = "<!-- python benchmarks/matrix.py --markdown -->", "<!-- end of the matrix -->"
_SIGNS = {"right": "✓", "refused": "–", "fault": "✗"}

Row = dict[tuple[str, str], str]


def answer(name: str, columns: Sequence[str]) -> tuple[str, Row]:
    """Return an architecture's cells by kind of example and column."""
    logging.set_verbosity_error()
    torch.set_num_threads(1)
    return name, {(kind, column): cell for kind in EXAMPLES for column, cell in cells(name, kind, columns)}


def answers(names: Sequence[str], columns: Sequence[str], jobs: int) -> Iterator[tuple[str, Row]]:
    """Yield the architectures' cells, in their order."""
    if jobs == 1:
        yield from map(partial(answer, columns=columns), names)
        return
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        yield from pool.imap(partial(answer, columns=columns), names)


def wanted(only: str | None) -> list[str]:
    """Return the names of the architectures that are asked for."""
    if only is None:
        return list(ARCHITECTURES)
    asked = [name.strip() for name in only.split(",")]
    found = [name for name in ARCHITECTURES if name in asked or name.split(" (")[0] in asked]
    if missing := [name for name in asked if not any(name in (own, own.split(" (")[0]) for own in found)]:
        raise SystemExit(f"no architecture is called {', '.join(missing)}; there are {', '.join(ARCHITECTURES)}")
    return found


def plain_reason(reason: str, column: str) -> str:
    """Return a reason in words that all cells refused for it share: no names of model or method, no row's length."""
    reason = re.sub(r"\b(the model )?\w+ForSequenceClassification\b", "the model", reason)
    reason = re.sub(r"^(answer|Counting|Measuring) (?=is |reads )", "the model ", reason)
    reason = re.sub(r"\bwhich (answer|Counting|Measuring|the model) does\b", "which this one does", reason)
    reason = re.sub(r"\b\d+ tokens\b", "n tokens", reason)
    reason = re.sub(r"^the removal '\w+'", "this removal", reason)
    return re.sub(rf"^{re.escape(column)} ", "this method ", reason)


class Reasons:
    """Reasons of refusals, numbered as they come."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def sign(self, cell: str, column: str) -> str:
        """Return a cell's sign, with its reason's number where it has one."""
        kind, _, reason = cell.partition(": ")
        if kind == RIGHT:
            return _SIGNS[kind]
        reason = plain_reason(reason, column)
        if reason not in self.found:
            self.found.append(reason)
        return f"{_SIGNS[kind]}{self.found.index(reason) + 1}"


def table(rows: dict[str, Row], columns: Sequence[str]) -> list[str]:
    """Return the lines of the table and of its reasons; a cell has one sign, or one for a text and one for a pair."""
    reasons = Reasons()
    lines = [f"| architecture | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    for name, row in rows.items():
        both = [[reasons.sign(row[kind, column], column) for kind in EXAMPLES] for column in columns]
        lines.append(f"| {name} | {' | '.join(' / '.join(dict.fromkeys(signs)) for signs in both)} |")
    return [*lines, "", *(f"{i}. {reason}" for i, reason in enumerate(reasons.found, 1))]


def counted(rows: dict[str, Row]) -> str:
    """Return how many cells are right, refused and neither."""
    every = [cell.partition(":")[0] for row in rows.values() for cell in row.values()]
    right, refused, fault = (every.count(kind) for kind in _SIGNS)
    return f"{len(every)} cells of {len(rows)} architectures: {right} right, {refused} refused, {fault} neither."


def put(file: Path, lines: Sequence[str]) -> None:
    """Put lines between the marks in a file."""
    text = file.read_text(encoding="utf-8")
    if START not in text or END not in text:
        raise SystemExit(f"{file} lacks the marks {START} and {END}")
    before, rest = text.split(START, 1)
    new = "\n".join([before + START, "", *lines, "", END + rest.split(END, 1)[1]])
    file.write_text(new, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", help="names of architectures, separated by commas")
    parser.add_argument("--columns", help="names of columns, separated by commas")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="put the table between its marks in FILE")
    options = parser.parse_args()
    columns: Any = COLUMNS if options.columns is None else options.columns.split(",")
    if unknown := set(columns) - set(COLUMNS):
        parser.error(f"no column is called {', '.join(sorted(unknown))}; there are {', '.join(COLUMNS)}")
    rows: dict[str, Row] = {}
    for name, row in answers(wanted(options.only), columns, options.jobs):
        rows[name] = row
        for (kind, column), cell in row.items():
            if cell.startswith("fault"):
                print(f"{name}, {kind}, {column}: {cell}", file=sys.stderr, flush=True)
    lines = [counted(rows), "", *table(rows, columns)]
    print("\n".join(lines))
    if options.markdown is not None:
        put(options.markdown, lines)
    raise SystemExit(any(cell.startswith("fault") for row in rows.values() for cell in row.values()))


if __name__ == "__main__":
    main()
