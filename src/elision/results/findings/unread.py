"""Findings of a kind that this version does not know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self, final

from elision.results.findings.finding import Finding
from elision.text import Unit


@final
@dataclass(frozen=True)
class Unread(Finding):
    """What a newer version or another package found, kept as it was read, to be written again.

    Attributes:
        name: of the kind, in files.
        data: what a file says of it.
    """

    name: str  # type: ignore[misc]
    data: Mapping[str, Any]

    def check(self, units: Sequence[Unit], labels: Sequence[str]) -> None:
        """Refuse nothing."""

    def to_dict(self, units: Sequence[Unit]) -> dict[str, Any]:
        """Return what was read."""
        return dict(self.data)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], units: Sequence[Unit]) -> Self:
        """Return the data as they are."""
        return cls(str(data["kind"]), {name: value for name, value in data.items() if name != "kind"})

    def cut(self, kept: Sequence[int], moved: Mapping[Unit, Unit]) -> None:
        """Return nothing: which units it is of is not known."""
