"""How an explanation came about, as far as the library reads it; all of it stands in the provenance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

_ROUNDING = ("probability", "score", "moves")
_READ = {
    "model": ("name", "dtype", "head"),
    "removal": ("name", "likelihood"),
    "behaviour": ("name", "unit"),
    "gradients": ("dtype",),
    "rounding": _ROUNDING,
}


@dataclass(frozen=True, slots=True)
class Rounding:
    """What computing in half precision may do.

    Attributes:
        probability: by how much the target's was off at most, in the rows that were asked again; None if not measured.
        score: likewise where the answer is a score.
        moves: by how much a unit's score may be off, in its unit; None where that is not known.
    """

    probability: float | None = None
    score: float | None = None
    moves: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What an explanation was made with, and what it cost; empty where it is not known.

    Attributes:
        method: the explainer's name.
        model: its name.
        head: how its outputs were read, such as "softmax" or "sigmoid".
        dtype: in what numbers it computes.
        gradients_dtype: likewise its gradients.
        removal: what stood where a unit was absent.
        likelihood: the name of the model that says what could stand there.
        behaviour: which number of the answer was watched.
        behaviour_unit: its unit.
        evaluations: rows through the model.
        likelihood_evaluations: rows through the likelihood model.
        seconds: how long it took.
        rounding: what half precision may do, or None.
    """

    method: str = ""
    model: str = ""
    head: str = ""
    dtype: str = ""
    gradients_dtype: str = ""
    removal: str = ""
    likelihood: str = ""
    behaviour: str = ""
    behaviour_unit: str = ""
    evaluations: int = 0
    likelihood_evaluations: int = 0
    seconds: float = 0.0
    rounding: Rounding | None = None

    @property
    def removals(self) -> frozenset[str]:
        """What stood where a unit was absent, each of several by itself."""
        return parts_of(self.removal)


def parts_of(removal: str) -> frozenset[str]:
    """Return the names of removals that were averaged, of their names with + between."""
    return frozenset(filter(None, removal.split("+")))


def read_origin(provenance: Mapping[str, Any]) -> Origin:
    """Return what a provenance says; parts that are not written as we write them are as if they were not there."""
    model, removal = _part(provenance, "model"), _part(provenance, "removal")
    behaviour, rounding = _part(provenance, "behaviour"), _part(provenance, "rounding")
    return Origin(
        method=_text(provenance, "method"),
        model=_text(model, "name"),
        head=_text(model, "head"),
        dtype=_text(model, "dtype"),
        gradients_dtype=_text(_part(provenance, "gradients"), "dtype"),
        removal=_text(removal, "name"),
        likelihood=_text(_part(removal, "likelihood"), "name"),
        behaviour=_text(behaviour, "name"),
        behaviour_unit=_text(behaviour, "unit"),
        evaluations=int(_number(provenance, "evaluations") or 0),
        likelihood_evaluations=int(_number(provenance, "likelihood_evaluations") or 0),
        seconds=_number(provenance, "seconds") or 0.0,
        rounding=Rounding(*(_number(rounding, name) for name in _ROUNDING)) if rounding else None,
    )


def short_record(provenance: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of a provenance that say the same of all examples of a run, and are read."""
    record: dict[str, Any] = {"method": _text(provenance, "method")}
    for name, keys in _READ.items():
        if part := _part(provenance, name):
            record[name] = {key: part[key] for key in keys if key in part}
    return record


def _part(of: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    own = of.get(name)
    return own if isinstance(own, Mapping) else {}


def _text(of: Mapping[str, Any], name: str) -> str:
    own = of.get(name)
    return "" if own is None else str(own)


def _number(of: Mapping[str, Any], name: str) -> float | None:
    own = of.get(name)
    return float(own) if isinstance(own, Real) else None
