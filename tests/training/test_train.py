"""Training: toy problems are learnt, the seed decides everything, options that are refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import transformers
from toys.training import QUICK, Files, toy

import elision
from elision.errors import OptionError
from elision.training.classifiers import Embeddings
from elision.training.settings import FROM_SCRATCH
from elision.training.train import train


@pytest.mark.parametrize("name", FROM_SCRATCH)
def test_a_separable_problem_is_learnt_and_saved(name: str, files: Files, tmp_path: Path) -> None:
    lines: list[str] = []
    settings = replace(QUICK, epochs=10, learning_rate=1e-3, patience=3)
    trained = train(
        name, **toy(files, name), out=tmp_path / "out", settings=settings, progress=False, report=lines.append
    )
    assert trained.figures["dev"] > 0.9
    assert trained.figures["test"] > 0.9
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out"]
    model = elision.load(tmp_path / "out", dtype="float32")
    rows = [json.loads(line) for line in toy(files, name)["test"].read_text().splitlines()]
    right = 0
    for row in rows:
        example = row["text"] if "text" in row else (row["text1"], row["text2"])
        best = int(elision.ValueFunction(model, example).prediction.argmax())
        right += model.labels[best] == str(row["label"])
    assert right / len(rows) == pytest.approx(trained.figures["test"], abs=1e-9)
    card = (tmp_path / "out" / "README.md").read_text()
    assert f"| accuracy, test | {trained.figures['test']:.4f} |" in card
    assert "| epochs | " in card
    assert "| test rows | 60 of " in card
    assert len(lines) == trained.fit.epochs + 1
    assert trained.summary().startswith(f"accuracy, dev {trained.figures['dev']:.4f}; accuracy, test ")


def test_words_decide_what_they_should(files: Files, tmp_path: Path) -> None:
    train("cnn", data=files.single, out=tmp_path / "out", settings=QUICK, progress=False)
    found = elision.LeaveOneOut(removal="pad")(elision.load(tmp_path / "out"), "the film was great", target="yes")
    assert found.top(1)[0].unit.text == "great"


def test_the_seed_decides_everything_and_the_global_state_is_left_alone(files: Files, tmp_path: Path) -> None:
    weights = []
    for i, seed in enumerate((0, 0, 1)):
        torch.manual_seed(i)
        before = torch.get_rng_state()
        settings = replace(QUICK, epochs=1, seed=seed)
        train("cnn", data=files.single, out=tmp_path / str(i), settings=settings, progress=False)
        assert torch.equal(torch.get_rng_state(), before)
        net = transformers.AutoModelForSequenceClassification.from_pretrained(tmp_path / str(i))
        weights.append(net.classifier.weight)
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_options_that_do_not_go_together_are_refused(files: Files, tmp_path: Path) -> None:
    single, out = files.single, tmp_path / "out"
    masked = str(files.masked)
    for name, options, message in (
        ("svm", {}, "name must be one of cnn, lstm, pair-lstm, decomposable-attention, encoder, mlm; got 'svm'"),
        ("cnn", {"init": masked}, "init is for encoder and mlm; cnn is trained from scratch"),
        ("mlm", {}, "mlm needs init"),
        ("encoder", {"init": masked, "embeddings": Embeddings(size=4)}, "encoder has its own tokenizer"),
        ("mlm", {"init": masked, "test": single}, "mlm holds out texts of its data by itself"),
        ("pair-lstm", {}, "pair-lstm reads pairs, and .* has single texts; take cnn, lstm or encoder"),
        ("cnn", {"embeddings": Embeddings(vectors="a", source="b")}, "from a file of vectors or from a model, not"),
        ("cnn", {"embeddings": Embeddings(tokenizer=masked, min_count=3)}, "are for a vocabulary of words"),
        ("cnn", {"embeddings": Embeddings(size=0)}, "size must be at least 1, got 0"),
        ("cnn", {"embeddings": Embeddings(min_count=0)}, "min_count must be at least 1, got 0"),
        ("cnn", {"embeddings": Embeddings(tokenizer=str(files.bare))}, "has no token for padding"),
        ("encoder", {"init": str(files.bare)}, "has no token for padding"),
        ("mlm", {"init": str(files.encoder), "limit": 1}, "limit must be at least 2, got 1"),
    ):
        with pytest.raises(OptionError, match=message):
            train(name, **({"data": single, "out": out, "progress": False} | options))
    with pytest.raises(elision.ModelNotFoundError, match="there is no model folder"):
        train("cnn", data=single, out=out, embeddings=Embeddings(tokenizer="./none"))
    assert not out.exists()
