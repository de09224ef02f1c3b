"""Cells of a table: their intervals, who leads, and what is missing."""

from __future__ import annotations

import numpy as np
import pytest

from elision.errors import ModelNotFoundError, OptionError
from elision.reproduction.frame import Missing, lead
from elision.reproduction.result import Cell
from elision.results.measurement import Measurement


def test_a_cell_has_the_interval_of_its_measurement() -> None:
    measured = Measurement(name="m", values=np.array([0.0, 1.0, np.nan, 1.0]))
    cell = Cell.of(measured, 0.7)
    assert (cell.value, cell.n, cell.paper) == (pytest.approx(2 / 3), 3, 0.7)
    assert (cell.lower, cell.upper) == pytest.approx(measured.interval())
    assert Cell.of(Measurement(name="m", values=np.array([np.nan]))).value is None
    assert Cell.of(Measurement(name="m", values=np.array([0.5]))).lower is None


@pytest.mark.parametrize(("higher", "ahead"), [(True, "does not lead, -0.200"), (False, "leads, -0.200")])
def test_who_leads_and_by_how_much(higher: bool, ahead: str) -> None:
    values = {"ours": 0.3, "b": 0.5, "c": 0.5 if higher else 0.9}
    measured = {
        title: Measurement(name="m", values=np.full(4, value), higher_is_better=higher)
        for title, value in values.items()
    }
    assert lead({"by pad": measured}, "ours", "BERT") == f"BERT; by pad: ours {ahead} (-0.200 to -0.200) against b"


def test_what_is_missing_is_said_once_and_raised_where_nothing_is_there() -> None:
    missing = Missing()
    assert missing.cell("QQP, BERT", OptionError("there is none"), 0.5).shown(3) == "no data; paper 0.5"
    assert missing.cell("QQP, LSTM", OptionError("there is none")).reason == "no data"
    assert missing.cell("x", ModelNotFoundError("no x")).reason == "no model"
    assert missing.remarks() == ("QQP, BERT; QQP, LSTM: there is none", "x: no x")
    missing.require([1])
    with pytest.raises(OptionError, match="there is none"):
        missing.require([])
