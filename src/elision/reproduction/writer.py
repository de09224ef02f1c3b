"""A study's result as Markdown, JSON, CSV and pictures; each file is written whole or not at all."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elision.errors import OptionError
from elision.files import beside
from elision.reproduction.result import Cell, Picture, Result

if TYPE_CHECKING:
    from rich.console import Group

_OF_CELL = ("value", "lower", "upper", "n", "paper", "reason")
_FORMATS = ("svg", "png")


def to_markdown(result: Result) -> str:
    """Return a heading, what differs from the paper, the table and the remarks."""
    lines = [f"# {result.title}", "", result.setting, ""]
    lines.append("| " + " | ".join(map(_escaped, (*result.heads, *result.columns))) + " |")
    lines.append("|" + "---|" * (len(result.heads) + len(result.columns)))
    for row in result.rows:
        cells = (*row.heads, *(cell.shown(result.digits) for cell in row.cells))
        lines.append("| " + " | ".join(map(_escaped, cells)) + " |")
    lines += ["", *(f"- {remark}" for remark in result.remarks)]
    return "\n".join(lines).rstrip("\n") + "\n"


def to_json(result: Result) -> str:
    """Return everything, the curves' points too."""
    return json.dumps(result.to_dict(), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def to_csv(result: Result) -> str:
    """Return a line for each figure."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow([*result.heads, "column", *_OF_CELL])
    for row in result.rows:
        for column, cell in zip(result.columns, row.cells, strict=True):
            out.writerow([*row.heads, column, *(_plain(cell, name) for name in _OF_CELL)])
    return text.getvalue()


def view(result: Result) -> Group:
    """Return the same for a terminal."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in (*result.heads, *result.columns):
        table.add_column(Text(name), overflow="fold")
    for row in result.rows:
        table.add_row(*map(Text, (*row.heads, *(cell.shown(result.digits) for cell in row.cells))))
    remarks = [Text(f"- {remark}") for remark in result.remarks]
    return Group(Text(result.title, style="bold"), Text(result.setting), Text(), table, Text(), *remarks)


def write(result: Result, folder: Path, name: str) -> tuple[list[Path], str | None]:
    """Write a result's files.

    Args:
        result: what was found.
        folder: where to; it is made where it is missing.
        name: of the files, without their endings.
    Returns:
        The files, and why pictures were not drawn, or None.
    Raises:
        OptionError: a file cannot be written.
    """
    files = []
    for ending, make in (("md", to_markdown), ("json", to_json), ("csv", to_csv)):
        files.append(folder / f"{name}.{ending}")
        write_whole(files[-1], make(result))
    try:
        for picture in result.pictures:
            files += _draw(picture, folder, "-".join(part for part in (name, picture.name) if part))
    except (ImportError, OptionError) as error:
        return files, f"no pictures: {error}"
    return files, None


def write_whole(file: Path, text: str) -> None:
    """Write a file beside its place and move it there.

    Raises:
        OptionError: it cannot be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OptionError(f"cannot write {str(file)!r}: {error.strerror or error}") from error
    with beside(file) as half:
        half.write_text(text, encoding="utf-8")


def _draw(picture: Picture, folder: Path, name: str) -> list[Path]:
    import elision.views.figures as figures

    drawn: Any
    if picture.kind == "curves":
        drawn = figures.curves(picture.curves)
    elif picture.kind == "degradation":
        drawn = figures.degradation_curves(picture.both)
    elif picture.kind == "groups":
        drawn = figures.groups(picture.strips[0][1])
    else:
        names = [own for own, _ in picture.strips]
        drawn = figures.heat_strip([explanation for _, explanation in picture.strips], names=names, top=picture.top)
    files = [folder / f"{name}.{ending}" for ending in _FORMATS]
    for file in files:
        with beside(file) as half:
            figures.save(drawn, half)
    return files


def _plain(cell: Cell, name: str) -> str:
    value = getattr(cell, name)
    return "" if value is None else str(value)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
