"""A package whose names are imported when they are first used.

It has no `__all__`: pydoc prints every method of each class that `__all__` names, hundreds of lines for
`help(elision)`. Without it pydoc prints what the package's own file defines, which is the map in its docstring. But
then a star import takes what stands in the module's dictionary: so all names stand there from the start, and submodules
never do.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any


class Later:
    """What stands in a name's place.

    Args:
        home: the module that has it, or that it is.
        name: in the module; None for the module itself.
    """

    def __init__(self, home: str, name: str | None = None) -> None:
        self._home, self._name = home, name

    def load(self) -> Any:
        """Return what the name stands for."""
        module = import_module(self._home)
        return module if self._name is None else getattr(module, self._name)


def attributes(package: str, *places: Mapping[str, str]) -> Callable[[str], Any]:
    """Return a package's `__getattr__`, which imports a name when it is first used.

    Args:
        package: its name.
        places: their values are "module:name", the package's own names.
    """
    homes = {place.partition(":")[2]: place.partition(":")[0] for own in places for place in own.values()}

    def get(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return Later(homes[name], name).load()

    return get


def renamed(module: str, now: Mapping[str, Any]) -> Callable[[str], Any]:
    """Return a module's `__getattr__`, which has what was renamed by its former name, with a warning.

    Args:
        module: its name.
        now: former names, and what they stand for.
    """

    def get(name: str) -> Any:
        if name not in now:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        warnings.warn(f"{name} is {now[name].__name__} now; use that name", DeprecationWarning, stacklevel=2)
        return now[name]

    return get


class LazyPackage(ModuleType):
    """A package with `Later` among its attributes."""

    def __getattribute__(self, name: str) -> Any:
        value = super().__getattribute__(name)
        return value.load() if isinstance(value, Later) else value

    def __setattr__(self, name: str, value: Any) -> None:
        # The import system binds every submodule to its package.
        if self._submodule(name) is not value:
            super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:
        renamed = super().__getattribute__("_RENAMED")
        if name in renamed:
            said = f"{self.__name__}.{name} is {self.__name__}.{renamed[name]} now; use that name"
            warnings.warn(said, DeprecationWarning, stacklevel=2)
            return getattr(self, renamed[name])
        found = self._submodule(name)
        if found is None:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return found

    def _submodule(self, name: str) -> ModuleType | None:
        return sys.modules.get(f"{self.__name__}.{name}")

    def __dir__(self) -> list[str]:
        return list(super().__getattribute__("_NAMES"))
