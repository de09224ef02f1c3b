"""Objects whose repr is the call that made them, with only the arguments that differ from the defaults."""

from __future__ import annotations

import os
import reprlib
from collections.abc import Callable
from functools import wraps
from inspect import Parameter, signature
from typing import Any

_LONGEST = 120
_PLAIN = (str, int, float, tuple, type(None))


class Constructed:
    """An object that remembers, as text, how it was constructed; abstract.

    Options are kept in whatever form suits an object, so that its attributes do not tell what it was given: the
    constructor itself takes note, of subclasses too.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "__init__" in cls.__dict__:
            cls.__init__ = _noting(cls.__init__)  # type: ignore[method-assign]

    def __repr__(self) -> str:
        unknown = "..." if signature(type(self)).parameters else ""
        return f"{type(self).__name__}({vars(self).get('_arguments', unknown)})"


def _noting(init: Callable[..., None]) -> Callable[..., None]:
    """Return a constructor that notes its arguments; that of a subclass is done last, and its note stays."""

    @wraps(init)
    def noting(self: Any, *args: Any, **kwargs: Any) -> None:
        init(self, *args, **kwargs)
        vars(self)["_arguments"] = _arguments(init, self, args, kwargs)

    return noting


def _arguments(init: Callable[..., None], self: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """Return the arguments that differ from the defaults, in the constructor's order, by position where they can be."""
    bound = signature(init).bind(self, *args, **kwargs)
    found: list[str] = []
    by_name = False
    for parameter in list(bound.signature.parameters.values())[1:]:
        if parameter.name not in bound.arguments or _is_default(parameter, bound.arguments[parameter.name]):
            by_name = True
            continue
        value = bound.arguments[parameter.name]
        by_name = by_name or parameter.kind is Parameter.KEYWORD_ONLY
        if parameter.kind is Parameter.VAR_POSITIONAL:
            found += map(_SHORT.repr, value)
        elif parameter.kind is Parameter.VAR_KEYWORD:
            found += [f"{name}={_SHORT.repr(one)}" for name, one in value.items()]
        else:
            found.append(f"{parameter.name}=" * by_name + _SHORT.repr(value))
    return ", ".join(found)


def _is_default(parameter: Parameter, value: Any) -> bool:
    return value is parameter.default or (isinstance(value, _PLAIN) and value == parameter.default)


class _Short(reprlib.Repr):
    """One line for any value, without addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = _LONGEST

    def repr_instance(self, x: Any, level: int) -> str:
        if isinstance(x, os.PathLike):
            return self.repr_str(os.fspath(x), level)
        try:
            text = repr(x)
        except Exception:
            text = ""
        if isinstance(x, Constructed) or (text and "\n" not in text and " at 0x" not in text and len(text) <= _LONGEST):
            return text
        return str(getattr(x, "__qualname__", f"<{type(x).__name__}>"))


_SHORT = _Short()


def short(value: Any) -> str:
    """Return a value's repr in one line, shortened where it is long, without addresses."""
    return _SHORT.repr(value)
