"""Group masks on single pairs, and what each method costs (Chen et al. 2021, Figure 1, Tables 3, 7 and 8)."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping, Sequence

import numpy as np

from elision.errors import ElisionError, ElisionWarning
from elision.reproduction.context import StudyContext, quiet_engine
from elision.reproduction.faithfulness import setting_of_pairs
from elision.reproduction.frame import PAIR_DATA, PAIR_MODELS, Missing
from elision.reproduction.methods import GMASK, LEAVE_ONE_OUT, OF_PAIRS
from elision.reproduction.result import Cell, Picture, Result, Row
from elision.reproduction.strips import text_of
from elision.reproduction.tags import right_ones
from elision.results.explanation import Explanation
from elision.results.measurement import Measurement

TOP = 4
# Table 7, in seconds: model -> method -> e-SNLI, Quora, QQP, MRPC.
SECONDS = {
    "DAttn": {
        "LIME": (20.17, 20.45, 20.43, 19.12),
        "L2X": (0.01, 0.02, 0.02, 0.01),
        "IBA": (9.87, 9.93, 9.96, 9.24),
        "IMASK": (0.17, 0.19, 0.18, 0.12),
        "GMASK": (11.10, 11.23, 11.25, 10.96),
    },
    "BERT": {
        "LIME": (13.41, 14.01, 14.08, 13.21),
        "L2X": (0.02, 0.02, 0.02, 0.01),
        "IBA": (3.29, 3.38, 3.34, 3.20),
        "IMASK": (0.62, 0.70, 0.71, 0.59),
        "GMASK": (43.24, 43.56, 43.77, 42.84),
    },
}
_OF_TABLE3 = (("DAttn", "e-SNLI"), ("BERT", "Quora"))
_OF_TABLE8 = (
    ("DAttn", "Quora"),
    ("DAttn", "QQP"),
    ("DAttn", "MRPC"),
    ("BERT", "e-SNLI"),
    ("BERT", "QQP"),
    ("BERT", "MRPC"),
)
Places = Sequence[tuple[str, str]]


def top_words(explanation: Explanation) -> str:
    """Return the four units that score highest, those of the first text before the second's."""
    order = np.argsort(-explanation.scores, kind="stable")[:TOP]
    units = [explanation.units[i] for i in sorted(order)]
    first, second = (", ".join(unit.text for unit in units if unit.segment == segment) or "-" for segment in (0, 1))
    return f"{first} / {second}"


def gmask_table3(context: StudyContext) -> Result:
    """Return the top four words of a pair of e-SNLI and one of Quora."""
    return _examples(context, _OF_TABLE3, "Table 3")


def gmask_table8(context: StudyContext) -> Result:
    """Return the top four words of pairs of the other models and data sets."""
    return _examples(context, _OF_TABLE8, "Table 8")


def _examples(context: StudyContext, places: Places, where: str) -> Result:
    missing, rows, pictures = Missing(), [], []
    for model, data_title in places:
        data = PAIR_DATA[data_title]
        name = f"{data}-{PAIR_MODELS[model]}"
        try:
            examples = right_ones(context, name, data, None, context.limit)
            found = context.explain(name, OF_PAIRS, examples, "word")
        except ElisionError as error:
            cell = missing.cell(f"{data_title}, {model}", error)
            rows.append(Row((model, data_title, "-"), (cell, cell, cell)))
            continue
        for title, reason in found.refused.items():
            missing.cell(f"{title}, {model}, {data_title}", reason)
        for i in range(len(examples)):
            for method, own in found.by_method.items():
                cells = (Cell(own[i].target), Cell(text_of(own[i])), Cell(top_words(own[i])))
                rows.append(Row((model, data_title, method), cells))
            strips = [(method, own[i]) for method, own in found.by_method.items()]
            part = f"{model}-{data_title}-{i + 1}".lower().replace("e-snli", "esnli")
            pictures.append(Picture(part, "strips", strips=strips, top=TOP))
    missing.require(pictures)
    return Result(
        f"The top four words of each method (Chen et al. 2021, {where})",
        ("model", "data set", "method"),
        ("answer", "texts", "top words"),
        tuple(rows),
        setting_of_pairs(context) + " Examples that the model gets right, not the paper's own.",
        missing.remarks(),
        pictures=tuple(pictures),
    )


def gmask_figure1(context: StudyContext) -> Result:
    """Return a pair's groups, and its words' scores with and without them."""
    name = "snli-decomposable-attention"
    examples = right_ones(context, name, "snli", 2, context.limit)
    found = context.explain(name, (LEAVE_ONE_OUT, GMASK), examples, "word")
    for error in found.refused.values():
        raise error
    rows, pictures = [], []
    for i, (single, grouped) in enumerate(
        zip(found.by_method[LEAVE_ONE_OUT.title], found.by_method[GMASK.title], strict=True)
    ):
        for j, unit in enumerate(grouped.units):
            group = grouped.group_of(j)
            shown = "-" if group is None else f"G{group + 1} ({(grouped.groups or ())[group].importance:.2f})"
            cells = (Cell(float(single.scores[j])), Cell(shown), Cell(float(grouped.scores[j])))
            rows.append(Row((str(i + 1), "hypothesis" if unit.segment else "premise", unit.text), cells))
        pictures.append(Picture(str(i + 1), "groups", strips=[(GMASK.title, grouped)]))
    return Result(
        "Words, groups and weighted words (Chen et al. 2021, Figure 1)",
        ("pair", "side", "word"),
        ("leave one out, bits", "group (importance)", "GMASK"),
        tuple(rows),
        setting_of_pairs(context) + " Contradictions that DAttn gets right, not the paper's own pair.",
        ("a word stands in its likeliest group; - is not on the short-list",),
        pictures=tuple(pictures),
    )


def gmask_table7(context: StudyContext) -> Result:
    """Return the seconds that each method takes for an example, each with a model that remembers nothing."""
    missing = Missing()
    measured: dict[tuple[str, str, str], Cell] = {}
    for i, (data_title, data) in enumerate(PAIR_DATA.items()):
        for model, kind in PAIR_MODELS.items():
            for method in OF_PAIRS:
                known = SECONDS[model].get(method.title)
                paper = None if known is None else known[i]
                place = (model, method.title, data_title)
                try:
                    seconds = _seconds(context, data, f"{data}-{kind}", method.title)
                    measured[place] = Cell.of(seconds, paper)
                except ElisionError as error:
                    measured[place] = missing.cell(f"{data_title}, {model}", error, paper)
    missing.require([cell for cell in measured.values() if cell.value is not None])
    return Result(
        "Seconds an example (Chen et al. 2021, Table 7)",
        ("model", "method"),
        tuple(PAIR_DATA),
        _rows(measured),
        setting_of_pairs(context) + f" {_machine()} (paper: one GTX 1080).",
        ("L2X without its fit, which is done once for a model and kept", *missing.remarks()),
        digits=3,
    )


def _rows(measured: Mapping[tuple[str, str, str], Cell]) -> tuple[Row, ...]:
    return tuple(
        Row((model, method.title), tuple(measured[model, method.title, data] for data in PAIR_DATA))
        for model in PAIR_MODELS
        for method in OF_PAIRS
    )


def _seconds(context: StudyContext, data: str, name: str, title: str) -> Measurement:
    examples, model = context.examples(data), context.model(name)
    explainer = context.explainer(name, next(method for method in OF_PAIRS if method.title == title))
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ElisionWarning)
        for number, example in enumerate((examples[0], *examples)):
            started = time.perf_counter()
            explainer(model, example, engine=quiet_engine(model))
            # The first one pays for what is made once, and is done again.
            if number:
                found.append(time.perf_counter() - started)
    return Measurement(name="seconds", values=np.array(found), higher_is_better=False)


def _machine() -> str:
    import platform

    import torch

    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    n = torch.get_num_threads()
    return f"{n} thread{'' if n == 1 else 's'} of a {platform.machine()} processor"
