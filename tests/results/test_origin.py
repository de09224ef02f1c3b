"""What the library reads of a provenance, whatever else stands in it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from toys.reports import PROVENANCE, explained

import elision
from elision.results.origin import Origin, Rounding, read_origin, short_record


def test_several_removals_are_told_one_by_one() -> None:
    assert Origin(removal="drop+mask+delete").removals == {"drop", "mask", "delete"}
    assert Origin(removal="mask").removals == {"mask"}
    assert Origin().removals == frozenset()


def test_the_parts_that_are_read() -> None:
    record = PROVENANCE | {
        "model": {"name": "m", "dtype": "bfloat16", "head": "sigmoid", "labels": ["a"]},
        "gradients": {"dtype": "float32"},
        "rounding": {"rows": 3, "probability": 0.25, "moves": 0.5},
        "evaluations": np.int64(7),
    }
    assert read_origin(record) == Origin(
        method="marginalization",
        model="m",
        head="sigmoid",
        dtype="bfloat16",
        gradients_dtype="float32",
        removal="marginal",
        likelihood="hub/mlm",
        behaviour="log_odds",
        behaviour_unit="bits",
        evaluations=7,
        likelihood_evaluations=4,
        seconds=0.26,
        rounding=Rounding(probability=0.25, moves=0.5),
    )
    assert read_origin(short_record(record)) == read_origin(
        {name: own for name, own in record.items() if name not in ("evaluations", "likelihood_evaluations", "seconds")}
    )
    assert "settings" not in short_record(record)


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"model": "bert", "removal": None, "behaviour": 5, "rounding": [1], "gradients": "float32"},
        {"evaluations": "many", "seconds": None, "removal": {"likelihood": "mlm"}},
    ],
)
def test_what_is_written_otherwise_is_as_if_it_were_not_there(record: dict[str, Any]) -> None:
    assert read_origin(record) == Origin()
    assert str(explained(provenance=record)).splitlines()[-1] == " · model ? · removal ? · 0 evaluations · 0.0 s"


def test_a_saved_explanation_says_which_head_was_read(keywords: elision.BlackBox) -> None:
    from toys.models import build

    for head in ("softmax", "sigmoid", "scores"):
        model = elision.load(*build("bert"), head=head)
        found = elision.Explanation.from_json(elision.Random()(model, "a good film").to_json())
        assert found.origin.head == head
        assert found.answer == {"softmax": "classes", "sigmoid": "labels", "scores": "scores"}[head]
    assert elision.Random()(keywords, "a good film").origin.head == ""
