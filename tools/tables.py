"""Write the docs' tables of methods, removals and metrics anew from what these say of themselves.

    python tools/tables.py [--check]

A table stands between `<!-- NAME: python tools/tables.py -->` and `<!-- end of NAME -->`. With --check nothing is
written, and the exit code is 1 where a table is stale.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from elision.cli.lists import shown_default
from elision.explainers.registry import METHODS, describe
from elision.metrics.registry import METRICS, describe_metric
from elision.options import Description
from elision.removal.registry import REMOVALS, describe_removal

ROOT = Path(__file__).resolve().parents[1]
FILES = ("README.md", "docs/methods.md", "docs/metrics.md")
PLACE = re.compile(r"(<!-- (?P<name>\w+): python tools/tables\.py -->\n).*?(<!-- end of (?P=name) -->)", re.DOTALL)


def table(titles: dict[str, str], rows: Sequence[Description]) -> str:
    """Return a table in Markdown, with a description's attribute under each title."""
    cells = [[_cell(row, attribute) for attribute in titles.values()] for row in rows]
    lines = [list(titles), ["---"] * len(titles), *cells]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def options(what: str, rows: Sequence[Description]) -> str:
    """Return a table in Markdown of each one's options with their defaults."""
    lines = [f"| {what} | options, with their defaults |", "|---|---|"]
    for row in rows:
        told = ", ".join(f"`{option.name}={shown_default(option)}`" for option in row.options)
        lines.append(f"| `{row.name}` | {told} |")
    return "\n".join(lines)


def _cell(row: Description, attribute: str) -> str:
    text = str(getattr(row, attribute)).replace("|", "\\|") or "-"
    return f"`{text}`" if attribute == "name" else text


def methods(names: Sequence[str] = tuple(METHODS.own)) -> str:
    """Return the tables of methods."""
    rows = [describe(name) for name in names]
    titles = {"method": "name", "scores": "summary", "needs": "needs", "cost (u words)": "cost", "source": "source"}
    return f"{table(titles, rows)}\n\n{options('method', rows)}"


def removals(names: Sequence[str] = tuple(REMOVALS.own)) -> str:
    """Return the table of removals."""
    titles = {"removal": "name", "an absent word's tokens are": "summary", "needs": "needs", "source": "source"}
    return table(titles, [describe_removal(name) for name in names])


def metrics(names: Sequence[str] = tuple(METRICS.own)) -> str:
    """Return the tables of metrics."""
    rows = [describe_metric(name) for name in names]
    titles = {"metric": "name", "better": "better", "what it is": "summary", "needs": "needs", "cost": "cost"}
    return f"{table({**titles, 'source': 'source'}, rows)}\n\n{options('metric', rows)}"


TABLES: dict[str, Callable[[], str]] = {"methods": methods, "removals": removals, "metrics": metrics}


def renewed(text: str) -> str:
    """Return a page with its tables made anew."""
    return PLACE.sub(lambda found: f"{found[1]}\n{TABLES[found['name']]()}\n\n{found[3]}", text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    stale = []
    for name in FILES:
        file = ROOT / name
        before = file.read_text(encoding="utf-8")
        after = renewed(before)
        if after != before:
            stale.append(name)
            if not check:
                file.write_text(after, encoding="utf-8")
    if stale:
        print(f"{'stale' if check else 'written'}: {', '.join(stale)}")
    sys.exit(1 if check and stale else 0)


if __name__ == "__main__":
    main()
