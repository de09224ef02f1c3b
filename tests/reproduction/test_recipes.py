"""The papers' models: where they are looked for, and which are trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from elision.errors import ModelNotFoundError
from elision.reproduction.recipes import RECIPES, find_model, fingerprint, train_missing


def test_models_are_looked_for_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ELISION_MODELS", raising=False)
    for folder in ("a", "b"):
        (tmp_path / folder / "sst2-lstm").mkdir(parents=True)
        (tmp_path / folder / "sst2-lstm" / "config.json").write_text("{}")
    (tmp_path / "a" / "sst2-cnn").mkdir()
    a, b = tmp_path / "a", tmp_path / "b"
    assert find_model("sst2-lstm", (a, b)) == str(a / "sst2-lstm")
    assert find_model("sst2-lstm", (a, b), {"sst2-lstm": "mine"}) == "mine"
    with pytest.raises(ModelNotFoundError, match="no model sst2-cnn: elision study models --out DIR trains it"):
        find_model("sst2-cnn", (a, b))
    with pytest.raises(ModelNotFoundError, match="no model sst2-minilm: name a folder that has it with --models"):
        find_model("sst2-minilm", (a, b))
    monkeypatch.setenv("ELISION_MODELS", str(b))
    assert find_model("sst2-lstm", ()) == str(b / "sst2-lstm")


def test_a_fingerprint_is_of_the_weights(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"1")
    one = fingerprint(str(tmp_path))
    assert fingerprint(str(tmp_path)) == one
    (tmp_path / "model.safetensors").write_bytes(b"2")
    assert fingerprint(str(tmp_path)) != one


def test_only_missing_models_are_trained(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trained: list[tuple[str, dict[str, Any]]] = []

    class Found:
        def summary(self) -> str:
            return "fine"

    def train(kind: str, **options: Any) -> Found:
        trained.append((kind, options))
        return Found()

    monkeypatch.setattr("elision.training.train.train", train)
    assert train_missing(place) == []
    given = {name: "nowhere" for name in RECIPES if name not in ("mrpc-minilm", "snli-decomposable-attention")}
    monkeypatch.delenv("ELISION_MODELS")
    assert train_missing(place, (), given, seed=4) == ["snli-decomposable-attention", "mrpc-minilm"]
    (first, own), (second, other) = trained
    assert (first, own["data"], own["init"], own["embeddings"].source) == (
        "decomposable-attention",
        "snli",
        None,
        "nowhere",
    )
    assert (second, other["data"], other["init"], other["embeddings"]) == ("encoder", "mrpc", "nowhere", None)
    assert own["settings"].seed == 4


def test_the_twins_of_masked_training_differ_in_that_alone() -> None:
    ordinary, masked = (RECIPES[f"sst2-minilm-{name}"] for name in ("ordinary", "masked"))
    assert dict(masked.settings) == {**ordinary.settings, "masked_training": True}
    assert (ordinary.data, ordinary.kind, ordinary.start) == (masked.data, masked.kind, masked.start)
    # Training of one that stopped before the other would have taken fewer steps.
    assert ordinary.settings["patience"] == ordinary.settings["epochs"]


def test_a_recipes_settings_reach_training(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {}

    class Found:
        def summary(self) -> str:
            return "fine"

    def train(kind: str, **options: Any) -> Found:
        seen[options["out"].name] = options["settings"]
        return Found()

    monkeypatch.setattr("elision.training.train.train", train)
    twins = ("sst2-minilm-ordinary", "sst2-minilm-masked")
    given = {name: "nowhere" for name in RECIPES if name not in twins}
    monkeypatch.delenv("ELISION_MODELS")
    assert train_missing(place, (), given, seed=4) == list(twins)
    assert [seen[name].masked_training for name in twins] == [False, True]
    assert all(own.seed == 4 and own.epochs == RECIPES[name].settings["epochs"] for name, own in seen.items())
