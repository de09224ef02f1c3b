"""The students: fresh from the teacher's embeddings, and saved as half-precision folders."""

from __future__ import annotations

import copy
import math
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from transformers import AutoModelForMaskedLM, ElectraConfig, ElectraForMaskedLM, ElectraForSequenceClassification

from .settings import LABELS, PAD, TEACHERS, Settings
from .vocabulary import save_tokenizer

_EMBEDDING_DEVIATION = 0.05


def config_for(settings: Settings, task: str) -> ElectraConfig:
    """Configuration of a student; no dropout, because so small a model underfits rather than overfits."""
    shape = settings.architecture
    labels = LABELS.get(task, ())
    extra: dict[str, Any] = {"attn_implementation": "eager"}
    if labels:
        extra["id2label"] = dict(enumerate(labels))
        extra["label2id"] = {name: index for index, name in enumerate(labels)}
    return ElectraConfig(
        vocab_size=shape.vocab_size,
        embedding_size=shape.embedding_size,
        hidden_size=shape.hidden_size,
        num_hidden_layers=shape.num_hidden_layers,
        num_attention_heads=shape.num_attention_heads,
        intermediate_size=shape.intermediate_size,
        max_position_embeddings=shape.max_position_embeddings,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        pad_token_id=PAD,
        **extra,
    )


def fresh_masked_model(settings: Settings, pieces: Sequence[int], log_frequencies: torch.Tensor) -> ElectraForMaskedLM:
    """An untrained student that starts from the teacher's embeddings.

    The principal directions of the teacher's word vectors are kept, positions and segments are projected onto
    the same directions, and the output bias starts at the words' frequencies.
    """
    torch.manual_seed(settings.seed)
    model = ElectraForMaskedLM(config_for(settings, "mlm"))
    folder = settings.models / TEACHERS["mlm"]
    teacher = AutoModelForMaskedLM.from_pretrained(folder, dtype=torch.float32).bert.embeddings
    with torch.no_grad():
        words = teacher.word_embeddings.weight[list(pieces)]
        centred = words - words.mean(0)
        directions = torch.linalg.eigh(centred.T @ centred)[1][:, -settings.architecture.embedding_size :]
        scale = _EMBEDDING_DEVIATION / (centred @ directions).std()
        own = model.electra.embeddings
        own.word_embeddings.weight.copy_(centred @ directions * scale)
        positions = teacher.position_embeddings.weight[: settings.architecture.max_position_embeddings]
        own.position_embeddings.weight.copy_((positions - positions.mean(0)) @ directions * scale)
        segments = teacher.token_type_embeddings.weight
        own.token_type_embeddings.weight.copy_((segments - segments.mean(0)) @ directions * scale)
        model.generator_lm_head.bias.copy_(log_frequencies)
    return model


def classifier_from(settings: Settings, task: str, masked: ElectraForMaskedLM) -> ElectraForSequenceClassification:
    """A classifier that starts from the body of the masked language model."""
    torch.manual_seed(settings.seed)
    model = ElectraForSequenceClassification(config_for(settings, task))
    model.electra.load_state_dict(masked.electra.state_dict())
    return model


def position_shift(
    batch: dict[str, torch.Tensor], longest: int, draw: float, share: float = 0.1
) -> dict[str, torch.Tensor]:
    """Now and then move everything but [CLS] to later positions.

    The corpora have short texts only; without this the later position vectors would stay untrained and a
    longer text would read as noise.
    """
    width = batch["input_ids"].shape[1]
    if draw >= share or width >= longest:
        return batch
    positions = torch.arange(width)
    positions[1:] += math.floor(draw / share * (longest - width))
    return {**batch, "position_ids": positions[None, :]}


def save_folder(settings: Settings, model: Any, tokenizer: Tokenizer, folder: Path) -> None:
    """Write weights in half precision, configuration and tokenizer; an existing folder is swapped in one move."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    fresh.chmod(0o755)
    copy.deepcopy(model).half().save_pretrained(fresh)
    save_tokenizer(tokenizer, fresh, settings.architecture.max_position_embeddings)
    for path in fresh.iterdir():
        path.chmod(0o644)
    replace_folder(fresh, folder)


def replace_folder(fresh: Path, folder: Path) -> None:
    """Put ``fresh`` in place of ``folder``; readers see the old one or the new one."""
    if folder.exists():
        old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
        os.replace(folder, old / folder.name)
        os.replace(fresh, folder)
        shutil.rmtree(old)
    else:
        os.replace(fresh, folder)
