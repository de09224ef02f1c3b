"""How much of the vocabulary marginalization needs (Kim et al. 2020, Section 4.6, Table 3)."""

from __future__ import annotations

from typing import Any

import numpy as np

from elision.metrics.agreement import pooled_correlation
from elision.reproduction.context import StudyContext
from elision.reproduction.frame import ORIGINS, need
from elision.reproduction.methods import StudyMethod, marginalization
from elision.reproduction.result import Cell, Result, Row

_MODEL = "sst2-minilm"
_LONGEST, _SHORTEST = 9, 3
"""Words of a sentence: the sum over the whole vocabulary takes some 30,000 rows a word. A choice, by cost."""


def _truncated(title: str, **options: Any) -> StudyMethod:
    method = marginalization(title=title, **options)
    return StudyMethod(method.title, method.name, method.options, counts_candidates=True)


FULL = _truncated("all", threshold=0.0)
# Correlation with the full sum, and words summed over.
PAPER = {
    "likelihood above 1e-6": (0.9999, 3186),
    "likelihood above 1e-5": (0.9999, 791),
    "likelihood above 1e-4": (0.9988, 171),
    "likelihood above 1e-3": (0.9928, 33),
    "top 1000": (0.9958, 1000),
    "top 100": (0.9823, 100),
    "all": (None, 30522),
}
# The truncated sums come first, so that the full one finds a part of its rows answered.
METHODS = (
    *(_truncated(f"likelihood above {sigma}", threshold=float(sigma)) for sigma in ("1e-6", "1e-5", "1e-4", "1e-3")),
    *(_truncated(f"top {n}", top_n=n) for n in (1000, 100)),
    _truncated("estimate (0.1 bits)"),
    FULL,
)


def im_table3(context: StudyContext) -> Result:
    """Return each truncation's correlation with the full sum and its number of candidates."""
    context.model(_MODEL)
    part = context.split("sst2")
    drawn = [part.examples[row] for row in context.order("sst2")]
    short = [e for e in drawn if _SHORTEST <= len(str(e).split()) <= _LONGEST]
    need(bool(short), f"no test sentence has {_SHORTEST} to {_LONGEST} words")
    examples = short[: context.limit]
    found = context.explain(_MODEL, METHODS, examples, "token").by_method
    full, rows = np.concatenate([e.scores for e in found[FULL.title]]), []
    for method, explanations in found.items():
        scores = np.concatenate([e.scores for e in explanations])
        counts = [e.provenance["n_candidates"] for e in explanations]
        paper = PAPER.get(method, (None, None))
        fit, lower, upper = pooled_correlation(explanations, found[FULL.title], kind="pearson", seed=context.seed)
        cells = (
            Cell(fit, lower, upper, len(examples), paper[0]),
            Cell(round(float(np.mean(counts))), n=len(examples), paper=None if paper[1] is None else f"{paper[1]:,}"),
            Cell(float(np.abs(scores - full).mean()), n=len(examples)),
        )
        rows.append(Row((method,), cells))
    return Result(
        "Truncated marginalization against the full sum, of BERT on SST-2 (Kim et al. 2020, Table 3)",
        ("candidates",),
        ("Pearson with the full sum", "words a token", "mean error, bits"),
        tuple(rows),
        f"Setting: {len(examples)} test sentences of {_SHORTEST} to {_LONGEST} words drawn by seed {context.seed} "
        f"(paper: not said), since the full sum takes the whole vocabulary for each token; {ORIGINS}; the likelihood "
        "model is a masked language model of six layers trained on texts of this kind (paper: pre-trained BERT).",
        ("the estimate is this library's default; it weighs all words and says how sure it is",),
        digits=4,
    )
