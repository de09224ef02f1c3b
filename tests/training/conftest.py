"""Fixtures of the tests of training."""

from __future__ import annotations

import pytest
from toys.training import Files, make_files


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """Toy data sets, and tiny models to start from."""
    return make_files(tmp_path_factory.mktemp("toys"))
