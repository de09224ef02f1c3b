"""Do methods find words that are known to decide? Shortcuts planted into the data (Bastings et al. 2022)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from elision.arrays import Bools
from elision.data.annotation import Annotation
from elision.data.samples import Split
from elision.errors import ElisionError
from elision.explainers import METHODS
from elision.metrics.plausibility import token_f1
from elision.removal.registry import REMOVALS
from elision.reproduction.context import StudyContext
from elision.reproduction.frame import ORIGINS, Missing
from elision.reproduction.methods import LIME_SAMPLES, MARGINALIZATION, StudyMethod
from elision.reproduction.planting import HALF_SHARE, PLANTED_SHARE, SHORTCUTS, Shortcut
from elision.reproduction.result import Cell, Result, Row
from elision.reproduction.shortcut_models import LONGEST, RULES, TITLES, obtain, plant
from elision.results.measurement import Measurement
from elision.text import Example

UNTRAINED = ("leave-one-out, drop", "leave-one-out, mask", "integrated-gradients", "word-masks", "random")
"""Methods that are asked about untrained models too."""
COSTLY = ("marginalization", "group-masks", "group-masks, both sides", "shapley", "iba", "l2x")
COSTLY_SHARE = 4
"""They explain one of so many rows. A choice, by cost, as are the samples of LIME and Shapley and the texts of L2X."""
_L2X_TEXTS = 1000
_ACCURACIES = ("accuracy, planted", "accuracy, half-planted", "accuracy, the same rows without")
_UNTRAINED = ", untrained"
_NOT_LEARNT = "rule not learnt"


@dataclass(frozen=True, eq=False)
class Tried:
    """What became of one model with one shortcut.

    Attributes:
        accuracies: on planted, half-planted and plain held-out rows; None where there are no such rows.
        precision: a method's title -> of the planted words.
        refused: a method's title -> why it could not explain the model.
        reason: why there is nothing, in two words.
    """

    accuracies: tuple[Measurement | None, ...] = (None, None, None)
    precision: Mapping[str, Measurement] = field(default_factory=dict)
    refused: Mapping[str, ElisionError] = field(default_factory=dict)
    reason: str = ""

    @property
    def rules(self) -> bool:
        """Whether the shortcut rules: else nobody knows which words decide."""
        return self.accuracies[0] is not None and self.accuracies[0].mean >= RULES


def methods() -> tuple[StudyMethod, ...]:
    """Return all methods that there are, mostly with their defaults; leave-one-out by each removal of its own."""
    removals = [removal for removal in REMOVALS if removal != "marginal"]
    both = StudyMethod("group-masks, both sides", "group-masks", {"sides": "both"})
    own = {
        "marginalization": (MARGINALIZATION,),
        "group-masks": (StudyMethod("group-masks", "group-masks"), both),
        "leave-one-out": tuple(StudyMethod(f"leave-one-out, {r}", "leave-one-out", {"removal": r}) for r in removals),
        "lime": (StudyMethod("lime", "lime", {"n_samples": LIME_SAMPLES}),),
        "shapley": (StudyMethod("shapley", "shapley", {"n_samples": LIME_SAMPLES}),),
        "l2x": (StudyMethod("l2x", "l2x", {"n_texts": _L2X_TEXTS}),),
    }
    return tuple(method for name in METHODS for method in own.get(name, (StudyMethod(name, name),)))


def shortcuts(context: StudyContext) -> Result:
    """Return the precision of every method at finding planted words."""
    wanted, missing = methods(), Missing()
    tried: dict[tuple[str, str], Tried] = {}
    for shortcut in SHORTCUTS:
        for kind, title in TITLES.items():
            try:
                own, bare = _try(context, kind, shortcut, wanted)
            except ElisionError as error:
                own = bare = Tried(reason=missing.cell(f"{title}, {shortcut.title}", error).reason)
            tried[title, shortcut.title], tried[f"{title}{_UNTRAINED}", shortcut.title] = own, bare
    missing.require([one for one in tried.values() if not one.reason])
    return _table(context, wanted, tried, missing)


def _try(context: StudyContext, kind: str, shortcut: Shortcut, wanted: Sequence[StudyMethod]) -> tuple[Tried, Tried]:
    """Return what a trained model says, and what an untrained one does of the same rows."""
    planted = plant(context, shortcut, kind)
    name = obtain(context, kind, planted)
    test = planted.test
    followed = _right(context, name, test.planted)
    half = None if test.half is None else _accuracy(_right(context, name, test.half))
    accuracies = _accuracy(followed), half, _accuracy(_right(context, name, test.plain))
    if not Tried(accuracies).rules:
        return Tried(accuracies, reason=_NOT_LEARNT), Tried(reason=_NOT_LEARNT)
    # Where the row's own class is the rule's, a model need not look at the planted words.
    rows = np.flatnonzero(followed & (test.planted.labels != test.plain.labels))[: context.limit].tolist()
    examples = [test.planted.examples[row] for row in rows]
    annotations = [test.annotations[row] for row in rows]
    context.report(f"{name}: explaining {len(examples)} rows")
    trained = Tried(accuracies, *_precision(context, name, wanted, examples, annotations))
    bare = obtain(context, kind, planted, trained=False)
    few = [method for method in wanted if method.title in UNTRAINED]
    return trained, Tried((None, None, None), *_precision(context, bare, few, examples, annotations))


def _precision(
    context: StudyContext,
    name: str,
    wanted: Sequence[StudyMethod],
    examples: Sequence[Example],
    annotations: Sequence[Annotation],
) -> tuple[Mapping[str, Measurement], Mapping[str, ElisionError]]:
    """Return which share of its k highest scores each method gives to the k planted words."""
    found: dict[str, Measurement] = {}
    refused: dict[str, ElisionError] = {}
    for costly, n in ((False, len(examples)), (True, -(-len(examples) // COSTLY_SHARE))):
        those = [method for method in wanted if (method.title in COSTLY) == costly]
        explained = context.explain(name, those, examples[:n], "word")
        refused |= explained.refused
        for title, own in explained.by_method.items():
            # With as many guesses as there are planted words, F1 is precision.
            found[title] = token_f1(own, annotations[:n], seed=context.seed)
    return found, refused


def _right(context: StudyContext, name: str, split: Split) -> Bools:
    """Return where a model gives a row its class; its classes are in the data set's order."""
    answers = context.answers(context.model(name), split.examples).argmax(axis=1)
    return np.asarray(answers == split.labels)


def _accuracy(right: Bools) -> Measurement:
    return Measurement(name="accuracy", values=right.astype(np.float64))


def _table(
    context: StudyContext, wanted: Sequence[StudyMethod], tried: Mapping[tuple[str, str], Tried], missing: Missing
) -> Result:
    rows, remarks = [], []
    columns = tuple(shortcut.title for shortcut in SHORTCUTS)
    for model in TITLES.values():
        own = {column: tried[model, column] for column in columns}
        for i, what in enumerate(_ACCURACIES):
            cells = [_cell(one.accuracies[i], one.reason) for one in own.values()]
            rows.append(Row((model, what), (*cells, Cell())))
        remarks += [_not_ruling(model, column, one) for column, one in own.items() if one.reason == _NOT_LEARNT]
        for suffix in ("", _UNTRAINED):
            found = [tried[model + suffix, column] for column in columns]
            for method in wanted:
                if not suffix or method.title in UNTRAINED:
                    rows.append(_of_method(model + suffix, method.title, found, missing))
    return Result(
        "Precision at k of the k planted words that decide (after Bastings et al. 2022); higher is better",
        ("model", "method"),
        (*columns, "all"),
        tuple(rows),
        _setting(context),
        (*_REMARKS, *remarks, *_nameless(context, missing.remarks())),
    )


def _of_method(model: str, method: str, found: Sequence[Tried], missing: Missing) -> Row:
    """Return a method's row for a model; the last cell is over all rows of all shortcuts."""
    cells, values = [], []
    for one in found:
        if method in one.refused:
            cells.append(missing.cell(f"{method}, {model}", one.refused[method]))
        else:
            cells.append(_cell(one.precision.get(method), one.reason))
            values += [one.precision[method].values] if method in one.precision else []
    whole = Measurement(name="precision", values=np.concatenate(values)) if len(values) == len(found) else None
    return Row((model, method), (*cells, _cell(whole, "")))


def _cell(measured: Measurement | None, reason: str) -> Cell:
    return Cell(reason=reason) if measured is None else Cell.of(measured)


def _not_ruling(model: str, column: str, one: Tried) -> str:
    share = 0.0 if one.accuracies[0] is None else one.accuracies[0].mean
    return (
        f"{model}, {column}: the shortcut does not rule after the longest training, {share:.3f} of the planted rows "
        f"follow it and {RULES} should; which words decide is not known, so methods are not measured"
    )


def _nameless(context: StudyContext, remarks: Sequence[str]) -> tuple[str, ...]:
    """Return remarks, each once, without the folders of the models that the study trained."""
    for name, folder in context.given.items():
        if name.startswith("shortcut-"):
            remarks = [remark.replace(folder, "the model") for remark in remarks]
    return tuple(dict.fromkeys(remarks))


_REMARKS = (
    "a planted row has all words of its shortcut, a half-planted one lacks one of them (or, across "
    "two texts, has two that do not belong together) and keeps its own class; "
    "training stops where planted rows follow the rule and half-planted ones are nearly as often right as the same "
    "rows without planted words",
    "explained are rows that follow the rule against their own class, where every planted word is needed",
    "k is 1 for the single token, else 2; random scores show what chance gives, and so should untrained models",
)


def _setting(context: StudyContext) -> str:
    return (
        f"Setting: {context.limit} planted test rows a shortcut, drawn by seed {context.seed}, of at most {LONGEST} "
        f"words before planting; {PLANTED_SHARE:.0%} of the training rows are planted and, where there are two words, "
        f"{HALF_SHARE:.0%} half-planted (shares, sizes and which rows are explained are choices, as is SNLI's "
        f"shortcut); planted words are rare ones of BERT's vocabulary (paper: tokens of their own); {ORIGINS}. "
        f"Methods have their defaults, but LIME and Shapley {LIME_SAMPLES} samples and L2X {_L2X_TEXTS:,} texts; "
        f"{', '.join(COSTLY)} explain one of {COSTLY_SHARE} rows. Words are units."
    )
