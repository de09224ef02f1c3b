"""Training: toy problems are learnt, the seed decides everything, folders are whole or not there, errors one line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
import transformers
from toys.models import build
from toys.tokenizers import byte_tokenizer, wordpiece_tokenizer

import elision
from elision import cli
from elision.errors import ModelError, OptionError
from elision.models.loading import initial, quiet, read_tokenizer
from elision.training import classifiers, loop
from elision.training.batches import encode_rows
from elision.training.classifiers import Embeddings
from elision.training.folders import save_folder
from elision.training.loop import Fit, accuracy, fit, row_batches
from elision.training.masked_lm import Masking, train_masked_lm
from elision.training.settings import DEFAULTS, FROM_SCRATCH, Settings
from elision.training.train import train

NEUTRAL = "the film was seen by a man on this floor with an actor and its story".split()
QUICK = Settings(epochs=6, batch_size=16, learning_rate=3e-3, patience=6)


def write(file: Path, rows: list[dict[str, Any]]) -> Path:
    """Write a JSON-lines file."""
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


def texts(n: int, seed: int) -> list[dict[str, Any]]:
    """Return sentences that one word decides."""
    draws = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        words = list(draws.choice(NEUTRAL, size=draws.integers(3, 9)))
        words.insert(int(draws.integers(len(words))), str(draws.choice([["dull", "bad"], ["great", "fine"]][i % 2])))
        rows.append({"text": " ".join(words), "label": ["no", "yes"][i % 2]})
    return rows


def agreeing(n: int, seed: int) -> list[dict[str, Any]]:
    """Return pairs whose second text agrees or disagrees with the first about one of two words."""
    draws = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        first, second = (" ".join(draws.choice(NEUTRAL, size=draws.integers(2, 5))) for _ in range(2))
        sides = draws.choice(["guitar", "banjo"], size=2, replace=False)
        own, other = sides[0], sides[0] if i % 2 else sides[1]
        rows.append({"text1": f"{first} {own}", "text2": f"{second} {other}", "label": i % 2})
    return rows


def pairs(n: int, seed: int) -> list[dict[str, Any]]:
    """Return pairs that one word of the second text decides."""
    both = zip(texts(n, seed + 100)[::-1], texts(n, seed), strict=True)
    return [{"text1": first["text"], "text2": second["text"], "label": second["label"]} for first, second in both]


class Files(NamedTuple):
    """Toy data sets, and tiny models to start from."""

    single: Path
    single_test: Path
    pair: Path
    pair_test: Path
    agreement: Path
    agreement_test: Path
    encoder: Path
    masked: Path
    bare: Path


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    place = tmp_path_factory.mktemp("toys")
    made = [
        write(place / "single.jsonl", texts(240, 0)),
        write(place / "single_test.jsonl", texts(60, 1)),
        write(place / "pair.jsonl", pairs(240, 0)),
        write(place / "pair_test.jsonl", pairs(60, 1)),
        write(place / "agreement.jsonl", agreeing(400, 0)),
        write(place / "agreement_test.jsonl", agreeing(60, 1)),
    ]
    with quiet():
        for name, head in (("encoder", "SequenceClassification"), ("masked", "MaskedLM")):
            net, tokenizer = build("bert", head)
            fresh = type(net)(net.config)
            fresh.save_pretrained(place / name)
            tokenizer.save_pretrained(place / name)
        byte_tokenizer(special=False, pad_token=None).save_pretrained(place / "bare")
        build("gpt2")[0].save_pretrained(place / "bare")
    return Files(*made, place / "encoder", place / "masked", place / "bare")


@pytest.fixture(autouse=True)
def _one_thread() -> Any:
    """Let tiny models not wait for a second thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def toy(files: Files, name: str) -> dict[str, Path]:
    """Return the data for a kind of model."""
    kind = {"pair-lstm": files[2:4], "decomposable-attention": files[4:6]}.get(name, files[:2])
    return {"data": kind[0], "test": kind[1]}


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


class Counter(torch.nn.Module):
    """A model whose only weight counts its updates, more or less."""

    def __init__(self, answer: float = 1.0) -> None:
        super().__init__()
        self.w = torch.nn.Parameter(torch.zeros(1))
        self.device = torch.device("cpu")
        self.answer = answer

    def forward(self, **batch: Any) -> Any:
        return transformers.modeling_outputs.SequenceClassifierOutput(loss=(self.w * self.answer).sum())


def run(figures: list[float], **settings: Any) -> tuple[Counter, Fit, list[float]]:
    """Train the counter against given dev figures."""
    model, weights, left = Counter(), [], list(figures)

    def measure() -> float:
        weights.append(model.w.item())
        return left.pop(0)

    chosen = replace(Settings(epochs=6, batch_size=1, learning_rate=0.1, patience=2), **settings)
    return model, fit(model, chosen, lambda draws: [dict, dict], measure, progress=False), weights


def test_the_best_weights_are_kept_and_training_stops_in_time() -> None:
    model, came_to, weights = run([0.1, 0.5, 0.3, 0.4, 0.9])
    assert (came_to.best, came_to.epoch, came_to.epochs) == (0.5, 2, 4)
    assert model.w.item() == weights[1] != weights[3]
    assert not model.training
    _, came_to, _ = run([0.1, 0.2, 0.3, 0.3, 0.3, 0.4], patience=3)
    assert (came_to.epoch, came_to.epochs) == (6, 6)


def test_a_loss_that_is_no_number_ends_training() -> None:
    settings = Settings(epochs=1, batch_size=1, learning_rate=0.1)
    with pytest.raises(ModelError, match="the loss is no longer a number; take a smaller learning rate"):
        fit(Counter(float("nan")), settings, lambda draws: [dict], lambda: 0.0, progress=False)


def test_accuracy_does_not_depend_on_training_mode_or_batches(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    net, tokenizer = build("bert", n_labels=2)
    rows = encode_rows(tokenizer, [row["text"] for row in texts(40, 3)], np.arange(40) % 2, max_length=64)
    net.train()
    found = accuracy(net, rows)
    assert net.training
    monkeypatch.setattr(loop, "_LARGE_BATCH", 7)
    assert accuracy(net.eval(), rows) == found
    with torch.inference_mode():
        logits = [net(**tokenizer(row["text"], return_tensors="pt")).logits[0].argmax().item() for row in texts(40, 3)]
    assert found == pytest.approx(np.mean(np.array(logits) == np.arange(40) % 2))


def test_models_without_token_types_get_none() -> None:
    net, tokenizer = build("distilbert", n_labels=2)
    rows = encode_rows(tokenizer, ["a film", "a plot"], np.array([0, 1]), max_length=64)
    draw = row_batches(net, rows, QUICK)
    (made,) = draw(np.random.default_rng(0))
    assert set(made()) == {"input_ids", "attention_mask", "labels"}
    assert accuracy(net, rows) in (0.0, 0.5, 1.0)


def test_embeddings_start_from_vectors_and_unseen_words_from_zero(files: Files, tmp_path: Path) -> None:
    vectors = tmp_path / "vectors.txt"
    vectors.write_text("great 1 2 3 4\nfilm 4 3 2 1\n")
    from elision.data.samples import load_data

    data = load_data(files.single)
    net, tokenizer, facts = classifiers.from_scratch("cnn", data, QUICK, Embeddings(vectors=str(vectors)))
    weight = net.embeddings.weight.detach()
    assert weight.shape == (len(tokenizer), 4)
    great, film, mask, dull, pad = tokenizer.convert_tokens_to_ids(["great", "film", "[MASK]", "dull", "[PAD]"])
    scale = 0.1 / np.std([1, 2, 3, 4, 4, 3, 2, 1])
    np.testing.assert_allclose(weight[great], np.array([1, 2, 3, 4]) * scale, rtol=1e-5)
    np.testing.assert_allclose(weight[film], np.array([4, 3, 2, 1]) * scale, rtol=1e-5)
    assert not weight[mask].any()
    assert not weight[pad].any()
    assert weight[dull].any()
    assert facts["embeddings start"].startswith(f"from vectors.txt: 2 of {len(tokenizer)} tokens")


def test_another_models_vocabulary_and_embeddings(files: Files, tmp_path: Path) -> None:
    chosen = Embeddings(tokenizer=str(files.masked), source=str(files.masked), size=6)
    settings = replace(QUICK, epochs=1)
    train("lstm", data=files.single, out=tmp_path / "out", embeddings=chosen, settings=settings, progress=False)
    model = elision.load(tmp_path / "out")
    likelihood = elision.MaskedLanguageModel(files.masked)
    assert model.vocabulary.fingerprint() == likelihood.vocabulary.fingerprint()
    assert model.transformer.model.config.embedding_size == 6
    assert "30522" not in (tmp_path / "out" / "README.md").read_text()
    assert read_tokenizer(files.masked).get_vocab() == wordpiece_tokenizer().get_vocab()


def test_an_encoder_gets_a_new_head_and_learns(files: Files, tmp_path: Path) -> None:
    settings = replace(QUICK, epochs=8, learning_rate=1e-2)
    trained = train(
        "encoder",
        init=str(files.encoder),
        data=files.single,
        test=files.single_test,
        out=tmp_path / "out",
        settings=settings,
        progress=False,
    )
    assert trained.figures["test"] > 0.9
    model = elision.load(tmp_path / "out")
    assert model.labels == ("no", "yes")
    with pytest.raises(elision.ExampleError, match="reads one text, got a pair"):
        model.encode(("a", "b"))


def test_a_new_head_is_drawn_by_the_seed(files: Files) -> None:
    heads = [
        initial("AutoModelForSequenceClassification", files.masked, seed=seed, num_labels=4)[0].classifier.weight
        for seed in (0, 0, 1)
    ]
    assert torch.equal(heads[0], heads[1])
    assert not torch.equal(heads[0], heads[2])
    assert heads[0].shape == (4, 16)


def test_a_folder_without_trained_embeddings_is_no_encoder(files: Files, tmp_path: Path) -> None:
    net, tokenizer = build("bert", "MaskedLM")
    rest = {name: weight for name, weight in net.state_dict().items() if "LayerNorm" in name}
    with quiet():
        net.save_pretrained(tmp_path, state_dict=rest)
        tokenizer.save_pretrained(tmp_path)
    with pytest.raises(elision.UnsupportedError, match=r"is no trained encoder: it has no weights for .*embeddings"):
        initial("AutoModelForSequenceClassification", tmp_path)
    with pytest.raises(elision.ModelNotFoundError, match="there is no model folder"):
        read_tokenizer(tmp_path / "none")
    (tmp_path / "broken").mkdir()
    with pytest.raises(ModelError, match="holds no model"):
        read_tokenizer(tmp_path / "broken")


def test_what_a_masked_language_model_cannot_learn_from(files: Files, tmp_path: Path) -> None:
    net, tokenizer = build("bert", "MaskedLM")
    options: dict[str, Any] = {"progress": False, "report": print}
    with pytest.raises(OptionError, match="at least 2 texts with a token that the model knows are needed, got 1"):
        train_masked_lm(net, tokenizer, ["one", "", "☃", "☃ ☃"], QUICK, **options)
    tokenizer.mask_token = None
    with pytest.raises(OptionError, match=r"has no \[MASK\] or no padding"):
        train_masked_lm(net, tokenizer, ["one", "two"], QUICK, **options)


def test_a_masked_language_model_learns_its_texts(files: Files, tmp_path: Path) -> None:
    lines = tmp_path / "lines.txt"
    lines.write_text("\n".join(" ".join(["the man plays", w, "on a stage"]) for w in NEUTRAL) + "\n")
    settings = Settings(epochs=30, batch_size=4, learning_rate=1e-2, patience=30)
    trained = train("mlm", init=str(files.masked), data=lines, out=tmp_path / "out", settings=settings, progress=False)
    assert trained.figures["perplexity"] < 0.3 * trained.figures["perplexity_before"]
    likelihood = elision.MaskedLanguageModel(tmp_path / "out")
    assert likelihood.vocabulary.mask_id == wordpiece_tokenizer().mask_token_id
    assert "perplexity of held-out tokens, before" in (tmp_path / "out" / "README.md").read_text()


def test_fifteen_tokens_in_a_hundred_are_hidden_as_bert_hides_them() -> None:
    tokenizer = wordpiece_tokenizer()
    masking = Masking(tokenizer, len(tokenizer))
    rows = encode_rows(tokenizer, ["the man plays a film " * 8] * 400 + ["film"], None, max_length=64)
    batch = rows.batch(np.arange(401))
    hidden = masking.hide(batch, np.random.default_rng(0))
    chosen = hidden["labels"] != -100
    assert chosen.sum(dim=1).tolist() == [6] * 400 + [1]
    assert torch.equal(hidden["labels"][chosen], batch["input_ids"][chosen])
    assert torch.equal(hidden["input_ids"][~chosen], batch["input_ids"][~chosen])
    assert not (chosen & (batch["attention_mask"] == 0)).any()
    shown, own = hidden["input_ids"][chosen], batch["input_ids"][chosen]
    # Of 2,401 tokens; three standard errors are 0.025 and less.
    assert (shown == tokenizer.mask_token_id).float().mean().item() == pytest.approx(0.8, abs=0.025)
    assert (shown == own).float().mean().item() == pytest.approx(0.1, abs=0.02)
    assert not set(shown.tolist()) & ({0, 1, 2, 3})
    always = masking.hide(batch, np.random.default_rng(0), always=True)
    assert (always["input_ids"][always["labels"] != -100] == tokenizer.mask_token_id).all()


def test_settings_out_of_range_are_refused() -> None:
    for name, value, message in (
        ("epochs", 0, "epochs must be at least 1, got 0"),
        ("patience", 1.5, "patience must be a whole number of at least 1, got 1.5"),
        ("batch_size", 0, "batch_size must be at least 1, got 0"),
        ("max_length", 3, "max_length must be at least 4, got 3"),
        ("learning_rate", 0.0, "learning_rate must be greater than 0, got 0.0"),
        ("weight_decay", 1.0, "weight_decay must be at least 0 and less than 1, got 1.0"),
        ("seed", -1, "seed must be at least 0, got -1"),
    ):
        with pytest.raises(OptionError, match=message.replace(".", r"\.")):
            replace(DEFAULTS["cnn"], **{name: value})


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


def test_pairs_need_token_types(files: Files, tmp_path: Path) -> None:
    byte_tokenizer().save_pretrained(tmp_path / "bytes")
    (tmp_path / "bytes" / "config.json").write_text((files.masked / "config.json").read_text())
    with pytest.raises(OptionError, match="decomposable-attention needs token types, which the tokenizer of"):
        train(
            "decomposable-attention",
            data=files.pair,
            out=tmp_path / "out",
            embeddings=Embeddings(tokenizer=str(tmp_path / "bytes")),
        )


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
    files: Files, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ["cnn", "--data", str(files.single), "--out", str(tmp_path / "out")]
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
        (["cnn", "--data", "none.jsonl", "--out", "x"], "cannot read none.jsonl: No such file or directory"),
        (["cnn", "--data", "sst2", "--out", "x", "--device", "moon"], "--device 'moon' cannot be used here"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    arguments: list[str],
    message: str,
    files: Files,
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
    files: Files, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any, **__: Any) -> float:
        raise KeyboardInterrupt

    monkeypatch.setattr(classifiers, "accuracy", interrupted)
    arguments = ["cnn", "--data", str(files.single), "--out", str(tmp_path / "out"), "--quiet"]
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
