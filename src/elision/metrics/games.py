"""What metrics ask of a model: explained examples as value functions, several examples' rows in one batch."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from elision._lazy import renamed
from elision.arrays import Bools, Floats, Ints
from elision.errors import OptionError, UnitError
from elision.game.engine import Engine
from elision.game.value import ValueFunction, answer_together
from elision.models.loading import load
from elision.models.model import Model, ModelLike
from elision.removal import make_removal
from elision.removal.removal import Removal
from elision.results.explanation import Explanation
from elision.text import Span, Unit

DEFAULT_REMOVAL = "delete"
_SUBSETS_AT_ONCE = 2048
"""Subsets of several examples that share batches: a bound on memory."""


class MeteredModel:
    """A model, an engine and a removal with which explanations are measured.

    Args:
        model: whatever `elision.load` takes.
        explanations: of this model's answers.
        removal: what the metric puts in absent units' places, or its name.
        engine: one to share what the model already answered.
        seed: of the removal's draws, and of the order of units that score alike.
    Raises:
        OptionError: there is no explanation, or one is not of this model's classes.
    """

    def __init__(
        self,
        model: ModelLike,
        explanations: Sequence[Explanation],
        removal: str | Removal,
        engine: Engine | None,
        seed: int,
    ) -> None:
        self.model: Model = load(model)
        self.removal = make_removal(removal)
        self.model = Engine.model_of(engine, self.model)
        self.engine = engine or Engine(self.model)
        self.seed = seed
        self.explanations = require_explanations(explanations)
        for explanation in self.explanations:
            if explanation.labels != self.model.labels:
                raise OptionError(
                    f"an explanation has the classes {', '.join(explanation.labels)}, and the model "
                    f"{', '.join(self.model.labels)}: measure it with the model that it explains"
                )

    def answers(self, subsets: Callable[[Explanation], Bools]) -> list[Floats]:
        """Return each example's probabilities of all classes, or scores, float64 (s, c), for subsets bool (s, u)."""
        found: list[Floats] = []
        for games, knowns in self._batches(subsets):
            found += [values.mean for values in answer_together(games, knowns)]
        return found

    @property
    def number(self) -> str:
        """What the model's plain numbers are, for axes."""
        return "probability" if self.model.answer.bounded else "score"

    def targets(self) -> Ints:
        """Return the index of each explanation's class, int64 (n,)."""
        return np.array([self.model.labels.index(e.target) for e in self.explanations], dtype=np.int64)

    def game(self, explanation: Explanation) -> ValueFunction:
        """Return the value function of an explained example.

        Raises:
            UnitError: the model cuts the example in other units.
        """
        v = ValueFunction(
            self.model,
            explanation.example,
            removal=self.removal,
            target=explanation.target,
            units=spans_of(explanation.units, explanation.segments),
            seed=self.seed,
            engine=self.engine,
        )
        if v.units != explanation.units:
            raise UnitError(
                f"{self.model.name} cannot leave out the explanation's units one by one: it joins "
                f"{' '.join(u.text for u in explanation.units)[:60]!r} differently; explain with units='word'"
            )
        return v

    def _batches(self, subsets: Callable[[Explanation], Bools]) -> Iterator[tuple[list[ValueFunction], list[Bools]]]:
        start = 0
        while start < len(self.explanations):
            knowns: list[Bools] = []
            while start + len(knowns) < len(self.explanations) and sum(map(len, knowns)) < _SUBSETS_AT_ONCE:
                knowns.append(subsets(self.explanations[start + len(knowns)]))
            chosen = self.explanations[start : start + len(knowns)]
            self.engine.evaluate([self.model.encode(e.example, "word").untouched for e in chosen])
            yield [self.game(explanation) for explanation in chosen], knowns
            start += len(knowns)


def require_explanations(explanations: Sequence[Explanation]) -> tuple[Explanation, ...]:
    """Return the explanations.

    Raises:
        OptionError: it is not a sequence of at least one explanation.
    """
    if isinstance(explanations, Explanation):
        raise OptionError("explanations must be a sequence: give [explanation] for one")
    found = tuple(explanations)
    if not found or not all(isinstance(explanation, Explanation) for explanation in found):
        raise OptionError(f"explanations must be a sequence of at least one Explanation, got {found[:1]!r:.60}")
    return found


def spans_of(units: Sequence[Unit], segments: Sequence[str]) -> Callable[[str], list[Span]]:
    """Return a function from a text to spans that cuts an example in these very units."""
    spans: dict[str, list[Span]] = {}
    for unit in units:
        spans.setdefault(segments[unit.segment], []).append((unit.start, unit.end))
    return lambda text: spans.get(text, [])


def ranking(explanation: Explanation, seed: int = 0) -> Ints:
    """Return the units' indices int64 (u,), the highest score first; those that score alike in a seeded order."""
    return np.lexsort((seeded(explanation, seed).random(len(explanation.units)), -explanation.scores))


def seeded(explanation: Explanation, seed: int) -> np.random.Generator:
    """Return a source of draws for an explained example, whatever other examples there are."""
    digest = hashlib.blake2b("\0".join(explanation.segments).encode(), digest_size=8).digest()
    return np.random.default_rng([seed, int.from_bytes(digest, "big")])


def leading(share: float, n_units: int) -> int:
    """Return how many units a share of n_units is, rounded down, at least one.

    Raises:
        OptionError: the share is not above 0 and at most 1.
    """
    if not 0.0 < share <= 1.0:
        raise OptionError(f"share must be above 0 and at most 1, got {share!r}")
    return max(int(share * n_units + 1e-9), 1)


def shares_grid(curves: Sequence[Floats], lengths: Sequence[int], share: float = 1.0) -> tuple[Floats, Floats]:
    """Return curves over the share of units that went, on one axis.

    Args:
        curves: for each example the figure after 0, 1, ... units, float64 (s,).
        lengths: how many units each example has.
        share: where the axis ends; curves that end before stay level.
    Returns:
        float64 (101,), percentages, and float64 (n, 101).
    """
    x = np.linspace(0.0, share, 101)
    y = [np.interp(x, np.arange(len(own)) / n, own) for own, n in zip(curves, lengths, strict=True)]
    return 100.0 * x, np.array(y)


def top_removed(order: Ints) -> Bools:
    """Return known bool (u + 1, u): row k lacks the first k units of an order int (u,)."""
    known = np.ones((len(order) + 1, len(order)), dtype=bool)
    known[:, order] = ~np.tril(np.ones_like(known), -1)
    return known


def top_kept(order: Ints) -> Bools:
    """Return known bool (u + 1, u): row k has the first k units of an order int (u,), and no other."""
    return np.asarray(~top_removed(order))


__getattr__ = renamed(__name__, {"Metering": MeteredModel})
