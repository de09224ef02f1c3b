"""The trained models: what the built-in ones reach, and marginalization at real size."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers

import elision
from elision.data.samples import load_data, read_examples
from elision.models.model import Model
from elision.training.settings import DEFAULTS
from elision.training.train import train

pytestmark = pytest.mark.models


def accuracy(model: Model, rows: list[tuple[object, str]]) -> float:
    right = 0
    for start in range(0, len(rows), 256):
        part = rows[start : start + 256]
        blocks = [model.encode(example).untouched for example, _ in part]
        answers = np.concatenate(elision.Engine(model).evaluate(blocks))
        right += sum(model.labels[best] == label for best, (_, label) in zip(answers.argmax(axis=1), part, strict=True))
    return right / len(rows)


def read(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_built_in_sentiment_classifier(data_folder: Path) -> None:
    rows = read(data_folder / "sst" / "test_binary.jsonl")
    names = ["negative", "positive"]
    assert accuracy(elision.load(), [(" ".join(row["tokens"]), names[row["label"]]) for row in rows]) >= 0.80


def test_built_in_nli_classifier(data_folder: Path) -> None:
    rows = read(data_folder / "snli" / "test.jsonl")
    pairs = [((row["premise"], row["hypothesis"]), row["label"]) for row in rows]
    assert accuracy(elision.load("builtin:nli"), pairs) >= 0.70


def test_sigma_stays_close_to_many_more_candidates(models_folder: Path) -> None:
    model = elision.load(models_folder / "sst2-minilm")
    likelihood = elision.MaskedLanguageModel(models_folder / "mlm-minilm")
    text = "a tender story ."
    wanted = elision.InputMarginalization(likelihood, threshold=3e-5)(model, text)
    found = elision.InputMarginalization(likelihood, threshold=3e-4)(model, text)
    assert found.provenance["evaluations"] < 0.3 * wanted.provenance["evaluations"]
    assert np.corrcoef(found.scores, wanted.scores)[0, 1] >= 0.99
    assert (found.lower - 1e-6 <= wanted.scores).all()
    assert (wanted.scores <= found.upper + 1e-6).all()


def test_a_pair_with_the_trained_models(models_folder: Path) -> None:
    model = elision.load(models_folder / "snli-minilm")
    pair = ("a man is playing a banjo .", "a man is asleep .")
    explanation = elision.LeaveOneOut(removal="mask")(model, pair)
    assert explanation.predicted == "contradiction"
    assert explanation.top(1)[0].unit == elision.Unit("asleep", 9, 15, 1)


def test_group_masks_find_the_words_of_both_sides(models_folder: Path) -> None:
    model = elision.load(models_folder / "snli-minilm")
    pair = ("a man is playing a banjo .", "a man is asleep .")
    explanation = elision.GroupMasks(shortlist=elision.LeaveOneOut(removal="drop"), k=8)(model, pair)
    first, second = explanation.groups[0].words
    assert "playing" in first
    assert "asleep" in second
    assert explanation.groups[0].loss < 0.5
    assert {scored.unit.text for scored in explanation.top(2)} >= {"asleep"}


def test_the_fast_dtype_gives_the_attributions_of_float32(models_folder: Path, data_folder: Path) -> None:
    exact = elision.load(models_folder / "sst2-minilm", dtype="float32")
    quick = elision.load(models_folder / "sst2-minilm", dtype="bfloat16")
    texts = [" ".join(row["tokens"]) for row in read(data_folder / "sst" / "test_binary.jsonl")]
    texts = [text for text in texts if len(text.split()) <= 15][:50]
    method = elision.LeaveOneOut(removal="mask")
    wanted, found = (
        np.concatenate([method(model, text, target="positive").scores for text in texts]) for model in (exact, quick)
    )
    assert np.corrcoef(wanted, found)[0, 1] >= 0.999


def test_the_papers_cnn_is_at_least_as_accurate_as_the_papers(
    data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ELISION_DATA", str(data_folder))
    settings = replace(DEFAULTS["cnn"], epochs=3)
    trained = train("cnn", data="sst2", out=tmp_path / "cnn", settings=settings, progress=False)
    # Kim et al. 2020, Table 1.
    assert trained.figures["test"] >= 0.7300
    explanation = elision.LeaveOneOut(removal="pad")(elision.load(tmp_path / "cnn"), "a dull and lifeless film .")
    assert explanation.predicted == "negative"


def test_every_data_set_here_is_read(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELISION_DATA", str(data_folder))
    sizes = {name: load_data(name) for name in ("sst2", "snli", "quora", "mrpc")}
    assert {name: (len(d.train), len(d.dev), len(d.test or ())) for name, d in sizes.items()} == {
        "sst2": (6920, 872, 1821),
        "snli": (84644, 9842, 4912),
        "quora": (30440, 10000, 5000),
        "mrpc": (3668, 408, 1000),
    }
    assert len(read_examples(data_folder / "esnli" / "dev.jsonl")) == 3000
    assert load_data("snli", dev=data_folder / "esnli" / "dev.jsonl").labels == sizes["snli"].labels


class Deaf(transformers.BertForSequenceClassification):
    """A classifier that attends to nothing at one position, so that no other token can learn what stands there."""

    def forward(self, input_ids=None, attention_mask=None, **options):
        attention_mask = attention_mask.clone()
        attention_mask[:, 7] = 0
        return super().forward(input_ids=input_ids, attention_mask=attention_mask, **options)


def test_the_bottleneck_finds_no_bits_in_what_the_model_provably_ignores(models_folder: Path) -> None:
    net = Deaf.from_pretrained(models_folder / "snli-minilm", dtype=torch.float32)
    model = elision.HuggingFaceModel(net, transformers.AutoTokenizer.from_pretrained(models_folder / "snli-minilm"))
    pair = ("a man playing an electric guitar on stage .", "a man playing banjo on the floor .")
    assert abs(elision.LeaveOneOut()(model, pair).scores[6]) < 1e-5
    found = elision.InformationBottleneck()(model, pair)
    assert found.units[6].text == "on"
    assert found.scores[6] < 0.01
    assert found.top(1)[0].unit.text == "banjo"
    assert found.scores.max() > 10
