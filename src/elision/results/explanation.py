"""What an explainer found, with all that is needed to read, check and repeat it."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

import numpy as np

from elision.arrays import Floats
from elision.errors import OptionError, TargetError, require_count, require_one_of
from elision.labels import index_of
from elision.results.findings import Candidate as Candidate
from elision.results.findings import Group as Group
from elision.results.findings import Interaction as Interaction
from elision.results.findings import Scored as Scored
from elision.results.findings import frozen, restored
from elision.text import Example, Unit

SCHEMA = 1
_LONGEST = 20


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Explanation:
    """Scores of u units for one of c classes. Two explanations are equal where their JSON is.

    Attributes:
        segments: the text, or the two texts of a pair.
        units: what was scored, in reading order.
        scores: float64 (u,), in `unit_of_scores`; positive supports the target.
        target: the class explained.
        labels: all classes.
        probabilities: float64 (c,), the model's answer to the untouched example.
        std_error: float64 (u,) or None; of scores that rest on random draws.
        lower: float64 (u,) or None; the score is at least this, whatever the truncated candidates would have said.
        upper: float64 (u,) or None; likewise.
        class_scores: float64 (c, u) or None; the scores for every class.
        absent_probabilities: float64 (u,) or None; the target's probability without each unit.
        likelihoods: float64 (u,) or None; of each unit's original word, NaN where unknown.
        candidates: for each unit what could stand in its place, the likeliest first, or None.
        groups: units that belong together, the most important group first, or None.
        interactions: of pairs of units, those across the two texts first and the strongest first, or None.
        notes: what a reader should know, such as a text that was cut.
        provenance: method, settings, model, removal, behaviour, seed, version, evaluations, seconds.
    """

    segments: tuple[str, ...]
    units: tuple[Unit, ...]
    scores: Floats
    target: str
    labels: tuple[str, ...]
    probabilities: Floats
    std_error: Floats | None = None
    lower: Floats | None = None
    upper: Floats | None = None
    class_scores: Floats | None = None
    absent_probabilities: Floats | None = None
    likelihoods: Floats | None = None
    candidates: tuple[tuple[Candidate, ...], ...] | None = None
    groups: tuple[Group, ...] | None = None
    interactions: tuple[Interaction, ...] | None = None
    notes: tuple[str, ...] = ()
    provenance: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, np.ndarray):
                object.__setattr__(self, item.name, frozen(value))
        self._check()

    def __setstate__(self, state: dict[str, Any]) -> None:
        restored(self, state)

    def __repr__(self) -> str:
        words = (f"{unit.text[:_LONGEST]} {score:+.3g}" for unit, score in self.top(3))
        facts = f"probability={self.probability:.4g}, method={self.method!r}, top={', '.join(words)!r}"
        return f"Explanation({self.target!r}, {facts})"

    def _check(self) -> None:
        """Raise OptionError where the parts do not fit each other."""
        u, c = len(self.units), len(self.labels)
        shapes = {
            **dict.fromkeys(("scores", "std_error", "lower", "upper", "absent_probabilities", "likelihoods"), (u,)),
            "probabilities": (c,),
            "class_scores": (c, u),
        }
        for name, shape in shapes.items():
            value = getattr(self, name)
            if value is None and name not in ("scores", "probabilities"):
                continue
            if np.shape(value) != shape:
                raise OptionError(f"an explanation's {name} must have shape {shape}, got {np.shape(value)}")
            if name != "likelihoods" and not np.isfinite(value).all():
                raise OptionError(f"an explanation's {name} must be finite")
        for pair in self.interactions or ():
            if not (np.isfinite([pair.shapley, pair.banzhaf]).all() and {pair.first, pair.second} <= set(self.units)):
                raise OptionError("an interaction must be of two units of the explanation, and finite")
        for unit in self.units:
            if not (0 <= unit.segment < len(self.segments) and 0 <= unit.start <= unit.end):
                raise OptionError(f"an explanation's units must lie in its segments, got {unit!r}")
        if self.target not in self.labels:
            raise OptionError(f"an explanation's target must be one of its labels, got {self.target!r}")
        if len(self.segments) not in (1, 2) or not isinstance(self.provenance, dict):
            raise OptionError("an explanation must have one or two segments and a provenance")
        if not isinstance(self.provenance.get("scores", {}), dict):
            raise OptionError("an explanation's provenance must say what the scores are by name and unit")
        if self.candidates is not None and len(self.candidates) != u:
            raise OptionError(f"an explanation's candidates must be of {u} units, got {len(self.candidates)}")
        for group in self.groups or ():
            if not (np.isfinite([group.importance, group.loss]).all() and set(group.units) <= set(self.units)):
                raise OptionError("a group must have units of the explanation, and finite importance and loss")
            if np.shape(group.membership) != (u,) or not np.isfinite(group.membership).all():
                raise OptionError(f"a group's membership must have shape ({u},), got {np.shape(group.membership)}")

    @property
    def example(self) -> Example:
        """The text, or the pair of texts."""
        return self.segments[0] if len(self.segments) == 1 else (self.segments[0], self.segments[1])

    @property
    def predicted(self) -> str:
        """The likeliest class."""
        return self.labels[int(np.argmax(self.probabilities))]

    @property
    def probability(self) -> float:
        """The target's probability for the untouched example."""
        return float(self.probabilities[self.labels.index(self.target)])

    @property
    def method(self) -> str:
        """The explainer's name."""
        return str(self.provenance.get("method", ""))

    @property
    def unit_of_scores(self) -> str:
        """What the scores are measured in, such as bits."""
        return str(self.provenance.get("scores", self.provenance.get("behaviour", {})).get("unit", ""))

    def top(self, k: int = 5) -> list[Scored]:
        """Return the k units that weigh most, for or against the target.

        Raises:
            OptionError: k is less than 1.
        """
        require_count("k", k, 1)
        order = np.argsort(-np.abs(self.scores), kind="stable")[:k]
        return [Scored(self.units[i], float(self.scores[i])) for i in order]

    def by_segment(self) -> tuple[tuple[Scored, ...], ...]:
        """Return the scored units of each text, in reading order."""
        return tuple(
            tuple(Scored(unit, float(s)) for unit, s in zip(self.units, self.scores, strict=True) if unit.segment == i)
            for i in range(len(self.segments))
        )

    def group_of(self, i: int) -> int | None:
        """Return the index of unit i's likeliest group, or None where it is in none."""
        shares = [group.membership[i] for group in self.groups or ()]
        return int(np.argmax(shares)) if max(shares, default=0.0) > 0 else None

    def scores_for(self, label: str | int) -> Floats:
        """Return the scores float64 (u,) for another class, which cost no further model call.

        Raises:
            TargetError: there is no such class, or the method scores the target only.
        """
        index = index_of(label, self.labels)
        if self.labels[index] == self.target:
            return self.scores
        if self.class_scores is None:
            again = f"explain again with target={self.labels[index]!r}"
            raise TargetError(f"{self.method} scored the target {self.target!r} only; {again}")
        return np.asarray(self.class_scores[index])

    def to_shapiq(self, index: str = "SII") -> Any:
        """Return the interactions as the shapiq library's InteractionValues, for its plots and tools.

        Args:
            index: "SII" for the Shapley interaction index, "BII" for the Banzhaf interaction.
        Returns:
            Order 2 only; players are this explanation's units by their indices.
        Raises:
            OptionError: the index is neither, there are no interactions, or shapiq is not installed.
        """
        require_one_of("index", index, ("SII", "BII"))
        if self.interactions is None:
            raise OptionError("this explanation has no interactions; explain with method='group-masks'")
        try:
            from shapiq import InteractionValues
        except ImportError as error:
            raise OptionError("to_shapiq needs the shapiq library: pip install shapiq") from error
        place = {unit: i for i, unit in enumerate(self.units)}
        pairs = {(place[pair.first], place[pair.second]): pair for pair in self.interactions}
        return InteractionValues(
            np.array([pair.shapley if index == "SII" else pair.banzhaf for pair in pairs.values()]),
            index=index,
            max_order=2,
            min_order=2,
            n_players=len(self.units),
            interaction_lookup={pair: i for i, pair in enumerate(pairs)},
            estimated=False,
        )

    def to_frame(self) -> Any:
        """Return a pandas DataFrame with a row a unit.

        Its columns are unit, segment, start, end, score, and, where there are any: std_error, lower, upper,
        absent_probability, likelihood, and group, the index of the unit's likeliest group.

        Raises:
            OptionError: pandas is not installed.
        """
        from elision.views.columns import frame

        return frame(self)

    def to_csv(self, path: str | os.PathLike[str] | None = None) -> str:
        """Return the columns of `to_frame` as CSV, without pandas; missing values are empty.

        Args:
            path: a file to be written too.
        Raises:
            OptionError: the file cannot be written.
        """
        from elision.views.columns import to_csv

        return to_csv(self, path)

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, numbers and strings; NaN becomes None."""
        return {"schema": SCHEMA, **{item.name: _plain(getattr(self, item.name)) for item in fields(self)}}

    def to_json(self, *, indent: int | None = 2) -> str:
        """Return the explanation as JSON, which `from_json` reads."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=indent, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Explanation:
        """Return the explanation that `to_json` wrote.

        Raises:
            OptionError: the text is no explanation.
        """
        try:
            data = json.loads(text)
        except (ValueError, TypeError, RecursionError) as error:
            raise OptionError(f"the text is no explanation in JSON: {type(error).__name__}: {error}") from error
        return cls.from_dict(data)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Explanation:
        """Return the explanation that `to_dict` told; keys that no explanation has are left aside.

        Raises:
            OptionError: the data are no explanation.
        """
        try:
            if data["schema"] != SCHEMA:
                raise OptionError(
                    f"this explanation has schema {data['schema']}, and this elision reads schema {SCHEMA}"
                )
            return cls(**_revive(data))
        except OptionError:
            raise
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise OptionError(f"the text is no explanation in JSON: {type(error).__name__}: {error}") from error

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Explanation) and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash((self.segments, self.target, tuple(self.scores.tolist())))

    def __str__(self) -> str:
        from elision.views.terminal import render

        return render(self)

    def to_html(self, *, palette: str = "red-blue") -> str:
        """Return one self-contained HTML file: words coloured by score, what could stand in their place, groups.

        It asks for nothing from outside, works without JavaScript, on paper and from the keyboard.

        Args:
            palette: colours for and against, "red-blue" or "orange-teal"; the reader can switch them.
        Raises:
            OptionError: there is no such palette.
        """
        from elision.views.html import document

        return document(self, palette)

    def _repr_html_(self) -> str:
        from elision.views.html import fragment

        return fragment(self)


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, float):
        return None if np.isnan(value) else value
    if isinstance(value, np.generic):
        return _plain(value.item())
    if is_dataclass(value):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _revive(data: dict[str, Any]) -> dict[str, Any]:
    """Return the constructor's arguments from what `to_dict` gave."""
    found: dict[str, Any] = {item.name: data[item.name] for item in fields(Explanation)}
    for name in ("segments", "labels", "notes", "candidates", "groups", "interactions"):
        optional = name in ("candidates", "groups", "interactions")
        if not (isinstance(found[name], list) or (optional and found[name] is None)):
            raise TypeError(f"{name} must be a list")
    for name in ("segments", "labels", "notes"):
        found[name] = tuple(found[name])
    found["units"] = tuple(Unit(**unit) for unit in found["units"])
    for item in fields(Explanation):
        if str(item.type).startswith("Floats") and found[item.name] is not None:
            found[item.name] = np.array(found[item.name], dtype=np.float64)
    if found["candidates"] is not None:
        found["candidates"] = tuple(tuple(Candidate(**c) for c in own) for own in found["candidates"])
    if found["groups"] is not None:
        found["groups"] = tuple(_revive_group(group) for group in found["groups"])
    if found["interactions"] is not None:
        found["interactions"] = tuple(
            Interaction(Unit(**pair["first"]), Unit(**pair["second"]), pair["shapley"], pair["banzhaf"])
            for pair in found["interactions"]
        )
    return found


def _revive_group(group: dict[str, Any]) -> Group:
    units = tuple(Unit(**unit) for unit in group["units"])
    return Group(units, group["importance"], group["loss"], group["membership"])
