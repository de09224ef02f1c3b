"""Objects in memory: what is found inside them, and what is refused in one line."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
import transformers
from toys.models import build
from toys.refusals import refusal

import elision

TEXT = "a very good film , not a boring one"
PAIR = ("a man plays the guitar", "a woman sings on the stage")
FUNCTION = "give a function from texts to probabilities, with labels=[...]"


def untouched(model: elision.Model, example: Any = TEXT) -> np.ndarray:
    """Return the model's answer to an example with nothing left out."""
    return np.asarray(model.predict([model.encode(example).untouched])[0])


def test_a_class_is_no_model() -> None:
    for thing in (transformers.BertForSequenceClassification, dict):
        message = refusal(elision.OptionError, thing, labels=["a", "b"])
        assert message == "model must be a folder, a hub name, a model or a function; got type"


class CrossEncoder:
    """What versions before 4 are: a plain object."""

    def __init__(self, activation: Any, **config: Any) -> None:
        self.model, self.tokenizer = build("bert", **config)
        self.config = self.model.config
        self.max_length: int | None = None
        self.default_activation_function = activation

    def predict(self, sentences: list[Any], show_progress_bar: bool | None = None) -> np.ndarray:
        self.model.eval()
        with torch.no_grad():
            scores = [self._score(*pair) for pair in sentences]
        return np.array([score[0] if len(score) == 1 else score for score in scores])

    def _score(self, first: str, second: str) -> np.ndarray:
        texts = first.strip(), second.strip()
        inputs = self.tokenizer(*texts, truncation="longest_first", max_length=self.max_length, return_tensors="pt")
        return self.default_activation_function(self.model(**inputs).logits)[0].numpy()


class NewCrossEncoder(torch.nn.Sequential):
    """What later versions are: a network of which the first part holds the classifier."""

    def __init__(self, activation: Any, **config: Any) -> None:
        old = CrossEncoder(activation, **config)
        first = torch.nn.Module()
        first.model = old.model
        super().__init__(first)
        self.tokenizer, self.activation_fn = old.tokenizer, activation
        self.max_seq_length = 12
        old.max_length = 12
        object.__setattr__(self, "old", old)

    @property
    def model(self) -> Any:
        return self[0].model

    @property
    def config(self) -> Any:
        return self.model.config

    @property
    def max_length(self) -> int:
        raise AssertionError("it warns that it is deprecated")

    default_activation_function = max_length

    def predict(self, inputs: list[Any], show_progress_bar: bool | None = None) -> np.ndarray:
        self.eval()
        return self.old.predict(inputs)


@pytest.mark.parametrize("kind", [CrossEncoder, NewCrossEncoder])
@pytest.mark.parametrize(
    ("activation", "n_labels"),
    [
        (torch.nn.Sigmoid(), 1),
        (torch.sigmoid, 1),
        (torch.nn.Identity(), 1),
        (torch.nn.Sigmoid(), 3),
        (torch.nn.Softmax(dim=1), 3),
        (lambda logits: torch.softmax(logits, -1), 3),
    ],
)
def test_a_cross_encoder_is_explained_by_what_it_says(kind: Any, activation: Any, n_labels: int) -> None:
    encoder = kind(activation, n_labels=n_labels)
    for given in ((encoder,), (encoder, encoder.tokenizer)):
        model = elision.load(*given)
        assert model.n_texts == 2
        for pair in (PAIR, ("a good film . " * 5, "a dull plot , " * 5)):
            said = np.ravel(encoder.predict([pair]))
            np.testing.assert_allclose(untouched(model, pair), said, atol=1e-6)
    assert (model.head == "scores") == (n_labels == 1)
    message = f"{model.name} reads a pair of texts, got one text; choose a model that reads one text"
    with pytest.raises(elision.ExampleError) as caught:
        elision.explain(TEXT, model=encoder)
    assert str(caught.value) == message


@pytest.mark.parametrize("kind", [CrossEncoder, NewCrossEncoder])
def test_a_cross_encoder_is_left_as_it_was(kind: Any) -> None:
    encoder = kind(torch.nn.Sigmoid(), n_labels=1)
    for part in (encoder, encoder.model):
        if isinstance(part, torch.nn.Module):
            part.train()
    limit, file = encoder.tokenizer.model_max_length, encoder.tokenizer.backend_tokenizer.to_str()
    elision.load(encoder)
    assert encoder.tokenizer.model_max_length == limit
    assert encoder.tokenizer.backend_tokenizer.to_str() == file
    assert all(module.training for module in encoder.model.modules())
    assert getattr(encoder, "training", True)


@pytest.mark.parametrize("kind", [CrossEncoder, NewCrossEncoder])
@pytest.mark.parametrize("n_labels", [1, 3])
def test_raw_scores_of_classes_are_refused_unless_it_is_said_how_they_are_read(kind: Any, n_labels: int) -> None:
    encoder = kind(torch.nn.Identity(), n_labels=n_labels)
    if n_labels > 1:
        assert refusal(elision.UnsupportedError, encoder) == (
            f"{kind.__name__} gives raw scores of several classes; say how they are to be read: head='softmax', "
            "head='sigmoid' or head='scores'"
        )
    raw = untouched(elision.load(encoder, head="scores"), PAIR)
    np.testing.assert_allclose(raw, np.ravel(encoder.predict([PAIR])), rtol=1e-5)
    found = untouched(elision.load(encoder, head="sigmoid"), PAIR)
    said = 1 / (1 + np.exp(-np.ravel(encoder.predict([PAIR])).astype(float)))
    np.testing.assert_allclose(found[-1:] if n_labels == 1 else found, said, atol=1e-6)


def test_a_cross_encoder_that_does_more_than_its_classifier_is_refused() -> None:
    class Prompting(CrossEncoder):
        def _score(self, first: str, second: str) -> np.ndarray:
            return super()._score(f"the film : {first}", second)

    assert refusal(elision.UnsupportedError, Prompting(torch.sigmoid, n_labels=1)).startswith(
        "Prompting gives a short text the scores ["
    )
    assert refusal(elision.UnsupportedError, CrossEncoder(torch.nn.Softmax(dim=1), n_labels=1)).startswith(
        "CrossEncoder gives a short text the scores [1] where its model and tokenizer give ["
    )


def test_a_sentence_encoder_gives_no_classes() -> None:
    class SentenceTransformer(torch.nn.Sequential):
        tokenizer = build("bert")[1]

        def encode(self, sentences: list[str]) -> np.ndarray:
            raise AssertionError

    encoder = SentenceTransformer(torch.nn.Linear(1, 1))
    expected = f"SentenceTransformer gives embeddings of texts, no classes; {FUNCTION}, that asks a classifier of them"
    assert refusal(elision.UnsupportedError, encoder) == expected
    assert refusal(elision.UnsupportedError, encoder, encoder.tokenizer, labels=["a", "b"]) == expected
