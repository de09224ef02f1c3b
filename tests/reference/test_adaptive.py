"""Adaptive marginalization: its draws, its surrogate and its estimates against sums over all candidates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from toys.models import build, keyword_model

import elision
from elision.explainers.marginalization.adaptive_sampling import Candidates, marginalize
from elision.explainers.marginalization.surrogate import INTERCEPT, OWN, SHARED, Prior, Surrogate
from elision.explainers.marginalization.warm_start import Warmth
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


def surrogate_of(features: list[np.ndarray], *, n_own: int, n_classes: int, prior: Prior | None = None) -> Surrogate:
    d = features[0].shape[1]
    known = prior or Prior(np.zeros((d, n_classes)), np.ones(d))
    return Surrogate([own.__getitem__ for own in features], n_own=n_own, prior=known)


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


def test_likelihood_of_what_was_not_drawn_widens_bounds_and_errors() -> None:
    units, answers = toy(3, n=100)
    wide = [replace(u, likelihood=0.8 * u.likelihood) for u in units]
    for (_, plain), (_, other) in zip(
        estimate(units, answers, tolerance=1e-9), estimate(wide, answers, tolerance=1e-9), strict=True
    ):
        assert other.mean == pytest.approx(plain.mean)
        assert other.lower == pytest.approx(0.8 * plain.lower)
        assert other.upper == pytest.approx(0.8 * plain.upper + 0.2)
        assert plain.std_error == pytest.approx(0.0, abs=1e-9)
        assert (other.std_error > 0).all()


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
    # One at each score, and one where it is said what it means.
    assert str(found).count("±") == len(found.units) + 1


def test_a_budget_limits_what_a_tolerance_may_spend(bert, masked_lm) -> None:
    found = elision.InputMarginalization(masked_lm, tolerance=1e-6, budget=150)(bert, TEXT)
    assert found.provenance["evaluations"] <= 150
    assert found.std_error.max() > 1e-6
    with pytest.raises(elision.BudgetError, match="budget must be at least 25 for a first look at 6 units; got 20"):
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
        ({"tolerance": 0.1, "threshold": 1e-3}, "tolerance goes without threshold:"),
        ({"tolerance": 0.1, "top_n": 3}, "tolerance goes without top_n:"),
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
    text, gradients = 1, len(bert.labels)
    assert found.provenance["evaluations"] == asked - len(found.units) + text + gradients


def test_likelihood_left_out_of_words_of_several_tokens_is_sampled(bert, masked_lm) -> None:
    """A beam of 12 cannot continue most first tokens of 'deeply'; the drawn ones stand for them."""
    text = "a deeply film"
    exact = elision.InputMarginalization(masked_lm, threshold=0, beam=10_000)(bert, text)
    scores = []
    for seed in range(30):
        found = elision.InputMarginalization(masked_lm, tolerance=0.02, beam=12, seed=seed)(bert, text)
        assert (np.abs(found.scores - exact.scores) <= 4 * found.std_error + 1e-3).all()
        assert (found.lower <= exact.scores + 1e-9).all()
        assert (exact.scores <= found.upper + 1e-9).all()
        scores.append(found.scores)
    spread = np.std(scores, axis=0)[1]
    assert spread > 0.01
    assert abs(np.mean(scores, axis=0) - exact.scores)[1] < 4 * spread / np.sqrt(30)


def test_a_set_of_words_is_estimated_with_its_error(bert, masked_lm) -> None:
    method = elision.InputMarginalization(masked_lm, tolerance=0.05)
    exact = elision.InputMarginalization(masked_lm, threshold=0, beam=10_000).joint(bert, TEXT, [(0,), (1, 3)])
    for found, wanted in zip(method.joint(bert, TEXT, [(0,), (1, 3)]), exact, strict=True):
        assert found.std_error <= 0.05
        assert abs(found.score - wanted.score) <= 4 * found.std_error + 1e-9
        assert wanted.std_error == 0
        assert found.lower - 1e-9 <= wanted.score <= found.upper + 1e-9


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


def test_texts_explained_together_are_explained_as_alone(bert, masked_lm) -> None:
    texts = [TEXT, "a dull story", "the film is not good", TEXT]
    method = elision.InputMarginalization(masked_lm, tolerance=0.3)
    together = method.many(bert, texts)
    alone = [method(bert, text) for text in texts]
    for a, b in zip(together, alone, strict=True):
        np.testing.assert_allclose(a.scores, b.scores, atol=1e-6)
        np.testing.assert_allclose(a.std_error, b.std_error, atol=1e-6)
    assert [e.provenance["evaluations"] for e in together[:3]] == [e.provenance["evaluations"] for e in alone[:3]]
    # What was asked for the first text costs nothing for the last, which is the same, but for its gradient.
    assert together[3].provenance["evaluations"] == len(bert.labels)


def test_many_texts_take_one_after_another_where_a_method_knows_no_better(bert, masked_lm) -> None:
    texts = [TEXT, "a dull story"]
    for method in (elision.LeaveOneOut(), elision.InputMarginalization(masked_lm, threshold=1e-2)):
        for together, text in zip(method.many(bert, texts), texts, strict=True):
            alone = method(bert, text)
            np.testing.assert_allclose(together.scores, alone.scores, atol=1e-6)
            assert together.provenance["evaluations"] == alone.provenance["evaluations"]
    with pytest.raises(elision.OptionError, match="examples must be a sequence of examples, not one text"):
        elision.LeaveOneOut().many(bert, TEXT)


def test_a_budget_holds_for_each_of_many_texts(bert, masked_lm) -> None:
    texts = [TEXT, "a dull story", "the film is not good"]
    for explanation in elision.InputMarginalization(masked_lm, tolerance=1e-3, budget=60).many(bert, texts):
        assert explanation.provenance["evaluations"] <= 60


@pytest.mark.parametrize("budget", [45, 60, 200])
def test_a_small_budget_is_used_up(bert, masked_lm, budget: int) -> None:
    found = elision.InputMarginalization(masked_lm, tolerance=1e-4, budget=budget)(bert, TEXT)
    assert budget - 2 <= found.provenance["evaluations"] <= budget


def test_warmth_is_the_ridge_regression_of_all_texts_with_an_intercept_a_unit() -> None:
    rng = np.random.default_rng(0)
    units = [(rng.normal(size=(n, 3)).astype(np.float32), rng.uniform(0.1, 0.9, (n, 2))) for n in (6, 9, 4)]
    found = Warmth.cold(3, 2).learn(units[:2]).learn(units[2:])
    rows = [np.column_stack([SHARED * x, np.eye(3)[np.full(len(x), i)]]) for i, (x, _) in enumerate(units)]
    design, logits = np.concatenate(rows), np.concatenate([np.log(p / (1 - p)) for _, p in units])
    prior = np.diag([1.0, 1.0, 1.0, 0.0, 0.0, 0.0])
    expected = np.linalg.solve(prior + design.T @ design / 1.1**2, design.T @ logits / 1.1**2)[:3]
    assert found.weights() == pytest.approx(expected, abs=1e-6)
    assert found.n_texts == 2


def test_what_was_learnt_elsewhere_saves_rows_and_stays_unbiased() -> None:
    """Two toy texts share how candidates are taken; a prior from the truth needs fewer rows for the same error."""
    units, answers = toy(6)
    components = units[0].features(slice(None))
    weights = np.linalg.lstsq(components, np.log(answers[0][:, 1] / answers[0][:, 0]), rcond=None)[0]
    known = Prior(np.stack([-weights, weights], axis=1) / SHARED, np.full(6, 0.5))
    only = ([units[0]], [answers[0]])
    truth = (units[0].weights @ answers[0])[1]
    cold = [estimate(*only, tolerance=0.007, seed=seed)[0] for seed in range(40)]
    warm = [estimate(*only, tolerance=0.007, seed=seed, prior=known)[0] for seed in range(40)]
    assert np.mean([len(pool.seen) for pool, _ in warm]) < 0.9 * np.mean([len(pool.seen) for pool, _ in cold])
    means = [found.mean[1] for _, found in warm]
    assert abs(np.mean(means) - truth) < 4 * np.std(means) / np.sqrt(40)


def test_warming_up_is_remembered_for_the_model_and_recorded(bert, masked_lm) -> None:
    texts = ["a dull story", "the film is not good", "a very good story"]
    method = elision.InputMarginalization(masked_lm, tolerance=0.2)
    cold = method(bert, TEXT)
    assert method.warm(bert, texts) is method
    warm = method(bert, TEXT)
    assert cold.provenance["settings"]["warmed_on"] == 0
    assert warm.provenance["settings"]["warmed_on"] == 3
    exact = elision.InputMarginalization(masked_lm, threshold=0)(bert, TEXT)
    assert (np.abs(warm.scores - exact.scores) <= 4 * warm.std_error + 1e-9).all()
    assert warm.scores.tolist() != cold.scores.tolist()
    again = elision.InputMarginalization(masked_lm, tolerance=0.2).warm(bert, texts)(bert, TEXT)
    assert again.scores.tolist() == warm.scores.tolist()
    other = elision.HuggingFaceModel(*build("bert", seed=9))
    assert (
        method(other, TEXT).scores.tolist()
        == elision.InputMarginalization(masked_lm, tolerance=0.2)(other, TEXT).scores.tolist()
    )
    with pytest.raises(elision.OptionError, match="only estimates can be warmed: leave out threshold and top_n"):
        elision.InputMarginalization(masked_lm, threshold=1e-5).warm(bert, texts)


def test_an_estimate_travels_as_json(bert, masked_lm) -> None:
    found = elision.InputMarginalization(masked_lm, tolerance=0.5)(bert, TEXT)
    again = elision.Explanation.from_json(found.to_json())
    np.testing.assert_array_equal(again.std_error, found.std_error)
    assert again.provenance == found.provenance
    assert type(found.provenance["evaluations"]) is int


def test_fillings_that_grew_from_a_few_drawn_ones_have_larger_errors() -> None:
    units, answers = toy(3, n=100)
    grown = [replace(unit, stems=((np.arange(100) % 5, np.full(5, 0.01)),)) for unit in units]
    everything = {"tolerance": 1e-9}
    runs = estimate(units, answers, **everything), estimate(grown, answers, **everything)
    found = zip(units, answers, *runs, strict=True)
    for unit, own, (_, plain), (_, other) in found:
        assert plain.std_error == pytest.approx(0.0, abs=1e-9)
        means = np.array([np.average(own[i::5], axis=0, weights=unit.weights[i::5]) for i in range(5)])
        assert other.std_error == pytest.approx(np.sqrt(0.01 * 5 * means.var(axis=0, ddof=1)), rel=1e-6)


def test_a_unit_in_whose_place_candidates_matter_more_learns_that_from_the_others() -> None:
    rng = np.random.default_rng(7)
    features = [rng.normal(size=(200, 20)).astype(np.float32) for _ in range(6)]
    weights = rng.normal(size=20) * 0.3
    surrogate = surrogate_of(features, n_own=0, n_classes=1)
    for unit, x in enumerate(features):
        n, scale = (12, 2.5) if unit == 5 else (150, 1.0)
        surrogate.observe(unit, np.arange(n), 1 / (1 + np.exp(-scale * (x[:n] @ weights)[:, None])))
    misses = []
    for _ in range(2):
        surrogate.fit()
        misses.append(np.std(surrogate.predict(5)[0][12:, 0] - 2.5 * features[5][12:] @ weights))
    assert misses[1] < 0.9 * misses[0]
