"""One function that trains any of the papers' models and saves it as a folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from elision.data.samples import DataSet, load_data, load_texts
from elision.errors import OptionError, require_count, require_one_of
from elision.models.loading import initial, place_of
from elision.training.cards import card
from elision.training.classifiers import Embeddings, from_encoder, from_scratch, train_classifier
from elision.training.folders import check_folder, save_folder
from elision.training.loop import Fit
from elision.training.masked_lm import train_masked_lm
from elision.training.settings import DEFAULTS, FROM_SCRATCH, MODELS, Settings

_TITLES = {
    "cnn": "Convolutional network (Kim et al. 2020, A1.2)",
    "lstm": "Bidirectional LSTM with attention (Kim et al. 2020, A1.2)",
    "pair-lstm": "Bidirectional LSTM for pairs (Kim et al. 2020, A1.2)",
    "decomposable-attention": "Decomposable attention (Parikh et al. 2016)",
    "encoder": "Fine-tuned encoder",
    "mlm": "Fine-tuned masked language model",
}

_WORDS = {
    "dev": "accuracy, dev",
    "test": "accuracy, test",
    "dev_masked": "accuracy, dev, half of the tokens hidden",
    "perplexity_before": "perplexity of held-out tokens, before",
    "accuracy_before": "accuracy on held-out tokens, before",
    "perplexity": "perplexity of held-out tokens",
    "accuracy": "accuracy on held-out tokens",
}


@dataclass(frozen=True)
class Trained:
    """What training left.

    Attributes:
        folder: the model, its tokenizer and its card.
        figures: accuracy on "dev" and "test", after masked training also "dev_masked"; for a masked language model
            "perplexity" and "accuracy" of held-out tokens, and both "_before".
        fit: passes and seconds.
    """

    folder: Path
    figures: dict[str, float]
    fit: Fit = field(repr=False)

    def summary(self) -> str:
        """Return the figures, the time and the folder in one line."""
        found = "; ".join(f"{_WORDS[key]} {value:.4f}" for key, value in self.figures.items())
        return f"{found}; {self.fit.seconds:.0f} s; saved in {self.folder}"


def train(
    name: str,
    *,
    data: str | os.PathLike[str],
    out: str | os.PathLike[str],
    dev: str | os.PathLike[str] | None = None,
    test: str | os.PathLike[str] | None = None,
    init: str | None = None,
    embeddings: Embeddings | None = None,
    settings: Settings | None = None,
    limit: int | None = None,
    overwrite: bool = False,
    device: str | None = None,
    progress: bool | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> Trained:
    """Train a model and save it.

    Args:
        name: cnn, lstm, pair-lstm or decomposable-attention, from scratch; encoder, a trained encoder with a new head;
            mlm, a trained masked language model.
        data: sst2, snli, quora, mrpc, qqp, esnli or a JSON-lines file; for mlm also a file with a text a line.
        out: the folder to be made.
        dev: a JSON-lines file to choose by, in place of the data's own.
        test: a JSON-lines file to measure once, in place of the data's own.
        init: for encoder and mlm: the folder, hub name or built-in name to start from.
        embeddings: for the models from scratch: vocabulary and word vectors.
        settings: None takes those of DEFAULTS.
        limit: only so many training rows or texts.
        overwrite: whether a model in the folder is replaced.
        device: None takes CUDA where there is one.
        progress: None shows a bar on a terminal; False never.
        report: gets a line now and then.
    Returns:
        The folder and what was measured; nothing is written before all is done.
    Raises:
        OptionError: an option is out of range or does not go with the model; data cannot be read.
        ModelNotFoundError, UnsupportedError: there is no such model to start from.
    """
    require_one_of("name", name, MODELS)
    _check(name, init, embeddings, dev, test)
    chosen = settings or DEFAULTS[name]
    if chosen.masked_training and name != "encoder":
        raise OptionError(f"masked_training is for encoder; train {name} without it")
    if limit is not None:
        require_count("limit", limit, 2)
    place = place_of(device)
    folder = check_folder(out, overwrite=overwrite)
    options = {"progress": progress, "report": report}
    if name == "mlm":
        model, tokenizer, came_to, figures, facts = _masked_lm(str(init), data, chosen, limit, place, **options)
    else:
        task = load_data(data, dev=dev, test=test, limit=limit, seed=chosen.seed)
        untrained = _untrained(name, task, chosen, init, embeddings)
        model, tokenizer, came_to, figures, facts = _classifier(untrained, task, chosen, place, **options)
    facts["parameters"] = sum(p.numel() for p in model.parameters())
    shown = {_WORDS.get(key, key): f"{value:.4f}" for key, value in figures.items()} | _cost(came_to)
    save_folder(folder, model.to("cpu"), tokenizer, card(_TITLES[name], shown, facts, chosen.describe()))
    return Trained(folder, figures, came_to)


def _check(name: str, init: Any, embeddings: Embeddings | None, dev: Any, test: Any) -> None:
    """Refuse options that do not go with the model."""
    if name in FROM_SCRATCH and init is not None:
        raise OptionError(f"init is for encoder and mlm; {name} is trained from scratch")
    if name not in FROM_SCRATCH and init is None:
        raise OptionError(f"{name} needs init: the folder or hub name of the trained model to start from")
    if name not in FROM_SCRATCH and embeddings is not None:
        raise OptionError(f"{name} has its own tokenizer and embeddings; leave those options out")
    if name == "mlm" and (dev is not None or test is not None):
        raise OptionError("mlm holds out texts of its data by itself; leave dev and test out")
    if embeddings is not None:
        embeddings.check()


def _untrained(
    name: str, task: DataSet, settings: Settings, init: str | None, embeddings: Embeddings | None
) -> tuple[Any, Any, dict[str, Any]]:
    """Return a classifier to train, its tokenizer, and facts for its card."""
    if name in FROM_SCRATCH:
        return from_scratch(name, task, settings, embeddings or Embeddings())
    return from_encoder(str(init), task, settings)


def _classifier(
    untrained: tuple[Any, Any, dict[str, Any]], task: DataSet, settings: Settings, place: Any, **options: Any
) -> tuple[Any, Any, Fit, dict[str, float], dict[str, Any]]:
    model, tokenizer, facts = untrained
    model.to(place)
    options["report"](f"{len(task.train):,} training rows, {len(task.dev):,} to choose by, {len(tokenizer):,} tokens")
    came_to, figures = train_classifier(model, tokenizer, task, settings, **options)
    return model, tokenizer, came_to, figures, _facts(task) | facts


def _masked_lm(
    init: str, data: Any, settings: Settings, limit: int | None, place: Any, **options: Any
) -> tuple[Any, Any, Fit, dict[str, float], dict[str, Any]]:
    texts = load_texts(data)[:limit]
    model, tokenizer = initial("AutoModelForMaskedLM", init, seed=settings.seed)
    model.to(place)
    came_to, figures = train_masked_lm(model, tokenizer, texts, settings, **options)
    facts = {"starts from": init, "texts": f"{len(texts):,} of {Path(data).name}"}
    return model, tokenizer, came_to, figures, facts


def _facts(task: DataSet) -> dict[str, Any]:
    splits = {"train": task.train, "dev": task.dev, "test": task.test}
    rows = {
        f"{split} rows": f"{len(part):,} of {task.sources[split]}" for split, part in splits.items() if part is not None
    }
    return {"classes": ", ".join(task.labels), "reads": "pairs" if task.n_texts == 2 else "single texts"} | rows


def _cost(came_to: Fit) -> dict[str, Any]:
    return {
        "best pass": f"{came_to.epoch} of {came_to.epochs}",
        "seconds": f"{came_to.seconds:.0f}",
        "processor seconds": f"{came_to.cpu_seconds:.0f}",
    }
