"""Models with shortcuts: trained once, kept, started from the encoder, and untrained ones beside them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from elision.reproduction import shortcut_models
from elision.reproduction.context import StudyContext
from elision.reproduction.planting import COPIES, SHORTCUTS
from elision.reproduction.shortcut_models import obtain, plant

SINGLE, IN_CONTEXT, _, ACROSS = SHORTCUTS


def test_words_and_held_out_rows_are_the_same_for_every_kind(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shortcut_models, "N_TRAIN", {"lstm": 20, "encoder": 8})
    lstm, encoder = (plant(StudyContext(place), IN_CONTEXT, kind) for kind in ("lstm", "encoder"))
    assert lstm.words == encoder.words
    assert lstm.test.planted.examples == encoder.test.planted.examples
    assert (len(lstm.train), len(encoder.train)) == (20 * COPIES, 8 * COPIES)
    planted = set(lstm.words)
    for part in (lstm.dev.plain, lstm.test.plain):
        assert not any(planted & set(str(example).split()) for example in part.examples)


def test_long_texts_are_left_out(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shortcut_models, "LONGEST", 6)
    found = plant(StudyContext(place), ACROSS, "lstm").test.plain.examples
    assert {len(" ".join(example).split()) for example in found} == {6}


@pytest.mark.parametrize("kind", ["lstm", "encoder"])
def test_a_model_is_trained_once_and_reads_its_words(kind: str, place: Path) -> None:
    said: list[str] = []
    names = []
    for _ in range(2):
        context = StudyContext(place, report=said.append)
        planted = plant(context, ACROSS, kind)
        names.append(obtain(context, kind, planted))
    assert names == [f"shortcut-across-{kind}"] * 2
    assert len([line for line in said if "training on" in line]) == 1
    (folder,) = (place / "models").iterdir()
    model = context.model(names[0])
    assert model.labels == ("entailment", "neutral", "contradiction")
    tokenizer = json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"]
    assert set(planted.words) <= set(tokenizer)
    assert all(word in (folder / "README.md").read_text() for word in planted.words)


def test_other_rows_seeds_and_settings_have_other_folders(place: Path) -> None:
    for seed in (0, 1):
        context = StudyContext(place, seed=seed)
        obtain(context, "encoder", plant(context, SINGLE, "encoder"))
        obtain(context, "encoder", plant(context, SINGLE, "encoder"), trained=False)
    assert len(list((place / "models").iterdir())) == 4


def test_the_untrained_model_has_nothing_of_the_encoder(place: Path, models: Path) -> None:
    context = StudyContext(place)
    planted = plant(context, SINGLE, "encoder")
    start = load_file(models / "mlm-minilm" / "model.safetensors")
    name = "bert.encoder.layer.0.attention.self.query.weight"
    found = {}
    for trained in (True, False):
        obtain(context, "encoder", planted, trained=trained)
        folder = context.given["shortcut-single-encoder" + ("" if trained else "-untrained")]
        found[trained] = load_file(Path(folder) / "model.safetensors")[name]
    first = start[name].float()
    assert torch.corrcoef(torch.stack([found[True].flatten(), first.flatten()]))[0, 1] > 0.9
    assert abs(float(torch.corrcoef(torch.stack([found[False].flatten(), first.flatten()]))[0, 1])) < 0.2


def test_training_stops_where_the_shortcut_rules_and_half_planted_rows_are_right(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = {kind: replace(settings, epochs=9) for kind, settings in shortcut_models.SETTINGS.items()}
    monkeypatch.setattr(shortcut_models, "SETTINGS", long)
    # Of each pass: planted rows, rows without, half-planted rows.
    figures = iter([0.9, 0.8, 0.8, 1.0, 0.8, 0.6, 1.0, 0.8, 0.7, 1.0, 0.8, 0.78, 1.0])
    monkeypatch.setattr(shortcut_models, "accuracy", lambda model, rows, quick: next(figures))
    said: list[str] = []
    context = StudyContext(place, report=said.append)
    obtain(context, "encoder", plant(context, IN_CONTEXT, "encoder"))
    passes = [line.split(", ")[1] for line in said if line.startswith("epoch")]
    assert passes == [f"planted dev rows {figure:.4f}" for figure in (0.9, 0.85, 0.95, 1.0)]
    assert next(figures) == 1.0
