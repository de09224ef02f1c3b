"""What several studies do alike: papers' columns, cells for what is missing, who leads and by how much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from elision.errors import ElisionError, ModelNotFoundError, OptionError, UnsupportedError
from elision.metrics.intervals import difference
from elision.metrics.measurement import Measurement
from elision.study.tables.result import Cell

ORIGINS = "BERT is a six-layer one here (hidden 384), and the papers' BERT-base"
PAIR_DATA = {"e-SNLI": "snli", "Quora": "quora", "QQP": "qqp", "MRPC": "mrpc"}
PAIR_MODELS = {"DAttn": "decomposable-attention", "BERT": "minilm"}
SST_MODELS = {"BERT": "sst2-minilm", "LSTM": "sst2-lstm", "CNN": "sst2-cnn"}


class Missing:
    """What could not be had, said once each, and the cells that stand for it.

    A table goes on without a column that is missing; where nothing at all is there, the first reason is raised.
    """

    def __init__(self) -> None:
        self._reasons: dict[str, ElisionError] = {}

    def cell(self, what: str, error: ElisionError, paper: float | str | None = None) -> Cell:
        """Note an error and return a cell that says what is missing."""
        self._reasons.setdefault(what, error)
        if isinstance(error, ModelNotFoundError):
            return Cell(paper=paper, reason="no model")
        if isinstance(error, UnsupportedError):
            return Cell(paper=paper, reason="not possible")
        return Cell(paper=paper, reason="not installed" if "not installed" in str(error) else "no data")

    def remarks(self) -> tuple[str, ...]:
        """Return a line for each thing that is missing."""
        return tuple(f"{what}: {error}" for what, error in self._reasons.items())

    def require(self, something: object) -> None:
        """Raise the first reason unless there is something."""
        if not something and self._reasons:
            raise next(iter(self._reasons.values()))


def lead(measured: Mapping[str, Measurement], wanted: Sequence[str], where: str) -> str | None:
    """Return who is best, and how far the best of the wanted methods is from the best of the others.

    Args:
        measured: a method's title -> the same metric on the same examples.
        wanted: the titles of the paper's own method.
        where: what it is of.
    """
    told = {title: one for title, one in measured.items() if one.mean == one.mean}
    own = [title for title in told if title in wanted]
    others = [title for title in told if title not in wanted]
    if not own or not others:
        return None
    higher = bool(next(iter(told.values())).higher_is_better)

    def goodness(title: str) -> float:
        return told[title].mean if higher else -told[title].mean

    mine, other = max(own, key=goodness), max(others, key=goodness)
    by, lower, upper, _ = difference(told[mine], told[other])
    ahead = "leads" if goodness(mine) > goodness(other) else "does not lead"
    sure = "" if lower > 0 or upper < 0 else ", which may be chance"
    return f"{where}: {mine} {ahead}; {by:+.3f} ({lower:+.3f} to {upper:+.3f}) against {other}{sure}"


def need(condition: bool, message: str) -> None:
    """Raise OptionError with the message unless the condition holds."""
    if not condition:
        raise OptionError(message)
