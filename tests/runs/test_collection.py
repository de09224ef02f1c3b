"""Many explanations in columns: what is kept of each."""

from __future__ import annotations

from toys.reports import full

from elision.runs.collection import collect
from elision.runs.file import labelled


def test_candidates_are_not_kept() -> None:
    kept = collect(labelled([full(), full()])).items
    assert kept[0].explanation.candidates is kept[0].explanation.class_scores is None
    assert kept[0].explanation.labels is kept[1].explanation.labels
    assert kept[0].explanation.provenance is kept[1].explanation.provenance
