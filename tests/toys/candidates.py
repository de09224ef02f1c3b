"""Candidates whose answers features explain in part only."""

from __future__ import annotations

import numpy as np

from elision.explainers.marginalization.adaptive_sampling import Candidates, marginalize
from elision.explainers.marginalization.surrogate import Prior, Surrogate
from elision.likelihood.embedding_features import neighbour_order


def surrogate_of(features: list[np.ndarray], *, n_own: int, n_classes: int, prior: Prior | None = None) -> Surrogate:
    d = features[0].shape[1]
    known = prior or Prior(np.zeros((d, n_classes)), np.ones(d))
    return Surrogate([own.__getitem__ for own in features], n_own=n_own, prior=known)


def toy(seed: int, n_units: int = 4, n: int = 600) -> tuple[list[Candidates], list[np.ndarray]]:
    """Return candidates with Zipf-like likelihoods, and answers that features explain in part only."""
    rng = np.random.default_rng(seed)
    components = rng.normal(size=(n, 6))
    units, answers = [], []
    for _ in range(n_units):
        weights = rng.permutation(1.0 / np.arange(1, n + 1) ** 1.1)
        logits = 3.0 + 0.7 * components @ rng.normal(size=6) + rng.standard_t(4, size=n)
        p = 1 / (1 + np.exp(-logits))
        units.append(
            Candidates(
                weights / weights.sum(),
                weights / weights.sum(),
                components.astype(np.float32).__getitem__,
                neighbour_order(components),
                np.array([int(weights.argmax())]),
            )
        )
        answers.append(np.stack([1 - p, p], axis=1))
    return units, answers


def estimate(units, answers, **options):
    d = units[0].features(slice(0, 1)).shape[1]
    settings = {"tolerance": 0.02, "budget": None, "seed": 0, "n_own": 16, "prior": Prior(np.zeros((d, 2)), np.ones(d))}
    run = marginalize(units, lambda found: float(found.std_error[1]), target=1, **(settings | options))
    asked = next(run)
    while True:
        try:
            asked = run.send([own[chosen] for own, chosen in zip(answers, asked, strict=True)])
        except StopIteration as stop:
            return stop.value
