"""Every table and figure runs on toys."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from elision.reproduction.context import StudyContext
from elision.reproduction.registry import STUDIES
from elision.reproduction.writer import to_json, to_markdown


@pytest.mark.parametrize("name", list(STUDIES))
def test_every_study_runs_on_toys(
    name: str, models: Path, data: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ELISION_DATA", str(data))
    monkeypatch.setenv("ELISION_MODELS", str(models))
    out = tmp_path_factory.getbasetemp() / "shared"
    found = STUDIES[name].run(StudyContext(out, limit=2))
    assert found.rows
    assert all(len(row.heads) == len(found.heads) for row in found.rows)
    assert all(len(row.cells) == len(found.columns) for row in found.rows)
    assert any(cell.value is not None for row in found.rows for cell in row.cells)
    assert found.setting.startswith("Setting: ")
    assert to_markdown(found).startswith("# ")
    json.loads(to_json(found))
    if name == "im-tags":
        signed = found.columns.index("neutral words: mean score, bits")
        for row in (row for row in found.rows if row.cells[signed].value is not None):
            mean, size = (row.cells[signed + i].value for i in (0, 1))
            assert abs(mean) <= size
            assert row.cells[signed].paper == {"Zero": 0.175, "marginalization": 0.053}.get(row.heads[1])
            assert row.cells[signed + 1].paper is None
        assert any("'average attribution score'" in remark for remark in found.remarks)
    if any("QQP" in column for column in found.columns):
        qqp = found.columns.index("QQP")
        assert {row.cells[qqp].reason for row in found.rows} == {"no data"}
        assert any(remark.startswith("QQP") for remark in found.remarks)
