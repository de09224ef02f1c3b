"""Model cards, written from measured figures and from the settings that were run."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

from .measure import Measured
from .settings import LABELS, MLM_HELD_OUT, TEACHERS, Settings, Training

_TITLES = {
    "mlm": "masked language model",
    "sentiment": "sentiment of a sentence (negative, positive)",
    "nli": "natural language inference (entailment, neutral, contradiction)",
}
_FIGURES = {
    "perplexity": f"perplexity, {MLM_HELD_OUT:,} held-out sentences, 15 % of the pieces hidden",
    "accuracy": "accuracy, the same positions",
    "word_perplexity": "perplexity, one whole word of a held-out sentence hidden",
    "word_accuracy": "accuracy, the same positions",
    "dev": "accuracy, dev set",
    "test": "accuracy, test set",
    "damaged": "agreement with the teacher, dev texts with words masked, deleted, unknown or replaced",
}
_SETS = {
    "sst": "Stanford Sentiment Treebank (Socher et al. 2013), training side and its GLUE phrases: no licence stated in "
    "the source; distributed for research",
    "snli": "SNLI (Bowman et al. 2015), a part of its training side: CC BY-SA 4.0",
    "quora": "Quora question pairs, a part of the training side: no licence stated; Quora terms of service, "
    "non-commercial research",
    "mrpc": "Microsoft Research Paraphrase Corpus, training side: no licence stated in the source; Microsoft Research "
    "licence upstream",
    "imdb": "IMDB reviews (Maas et al. 2011), unlabelled ones, single sentences: no licence stated in the source",
}
_USED = {
    "mlm": ("snli", "quora", "sst", "mrpc", "imdb"),
    "sentiment": ("sst", "imdb", "mrpc"),
    "nli": ("snli",),
}
_LIMITS = {
    "mlm": "It knows some seven thousand word pieces of English; rarer words fall apart, and it can name only words "
    "that are one piece. It was trained on short sentences (image captions, questions, film reviews, news) and is weak "
    "elsewhere. The teacher saw the training sides of these corpora and may have seen the held-out sentences; the "
    "student did not.",
    "sentiment": "Film reviews in English, one sentence at a time; there is no neutral class, so a text without a "
    "judgement still gets one. Longer texts were met in training only as sentences in a row.",
    "nli": "Premises that describe a picture, hypotheses of one short sentence; SNLI's hypotheses give part of the "
    "answer away, and the model has learnt that too. Numbers, negation and world knowledge are often beyond it.",
}
_PURPOSE = "It is made for trying out explanations, not for decisions about people."


def write_card(settings: Settings, measured: Measured, folder: Path, run: dict[str, Any]) -> None:
    """Write ``README.md`` of a saved folder."""
    task = measured.task
    parts = [_head(task), _figures(measured), _making(settings, task, run), _data(task)]
    parts.append("## Limits\n\n" + _wrap(f"{_LIMITS[task]} {_PURPOSE}") + "\n")
    (folder / "README.md").write_text("\n".join(parts), encoding="utf-8")


def _head(task: str) -> str:
    labels = LABELS.get(task)
    extra = f"Labels: {', '.join(f'{index} {name}' for index, name in enumerate(labels))}.\n" if labels else ""
    pair = "Input: premise and hypothesis as a pair.\n" if task == "nli" else ""
    return f"""---
language: en
license: other
---
# Built-in model `{task}`: {_TITLES[task]}

A small ELECTRA-shaped English model (lower-cased WordPiece), distilled from a six-layer BERT, for use without a
download.
{extra}{pair}"""


def _figures(measured: Measured) -> str:
    lines = ["## Measured on this folder, loaded in single precision", "", "| figure | value |", "|---|---|"]
    for name, value in measured.figures.items():
        lines.append(
            f"| {_FIGURES[name]} | {value:.2f} |" if "perplexity" in name else f"| {_FIGURES[name]} | {value:.4f} |"
        )
    lines.append(f"| parameters | {measured.parameters:,} |")
    return "\n".join(lines) + "\n"


def _making(settings: Settings, task: str, run: dict[str, Any]) -> str:
    shape, training = settings.architecture, settings.training(task)
    teacher = (
        f"Teacher: `{TEACHERS[task]}`, which was trained from sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0)."
    )
    student = (
        f"Student: {shape.num_hidden_layers} layers, hidden {shape.hidden_size}, embeddings {shape.embedding_size}, "
        f"{shape.num_attention_heads} heads, intermediate {shape.intermediate_size}, {shape.vocab_size:,} word pieces "
        f"(a subset of BERT's uncased vocabulary), {shape.max_position_embeddings} positions, stored in half precision."
    )
    optimiser = (
        f"AdamW, peak learning rate {training.learning_rate}, {training.epochs:g} epochs, "
        f"{training.tokens_per_batch:,} tokens a batch, seed {settings.seed}, {run['seconds'] / 60:.0f} minutes of "
        f"training on {settings.threads} processor cores."
    )
    again = f"`python tools/make_builtin_models.py --only {task}` makes it again."
    how = _mlm_story(training, int(run["rows"])) if task == "mlm" else _classifier_story(training, int(run["rows"]))
    # Where a folder came about in another way than by one unbroken run, its run record says so.
    told = (teacher, student, how, optimiser, *filter(None, [run.get("note")]), again)
    return "## How it was made\n\n" + "\n\n".join(_wrap(text) for text in told) + "\n"


def _mlm_story(training: Training, rows: int) -> str:
    return (
        f"{rows:,} rows: sentences, pairs in two segments, sentences in a row. A fifth of the words is hidden, "
        "sometimes neighbours together; hidden words read `[MASK]`. Epochs alternate: one mixes the true word "
        f"with the teacher's distribution (weight {training.soft_weight}), the next uses the true word alone under "
        "fresh masks. Word vectors start from the principal directions of the teacher's."
    )


def _classifier_story(training: Training, rows: int) -> str:
    return (
        f"It starts from the body of the built-in masked language model and learns {rows:,} rows labelled by the "
        "teacher: the training rows, further texts, and texts damaged (words masked, deleted, unknown, replaced) or "
        "rewritten by the masked language model, since an explainer asks about such texts. Loss: divergence from the "
        f"teacher at temperature {training.temperature:g}, and the gold label at weight {1 - training.soft_weight:.1f} "
        "where there is one. No dev or test row is in the training rows; the checkpoint was chosen on dev."
    )


def _data(task: str) -> str:
    lines = ["## Data and licences", "", *(f"- {_SETS[name]}" for name in _USED[task]), ""]
    rest = [name for name in _USED["mlm"] if name not in _USED[task]]
    if rest:
        lines += ["The masked language model that it starts from also learnt from:", ""]
        lines += [*(f"- {_SETS[name]}" for name in rest), ""]
    return "\n".join(lines)


def _wrap(text: str) -> str:
    return textwrap.fill(text, 110, break_long_words=False, break_on_hyphens=False)
