"""What metrics of perturbation reward in an order of units: figures linear in what the model says along it.

A metric says what it rewards by `rewards`, and is measured by that; so are its best and its worst order sought. Of the
two sides of an order, row k has the top k units alone ("kept"), or lacks them ("removed").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from elision.approximators.orders import Worth, top_kept, top_removed
from elision.arrays import Bools, Floats, Ints
from elision.errors import OptionError, UnsupportedError, require_count
from elision.metrics.games import MeteredModel, leading, ranking
from elision.models.model import Model
from elision.results.explanation import Explanation

Figure = Callable[[Floats, Floats], float]
"""From what is read along an order, kept and removed, two float64 (u + 1,), to a number; linear in both."""
Reader = Callable[[Floats, Explanation], Floats]
"""From the model's numbers float64 (s, c) for an explained example to what figures are made of, float64 (s,)."""
M = TypeVar("M", bound=Callable[..., Any])


def number(numbers: Floats, explanation: Explanation) -> Floats:
    """Return the explained class's probability, or the score."""
    return np.asarray(numbers[:, explanation.labels.index(explanation.target)])


def stays(numbers: Floats, explanation: Explanation) -> Floats:
    """Return 1 where the class predicted is the whole example's, and 0 elsewhere."""
    return np.asarray(numbers.argmax(axis=1) == int(np.argmax(explanation.probabilities)), dtype=np.float64)


@dataclass(frozen=True)
class Reward:
    """A metric's figure of one example.

    Attributes:
        figure: of an order.
        higher_is_better: whether a larger figure is a better one.
        read: what figures are made of.
        weight: how much an example counts, the same whatever the order; None where all count alike.
    """

    figure: Figure
    higher_is_better: bool = True
    read: Reader = number
    weight: Figure | None = None

    def worth(self, n_units: int) -> Worth:
        """Return the figure's weights of what is read along an order of u units."""
        nothing, units = np.zeros(n_units + 1), np.eye(n_units + 1)
        return Worth(
            np.array([self.figure(own, nothing) for own in units]),
            np.array([self.figure(nothing, own) for own in units]),
        )


def rewards(reward: Callable[..., Reward]) -> Callable[[M], M]:
    """Say of a metric what it rewards, by a function of those of the metric's options that it names."""

    def said(metric: M) -> M:
        metric.reward = reward  # type: ignore[attr-defined]
        return metric

    return said


@dataclass(frozen=True, eq=False)
class Sides:
    """What is read along n orders; what the figure does not depend on is not asked, and NaN.

    Attributes:
        kept: float64 (u + 1,) each.
        removed: float64 (u + 1,) each.
    """

    kept: list[Floats]
    removed: list[Floats]

    def figures(self, figure: Figure) -> Floats:
        """Return each order's figure, float64 (n,)."""
        return np.array([figure(kept, removed) for kept, removed in zip(self.kept, self.removed, strict=True)])


def along(metered: MeteredModel, reward: Reward) -> Sides:
    """Return what is read along the orders of explanations' scores."""
    explanations = metered.explanations
    rows = {n: counted(reward.worth(n)) for n in {len(own.units) for own in explanations}}

    def treated(side: int, tops: Callable[[Ints], Bools]) -> Callable[[Explanation], Bools]:
        return lambda own: tops(ranking(own, metered.seed))[rows[len(own.units)][side]]

    needed = [any(len(own[side]) > 1 for own in rows.values()) for side in (0, 1)]
    found = Sides(*([np.full(len(own.units) + 1, np.nan) for own in explanations] for _ in range(2)))
    for side, (tops, lines) in enumerate(((top_kept, found.kept), (top_removed, found.removed))):
        if needed[side] or not any(needed):
            answers = metered.answers(treated(side, tops))
            for own, numbers, line in zip(explanations, answers, lines, strict=True):
                line[rows[len(own.units)][side]] = reward.read(numbers, own)
    return found


def require_readable(reward: Reward, model: Model) -> None:
    """Refuse to ask which class is predicted of a model that gives scores.

    Raises:
        UnsupportedError: it does.
    """
    if reward.read is stays and not model.answer.bounded:
        raise UnsupportedError(
            f"post-hoc-accuracy counts how often the predicted class stays, and {model.name} gives scores; "
            "use 'aopc', 'comprehensiveness' or 'sufficiency'"
        )


def counted(worth: Worth) -> tuple[Ints, Ints]:
    """Return the rows along an order that count, kept and removed, each with the whole example."""
    kept, removed = worth.kept != 0, worth.removed != 0
    kept[-1] = removed[0] = True
    return np.flatnonzero(kept), np.flatnonzero(removed)


def lost_on_average(n_units: int) -> Reward:
    """Return AOPC's reward: what is lost without the top 1..U units."""
    require_count("n_units", n_units, 1)

    def figure(kept: Floats, removed: Floats) -> float:
        return float((removed[0] - _up_to(n_units, removed)).sum() / (n_units + 1))

    return Reward(figure)


def lost_without(shares: Sequence[float]) -> Reward:
    """Return comprehensiveness's reward: what is lost without the top shares of units."""
    parts = _parts(shares)
    return Reward(lambda kept, removed: float((removed[0] - removed[_tops(parts, removed)]).mean()))


def lost_with(shares: Sequence[float]) -> Reward:
    """Return sufficiency's reward: what is lost with the top shares of units alone."""
    parts = _parts(shares)
    return Reward(lambda kept, removed: float((kept[-1] - kept[_tops(parts, kept)]).mean()), higher_is_better=False)


def answers_kept(n_units: int) -> Reward:
    """Return post-hoc accuracy's reward: how often the top 1..n units alone get the answer."""
    require_count("n_units", n_units, 1)
    return Reward(lambda kept, removed: float(_up_to(n_units, kept).mean()), read=stays)


def area_between() -> Reward:
    """Return the degradation score's reward: the area between the curves of the least and the most relevant first."""
    return Reward(
        lambda kept, removed: _area(kept[::-1]) - _area(removed), weight=lambda kept, removed: removed[0] - removed[-1]
    )


def area_removing(share: float) -> Reward:
    """Return the reward of the area under what is left while units go."""
    leading(share, 1)
    return Reward(lambda kept, removed: _area(removed[: leading(share, len(removed) - 1) + 1]), higher_is_better=False)


def area_inserting(share: float) -> Reward:
    """Return the reward of the area under what is there while units come back."""
    leading(share, 1)
    return Reward(lambda kept, removed: _area(kept[: leading(share, len(kept) - 1) + 1]))


def _up_to(n_units: int, line: Floats) -> Floats:
    """Return a line after 1..n units, those beyond its end meaning all."""
    return line[np.minimum(np.arange(1, n_units + 1), len(line) - 1)]


def _parts(shares: Sequence[float]) -> Floats:
    if not len(shares) or not all(0.0 < share <= 1.0 for share in shares):
        raise OptionError(f"shares must be numbers above 0 and at most 1, got {tuple(shares)}")
    return np.asarray(shares, dtype=np.float64)


def _tops(parts: Floats, line: Floats) -> Ints:
    """Return how many units shares are, rounded up."""
    return np.ceil(parts * (len(line) - 1) - 1e-9).astype(np.int64)


def _area(line: Floats) -> float:
    """Return the mean height of straight lines through equally spaced points (p,)."""
    return float(np.trapezoid(line, dx=1.0 / (len(line) - 1)))
