"""What all kinds of findings share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np

from elision.arrays import Floats
from elision.text import Unit


class Finding(ABC):
    """A part of what an explainer found, of one kind; abstract.

    Attributes:
        name: of the kind, in files.
    """

    name: ClassVar[str]

    @abstractmethod
    def check(self, units: Sequence[Unit], labels: Sequence[str]) -> None:
        """Refuse what does not fit an explanation's units and labels.

        Raises:
            OptionError: it does not; the message names the part.
        """

    @abstractmethod
    def to_dict(self, units: Sequence[Unit]) -> dict[str, Any]:
        """Return what files say of it, without its kind: numbers, texts, lists, arrays; units by their indices."""

    @classmethod
    @abstractmethod
    def from_dict(cls, data: Mapping[str, Any], units: Sequence[Unit]) -> Self:
        """Return the finding that `to_dict` told; keys that are not known are left aside.

        Raises:
            KeyError, TypeError, ValueError, IndexError: the data are no such finding.
        """

    @abstractmethod
    def cut(self, kept: Sequence[int], moved: Mapping[Unit, Unit]) -> Finding | None:
        """Return what is found of some units only, or None where that says nothing.

        Args:
            kept: indices of the units, ascending.
            moved: where each of them stands in a text that was cut.
        """

    def __setstate__(self, state: dict[str, Any]) -> None:
        restored(self, state)


def restored(to: Any, state: dict[str, Any]) -> None:
    """Set the attributes of an unpickled object, whose arrays have forgotten that they cannot be changed."""
    for name, value in state.items():
        object.__setattr__(to, name, frozen(value) if isinstance(value, np.ndarray) else value)


def frozen(value: Any) -> Floats:
    """Return a copy that cannot be changed."""
    frozen = np.array(value, dtype=np.float64)
    frozen.flags.writeable = False
    return frozen
