"""What a method's scores mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from elision.errors import OptionError

_NAMES = {"log_odds": "weight of evidence", "similarity": "similarity"}
_NO_UNIT = {"", "probability", "similarity"}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What scores are, in words and units.

    Attributes:
        name: such as "weight of evidence" or "probability of being kept".
        unit: what they are measured in, such as "bits"; empty where it has no name.
        signed: whether a positive score supports the target and a negative one speaks against it; where not, scores
            say how much, not for or against.
        range: the least and the largest score there can be, or None.
        adds_up_to: what the sum of all scores is, in words; None where it is nothing.
    """

    name: str = ""
    unit: str = ""
    signed: bool = True
    range: tuple[float, float] | None = None
    adds_up_to: str | None = None

    @property
    def title(self) -> str:
        """The name, with the unit where the name does not say it."""
        return self.name if self.unit in _NO_UNIT else f"{self.name}, {self.unit}"

    @property
    def comparable(self) -> Meaning:
        """What scores must share to be compared: name, unit and sign."""
        return Meaning(self.name, self.unit, self.signed)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Meaning:
        """Return what a file says; keys that are not known are left aside.

        Raises:
            TypeError, ValueError: the data are no meaning of scores.
        """
        if not isinstance(data, Mapping):
            raise TypeError("the meaning must be an object")
        known = {item.name: data[item.name] for item in fields(cls) if item.name in data}
        if not all(isinstance(known.get(name, ""), str) for name in ("name", "unit")):
            raise TypeError("the meaning's name and unit must be texts")
        if known.get("range") is not None:
            low, high = known["range"]
            known["range"] = float(low), float(high)
        return cls(**known)


def change_in(behaviour: str, unit: str, *, adds_up_to: str | None = None) -> Meaning:
    """Return the meaning of scores that are changes of what is watched, in its unit.

    Args:
        behaviour: the name of what is watched.
        unit: its unit; a score's is itself, which says nothing.
        adds_up_to: what the sum of all scores is, in words.
    """
    name = _NAMES.get(behaviour, f"change in {behaviour}").replace("_", " ")
    return Meaning(name, "" if unit == behaviour == "score" else unit, adds_up_to=adds_up_to)


def meaning_of(provenance: Mapping[str, Any]) -> Meaning:
    """Return what scores mean of which only the provenance is known, as in explanations of schema 1.

    It says so under "scores"; without it scores are changes of what was watched, or random.

    Raises:
        OptionError: the provenance says it in no way that we know.
    """
    own = provenance.get("scores")
    if own is None:
        watched = provenance.get("behaviour")
        watched = watched if isinstance(watched, Mapping) else {}
        unit = str(watched.get("unit", ""))
        if provenance.get("method") == "random":
            return Meaning("random score", unit, range=(-1.0, 1.0))
        return change_in(str(watched.get("name", "")), unit)
    if not isinstance(own, Mapping):
        raise OptionError("an explanation's provenance must say what the scores are by name and unit")
    name, unit = str(own.get("name", "")), str(own.get("unit", ""))
    return Meaning(name.removesuffix(f", {unit}"), unit, bool(own.get("signed", True)))
