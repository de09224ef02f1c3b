"""Removals by name, with what they say of themselves."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

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
    """Return what a removal says of itself.

    Raises:
        OptionError: there is no such removal.
    """
    if name not in REMOVALS:
        REMOVALS.find(name)
    return _described(REMOVALS.outline(name))


@cache
def _described(kind: Any) -> Description:
    return Description(kind.name, kind.summary, kind.needs, kind.cost, source(kind.__doc__ or ""), options_of(kind))


def make_removal(removal: str | Removal) -> Removal:
    """Return a removal by name with its default settings, or the one given; of several names with + the mixture.

    Raises:
        OptionError: no removal has the name.
    """
    from elision.removal.removal import Removal

    if isinstance(removal, Removal):
        return removal
    if "+" not in removal:
        return REMOVALS.find(removal)()
    from elision.removal.mixture import Mixture

    return Mixture([REMOVALS.find(name.strip())() for name in removal.split("+")])
