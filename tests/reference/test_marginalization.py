"""Input marginalization against sums written out by hand, in float64, over a small vocabulary."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from toys.models import build, keyword_model

import elision
from elision.game.behaviour import EPSILON

TEXT = "a deep film , well made"


def log_odds(p: float | np.ndarray) -> float | np.ndarray:
    p = np.clip(p, EPSILON, 1 - EPSILON)
    return np.log2(p / (1 - p))


class Brute:
    """Everything once more, with nothing of the library: every filling written out, no truncation, no cache."""

    def __init__(self, model: elision.HuggingFaceModel, lm: elision.MaskedLanguageModel) -> None:
        self.net, self.tokenizer = model.transformer.model, model.transformer.tokenizer
        self.lm = lm.transformer.model
        self.special = set(self.tokenizer.all_special_ids)

    def ids(self, text: str) -> list[int]:
        return self.tokenizer(text)["input_ids"]

    def probabilities(self, rows: list[list[int]]) -> np.ndarray:
        with torch.inference_mode():
            return torch.softmax(self.net(torch.tensor(rows)).logits.double(), -1).numpy()

    def likelihoods(self, rows: list[list[int]], position: int) -> np.ndarray:
        with torch.inference_mode():
            logits = self.lm(torch.tensor(rows)).logits[:, position].double().numpy()
        q = np.exp(logits - logits.max(axis=1, keepdims=True))
        q[:, list(self.special)] = 0.0
        return q / q.sum(axis=1, keepdims=True)

    def fillings(self, ids: list[int], positions: list[int]) -> dict[tuple[int, ...], float]:
        """Return every joint filling of positions, in this order, with its likelihood by the chain rule."""
        partial: dict[tuple[int, ...], float] = {(): 1.0}
        for depth, position in enumerate(positions):
            states = []
            for fill in partial:
                state = self.masked(ids, positions)
                for p, token in zip(positions[:depth], fill, strict=True):
                    state[p] = token
                states.append(state)
            partial = {
                (*fill, token): joint * q
                for (fill, joint), row in zip(partial.items(), self.likelihoods(states, position), strict=True)
                for token, q in enumerate(row.tolist())
                if token not in self.special
            }
        return partial

    def masked(self, ids: list[int], positions: list[int]) -> list[int]:
        return [self.tokenizer.mask_token_id if p in positions else token for p, token in enumerate(ids)]

    def expectation(self, ids: list[int], positions: list[int], fillings: dict[tuple[int, ...], float]) -> np.ndarray:
        states = []
        for fill in fillings:
            state = list(ids)
            for position, token in zip(positions, fill, strict=True):
                state[position] = token
            states.append(state)
        q = np.array(list(fillings.values()))
        return q @ self.probabilities(states) / q.sum()


@pytest.fixture(scope="module")
def brute(bert: elision.HuggingFaceModel, masked_lm: elision.MaskedLanguageModel) -> Brute:
    return Brute(bert, masked_lm)


def test_full_sum_equals_brute_force(bert, masked_lm, brute) -> None:
    explanation = elision.InputMarginalization(masked_lm, threshold=0)(bert, TEXT, target=1)
    ids = brute.ids(TEXT)
    full = brute.probabilities([ids])[0]
    for i in range(len(explanation.units)):
        wanted = brute.expectation(ids, [i + 1], brute.fillings(ids, [i + 1]))
        assert explanation.scores[i] == pytest.approx(log_odds(full[1]) - log_odds(wanted[1]), abs=1e-9)
        for c, label in enumerate(explanation.labels):
            assert explanation.scores_for(label)[i] == pytest.approx(log_odds(full[c]) - log_odds(wanted[c]), abs=1e-9)
        assert explanation.absent_probabilities[i] == pytest.approx(wanted[1], abs=1e-12)
        own = brute.likelihoods([brute.masked(ids, [i + 1])], i + 1)[0, ids[i + 1]]
        assert explanation.likelihoods[i] == pytest.approx(own)
    assert explanation.lower is None
    assert np.abs(explanation.scores).max() > 0.1


@pytest.mark.parametrize("threshold", [1e-3, 0.02])
def test_threshold_renormalises_and_bounds_hold(bert, masked_lm, brute, threshold: float) -> None:
    explanation = elision.InputMarginalization(masked_lm, threshold=threshold)(bert, TEXT, target=0)
    exact = elision.InputMarginalization(masked_lm, threshold=0)(bert, TEXT, target=0)
    ids = brute.ids(TEXT)
    full = brute.probabilities([ids])[0][0]
    for i in range(len(explanation.units)):
        likely = {fill: q for fill, q in brute.fillings(ids, [i + 1]).items() if q > threshold}
        wanted = brute.expectation(ids, [i + 1], likely)[0]
        assert explanation.scores[i] == pytest.approx(log_odds(full) - log_odds(wanted), abs=1e-9)
        left_out = 1 - sum(likely.values())
        bounds = wanted * (1 - left_out), wanted * (1 - left_out) + left_out
        assert explanation.lower[i] == pytest.approx(log_odds(full) - log_odds(bounds[1]), abs=1e-9)
        assert explanation.upper[i] == pytest.approx(log_odds(full) - log_odds(bounds[0]), abs=1e-9)
        assert explanation.lower[i] - 1e-9 <= exact.scores[i] <= explanation.upper[i] + 1e-9


def test_top_n_takes_the_likeliest(bert, masked_lm, brute) -> None:
    explanation = elision.InputMarginalization(masked_lm, threshold=0, top_n=5, n_candidates=None)(bert, TEXT, target=2)
    ids = brute.ids(TEXT)
    full = brute.probabilities([ids])[0][2]
    for i in range(len(explanation.units)):
        ranked = sorted(brute.fillings(ids, [i + 1]).items(), key=lambda item: -item[1])[:5]
        wanted = brute.expectation(ids, [i + 1], dict(ranked))[2]
        assert explanation.scores[i] == pytest.approx(log_odds(full) - log_odds(wanted), abs=1e-9)
        assert [c.likelihood for c in explanation.candidates[i]] == pytest.approx([q for _, q in ranked])
        tokens = [brute.tokenizer.convert_ids_to_tokens(fill[0]) for fill, _ in ranked]
        assert [c.word for c in explanation.candidates[i]] == tokens


def test_original_excluded(bert, masked_lm, brute) -> None:
    explanation = elision.InputMarginalization(masked_lm, threshold=0, original="exclude")(bert, TEXT, target=1)
    ids = brute.ids(TEXT)
    full = brute.probabilities([ids])[0][1]
    for i in range(len(explanation.units)):
        others = {fill: q for fill, q in brute.fillings(ids, [i + 1]).items() if fill[0] != ids[i + 1]}
        wanted = brute.expectation(ids, [i + 1], others)[1]
        assert explanation.scores[i] == pytest.approx(log_odds(full) - log_odds(wanted), abs=1e-9)
    for unit, own in zip(explanation.units, explanation.candidates, strict=True):
        assert unit.text not in [candidate.word for candidate in own]


@pytest.mark.parametrize("order", ["left-to-right", "right-to-left"])
@pytest.mark.parametrize("original", ["keep", "exclude"])
def test_a_word_of_two_tokens_follows_the_chain_rule(bert, masked_lm, brute, order: str, original: str) -> None:
    text = "films well made"
    method = elision.InputMarginalization(masked_lm, threshold=0, beam=10_000, order=order, original=original)
    explanation = method(bert, text, target=0)
    ids = brute.ids(text)
    assert len(ids) == 6
    positions = [1, 2] if order == "left-to-right" else [2, 1]
    truth = tuple(ids[p] for p in positions)
    fillings = brute.fillings(ids, positions)
    assert explanation.likelihoods[0] == pytest.approx(fillings[truth], rel=1e-9)
    if original == "exclude":
        del fillings[truth]
    wanted = brute.expectation(ids, positions, fillings)[0]
    full = brute.probabilities([ids])[0][0]
    assert explanation.scores[0] == pytest.approx(log_odds(full) - log_odds(wanted), abs=1e-9)


@pytest.mark.parametrize("order", ["left-to-right", "right-to-left", (1, 0)])
def test_two_distant_words_together(bert, masked_lm, brute, order: str | tuple[int, int]) -> None:
    method = elision.InputMarginalization(masked_lm, threshold=0, beam=10_000, order=order)
    first, second = method.joint(bert, "a deep dull film", [("deep", "film"), (0, 2)], target=1)
    ids = brute.ids("a deep dull film")
    full = brute.probabilities([ids])[0][1]
    for found, positions in ((first, [2, 4]), (second, [1, 3])):
        ordered = positions if order == "left-to-right" else positions[::-1]
        fillings = brute.fillings(ids, ordered)
        wanted = brute.expectation(ids, ordered, fillings)[1]
        assert found.score == pytest.approx(log_odds(full) - log_odds(wanted), abs=1e-9)
        assert found.likelihood == pytest.approx(fillings[tuple(ids[p] for p in ordered)], rel=1e-9)
    assert [unit.text for unit in first.units] == ["deep", "film"]


def test_a_joint_threshold_keeps_what_is_likely_together_and_bounds_hold(bert, masked_lm) -> None:
    exact = elision.InputMarginalization(masked_lm, threshold=0, beam=10_000)
    cut = elision.InputMarginalization(masked_lm, threshold=1e-3, beam=10_000, n_candidates=None)
    wanted = exact.joint(bert, "a deep dull film", [(1, 3)])[0]
    found = cut.joint(bert, "a deep dull film", [(1, 3)])[0]
    assert all(c.likelihood > 1e-3 for c in found.candidates)
    assert sum(c.likelihood > 1e-3 for c in exact_candidates(bert, masked_lm)) == len(found.candidates)
    assert found.lower <= wanted.score <= found.upper
    narrow = elision.InputMarginalization(masked_lm, threshold=0, beam=3).joint(bert, "a deep dull film", [(1, 3)])[0]
    assert narrow.lower <= wanted.score <= narrow.upper
    assert narrow.upper - narrow.lower > 0.01


def exact_candidates(bert, masked_lm) -> tuple[elision.Candidate, ...]:
    method = elision.InputMarginalization(masked_lm, threshold=0, beam=10_000, n_candidates=None)
    return method.joint(bert, "a deep dull film", [(1, 3)])[0].candidates


def test_uniform_and_prior(bert, brute) -> None:
    ids = brute.ids(TEXT)
    full = brute.probabilities([ids])[0][1]
    plain = [t for t in range(len(brute.tokenizer)) if t not in brute.special]
    uniform = elision.InputMarginalization("uniform", threshold=0)(bert, TEXT, target=1)
    corpus = ["a film", "a good film", "a deep story !"]
    words = {"a": 3, "film": 2, "good": 1, "deep": 1, "story": 1, "!": 1}
    counts = {brute.tokenizer.convert_tokens_to_ids(word): n for word, n in words.items()}
    prior = elision.InputMarginalization(elision.UnigramPrior(corpus), threshold=0)(bert, TEXT, target=1)
    for i in range(len(uniform.units)):
        wanted = brute.expectation(ids, [i + 1], {(t,): 1.0 for t in plain})[1]
        assert uniform.scores[i] == pytest.approx(log_odds(full) - log_odds(wanted), abs=1e-9)
        assert uniform.likelihoods[i] == pytest.approx(1 / len(plain))
        wanted = brute.expectation(ids, [i + 1], {(t,): n for t, n in counts.items()})[1]
        assert prior.scores[i] == pytest.approx(log_odds(full) - log_odds(wanted), abs=1e-9)
    assert prior.likelihoods[0] == pytest.approx(3 / 9)


def test_another_tokenizer_sends_words(byte_masked_lm) -> None:
    net, tokenizer = byte_masked_lm.transformer.model, byte_masked_lm.transformer.tokenizer
    text = "a good film"
    explanation = elision.InputMarginalization(byte_masked_lm, threshold=0, n_candidates=None)(
        keyword_model(), text, target="positive"
    )
    ids = tokenizer(text)["input_ids"]
    spans = tokenizer(text, return_offsets_mapping=True)["offset_mapping"]
    place = next(p for p, (a, b) in enumerate(spans) if text[a:b].strip() == "good")
    state = [tokenizer.mask_token_id if p == place else t for p, t in enumerate(ids)]
    with torch.inference_mode():
        logits = net(torch.tensor([state])).logits[0, place].double().numpy()
    words = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
    starts = [w.startswith("Ġ") or not any(c.isalnum() for c in w) for w in words]
    allowed = np.array(starts) & ~np.isin(np.arange(len(words)), tokenizer.all_special_ids)
    q = np.where(allowed, np.exp(logits - logits.max()), 0.0)
    q /= q.sum()
    weights = {"good": 2.0, "bad": -3.0, "film": 0.5}
    z = np.array([weights.get(tokenizer.decode([t]).strip(), 0.0) + 0.5 for t in range(len(words))])
    wanted = float(q @ (1 / (1 + np.exp(-z))))
    assert explanation.scores[1] == pytest.approx(log_odds(1 / (1 + np.exp(-2.5))) - log_odds(wanted), abs=1e-9)
    assert explanation.likelihoods[1] == pytest.approx(q[ids[place]])


def test_words_reach_a_model_with_its_own_tokens(byte_masked_lm) -> None:
    model = elision.HuggingFaceModel(*build("xlnet"))
    explanation = elision.InputMarginalization(byte_masked_lm, threshold=1e-3)(model, "the man plays guitar .")
    assert [len(own) > 0 for own in explanation.candidates] == [True] * 5
    assert np.isfinite(explanation.scores).all()
    assert (explanation.lower <= explanation.scores + 1e-12).all()


@pytest.mark.parametrize("fill", ["parallel", "sequential"])
@pytest.mark.parametrize("original", ["keep", "exclude"])
def test_draws_of_a_subset_approach_the_exact_expectation(bert, masked_lm, brute, fill: str, original: str) -> None:
    text = "a deep dull film"
    known = np.array([[True, False, True, False]])
    removal = elision.Marginal(masked_lm, fill=fill, n_draws=6000, original=original)
    v = elision.ValueFunction(bert, text, removal=removal, target=1, behaviour="probability")
    ids = brute.ids(text)
    if fill == "sequential":
        fillings = brute.fillings(ids, [2, 4])
    else:
        state = brute.masked(ids, [2, 4])
        first, second = (brute.likelihoods([state], p)[0].tolist() for p in (2, 4))
        pairs = itertools.product(range(len(first)), repeat=2)
        fillings = {(a, b): first[a] * second[b] for a, b in pairs if first[a] * second[b] > 0}
    if original == "exclude":
        fillings = _without(brute, ids, fillings, fill)
    wanted = brute.expectation(ids, [2, 4], fillings)[1]
    values = v.values(known)
    error = v.std_error(values)[0]
    assert 0 < error < 0.01
    assert abs(v(known)[0] - wanted) < 4 * error


def _without(brute: Brute, ids: list[int], fillings: dict, fill: str) -> dict:
    """Each word's own original is excluded; for single tokens that is exclusion at each step of the chain."""
    first: dict[int, float] = {}
    own: dict[int, float] = {}
    for (a, b), q in fillings.items():
        first[a] = first.get(a, 0.0) + q
        own[a] = own.get(a, 0.0) + (q if b == ids[4] else 0.0)
    return {
        (a, b): first[a] / (1 - first[ids[2]]) * q / (first[a] - own[a])
        for (a, b), q in fillings.items()
        if a != ids[2] and b != ids[4]
    }


def test_exact_fill_serves_any_subset(bert, masked_lm) -> None:
    removal = elision.Marginal(masked_lm, threshold=0, fill="exact", beam=10_000)
    v = elision.ValueFunction(bert, "a deep dull film", removal=removal, target=1)
    wanted = elision.InputMarginalization(masked_lm, threshold=0, beam=10_000).joint(
        bert, "a deep dull film", [(1, 3), (0,)], target=1
    )
    found = v(np.array([[True, False, True, False], [False, True, True, True], [True] * 4]))
    assert v.full - found[0] == pytest.approx(wanted[0].score, abs=1e-9)
    assert v.full - found[1] == pytest.approx(wanted[1].score, abs=1e-9)
    assert found[2] == v.full


def test_leave_one_out_with_marginal_is_input_marginalization(bert, masked_lm) -> None:
    one = elision.LeaveOneOut(removal=elision.Marginal(masked_lm, threshold=1e-3))(bert, TEXT)
    other = elision.InputMarginalization(masked_lm, threshold=1e-3)(bert, TEXT)
    np.testing.assert_allclose(one.scores, other.scores, atol=1e-9)
    np.testing.assert_allclose(one.lower, other.lower, atol=1e-9)


def test_draws_do_not_depend_on_order_or_number_of_subsets(bert, masked_lm) -> None:
    for fill in ("parallel", "sequential"):
        known = np.random.default_rng(1).random((6, 6)) > 0.5

        def fresh(fill: str = fill, seed: int = 0) -> elision.ValueFunction:
            return elision.ValueFunction(bert, TEXT, removal=elision.Marginal(masked_lm, fill=fill), seed=seed)

        together = fresh()(known)
        np.testing.assert_allclose(fresh()(known[::-1])[::-1], together, atol=1e-9)
        np.testing.assert_allclose(fresh()(known[2:3]), together[2:3], atol=1e-9)
        assert np.abs(fresh(seed=1)(known) - together).max() > 1e-6


def test_text_longer_than_the_likelihood_model_reads(masked_lm, keywords) -> None:
    text = "a good film " * 60
    explanation = elision.LeaveOneOut(removal=elision.Marginal(masked_lm, threshold=1e-2))(keywords, text, target=1)
    assert len(explanation.units) == 180
    assert np.isfinite(explanation.scores).all()
    window = elision.InputMarginalization(masked_lm, threshold=0, n_candidates=3)(keywords, text, target=1)
    assert window.likelihoods[90] == pytest.approx(window.likelihoods[93], rel=1e-9)


def test_budget_takes_the_likeliest_candidates(bert, masked_lm) -> None:
    method = elision.InputMarginalization(masked_lm, threshold=0, budget=61, n_candidates=None)
    explanation = method(bert, TEXT)
    assert "of the likelihood lies outside the candidates of 'a', 'deep'" in explanation.notes[0]
    assert explanation.provenance["evaluations"] <= 61
    top = elision.InputMarginalization(masked_lm, threshold=0, top_n=10)(bert, TEXT)
    np.testing.assert_allclose(explanation.scores, top.scores, atol=1e-12)
    with pytest.raises(elision.BudgetError, match="budget must be at least 7"):
        elision.InputMarginalization(masked_lm, threshold=1e-5, budget=3)(bert, TEXT)


def test_a_unit_that_the_model_ignores_scores_zero(masked_lm) -> None:
    deaf = elision.load(lambda texts: np.full((len(texts), 2), [0.3, 0.7]), labels=["no", "yes"])
    explanation = elision.InputMarginalization(masked_lm, threshold=1e-4)(deaf, TEXT)
    np.testing.assert_array_equal(explanation.scores, np.zeros(6))


def test_the_likelihood_model_reads_a_pair_with_its_own_segment_ids(masked_lm, brute) -> None:
    """DistilBERT has no segment ids, the likelihood model has them, and the vocabulary is the same."""
    model = elision.HuggingFaceModel(*build("distilbert"))
    pair = ("a deep film", "a dull story")
    explanation = elision.InputMarginalization(masked_lm, threshold=1e-3)(model, pair)
    inputs = brute.tokenizer(*pair, return_tensors="pt")
    original = int(inputs["input_ids"][0, 6])
    inputs["input_ids"][0, 6] = brute.tokenizer.mask_token_id
    with torch.inference_mode():
        answer = brute.lm(**inputs).logits[0, 6].double()
    logits = answer.clone()
    logits[list(brute.special)] = -torch.inf
    assert explanation.units[4].text == "dull"
    assert explanation.likelihoods[4] == pytest.approx(float(torch.softmax(logits, -1)[original]), rel=1e-9)
