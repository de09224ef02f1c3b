"""Data sets by name and from files, word-level vocabularies, word vectors."""

from __future__ import annotations

import gzip
import json
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toys.models import build
from toys.tokenizers import wordpiece_tokenizer

from elision.data.samples import load_data, load_texts, read_examples
from elision.errors import OptionError
from elision.training.batches import encode_rows
from elision.training.vectors import read_vectors, vectors_of_model
from elision.training.vocabulary import word_tokenizer

NLI = ("entailment", "neutral", "contradiction")


def write(file: Path, rows: list[Any]) -> Path:
    """Write a JSON-lines file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of tiny data sets, each of the shape that its files have."""
    tokens = [{"tokens": ["a", "fine", "film"], "label": 1}, {"tokens": ["dull"], "label": 0}]
    pair = [{"premise": "a b", "hypothesis": "c", "label": label} for label in (*NLI, "-")]
    texts = [{"text1": "a", "text2": "b", "label": label} for label in (0, 1, 1)]
    for split in ("train", "dev", "test"):
        write(tmp_path / "sst" / f"{split}_binary.jsonl", tokens)
        write(tmp_path / "snli" / f"{split}.jsonl", pair)
        write(tmp_path / "mrpc" / f"{split}.jsonl", texts)
    write(tmp_path / "quora" / "train_balanced.jsonl", texts * 20)
    monkeypatch.setenv("ELISION_DATA", str(tmp_path))
    return tmp_path


def test_single_texts_by_name(folder: Path) -> None:
    data = load_data("sst2")
    assert data.labels == ("negative", "positive")
    assert data.n_texts == 1
    assert data.train.examples == ("a fine film", "dull")
    assert data.train.labels.tolist() == [1, 0]
    assert data.sources["train"] == "sst/train_binary.jsonl"
    assert data.test is not None


@pytest.mark.parametrize("name", ["snli", "esnli"])
def test_pairs_by_name_without_rows_that_nobody_labelled(folder: Path, name: str) -> None:
    data = load_data(name)
    assert data.labels == NLI
    assert data.n_texts == 2
    assert data.train.examples == (("a b", "c"),) * 3
    assert data.dev.labels.tolist() == [0, 1, 2]


def test_paraphrases_by_name(folder: Path) -> None:
    assert load_data("mrpc").train.labels.tolist() == [0, 1, 1]
    quora = load_data("quora")
    assert quora.labels == ("not_paraphrase", "paraphrase")
    assert (len(quora.train), len(quora.dev), quora.test) == (54, 6, None)
    assert quora.sources["dev"] == "held out from quora/train_balanced.jsonl"


def test_the_seed_decides_what_is_held_out_and_kept(tmp_path: Path) -> None:
    file = write(tmp_path / "own.jsonl", [{"text": f"text {i}", "label": i % 3} for i in range(50)])
    one, again, other = (load_data(file, seed=seed, limit=20) for seed in (1, 1, 2))
    assert one.labels == ("0", "1", "2")
    assert one.train.examples == again.train.examples
    assert one.dev.examples == again.dev.examples != other.dev.examples
    assert (len(one.train), len(one.dev)) == (20, 5)
    assert not set(one.train.examples) & set(one.dev.examples)


def test_files_in_place_of_splits(folder: Path, tmp_path: Path) -> None:
    own = write(tmp_path / "own.jsonl", [{"sentence": "x", "label": "positive"}])
    data = load_data("sst2", dev=own, test=own)
    assert data.dev.examples == ("x",)
    assert data.test is not None
    assert data.test.labels.tolist() == [1]


@pytest.mark.parametrize(
    ("row", "example"),
    [
        ({"text": " a b "}, "a b"),
        ({"sentence": "a"}, "a"),
        ({"tokens": ["a", "b"]}, "a b"),
        ({"premise": "a", "hypothesis": "b"}, ("a", "b")),
        ({"question1": "a", "question2": "b"}, ("a", "b")),
        ({"sentence1": "a", "sentence2": "b"}, ("a", "b")),
        ({"premise_tokens": ["a", "b"], "hypothesis_tokens": ["c"]}, ("a b", "c")),
    ],
)
def test_names_of_fields(tmp_path: Path, row: dict[str, Any], example: Any) -> None:
    assert read_examples(write(tmp_path / "a.jsonl", [row | {"label": "x"}])) == [(example, "x")]


def test_names_of_classes_keep_the_order_of_inference_or_the_alphabet(tmp_path: Path) -> None:
    rows = [{"text": "a", "label": label} for label in ("neutral", "entailment")] * 5
    assert load_data(write(tmp_path / "a.jsonl", rows)).labels == NLI
    rows = [{"text": "a", "label": label} for label in ("spam", "ham")] * 5
    assert load_data(write(tmp_path / "b.jsonl", rows)).labels == ("ham", "spam")


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ('{"text": "a", "label": 1}\nno json', r"a.jsonl, line 2: not JSON"),
        ('{"text": "a"}', "line 1: there is no label"),
        ('{"words": "a", "label": 1}', "line 1: there is no text; give text, or premise and hypothesis"),
        ('{"text": 3, "label": 1}', "line 1: text must be a text, got 3"),
        ('{"text": "a", "label": 0.5}', "label must be a name or a whole number, got 0.5"),
        ('{"text": "a", "label": true}', "label must be a name or a whole number, got True"),
        ("[1]", "line 1: each line must be an object"),
        ("", "has no rows"),
        ('{"text": "a", "label": -1}', "have no labels"),
        ('{"text": "a", "label": 1}\n{"text": "a", "label": "b"}', "mixes labels that are names"),
        ('{"text": "a", "label": 0}', "has one class only, 0"),
        ('{"text": "a", "label": 0}\n{"text1": "a", "text2": "b", "label": 1}\n' * 9, "mixes single texts and pairs"),
    ],
)
def test_rows_that_cannot_be_used(tmp_path: Path, lines: str, message: str) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(lines)
    with pytest.raises(OptionError, match=message):
        load_data(file)


def test_files_that_cannot_be_used(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="data must be one of sst2, snli, quora, mrpc, qqp, esnli or a JSON-lines"):
        load_data("imdb")
    with pytest.raises(OptionError, match=r"cannot read .*: No such file"):
        load_data(tmp_path / "none.jsonl")
    (tmp_path / "latin.jsonl").write_bytes(b'{"text": "\xe9", "label": 1}')
    with pytest.raises(OptionError, match="is not UTF-8 text"):
        load_data(tmp_path / "latin.jsonl")
    (tmp_path / "a.jsonl.gz").write_bytes(b"no gzip")
    with pytest.raises(OptionError, match="cannot read"):
        load_data(tmp_path / "a.jsonl.gz")
    other = write(tmp_path / "other.jsonl", [{"text": "a", "label": "joy"}])
    with pytest.raises(OptionError, match=r"other.jsonl has the label 'joy'; the classes are negative, positive"):
        load_data("sst2", test=other)


def test_texts_for_a_language_model(folder: Path, tmp_path: Path) -> None:
    assert load_texts("mrpc") == ["a", "b"]
    lines = tmp_path / "lines.txt.gz"
    lines.write_bytes(gzip.compress(b"one text\n\nanother\none text\n"))
    assert load_texts(lines) == ["one text", "another"]
    assert load_texts(write(tmp_path / "a.jsonl", [{"premise": "a", "hypothesis": "b"}])) == ["a", "b"]
    (tmp_path / "empty.txt").write_text("\n")
    with pytest.raises(OptionError, match="there is no text"):
        load_texts(tmp_path / "empty.txt")


def fake_hub(monkeypatch: pytest.MonkeyPatch, answer: Any) -> list[tuple[str, str | None]]:
    """Put a library `datasets` in place that answers with what is given."""
    asked: list[tuple[str, str | None]] = []
    module = types.ModuleType("datasets")

    def load_dataset(path: str, part: str | None = None) -> Any:
        asked.append((path, part))
        if isinstance(answer, Exception):
            raise answer
        return answer

    module.load_dataset = load_dataset  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "datasets", module)
    monkeypatch.delenv("ELISION_DATA", raising=False)
    return asked


def test_the_hub_gives_what_is_not_here(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"text": "good", "label": 1, "label_text": "positive"}, {"text": "bad", "label": 0}]
    asked = fake_hub(monkeypatch, {"train": rows * 9, "validation": rows, "test": rows})
    data = load_data("sst2")
    assert asked == [("SetFit/sst2", None)]
    assert (len(data.train), len(data.dev), data.labels) == (18, 2, ("negative", "positive"))
    assert data.sources["test"] == "SetFit/sst2 (test)"
    assert load_texts("sst2") == ["good", "bad"]


def test_the_hubs_unlabelled_and_single_splits(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"question1": f"a {i}", "question2": "b", "label": i % 2} for i in range(40)]
    asked = fake_hub(monkeypatch, {"train": rows, "validation": rows[:2], "test": [{"label": -1}]})
    qqp = load_data("qqp")
    assert (len(qqp.train), len(qqp.dev), qqp.test) == (40, 2, None)
    rows = [{"sentence1": f"a {i}", "sentence2": "b", "label": i % 2} for i in range(40)]
    asked += fake_hub(monkeypatch, {"train": rows})
    quora = load_data("quora")
    assert quora.test is not None
    assert (len(quora.train), len(quora.dev), len(quora.test)) == (32, 4, 4)
    assert len({*quora.train.examples, *quora.dev.examples, *quora.test.examples}) == 40
    assert asked == [("nyu-mll/glue", "qqp")]


def test_a_hub_that_gives_nothing(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    fake_hub(monkeypatch, ConnectionError("no route"))
    with pytest.raises(OptionError, match=r"has no snli/train.jsonl, and the hub does not give .*: no route"):
        load_data("snli")
    fake_hub(monkeypatch, {"train": [{"premise": "a"}]})
    with pytest.raises(OptionError, match="stanfordnlp/snli, train: there is no label"):
        load_data("snli")
    monkeypatch.setitem(sys.modules, "datasets", None)
    monkeypatch.setenv("ELISION_DATA", str(folder))
    with pytest.raises(OptionError, match=r"has no qqp/train.jsonl; set ELISION_DATA .* install elision\[datasets\]"):
        load_data("qqp")


def test_words_in_the_order_of_their_frequency() -> None:
    tokenizer = word_tokenizer(["The film's fine.", "the Film", "the end"], min_count=2)
    assert tokenizer.convert_ids_to_tokens(range(len(tokenizer)))[5:] == ["the", "film"]
    assert len(word_tokenizer(["a a b b"], min_count=1, max_words=1)) == 6
    row = tokenizer("THE film", "the banjo")
    names = ["[CLS]", "the", "film", "[SEP]", "the", "[UNK]", "[SEP]"]
    assert tokenizer.convert_ids_to_tokens(row["input_ids"]) == names
    assert row["token_type_ids"] == [0, 0, 0, 0, 1, 1, 1]
    assert tokenizer.mask_token == "[MASK]"
    assert tokenizer("the film")["token_type_ids"] == [0, 0, 0, 0]


@pytest.mark.parametrize("header", ["", "4 2\n"])
def test_vectors_of_glove_and_fasttext(tmp_path: Path, header: str) -> None:
    file = tmp_path / "vectors.txt"
    file.write_text(header + "the 1 2\nfilm -0.5 1e1\nthe 8 8\nnever x y\n", encoding="utf-8")
    found = read_vectors(file, {"[PAD]": 0, "film": 3, "the": 1, "absent": 4})
    assert found.ids.tolist() == [1, 3]
    assert found.vectors.tolist() == [[1.0, 2.0], [-0.5, 10.0]]
    packed = tmp_path / "vectors.txt.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    assert read_vectors(packed, {"film": 0}).vectors.tolist() == [[-0.5, 10.0]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("the 1 2 3\nfilm 1 2\n", "line 2: 2 numbers after the word, expected 3"),
        ("9 3\nthe 1 2\n", "line 2: 2 numbers after the word, expected 3"),
        ("the 1 x\n", "line 1: not a number among the word's vector"),
        ("the 1 nan\n", "line 1: a vector's numbers must be finite"),
        ("plain words\n", "line 1: expected a word and its numbers, got 'plain words'"),
        ("other 1 2\n", "no word of the vocabulary is in"),
        ("", "no word of the vocabulary is in"),
    ],
)
def test_malformed_vectors(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "vectors.txt"
    file.write_text(content)
    with pytest.raises(OptionError, match=message):
        read_vectors(file, {"the": 0, "film": 1})


def test_vectors_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"cannot read .*: No such file"):
        read_vectors(tmp_path / "none.txt", {})
    (tmp_path / "latin.txt").write_bytes(b"\xe9 1 2\n")
    with pytest.raises(OptionError, match="is not UTF-8 text"):
        read_vectors(tmp_path / "latin.txt", {})


def test_embeddings_of_a_model_by_the_names_of_tokens() -> None:
    net, tokenizer = build("bert", "MaskedLM")
    found = vectors_of_model(net, tokenizer, {"[PAD]": 0, "film": 7, "unheard": 8}, "bert")
    assert found.ids.tolist() == [7]
    own = net.get_input_embeddings().weight[tokenizer.convert_tokens_to_ids("film")].detach().numpy()
    np.testing.assert_allclose(found.vectors[0], own)
    with pytest.raises(OptionError, match="no token in common with bert"):
        vectors_of_model(net, tokenizer, {"unheard": 8}, "bert")


def test_vectors_are_brought_to_a_size_and_a_scale() -> None:
    net, tokenizer = build("bert", "MaskedLM")
    found = vectors_of_model(net, tokenizer, tokenizer.get_vocab(), "bert")
    less = found.resized(5).vectors
    centred = found.vectors - found.vectors.mean(axis=0)
    # The principal components keep as much of the variance as any five directions can.
    largest = np.linalg.svd(centred, compute_uv=False)[:5]
    assert (less**2).sum() == pytest.approx((largest**2).sum(), rel=1e-4)
    more = found.resized(20).vectors
    assert more.shape[1] == 20
    assert not more[:, 16:].any()
    assert found.resized(16) is found
    assert found.scaled(0.25).vectors.std() == pytest.approx(0.25, abs=1e-5)


def test_batches_hold_every_row_once_and_are_as_wide_as_a_multiple_of_four() -> None:
    tokenizer = wordpiece_tokenizer()
    examples = ["a film " * n for n in range(1, 20)]
    rows = encode_rows(tokenizer, examples, np.arange(19) % 2, max_length=32)
    assert rows.lengths.max() == 32
    for batches in (rows.shuffled(4, np.random.default_rng(0)), rows.ordered(4)):
        assert sorted(np.concatenate(batches).tolist()) == list(range(19))
    assert [b.tolist() for b in rows.shuffled(4, np.random.default_rng(1))] == [
        b.tolist() for b in rows.shuffled(4, np.random.default_rng(1))
    ]
    batch = rows.batch(np.array([0, 1]))
    assert batch["input_ids"].shape == (2, 8)
    own = tokenizer(examples[:2], padding="max_length", max_length=8, return_tensors="pt")
    for name in own:
        assert batch[name].tolist() == own[name].tolist()
    assert batch["labels"].tolist() == [0, 1]
