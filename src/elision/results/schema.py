"""How files tell explanations: schema 2 is written, schemas 1 and 2 are read.

Schema 2 is an object with the keys

    schema      2
    segments    the texts
    units       what was scored: text, start, end, segment
    target      the label explained
    labels      all labels
    answer      kind, and values: what the model said of each label
    meaning     what the scores are: name, unit, signed, range, adds_up_to
    findings    a list of what was found, each with its kind; units stand in it by their indices
    notes       what a reader should know
    provenance  how it came about

NaN is null. Keys and kinds of findings that are not known are left aside; what is of an unknown kind is written again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from elision.errors import OptionError
from elision.results.findings import KINDS, Candidate, Finding, Group, Interaction, Unread
from elision.results.meaning import Meaning
from elision.text import Unit

if TYPE_CHECKING:
    from elision.results.explanation import Explanation

SCHEMA = 2
_ARRAYS = (
    *("scores", "probabilities", "std_error", "lower", "upper"),
    *("class_scores", "absent_probabilities", "likelihoods"),
)


def told(explanation: Explanation) -> dict[str, Any]:
    """Return an explanation in plain lists, numbers and strings, in the newest schema."""
    found = {
        "schema": SCHEMA,
        "segments": explanation.segments,
        "units": explanation.units,
        "target": explanation.target,
        "labels": explanation.labels,
        "answer": {"kind": explanation.answer, "values": explanation.answers},
        "meaning": explanation.meaning,
        "findings": [{"kind": own.name, **own.to_dict(explanation.units)} for own in explanation.findings],
        "notes": explanation.notes,
        "provenance": explanation.provenance,
    }
    return {name: _plain(value) for name, value in found.items()}


def read(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of the explanation that a file tells of.

    Raises:
        OptionError: the data are no explanation, or of a schema that this version does not know.
    """
    try:
        schema = data["schema"]
        if isinstance(schema, bool) or schema not in tuple(_READERS):
            newer = "; install a newer elision" if isinstance(schema, int) and schema > SCHEMA else ""
            raise OptionError(f"this explanation has schema {schema}, and this elision reads schemas 1 and 2{newer}")
        return _READERS[schema](data)
    except OptionError:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise not_read(error) from error


def not_read(error: Exception) -> OptionError:
    """Return the error for a text that is no explanation."""
    return OptionError(f"the text is no explanation in JSON: {type(error).__name__}: {error}")


def _schema_2(data: Mapping[str, Any]) -> dict[str, Any]:
    units = tuple(map(_unit, data["units"]))
    return {
        **_texts(data),
        "units": units,
        "target": data["target"],
        "answer": data["answer"]["kind"],
        "answers": np.array(data["answer"]["values"], dtype=np.float64),
        "meaning": Meaning.from_dict(data["meaning"]),
        "findings": tuple(_finding(own, units) for own in _listed(data, "findings")),
        "provenance": _record(data),
    }


def _schema_1(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments: there each finding is an argument of its own, and what scores mean is in the provenance."""
    found: dict[str, Any] = {
        **_texts(data),
        "units": tuple(map(_unit, data["units"])),
        "target": data["target"],
        "provenance": _record(data),
    }
    for name in _ARRAYS:
        found[name] = None if data[name] is None else np.array(data[name], dtype=np.float64)
    readers: dict[str, Callable[[Any], Any]] = {
        "candidates": lambda own: tuple(Candidate(**one) for one in own),
        "groups": _group_1,
        "interactions": lambda own: Interaction(
            _unit(own["first"]), _unit(own["second"]), own["shapley"], own["banzhaf"]
        ),
    }
    for name, reader in readers.items():
        found[name] = None if data[name] is None else tuple(map(reader, _listed(data, name)))
    return found


_READERS: dict[int, Callable[[Mapping[str, Any]], dict[str, Any]]] = {1: _schema_1, 2: _schema_2}


def _group_1(own: Mapping[str, Any]) -> Group:
    return Group(tuple(map(_unit, own["units"])), own["importance"], own["loss"], own["membership"])


def _finding(own: Mapping[str, Any], units: Sequence[Unit]) -> Finding:
    kind = own["kind"]
    return (KINDS[kind] if kind in KINDS else Unread).from_dict(own, units)


def _unit(own: Mapping[str, Any]) -> Unit:
    return Unit(own["text"], own["start"], own["end"], own["segment"])


def _texts(data: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(_listed(data, name)) for name in ("segments", "labels", "notes")}


def _listed(data: Mapping[str, Any], name: str) -> Iterable[Any]:
    if not isinstance(data[name], list):
        raise TypeError(f"{name} must be a list")
    own: list[Any] = data[name]
    return own


def _record(data: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(data["provenance"], dict):
        raise TypeError("provenance must be an object")
    return data["provenance"]


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, float):
        return None if np.isnan(value) else value
    if isinstance(value, np.generic):
        return _plain(value.item())
    if is_dataclass(value):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
