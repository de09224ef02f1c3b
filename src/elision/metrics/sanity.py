"""Checks that an explanation is of this model and this text: other weights, other draws, other punctuation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from itertools import combinations

import numpy as np

from elision.arrays import Floats
from elision.errors import OptionError, require_one_of
from elision.explainers import Explainer
from elision.metrics.agreement import correlation
from elision.metrics.games import require_explanations
from elision.metrics.randomization import randomized
from elision.models.loading import load
from elision.models.model import Model, ModelLike
from elision.results.correlation import CORRELATIONS, correlate
from elision.results.explanation import Explanation
from elision.results.findings import UnitScores
from elision.results.measurement import Curve, Measurement
from elision.text import Example, Unit, UnitKind, split_words

PUNCTUATION_VARIANTS = ("full-stop", "spaced", "closed")
_MARKS = frozenset(",.;:!?…")


def cascading_randomization(
    model: ModelLike,
    examples: Sequence[Example],
    method: Explainer,
    *,
    kind: str = "spearman",
    absolute: bool = False,
    units: UnitKind = "word",
    seed: int = 0,
) -> Measurement:
    """How much of an explanation is left when the model's weights are drawn anew, the head first, down to the words.

    An explanation of what the model has learned must not survive it. The class explained stays that which the trained
    model predicts.

    Args:
        model: a PyTorch model, as `elision.load` takes it; it is not changed.
        examples: n texts or pairs of texts.
        method: the explainer. One that was fitted to the trained model, such as L2X, is not fitted again.
        kind: "spearman", "kendall" or "pearson".
        absolute: whether the sizes of scores are compared.
        units: "word", "token", or a function from a text to spans.
        seed: of the weights.
    Returns:
        For each example the correlation of its scores with those of a model that has learned nothing; NaN where one of
        them scores all units alike. Lower is better. The curve "randomization" has the correlation at each stage, over
        the examples that have one at every stage; `settings["stages"]` names the layer drawn last.
    Raises:
        UnsupportedError: the model is a function: it has no weights.
        ElisionError: an option is out of range, or the method cannot explain the model.
    Source: Adebayo et al. 2018, cascading randomization. Deviations: units, not pixels.
    Cost: the method's, once more for each of the model's layers; memory for a second model.
    """
    require_one_of("kind", kind, CORRELATIONS)
    _require_examples(examples)
    answering = load(model)
    stages, found = [], []
    trained: list[Explanation] = []
    for stage, other in randomized(answering, seed):
        # The first draw is when a model without weights is refused, before any work.
        trained = trained or method.many(answering, examples, units=units, errors="raise")
        again = _explain(method, other, [(e.example, e.target) for e in trained], units)
        stages.append(stage)
        found.append(correlation(trained, again, kind=kind, absolute=absolute).values)
    values = np.array(found).T
    told = np.isfinite(values).all(axis=1)
    curve = Curve(
        x=np.arange(1.0, len(stages) + 1), y=values[told], x_label="layers drawn anew", y_label=f"{kind} correlation"
    )
    return Measurement(
        name="cascading-randomization",
        values=values[:, -1],
        higher_is_better=False,
        settings={"method": method.name, "kind": kind, "absolute": absolute, "stages": stages, "seed": seed},
        curves={"randomization": curve},
    )


def random_ranking(explanations: Sequence[Explanation], *, seed: int = 0) -> list[Explanation]:
    """Return explanations whose scores are dealt out again at random: what any metric says of chance.

    Each keeps its units, its class and its scores; which unit has which score is drawn. So even a metric that looks at
    the scores' sizes has its chance level.

    Args:
        explanations: n explanations.
        seed: of the draws.
    Returns:
        As many, without what belonged to the old order: errors, bounds, other classes' scores, candidates and groups.
    Raises:
        OptionError: it is not a sequence of at least one explanation.
    """
    draws = np.random.default_rng(seed)
    return [
        explanation.replace(
            findings=(UnitScores(scores=draws.permutation(explanation.scores)),),
            provenance={**explanation.provenance, "method": f"{explanation.method}, shuffled", "shuffle_seed": seed},
        )
        for explanation in require_explanations(explanations)
    ]


def seed_stability(
    model: ModelLike,
    examples: Sequence[Example],
    method_of_seed: Callable[[int], Explainer],
    *,
    seeds: Sequence[int] = (0, 1, 2),
    kind: str = "spearman",
    units: UnitKind = "word",
) -> Measurement:
    """How alike a method's explanations are from seed to seed.

    Args:
        model: whatever `elision.load` takes.
        examples: n texts or pairs of texts.
        method_of_seed: a seed -> the explainer with it.
        seeds: at least two different ones.
        kind: "spearman", "kendall" or "pearson".
        units: "word", "token", or a function from a text to spans.
    Returns:
        For each example the mean correlation of two seeds' scores; NaN where none has one. Higher is better.
    Raises:
        ElisionError: an option is out of range, or the method cannot explain the model.
    Cost: the method's, for each seed.
    """
    require_one_of("kind", kind, CORRELATIONS)
    if len(set(seeds)) < max(len(seeds), 2):
        raise OptionError(f"seeds must be at least two different ones, got {tuple(seeds)}")
    _require_examples(examples)
    answering = load(model)
    methods = [method_of_seed(seed) for seed in seeds]
    runs = [method.many(answering, examples, units=units, errors="raise") for method in methods]
    pairs = [correlation(one, other, kind=kind).values for one, other in combinations(runs, 2)]
    return Measurement(
        name="seed-stability",
        values=_mean_told(np.array(pairs)),
        settings={"method": methods[0].name, "kind": kind, "seeds": list(seeds)},
    )


def punctuation_stability(
    model: ModelLike,
    examples: Sequence[Example],
    method: Explainer,
    *,
    variants: Sequence[str] = PUNCTUATION_VARIANTS,
    kind: str = "spearman",
    units: UnitKind = "word",
) -> Measurement:
    """How alike the words' scores are when punctuation changes that means nothing.

    Each variant changes each text of an example:

    - "full-stop": the full stop at the end is taken away; where a text ends with a word, one is added.
    - "spaced": a space is put before each , . ; : ! ? and ellipsis that touches what is before it.
    - "closed": white space before them is taken away.

    Marks that a letter or digit follows at once, as in numbers, times and addresses, stay. Words that both texts have
    are compared, in their order, without the punctuation around them; the class explained stays that of the untouched
    example.

    Args:
        model: whatever `elision.load` takes.
        examples: n texts or pairs of texts.
        method: the explainer.
        variants: which of PUNCTUATION_VARIANTS, at least one.
        kind: "spearman", "kendall" or "pearson".
        units: "word", "token", or a function from a text to spans.
    Returns:
        For each example the mean correlation over the variants that change it; NaN where none does, or where fewer than
        two words are left to compare. Higher is better.
    Raises:
        ElisionError: an option is out of range, or the method cannot explain the model.
    Cost: the method's, once more for each variant.
    """
    require_one_of("kind", kind, CORRELATIONS)
    if isinstance(variants, str) or not len(variants):
        raise OptionError(f"variants must be some of {', '.join(PUNCTUATION_VARIANTS)}, got {variants!r}")
    for variant in variants:
        require_one_of("variants", variant, PUNCTUATION_VARIANTS)
    _require_examples(examples)
    answering = load(model)
    own = method.many(answering, examples, units=units, errors="raise")
    values = np.full((len(variants), len(own)), np.nan)
    for row, variant in enumerate(variants):
        changed = [_punctuated(explanation.segments, variant) for explanation in own]
        chosen = [i for i, explanation in enumerate(own) if changed[i] != explanation.example]
        again = _explain(method, answering, [(changed[i], own[i].target) for i in chosen], units)
        for i, other in zip(chosen, again, strict=True):
            values[row, i] = correlate(*_same_words(own[i], other), kind)
    return Measurement(
        name="punctuation-stability",
        values=_mean_told(values),
        settings={"method": method.name, "kind": kind, "variants": list(variants)},
    )


def _require_examples(examples: Sequence[Example]) -> None:
    if isinstance(examples, str) or not len(examples):
        raise OptionError(f"examples must be a sequence of at least one text or pair, got {examples!r:.60}")


def _explain(
    method: Explainer, model: Model, questions: Sequence[tuple[Example, str]], units: UnitKind
) -> list[Explanation]:
    """Return the explanations of examples, each for its own class."""
    found: dict[int, Explanation] = {}
    for target in dict.fromkeys(target for _, target in questions):
        own = [i for i, question in enumerate(questions) if question[1] == target]
        chosen = [questions[i][0] for i in own]
        explained = method.many(model, chosen, target=target, units=units, errors="raise")
        found.update(zip(own, explained, strict=True))
    return [found[i] for i in range(len(questions))]


def _mean_told(values: Floats) -> Floats:
    """Return float64 (n,), the means of columns (k, n) over what is not NaN; NaN where all is."""
    told = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(told, values, 0.0).sum(axis=0) / told.sum(axis=0))


def _punctuated(segments: Sequence[str], variant: str) -> Example:
    """Return the example with every text's punctuation changed; texts without words stay."""
    change = {"full-stop": _full_stop, "spaced": _spaced, "closed": _closed}[variant]
    texts = [change(text) if _core(text) else text for text in segments]
    return texts[0] if len(texts) == 1 else (texts[0], texts[1])


def _full_stop(text: str) -> str:
    body = text.rstrip()
    start, end = split_words(body)[-1]
    if body[start:end] == ".":
        return body[:start].rstrip()
    return f"{body}." if body[-1].isalnum() else text


def _spaced(text: str) -> str:
    for start in reversed(_marks(text)):
        if start and not text[start - 1].isspace():
            text = f"{text[:start]} {text[start:]}"
    return text


def _closed(text: str) -> str:
    for start in reversed(_marks(text)):
        text = text[:start].rstrip() + text[start:]
    return text


def _marks(text: str) -> list[int]:
    """Return where punctuation marks start that end a stretch of text; not those of times, addresses and numbers."""
    return [s for s, e in split_words(text) if set(text[s:e]) <= _MARKS and not text[e : e + 1].isalnum()]


def _core(text: str) -> str:
    """Return a unit's text without what is around its letters and digits."""
    inside = [i for i, character in enumerate(text) if character.isalnum()]
    return text[inside[0] : inside[-1] + 1] if inside else ""


def _same_words(one: Explanation, other: Explanation) -> tuple[Floats, Floats]:
    """Return the scores of the words that two explanations share, in their order."""

    def words(explanation: Explanation) -> tuple[list[tuple[int, str]], Floats]:
        kept = [i for i, unit in enumerate(explanation.units) if _core(unit.text)]
        chosen: list[Unit] = [explanation.units[i] for i in kept]
        return [(unit.segment, _core(unit.text)) for unit in chosen], explanation.scores[kept]

    (firsts, one_scores), (seconds, other_scores) = words(one), words(other)
    blocks = SequenceMatcher(None, firsts, seconds, autojunk=False).get_matching_blocks()
    left = [block.a + i for block in blocks for i in range(block.size)]
    right = [block.b + i for block in blocks for i in range(block.size)]
    return one_scores[left], other_scores[right]
