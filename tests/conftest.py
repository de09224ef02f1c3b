"""Fixtures that all tests share: tiny models, the command in this process, the folders of trained models and data."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch
from toys.command import Command
from toys.models import build, keyword_model
from toys.studies import make_data, make_models
from transformers.utils import logging

import elision
from elision.models import loading

# Tiny models lose time where they wait for a second thread, in this process and in those that tests start.
os.environ.setdefault("OMP_NUM_THREADS", "1")
torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes minutes and is asked for by its marker: `-m matrix`."""
    if "matrix" in (config.option.markexpr or ""):
        return
    left_out = [item for item in items if item.get_closest_marker("matrix")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


@pytest.fixture(scope="session")
def bert() -> elision.HuggingFaceModel:
    """A tiny BERT classifier of three classes, in float64."""
    model, tokenizer = build("bert")
    return elision.HuggingFaceModel(model.double(), tokenizer, name="tiny-bert")


@pytest.fixture(scope="session")
def masked_lm() -> elision.MaskedLanguageModel:
    """A tiny BERT masked language model with the vocabulary of `bert`, in float64."""
    model, tokenizer = build("bert", "MaskedLM", seed=1)
    return elision.MaskedLanguageModel(model.double(), tokenizer)


@pytest.fixture(scope="session")
def byte_masked_lm() -> elision.MaskedLanguageModel:
    """A tiny RoBERTa masked language model, with another tokenizer than `bert`, in float64."""
    model, tokenizer = build("roberta", "MaskedLM", seed=2)
    return elision.MaskedLanguageModel(model.double(), tokenizer)


@pytest.fixture
def keywords() -> elision.BlackBox:
    """An additive black box."""
    return keyword_model()


def _shared(variable: str, name: str) -> Path:
    default = Path(__file__).parents[2] / "shared" / name
    return Path(os.environ.get(variable, default))


@pytest.fixture(scope="session")
def models_folder() -> Path:
    """The folder of trained models; tests that need it are skipped where it is missing."""
    folder = _shared("ELISION_MODELS", "models")
    if not (folder / "sst2-minilm").is_dir():
        pytest.skip("the trained models are missing; set ELISION_MODELS to their folder")
    return folder


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of data sets; tests that need it are skipped where it is missing."""
    folder = _shared("ELISION_DATA", "data")
    if not (folder / "sst").is_dir():
        pytest.skip("the data sets are missing; set ELISION_DATA to their folder")
    return folder


@pytest.fixture(scope="session")
def commands_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny classifier and a tiny masked language model."""
    place = tmp_path_factory.mktemp("models")
    bars = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    for name, head in (("classifier", "SequenceClassification"), ("masked", "MaskedLM")):
        model, tokenizer = build("bert", head)
        if name == "classifier":
            model.config.id2label = {0: "bad", 1: "so-so", 2: "good"}
        model.save_pretrained(place / name)
        tokenizer.save_pretrained(place / name)
    if bars:
        logging.enable_progress_bar()
    (place / "empty").mkdir()
    return place


@pytest.fixture(scope="session")
def study_toys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of made-up data sets and tiny models, named as the papers' are."""
    place = tmp_path_factory.mktemp("study")
    make_data(place / "data")
    make_models(place / "models")
    return place


@pytest.fixture
def run(commands_folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command, far from any hub, 100 columns wide, without colours."""
    monkeypatch.setattr(loading, "_hub_reachable", lambda: False)
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    return Command(commands_folder, capfd, monkeypatch)
