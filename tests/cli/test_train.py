"""The command `elision train`: its epochs, its folder, its errors in one line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from toys.training import texts, write

from elision import cli
from elision.training import classifiers


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of sentences that one word decides."""
    return write(tmp_path_factory.mktemp("toys") / "single.jsonl", texts(240, 0))


def command(
    arguments: list[str], capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> tuple[int, str, str]:
    """Run the command in this process."""
    monkeypatch.setattr(sys, "argv", ["elision", "train", *arguments])
    capfd.readouterr()
    with pytest.raises(SystemExit) as stop:
        cli.main()
    written = capfd.readouterr()
    return int(stop.value.code or 0), written.out, written.err


def test_the_command_trains(
    single: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ["cnn", "--data", str(single), "--out", str(tmp_path / "out")]
    code, out, err = command([*arguments, "--epochs", "2", "--embedding-size", "12"], capfd, monkeypatch)
    assert code == 0
    assert out.startswith("accuracy, dev ")
    assert out.strip().endswith(f"saved in {tmp_path / 'out'}")
    assert [line.split(":")[0] for line in err.splitlines()][1:] == ["epoch 1", "epoch 2"]
    assert json.loads((tmp_path / "out" / "config.json").read_text())["embedding_size"] == 12
    code, out, err = command([*arguments, "--epochs", "1", "--overwrite", "--quiet"], capfd, monkeypatch)
    assert (code, out, err) == (0, "", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["svm", "--data", "sst2", "--out", "x"], "MODEL must be one of cnn, lstm, pair-lstm"),
        (["cnn", "--data", "imdb", "--out", "x"], "--data must be one of sst2, snli, quora, mrpc, qqp, esnli or a"),
        (["cnn", "--data", "sst2"], "Missing option '--out'"),
        (["cnn", "--data", "sst2", "--out", "x", "--epochs", "0"], "--epochs must be at least 1, got 0"),
        (["mlm", "--data", "sst2", "--out", "x"], "mlm needs --init: the folder"),
        (
            ["cnn", "--data", "sst2", "--out", "x", "--masked-training"],
            "--masked-training is for encoder; train cnn without it",
        ),
        (["cnn", "--data", "none.jsonl", "--out", "x"], "cannot read none.jsonl: No such file or directory"),
        (["cnn", "--data", "sst2", "--out", "x", "--device", "moon"], "--device 'moon' cannot be used here"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    arguments: list[str],
    message: str,
    single: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "sst").mkdir()
    (tmp_path / "sst" / "train_binary.jsonl").write_text('{"text": "a", "label": 0}\n{"text": "b", "label": 1}\n' * 20)
    monkeypatch.setenv("ELISION_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    code, out, err = command(arguments, capfd, monkeypatch)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert err.startswith("elision: ")
    assert message in err
    assert not (tmp_path / "x").exists()


def test_an_interruption_saves_nothing_and_says_so(
    single: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any, **__: Any) -> float:
        raise KeyboardInterrupt

    monkeypatch.setattr(classifiers, "accuracy", interrupted)
    arguments = ["cnn", "--data", str(single), "--out", str(tmp_path / "out"), "--quiet"]
    code, out, err = command(arguments, capfd, monkeypatch)
    assert (code, out, err) == (130, "", "elision: interrupted; nothing was saved\n")
    assert not list(tmp_path.iterdir())


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom elision.cli.entry import cli\n"
        "try:\n    cli.main(['train', '--help'], prog_name='elision')\nexcept SystemExit:\n    pass\n"
        "print([name for name in ('torch', 'numpy', 'transformers') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "decomposable-attention" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"
