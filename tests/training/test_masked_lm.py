"""Masked language models: what they learn from, and which tokens are hidden."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from toys.models import build
from toys.tokenizers import wordpiece_tokenizer
from toys.training import NEUTRAL, QUICK, Files

import elision
from elision.errors import OptionError
from elision.training.batches import encode_rows
from elision.training.masked_lm import Masking, train_masked_lm
from elision.training.settings import Settings
from elision.training.train import train


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
