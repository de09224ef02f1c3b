"""Fixtures of the tests of tables and figures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from elision.reproduction import shortcut_models


@pytest.fixture
def models(study_toys: Path) -> Path:
    """The folder of tiny models."""
    return study_toys / "models"


@pytest.fixture
def data(study_toys: Path) -> Path:
    """The folder of made-up data sets."""
    return study_toys / "data"


@pytest.fixture
def place(models: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for results; data and models are in the environment."""
    monkeypatch.setenv("ELISION_DATA", str(data))
    monkeypatch.setenv("ELISION_MODELS", str(models))
    return tmp_path / "out"


@pytest.fixture(autouse=True)
def _one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let studies that train models of their own make one pass over their texts."""
    brief = {kind: replace(settings, epochs=1) for kind, settings in shortcut_models.SETTINGS.items()}
    monkeypatch.setattr(shortcut_models, "SETTINGS", brief)
