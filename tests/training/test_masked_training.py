"""Masked training: what is hidden, how often, in which rows; what the card, the config and the refusals say."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from toys.models import build
from toys.tokenizers import byte_tokenizer, wordpiece_tokenizer
from toys.training import QUICK, Files

import elision
from elision.errors import OptionError
from elision.models.loading import quiet
from elision.training.batches import EncodedRows, encode_rows
from elision.training.loop import row_batches
from elision.training.masked_training import Hiding, drawn_shares
from elision.training.settings import MODELS
from elision.training.train import train

MASKED = replace(QUICK, masked_training=True)


def some_rows(n: int = 40) -> tuple[object, EncodedRows]:
    """Return a tokenizer, and pairs as it cuts them, an unknown word in each."""
    tokenizer = wordpiece_tokenizer()
    examples = [("a film " * (1 + i % 4), "the plot was great ☃") for i in range(n)]
    return tokenizer, encode_rows(tokenizer, examples, np.arange(n) % 2, max_length=64)


def test_all_tokens_of_both_texts_can_be_hidden_and_no_special_one() -> None:
    tokenizer, rows = some_rows()
    kept = rows.ids.copy()
    all_hidden = Hiding(tokenizer).hide(rows, np.ones(len(rows)), np.random.default_rng(0))
    special = [tokenizer.cls_token_id, tokenizer.sep_token_id]
    assert tokenizer.unk_token_id in rows.ids
    assert set(all_hidden.ids.tolist()) == {*special, tokenizer.mask_token_id}
    for i in special:
        np.testing.assert_array_equal(all_hidden.ids == i, rows.ids == i)
    np.testing.assert_array_equal(rows.ids, kept)
    none = Hiding(tokenizer).hide(rows, np.zeros(len(rows)), np.random.default_rng(0))
    np.testing.assert_array_equal(none.ids, rows.ids)


def test_half_of_each_batch_is_hidden_by_a_uniform_share() -> None:
    draws = np.random.default_rng(0)
    shares = drawn_shares([np.arange(0, 8), np.arange(8, 16)], 16, draws)
    assert [int((part > 0).sum()) for part in (shares[:8], shares[8:])] == [4, 4]
    many = np.concatenate([drawn_shares([np.arange(10)], 10, draws) for _ in range(2000)])
    told = many[many > 0]
    assert len(told) == 10_000
    # Quartiles of 10,000 uniform draws have a standard error of at most 0.005.
    np.testing.assert_allclose(np.quantile(told, [0.25, 0.5, 0.75]), [0.25, 0.5, 0.75], atol=0.02)
    odd = [int((drawn_shares([np.arange(3)], 3, draws) > 0).sum()) for _ in range(400)]
    assert set(odd) == {1, 2}
    assert np.mean(odd) == pytest.approx(1.5, abs=0.1)


def test_any_number_of_hidden_tokens_is_as_likely_as_another() -> None:
    tokenizer = wordpiece_tokenizer()
    rows = encode_rows(tokenizer, ["a film the plot"] * 4000, None, max_length=16)
    draws = np.random.default_rng(0)
    hidden = Hiding(tokenizer).hide(rows, draws.random(len(rows)), draws)
    counts = (hidden.ids.reshape(len(rows), -1) == tokenizer.mask_token_id).sum(axis=1)
    # 800 of 4,000 are expected of each; the standard error is 25.
    assert np.abs(np.bincount(counts, minlength=5) - 800).max() < 100


def test_batches_are_those_of_ordinary_training_with_other_tokens_hidden_at_each_pass() -> None:
    tokenizer, rows = some_rows()
    net, _ = build("bert", n_labels=2)
    plain, masked = (row_batches(net, rows, QUICK, hiding) for hiding in (None, Hiding(tokenizer)))
    ordinary, seen, again = (np.random.default_rng(5) for _ in range(3))
    passes = []
    for _ in range(2):
        pairs = [
            (own(), other(), third())
            for own, other, third in zip(plain(ordinary), masked(seen), masked(again), strict=True)
        ]
        for own, other, third in pairs:
            assert torch.equal(own["labels"], other["labels"])
            changed = own["input_ids"] != other["input_ids"]
            assert set(other["input_ids"][changed].tolist()) <= {tokenizer.mask_token_id}
            assert int(changed.any(dim=1).sum()) <= (len(changed) + 1) // 2
            assert torch.equal(other["input_ids"], third["input_ids"])
        passes.append(sum(int((own["input_ids"] != other["input_ids"]).sum()) for own, other, _ in pairs))
    assert min(passes) > 0
    assert passes[0] != passes[1]


def test_the_card_and_the_config_say_so(files: Files, tmp_path: Path) -> None:
    options = {"init": str(files.encoder), "data": files.single, "test": files.single_test, "progress": False}
    settings = replace(MASKED, epochs=8, learning_rate=1e-2)
    trained = train("encoder", out=tmp_path / "masked", settings=settings, **options)
    assert sorted(trained.figures) == ["dev", "dev_masked", "test"]
    # The word that decides is hidden in half of the rows; what is left says nothing.
    assert trained.figures["test"] > 0.9
    assert 0.55 < trained.figures["dev_masked"] < trained.figures["dev"]
    card = (tmp_path / "masked" / "README.md").read_text()
    assert f"| accuracy, dev, half of the tokens hidden | {trained.figures['dev_masked']:.4f} |" in card
    assert "| masked training | in half of each batch's rows a random share of the tokens" in card
    assert "| masked_training | True |" in card
    assert "half of the tokens hidden" in trained.summary()
    assert json.loads((tmp_path / "masked" / "config.json").read_text())["masked_training"] is True

    options["init"] = str(tmp_path / "masked")
    ordinary = train("encoder", out=tmp_path / "plain", settings=replace(QUICK, epochs=1), **options)
    assert sorted(ordinary.figures) == ["dev", "test"]
    assert "| masked training |" not in (tmp_path / "plain" / "README.md").read_text()
    assert json.loads((tmp_path / "plain" / "config.json").read_text())["masked_training"] is False


def test_the_seed_decides_what_is_hidden(files: Files, tmp_path: Path) -> None:
    weights = []
    for i, seed in enumerate((0, 0, 1)):
        settings = replace(MASKED, epochs=1, seed=seed)
        out = tmp_path / str(i)
        train("encoder", init=str(files.encoder), data=files.pair, out=out, settings=settings, progress=False, limit=40)
        weights.append(elision.load(out, dtype="float32").transformer.model.classifier.weight)
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_it_is_refused_for_other_models_and_without_a_mask_token(files: Files, tmp_path: Path) -> None:
    for name in MODELS:
        if name == "encoder":
            continue
        init = str(files.masked) if name == "mlm" else None
        with pytest.raises(OptionError, match=f"masked_training is for encoder; train {name} without it"):
            train(name, data=files.single, init=init, out=tmp_path / "out", settings=MASKED, progress=False)
    bare = tmp_path / "bare"
    with quiet():
        build("bert", n_labels=2)[0].save_pretrained(bare)
        byte_tokenizer(mask_token=None).save_pretrained(bare)
    with pytest.raises(
        OptionError, match=r"masked_training needs a mask token, and the tokenizer of '.*bare' has none"
    ):
        train("encoder", data=files.single, init=str(bare), out=tmp_path / "out", settings=MASKED, progress=False)
    assert not (tmp_path / "out").exists()
