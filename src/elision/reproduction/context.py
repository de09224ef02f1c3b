"""What studies share: models by name, drawn examples, and explanations that are made once and kept."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from elision import __version__
from elision.arrays import Floats
from elision.data.samples import LABELS, Split, load_split
from elision.errors import ElisionError, ElisionWarning, ModelError, ModelNotFoundError, OptionError, UnsupportedError
from elision.explainers import L2X, METHODS, InputMarginalization
from elision.explainers.explainer import Explainer
from elision.game.engine import Engine
from elision.likelihood.likelihood import Likelihood, UnigramPrior
from elision.models.loading import load
from elision.models.model import Model
from elision.progress import Progress
from elision.removal.marginal import make_likelihood
from elision.reproduction.methods import StudyMethod
from elision.reproduction.recipes import RECIPES, find_model, fingerprint
from elision.reproduction.store import ExplanationStore, digest_of
from elision.results.explanation import Explanation
from elision.text import Example

_AT_ONCE = 8
"""Examples whose explanations are made between two lines of the report, and that share an engine. A choice."""
_PATIENCE_SECONDS = 15.0


@dataclass(frozen=True, eq=False)
class Explained:
    """Explanations of the same examples by several methods.

    Attributes:
        model: the model.
        by_method: a method's title -> its explanations, in the examples' order.
        refused: a method's title -> why it could not explain the model.
    """

    model: Model
    by_method: Mapping[str, list[Explanation]]
    refused: Mapping[str, ElisionError]


@dataclass(eq=False)
class StudyContext:
    """Where a study runs.

    Attributes:
        out: the folder of results, explanations and fitted explainers.
        limit: how many examples.
        limited: whether the user chose that number.
        seed: of every draw.
        folders: where models are looked for, before ELISION_MODELS.
        given: model's name -> folder.
        report: gets a line now and then.
    """

    out: Path
    limit: int = 100
    limited: bool = False
    seed: int = 0
    folders: Sequence[str | os.PathLike[str]] = ()
    given: Mapping[str, str] = field(default_factory=dict)
    report: Callable[[str], None] = lambda line: None
    _taught: dict[str, Sequence[Example]] = field(default_factory=dict, init=False, repr=False)
    _models: dict[str, Model] = field(default_factory=dict, init=False, repr=False)
    _likelihoods: dict[str, Likelihood] = field(default_factory=dict, init=False, repr=False)
    _fingerprints: dict[str, str] = field(default_factory=dict, init=False, repr=False)
    _splits: dict[tuple[str, str], Split] = field(default_factory=dict, init=False, repr=False)

    def adopt(self, name: str, folder: Path, texts: Sequence[Example]) -> None:
        """Call a model that a study trained by a name, like one of the papers' models.

        Args:
            name: any.
            folder: where it is.
            texts: what it was trained on, for methods that learn from texts.
        """
        self.given = {**self.given, name: str(folder)}
        self._taught[name] = texts

    def model(self, name: str) -> Model:
        """Return one of the papers' models, or one that was adopted.

        Raises:
            ModelNotFoundError: it is nowhere.
        """
        if name not in self._models:
            self._models[name] = load(self._folder(name), dtype="fast")
        return self._models[name]

    def likelihood(self, name: str) -> Likelihood:
        """Return a likelihood model: one of the papers' models, "builtin:mlm", "uniform" or "prior"."""
        if name not in self._likelihoods:
            if name == "prior":
                examples = self.split("sst2", "train").examples
                self._likelihoods[name] = UnigramPrior([str(example) for example in examples])
            else:
                self._likelihoods[name] = make_likelihood(self._folder(name) if name in RECIPES else name)
        return self._likelihoods[name]

    def split(self, data: str, split: str = "test") -> Split:
        """Return a split of one of the papers' data sets.

        Raises:
            OptionError: it is nowhere.
        """
        if (data, split) not in self._splits:
            found = load_split(data, split)
            self._splits[data, split] = found.lowered() if data == "sst2" else found
        return self._splits[data, split]

    def order(self, data: str, split: str = "test") -> list[int]:
        """Return all rows' indices as drawn by the seed, each text once: more examples hold the fewer ones."""
        part = self.split(data, split)
        drawn = np.random.default_rng(self.seed).permutation(len(part)).tolist()
        return list({part.examples[i]: i for i in reversed(drawn)}.values())[::-1]

    def examples(self, data: str, n: int | None = None) -> list[Example]:
        """Return n of the test split's examples, drawn by the seed; None for the limit."""
        part = self.split(data)
        return [part.examples[i] for i in self.order(data)[: self.limit if n is None else n]]

    def right_class(self, model: Model, data: str, row: int, split: str = "test") -> int:
        """Return the index that a model gives to the class of a split's row."""
        index = int(self.split(data, split).labels[row])
        label = LABELS[data][index]
        return model.labels.index(label) if label in model.labels else index

    def answers(self, model: Model, examples: Sequence[Example]) -> Floats:
        """Return a model's probabilities of all classes, float64 (n, c), for examples as they are."""
        blocks = [model.encode(example).untouched for example in examples]
        return np.concatenate(quiet_engine(model).evaluate(blocks))

    def explain(
        self, model_name: str, methods: Sequence[StudyMethod], examples: Sequence[Example], units: str
    ) -> Explained:
        """Explain examples by methods, or take what was explained before.

        Args:
            model_name: one of the papers' models.
            methods: those wanted.
            examples: of the model's kind.
            units: "word" or "token".
        """
        model = self.model(model_name)
        folder = self.out / "explanations"
        explainers: dict[str, Explainer] = {}
        stores: dict[str, ExplanationStore] = {}
        refused: dict[str, ElisionError] = {}
        for method in methods:
            try:
                stores[method.title] = ExplanationStore(folder, self._settings(model_name, method, units))
            except ModelNotFoundError as error:
                refused[method.title] = error
        said = time.monotonic()
        for start in range(0, len(examples), _AT_ONCE):
            chunk, engine = list(dict.fromkeys(examples[start : start + _AT_ONCE])), quiet_engine(model)
            for method in methods:
                missing = [] if method.title in refused else [e for e in chunk if e not in stores[method.title]]
                if not missing:
                    continue
                try:
                    if method.title not in explainers:
                        explainers[method.title] = self._installed(model_name, method)
                    _fill(stores[method.title], explainers[method.title], method, model, missing, units, engine)
                except ModelError as error:
                    refused[method.title] = error
            if time.monotonic() - said > _PATIENCE_SECONDS:
                said = time.monotonic()
                self.report(f"{model_name}: {min(start + _AT_ONCE, len(examples))} of {len(examples)} explained")
        found = {t: [store[example] for example in examples] for t, store in stores.items() if t not in refused}
        return Explained(model, found, refused)

    def explainer(self, model_name: str, method: StudyMethod) -> Explainer:
        """Return a method's explainer, which L2X is fitted for.

        Raises:
            ElisionError: a model or data that it needs is missing.
        """
        options = dict(method.options)
        if method.name == L2X.name:
            return self._fitted(model_name, int(options["n_texts"]))
        if "likelihood" in options:
            options["likelihood"] = self.likelihood(options["likelihood"])
        if method.counts_candidates:
            options["n_candidates"] = None
        return METHODS[method.name](seed=self.seed, **options)

    def _installed(self, model_name: str, method: StudyMethod) -> Explainer:
        """Return a method's explainer; what it lacks is an error of models, unlike that of a file to be written."""
        try:
            return self.explainer(model_name, method)
        except OptionError as error:
            raise UnsupportedError(str(error)) from error

    def _fitted(self, model_name: str, n_texts: int) -> L2X:
        """Return L2X fitted to training texts, which is done once."""
        pin = {
            "model": model_name,
            "weights": self._fingerprint(model_name),
            "n_texts": n_texts,
            "seed": self.seed,
            "version": __version__,
        }
        folder = self.out / "explainers" / f"l2x-{model_name}-{digest_of(pin)}"
        if folder.is_dir():
            return L2X.load(folder)
        texts = self._training_texts(model_name)[:n_texts]
        self.report(f"{model_name}: fitting L2X to {len(texts):,} training texts")
        model = self.model(model_name)
        fitted = L2X(seed=self.seed).fit(model, texts, engine=quiet_engine(model))
        half = folder.with_name(f".{os.getpid()}.{folder.name}")
        fitted.save(half)
        try:
            half.rename(folder)
        except OSError as error:
            raise OptionError(f"cannot write {str(folder)!r}: {error.strerror or error}") from error
        return fitted

    def _training_texts(self, model_name: str) -> Sequence[Example]:
        if model_name in self._taught:
            return self._taught[model_name]
        data = RECIPES[model_name].data
        return [self.split(data, "train").examples[i] for i in self.order(data, "train")]

    def _settings(self, model_name: str, method: StudyMethod, units: str) -> dict[str, Any]:
        """Return all that an explanation depends on but its example."""
        likelihood = method.options.get("likelihood", "uniform")
        folder = likelihood in RECIPES or likelihood == "prior"
        return {
            "model": model_name,
            "weights": self._fingerprint(model_name),
            **method.settings(),
            "likelihood_weights": self._fingerprint(str(likelihood)) if folder else None,
            "units": units,
            "seed": self.seed,
            "version": __version__,
        }

    def _folder(self, name: str) -> str:
        return find_model(name, self.folders, self.given)

    def _fingerprint(self, name: str) -> str:
        if name not in self._fingerprints:
            if name == "prior":
                texts = self.split("sst2", "train").examples
                self._fingerprints[name] = digest_of({"texts": list(texts)})
            else:
                self._fingerprints[name] = fingerprint(self._folder(name))
        return self._fingerprints[name]


def quiet_engine(model: Model) -> Engine:
    """Return an engine without a bar of its own: a study reports in lines."""
    return Engine(model, progress=Progress(False))


@contextmanager
def data_folder(folder: str | os.PathLike[str] | None) -> Iterator[None]:
    """Let data sets be looked for in a folder, in place of the one that ELISION_DATA names."""
    before = os.environ.get("ELISION_DATA")
    if folder is not None:
        os.environ["ELISION_DATA"] = os.fspath(folder)
    try:
        yield
    finally:
        if folder is not None:
            os.environ.pop("ELISION_DATA")
            if before is not None:
                os.environ["ELISION_DATA"] = before


def _fill(
    store: ExplanationStore,
    explainer: Explainer,
    method: StudyMethod,
    model: Model,
    examples: Sequence[Example],
    units: str,
    engine: Engine,
) -> None:
    """Explain examples one by one, or several at once where a method's questions can share batches."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ElisionWarning)
        if method.name == InputMarginalization.name and not {"threshold", "top_n"} & set(method.options):
            finished = explainer.iter(model, examples, units=units, errors="raise")
            made: Iterable[Explanation] = (explanation for _, explanation in finished)
        else:
            made = (explainer(model, example, units=units, engine=engine) for example in examples)
        for found in made:
            store.add(_counted(found) if method.counts_candidates else found)


def _counted(explanation: Explanation) -> Explanation:
    """Return an explanation without candidates, whose provenance tells how many there were."""
    counts = [len(own) for own in explanation.candidates or ()]
    provenance = {**explanation.provenance, "n_candidates": float(np.mean(counts)) if counts else None}
    return explanation.replace(candidates=None, provenance=provenance)
