"""Models from folders, memory and functions, and what is refused."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from toys.models import build

import elision
from elision.models import loading
from elision.models.loading import fast_dtype

WAYS_OUT = "give a local folder, or leave the name out to use the built-in model"




@pytest.fixture(autouse=True)
def _no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reach no hub from any test."""
    monkeypatch.setattr(loading, "_hub_reachable", lambda: False)


def score(model: elision.HuggingFaceModel) -> np.ndarray:
    """Return one answer."""
    return elision.ValueFunction(model, "a good film", removal="mask").prediction


def test_a_folder_gives_the_model_that_was_saved(folders: Path) -> None:
    net, tokenizer = build("bert")
    expected = score(elision.HuggingFaceModel(net, tokenizer))
    for name in (str(folders / "classifier"), folders / "classifier"):
        model = elision.load(name, dtype="float32")
        assert isinstance(model, elision.HuggingFaceModel)
        assert model.labels == ("bad", "so-so", "good")
        assert model.name == str(name)
        np.testing.assert_allclose(score(model), expected, atol=1e-6)
        assert not model.transformer.model.training


def test_a_relative_folder_and_the_home_folder(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folders)
    monkeypatch.setenv("HOME", str(folders))
    for name in ("classifier", "./classifier", "~/classifier"):
        assert elision.load(name).labels == ("bad", "so-so", "good")


def test_own_tokenizer_for_a_folder(folders: Path) -> None:
    _, tokenizer = build("bert")
    model = elision.load(folders / "no-tokenizer", tokenizer)
    np.testing.assert_allclose(score(model), score(elision.load(folders / "classifier")), atol=1e-6)


def test_a_model_in_memory_is_used_as_it_is() -> None:
    net, tokenizer = build("bert")
    model = elision.load(net, tokenizer)
    assert isinstance(model, elision.HuggingFaceModel)
    assert model.transformer.model is net
    assert model.name == "BertForSequenceClassification"
    assert model.labels == ("LABEL_0", "LABEL_1", "LABEL_2")


def test_a_function_with_labels_is_a_black_box() -> None:
    def half(texts: list[str]) -> np.ndarray:
        return np.full((len(texts), 2), 0.5)

    model = elision.load(half, labels=["yes", "no"])
    assert isinstance(model, elision.BlackBox)
    assert (model.name, model.labels, model.function) == ("half", ("yes", "no"), half)


def test_a_model_is_returned_itself(keywords: elision.BlackBox) -> None:
    assert elision.load(keywords) is keywords


@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16", "float16"])
def test_weights_have_the_dtype_asked_for(folders: Path, dtype: str) -> None:
    model = elision.load(folders / "classifier", dtype=dtype)
    assert {str(weight.dtype) for weight in model.transformer.model.parameters()} == {f"torch.{dtype}"}
    assert model.describe()["dtype"] == dtype
    if dtype != "float16":
        # bfloat16 keeps 8 bits of each number, through two layers
        tolerance = 0.05 if dtype == "bfloat16" else 1e-6
        np.testing.assert_allclose(
            score(model), score(elision.load(folders / "classifier", dtype="float32")), atol=tolerance
        )


@pytest.mark.parametrize(
    ("device", "probes", "expected"),
    [
        ("cpu", {"_is_amx_tile_supported": True}, "bfloat16"),
        ("cpu", {"_is_avx512_bf16_supported": True}, "bfloat16"),
        ("cpu", {}, "float32"),
        ("mps", {"_is_amx_tile_supported": True}, "float32"),
        ("cuda", {"bf16": True}, "bfloat16"),
        ("cuda", {"bf16": False}, "float16"),
    ],
)
def test_auto_takes_the_dtype_that_the_device_is_quick_with(
    monkeypatch: pytest.MonkeyPatch, device: str, probes: dict[str, bool], expected: str
) -> None:
    for name in ("_is_amx_tile_supported", "_is_avx512_bf16_supported"):
        monkeypatch.setattr(torch.cpu, name, lambda name=name: probes.get(name, False), raising=False)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: probes["bf16"])
    assert fast_dtype(torch.device(device)) == expected


def test_auto_is_the_default(folders: Path) -> None:
    assert elision.load(folders / "classifier").describe()["dtype"] == "float32"
    assert elision.load(folders / "classifier", dtype="fast").describe()["dtype"] == fast_dtype(torch.device("cpu"))


def test_options_reach_the_model(folders: Path) -> None:
    model = elision.load(folders / "classifier", head="sigmoid", batch_tokens=50, device="cpu")
    assert model.head == "sigmoid"
    assert model.describe()["device"] == "cpu"
    assert max(len(batch) for batch in model.batches(np.full(40, 10))) == 5
    assert abs(score(model).sum() - 1.0) > 1e-3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dtype": "int8"}, "dtype must be one of auto, fast, float32, float64, bfloat16, float16; got 'int8'"),
        (
            {"dtype": torch.float32},
            "dtype must be one of auto, fast, float32, float64, bfloat16, float16; got torch.float32",
        ),
        ({"device": "toaster"}, "device 'toaster' cannot be used here; try 'cpu'"),
        ({"device": "cuda:99"}, "device 'cuda:99' cannot be used here; try 'cpu'"),
        ({"head": "round"}, "head must be one of auto, softmax, sigmoid, scores; got 'round'"),
        ({"batch_tokens": 0}, "batch_tokens must be at least 1, got 0"),
    ],
)
def test_options_out_of_range_are_refused(folders: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(elision.OptionError) as caught:
        elision.load(folders / "classifier", **options)
    assert str(caught.value) == message


@pytest.mark.parametrize("model", [5, None, {"a": 1}, b"name", ["classifier"]])
def test_what_is_no_model_is_refused(model: Any) -> None:
    with pytest.raises(elision.OptionError) as caught:
        elision.load(model)
    assert str(caught.value) == (
        f"model must be a folder, a hub name, a model or a function; got {type(model).__name__}"
    )


def test_a_model_in_memory_needs_its_tokenizer() -> None:
    with pytest.raises(elision.OptionError) as caught:
        elision.load(build("bert")[0])
    assert str(caught.value) == "a model in memory needs its tokenizer too: load(model, tokenizer)"


def test_a_function_needs_labels() -> None:
    with pytest.raises(elision.OptionError) as caught:
        elision.load(lambda texts: texts)
    assert str(caught.value) == "a function needs the names of its classes: load(function, labels=[...])"


def test_labels_for_a_folder_take_the_place_of_the_configs(folders: Path) -> None:
    assert elision.load(folders / "classifier", labels=["one", "two", "three"]).labels == ("one", "two", "three")
    with pytest.raises(elision.OptionError, match=r"^labels must name the model's 3 classes, got 2 names$"):
        elision.load(folders / "classifier", labels=["one", "two"])


@pytest.mark.parametrize("name", ["./nowhere", "~/nowhere", "/nowhere", "a/b/c", "  ", Path("nowhere")])
def test_a_path_that_is_no_folder_is_refused(name: Any) -> None:
    with pytest.raises(elision.ModelNotFoundError) as caught:
        elision.load(name)
    assert str(caught.value) == f"there is no model folder {str(name)!r}; {WAYS_OUT}"


def test_the_empty_name_is_not_the_working_folder(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folders / "classifier")
    with pytest.raises(elision.ModelNotFoundError) as caught:
        elision.load("")
    assert str(caught.value) == f"there is no model folder ''; {WAYS_OUT}"


def test_a_file_is_no_folder(folders: Path) -> None:
    with pytest.raises(elision.ModelNotFoundError) as caught:
        elision.load(folders / "file")
    assert str(caught.value) == f"there is no model folder {str(folders / 'file')!r}; {WAYS_OUT}"


def test_a_built_in_name_that_does_not_exist_is_refused() -> None:
    with pytest.raises(elision.ModelNotFoundError) as caught:
        elision.load("builtin:weather")
    assert str(caught.value) == (
        "there is no built-in model 'builtin:weather'; there are builtin:sentiment, builtin:nli, builtin:mlm"
    )


def test_a_folder_never_asks_the_hub(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "_hub_reachable", lambda: pytest.fail("the hub was asked"))
    assert elision.load(folders / "classifier").labels == ("bad", "so-so", "good")


def test_a_folder_without_a_model_is_refused(folders: Path) -> None:
    with pytest.raises(elision.ModelNotFoundError) as caught:
        elision.load(folders / "empty")
    assert str(caught.value) == f"the folder {str(folders / 'empty')!r} holds no model: it has no config.json"


def test_a_broken_folder_is_refused_in_one_line(folders: Path) -> None:
    with pytest.raises(elision.ModelError) as caught:
        elision.load(folders / "broken")
    message = str(caught.value)
    assert message.startswith(f"the model in {str(folders / 'broken')!r} cannot be loaded: ")
    assert "\n" not in message


def test_a_folder_without_a_tokenizer_is_refused(folders: Path) -> None:
    with pytest.raises(elision.ModelError, match="tokenizer"):
        elision.load(folders / "no-tokenizer")


def test_a_package_that_is_missing_is_named(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def needs(*names: Any, **options: Any) -> Any:
        raise ImportError("\nthis tokenizer needs the package oddpieces\nand more lines")

    monkeypatch.setattr(transformers.AutoTokenizer, "from_pretrained", needs)
    with pytest.raises(elision.ModelError) as caught:
        elision.load(folders / "classifier")
    assert str(caught.value) == (
        f"{str(folders / 'classifier')!r} needs a package that is not installed: "
        "this tokenizer needs the package oddpieces"
    )


def test_a_masked_language_model_is_no_classifier(folders: Path) -> None:
    with pytest.raises(elision.UnsupportedError) as caught:
        elision.load(folders / "masked")
    message = str(caught.value)
    assert message.startswith(f"{str(folders / 'masked')!r} is no trained sequence classifier: it has no weights for ")


def generators() -> Iterator[tuple[str, Any, Any]]:
    """Yield models that are no classifiers, with what their folders are refused for."""
    untrained = "is no trained sequence classifier: it has no weights for"
    net, tokenizer = build("gpt2", pad_token_id=None, bos_token_id=0, eos_token_id=2)
    yield untrained, transformers.GPT2LMHeadModel(net.config), tokenizer
    net, tokenizer = build("bert", "TokenClassification")
    yield untrained, net, tokenizer
    yield untrained, net.bert, tokenizer
    layers = {f"{part}_{what}": n for part in ("encoder", "decoder") for what, n in (("layers", 1), ("ffn_dim", 16))}
    heads = {f"{part}_attention_heads": 2 for part in ("encoder", "decoder")}
    ids = {"vocab_size": len(tokenizer), "pad_token_id": 0, "decoder_start_token_id": 0, "eos_token_id": 3}
    marian = transformers.MarianConfig(d_model=16, **ids, **layers, **heads)
    yield "is no sequence classifier, nor are others of its family", transformers.MarianMTModel(marian), tokenizer


def test_folders_of_other_models_are_refused_with_what_to_do(tmp_path: Path) -> None:
    for i, (reason, net, tokenizer) in enumerate(generators()):
        folder = tmp_path / str(i)
        with loading.quiet():
            net.save_pretrained(folder)
            tokenizer.save_pretrained(folder)
        with pytest.raises(elision.UnsupportedError) as caught:
            elision.load(folder)
        message = str(caught.value)
        assert message.startswith(f"{str(folder)!r} {reason}")
        assert message.endswith(
            "; give a sequence classifier, or a function from texts to probabilities, with labels=[...]"
        )
        assert "\n" not in message


def test_a_classifier_is_no_masked_language_model(folders: Path) -> None:
    with pytest.raises(elision.UnsupportedError) as caught:
        elision.MaskedLanguageModel(folders / "classifier")
    assert str(caught.value) == (
        f"{str(folders / 'classifier')!r} is no trained masked language model: "
        "it has no weights for cls.predictions.bias"
    )


def test_a_head_of_another_size_is_refused(folders: Path, tmp_path: Path) -> None:
    for file in (folders / "classifier").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    config = json.loads((tmp_path / "config.json").read_text())
    config["id2label"] = {str(i): f"class {i}" for i in range(5)}
    config.pop("label2id", None)
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(elision.ModelError):
        elision.load(tmp_path)


def test_one_call_from_folders_to_an_explanation(folders: Path) -> None:
    explanation = elision.explain(
        "a good film", model=folders / "classifier", likelihood=folders / "masked", target="good", threshold=0.01
    )
    assert explanation.target == "good"
    assert explanation.provenance["model"]["name"] == os.fspath(folders / "classifier")
    assert explanation.provenance["removal"]["likelihood"]["name"] == os.fspath(folders / "masked")
