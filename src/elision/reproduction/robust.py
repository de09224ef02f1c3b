"""Masked training's promise: methods agree more, and what stands in for a word matters less (Madsen et al. 2024)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from elision.arrays import Floats
from elision.errors import ElisionError
from elision.metrics.agreement import correlation, top_k_overlap
from elision.metrics.perturbation import aopc
from elision.models.model import Model
from elision.removal import make_removal
from elision.reproduction.context import Explained, StudyContext, quiet_engine
from elision.reproduction.frame import Missing
from elision.reproduction.methods import LIME_SAMPLES, StudyMethod
from elision.reproduction.result import Cell, Result, Row
from elision.results.correlation import correlate
from elision.results.explanation import Explanation
from elision.results.intervals import difference
from elision.results.measurement import Measurement
from elision.text import Example

MODELS = {"ordinary": "sst2-minilm-ordinary", "masked training": "sst2-minilm-masked"}
_DATA = "sst2"
REMOVALS = ("drop", "mask", "delete", "pad", "unk")
SUBSETS_BY = ("mask", "delete")
"""Removals of the methods that ask about subsets: the one that was trained, and the one that metrics take. A choice,
by cost."""
SHARE = 0.5
TOP = 3
N_UNITS = 10
_OF_SUBSETS = {
    "LIME": ("lime", {"n_samples": LIME_SAMPLES}),
    "Shapley": ("shapley", {"n_samples": LIME_SAMPLES}),
    "word masks": ("word-masks", {}),
}
_LEAVE_ONE_OUT = "leave-one-out"
IG = StudyMethod("IG", "integrated-gradients")
METHODS = (
    *(StudyMethod(f"{_LEAVE_ONE_OUT}, {r}", "leave-one-out", {"removal": r}) for r in REMOVALS),
    *(
        StudyMethod(f"{title}, {r}", name, {**options, "removal": r})
        for title, (name, options) in _OF_SUBSETS.items()
        for r in SUBSETS_BY
    ),
    IG,
)
Explanations = Mapping[str, list[Explanation]]
Place = tuple[str, str]


@dataclass(frozen=True, eq=False)
class Findings:
    """What was found about one model.

    Attributes:
        figures: (question, figure) -> measurement, in the table's order.
        leads: the metric's removal -> the method with the highest AOPC.
    """

    figures: dict[Place, Measurement]
    leads: dict[str, str]


def robust_models(context: StudyContext) -> Result:
    """Return how far methods and removals agree about a model of masked training and about its ordinary twin."""
    missing, found, cells = Missing(), dict[str, Findings](), dict[str, Cell]()
    for title, name in MODELS.items():
        try:
            found[title] = _findings(context, name, title, missing)
        except ElisionError as error:
            cells[title] = missing.cell(title, error)
    missing.require(found)
    places = next(iter(found.values())).figures
    return Result(
        "Masked training: do methods agree more, and does the removal matter less? (Madsen et al. 2024)",
        ("question", "figure"),
        (*MODELS, "difference"),
        tuple(Row(place, _cells(place, found, cells)) for place in places),
        _setting(context),
        (*_REMARKS, *(_led(title, own.leads) for title, own in found.items()), *missing.remarks()),
    )


def _cells(place: Place, found: Mapping[str, Findings], instead: Mapping[str, Cell]) -> tuple[Cell, ...]:
    """Return the figure of both models, and how far it is higher after masked training."""
    measured = {title: own.figures[place] for title, own in found.items() if place in own.figures}
    cells = [Cell.of(measured[t]) if t in measured else instead.get(t, Cell(reason="not possible")) for t in MODELS]
    if len(measured) < len(MODELS):
        return (*cells, Cell())
    ordinary, masked = (measured[title] for title in MODELS)
    by, lower, upper, _ = difference(masked, ordinary)
    n = int((np.isfinite(ordinary.values) & np.isfinite(masked.values)).sum())
    if n < 2 or not np.isfinite(by):
        return (*cells, Cell(n=n))
    return (*cells, Cell(by, lower, upper, n))


def _findings(context: StudyContext, name: str, title: str, missing: Missing) -> Findings:
    figures = {("accuracy", key): one for key, one in _accuracies(context, name).items()}
    explained = context.explain(name, METHODS, context.examples(_DATA), "word")
    for method, reason in explained.refused.items():
        missing.cell(f"{method}, {title}", reason)
    for removal in SUBSETS_BY:
        own = [f"{kind}, {removal}" for kind in (_LEAVE_ONE_OUT, *_OF_SUBSETS)] + [IG.title]
        figures |= _agreement(f"methods agree, by {removal}", explained.by_method, own)
    for kind in (_LEAVE_ONE_OUT, *_OF_SUBSETS):
        own = [f"{kind}, {removal}" for removal in REMOVALS]
        figures |= _agreement(f"removals agree, {kind}", explained.by_method, own)
    of_aopc, leads = _aopc(explained, context.seed)
    return Findings(figures | of_aopc, leads)


def _accuracies(context: StudyContext, name: str) -> dict[str, Measurement]:
    """Return the accuracy on whole texts and on those with half of their words hidden, and how sure nothing makes."""
    model, examples = context.model(name), context.split(_DATA).examples
    wanted = np.array([context.right_class(model, _DATA, row) for row in range(len(examples))])
    answers = {"whole texts": context.answers(model, examples)}
    for how, removal in (("masked", "mask"), ("deleted", "delete")):
        answers[f"half of the words {how}"] = hidden_answers(model, examples, removal, SHARE, context.seed)
    figures = {
        key: Measurement(name="accuracy", values=(own.argmax(axis=1) == wanted).astype(np.float64))
        for key, own in answers.items()
    }
    sure = hidden_answers(model, examples, "mask", 1.0, context.seed).max(axis=1)
    figures["all words masked: probability of the likelier class"] = Measurement(
        name="sure", values=sure, higher_is_better=None
    )
    return figures


def hidden_answers(model: Model, examples: Sequence[Example], removal: str, share: float, seed: int) -> Floats:
    """Return a model's probabilities, float64 (n, c), for examples that lack a share of their words, drawn by the seed.

    Raises:
        UnsupportedError: the model cannot do the removal.
    """
    draws, bound, blocks = np.random.default_rng(seed), make_removal(removal), []
    for example in examples:
        encoding = model.encode(example, "word")
        n_units = len(encoding.units)
        known = np.ones((1, n_units), dtype=bool)
        known[0, draws.permutation(n_units)[: round(share * n_units)]] = False
        blocks.append(bound.bind(model, encoding, seed=seed).draws(known).blocks[0][0])
    return np.concatenate(quiet_engine(model).evaluate(blocks))


def _agreement(question: str, by_method: Explanations, titles: Iterable[str]) -> dict[Place, Measurement]:
    """Return how alike the methods of these titles score each example, averaged over all pairs of them."""
    told = [by_method[title] for title in titles if title in by_method]
    kinds: dict[str, Callable[[list[Explanation], list[Explanation]], Measurement]] = {
        "Spearman": correlation,
        f"share of the top {TOP} in common": lambda one, other: top_k_overlap(one, other, n_units=TOP),
    }
    return {
        (question, kind): _mean(kind, [compare(one, other).values for one, other in combinations(told, 2)])
        for kind, compare in kinds.items()
        if len(told) > 1
    }


def _aopc(explained: Explained, seed: int) -> tuple[dict[Place, Measurement], dict[str, str]]:
    """Return how far AOPC depends on the metric's removal, and which method leads by which."""
    engine = quiet_engine(explained.model)
    values = np.array(
        [
            [
                aopc(explained.model, own, removal=removal, n_units=N_UNITS, engine=engine, seed=seed).values
                for own in explained.by_method.values()
            ]
            for removal in REMOVALS
        ]
    )
    alike = [
        np.array([correlate(one[:, i], other[:, i]) for i in range(one.shape[1])])
        for one, other in combinations(values, 2)
    ]
    spread, level = np.ptp(values, axis=0).mean(axis=0), values.mean(axis=(0, 1))
    figures = {
        "order of the methods by two removals, Spearman": _mean("order", alike),
        "largest less smallest over removals": Measurement(name="spread", values=spread, higher_is_better=False),
        "the same as a share of AOPC": Measurement(name="share", values=spread, weights=level, higher_is_better=False),
    }
    for removal, own in zip(REMOVALS, values, strict=True):
        figures[f"by {removal}, mean of the methods"] = Measurement(name="aopc", values=own.mean(axis=0))
    titles = list(explained.by_method)
    leads = {r: titles[int(own.mean(axis=1).argmax())] for r, own in zip(REMOVALS, values, strict=True)}
    return {(f"AOPC, U = {N_UNITS}", key): one for key, one in figures.items()}, leads


def _mean(name: str, values: Sequence[Floats]) -> Measurement:
    """Return each example's mean over those of the pairs that say something."""
    table = np.array(values)
    told = np.isfinite(table)
    with np.errstate(invalid="ignore"):
        means = np.where(told, table, 0.0).sum(axis=0) / told.sum(axis=0)
    return Measurement(name=name, values=means, higher_is_better=None)


def _led(title: str, leads: Mapping[str, str]) -> str:
    return f"{title}; highest mean AOPC: " + "; ".join(f"by {removal} {own}" for removal, own in leads.items())


def _setting(context: StudyContext) -> str:
    by = " or ".join(SUBSETS_BY)
    return (
        f"Setting: {context.limit} SST-2 test sentences drawn by seed {context.seed}, words left out; accuracy on all "
        "test sentences. Both models start from one masked language model of six layers and see the same batches of "
        "SST-2's training sentences in as many passes, of which the best on dev is kept; in masked training half of "
        "each batch's rows have a random share of their tokens hidden. "
        f"Leave-one-out by {', '.join(REMOVALS)}; LIME and Shapley with {LIME_SAMPLES} samples "
        f"and word masks by {by}; integrated gradients beside them. Paper: RoBERTa, 16 data sets."
    )


_REMARKS = (
    "the difference is masked training less ordinary, on the same sentences, with its interval",
    "methods agree: mean over all pairs of leave-one-out, LIME, Shapley, word masks and IG; removals agree: mean over "
    "all pairs of one method's removals",
    "AOPC is averaged over all methods and removals of the study; its spread is over the metric's five removals",
    "a model that is less sure of its answers has less AOPC to lose, whence the share",
)
