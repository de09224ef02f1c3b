"""Things by name: our own, and those that other packages add through entry points.

Nothing of ours is imported before it is used. Of other packages all of a kind are imported once names beyond our own
are asked for; one that is broken is named in a warning and left out.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from inspect import isabstract, isclass
from typing import TYPE_CHECKING, Any, TypeVar

from elision.errors import PluginWarning, reason_of, require_one_of
from elision.outline import outline, resolve

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

T = TypeVar("T")


class Registry(Mapping[str, T]):
    """What there is of a kind, by name.

    Attributes:
        own: the place of each of ours, as "module:name".

    Args:
        kind: what one of them is called, such as "method".
        group: of the entry points by which other packages add theirs.
        own: ours.
        base: the place of the class that theirs derive from; None for functions.
    """

    def __init__(self, kind: str, *, group: str, own: dict[str, str], base: str | None = None) -> None:
        self.own = own
        self._kind, self._group, self._base = kind, group, base
        self._added: dict[str, Any] | None = None

    def __getitem__(self, name: str) -> T:
        found: T = resolve(self.own[name]) if name in self.own else self._others()[name]
        return found

    def __iter__(self) -> Iterator[str]:
        yield from self.own
        yield from self._others()

    def __len__(self) -> int:
        return len(self.own) + len(self._others())

    def __contains__(self, name: object) -> bool:
        return name in self.own or name in self._others()

    def find(self, name: Any) -> T:
        """Return the one of a name.

        Raises:
            OptionError: there is none; the message names all, and the one that was probably meant.
        """
        if not isinstance(name, str) or name not in self:
            require_one_of(self._kind, name, tuple(self))
        return self[name]

    def outline(self, name: str) -> Any:
        """Return the one of a name, or of ours what it says of itself: see `elision.outline`."""
        return outline(self.own[name]) if name in self.own else self._others()[name]

    def _others(self) -> dict[str, Any]:
        """Return what other packages add."""
        if self._added is None:
            from importlib.metadata import entry_points

            found: dict[str, Any] = {}
            for entry in sorted(set(entry_points(group=self._group)), key=lambda entry: entry.name):
                try:
                    found[entry.name] = self._load(entry, found)
                except Warning:
                    raise
                except Exception as error:
                    reason = str(error) if isinstance(error, _Unusable) else reason_of(error)
                    package = "" if entry.dist is None else f" of {entry.dist.name}"
                    warnings.warn(
                        f"the {self._kind} {entry.name!r}{package} is left out: {reason}", PluginWarning, stacklevel=2
                    )
            self._added = found
        return self._added

    def _load(self, entry: EntryPoint, found: Mapping[str, Any]) -> Any:
        if entry.name in self.own or entry.name in found:
            raise _Unusable("elision has its own of this name" if entry.name in self.own else "the name is taken")
        loaded = entry.load()
        if self._base is None:
            if not callable(loaded):
                raise _Unusable(f"{entry.value} cannot be called")
            return loaded
        base = resolve(self._base)
        if not isclass(loaded) or not issubclass(loaded, base):
            raise _Unusable(f"{entry.value} is no {base.__name__}")
        if isabstract(loaded):
            raise _Unusable(f"{entry.value} lacks {', '.join(sorted(getattr(loaded, '__abstractmethods__', ())))}")
        if getattr(loaded, "name", None) != entry.name:
            raise _Unusable(f"{entry.value} calls itself {getattr(loaded, 'name', None)!r}")
        return loaded


class _Unusable(Exception):
    """Why an entry point cannot be used."""
