"""Removals: what stands where a unit is absent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elision._lazy import attributes
from elision.removal.registry import REMOVALS, make_removal, removals

if TYPE_CHECKING:
    from elision.removal.constant import Delete, Drop, Mask, Pad, Unk, Zero
    from elision.removal.marginal import Marginal
    from elision.removal.mixture import Mixture
    from elision.removal.removal import Removal
else:
    __getattr__ = attributes(
        __name__,
        {"Mixture": "elision.removal.mixture:Mixture", "Removal": "elision.removal.removal:Removal"},
        REMOVALS.own,
    )

__all__ = [
    "REMOVALS",
    "Delete",
    "Drop",
    "Marginal",
    "Mask",
    "Mixture",
    "Pad",
    "Removal",
    "Unk",
    "Zero",
    "make_removal",
    "removals",
]


def __dir__() -> list[str]:
    return list(__all__)
