"""Texts as adaptive marginalization sees them: candidates, and what a model would say of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from elision.explainers.marginalization.adaptive_sampling import Setup, UnitCandidates, marginalize
from elision.explainers.marginalization.links import link_of
from elision.explainers.marginalization.pool import Pool, PoolEstimate
from elision.explainers.marginalization.surrogate import CandidateSurrogate, Prior
from elision.game.behaviour import BEHAVIOURS
from elision.likelihood.embedding_features import neighbour_order
from elision.models.answers import CLASSES, SCORES, AnswerKind


@dataclass(frozen=True)
class Text:
    """Candidates with Zipf-like likelihoods, and answers that features explain in part only.

    Attributes:
        units: each unit's n candidates.
        answers: for each unit float64 (n, a).
        components: float32 (n, 6), features of the candidates.
        kind: what the answers are; the last label is explained.
    """

    units: list[UnitCandidates]
    answers: list[np.ndarray]
    components: np.ndarray
    kind: AnswerKind

    @property
    def label(self) -> int:
        return self.kind.numbers(self.answers[0]).shape[1] - 1

    @property
    def means(self) -> np.ndarray:
        """Plain numbers float64 (u, c), summed over all candidates."""
        pairs = zip(self.units, self.answers, strict=True)
        return np.array([unit.weights @ self.kind.numbers(own) for unit, own in pairs])

    @property
    def log_odds(self) -> np.ndarray:
        """Log-odds float64 (u,) of the mean probability of the last of two classes, in bits, summed in logarithms."""
        logs = [np.log(u.weights)[:, None] + own for u, own in zip(self.units, self.answers, strict=True)]
        no, yes = np.array([np.logaddexp.reduce(own, axis=0) for own in logs]).T
        return (yes - no) / np.log(2)


def toy(
    seed: int, n_units: int = 4, n: int = 600, *, centre: float = 3.0, size: float = 1.0, kind: AnswerKind = CLASSES
) -> Text:
    """Return a text whose log-odds in nats, or scores, lie about a centre, some `size` apart."""
    rng = np.random.default_rng(seed)
    components = rng.normal(size=(n, 6))
    units, answers = [], []
    for _ in range(n_units):
        weights = rng.permutation(1.0 / np.arange(1, n + 1) ** 1.1)
        weights /= weights.sum()
        said = centre + size * (0.7 * components @ rng.normal(size=6) + rng.standard_t(4, size=n))
        units.append(UnitCandidates(weights, weights, neighbour_order(components), np.array([int(weights.argmax())])))
        answers.append(said[:, None] if kind is SCORES else -np.logaddexp(0.0, np.stack([said, -said], axis=1)))
    return Text(units, answers, components.astype(np.float32), kind)


def estimate(
    text: Text,
    *,
    tolerance: float = 0.02,
    behaviour: str = "probability",
    budget: int | None = None,
    seed: int = 0,
    prior: Prior | None = None,
) -> list[tuple[Pool, PoolEstimate]]:
    """Return for each unit its pool and what was estimated until the behaviour's errors are within the tolerance."""
    c, d = text.label + 1, text.components.shape[1]
    known = prior or Prior(np.zeros((d, c)), np.ones(d))

    def settle(first: Sequence[np.ndarray]) -> Setup:
        features = [text.components.__getitem__ for _ in text.units]
        return Setup(link_of(text.kind, first), CandidateSurrogate(features, n_own=16, prior=known), tolerance)

    rounds = marginalize(
        text.units,
        text.kind,
        settle,
        lambda found: error_of(text, found, behaviour),
        label=text.label,
        n_labels=c,
        budget=budget,
        seed=seed,
    )
    asked = next(rounds)
    while True:
        try:
            asked = rounds.send([own[chosen] for own, chosen in zip(text.answers, asked, strict=True)])
        except StopIteration as stop:
            return stop.value


def error_of(text: Text, found: PoolEstimate, behaviour: str) -> float:
    """Return the standard error of a behaviour."""
    return float(found.std_error[text.label] * BEHAVIOURS[behaviour].slope_of(found.watched.of_label(text.label)))


def value_of(text: Text, found: PoolEstimate, behaviour: str) -> float:
    """Return the behaviour of the mean."""
    return float(BEHAVIOURS[behaviour].of(found.watched.of_label(text.label)))
