"""AUC_rep where the language model's draws are known beforehand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from toys.models import build
from toys.sums import add, explained

import elision
from elision import metrics
from elision.errors import OptionError
from elision.likelihood.filling import MASKED
from elision.likelihood.likelihood import Likelihood, Uniform, word_list_slots

WORDS = ["film", "funny", "long", "the", "warm"]


class Chain(Likelihood):
    """Writes "funny" where some word of the text is masked and "the" stands in it already, else "the"."""

    name = "chain"

    def bind(self, model, encoding):
        slots = word_list_slots(encoding, WORDS, np.full(len(WORDS), 0.2))
        self.seen = seen = []

        def distribution(states, at):
            seen.append(states.copy())
            assert (states[np.arange(len(states)), at] == MASKED).all()
            found = np.zeros((len(states), len(WORDS)))
            written = (states == WORDS.index("the")).any(axis=1)
            found[np.arange(len(states)), np.where(written, WORDS.index("funny"), WORDS.index("the"))] = 1.0
            return found

        return replace(slots, distribution=distribution)


@pytest.fixture
def model():
    return elision.load(add, labels=["negative", "positive"])


def test_top_units_are_replaced_one_after_another(model) -> None:
    own = explained(model, "warm funny long film", [4, 3, 1, 2])
    found = metrics.auc_rep(model, [own], likelihood=Uniform(words=["the"]), share=0.5)
    # 0.85 with all words, 0.45 without "warm", 0.25 without "funny" too
    assert found.mean == pytest.approx(np.trapezoid([0.85, 0.45, 0.25], dx=0.5))
    assert found.curves["auc-rep"].mean[[0, 50, 100]] == pytest.approx([0.85, 0.45, 0.25])
    assert found.curves["auc-rep"].x[-1] == 50.0
    assert found.higher_is_better is False
    assert found.removal["likelihood"]["name"] == "uniform"


def test_each_draw_sees_the_words_drawn_before(model) -> None:
    likelihood = Chain()
    own = explained(model, "warm long film", [4, 3, 2])
    found = metrics.auc_rep(model, [own], likelihood=likelihood, share=1.0, n_draws=3)
    texts = ["warm long film", "the long film", "the funny film", "the funny funny"]
    assert found.mean == pytest.approx(np.trapezoid(add(texts)[:, 1], dx=1 / 3))
    the, masked = WORDS.index("the"), MASKED
    assert likelihood.seen[1][:, :2].tolist() == [[the, masked]] * 3


def test_words_are_put_where_they_belong_whatever_the_order(model) -> None:
    own = explained(model, "warm long film", [2, 3, 4])
    found = metrics.auc_rep(model, [own], likelihood=Chain(), share=1.0, n_draws=2)
    texts = ["warm long film", "warm long the", "warm funny the", "funny funny the"]
    assert found.mean == pytest.approx(np.trapezoid(add(texts)[:, 1], dx=1 / 3))


def test_units_are_drawn_with_numbers_of_their_own() -> None:
    seen = set()

    def record(texts):
        seen.update(texts)
        return np.full((len(texts), 2), 0.5)

    model = elision.load(record, labels=["negative", "positive"])
    own = explained(model, "warm long", [2, 1])
    metrics.auc_rep(model, [own], likelihood=Uniform(words=["the", "funny"]), share=1.0, n_draws=40)
    assert {"the the", "the funny", "funny the", "funny funny"} <= seen


def test_one_unit_goes_where_the_share_is_less_than_one(model) -> None:
    own = explained(model, "warm long film", [1, 2, 3])
    found = metrics.auc_rep(model, [own], likelihood=Uniform(words=["the"]), share=0.2)
    assert found.mean == pytest.approx(np.mean(add(["warm long film", "warm long the"])[:, 1]))


def test_draws_follow_the_likelihood_and_are_averaged(model) -> None:
    own = explained(model, "warm long film", [3, 2, 1])
    found = metrics.auc_rep(model, [own], likelihood=Uniform(words=["the", "funny"]), share=0.2, n_draws=2000)
    # "warm" becomes "the" or "funny": 0.25 or 0.45, 0.35 on average, with a standard error of 0.1 / sqrt(2000)
    assert found.curves["auc-rep"].mean[-1] < 0.65
    assert 2 * found.mean - 0.65 == pytest.approx(0.35, abs=3 * 0.1 / np.sqrt(2000))


def test_seeds_fix_the_draws_whatever_other_examples_there_are(model) -> None:
    likelihood = Uniform(words=WORDS)
    texts = ["warm long film", "funny long film", "long film"]
    many = [explained(model, text, range(len(text.split()))) for text in texts]
    found = metrics.auc_rep(model, many, likelihood=likelihood, n_draws=5)
    alone = metrics.auc_rep(model, many[1:2], likelihood=likelihood, n_draws=5)
    assert found.values[1] == alone.values[0]
    other = metrics.auc_rep(model, many, likelihood=likelihood, n_draws=5, seed=1)
    assert found.values.tolist() != other.values.tolist()


def test_two_orders_of_the_same_first_word_get_the_same_draws(model) -> None:
    likelihood = Uniform(words=WORDS)
    one, other = (explained(model, "warm long film", s) for s in ([3, 2, 1], [3, 1, 2]))
    found = [metrics.auc_rep(model, [own], likelihood=likelihood, n_draws=3).values[0] for own in (one, other)]
    assert found[0] == found[1]


def test_words_of_several_tokens_and_the_models_own_tokens() -> None:
    model, likelihood = (
        elision.HuggingFaceModel(*build("bert")),
        elision.MaskedLanguageModel(*build("bert", "MaskedLM")),
    )
    explanation = elision.LeaveOneOut(removal="mask")(model, "a meaningful film . not boring at all")
    found = metrics.auc_rep(model, [explanation, explanation], likelihood=likelihood, n_draws=4)
    assert found.values[0] == found.values[1]
    assert 0.0 < found.values[0] < 1.0


def test_mistakes_in_one_line(model) -> None:
    own = explained(model, "warm long film", [3, 2, 1])
    with pytest.raises(OptionError, match="n_draws must be at least 1"):
        metrics.auc_rep(model, [own], likelihood=Uniform(words=["the"]), n_draws=0)
    with pytest.raises(OptionError, match="share must be above 0 and at most 1, got 2"):
        metrics.auc_rep(model, [own], likelihood=Uniform(words=["the"]), share=2)
