"""Models by name that other packages add: `elision.load("NAME:what it is called there")`."""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, signature
from typing import Any

from elision.errors import ElisionError, ModelError, OptionError, reason_of
from elision.plugins import Registry

MODELS: Registry[Callable[..., Any]] = Registry(
    "model", group="elision.models", own={"builtin": "elision.models.loading:load"}
)
"""Each takes what stands after the colon, and those of `elision.load`'s settings that it names; it returns a Model, or
whatever `elision.load` takes."""


def from_other_package(name: str, **settings: Any) -> Any:
    """Return what another package makes of a name, or None where none has it.

    Args:
        name: as `elision.load` takes it.
        settings: those of `elision.load`; None and "auto" are not given.
    Raises:
        OptionError: a setting is given that the package does not take.
        ModelError: the package raised an error.
    """
    scheme, colon, rest = name.partition(":")
    if not colon or scheme in MODELS.own or scheme not in MODELS:
        return None
    make = MODELS[scheme]
    takes = signature(make).parameters
    given = {key: value for key, value in settings.items() if value not in (None, "auto")}
    for key in given:
        if key not in takes and not any(own.kind is Parameter.VAR_KEYWORD for own in takes.values()):
            raise OptionError(f"{key} is no setting of models of {scheme!r}; leave it out")
    try:
        return make(rest, **given)
    except ElisionError:
        raise
    except Exception as error:
        raise ModelError(f"{name!r} cannot be loaded: {reason_of(error)}") from error
