"""Every architecture against every method and removal: right by a plain computation, or refused with a reason.

A cell is "right", "refused: REASON" or "fault: WHAT"; anything but an answer that equals the plain computation, or an
ElisionError of one line, is a fault.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any
from unittest.mock import patch

import numpy as np
import torch

import elision
from elision.likelihood.filling import Slots
from elision.likelihood.likelihood import Likelihood, word_list_slots
from elision.models.encoding import Encoding
from elision.models.model import Model
from toys.architectures import ARCHITECTURES
from toys.plain import Plain, PlainFunction, log_odds, shapley

EXAMPLES = {
    "single": ("the man plays a meaningful story , well made !",),
    "pair": ("the man sings a story", "a moving film !"),
}
SHORT = {"single": ("the man plays meaningful",), "pair": ("the guitar", "a story")}
CANDIDATES = ("good", "meaningful", "stage")
REMOVALS = ("pad", "zero", "unk", "mask", "drop", "delete", "marginal")
GRADIENTS = ("saliency", "input-x-gradient", "integrated-gradients", "gradient-shap", "deep-lift")
SAMPLED = ("lime", "word-masks", "group-masks", "iba", "attention", "random", "l2x")
METHODS = ("marginalization", "shapley", "search", *GRADIENTS, *SAMPLED)
COLUMNS = ("v(all)", *REMOVALS, *METHODS)
QUICK: dict[str, dict[str, Any]] = {"group-masks": {"k": 3}, "lime": {"n_samples": 60}}

RIGHT = "right"


class Words(Likelihood):
    """A few words, each as likely as the others, which the model cuts into its own tokens."""

    def __init__(self, words: Sequence[str]) -> None:
        self.name, self.words = "few words", tuple(words)

    def bind(self, model: Model, encoding: Encoding) -> Slots:
        return word_list_slots(encoding, self.words, np.full(len(self.words), 1 / len(self.words)))


class Wrong(Exception):
    """An answer differs from the plain computation."""


def require_close(found: Any, expected: Any, tolerance: float, what: str) -> None:
    """Raise Wrong where numbers are not finite, or further apart than the tolerance."""
    found, expected = np.asarray(found, dtype=float), np.asarray(expected, dtype=float)
    if found.shape != expected.shape:
        raise Wrong(f"{what}: shape {found.shape} in place of {expected.shape}")
    if not np.isfinite(found).all():
        raise Wrong(f"{what}: not finite")
    off = float(np.abs(found - expected).max())
    if off > tolerance:
        raise Wrong(f"{what}: off by {off:.1e}, where {np.abs(expected).max():.2g} is the largest")


class Bench:
    """One architecture and one example, with the plain computation beside the library's.

    Args:
        name: of the architecture.
        kind: "single" or "pair".
        short: whether the example has four words only.
    """

    def __init__(self, name: str, kind: str, *, short: bool = False) -> None:
        self.untouched, self.tokenizer = ARCHITECTURES[name]()
        self.segments = (SHORT if short else EXAMPLES)[kind]
        self.example = self.segments[0] if kind == "single" else self.segments
        self.net: Any = None
        self._models: dict[int | None, Model] = {}
        self.renew()

    def renew(self) -> None:
        """Take a network that the library has not seen yet."""
        self.net = copy.deepcopy(self.untouched)
        self._models = {}

    def require_unchanged(self) -> None:
        """Raise Wrong where the library changed the network that it was given."""
        if self.tokenizer is None:
            return
        if _state(self.net) != _state(self.untouched):
            self.renew()
            raise Wrong("the network was changed")
        weights = self.untouched.state_dict()
        if any(not torch.equal(weight, weights[name]) for name, weight in self.net.state_dict().items()):
            raise Wrong("the network's weights were changed")

    @cached_property
    def plain(self) -> Any:
        """The plain computation."""
        if self.tokenizer is None:
            return PlainFunction(self.untouched, self.segments)
        return Plain(self.untouched, self.tokenizer, self.segments)

    def model(self, batch_tokens: int | None = None) -> Model:
        """Return the model as the library holds it, which remembers no answers."""
        if batch_tokens not in self._models:
            self._models[batch_tokens] = self._load(batch_tokens)
        return self._models[batch_tokens]

    def _load(self, batch_tokens: int | None) -> Model:
        if self.tokenizer is None:
            named = hasattr(self.net, "classes_") or hasattr(self.net, "predict")
            return elision.load(self.net, labels=None if named else ["no", "perhaps", "yes"])
        if batch_tokens is None:
            return elision.load(self.net, self.tokenizer)
        return elision.HuggingFaceModel(self.net, self.tokenizer, batch_tokens=batch_tokens)

    @property
    def tolerance(self) -> float:
        """How far answers may be apart: rounding in float32, which some families use inside even in float64."""
        exact = self.tokenizer is None or next(self.untouched.parameters()).dtype == torch.float64
        return 2e-6 if exact else 3e-5

    @cached_property
    def known(self) -> np.ndarray:
        """Subsets bool (s, u): each word absent, then some with several words absent."""
        n = len(self.plain.words)
        several = np.random.default_rng(0).random((5, n)) > 0.4
        several[several.all(axis=1) | ~several.any(axis=1), 0] ^= True
        return np.concatenate([~np.eye(n, dtype=bool), several])

    def watched(self, number: Any) -> Any:
        """Return log2 odds of probabilities, and scores as they are."""
        return number if self.plain.scores else log_odds(number)

    def leak(self) -> float:
        """Return by how much an answer changes with the token at a hidden place; NaN where there is no answer."""
        return float(self.plain.hiding_leaks(self.plain.row[2]))

    def removal(self, name: str) -> Any:
        """Return the removal to be used."""
        return elision.Marginal(Words(CANDIDATES)) if name == "marginal" else name

    def expected(self, removal: str, known: np.ndarray) -> np.ndarray:
        """Return the plain probabilities or scores of subsets."""
        if removal == "marginal":
            return np.array([self.plain.marginal(int(np.flatnonzero(~row)[0]), CANDIDATES) for row in known])
        return np.array([self.plain.without(removal, np.flatnonzero(~row).tolist()) for row in known])


def check_all(bench: Bench) -> None:
    """Compare v(all) with the plain call."""
    v = elision.ValueFunction(bench.model(), bench.example, removal="delete")
    if [unit.text for unit in v.units] != [word.text for word in bench.plain.words]:
        raise Wrong(f"units are {[unit.text for unit in v.units]}")
    require_close(v.prediction, bench.plain.everything(), bench.tolerance, "v(all)")


def check_removal(bench: Bench, removal: str) -> None:
    """Compare subsets, in batches, alone and in another order, with plain rows."""
    known = bench.known if removal != "marginal" else bench.known[: len(bench.plain.words)]
    v = elision.ValueFunction(bench.model(), bench.example, removal=bench.removal(removal))
    # However unlike in length: batches with little padding would show few of the places where padding matters.
    with patch("elision.models.transformer._MAX_WASTE", 0.9):
        found = v.probabilities(known)
    if removal == "drop" and (leak := bench.leak()) > bench.tolerance:
        raise Wrong(f"hidden tokens move the answer by {leak:.1e}, and drop is not refused")
    expected = bench.expected(removal, known)
    require_close(found, expected, bench.tolerance, "together")
    if np.ptp(expected, axis=0).max() < 100 * bench.tolerance:
        raise Wrong("this network's answers do not depend on its words")
    order = np.random.default_rng(1).permutation(len(known))
    again = elision.ValueFunction(bench.model(), bench.example, removal=bench.removal(removal))
    require_close(again.probabilities(known[order]), expected[order], bench.tolerance, "in another order")
    one = elision.ValueFunction(bench.model(batch_tokens=1), bench.example, removal=bench.removal(removal))
    require_close(one.probabilities(known), expected, bench.tolerance, "one row a batch")
    behaviour = "score" if bench.plain.scores else "probability"
    scores = elision.LeaveOneOut(removal=bench.removal(removal), behaviour=behaviour)(bench.model(), bench.example)
    target = scores.labels.index(scores.target)
    change = bench.plain.everything()[target] - expected[: len(scores.scores), target]
    require_close(scores.scores, change, 2 * bench.tolerance, "leave-one-out")


def check_shapley(bench: Bench, removal: str | None = None) -> None:
    """Compare exact Shapley values with their definition, and their sum with v(all) - v(none)."""
    found = elision.Shapley(estimator="exact", removal=removal)(bench.model(), bench.example)
    used = found.provenance["removal"]["name"]
    target = found.labels.index(found.target)
    n = len(found.units)
    values: dict[tuple[int, ...], float] = {}

    def value(absent: tuple[int, ...]) -> float:
        if absent not in values:
            p = bench.plain.without(used, absent) if absent else bench.plain.everything()
            values[absent] = float(bench.watched(p[target]))
        return values[absent]

    require_close(found.scores, shapley(value, n), 500 * bench.tolerance, f"Shapley values ({used})")
    require_close(found.scores.sum(), value(()) - value(tuple(range(n))), 500 * bench.tolerance, "efficiency")


def check_method(bench: Bench, method: str) -> None:
    """Ask twice, and compare with autograd or plain rows where there is a plain computation."""
    found = explain(bench, method)
    again = explain(bench, method)
    if not np.isfinite(found.scores).all():
        raise Wrong("scores are not finite")
    require_close(again.scores, found.scores, 1e-6, "asked again")
    require_close(found.answers, bench.plain.everything(), bench.tolerance, "v(all)")
    target = found.labels.index(found.target)
    if method in ("saliency", "input-x-gradient"):
        expected = bench.plain.gradient(target)[method == "input-x-gradient"]
        require_close(found.scores, expected, 500 * bench.tolerance * max(1.0, np.abs(expected).max()), "gradients")
    elif method == "integrated-gradients":
        completeness(bench, found, target)
    elif method == "search":
        nothing = [without_any(bench, name, len(found.units))[target] for name in found.origin.removals]
        change = bench.plain.everything()[target] - np.mean(nothing)
        require_close(found.scores.sum(), change, 500 * bench.tolerance, "the sum of the scores")
    elif method == "marginalization":
        n = len(found.units)
        expected = bench.watched(bench.plain.everything()[target]) - bench.watched(
            bench.expected("marginal", bench.known[:n])[:, target]
        )
        require_close(found.scores, expected, 500 * bench.tolerance, "weights of evidence")


def without_any(bench: Bench, removal: str, n: int) -> np.ndarray:
    """Return the answer without any of n units; of a text that is gone the library's: a plain call may need tokens."""
    if removal != "delete":
        return np.asarray(bench.plain.without(removal, tuple(range(n))))
    v = elision.ValueFunction(bench.model(), bench.example, removal=removal)
    return v.probabilities(np.zeros((1, n), dtype=bool))[0]


def completeness(bench: Bench, found: elision.Explanation, target: int) -> None:
    """Compare what integrated gradients say they add up to with the plain change of the answer."""
    stated = found.provenance["convergence"]
    total = found.scores.sum() + found.provenance["special_tokens"]["score"]
    everything = tuple(range(len(found.units)))
    whole, nothing = bench.plain.everything()[target], bench.plain.without("zero", everything)[target]
    change = bench.watched(whole) - bench.watched(nothing)
    require_close(stated["change"], change, 500 * bench.tolerance, "the answer's change")
    require_close(total - stated["delta"], change, 500 * bench.tolerance, "completeness")


def explain(bench: Bench, method: str) -> elision.Explanation:
    """Return a method's explanation."""
    model = bench.model()
    if method == "l2x":
        return elision.L2X(n_epochs=1).fit(model, [bench.example] * 3)(model, bench.example)
    options = dict(QUICK.get(method, {}))
    if method == "marginalization":
        options = {"likelihood": Words(CANDIDATES), "threshold": 0.0}
    return elision.explain(bench.example, model=model, method=method, **options)


def _state(net: Any) -> list[Any]:
    """Return what may not change in a network, but for its weights: modes, hooks, kinds of modules, configuration."""
    hooks = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks")
    modules = [
        (name, type(m), m.training, *(len(getattr(m, kind)) for kind in hooks)) for name, m in net.named_modules()
    ]
    return [modules, net.config.to_dict()]


def judge(bench: Bench, work: Callable[[], None]) -> str:
    """Return a cell: right, refused, or a fault."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", elision.ElisionWarning)
            try:
                work()
            finally:
                bench.require_unchanged()
    except elision.ElisionError as error:
        return f"refused: {error}" if str(error) and "\n" not in str(error) else f"fault: message {str(error)!r}"
    except Wrong as error:
        return f"fault: {error}"
    except Exception as error:
        return f"fault: {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    return RIGHT


class Columns:
    """The cells of one architecture and one kind of example."""

    def __init__(self, name: str, kind: str) -> None:
        self.long, self.short = Bench(name, kind), Bench(name, kind, short=True)

    def cell(self, column: str) -> str:
        """Return a cell of the matrix."""
        if column == "v(all)":
            return judge(self.long, lambda: check_all(self.long))
        if column in REMOVALS:
            self.long.renew()
            found = judge(self.long, lambda: check_removal(self.long, column))
            if column == "drop" and found.startswith("refused"):
                return self._refused_drop(found)
            return found
        if column != "shapley":
            return judge(self.long, lambda: check_method(self.long, column))
        found = judge(self.short, lambda: check_shapley(self.short))
        if not found.startswith("refused"):
            return found
        # The removal is refused, not the method: with another it must be right.
        other = judge(self.short, lambda: check_shapley(self.short, "unk"))
        return other if other.startswith("fault") else found

    def _refused_drop(self, refusal: str) -> str:
        """Return a refusal of drop, or a fault where the example is not refused as a whole and drop would be right."""
        if self.long.tokenizer is None or judge(self.long, lambda: check_all(self.long)) != RIGHT:
            return refusal
        leak = self.long.leak()
        return f"fault: {refusal}, but hidden tokens move nothing" if leak <= self.long.tolerance else refusal


def cells(name: str, kind: str, columns: Sequence[str] = COLUMNS) -> Iterator[tuple[str, str]]:
    """Yield the columns and cells of an architecture, for "single" or "pair"."""
    made = Columns(name, kind)
    for column in columns:
        yield column, made.cell(column)
