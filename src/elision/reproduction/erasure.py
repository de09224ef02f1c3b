"""Input marginalization against erasures and gradients (Kim et al. 2020, Section 4.3, Tables 2, A2 and A3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from elision.errors import ElisionError
from elision.game.engine import Engine
from elision.metrics.perturbation import deletion_auc
from elision.metrics.resampling import auc_rep
from elision.models.model import Model
from elision.reproduction.context import Explained, StudyContext, quiet_engine
from elision.reproduction.frame import ORIGINS, SST_MODELS, Missing, lead
from elision.reproduction.methods import (
    ERASURES,
    GRADIENTS,
    LIKELIHOOD,
    MARGINALIZATION,
    MASK,
    RANDOM,
    ZERO,
    StudyMethod,
)
from elision.reproduction.result import Cell, Picture, Result, Row
from elision.results.explanation import Explanation
from elision.results.measurement import Measurement

AUC_REP = {"Zero": 0.5284, "Unk": 0.5170, MARGINALIZATION.title: 0.4972}
AUC_REP_OF_GRADIENTS = {
    "DLIFT": 0.5261,
    "IG": 0.5387,
    "SHAP": 0.5588,
    "LIME": 0.6618,
    MARGINALIZATION.title: 0.4971,
}
CORRELATION = {"pearson": 0.5877, "spearman": 0.5383}
SHARE = 0.2
"""The share of tokens that is replaced, as in Kim et al. 2020, Section 3.5."""
_RESAMPLED = "AUC_rep"
_DELETIONS = {"delete": "deletion 20 %", "mask": "mask 20 %", "pad": "pad 20 %"}
_WARNING = (
    "AUC_rep puts a language model's words in the place of those removed, as marginalization does: it favours that "
    "method; the columns at its right remove the same words by deletion, [MASK] and [PAD]"
)


def setting_of_sst(context: StudyContext, paper: str) -> str:
    """Return in what the tables of SST-2 differ from the paper's."""
    return (
        f"Setting: {context.limit} SST-2 test sentences drawn by seed {context.seed} (paper: {paper}), tokens left out "
        f"one by one; {ORIGINS}; LSTM and CNN read words (paper: BERT's tokens); the likelihood model is a masked "
        "language model of six layers trained on texts of this kind (paper: pre-trained BERT), its sum estimated to "
        "0.1 bits (paper: truncated at 1e-5)."
    )


def measures(context: StudyContext) -> dict[str, Callable[[Model, Sequence[Explanation], Engine], Measurement]]:
    """Return a column's name -> the metric: what happens while 20 % of the tokens go, the highest scores first."""

    def resampled(model: Model, explanations: Sequence[Explanation], engine: Engine) -> Measurement:
        likelihood = context.likelihood(LIKELIHOOD)
        return auc_rep(model, explanations, likelihood=likelihood, share=SHARE, engine=engine, seed=context.seed)

    def deleted(removal: str) -> Callable[[Model, Sequence[Explanation], Engine], Measurement]:
        return lambda model, explanations, engine: deletion_auc(
            model, explanations, removal=removal, share=SHARE, engine=engine, seed=context.seed
        )

    return {_RESAMPLED: resampled, **{title: deleted(removal) for removal, title in _DELETIONS.items()}}


Columns = dict[str, dict[str, Measurement]]


def measure(context: StudyContext, found: Explained, columns: Sequence[str]) -> Columns:
    """Return column -> method -> measurement."""
    engine, known = quiet_engine(found.model), measures(context)
    return {
        column: {title: known[column](found.model, own, engine) for title, own in found.by_method.items()}
        for column in columns
    }


def _table(
    context: StudyContext,
    title: str,
    methods: Sequence[StudyMethod],
    paper: Mapping[str, float],
    columns: Sequence[str],
    setting: str,
    remarks: tuple[str, ...],
) -> Result:
    """Return a row for each model and method, with the paper's one figure a method in every model's."""
    missing, rows, pictures, leads = Missing(), [], [], []
    for model_title, name in SST_MODELS.items():
        try:
            found = context.explain(name, methods, context.examples("sst2"), "token")
            measured = measure(context, found, columns)
        except ElisionError as error:
            for method in methods:
                cell = missing.cell(model_title, error, paper.get(method.title))
                rows.append(Row((model_title, method.title), (cell, *(Cell(reason=cell.reason) for _ in columns[1:]))))
            continue
        for method in methods:
            if method.title in found.refused:
                reason = found.refused[method.title]
                cell = missing.cell(f"{method.title}, {model_title}", reason, paper.get(method.title))
                cells = [cell, *(Cell(reason=cell.reason) for _ in columns[1:])]
            else:
                cells = [
                    Cell.of(measured[column][method.title], paper.get(method.title) if column == _RESAMPLED else None)
                    for column in columns
                ]
            rows.append(Row((model_title, method.title), tuple(cells)))
        leads.append(lead(measured, MARGINALIZATION.title, model_title))
        curves = {method: one.curves["auc-rep"] for method, one in measured[_RESAMPLED].items()}
        pictures.append(Picture(model_title.lower(), "curves", curves=curves))
    missing.require(pictures)
    notes = (*remarks, *leads, *missing.remarks())
    return Result(
        title,
        ("model", "method"),
        tuple(columns),
        tuple(rows),
        setting,
        notes,
        digits=4,
        pictures=tuple(pictures),
    )


def im_table2(context: StudyContext) -> Result:
    """Return AUC_rep and deletion curves' areas of erasures and marginalization."""
    return _table(
        context,
        "AUC_rep of erasures and marginalization (Kim et al. 2020, Table 2); lower is better",
        ERASURES,
        AUC_REP,
        (_RESAMPLED, *_DELETIONS.values()),
        setting_of_sst(context, "700"),
        ("the paper gives one figure a method and does not say of which model", _WARNING),
    )


def im_figure3b(context: StudyContext) -> Result:
    """Return the curves of AUC_rep."""
    return _table(
        context,
        "Probability while top tokens are replaced (Kim et al. 2020, Figure 3 b), with AUC_rep; lower is better",
        ERASURES,
        AUC_REP,
        (_RESAMPLED,),
        setting_of_sst(context, "700"),
        ("the paper's axis counts tokens, ours is the share of a sentence's tokens",),
    )


def im_tablea3(context: StudyContext) -> Result:
    """Return AUC_rep of gradients and LIME beside marginalization."""
    return _table(
        context,
        "AUC_rep of gradients, LIME and marginalization (Kim et al. 2020, Table A3); lower is better",
        (*GRADIENTS, MARGINALIZATION, MASK, RANDOM),
        AUC_REP_OF_GRADIENTS,
        (_RESAMPLED, *_DELETIONS.values()),
        setting_of_sst(context, "not said"),
        (
            "LIME and the gradients have their own removals here: words not attended, and embeddings that fade to zero",
            _WARNING,
        ),
    )


def im_tablea2(context: StudyContext) -> Result:
    """Return the correlation of marginalization with zero erasure over all tokens."""
    from elision.metrics.agreement import pooled_correlation

    missing, rows = Missing(), []
    for model_title, name in SST_MODELS.items():
        try:
            found = context.explain(name, (ZERO, MARGINALIZATION), context.examples("sst2"), "token").by_method
        except ElisionError as error:
            rows.append(Row((model_title,), tuple(missing.cell(model_title, error, p) for p in CORRELATION.values())))
            continue
        cells = []
        for kind, paper in CORRELATION.items():
            own, other = found[MARGINALIZATION.title], found[ZERO.title]
            value, lower, upper = pooled_correlation(own, other, kind=kind, seed=context.seed)
            cells.append(Cell(value, lower, upper, len(own), paper))
        rows.append(Row((model_title,), tuple(cells)))
    missing.require([row for row in rows if row.cells[0].value is not None])
    return Result(
        "Correlation of marginalization with zero erasure, all tokens pooled (Kim et al. 2020, Table A2)",
        ("model",),
        ("Pearson", "Spearman"),
        tuple(rows),
        setting_of_sst(context, "not said"),
        missing.remarks(),
        digits=4,
    )
