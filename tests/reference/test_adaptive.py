"""Adaptive marginalization: its draws, its surrogate and its estimates against sums over all candidates."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import keyword_model

import elision
from elision.adaptive.features import neighbour_order, principal_components
from elision.adaptive.run import Candidates, marginalize
from elision.adaptive.sampling import inclusion, systematic
from elision.adaptive.surrogate import Surrogate

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
    features = [rng.normal(size=(9, 3)), rng.normal(size=(8, 3))]
    answers = [rng.uniform(0.1, 0.9, (9, 2)), rng.uniform(0.1, 0.9, (8, 2))]
    whole = Surrogate(features, n_own=2, n_classes=2)
    for unit in (0, 1):
        whole.observe(unit, np.arange(len(answers[unit])), answers[unit])
    whole.fit()
    logits = np.log(answers[0] / (1 - answers[0]))
    others, _ = whole.predict_others(0, np.arange(9), logits)
    for left in range(9):
        part = Surrogate(features, n_own=2, n_classes=2)
        rest = np.delete(np.arange(9), left)
        part.observe(0, rest, answers[0][rest])
        part.observe(1, np.arange(8), answers[1])
        part.fit()
        assert part.predict(0)[0][left] == pytest.approx(others[left], abs=1e-9)


def test_a_surrogate_learns_what_units_share() -> None:
    rng = np.random.default_rng(2)
    features = [rng.normal(size=(400, 4)) for _ in range(3)]
    weights = np.array([1.0, -1.0, 0.5, 0.0])
    surrogate = Surrogate(features, n_own=0, n_classes=1)
    for unit in (0, 1):
        p = 1 / (1 + np.exp(-(features[unit] @ weights + unit)))
        surrogate.observe(unit, np.arange(60), p[:60, None])
    surrogate.observe(2, np.arange(1), (1 / (1 + np.exp(-(features[2] @ weights))))[:1, None])
    surrogate.fit()
    predicted, _ = surrogate.predict(2)
    assert np.corrcoef(predicted[:, 0], features[2] @ weights)[0, 1] > 0.99
    assert surrogate.noise[0] < 0.3


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
                weights / weights.sum(), components, neighbour_order(components), np.array([int(weights.argmax())])
            )
        )
        answers.append(np.stack([1 - p, p], axis=1))
    return units, answers


def estimate(units, answers, **options):
    settings = {"tolerance": 0.02, "budget": None, "seed": 0} | options
    return marginalize(
        units,
        lambda index: [own[chosen] for own, chosen in zip(answers, index, strict=True)],
        lambda found: float(found.std_error[1]),
        target=1,
        n_classes=2,
        **settings,
    )


def test_estimates_are_unbiased_and_their_errors_cover() -> None:
    units, answers = toy(0)
    truth = np.array([unit.weights @ own for unit, own in zip(units, answers, strict=True)])[:, 1]
    found = [estimate(units, answers, seed=seed) for seed in range(150)]
    means = np.array([[each.mean[1] for _, each in run] for run in found])
    errors = np.array([[each.std_error[1] for _, each in run] for run in found])
    bias = means.mean(axis=0) - truth
    assert (np.abs(bias) < 4 * means.std(axis=0) / np.sqrt(150)).all()
    covered = (np.abs(means - truth) < 1.96 * errors).mean()
    assert 0.9 < covered <= 1.0
    rows = np.mean([[len(pool.seen) for pool, _ in run] for run in found])
    assert rows < 0.25 * 600
    assert errors.max() <= 0.02


def test_a_tolerance_out_of_reach_evaluates_everything_and_is_exact() -> None:
    units, answers = toy(1, n=60)
    for unit, own, (pool, found) in zip(units, answers, estimate(units, answers, tolerance=1e-12), strict=True):
        assert pool.evaluated.all()
        assert found.mean == pytest.approx(unit.weights @ own, abs=1e-12)
        assert found.std_error == pytest.approx(0.0, abs=1e-9)


def test_bounds_hold_and_the_budget_is_kept() -> None:
    for seed in range(5):
        units, answers = toy(seed, n=200)
        run = estimate(units, answers, tolerance=1e-6, budget=150, seed=seed)
        assert sum(len(pool.seen) for pool, _ in run) <= 150
        for unit, own, (_, found) in zip(units, answers, run, strict=True):
            truth = unit.weights @ own
            assert (found.lower - 1e-12 <= truth).all()
            assert (truth <= found.upper + 1e-12).all()


def test_likelihood_outside_the_candidates_widens_the_bounds() -> None:
    units, answers = toy(3, n=100)
    wide = [Candidates(u.weights, u.features, u.order, u.known, left_out=0.2) for u in units]
    for (_, plain), (_, other) in zip(estimate(units, answers), estimate(wide, answers), strict=True):
        assert other.mean == pytest.approx(plain.mean)
        assert other.lower == pytest.approx(0.8 * plain.lower)
        assert other.upper == pytest.approx(0.8 * plain.upper + 0.2)


def test_principal_components_are_uncorrelated_and_the_first_is_the_widest() -> None:
    rng = np.random.default_rng(0)
    found = principal_components(rng.normal(size=(500, 5)) * np.array([5.0, 3.0, 1.0, 0.5, 0.0]))
    assert found.shape == (500, 4)
    covariance = np.cov(found.T)
    assert covariance - np.diag(np.diag(covariance)) == pytest.approx(0.0, abs=1e-9)
    assert np.diag(covariance)[0] == pytest.approx(1.0, abs=0.01)
    assert (np.diff(np.diag(covariance)) < 0).all()


def test_neighbours_in_the_order_are_alike() -> None:
    components = np.random.default_rng(0).normal(size=(256, 3))
    order = neighbour_order(components)
    assert sorted(order) == list(range(256))
    line = components[np.argsort(order)]
    near = np.linalg.norm(np.diff(line, axis=0), axis=1).mean()
    assert near < 0.6 * np.linalg.norm(line[:-1] - line[np.random.default_rng(1).permutation(255)], axis=1).mean()


def test_scores_are_those_of_the_whole_vocabulary_where_everything_is_evaluated(bert, masked_lm) -> None:
    exact = elision.InputMarginalization(masked_lm, threshold=0)(bert, TEXT)
    found = elision.InputMarginalization(masked_lm, tolerance=1e-9)(bert, TEXT)
    np.testing.assert_allclose(found.scores, exact.scores, atol=1e-7)
    np.testing.assert_allclose(found.class_scores, exact.class_scores, atol=1e-7)
    assert found.std_error is None


@pytest.mark.parametrize("original", ["keep", "exclude"])
def test_a_tolerance_is_kept_and_the_truth_is_within_its_error(bert, masked_lm, original: str) -> None:
    exact = elision.InputMarginalization(masked_lm, threshold=0, original=original)(bert, TEXT)
    method = elision.InputMarginalization(masked_lm, tolerance=0.3, original=original)
    found = method(bert, TEXT)
    assert found.provenance["evaluations"] < exact.provenance["evaluations"]
    assert found.std_error.max() <= 0.3
    assert (np.abs(found.scores - exact.scores) <= 4 * found.std_error + 1e-9).all()
    assert (found.lower <= exact.scores + 1e-9).all()
    assert (exact.scores <= found.upper + 1e-9).all()
    assert found.scores.tolist() == method(bert, TEXT).scores.tolist()
    assert str(found).count("±") == len(found.units)


def test_a_budget_limits_what_a_tolerance_may_spend(bert, masked_lm) -> None:
    found = elision.InputMarginalization(masked_lm, tolerance=1e-6, budget=150)(bert, TEXT)
    assert found.provenance["evaluations"] <= 150
    assert found.std_error.max() > 1e-6
    with pytest.raises(elision.BudgetError, match="budget must be at least 85 for a first look at 6 units; got 20"):
        elision.InputMarginalization(masked_lm, tolerance=0.1, budget=20)(bert, TEXT)


def test_words_of_several_tokens_and_other_tokenizers_are_estimated_too(bert, byte_masked_lm) -> None:
    found = elision.InputMarginalization(byte_masked_lm, tolerance=0.5)(bert, "a meaningful film")
    assert np.isfinite(found.scores).all()
    found = elision.InputMarginalization(byte_masked_lm, tolerance=0.5)(keyword_model(), "a good film")
    assert found.std_error.max() <= 0.5


def test_likelihoods_without_features_work(bert) -> None:
    exact = elision.InputMarginalization("uniform", threshold=0)(bert, TEXT)
    found = elision.InputMarginalization("uniform", tolerance=0.2)(bert, TEXT)
    assert (np.abs(found.scores - exact.scores) <= 4 * found.std_error + 1e-9).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tolerance": 0}, "tolerance must be greater than 0, got 0"),
        ({"tolerance": 0.1, "threshold": 1e-3}, "tolerance goes without threshold and top_n"),
        ({"tolerance": 0.1, "top_n": 3}, "tolerance goes without threshold and top_n"),
    ],
)
def test_mistakes_with_a_tolerance_are_refused(masked_lm, options: dict, message: str) -> None:
    with pytest.raises(elision.OptionError, match=f"^{message}"):
        elision.InputMarginalization(masked_lm, **options)


def test_estimates_near_certainty_stay_within_their_bounds() -> None:
    units, answers = toy(5)
    sure = [np.stack([own[:, 0] / 300, 1 - own[:, 0] / 300], axis=1) for own in answers]
    sure[0][::50] = (0.9, 0.1)
    for seed in range(30):
        for _, found in estimate(units, sure, tolerance=0.01, seed=seed):
            assert (found.lower - 1e-12 <= found.mean).all()
            assert (found.mean <= found.upper + 1e-12).all()


def test_the_original_word_is_always_among_the_candidates_and_costs_nothing(bert, masked_lm) -> None:
    method = elision.InputMarginalization(masked_lm, tolerance=0.4, n_candidates=None)
    found = method(bert, TEXT)
    for unit, own in zip(found.units, found.candidates, strict=True):
        assert unit.text in [candidate.word for candidate in own]
    asked = sum(map(len, found.candidates))
    assert found.provenance["evaluations"] == asked - len(found.units) + 1


def test_fillings_of_several_tokens_have_a_threshold_of_their_own(bert, masked_lm) -> None:
    method = elision.InputMarginalization(masked_lm, tolerance=0.4)
    v = method.value_function(bert, "a meaningful film")
    one, several, _ = v.bound.fillings([(0,), (1,), (2,)])
    assert len(one.fills) == 84
    assert several.fills.shape[1] > 1
    assert several.likelihood.min() > 1e-6
