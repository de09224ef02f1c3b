"""What any order of units attains: against brute force over all orders, and what cannot be asked for."""

from __future__ import annotations

from functools import partial
from itertools import permutations

import numpy as np
import pytest
from toys.sums import explained

import elision
from elision import metrics
from elision.errors import BudgetError, OptionError, UnsupportedError
from elision.metrics.ceilings import has_ceiling
from elision.metrics.registry import METRICS

TEXTS = ("not bad very good plot", "good not very bad", "very good", "bad")
OF_ORDERS = [
    ("aopc", {}),
    ("aopc", {"n_units": 2}),
    ("aopc", {"n_units": 3, "removal": "unk"}),
    ("comprehensiveness", {}),
    ("comprehensiveness", {"shares": (0.5,)}),
    ("sufficiency", {}),
    ("sufficiency", {"shares": (0.3, 1.0)}),
    ("post-hoc-accuracy", {"n_units": 3}),
    ("degradation", {}),
    ("degradation", {"removal": "delete+unk"}),
    ("deletion-auc", {}),
    ("deletion-auc", {"share": 0.5}),
    ("insertion-auc", {}),
    ("insertion-auc", {"share": 0.4, "removal": "unk"}),
]


def entangled(texts):
    """Words that act alone, in pairs and by how many there are."""
    found = []
    for text in texts:
        own = set(text.split())
        z = -2.1 * ("bad" in own) + 1.3 * ("good" in own) + 0.12 * ("very" in own) * len(own) - 0.2 * ("plot" in own)
        found.append(z + 2.9 * ({"not", "bad"} <= own) - 1.9 * ({"not", "good"} <= own))
    p = 1.0 / (1.0 + np.exp(-np.array(found)))
    return np.stack([1.0 - p, p], axis=1)


@pytest.fixture(scope="module")
def model():
    return elision.load(entangled, labels=["negative", "positive"])


def every_order(model, text):
    n = len(text.split())
    return [explained(model, text, scores) for scores in permutations(range(n))]


@pytest.mark.parametrize(("name", "options"), OF_ORDERS)
def test_ends_are_those_of_all_orders(model, name, options) -> None:
    measured = [METRICS[name](model, every_order(model, text), **options) for text in TEXTS]
    lows, highs = (np.array([end(own.values) for own in measured]) for end in (np.min, np.max))
    higher = measured[0].higher_is_better
    found = metrics.attainable(name, model, [explained(model, t, range(len(t.split()))) for t in TEXTS], **options)
    assert found.proven.all()
    assert found.higher_is_better == higher
    assert found.ends == pytest.approx(np.stack([lows, highs] if higher else [highs, lows], axis=1), abs=1e-12)
    weights = np.ones(4) if name != "degradation" else np.array([own.weights[0] for own in measured])
    assert sorted([found.worst, found.best]) == pytest.approx(
        sorted([lows.sum() / weights.sum(), highs.sum() / weights.sum()]), abs=1e-12
    )
    assert (found.best > found.worst) == higher


@pytest.mark.parametrize(("name", "options"), OF_ORDERS)
def test_a_beam_of_full_width_finds_the_ends_and_a_guided_search_lies_within_and_near(model, name, options) -> None:
    own = [explained(model, text, range(len(text.split()))) for text in TEXTS]
    exact = metrics.attainable(name, model, own, solver="exact", **options)
    full = metrics.attainable(name, model, own, solver="beam", beam=32, **options)
    assert full.ends == pytest.approx(exact.ends, abs=1e-12)
    found = metrics.attainable(name, model, own, solver="guided", **options)
    assert not found.proven.any()
    low, high = np.sort(exact.ends, axis=1).T
    near_low, near_high = np.sort(found.ends, axis=1).T
    assert (near_low >= low - 1e-12).all()
    assert (near_high <= high + 1e-12).all()
    # The words contradict each other on purpose, which misleads moves of single words.
    assert (near_high - near_low).sum() >= 0.8 * (high - low).sum()


def test_scores_have_ceilings_too() -> None:
    weights = {"a": 3.0, "b": -1.0, "c": 0.5}
    model = elision.load(lambda texts: [sum(weights.get(w, 0.0) for w in t.split()) for t in texts], answers="scores")
    own = elision.Random().many(model, ["a b c"])
    found = metrics.attainable("aopc", model, own, n_units=2)
    assert found.ends == pytest.approx(np.array([[(-1.0 - 0.5) / 3, (3.0 + 3.5) / 3]]), abs=1e-12)
    with pytest.raises(UnsupportedError, match="gives scores"):
        metrics.attainable("post-hoc-accuracy", model, own)


def test_a_metric_is_told_by_its_function_its_name_or_with_options(model) -> None:
    own = [explained(model, TEXTS[0], range(5))]
    by_name = metrics.attainable("aopc@unk", model, own, n_units=2)
    assert by_name.removal == {"name": "unk"}
    assert by_name.name == "aopc"
    told = partial(partial(metrics.aopc, removal="mask", n_units=7), removal="unk")
    assert metrics.attainable(told, model, own, n_units=2).ends.tolist() == by_name.ends.tolist()
    assert metrics.attainable(told, model, own).ends.tolist() != by_name.ends.tolist()
    assert has_ceiling(told)
    assert not has_ceiling(partial(told, normalize="exact"))
    assert not has_ceiling(metrics.auc_rep)


def test_an_engine_is_shared_and_one_removal_is_asked_about_once(model) -> None:
    own, engine = [explained(model, TEXTS[0], range(5))], elision.Engine(model)
    first = metrics.attainable("degradation", model, own, engine=engine)
    assert first.evaluations == 2**5 == engine.evaluations
    assert metrics.attainable("aopc", model, own, engine=engine).evaluations == 0
    # What counts of the top fifth of five words are the single words that go.
    assert metrics.attainable("comprehensiveness", model, own, shares=(0.2,)).evaluations == 1 + 5


def test_the_budget_is_an_example_s_and_is_kept(model) -> None:
    text = " ".join(["not bad very good plot"] * 4)
    own = [explained(model, text, range(20))]
    wide = metrics.attainable("degradation", model, own)
    tight = metrics.attainable("degradation", model, own, budget=260)
    assert 260 < wide.evaluations <= 60 * 20
    assert tight.evaluations <= 260
    with pytest.raises(BudgetError, match=r"budget must be at least 168 .* 20 units, got 100"):
        metrics.attainable("degradation", model, own, budget=100)
    with pytest.raises(BudgetError, match=r"at least 32 .*'exact'.* 5 units, got 31"):
        metrics.attainable("degradation", model, [explained(model, TEXTS[0], range(5))], budget=31, solver="exact")
    assert metrics.attainable("degradation", model, [explained(model, "bad good", range(2))], budget=4).proven.all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"metric": "auc-rep"}, "auc-rep has no ceiling.*those that do: aopc, .*insertion-auc$"),
        ({"metric": metrics.token_f1}, "token-f1 has no ceiling"),
        ({"metric": "aopc", "normalize": "exact"}, "between 0 and 1 already"),
        ({"metric": "aopc", "n_unit": 3}, r"option of aopc must be one of .*did you mean 'n_units'"),
        ({"metric": "aopc", "n_units": 0}, "n_units must be at least 1"),
        ({"metric": "insertion-auc", "share": 2.0}, "share must be above 0"),
        ({"metric": "aopc", "solver": "magic"}, "solver must be one of auto, exact, guided, beam"),
        ({"metric": "aopc", "beam": 0}, "beam must be at least 1"),
        ({"metric": "aopc", "budget": 0}, "budget must be at least 1"),
    ],
)
def test_mistakes(model, arguments, message) -> None:
    with pytest.raises(OptionError, match=message):
        metrics.attainable(**({"model": model, "explanations": [explained(model, "bad", [1])]} | arguments))


def test_the_exact_solver_refuses_long_texts(model) -> None:
    long = [explained(model, " ".join(["the"] * 17), range(17))]
    with pytest.raises(OptionError, match=r"at most 16 units, and an example has 17; use solver='guided'"):
        metrics.attainable("aopc", model, long, solver="exact")
