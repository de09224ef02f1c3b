"""Measuring the folders as saved: loaded in single precision, through the ordinary loaders."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from transformers import AutoModelForMaskedLM, AutoModelForSequenceClassification

from .augment import damaged
from .classifiers import accuracy, gold_labels
from .data import evaluation_set
from .masked_lm import held_out_figures
from .rows import encode
from .settings import TASKS, Settings
from .teachers import class_logits
from .vocabulary import load_tokenizer

SIZE_LIMIT = 11 * 2**20
_DAMAGED = 2_000


@dataclass(frozen=True)
class Measured:
    """Figures of one saved folder."""

    task: str
    figures: dict[str, float]
    parameters: int
    size: int


def folder_size(folder: Path) -> int:
    """Bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def load_model(folder: Path, task: str) -> Any:
    """A saved model in single precision; missing or unexpected weights are an error here."""
    kind = AutoModelForMaskedLM if task == "mlm" else AutoModelForSequenceClassification
    options = {"dtype": torch.float32, "attn_implementation": "eager", "output_loading_info": True}
    model, loaded = kind.from_pretrained(folder, **options)
    wrong = {name: sorted(map(str, value)) for name, value in loaded.items() if value}
    if wrong:
        raise ValueError(f"{folder.name}: weights do not fit: {wrong}")
    if not all(bool(torch.isfinite(parameter).all()) for parameter in model.parameters()):
        raise ValueError(f"{folder.name}: a weight is not finite in half precision")
    return model.eval()


def measure_folder(settings: Settings, task: str, folder: Path) -> Measured:
    """Accuracy on dev and test, or held-out figures of the masked language model, of a saved folder."""
    model = load_model(folder, task)
    tokenizer = load_tokenizer(folder)
    if task == "mlm":
        figures = held_out_figures(settings, model, tokenizer)
    else:
        figures = {}
        for split in ("dev", "test"):
            examples = evaluation_set(settings, task, split)
            rows = encode(tokenizer, examples, model.config.max_position_embeddings)
            figures[split] = accuracy(model, rows, gold_labels(examples))
        figures["damaged"] = damaged_agreement(settings, task, model, tokenizer)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    return Measured(task, figures, parameters, folder_size(folder))


def damaged_agreement(settings: Settings, task: str, model: Any, tokenizer: Tokenizer) -> float:
    """How often student and teacher agree on damaged dev texts, which is what explanations rest on."""
    examples = damaged(evaluation_set(settings, task, "dev"), _DAMAGED, random.Random(settings.seed))
    rows = encode(tokenizer, examples, model.config.max_position_embeddings)
    return accuracy(model, rows, class_logits(settings, task, examples).argmax(-1))


def check(settings: Settings) -> bool:
    """Print a table of all saved folders; False if one is missing or all together are too large."""
    total, complete = 0, True
    print(f"{'folder':<10} {'parameters':>11} {'bytes':>10}  figures")
    for task in TASKS:
        folder = settings.out / task
        if not folder.is_dir():
            print(f"{task:<10} missing")
            complete = False
            continue
        measured = measure_folder(settings, task, folder)
        total += measured.size
        figures = ", ".join(f"{name} {value:.4f}" for name, value in measured.figures.items())
        print(f"{task:<10} {measured.parameters:>11,} {measured.size:>10,}  {figures}")
    print(f"{'together':<10} {'':>11} {total:>10,}  limit {SIZE_LIMIT:,}")
    return complete and total < SIZE_LIMIT
