"""What a classifier starts from: vectors, another model's embeddings, an encoder with a new head."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from toys.models import build
from toys.tokenizers import byte_tokenizer, wordpiece_tokenizer
from toys.training import QUICK, Files

import elision
from elision.errors import ModelError, OptionError
from elision.models.loading import initial, quiet, read_tokenizer
from elision.training import classifiers
from elision.training.batches import encode_rows
from elision.training.classifiers import Embeddings
from elision.training.loop import accuracy, row_batches
from elision.training.train import train


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
