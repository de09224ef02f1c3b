"""What a class or function of ours says of itself, read from its file: nothing that the file needs is imported.

A list of methods is shown at once, where importing them all takes PyTorch and seconds. An outline is a class with the
docstring, the class attributes and the constructor's signature of the real one, and no code; the tests compare the two.
"""

from __future__ import annotations
import __future__ as future

import ast
import builtins
from collections.abc import Iterable, Iterator
from copy import copy
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

_PACKAGE = "elision"
_ROOT = Path(__file__).parent


def outline(place: str) -> Any:
    """Return the outline of a class or function; where none can be made, the thing itself.

    Args:
        place: "module:name".
    """
    module, _, name = place.partition(":")
    try:
        return _read(module).value(name)
    except Exception:
        return resolve(place)


def resolve(place: str) -> Any:
    """Return what stands at "module:name", with the module imported."""
    module, _, name = place.partition(":")
    found: Any = import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    return found


@cache
def _read(module: str) -> _Module:
    return _Module(module)


class _Module:
    """The names that a file of the package defines, each made when it is asked for."""

    def __init__(self, name: str) -> None:
        package, *parts = name.split(".")
        if package != _PACKAGE:
            raise KeyError(name)
        base = _ROOT.joinpath(*parts)
        file = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
        self._made: dict[str, Any] = {}
        self._nodes = dict(_named(ast.parse(file.read_text(encoding="utf-8")).body))

    def value(self, name: str) -> Any:
        """Return what a name stands for.

        Raises:
            KeyError: the file does not define it, or in a way that is not read.
        """
        if name not in self._made:
            self._made[name] = self._make(name, self._nodes[name])
        return self._made[name]

    def _make(self, name: str, node: ast.AST) -> Any:
        if isinstance(node, ast.ImportFrom):
            own = next(alias.name for alias in node.names if name in (alias.asname, alias.name))
            return _read(str(node.module)).value(own)
        if isinstance(node, ast.ClassDef):
            kept: ast.stmt = self._class(node)
        elif isinstance(node, ast.FunctionDef):
            kept = _empty(node)
        else:
            assert isinstance(node, ast.Assign | ast.AnnAssign)
            kept = node
        return self._run(kept)[name]

    def _class(self, node: ast.ClassDef) -> ast.ClassDef:
        """Return a class with its docstring, those of its attributes that can be made, and its empty constructor."""
        body: list[ast.stmt] = []
        for own in node.body:
            if isinstance(own, ast.FunctionDef) and own.name == "__init__":
                body.append(_empty(own))
            elif own is node.body[0] and isinstance(own, ast.Expr):
                body.append(own)
            elif isinstance(own, ast.AnnAssign | ast.Assign) and self._can(own):
                body.append(own)
        kept = copy(node)
        kept.body, kept.keywords, kept.decorator_list = body or [ast.Pass()], [], []
        kept.bases = [base for base in node.bases if self._can(base)]
        return kept

    def _can(self, node: ast.AST) -> bool:
        try:
            self._names(node)
        except Exception:
            return False
        return True

    def _run(self, node: ast.stmt) -> dict[str, Any]:
        names = self._names(node)
        tree = ast.fix_missing_locations(ast.Module([node], []))
        flags = future.annotations.compiler_flag
        exec(compile(tree, "<outline>", "exec", flags=flags), names)
        return names

    def _names(self, node: ast.AST) -> dict[str, Any]:
        """Return the names that a statement needs, with their values; those in annotations are not needed."""
        wanted = {own.id for part in _evaluated(node) for own in ast.walk(part) if isinstance(own, ast.Name)}
        return {name: self.value(name) for name in wanted if not hasattr(builtins, name)}


def _evaluated(node: ast.AST) -> list[ast.AST]:
    """Return the parts of a statement that are evaluated when it runs."""
    if isinstance(node, ast.ClassDef):
        return [*node.bases, *(part for own in node.body for part in _evaluated(own))]
    if isinstance(node, ast.FunctionDef):
        return [own for own in (*node.args.defaults, *node.args.kw_defaults) if own is not None]
    if isinstance(node, ast.Assign | ast.AnnAssign):
        return [] if node.value is None else [node.value]
    return [node]


def _empty(node: ast.FunctionDef) -> ast.FunctionDef:
    """Return a function with its signature and docstring."""
    kept = copy(node)
    docstring = node.body[:1] if isinstance(node.body[0], ast.Expr) else []
    kept.body, kept.decorator_list = [*docstring, ast.Pass()], []
    return kept


def _named(body: Iterable[ast.stmt]) -> Iterator[tuple[str, ast.AST]]:
    """Yield the names that statements define, those for type checkers only too, with their statements."""
    for node in body:
        if isinstance(node, ast.ImportFrom):
            yield from ((alias.asname or alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from ((own.id, node) for target in targets for own in ast.walk(target) if isinstance(own, ast.Name))
        elif isinstance(node, ast.If):
            yield from _named(node.body)
