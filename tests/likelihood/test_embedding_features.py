"""What is known of candidates beforehand: components, an order of neighbours, active directions."""

from __future__ import annotations

import numpy as np
import pytest

from elision.likelihood.embedding_features import active_directions, neighbour_order, principal_components


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
