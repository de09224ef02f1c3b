"""What adaptive marginalization draws by: chances of candidates, their features, and the fit over all units."""

from __future__ import annotations

import numpy as np
import pytest
from toys.candidates import surrogate_of
from toys.models import build, keyword_model

import elision
from elision.explainers.marginalization.surrogate import INTERCEPT, OWN, SHARED, Prior
from elision.likelihood.embedding_features import active_directions, neighbour_order, principal_components
from elision.likelihood.unequal_sampling import inclusion, systematic

TEXT = "a deep film , well made"


def test_inclusion_is_proportional_capped_and_sums_to_n() -> None:
    size = np.array([0.0, 1.0, 2.0, 3.0, 50.0, 4.0])
    chances, factor = inclusion(size, 3)
    assert chances.sum() == pytest.approx(3.0)
    assert chances[4] == 1.0
    assert chances[[0, 1, 2, 3, 5]] == pytest.approx(size[[0, 1, 2, 3, 5]] * factor)
    assert inclusion(size, 9)[0].tolist() == [0.0, 1.0, 1.0, 1.0, 1.0, 1.0]


def test_systematic_draws_have_the_chances_and_the_size_asked_for() -> None:
    rng = np.random.default_rng(0)
    chances, _ = inclusion(rng.exponential(size=30), 7)
    counts = np.zeros(30)
    for _ in range(4000):
        drawn = systematic(chances, rng.random(30), rng)
        assert len(drawn) == 7
        counts[drawn] += 1
    # 4,000 draws: a standard error of at most 0.008 each, four of them allowed.
    assert counts / 4000 == pytest.approx(chances, abs=0.032)


def test_systematic_draws_spread_over_the_order() -> None:
    rng = np.random.default_rng(0)
    order = rng.permutation(40).astype(float)
    for _ in range(50):
        ranks = np.sort(order[systematic(np.full(40, 0.25), order, rng)])
        assert set(np.diff(ranks)) == {4.0}


def test_what_all_others_predict_is_a_fit_without_the_candidate() -> None:
    rng = np.random.default_rng(1)
    features = [rng.normal(size=(9, 3)).astype(np.float32), rng.normal(size=(8, 3)).astype(np.float32)]
    answers = [rng.uniform(0.1, 0.9, (9, 2)), rng.uniform(0.1, 0.9, (8, 2))]
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
    answers = [rng.uniform(0.1, 0.9, (len(x), 2)) for x in features]
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
    design, logits = np.concatenate(rows), np.concatenate([np.log(p / (1 - p)) for p in answers])
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
        p = 1 / (1 + np.exp(-(features[unit] @ weights + unit)))
        surrogate.observe(unit, np.arange(60), p[:60, None])
    surrogate.observe(2, np.arange(1), (1 / (1 + np.exp(-(features[2] @ weights))))[:1, None])
    surrogate.fit()
    predicted, _ = surrogate.predict(2)
    assert np.corrcoef(predicted[:, 0], features[2] @ weights)[0, 1] > 0.99
    assert surrogate.noise.max() < 0.5


def test_principal_components_are_uncorrelated_and_the_first_is_the_widest() -> None:
    rng = np.random.default_rng(0)
    found = principal_components(rng.normal(size=(500, 5)) * np.array([5.0, 3.0, 1.0, 0.5, 0.0]))
    assert found.shape == (500, 4)
    covariance = np.cov(found.T)
    assert covariance - np.diag(np.diag(covariance)) == pytest.approx(0.0, abs=1e-6)
    assert np.diag(covariance)[0] == pytest.approx(1.0, abs=0.01)
    assert (np.diff(np.diag(covariance)) < 0).all()


def test_neighbours_in_the_order_are_alike() -> None:
    components = np.random.default_rng(0).normal(size=(256, 3))
    order = neighbour_order(components)
    assert sorted(order) == list(range(256))
    line = components[np.argsort(order)]
    near = np.linalg.norm(np.diff(line, axis=0), axis=1).mean()
    assert near < 0.6 * np.linalg.norm(line[:-1] - line[np.random.default_rng(1).permutation(255)], axis=1).mean()


def test_gradients_predict_what_candidates_do() -> None:
    """A model that is linear in its embeddings answers as its first-order prediction says."""
    rng = np.random.default_rng(0)
    gradients = rng.normal(size=(5, 3)).astype(np.float32) @ rng.normal(size=(3, 20)).astype(np.float32)
    directions = active_directions(gradients)
    assert directions.shape == (20, 3)
    moved = rng.normal(size=(40, 20)).astype(np.float32)
    answers = moved @ gradients.T
    residual = answers - (moved @ directions) @ np.linalg.lstsq(moved @ directions, answers, rcond=None)[0]
    assert np.abs(residual).max() < 1e-3
    assert np.linalg.norm(directions) == pytest.approx(np.linalg.norm(gradients) / np.sqrt(5), rel=1e-5)


@pytest.mark.parametrize("family", ["bert", "roberta", "distilbert", "electra"])
def test_linearizing_agrees_with_finite_differences(family: str) -> None:
    import torch

    model = elision.HuggingFaceModel(*build(family))
    model.transformer.model.double()
    rows = model.encode(TEXT).untouched
    classes = list(range(len(model.labels)))
    found = model.linearize(rows, classes)
    step = 1e-5 * np.random.default_rng(0).normal(size=found.shape[1:])
    embed = model.transformer.model.get_input_embeddings()

    def log_odds(sign: float) -> np.ndarray:
        hook = embed.register_forward_hook(lambda *args: args[2] + sign * torch.from_numpy(step)[None])
        p = model.predict([rows])[0]
        hook.remove()
        return np.log(p) - np.log1p(-p)

    expected = (log_odds(1.0) - log_odds(-1.0)) / 2
    assert (found * step).sum(axis=(1, 2)) == pytest.approx(expected, rel=1e-4)
    assert model.embed(rows.ids[0]).shape == found.shape[1:]


def test_a_model_known_by_its_answers_has_neither_gradient_nor_embeddings() -> None:
    model = keyword_model()
    with pytest.raises(elision.UnsupportedError, match="gives no gradients"):
        model.linearize(model.encode("a good film").untouched, [0])
    with pytest.raises(elision.UnsupportedError, match="has no embeddings"):
        model.embed(np.array([1], dtype=np.int32))
