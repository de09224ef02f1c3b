"""Removals: what stands where a unit is absent."""

from __future__ import annotations

from elision.errors import require_one_of
from elision.removal.constant import Delete, Drop, Mask, Pad, Unk, Zero
from elision.removal.marginal import Marginal
from elision.removal.removal import Removal

__all__ = ["REMOVALS", "Delete", "Drop", "Marginal", "Mask", "Pad", "Removal", "Unk", "Zero", "make_removal"]

REMOVALS: dict[str, type[Removal]] = {r.name: r for r in (Pad, Zero, Unk, Mask, Drop, Delete, Marginal)}


def make_removal(removal: str | Removal) -> Removal:
    """Return a removal by name with its default settings, or the one given.

    Raises:
        OptionError: no removal has the name.
    """
    if isinstance(removal, Removal):
        return removal
    require_one_of("removal", removal, REMOVALS)
    return REMOVALS[removal]()
