"""Fixtures of the tests of tables and figures."""

from __future__ import annotations

from pathlib import Path

import pytest


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
