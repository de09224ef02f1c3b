"""Removals by name, with what they say of themselves."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from elision.errors import OptionError
from elision.options import Description, options_of, source
from elision.plugins import Registry

if TYPE_CHECKING:
    from elision.removal.removal import Removal

REMOVALS: Registry[type[Removal]] = Registry(
    "removal",
    group="elision.removals",
    base="elision.removal.removal:Removal",
    own={
        "pad": "elision.removal.constant:Pad",
        "zero": "elision.removal.constant:Zero",
        "unk": "elision.removal.constant:Unk",
        "mask": "elision.removal.constant:Mask",
        "drop": "elision.removal.constant:Drop",
        "delete": "elision.removal.constant:Delete",
        "marginal": "elision.removal.marginal:Marginal",
    },
)


def removals() -> tuple[Description, ...]:
    """Return all removals, each with what an absent word's tokens are, what it needs and its options."""
    return tuple(map(describe_removal, REMOVALS))


def describe_removal(name: str) -> Description:
    """Return what a removal says of itself, or several with + between their names say of themselves.

    Raises:
        OptionError: there is no such removal, or one stands there twice.
    """
    parts = [_described(REMOVALS.outline(part)) for part in _parts(name)]
    if len(parts) == 1:
        return parts[0]
    options = {option.name: option for part in parts for option in part.options}
    return Description(
        name="+".join(part.name for part in parts),
        summary="several removals, their answers averaged",
        needs="; ".join(dict.fromkeys(part.needs for part in parts)),
        cost=" + ".join(part.cost for part in parts),
        source="",
        options=tuple(options.values()),
    )


@cache
def _described(kind: Any) -> Description:
    return Description(kind.name, kind.summary, kind.needs, kind.cost, source(kind.__doc__ or ""), options_of(kind))


def is_removal(name: str) -> bool:
    """Tell whether there is a removal of a name, or all those that are named with + between."""
    try:
        return bool(_parts(name))
    except OptionError:
        return False


def make_removal(removal: str | Removal, **options: Any) -> Removal:
    """Return a removal by name, or the one given; of several names with + the mixture.

    Args:
        removal: its name, or it.
        options: of the one that is named; of several, each takes those that it has.
    Raises:
        OptionError: no removal has the name, or one stands there twice.
    """
    from elision.removal.removal import Removal

    if isinstance(removal, Removal):
        return removal
    made = []
    for name in _parts(removal):
        own = {option.name for option in describe_removal(name).options} if options else ()
        made.append(REMOVALS[name](**{key: value for key, value in options.items() if key in own}))
    if len(made) == 1:
        return made[0]
    from elision.removal.mixture import Mixture

    return Mixture(made)


def _parts(removal: Any) -> list[str]:
    """Return the names that stand with + between, each of which there is, once."""
    names = [name.strip() for name in removal.split("+")] if isinstance(removal, str) else [removal]
    if len(names) > 1 and not all(names):
        raise OptionError(f"removal must have a name on either side of each +, as in drop+mask; got {removal!r}")
    for name in names:
        if not isinstance(name, str) or name not in REMOVALS:
            REMOVALS.find(name)
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise OptionError(f"removal must name each of several once, got {removal!r}; leave out one {twice}")
    return names
