"""Which side of a pair weighs more (Kim et al. 2020, Section 4.4)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from elision.arrays import Floats
from elision.errors import ElisionError
from elision.reproduction.context import StudyContext
from elision.reproduction.frame import ORIGINS, Missing
from elision.reproduction.methods import MARGINALIZATION, MASK, RANDOM, ZERO
from elision.reproduction.result import Cell, Result, Row
from elision.results.explanation import Explanation
from elision.results.measurement import Measurement

_MODELS = {"LSTM": "snli-lstm", "BERT": "snli-minilm"}
_METHODS = (MARGINALIZATION, ZERO, MASK, RANDOM)
RATIO = 2.0


def side(explanations: Sequence[Explanation], segment: int) -> Floats:
    """Return float64 (n,), the mean |score| of one text's tokens in each example."""
    return np.array([np.mean([abs(score) for _, score in e.by_segment()[segment]]) for e in explanations])


def im_sides(context: StudyContext) -> Result:
    """Return the mean |score| of premises and hypotheses, and their ratio."""
    missing, rows = Missing(), []
    for title, name in _MODELS.items():
        try:
            found = context.explain(name, _METHODS, context.examples("snli"), "token")
        except ElisionError as error:
            rows += [Row((title, m.title), (missing.cell(title, error),) * 3) for m in _METHODS]
            continue
        for method, explanations in found.by_method.items():
            premise, hypothesis = (side(explanations, segment) for segment in (0, 1))
            measured = [
                Measurement(name="premise", values=premise, higher_is_better=None),
                Measurement(name="hypothesis", values=hypothesis, higher_is_better=None),
                Measurement(name="ratio", values=hypothesis, weights=premise, higher_is_better=None),
            ]
            paper = RATIO if method == MARGINALIZATION.title and title == "LSTM" else None
            cells = [Cell.of(one, paper if one.name == "ratio" else None) for one in measured]
            rows.append(Row((title, method), tuple(cells)))
    missing.require([row for row in rows if row.cells[0].value is not None])
    return Result(
        "Mean |score| of premises' and hypotheses' tokens (Kim et al. 2020, Section 4.4)",
        ("model", "method"),
        ("premise, bits", "hypothesis, bits", "hypothesis / premise"),
        tuple(rows),
        f"Setting: {context.limit} SNLI test pairs drawn by seed {context.seed} (paper: 500); {ORIGINS}; the "
        "likelihood model is a masked language model of six layers trained on texts of this kind (paper: "
        "pre-trained BERT).",
        ("the paper says 'twice as high' and gives no figures", *missing.remarks()),
    )
