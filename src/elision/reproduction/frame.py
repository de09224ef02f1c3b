"""What several studies do alike: papers' columns, cells for what is missing, who leads and by how much."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from elision.errors import ElisionError, ModelNotFoundError, OptionError, UnsupportedError
from elision.reproduction.result import Cell
from elision.results.intervals import difference
from elision.results.measurement import Measurement

ORIGINS = "BERT has six layers and hidden size 384 (paper: BERT-base)"
PAIR_DATA = {"e-SNLI": "snli", "Quora": "quora", "QQP": "qqp", "MRPC": "mrpc"}
PAIR_MODELS = {"DAttn": "decomposable-attention", "BERT": "minilm"}
SST_MODELS = {"BERT": "sst2-minilm", "LSTM": "sst2-lstm", "CNN": "sst2-cnn"}


class Missing:
    """What could not be had, said once each, and the cells that stand for it.

    A table goes on without a column that is missing; where nothing at all is there, the first reason is raised.
    """

    def __init__(self) -> None:
        self._reasons: dict[str, tuple[ElisionError, dict[str, None]]] = {}

    def cell(self, what: str, error: ElisionError, paper: float | str | None = None) -> Cell:
        """Note an error and return a cell that says what is missing."""
        self._reasons.setdefault(str(error), (error, {}))[1][what] = None
        if isinstance(error, ModelNotFoundError):
            return Cell(paper=paper, reason="no model")
        return Cell(paper=paper, reason="not possible" if isinstance(error, UnsupportedError) else "no data")

    def remarks(self) -> tuple[str, ...]:
        """Return a line for each reason, with what it keeps out."""
        return tuple(f"{'; '.join(those)}: {reason}" for reason, (_, those) in self._reasons.items())

    def require(self, something: object) -> None:
        """Raise the first reason unless there is something."""
        if not something and self._reasons:
            raise next(iter(self._reasons.values()))[0]


def lead(measured: Mapping[str, Mapping[str, Measurement]], own: str, where: str) -> str:
    """Return in one line where the paper's own method leads, and by how much against the best of the others.

    Args:
        measured: what a metric removes by, or its name -> a method's title -> measurement of the same examples.
        own: the title of the paper's own method.
        where: what it is of.
    """
    said = []
    for how, all_ in measured.items():
        told = {title: one for title, one in all_.items() if np.isfinite(one.mean)}
        if own not in told or len(told) < 2:
            continue
        sign = 1.0 if told[own].higher_is_better else -1.0
        best = max((title for title in told if title != own), key=lambda title: sign * told[title].mean)
        by, lower, upper, _ = difference(told[own], told[best])
        ahead = "leads" if sign * by > 0 else "does not lead"
        sure = "" if lower > 0 or upper < 0 else ", which may be chance"
        said.append(f"{how}: {own} {ahead}, {by:+.3f} ({lower:+.3f} to {upper:+.3f}) against {best}{sure}")
    return f"{where}; " + "; ".join(said or ["nothing to compare"])


def need(condition: bool, message: str) -> None:
    """Raise OptionError with the message unless the condition holds."""
    if not condition:
        raise OptionError(message)
