"""L2X: a network that has learned from many texts which words let another network repeat the model's answer."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar, final
from warnings import warn

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from elision.arrays import Floats
from elision.errors import OptionError, UnsupportedError, require_count, require_positive
from elision.explainers.explainer import Attribution, Needs
from elision.explainers.learned.selector import (
    EncodedExample,
    Selector,
    TrainingSettings,
    chance_in_draws,
    collate,
    train,
)
from elision.explainers.white_box_explainer import WhiteBoxExplainer
from elision.game.engine import Engine
from elision.game.prediction import Prediction
from elision.models.encoding import Encoding, TokenEncoding
from elision.models.loading import load
from elision.models.model import Model, ModelLike
from elision.results.meaning import Meaning
from elision.text import Example, check_example

_FORMAT = 1
_TRAINING = "course"
"""What format 1 calls the settings of training."""
_SETTINGS, _WEIGHTS = "l2x.json", "l2x.safetensors"


@final
class L2X(WhiteBoxExplainer):
    """Score each unit by the probability that a trained selector chooses it.

    `fit` trains a selector together with a student: the selector draws k units of each text, and the student, which
    sees these only, is to repeat the model's answer. Their loss bounds from below what the units chosen tell of the
    answer. Afterwards an explanation costs the selector's milliseconds and no model evaluation but the prediction.

    A score is the probability that k draws hold the unit. It has no sign, and it is of the model's whole answer: it is
    the same for every class. A selector knows texts like those it was fitted on.

    Args:
        k: units that the student sees; a text of no more units than that is seen nearly whole.
        temperature: of the relaxed draws.
        n_epochs: rounds through the texts.
        batch_size: texts in one step.
        learning_rate: of RMSprop.
        seed: of weights, order and draws.
        budget: the most model evaluations of `fit`, and of each explanation.
    Raises:
        OptionError: an option is out of range.
    Source: Chen et al. 2018, Section 4.2, the network for words. Deviations: a unit's logit is the mean of its tokens',
        so that words are chosen whole; embeddings start from the leading components of the model's own, where it has
        any; for a pair the student sees each text's mean, their difference and product.
    Cost: `fit` one row a text; then one row, for the text.
    """

    name: ClassVar[str] = "l2x"
    default_behaviour: ClassVar[str] = "probability"
    summary: ClassVar[str] = "words that a trained selector picks"
    needs: ClassVar[Needs] = "fitting"
    cost: ClassVar[str] = "1 row, once fitted"

    def __init__(
        self,
        *,
        k: int = 5,
        temperature: float = 0.5,
        n_epochs: int = 5,
        batch_size: int = 40,
        learning_rate: float = 1e-3,
        seed: int = 0,
        budget: int | None = None,
    ) -> None:
        for name, value in (("k", k), ("n_epochs", n_epochs), ("batch_size", batch_size)):
            require_count(name, value, 1)
        require_count("seed", seed, 0)
        require_positive("temperature", temperature)
        require_positive("learning_rate", learning_rate)
        self.training = TrainingSettings(k, float(temperature), n_epochs, batch_size, float(learning_rate), seed)
        self._selector: Selector | None = None
        self._words: dict[str, int] | None = None
        self._fitted: dict[str, Any] = {}
        super().__init__(seed=seed, budget=budget)

    @property
    def course(self) -> TrainingSettings:
        """The former name of `training`."""
        warn("L2X.course is L2X.training now; use that name", DeprecationWarning, stacklevel=2)
        return self.training

    @property
    def losses(self) -> tuple[float, ...]:
        """Each epoch's mean loss, in nats."""
        return tuple(self._fitted.get("losses", ()))

    def fit(self, model: ModelLike, texts: Sequence[Example], *, engine: Engine | None = None) -> L2X:
        """Train on texts against a model's answers to them.

        Args:
            model: the model to be explained, or whatever `elision.load` takes.
            texts: texts, or pairs of texts, such as those that will be explained; thousands are better than hundreds.
            engine: one whose answers are used, and whose budget holds.
        Returns:
            This explainer.
        Raises:
            OptionError: there are no texts, or they are texts and pairs mixed.
            BudgetError: the texts are more than the budget.
        Cost: one row a text through the model; then n_epochs rounds of training.
        """
        require_count("the number of texts", len(texts), 1)
        sizes = {len(check_example(text)) for text in texts}
        if len(sizes) > 1:
            raise OptionError("texts must be all texts or all pairs; fit one explainer for each")
        answering: Model = load(model)
        engine = engine or Engine(answering, budget=self.budget)
        encodings = [answering.encode(text) for text in texts]
        answers = np.concatenate(engine.evaluate([encoding.untouched for encoding in encodings]))
        self._words = None if answering.vocabulary is not None else _number(encodings)
        examples = [self._read(encoding) for encoding in encodings]
        n_ids = 2 + (len(answering.vocabulary) if answering.vocabulary is not None else len(self._words or ()))
        vectors = _vectors(answering, encodings[0], n_ids)
        with engine.progress.expect("l2x fit", self.training.n_epochs * len(texts), "texts"):
            advance = engine.progress.advance
            self._selector, losses = train(examples, answers, n_ids, self.training, advance, vectors=vectors)
        self._fitted = {
            "n_ids": n_ids,
            "n_texts": len(texts),
            "segments": sizes.pop(),
            "model": answering.describe()["name"],
            "vocabulary": None if answering.vocabulary is None else answering.vocabulary.fingerprint(),
            "losses": losses,
        }
        return self

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Write the fitted explainer to a folder, which is made where it is missing.

        Raises:
            OptionError: it was not fitted, or the folder cannot be written.
        """
        selector = self._require_fitted()
        place = Path(folder)
        settings = {"format": _FORMAT, _TRAINING: asdict(self.training), "fitted": self._fitted, "words": self._words}
        try:
            place.mkdir(parents=True, exist_ok=True)
            save_file({name: weight.contiguous() for name, weight in selector.state_dict().items()}, place / _WEIGHTS)
            (place / _SETTINGS).write_text(json.dumps(settings, ensure_ascii=False), encoding="utf-8")
        except OSError as error:
            raise OptionError(f"cannot write {os.fspath(folder)}: {error.strerror}") from error

    @classmethod
    def load(cls, folder: str | os.PathLike[str], *, budget: int | None = None) -> L2X:
        """Return the explainer that `save` wrote.

        Raises:
            OptionError: the folder holds none.
        """
        place = Path(folder)
        try:
            settings = json.loads((place / _SETTINGS).read_text(encoding="utf-8"))
            if settings["format"] != _FORMAT:
                raise OptionError(f"this elision reads format {_FORMAT} of l2x, got {settings['format']!r}")
            found = cls(**settings[_TRAINING], budget=budget)
            found._fitted, found._words = settings["fitted"], settings["words"]
            selector = Selector(found._fitted["n_ids"])
            selector.load_state_dict(load_file(place / _WEIGHTS))
        except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
            if isinstance(error, OptionError):
                raise
            reason = getattr(error, "strerror", None) or error
            raise OptionError(f"the folder {os.fspath(folder)} holds no fitted l2x: {reason}") from error
        found._selector = selector.eval()
        return found

    def _settings(self) -> dict[str, Any]:
        fitted = {name: self._fitted.get(name) for name in ("n_texts", "model", "losses")}
        return {**asdict(self.training), "fitted": fitted}

    def _require_fitted(self) -> Selector:
        if self._selector is None:
            raise OptionError(
                "l2x must be fitted in Python first: L2X().fit(model, texts).save(folder); then L2X.load(folder)"
            )
        return self._selector

    def look(self, v: Prediction) -> Attribution:
        """Return the scores of an example's units."""
        selector = self._require_fitted()
        own = None if v.model.vocabulary is None else v.model.vocabulary.fingerprint()
        if own != self._fitted["vocabulary"]:
            raise OptionError(f"this l2x was fitted on {self._fitted['model']}, whose tokens are others; fit another")
        if len(v.encoding.segments) != self._fitted["segments"]:
            wanted = "texts" if self._fitted["segments"] == 1 else "pairs"
            raise OptionError(f"this l2x was fitted on {wanted}; fit another")
        with torch.inference_mode():
            logits = selector(collate([self._read(v.encoding)]))[0].double().numpy()
        return Attribution(
            scores=chance_in_draws(logits, self.training.k),
            notes=("l2x explains the model's whole answer: its scores are the same for every class",),
            meaning=Meaning("probability of being chosen", "probability", signed=False, range=(0.0, 1.0)),
            record={"removal": {"name": "none"}},
        )

    def _read(self, encoding: Encoding) -> EncodedExample:
        """Return an example in ids from 1: a model's token ids, or for a model that reads texts its words."""
        segments = np.array([unit.segment for unit in encoding.units] + [0], dtype=np.int64)
        if isinstance(encoding, TokenEncoding):
            units = encoding.unit_of_token
            return EncodedExample(encoding.ids.astype(np.int64) + 1, units, segments[units])
        words = self._words or {}
        ids = np.array([words.get(unit.text.lower(), 1) for unit in encoding.units], dtype=np.int64)
        return EncodedExample(ids, np.arange(len(ids)), segments[:-1])


def _vectors(model: Model, encoding: Encoding, n_ids: int) -> Floats | None:
    """Return the model's own token vectors, float64 (V, d), or None; with few texts random ones learn little."""
    if model.vocabulary is None:
        return None
    try:
        found = model.white_box(encoding.untouched).vectors()
    except UnsupportedError:
        return None
    return None if found is None else found[: n_ids - 1]


def _number(encodings: Sequence[Encoding]) -> dict[str, int]:
    """Return the words of texts in lower case with their ids from 2; 1 is for all others."""
    words = sorted({unit.text.lower() for encoding in encodings for unit in encoding.units})
    return {word: i for i, word in enumerate(words, start=2)}
