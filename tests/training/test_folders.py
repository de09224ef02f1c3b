"""Folders of trained models are whole or not there."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import transformers
from toys.models import build
from toys.training import QUICK, Files

from elision.errors import OptionError
from elision.training.folders import save_folder
from elision.training.train import train


def test_a_folder_in_use_is_not_overwritten_unless_asked(files: Files, tmp_path: Path) -> None:
    out = tmp_path / "out"
    quick = {"data": files.single, "out": out, "settings": replace(QUICK, epochs=1), "progress": False, "limit": 40}
    train("cnn", **quick)
    written = (out / "model.safetensors").read_bytes()
    with pytest.raises(OptionError, match="is not empty; choose another one, or replace its model with overwrite=True"):
        train("cnn", **quick)
    (out / "note.txt").write_text("mine")
    train("cnn", **(quick | {"settings": replace(QUICK, epochs=1, seed=3)}), overwrite=True)
    assert (out / "model.safetensors").read_bytes() != written
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out"]
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.tex").write_text("mine")
    with pytest.raises(OptionError, match="holds no model, so it is not overwritten"):
        train("cnn", **(quick | {"out": tmp_path / "other"}), overwrite=True)
    with pytest.raises(OptionError, match="must be a folder, got the file"):
        train("cnn", **(quick | {"out": tmp_path / "other" / "thesis.tex"}))


def test_a_disk_that_refuses_leaves_the_old_model(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    quick = {"data": files.single, "out": out, "settings": replace(QUICK, epochs=1), "progress": False, "limit": 40}
    train("cnn", **quick)
    written = (out / "model.safetensors").read_bytes()

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(transformers.PreTrainedTokenizerFast, "save_pretrained", full)
    with pytest.raises(OptionError, match=r"cannot write .*out': No space left on device"):
        train("cnn", **quick, overwrite=True)
    assert (out / "model.safetensors").read_bytes() == written
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out"]


def test_an_old_model_comes_back_where_the_new_one_cannot_take_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    net, tokenizer = build("bert")
    out = tmp_path / "out"
    save_folder(out, net, tokenizer, "old")
    own = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if self.name.endswith(".partial"):
            raise OSError(1, "Operation not permitted")
        return own(self, target)

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OptionError, match="Operation not permitted"):
        save_folder(out, net, tokenizer, "new")
    assert (out / "README.md").read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_refused(files: Files, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OptionError, match="no permission"):
            train("cnn", data=files.single, out=tmp_path / "a" / "b")
    finally:
        tmp_path.chmod(0o700)
