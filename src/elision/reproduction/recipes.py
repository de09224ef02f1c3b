"""The papers' models: where they are looked for, and how those that are missing are trained."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

from elision.errors import ModelNotFoundError

VARIABLE = "ELISION_MODELS"


@dataclass(frozen=True)
class Recipe:
    """How a model comes about.

    Attributes:
        name: its folder's.
        data: the data set that it is trained on.
        kind: as `elision train` calls it; None where it is not trained here.
        start: the name of the model that it starts from: an encoder, or the source of word vectors.
        title: what tables call it.
        settings: of its training, where they differ from the kind's own.
    """

    name: str
    data: str
    kind: str | None = None
    start: str | None = None
    title: str = "BERT"
    settings: Mapping[str, Any] = field(default_factory=dict)


_LSTM, _CNN, _DATTN = "LSTM", "CNN", "DAttn"
# All passes are made, so that both models have the same ones to choose from. With the encoders' own
# learning rate of 3e-5, dev accuracy after two passes of masked training was 0.845 in place of 0.865 (`elision train
# encoder --init mlm-minilm --data sst2 --masked-training --epochs 5 --patience 5 --learning-rate 1e-4`).
_TWIN = {"epochs": 5, "patience": 5, "learning_rate": 1e-4}
RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe("sst2-minilm", "sst2"),
        Recipe("sst2-lstm", "sst2", "lstm", None, _LSTM),
        Recipe("sst2-cnn", "sst2", "cnn", None, _CNN),
        Recipe("snli-minilm", "snli"),
        Recipe("snli-lstm", "snli", "pair-lstm", None, _LSTM),
        Recipe("snli-decomposable-attention", "snli", "decomposable-attention", "mlm-minilm", _DATTN),
        Recipe("quora-minilm", "quora"),
        Recipe("quora-decomposable-attention", "quora", "decomposable-attention", "mlm-minilm", _DATTN),
        Recipe("mrpc-minilm", "mrpc", "encoder", "quora-minilm"),
        Recipe("mrpc-decomposable-attention", "mrpc", "decomposable-attention", "mlm-minilm", _DATTN),
        Recipe("qqp-minilm", "qqp", "encoder", "quora-minilm"),
        Recipe("qqp-decomposable-attention", "qqp", "decomposable-attention", "mlm-minilm", _DATTN),
        Recipe("sst2-minilm-ordinary", "sst2", "encoder", "mlm-minilm", settings=_TWIN),
        Recipe("sst2-minilm-masked", "sst2", "encoder", "mlm-minilm", settings=_TWIN | {"masked_training": True}),
        Recipe("mlm-minilm", "", title="MLM"),
    )
}
# QQP's are trained where the data are, but nobody who lacks the data should be stopped by that.
TRAINED = tuple(recipe for recipe in RECIPES.values() if recipe.kind is not None and recipe.data != "qqp")


def find_model(name: str, folders: Sequence[str | os.PathLike[str]], given: Mapping[str, str] | None = None) -> str:
    """Return the folder of one of the papers' models.

    Args:
        name: one of RECIPES.
        folders: looked through in turn, then the folder that ELISION_MODELS names.
        given: name -> folder or hub name, which comes first.
    Raises:
        ModelNotFoundError: it is in none of them.
    """
    if given and name in given:
        return given[name]
    places = [Path(folder) for folder in (*folders, *filter(None, [os.environ.get(VARIABLE)]))]
    for place in places:
        if (place / name / "config.json").is_file():
            return str(place / name)
    way = (
        "elision study models --out DIR trains it; name DIR with --models"
        if RECIPES[name] in TRAINED
        else f"name a folder that has it with --models or {VARIABLE}, or give one with --model {name}=FOLDER"
    )
    raise ModelNotFoundError(f"there is no model {name}: {way}")


def fingerprint(folder: str) -> str:
    """Return a digest of a model's weights and settings; of a name alone where there is no such folder."""
    digest = blake2b(digest_size=8)
    files = sorted(Path(folder).glob("*.safetensors")) + sorted(Path(folder).glob("*.json"))
    for file in files:
        digest.update(file.read_bytes())
    if not files:
        digest.update(folder.encode())
    return digest.hexdigest()


def train_missing(
    out: str | os.PathLike[str],
    folders: Sequence[str | os.PathLike[str]] = (),
    given: Mapping[str, str] | None = None,
    *,
    seed: int = 0,
    report: Callable[[str], None] = lambda line: None,
) -> list[str]:
    """Train the papers' models that are nowhere yet.

    Args:
        out: the folder in which theirs are made.
        folders: where models may be already.
        given: as for `find_model`.
        seed: of the training.
        report: gets a line now and then.
    Returns:
        The names of those that were trained.
    Raises:
        ElisionError: data, or a model to start from, is missing.
    """
    from dataclasses import replace

    from elision.training.classifiers import Embeddings
    from elision.training.settings import DEFAULTS
    from elision.training.train import train

    trained = []
    for recipe in TRAINED:
        try:
            report(f"{recipe.name}: {find_model(recipe.name, (out, *folders), given)}")
            continue
        except ModelNotFoundError:
            report(f"{recipe.name}: training")
        kind = str(recipe.kind)
        start = None if recipe.start is None else find_model(recipe.start, (out, *folders), given)
        found = train(
            kind,
            data=recipe.data,
            out=Path(out) / recipe.name,
            init=start if kind == "encoder" else None,
            embeddings=Embeddings(source=start) if start is not None and kind != "encoder" else None,
            settings=replace(DEFAULTS[kind], seed=seed, **recipe.settings),
            report=report,
        )
        report(f"{recipe.name}: {found.summary()}")
        trained.append(recipe.name)
    return trained
