"""Fixtures of the tests of models."""

from __future__ import annotations

from pathlib import Path

import pytest
from toys.models import build
from transformers.utils import logging


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a classifier, a masked language model, and things that are neither."""
    place = tmp_path_factory.mktemp("models")
    bars = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    for name, head in (("classifier", "SequenceClassification"), ("masked", "MaskedLM")):
        model, tokenizer = build("bert", head)
        if name == "classifier":
            model.config.id2label = {0: "bad", 1: "so-so", 2: "good"}
            model.save_pretrained(place / "no-tokenizer")
        model.save_pretrained(place / name)
        tokenizer.save_pretrained(place / name)
    if bars:
        logging.enable_progress_bar()
    (place / "empty").mkdir()
    (place / "broken").mkdir()
    (place / "broken" / "config.json").write_text("{ no json")
    (place / "file").write_text("no folder")
    return place
