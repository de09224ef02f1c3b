"""Objects in the hand: one-line reprs like their constructors, pickled and copied objects that do the same."""

from __future__ import annotations

import copy
import pickle
from dataclasses import dataclass
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toys.models import keyword_model

import elision
from elision import metrics
from elision.explainers import METHODS
from elision.game.behaviour import BEHAVIOURS
from elision.removal import REMOVALS


def pickled(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


class Halves(elision.WhiteBoxExplainer):
    """An explainer of a user's own."""

    name = "halves"

    def __init__(self, share: float = 0.5, *extra: int, seed: int = 0, **more: int) -> None:
        super().__init__(behaviour="probability", seed=seed)
        self.share = share

    def look(self, v: Any) -> Any:
        return elision.Attribution(scores=np.full(len(v.units), self.share))


class Quarters(Halves):
    """One with a constructor that calls another's."""

    def __init__(self, *, name: str) -> None:
        super().__init__(0.25, seed=7)


class Same(Halves):
    """One without a constructor of its own."""


@dataclass(frozen=True)
class Counted(elision.Removal):
    """A removal that is a dataclass."""

    n: int = 1
    name = "counted"

    def bind(self, model: Any, encoding: Any, *, seed: int) -> Any:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("made", "shown"),
    [
        (elision.Lime(n_samples=500, removal="mask"), "Lime(n_samples=500, removal='mask')"),
        (elision.Lime(alpha=1, kernel_width=25, seed=0), "Lime()"),
        (elision.Lime(removal=elision.Mask()), "Lime(removal=Mask())"),
        (elision.Shapley(behaviour=BEHAVIOURS["logit"]), "Shapley(behaviour=Behaviour('logit'))"),
        (elision.GroupMasks(shortlist=elision.WordMasks(seed=2)), "GroupMasks(shortlist=WordMasks(seed=2))"),
        (elision.GroupMasks(shortlist=[0, 2]), "GroupMasks(shortlist=[0, 2])"),
        (elision.L2X(k=3, budget=9), "L2X(k=3, budget=9)"),
        (elision.Marginal("uniform", n_draws=3), "Marginal('uniform', n_draws=3)"),
        (elision.Marginal(likelihood="uniform", threshold=0), "Marginal('uniform', threshold=0)"),
        (elision.Pad(), "Pad()"),
        (elision.Uniform(["a", "b"]), "Uniform(['a', 'b'])"),
        (elision.UnigramPrior(["a b"] * 9), "UnigramPrior(['a b', 'a b', 'a b', 'a b', 'a b', 'a b', ...])"),
        (elision.UnigramPrior(text for text in ["a b"]), "UnigramPrior(<genexpr>)"),
        (Halves(), "Halves()"),
        (Halves(0.1, 2, 3, weight=4), "Halves(0.1, 2, 3, weight=4)"),
        (Quarters(name="q"), "Quarters(name='q')"),
        (Same(seed=1), "Same(seed=1)"),
        (Counted(n=3), "Counted(n=3)"),
    ],
)
def test_reprs_are_the_calls_that_make_them(made: Any, shown: str) -> None:
    assert repr(made) == shown
    assert repr(pickled(made)) == repr(copy.deepcopy(made)) == shown


@pytest.mark.parametrize("kind", [*METHODS.values(), *REMOVALS.values()])
def test_each_with_its_defaults_shows_none(kind: type) -> None:
    assert repr(kind()) == f"{kind.__name__}()"
    if issubclass(kind, elision.Explainer):
        assert repr(kind(seed=5)) == f"{kind.__name__}(seed=5)"
        assert "seed" in signature(kind).parameters


def test_long_and_foreign_arguments_take_one_line(bert) -> None:
    assert repr(Halves(bert.transformer.model)) == "Halves(<BertForSequenceClassification>)"
    assert repr(Halves(np.zeros(999))) == "Halves(<ndarray>)"
    assert repr(Halves(Path("a") / "b")) == "Halves('a/b')"
    assert repr(Halves(len)) == "Halves(<built-in function len>)"
    assert repr(Halves(keyword_model)) == "Halves(keyword_model)"
    assert len(repr(Halves("x" * 9999))) < 140


@pytest.mark.filterwarnings("ignore::elision.ElisionWarning")
@pytest.mark.parametrize("kind", list(METHODS.values()))
def test_pickled_explainers_say_the_same(bert, kind: type[elision.Explainer]) -> None:
    model = bert
    method = kind()
    if isinstance(method, elision.L2X):
        method = elision.L2X(n_epochs=1).fit(model, ["a good film", "a bad film"])
    found = method(model, "a good film")
    for other in (pickled(method), copy.deepcopy(method)):
        again = other(model, "a good film")
        np.testing.assert_array_equal(again.scores, found.scores)
        assert other._settings() == method._settings()


def test_removals_and_likelihoods_pickle() -> None:
    removal = pickled(elision.Marginal("uniform", n_draws=3))
    assert removal.describe() == elision.Marginal("uniform", n_draws=3).describe()
    prior = pickled(elision.UnigramPrior(["a b", "c"]))
    assert prior.describe() == {"name": "prior", "texts": 2}


def test_models_and_engines_in_one_line(bert) -> None:
    assert repr(bert) == f"HuggingFaceModel({bert.name!r}, labels={list(bert.labels)!r}, dtype='float64')"
    assert repr(keyword_model()) == f"BlackBox({keyword_model().name!r}, labels=['negative', 'positive'])"
    engine = elision.Engine(keyword_model(), budget=20)
    elision.LeaveOneOut(budget=20)(engine.model, "a good film", engine=engine)
    assert repr(engine) == f"Engine({engine.model!r}, evaluations=4, budget=20)"
    assert repr(elision.Engine(keyword_model())) == f"Engine({keyword_model()!r}, evaluations=0)"


def test_a_model_that_is_not_made_yet_has_a_repr() -> None:
    assert repr(elision.BlackBox.__new__(elision.BlackBox)) == "BlackBox(None, labels=[])"


def test_comparisons_and_measurements_in_one_line() -> None:
    both = elision.compare("a good film", model=keyword_model(), methods=["leave-one-out", "random"])
    assert repr(both) == "Comparison(('leave-one-out', 'random'), 'a good film')"
    table = metrics.compare(keyword_model(), ["a good film"], ["random"], ["deletion-auc"], n_resamples=5)
    shown = "Evaluation(methods=('random', 'leave-one-out'), metrics=('deletion-auc',), examples=1)"
    assert repr(table) == shown
    measured = table.measurements["random", "deletion-auc"]
    assert repr(measured) == f"Measurement('deletion-auc', mean={measured.mean:.4g}, n=1)"
    curve = next(iter(measured.curves.values()))
    assert repr(curve).startswith(f"Curve({len(curve.x)} points, 1 examples, x_label=")
