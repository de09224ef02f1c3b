"""Marked texts: what the figures are of, seen in single examples (Kim et al. 2020, Figures 1 to 4, A1 and A2)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from elision.errors import ElisionError
from elision.reproduction.context import StudyContext
from elision.reproduction.frame import ORIGINS, SST_MODELS, Missing
from elision.reproduction.methods import MARGINALIZATION, ZERO, StudyMethod
from elision.reproduction.result import Cell, Picture, Result, Row
from elision.reproduction.tags import right_ones
from elision.results.explanation import Explanation
from elision.text import Example

_TOP = 4
_SST_CLASSES = {"+": 1, "-": 0}
_NLI_CLASSES = {"entailment": 0, "contradiction": 2, "neutral": 1}
_SNLI_LSTM, _SNLI_BERT = "snli-lstm", "snli-minilm"
Strip = tuple[tuple[str, ...], Explanation]


def strongest(explanation: Explanation, n: int = _TOP) -> str:
    """Return the units that weigh most with their scores, in one line."""
    return ", ".join(f"{unit.text} {score:+.2f}" for unit, score in explanation.top(n))


def text_of(explanation: Explanation) -> str:
    """Return the text, or both with a bar between."""
    return " / ".join(explanation.segments)


def _result(
    context: StudyContext, title: str, heads: tuple[str, ...], strips: Sequence[Strip], missing: Missing
) -> Result:
    missing.require(strips)
    rows = tuple(
        Row(names, (Cell(f"{e.target} {e.probabilities.max():.2f}"), Cell(text_of(e)), Cell(strongest(e))))
        for names, e in strips
    )
    pictures = tuple(
        Picture(str(number), "strips", strips=own)
        for number, own in enumerate(_parts([(" ".join(names), e) for names, e in strips]), 1)
    )
    return Result(
        title,
        heads,
        ("answer", "text", f"what weighs most (top {_TOP}, bits)"),
        rows,
        f"Setting: test examples drawn by seed {context.seed}, not the paper's own; {ORIGINS}; the likelihood model is "
        "a masked language model of six layers trained on texts of this kind (paper: pre-trained BERT).",
        ("+ speaks for the class explained, which is the predicted one, - against it", *missing.remarks()),
        pictures=pictures,
    )


def _parts(strips: Sequence[tuple[str, Explanation]], size: int = 12) -> list[Sequence[tuple[str, Explanation]]]:
    return [strips[start : start + size] for start in range(0, len(strips), size)]


def _right(
    context: StudyContext,
    missing: Missing,
    model: tuple[str, str],
    data: str,
    classes: dict[str, int],
    methods: Sequence[StudyMethod] = (MARGINALIZATION,),
) -> list[Strip]:
    """Return strips of the first examples of each class that a model, (title, name), gets right."""
    strips: list[Strip] = []
    title, name = model
    for shown, label in classes.items():
        try:
            examples = right_ones(context, name, data, label, context.limit)
            found = context.explain(name, methods, examples, "token")
        except ElisionError as error:
            missing.cell(title, error)
            continue
        for refusal in found.refused.values():
            missing.cell(title, refusal)
        for i in range(len(examples)):
            strips += [((title, shown, method), own[i]) for method, own in found.by_method.items()]
    return strips


_HEADS = ("model", "class", "method")


def im_figure1(context: StudyContext) -> Result:
    """Return positive sentences, erased and marginalized."""
    missing = Missing()
    strips = _right(context, missing, ("BERT", SST_MODELS["BERT"]), "sst2", {"+": 1}, (ZERO, MARGINALIZATION))
    return _result(context, "Erased and marginalized (Kim et al. 2020, Figure 1)", _HEADS, strips, missing)


def im_figure2(context: StudyContext) -> Result:
    """Return marginalization's strips on SST-2 and SNLI."""
    missing = Missing()
    strips = _right(context, missing, ("BERT", SST_MODELS["BERT"]), "sst2", _SST_CLASSES)
    strips += _right(context, missing, ("LSTM", _SNLI_LSTM), "snli", _NLI_CLASSES)
    return _result(context, "Marginalization on SST-2 and SNLI (Kim et al. 2020, Figure 2)", _HEADS, strips, missing)


def im_figure3a(context: StudyContext) -> Result:
    """Return zero erasure and marginalization side by side."""
    return _side_by_side(context, "Figure 3 a")


def im_figurea3(context: StudyContext) -> Result:
    """Return more of the same."""
    return _side_by_side(context, "Section A2.5")


def _side_by_side(context: StudyContext, where: str) -> Result:
    missing = Missing()
    strips = _right(context, missing, ("BERT", SST_MODELS["BERT"]), "sst2", _SST_CLASSES, (ZERO, MARGINALIZATION))
    title = f"Zero erasure and marginalization side by side (Kim et al. 2020, {where})"
    return _result(context, title, _HEADS, strips, missing)


def im_figurea1(context: StudyContext) -> Result:
    """Return sentences of each class for LSTM, BERT and CNN."""
    missing, strips = Missing(), []
    for model in SST_MODELS.items():
        strips += _right(context, missing, model, "sst2", _SST_CLASSES)
    return _result(context, "Marginalization on SST-2 (Kim et al. 2020, Figure A1)", _HEADS, strips, missing)


def im_figurea2(context: StudyContext) -> Result:
    """Return pairs of each class for the LSTM of SNLI."""
    missing = Missing()
    strips = _right(context, missing, ("LSTM", _SNLI_LSTM), "snli", _NLI_CLASSES)
    return _result(context, "Marginalization on SNLI (Kim et al. 2020, Figure A2)", _HEADS, strips, missing)


def im_figure4(context: StudyContext) -> Result:
    """Return models side by side: both right, LSTM wrong, both wrong; and a premise with several hypotheses."""
    missing, strips = Missing(), []
    models = {"LSTM": SST_MODELS["LSTM"], "BERT": SST_MODELS["BERT"]}
    try:
        for shown, examples in _by_rightness(context, list(models.values())).items():
            found = {t: context.explain(n, (MARGINALIZATION,), examples, "token").by_method for t, n in models.items()}
            for i in range(len(examples)):
                strips += [((t, shown), e[i]) for t, own in found.items() for e in own.values()]
    except ElisionError as error:
        missing.cell("SST-2", error)
    try:
        pairs = _same_premise(context)
        explained = context.explain(_SNLI_LSTM, (MARGINALIZATION,), pairs, "token").by_method
        strips += [(("LSTM", "same premise"), e) for own in explained.values() for e in own]
    except ElisionError as error:
        missing.cell("SNLI", error)
    title = "Models side by side (Kim et al. 2020, Figure 4)"
    return _result(context, title, ("model", "case"), strips, missing)


def _by_rightness(context: StudyContext, names: Sequence[str]) -> dict[str, list[Example]]:
    """Return positive sentences that both models, the first not, and neither gets right."""
    part = context.split("sst2")
    rows = [row for row in context.order("sst2") if part.labels[row] == 1]
    texts = [part.examples[row] for row in rows]
    right = []
    for name in names:
        model = context.model(name)
        wanted = np.array([context.right_class(model, "sst2", row) for row in rows])
        right.append(context.answers(model, texts).argmax(axis=1) == wanted)
    cases = {
        "both right": right[0] & right[1],
        "BERT alone right": ~right[0] & right[1],
        "both wrong": ~right[0] & ~right[1],
    }
    return {case: [texts[i] for i in np.flatnonzero(of)[: context.limit]] for case, of in cases.items()}


def _same_premise(context: StudyContext) -> list[Example]:
    """Return up to three pairs of the first drawn premise that has several hypotheses."""
    part = context.split("snli")
    by_premise: dict[str, list[Example]] = {}
    for row in context.order("snli"):
        example = part.examples[row]
        by_premise.setdefault(example[0], []).append(example)
    return max(by_premise.values(), key=lambda own: min(len(own), 3))[:3]
