"""What the explained models are worth, and of what size the data are."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from elision.data.samples import LABELS, SPLITS
from elision.errors import ElisionError
from elision.reproduction.context import StudyContext
from elision.reproduction.frame import ORIGINS, PAIR_DATA, PAIR_MODELS, Missing
from elision.reproduction.recipes import RECIPES
from elision.reproduction.result import Cell, Result, Row
from elision.results.measurement import Measurement

# Kim et al. 2020, Table 1: data set -> LSTM, BERT, CNN.
ACCURACY = {"SST-2": (0.7753, 0.8578, 0.7300), "SNLI": (0.6314, None, None)}
_OF_TABLE1 = {"SST-2": ("sst2-lstm", "sst2-minilm", "sst2-cnn"), "SNLI": ("snli-lstm", "snli-minilm", None)}
# Table A1: train, dev, test.
ROWS = {"SST-2": ("sst2", (6920, 872, 1821)), "SNLI": ("snli", (549_367, 9842, 9824))}
# Chen et al. 2021, Tables 1 and 6, in percent: model -> e-SNLI, Quora, QQP, MRPC.
TEST_ACCURACY = {"DAttn": (86.62, 86.78, 85.00, 68.30), "BERT": (90.38, 90.48, 89.00, 83.70)}
DEV_ACCURACY = {"DAttn": (87.75, 87.36, 87.19, 73.77), "BERT": (90.43, 91.21, 91.31, 86.52)}
# Table 5: C, L, V, train, dev, test.
STATISTICS = {
    "e-SNLI": (3, 10.2, 64_291, "549K", "9K", "9K"),
    "Quora": (2, 11.5, 85_249, "384K", "10K", "10K"),
    "QQP": (2, 11.1, 126_266, "364K", "40K", "391K"),
    "MRPC": (2, 22, 15_547, "3668", "408", "1725"),
}
_WORD = re.compile(r"\w+|[^\w\s]")


def accuracy(context: StudyContext, name: str, split: str = "test", *, percent: bool = False) -> Measurement:
    """Return a model's accuracy on a whole split, or on --limit examples where the user gave it.

    Args:
        context: models and data.
        name: the model's.
        split: of the data that it was trained on.
        percent: whether 100 is all right.
    Raises:
        ElisionError: the model or the data are missing.
    """
    data = RECIPES[name].data
    part, model = context.split(data, split), context.model(name)
    rows = context.order(data, split)[: context.limit] if context.limited else list(range(len(part)))
    answers = context.answers(model, [part.examples[row] for row in rows])
    wanted = [context.right_class(model, data, row, split) for row in rows]
    right = (answers.argmax(axis=1) == np.array(wanted)).astype(np.float64)
    return Measurement(name="accuracy", values=100.0 * right if percent else right)


def im_table1(context: StudyContext) -> Result:
    """Return the accuracies of the models that Kim et al. explain."""
    missing, rows = Missing(), []
    for data, papers in ACCURACY.items():
        cells = []
        for name, paper in zip(_OF_TABLE1[data], papers, strict=True):
            if name is None:
                cells.append(Cell(reason="not in the paper"))
                continue
            try:
                cells.append(Cell.of(accuracy(context, name), paper))
            except ElisionError as error:
                cells.append(missing.cell(name, error, paper))
        rows.append(Row((data,), tuple(cells)))
    missing.require([row for row in rows if any(cell.value is not None for cell in row.cells)])
    return Result(
        "Test accuracy of the explained models (Kim et al. 2020, Table 1)",
        ("corpus",),
        ("LSTM", "BERT", "CNN"),
        tuple(rows),
        f"Setting: {_size(context, 'test')}; {ORIGINS}; LSTM and CNN read words (paper: BERT's tokens); SNLI's models "
        "are trained on the part of its training pairs that is there.",
        missing.remarks(),
        digits=4,
    )


def gmask_table1(context: StudyContext) -> Result:
    """Return the test accuracies of the models that Chen et al. explain."""
    return _of_pairs(context, "test", TEST_ACCURACY, "Test accuracy in percent (Chen et al. 2021, Table 1)")


def gmask_table6(context: StudyContext) -> Result:
    """Return their accuracies on the dev splits."""
    return _of_pairs(context, "dev", DEV_ACCURACY, "Validation accuracy in percent (Chen et al. 2021, Table 6)")


def _of_pairs(context: StudyContext, split: str, papers: Mapping[str, tuple[float, ...]], title: str) -> Result:
    missing, rows = Missing(), []
    for model, kind in PAIR_MODELS.items():
        cells = []
        for (data_title, data), paper in zip(PAIR_DATA.items(), papers[model], strict=True):
            try:
                cells.append(Cell.of(accuracy(context, f"{data}-{kind}", split, percent=True), paper))
            except ElisionError as error:
                cells.append(missing.cell(f"{data_title}, {model}", error, paper))
        rows.append(Row((model,), tuple(cells)))
    missing.require([row for row in rows if any(cell.value is not None for cell in row.cells)])
    return Result(
        title,
        ("model",),
        tuple(PAIR_DATA),
        tuple(rows),
        f"Setting: {_size(context, split)}; {ORIGINS}; DAttn starts from a masked language model's vectors (paper: "
        "fastText); models are trained on what training pairs are there.",
        missing.remarks(),
        digits=2,
    )


def _size(context: StudyContext, split: str) -> str:
    return f"{context.limit} {split} examples" if context.limited else f"the whole {split} splits that are there"


def im_tablea1(context: StudyContext) -> Result:
    """Return how many rows the splits have."""
    missing, rows = Missing(), []
    for title, (data, papers) in ROWS.items():
        cells = []
        for split, paper in zip(SPLITS, papers, strict=True):
            try:
                cells.append(Cell(len(context.split(data, split)), paper=f"{paper:,}"))
            except ElisionError as error:
                cells.append(missing.cell(f"{title}, {split}", error, f"{paper:,}"))
        rows.append(Row((title,), tuple(cells)))
    missing.require([row for row in rows if any(cell.value is not None for cell in row.cells)])
    return Result(
        "Rows of the data sets (Kim et al. 2020, Table A1)",
        ("corpus",),
        SPLITS,
        tuple(rows),
        "Setting: the labelled rows that are there.",
        missing.remarks(),
        digits=0,
    )


def gmask_table5(context: StudyContext) -> Result:
    """Return classes, average length, vocabulary and rows of the data sets."""
    missing, rows = Missing(), []
    for title, data in PAIR_DATA.items():
        paper = STATISTICS[title]
        shown = tuple(value if isinstance(value, str) else f"{value:,}" for value in paper)
        try:
            found = _statistics(context, data)
        except ElisionError as error:
            rows.append(Row((title,), tuple(missing.cell(title, error, value) for value in shown)))
            continue
        rows.append(Row((title,), tuple(Cell(v, paper=p) for v, p in zip(found, shown, strict=True))))
    missing.require([row for row in rows if row.cells[0].value is not None])
    return Result(
        "Statistics of the data sets (Chen et al. 2021, Table 5)",
        ("data set",),
        ("C", "L", "V", "train", "dev", "test"),
        tuple(rows),
        "Setting: the labelled rows that are there; L and V are of the training texts, lower-cased words and "
        "punctuation marks.",
        missing.remarks(),
        digits=1,
    )


def _statistics(context: StudyContext, data: str) -> tuple[int | float, ...]:
    """Return C, L, V and the rows of train, dev and test."""
    sizes = []
    for split in SPLITS:
        try:
            sizes.append(len(context.split(data, split)))
        except ElisionError:
            if split == "train":
                raise
            sizes.append(0)
    texts = [text for example in context.split(data, "train").examples for text in example]
    words, total = set(), 0
    for text in texts:
        own = _WORD.findall(text.lower())
        words.update(own)
        total += len(own)
    return (len(LABELS[data]), total / len(texts), len(words), *sizes)
