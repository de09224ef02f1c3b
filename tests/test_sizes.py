"""What is long is hard to read: no file of the package has more than 400 lines, no function more than 60."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import elision

MOST_LINES, MOST_IN_A_FUNCTION = 400, 60
FILES = sorted(Path(elision.__file__).parent.rglob("*.py"))


def too_long(source: str) -> Iterator[str]:
    """Yield a file that is too long, and each function that is."""
    lines = len(source.splitlines())
    if lines > MOST_LINES:
        yield f"{lines} lines"
    for found in ast.walk(ast.parse(source)):
        if isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef):
            own = (found.end_lineno or 0) - found.lineno + 1
            if own > MOST_IN_A_FUNCTION:
                yield f"{found.name} has {own} lines"


def test_files_and_functions_are_short() -> None:
    assert len(FILES) > 200
    found = {str(file.relative_to(FILES[0].parent)): list(too_long(file.read_text(encoding="utf-8"))) for file in FILES}
    assert {name: what for name, what in found.items() if what} == {}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("x = 1\n" * 400, []),
        ("x = 1\n" * 401, ["401 lines"]),
        ("class A:\n    def f(self):\n" + "        pass\n" * 59, []),
        ("class A:\n    def f(self):\n" + "        pass\n" * 60, ["f has 61 lines"]),
        ("async def g():\n" + "    pass\n" * 60, ["g has 61 lines"]),
    ],
)
def test_what_is_too_long_is_found(source: str, found: list[str]) -> None:
    assert list(too_long(source)) == found
