"""Input marginalization: the weight of evidence of each word against what language would put in its place."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np

from elision.arrays import Floats
from elision.errors import OptionError, UnitError, require_count, require_positive
from elision.explainers.explainer import Attribution
from elision.explainers.game_explainer import GameExplainer, differences
from elision.explainers.marginalization.adaptive_estimate import AdaptiveEstimate, Tolerance, estimate
from elision.explainers.marginalization.joint import JointScore
from elision.explainers.marginalization.sums import answers_of, chunks, within_budget
from elision.explainers.marginalization.warm_start import WarmStart
from elision.game.behaviour import Behaviour
from elision.game.driver import Conversation, converse
from elision.game.value import ValueFunction, Values
from elision.likelihood.filling import Fillings
from elision.likelihood.likelihood import Likelihood
from elision.models.encoding import Encoding
from elision.models.loading import load
from elision.models.model import Model, ModelLike
from elision.removal.marginal import BoundMarginal, Marginal
from elision.results.explanation import Candidate
from elision.text import Example, Unit, UnitKind

_TOLERANCES, _TOLERANCE = {"bits": 0.1, "nats": 0.07}, 0.01
"""By the behaviour's unit: 0.07 nats are 0.1 bits, and a change of 7 % in the odds. Choices, not tuned values."""

_SHARE = 0.035
"""The tolerance of scores, which have no unit of their own, as a share of how far apart the first look's are: what
0.1 bits are of the two nats (`links.SPREAD`) that log-odds are apart there."""

_CANDIDATES = 6000
"""Fillings that are drawn for each unit, of which the estimate asks about some. A choice: to predict so many takes less
than to ask about some, and what they bring to the error is a small part of a tolerance."""

_LEARNING = 3.0
"""How many times the tolerance suffices to learn from other texts; docs/performance.md has what 1 and 3 times give."""

_WIDE = 0.1
"""From so much likelihood outside the candidates on, a note names the unit. A choice."""

_SETS_AT_ONCE = 16
"""Units whose likelihoods are found at once: the progress bar moves after so many."""

_ROWS_OF_ESTIMATE, _ROWS_OF_SUM = 200, 2000
"""Rows a unit to be expected, as docs/performance.md has them for 0.1 bits and a sigma of 1e-5, rounded down."""


@dataclass(frozen=True, eq=False)
class _Absent:
    """What was found of sets of units that are left out.

    Attributes:
        fillings: of each set, those that were asked about.
        values: mean answers without each set.
        candidates: of each set.
        tolerance: the largest standard error that was wanted of an estimate, in the behaviour's unit; None for sums.
    """

    fillings: list[Fillings]
    values: Values
    candidates: tuple[tuple[Candidate, ...], ...]
    tolerance: float | None = None


@final
class InputMarginalization(GameExplainer):
    """Score each unit by the log-odds with it, less the log-odds marginalized over its candidates.

    WoE_i = log2 odds(p(y | x)) - log2 odds(p(y | x without i)), with
    p(y | x without i) = sum over candidates v of p(y | x with v for i) p(v | x without i).

    Args:
        likelihood: a Likelihood, a masked language model's folder or hub name, "uniform", or None for the built-in
            masked language model.
        tolerance: the sum over the whole vocabulary is estimated: model rows go where they narrow intervals, until
            every score's standard error is at most this, in the behaviour's unit. None for 0.1 bits, 0.07 nats or
            0.01, of a model's scores for 3.5 % of how far apart, as a standard deviation, its first answers are; unless
            threshold or top_n is given.
        threshold: the paper's truncated sum in place of the estimate: sigma; candidates with a likelihood of at most
            this are left out, and the others renormalised (Eq. 4). The paper takes 1e-5; 0 takes the whole vocabulary.
        top_n: the same with the n likeliest candidates, alone or with a threshold.
        original: "keep" the original word among the candidates (the paper), or "exclude" it and renormalise.
        beam: partial fillings that are continued, for words of several tokens.
        order: the order in which the tokens of a word are filled (Eq. 3).
        behaviour: which number is watched.
        n_candidates: how many candidates each unit keeps in the Explanation; None keeps all.
        seed: of the candidates drawn for an estimate.
        budget: the most model evaluations, or None; standard errors, or of a sum the bounds, say what it cost.
    Raises:
        OptionError: an option is out of range.
        ModelError: the likelihood model cannot be loaded or used.
    Source: Kim et al. 2020, Eq. 1-4, Algorithm 1. Deviations: by default the sum is estimated, with its error; special
        tokens are no candidates; words of several tokens are filled along the chain rule, from at most `beam` partial
        fillings.
    Cost: some 100 to 200 rows a unit for the default tolerance, and once back through the model where it has
        gradients; one row for each candidate of a sum. One row through the likelihood model for each unit, and at
        most `beam` + 1 for each further token of a unit.
    """

    name: ClassVar[str] = "marginalization"
    summary: ClassVar[str] = "log-odds less those expected over what could stand there"
    cost: ClassVar[str] = f"some {_ROWS_OF_ESTIMATE} u rows"
    own_removal: ClassVar[str | None] = Marginal.name

    def __init__(
        self,
        likelihood: Likelihood | str | os.PathLike[str] | None = None,
        *,
        tolerance: float | None = None,
        threshold: float | None = None,
        top_n: int | None = None,
        original: str = "keep",
        beam: int = 256,
        order: str | Sequence[int] = "left-to-right",
        behaviour: str | Behaviour | None = None,
        n_candidates: int | None = 20,
        seed: int = 0,
        budget: int | None = None,
    ) -> None:
        if n_candidates is not None:
            require_count("n_candidates", n_candidates, 0)
        self.n_candidates = n_candidates
        if tolerance is not None:
            require_positive("tolerance", tolerance)
            if threshold is not None or top_n is not None:
                other = "top_n" if threshold is None else "threshold"
                raise OptionError(f"tolerance goes without {other}: it takes all candidates into account")
        removal = Marginal(
            likelihood, threshold=threshold or 0.0, top_n=top_n, fill="exact", original=original, beam=beam, order=order
        )
        super().__init__(removal=removal, behaviour=behaviour, seed=seed, budget=budget)
        self.tolerance = tolerance
        self.estimates = threshold is None and top_n is None
        self._learnt: tuple[Model, WarmStart] | None = None

    def joint(
        self,
        model: ModelLike,
        example: Example,
        sets: Sequence[Sequence[int | str]],
        *,
        target: str | int | None = None,
        units: UnitKind = "word",
    ) -> tuple[JointScore, ...]:
        """Score sets of units, each left out together (Eq. 3).

        Args:
            model: a Model, or whatever `elision.load` takes.
            example: a text or a pair of texts.
            sets: sets of units, each by index or by its text where that is unique.
            target: the class explained; None for the predicted one.
            units: "word", "token", or a function from a text to spans.
        Returns:
            One JointScore for each set.
        Raises:
            UnitError: a set is empty or names no unit of the example.
        """
        v = self.value_function(load(model), example, target=target, units=units)
        chosen = [_find(v.units, names) for names in sets]
        if not chosen:
            raise UnitError("sets must be at least one set of units, got none")
        absent = converse(v, self._absent(v, chosen))
        found = differences(v, absent.values)
        lower, upper = found.get("lower", found["scores"]), found.get("upper", found["scores"])
        errors = found.get("std_error", np.zeros(len(chosen)))
        return tuple(
            JointScore(
                tuple(v.units[unit] for unit in own),
                float(found["scores"][i]),
                float(errors[i]),
                float(lower[i]),
                float(upper[i]),
                absent.fillings[i].original,
                float(found["absent_probabilities"][i]),
                absent.candidates[i],
            )
            for i, own in enumerate(chosen)
        )

    def _settings(self) -> dict[str, Any]:
        learnt = 0 if self._learnt is None else self._learnt[1].n_texts
        return {"n_candidates": self.n_candidates, "tolerance": self.tolerance, "warmed_on": learnt}

    def warm(self, model: ModelLike, texts: Iterable[Example], *, units: UnitKind = "word") -> InputMarginalization:
        """Learn on other texts how the model takes to each candidate, so that estimates need fewer rows.

        What was learnt is used for this very model, by all explanations that follow; it adds to what was learnt before,
        and with the seed it fixes their draws. It changes where rows go and how much they tell, not what is estimated.

        Args:
            model: a Model, or whatever `elision.load` takes; keep it for the explanations.
            texts: texts or pairs, such as some hundred of the data set's.
            units: as for an explanation.
        Returns:
            This explainer.
        Raises:
            OptionError: the sum is not estimated, since threshold or top_n was given.
        Cost: as of explanations to three times the tolerance, and falling.
        """
        if not self.estimates:
            raise OptionError("only estimates can be warmed: leave out threshold and top_n")
        model = load(model)
        for text in texts:
            v = self.value_function(model, text, units=units)
            sets = [(unit,) for unit in range(len(v.units))]
            found = converse(v, self._estimate(v, sets, self._tolerance(v).times(_LEARNING)))
            n_features = found.lessons[0][0].shape[1]
            before = self._known(model) or WarmStart.cold(n_features, found.unit)
            if len(before.precision) == n_features:
                self._learnt = model.origin, before.learn(found.lessons)
        return self

    def _known(self, model: Model) -> WarmStart | None:
        """Return what was learnt of a model."""
        return None if self._learnt is None or self._learnt[0] is not model.origin else self._learnt[1]

    def expected_rows(self, n_units: int) -> int:
        """Return about how many rows go through the model: some hundred a unit, or thousands for a sum."""
        return n_units * (_ROWS_OF_ESTIMATE if self.estimates else _ROWS_OF_SUM)

    def expected_tokens(self, encoding: Encoding) -> int:
        """Return about how many tokens go through the model for an example; its removal's rows are counted already."""
        rows = self.expected_rows(len(encoding.units))
        return min(rows, rows if self.budget is None else self.budget) * encoding.untouched.length

    def ask(self, v: ValueFunction) -> Conversation[Attribution]:
        """Ask about candidates in each unit's place, and return the scores."""
        return self._report(v, (yield from self._absent(v, [(unit,) for unit in range(len(v.units))])))

    def _report(self, v: ValueFunction, found: _Absent) -> Attribution:
        wide = [v.units[f.absent[0]].text for f in found.fillings if f.left_out > _WIDE]
        notes = []
        if wide and not self.estimates:
            notes.append(
                f"more than {_WIDE:.0%} of the likelihood lies outside the candidates of {_listed(wide)}; "
                "mind the bounds, lower threshold, or raise budget, beam or top_n"
            )
        return Attribution(
            **differences(v, found.values),
            likelihoods=np.array([f.original for f in found.fillings]),
            candidates=found.candidates if self.n_candidates != 0 else None,
            notes=tuple(notes),
            record={"settings": self._settings() | {"tolerance": found.tolerance}},
        )

    def _absent(self, v: ValueFunction, sets: Sequence[tuple[int, ...]]) -> Conversation[_Absent]:
        """Ask for each set's fillings, the mean answers without it, and its candidates."""
        if not self.estimates:
            return (yield from self._marginalize(v, sets))
        with v.engine.progress.expect(self.name):
            found = yield from self._estimate(v, sets, self._tolerance(v))
        return self._estimated(v, found)

    def _tolerance(self, v: ValueFunction) -> Tolerance:
        if self.tolerance is None and not v.kind.bounded:
            return Tolerance(_SHARE, relative=True)
        return Tolerance(self.tolerance or _TOLERANCES.get(v.behaviour.unit, _TOLERANCE))

    def _estimate(
        self, v: ValueFunction, sets: Sequence[tuple[int, ...]], tolerance: Tolerance
    ) -> Conversation[AdaptiveEstimate]:
        """Ask round after round, until the standard errors are within the tolerance."""
        bound = v.bound
        assert isinstance(bound, BoundMarginal)
        fillings = self._fillings(v, sets, lambda chunk: bound.sampled(chunk, _CANDIDATES))
        budget = v.engine.remaining if self.budget is None else self.budget - v.evaluations
        return (yield from estimate(v, bound, fillings, tolerance, budget=budget, warm=self._known(v.model)))

    def _estimated(self, v: ValueFunction, found: AdaptiveEstimate) -> _Absent:
        """Return the fillings evaluated, the estimated mean answers without each unit, and its candidates."""
        bound = v.bound
        assert isinstance(bound, BoundMarginal)
        candidates = tuple(
            self._candidates(bound, filling, v.kind.numbers(answers)[:, v.target])
            for filling, answers in zip(found.evaluated, found.answers, strict=True)
        )
        return _Absent(list(found.evaluated), found.values, candidates, found.tolerance)

    def _fillings(
        self,
        v: ValueFunction,
        sets: Sequence[tuple[int, ...]],
        find: Callable[[Sequence[tuple[int, ...]]], list[Fillings]],
    ) -> list[Fillings]:
        fillings: list[Fillings] = []
        with v.engine.progress.expect("likelihoods", len(sets), "units"):
            for start in range(0, len(sets), _SETS_AT_ONCE):
                fillings += find(sets[start : start + _SETS_AT_ONCE])
                v.engine.progress.advance(len(fillings) - start)
        return fillings

    def _marginalize(self, v: ValueFunction, sets: Sequence[tuple[int, ...]]) -> Conversation[_Absent]:
        """Ask for the sums over candidates."""
        bound = v.bound
        assert isinstance(bound, BoundMarginal)
        fillings = within_budget(v, self._fillings(v, sets, bound.fillings))
        means: list[Floats] = []
        candidates: list[tuple[Candidate, ...]] = []
        with v.engine.progress.expect(self.name, sum(len(f.fills) for f in fillings)):
            for chunk in chunks(fillings, len(bound.slots.original)):
                for filling, answers in zip(chunk, (yield from answers_of(v, bound, chunk)), strict=True):
                    one = np.zeros(len(answers), dtype=np.int64)
                    means.append(v.kind.mean(answers, one, filling.weights, v.answer, 1)[0])
                    candidates.append(self._candidates(bound, filling, v.kind.numbers(answers)[:, v.target]))
        left_out = np.array([f.left_out for f in fillings])
        none = np.zeros((len(means), len(v.prediction)))
        return _Absent(fillings, Values.of_means(v.kind, np.array(means), none, left_out), tuple(candidates))

    def _candidates(self, bound: BoundMarginal, filling: Fillings, numbers: Floats) -> tuple[Candidate, ...]:
        return tuple(
            Candidate(" ".join(bound.words(filling, i)), float(filling.likelihood[i]), float(numbers[i]))
            for i in range(len(filling.fills))[: self.n_candidates]
        )


def _find(units: Sequence[Unit], names: Sequence[int | str]) -> tuple[int, ...]:
    """Return the indices of units given by index or by text."""
    if isinstance(names, str) or not len(names):
        raise UnitError(f"a set must be a sequence of at least one unit, got {names!r}")
    found = []
    for name in names:
        matches = [name] if isinstance(name, int) else [i for i, unit in enumerate(units) if unit.text == name]
        if len(matches) != 1 or not 0 <= matches[0] < len(units):
            ways = f"it occurs {len(matches)} times; give its index" if len(matches) > 1 else f"there are {len(units)}"
            raise UnitError(f"the example has no one unit {name!r}: {ways}")
        found.append(matches[0])
    if len(set(found)) < len(found):
        raise OptionError(f"a set must name each unit once, got {list(names)!r}")
    return tuple(sorted(found))


def _listed(words: Sequence[str]) -> str:
    shown = ", ".join(repr(word) for word in words[:3])
    return shown if len(words) <= 3 else f"{shown} and {len(words) - 3} more"
