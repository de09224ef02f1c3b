"""Which precision a model is asked in, and what rounding may move."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from toys.models import build

import elision
from elision.models import classifier, loading

TEXT = "the man plays a moving story , well made !"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    net, tokenizer = build("bert")
    place = tmp_path_factory.mktemp("model")
    net.save_pretrained(place)
    tokenizer.save_pretrained(place)
    return place


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand for a processor that multiplies bfloat16 fast, and for work that is large from some ten rows on."""
    monkeypatch.setattr(loading, "fast_dtype", lambda device: "bfloat16")
    monkeypatch.setattr(classifier, "SMALL_WORK", {"cpu": 4e6})


def dtype_of(explanation: elision.Explanation) -> str:
    return str(explanation.provenance["model"]["dtype"])


@pytest.mark.usefixtures("fast")
def test_small_work_is_done_in_float32_and_large_work_in_the_fast_dtype(folder: Path) -> None:
    model = elision.load(folder)
    small, large = elision.LeaveOneOut(removal="mask"), elision.Lime(n_samples=300, removal="mask")
    assert dtype_of(small(model, "a film")) == "float32"
    assert "rounding" not in small(model, "a film").provenance
    found = large(model, TEXT)
    assert dtype_of(found) == "bfloat16"
    assert found.provenance["rounding"]["rows"] == 16
    assert 0 < found.provenance["rounding"]["moves"] < 1
    # White boxes and what asks nothing stay in full precision.
    assert dtype_of(elision.Saliency()(model, TEXT)) == "float32"
    assert dtype_of(elision.explain(TEXT, model=str(folder), method="lime", dtype="float32")) == "float32"


def test_what_rounding_moves_is_measured_on_the_rows_that_were_asked(folder: Path) -> None:
    method = elision.LeaveOneOut(removal="mask")
    half, whole = (method(elision.load(folder, dtype=dtype), "a deep film") for dtype in ("bfloat16", "float32"))
    rounding = half.provenance["rounding"]
    assert rounding["rows"] == 3
    # The twin has the weights as they were rounded, the folder has them as they were: half of the error is in each.
    assert np.abs(half.scores - whole.scores).max() < 4 * rounding["moves"] + 1e-6
    assert rounding["moves"] > 0
    model = elision.load(folder, dtype="bfloat16")
    exact = method(model.exact, "a deep film")
    assert rounding["moves"] == pytest.approx(np.abs(half.scores - exact.scores).max(), rel=1e-3)
    assert model.exact.exact is None


@pytest.mark.usefixtures("fast")
def test_scores_are_those_of_float32_but_for_what_is_stated(folder: Path) -> None:
    method = elision.Lime(n_samples=300, removal="mask")
    found = method(elision.load(folder), TEXT)
    exact = method(elision.load(folder, dtype="float32"), TEXT)
    assert np.abs(found.scores - exact.scores).max() <= found.provenance["rounding"]["moves"]


def test_masks_have_scores_of_another_unit_than_what_rounding_moves(folder: Path) -> None:
    found = elision.WordMasks()(elision.load(folder, dtype="bfloat16"), "a deep film")
    assert found.provenance["rounding"]["probability"] > 0
    assert "moves" not in found.provenance["rounding"]


def test_an_engine_decides_on_precision(folder: Path) -> None:
    model = elision.load(folder, dtype="bfloat16")
    engine = elision.Engine(model.exact)
    assert dtype_of(elision.LeaveOneOut()(model, "a deep film", engine=engine)) == "float32"
    other = elision.Engine(elision.load(folder))
    with pytest.raises(elision.OptionError, match="the engine given belongs to the model"):
        elision.LeaveOneOut()(model, "a deep film", engine=other)


def test_a_model_in_memory_keeps_its_dtype(folder: Path) -> None:
    net, tokenizer = build("bert")
    with pytest.raises(elision.OptionError, match="what the model in memory has, 'float32'; got 'bfloat16'"):
        elision.load(net, tokenizer, dtype="bfloat16")
    assert elision.load(net, tokenizer, dtype="float32").exact is None


@pytest.mark.usefixtures("fast")
def test_models_too_large_for_two_copies_are_read_in_the_fast_dtype(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "LARGEST_EXACT", 100)
    monkeypatch.setattr(classifier, "LARGEST_EXACT", 100)
    model = elision.load(folder)
    assert model.describe()["dtype"] == "bfloat16"
    assert model.exact is None
    found = elision.LeaveOneOut()(model, "a deep film")
    assert dtype_of(found) == "bfloat16"
    assert torch.get_default_dtype() == torch.float32


@pytest.mark.usefixtures("fast")
def test_the_fast_dtype_is_held_against_the_exact_weights(folder: Path) -> None:
    method = elision.LeaveOneOut(removal="mask")
    found = method(elision.load(folder, dtype="fast"), "a deep film")
    exact = method(elision.load(folder, dtype="float32"), "a deep film")
    assert dtype_of(found) == "bfloat16"
    moved = np.abs(found.scores - exact.scores).max()
    assert found.provenance["rounding"]["moves"] == pytest.approx(moved, rel=1e-3)


@pytest.mark.usefixtures("fast")
def test_many_texts_are_asked_in_the_precision_that_each_has_alone(folder: Path) -> None:
    method = elision.InputMarginalization("uniform", tolerance=2.0)
    model = elision.load(folder)
    classifier.SMALL_WORK["cpu"] = 2.0 * classifier.n_inner(model.transformer.model) * method.expected_rows(3) * 5
    texts = ["a film", "the man plays a moving story .", "a dull film", "a plot"]
    found = method.many(model, texts)
    assert [dtype_of(own) for own in found] == ["float32", "bfloat16", "float32", "float32"]
    for text, own in zip(texts, found, strict=True):
        np.testing.assert_allclose(own.scores, method(model, text).scores, atol=2e-3)
        assert dtype_of(method(model, text)) == dtype_of(own)


@pytest.mark.usefixtures("fast")
def test_methods_side_by_side_share_one_precision(folder: Path) -> None:
    found = elision.compare(TEXT, model=str(folder), methods=["leave-one-out", "lime"])
    assert {dtype_of(own) for own in found.explanations} == {"bfloat16"}
    table = elision.metrics.compare(str(folder), [TEXT, "a film", ""], ["lime"], ["aopc"])
    assert dtype_of(table.explanations["lime"][0]) == "bfloat16"


def test_a_model_that_cannot_be_copied_is_explained_all_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = elision.load(folder, dtype="bfloat16")

    def refuse(net: object) -> None:
        raise ValueError("weights of eight bits stay as they are")

    monkeypatch.setattr(classifier, "copied", refuse)
    found = elision.LeaveOneOut(removal="mask")(model, "a deep film")
    assert "rounding" not in found.provenance
    assert model.exact is None


def test_gradients_are_those_of_the_exact_weights(folder: Path) -> None:
    model = elision.load(folder, dtype="float32")
    loaded = elision.load(folder)
    half = loaded._twin("bfloat16")
    found = elision.Saliency()(half, "a deep film")
    np.testing.assert_allclose(found.scores, elision.Saliency()(model, "a deep film").scores, rtol=1e-5)
