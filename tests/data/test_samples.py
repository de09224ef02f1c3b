"""Data sets by name and from files, and examples drawn from a file."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from toys.studies import NLI, write

from elision.data.samples import load_data, load_texts, read_examples
from elision.errors import OptionError


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


def test_files_of_texts_and_pairs_are_not_mixed(tmp_path) -> None:
    from elision.data.samples import sample_examples

    file = tmp_path / "mixed.jsonl"
    file.write_text('{"text": "a"}\n{"premise": "a", "hypothesis": "b"}\n', encoding="utf-8")
    with pytest.raises(OptionError, match="mixes single texts and pairs"):
        sample_examples(file, None)
    lines = tmp_path / "lines.txt"
    lines.write_text("\n".join(str(i) for i in range(50)), encoding="utf-8")
    drawn, marks = sample_examples(lines, 5, seed=1)
    assert marks is None
    assert len(drawn) == 5
    assert drawn == sorted(drawn, key=int)
    assert drawn == sample_examples(lines, 5, seed=1)[0]
    assert drawn != sample_examples(lines, 5, seed=2)[0]
    assert sample_examples(lines, 99)[0] == [str(i) for i in range(50)]
