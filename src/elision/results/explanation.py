"""What an explainer found, with all that is needed to read, check and repeat it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Unpack

import numpy as np

from elision.arrays import Floats
from elision.errors import OptionError, TargetError, require_count
from elision.labels import index_of
from elision.results.findings import Candidate as Candidate
from elision.results.findings import Finding, Interactions, frozen, restored
from elision.results.findings import Group as Group
from elision.results.findings import Interaction as Interaction
from elision.results.findings import Scored as Scored
from elision.results.meaning import Meaning, meaning_of
from elision.results.origin import Origin, read_origin
from elision.results.parts import HasFindings, Parts, with_parts
from elision.results.schema import SCHEMA as SCHEMA
from elision.results.schema import not_read, read, told
from elision.text import Example, Unit

PROBABILITIES = ("classes", "labels")
"""Kinds of answers whose numbers are probabilities."""
_LONGEST = 20
"""Characters of a word that a line of code shows."""


@dataclass(frozen=True, eq=False, repr=False, init=False)
class Explanation(HasFindings):
    """What was found of u units, for one of c labels. Two explanations are equal where their JSON is.

    What was found is a list of findings, each of its own kind. Those that most explainers have are attributes too:
    scores, std_error, lower, upper, class_scores, absent_values, likelihoods, candidates, groups, interactions,
    rationales. Given by these names they stand in place of what `findings` has; so do probabilities in place of
    `answers`.

    Attributes:
        segments: the text, or the two texts of a pair.
        units: what was scored, in reading order.
        target: the label explained: a class, or one of a model's scores.
        labels: all labels.
        answers: float64 (c,), what the model said of the untouched example: probabilities, or scores.
        answer: the kind of answers: "classes" (one of them holds), "labels" (each holds or not) or "scores".
        meaning: what the scores are: their name, unit and sign.
        findings: what was found, one of a kind.
        notes: what a reader should know, such as a text that was cut.
        provenance: method, settings, model, removal, behaviour, seed, version, evaluations, seconds.
    """

    segments: tuple[str, ...]
    units: tuple[Unit, ...]
    target: str
    labels: tuple[str, ...]
    answers: Floats
    answer: str
    meaning: Meaning
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    provenance: dict[str, Any]

    def __init__(
        self,
        *,
        segments: tuple[str, ...],
        units: tuple[Unit, ...],
        target: str,
        labels: tuple[str, ...],
        answers: Floats | None = None,
        answer: str = "classes",
        meaning: Meaning | None = None,
        findings: Iterable[Finding] = (),
        notes: tuple[str, ...] = (),
        provenance: dict[str, Any] | None = None,
        probabilities: Floats | None = None,
        **parts: Unpack[Parts],
    ) -> None:
        if probabilities is not None and answer not in PROBABILITIES:
            raise OptionError(f"an explanation of {answer} must have answers, not probabilities")
        provenance = {} if provenance is None else provenance
        if not isinstance(provenance, dict):
            raise OptionError("an explanation must have a provenance, a dict")
        own = {
            "segments": segments,
            "units": units,
            "target": target,
            "labels": labels,
            "answers": frozen(answers if probabilities is None else probabilities),
            "answer": answer,
            "meaning": meaning_of(provenance) if meaning is None else meaning,
            "findings": with_parts(findings, parts),
            "notes": notes,
            "provenance": provenance,
        }
        for name, value in own.items():
            object.__setattr__(self, name, value)
        self._check()

    def __setstate__(self, state: dict[str, Any]) -> None:
        if "findings" in state:
            restored(self, state)
        else:
            self.__init__(**state)  # type: ignore[misc]

    def __repr__(self) -> str:
        words = (f"{unit.text[:_LONGEST]} {score:+.3g}" for unit, score in self.top(3))
        number = "probability" if self.is_probability else "value"
        facts = f"{number}={self.value:.4g}, method={self.method!r}, top={', '.join(words)!r}"
        return f"Explanation({self.target!r}, {facts})"

    def _check(self) -> None:
        """Raise OptionError where the parts do not fit each other."""
        name = "probabilities" if self.is_probability else "answers"
        if self.answers.shape != (len(self.labels),):
            raise OptionError(
                f"an explanation's {name} must have shape {(len(self.labels),)}, got {self.answers.shape}"
            )
        if not np.isfinite(self.answers).all():
            raise OptionError(f"an explanation's {name} must be finite")
        for unit in self.units:
            if not (0 <= unit.segment < len(self.segments) and 0 <= unit.start <= unit.end):
                raise OptionError(f"an explanation's units must lie in its segments, got {unit!r}")
        if self.target not in self.labels:
            raise OptionError(f"an explanation's target must be one of its labels, got {self.target!r}")
        if len(self.segments) not in (1, 2):
            raise OptionError(f"an explanation must have one or two segments, got {len(self.segments)}")
        for finding in self.findings:
            finding.check(self.units, self.labels)

    def replace(self, **changes: Any) -> Explanation:
        """Return a copy in which arguments of the constructor are others."""
        return replace(self, **changes)

    @property
    def example(self) -> Example:
        """The text, or the pair of texts."""
        return self.segments[0] if len(self.segments) == 1 else (self.segments[0], self.segments[1])

    @property
    def is_probability(self) -> bool:
        """Whether the answers are probabilities."""
        return self.answer in PROBABILITIES

    @property
    def probabilities(self) -> Floats:
        """float64 (c,), the answers where they are probabilities.

        Raises:
            OptionError: they are not.
        """
        self._require_probabilities("answers")
        return self.answers

    @property
    def absent_probabilities(self) -> Floats | None:
        """The same, where answers are probabilities.

        Raises:
            OptionError: the model's answers are scores.
        """
        self._require_probabilities("absent_values")
        return self.absent_values

    def _require_probabilities(self, instead: str) -> None:
        if not self.is_probability:
            raise OptionError(f"the model's answers are {self.answer}, not probabilities; read {instead}")

    @property
    def predicted(self) -> str:
        """The likeliest label; where answers are scores, the one explained."""
        return self.labels[int(np.argmax(self.answers))] if self.is_probability else self.target

    @property
    def value(self) -> float:
        """The target's probability, or score, for the untouched example."""
        return float(self.answers[self.labels.index(self.target)])

    @property
    def probability(self) -> float:
        """The target's probability for the untouched example.

        Raises:
            OptionError: the model's answers are scores.
        """
        self._require_probabilities("value")
        return self.value

    @property
    def origin(self) -> Origin:
        """What the provenance says of model, method, removal and cost, as far as the library reads it."""
        return read_origin(self.provenance)

    @property
    def method(self) -> str:
        """The explainer's name."""
        return self.origin.method

    @property
    def unit_of_scores(self) -> str:
        """What the scores are measured in, such as bits."""
        return self.meaning.unit

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
        found = self.finding(Interactions)
        if found is None:
            raise OptionError("this explanation has no interactions; explain with method='group-masks'")
        return found.to_shapiq(self.units, index)

    def to_frame(self) -> Any:
        """Return a pandas DataFrame with a row a unit.

        Its columns are unit, segment, start, end, score, and, where there are any: std_error, lower, upper,
        absent_probability (absent_value where answers are scores), likelihood, group, the index of the unit's
        likeliest group, and sufficient and necessary: whether the unit is in the set that keeps the answer alone, or
        takes it, under all removals that were asked about, or most.

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
        """Return plain lists, numbers and strings, as `elision.results.schema` lists them; NaN becomes None."""
        return told(self)

    def to_json(self, *, indent: int | None = 2) -> str:
        """Return the explanation as JSON, which `from_json` reads."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=indent, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Explanation:
        """Return the explanation that `to_json` wrote, this version's or an earlier one's.

        Raises:
            OptionError: the text is no explanation.
        """
        try:
            data = json.loads(text)
        except (ValueError, TypeError, RecursionError) as error:
            raise not_read(error) from error
        return cls.from_dict(data)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Explanation:
        """Return the explanation that `to_dict` told; keys that no explanation has are left aside.

        Raises:
            OptionError: the data are no explanation.
        """
        found = read(data)
        try:
            return cls(**found)
        except OptionError:
            raise
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise not_read(error) from error

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
