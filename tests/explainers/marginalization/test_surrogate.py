"""The surrogate against plain ridge regressions."""

from __future__ import annotations

import numpy as np
import pytest

from elision.explainers.marginalization.surrogate import INTERCEPT, OWN, SHARED, CandidateSurrogate, Prior


def logit(p: np.ndarray) -> np.ndarray:
    return np.log(p) - np.log1p(-p)


def surrogate_of(
    features: list[np.ndarray], *, n_own: int, n_classes: int, prior: Prior | None = None
) -> CandidateSurrogate:
    d = features[0].shape[1]
    known = prior or Prior(np.zeros((d, n_classes)), np.ones(d))
    return CandidateSurrogate([own.__getitem__ for own in features], n_own=n_own, prior=known)


def test_what_all_others_predict_is_a_fit_without_the_candidate() -> None:
    rng = np.random.default_rng(1)
    features = [rng.normal(size=(9, 3)).astype(np.float32), rng.normal(size=(8, 3)).astype(np.float32)]
    answers = [logit(rng.uniform(0.1, 0.9, (9, 2))), logit(rng.uniform(0.1, 0.9, (8, 2)))]
    whole = surrogate_of(features, n_own=2, n_classes=2)
    for unit in (0, 1):
        whole.observe(unit, np.arange(len(answers[unit])), answers[unit])
    whole.fit()
    others, _ = whole.predict_others(0)
    for left in range(9):
        part = surrogate_of(features, n_own=2, n_classes=2)
        rest = np.delete(np.arange(9), left)
        part.observe(0, rest, answers[0][rest])
        part.observe(1, np.arange(8), answers[1])
        part.fit()
        assert part.predict(0)[0][left] == pytest.approx(others[left], abs=1e-4)


def test_a_fit_is_the_ridge_regression_over_all_units_at_once() -> None:
    rng = np.random.default_rng(4)
    features = [rng.normal(size=(n, 3)).astype(np.float32) for n in (9, 8, 5)]
    answers = [logit(rng.uniform(0.1, 0.9, (len(x), 2))) for x in features]
    prior = Prior(rng.normal(size=(3, 2)), np.array([0.5, 1.0, 2.0]))
    surrogate = surrogate_of(features, n_own=2, n_classes=2, prior=prior)
    for unit, own in enumerate(answers):
        surrogate.observe(unit, np.arange(len(own)), own)
    surrogate.fit()
    rows = []
    for unit, x in enumerate(features):
        own = np.zeros((len(x), 3, 4))
        own[:, unit] = np.column_stack([np.full(len(x), INTERCEPT), OWN * x[:, :2], np.zeros(len(x))])
        scale = np.zeros((len(x), 3, 2))
        scale[:, unit] = prior.scale * SHARED * x @ prior.mean
        rows.append(np.column_stack([SHARED * x, own.reshape(len(x), -1), scale.reshape(len(x), -1)]))
    design, logits = np.concatenate(rows), np.concatenate(answers)
    precision = np.diag(np.concatenate([prior.deviation**-2.0, np.ones(18)]))
    start = np.concatenate([prior.mean, np.zeros((18, 2))])
    weights = np.linalg.solve(precision + design.T @ design / 1.1**2, precision @ start + design.T @ logits / 1.1**2)
    spread = np.einsum("nd,de,ne->n", design, np.linalg.inv(precision + design.T @ design / 1.1**2), design)
    for unit, x in enumerate(features):
        own = np.concatenate([np.full(len(x), i == unit) for i, x in enumerate(features)])
        predicted, deviation = surrogate.predict(unit)
        assert predicted == pytest.approx((design @ weights)[own], abs=1e-4)
        noise = surrogate.noise[unit]
        assert deviation**2 - noise**2 == pytest.approx(np.repeat(spread[own][:, None], 2, axis=1), abs=1e-4)


def test_a_surrogate_learns_what_units_share() -> None:
    rng = np.random.default_rng(2)
    features = [rng.normal(size=(400, 4)).astype(np.float32) for _ in range(3)]
    weights = np.array([1.0, -1.0, 0.5, 0.0])
    surrogate = surrogate_of(features, n_own=0, n_classes=1)
    for unit in (0, 1):
        surrogate.observe(unit, np.arange(60), (features[unit] @ weights + unit)[:60, None])
    surrogate.observe(2, np.arange(1), (features[2] @ weights)[:1, None])
    surrogate.fit()
    predicted, _ = surrogate.predict(2)
    assert np.corrcoef(predicted[:, 0], features[2] @ weights)[0, 1] > 0.99
    assert surrogate.noise.max() < 0.5


def test_a_unit_in_whose_place_candidates_matter_more_learns_that_from_the_others() -> None:
    rng = np.random.default_rng(7)
    features = [rng.normal(size=(200, 20)).astype(np.float32) for _ in range(6)]
    weights = rng.normal(size=20) * 0.3
    surrogate = surrogate_of(features, n_own=0, n_classes=1)
    for unit, x in enumerate(features):
        n, scale = (12, 2.5) if unit == 5 else (150, 1.0)
        surrogate.observe(unit, np.arange(n), scale * (x[:n] @ weights)[:, None])
    misses = []
    for _ in range(2):
        surrogate.fit()
        misses.append(np.std(surrogate.predict(5)[0][12:, 0] - 2.5 * features[5][12:] @ weights))
    assert misses[1] < 0.9 * misses[0]
