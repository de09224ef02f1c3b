"""What a tokenizer makes of a text is what the model is asked about, and the tokenizer stays as it was."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import transformers
from tokenizers import AddedToken
from toys.architectures import ARCHITECTURES
from toys.fuzzing import NAMES, TOLERANCE, Subject, fuzz
from toys.models import build
from toys.tokenizers import SlowTokenizer, byte_tokenizer, wordpiece_tokenizer

import elision
from elision.models import tokenization
from elision.models.encoding import TokenEncoding
from elision.models.tokenization import Reader, private_copy

LONG = "the man plays a moving story , well made ! " * 12


@pytest.fixture(scope="module", params=NAMES)
def subject(request: pytest.FixtureRequest) -> Subject:
    """A tiny model of each architecture."""
    return Subject(ARCHITECTURES[request.param])


def literal_examples(tokenizer: Any) -> list[elision.text.Example]:
    """Return a text and a pair in which all special tokens are written out."""
    written = " ".join(dict.fromkeys(tokenizer.all_special_tokens))
    return [f"{written} a fine {written} film {written}", (f"the {written} plot", written)]


def bert_with(tokenizer: Any, **changes: Any) -> elision.HuggingFaceModel:
    """Return a tiny BERT in float64 with another tokenizer."""
    net, _ = build("bert", **changes)
    return elision.HuggingFaceModel(net.double(), tokenizer)


def test_special_tokens_in_a_text_are_its_characters(subject: Subject) -> None:
    for example in literal_examples(subject.model.transformer.tokenizer):
        v = elision.ValueFunction(subject.model, example, removal="delete")
        encoding = v.encoding
        assert isinstance(encoding, TokenEncoding)
        assert encoding.ids.tolist() == subject.plain_ids(example)
        whole = v.probabilities(np.ones((1, len(v.units)), dtype=bool))[0]
        np.testing.assert_allclose(whole, subject.plain(example), atol=TOLERANCE)
        tokenizer = subject.model.transformer.tokenizer
        written = [i for i, unit in enumerate(v.units) if unit.text in tokenizer.all_special_tokens]
        assert len(written) >= 4
        for unit in written:
            own = encoding.ids[encoding.unit_of_token == unit].tolist()
            assert tokenizer.convert_ids_to_tokens(own)[-1] == v.units[unit].text


@pytest.mark.parametrize("removal", ["delete", "pad", "unk", "zero"])
def test_texts_with_special_tokens_are_explained_one_by_one_as_in_batches(subject: Subject, removal: str) -> None:
    net = subject.model.transformer
    example = literal_examples(net.tokenizer)[0]
    alone = elision.HuggingFaceModel(net.model, net.tokenizer, batch_tokens=1)
    found, expected = (elision.LeaveOneOut(removal=removal)(model, example).scores for model in (subject.model, alone))
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_random_texts_are_read_as_the_plain_call_reads_them() -> None:
    warnings.simplefilter("ignore", elision.ElisionWarning)
    n = 0
    for name, found in fuzz(360, seed=1, every=6):
        assert not found.faults, (name, found.faults[0])
        assert found.explained
        n += found.n - found.refused.total()
    assert n > 300


def test_a_model_that_answers_otherwise_is_found() -> None:
    subject = Subject(ARCHITECTURES["bert"])
    subject.plain = lambda example: np.array([0.2, 0.3, 0.5])
    subject.meet("a fine film", explain=False)
    assert subject.outcome.faults[0][0].startswith("v(all) is off by")


class Joined(SlowTokenizer):
    """Nothing stands between the texts of a pair."""

    def build_inputs_with_special_tokens(self, first: list[int], second: list[int] | None = None) -> list[int]:
        return [2, *first, *(second or []), 3]

    def create_token_type_ids_from_sequences(self, first: list[int], second: list[int] | None = None) -> list[int]:
        return [0] * (len(first) + len(second or []) + 2)

    def get_special_tokens_mask(
        self, first: list[int], second: list[int] | None = None, already_has_special_tokens: bool = False
    ) -> list[int]:
        return [1, *[0] * (len(first) + len(second or [])), 1]


class ById(SlowTokenizer):
    """What is special is told by ids alone."""

    def get_special_tokens_mask(
        self, first: list[int], second: list[int] | None = None, already_has_special_tokens: bool = False
    ) -> list[int]:
        return [int(i in self.all_special_ids) for i in self.build_inputs_with_special_tokens(first, second)]


@pytest.mark.parametrize("kind", [SlowTokenizer, Joined, ById])
@pytest.mark.parametrize("limit", [None, 9])
def test_slow_tokenizers_tell_texts_from_what_stands_around_them(kind: Callable[[], Any], limit: int | None) -> None:
    first, second = "[CLS] a [SEP] [UNK] film", "[MASK] [SEP] the story"
    tokens = Reader(kind()).read([first, second], limit)
    own = [[text[start:end] for start, end in tokens.spans_of(s)] for s, text in enumerate((first, second))]
    whole = [first.split(), second.split()]
    if limit is None:
        assert own == whole
    else:
        assert len(tokens.ids) == limit
        assert own == [words[: len(part)] for words, part in zip(whole, own, strict=True)]
        assert min(map(len, own)) >= 2
    assert (tokens.segments == -1).sum() == (2 if kind is Joined else 3)


def test_a_slow_tokenizer_that_builds_no_rows_of_numbers_is_read_by_its_special_tokens() -> None:
    class Opaque:
        unk_token_id = 1

        def __call__(self, *texts: str, **options: Any) -> Any:
            return SlowTokenizer()(*texts, **options)

        def convert_ids_to_tokens(self, ids: list[int]) -> list[str]:
            return SlowTokenizer().convert_ids_to_tokens(ids)

    tokens = Reader(Opaque()).read(["a fine film"], None)
    assert tokens.segments.tolist() == [-1, 0, 0, 0, -1]


TOKENIZERS: dict[str, Callable[[], Any]] = {
    "words": wordpiece_tokenizer,
    "bytes": byte_tokenizer,
    "slow": SlowTokenizer,
    "left": lambda: wordpiece_tokenizer(truncation_side="left", padding_side="left"),
}


def files_of(tokenizer: Any, place: Path) -> dict[str, bytes]:
    if not tokenizer.is_fast:
        tokenizer.save_vocabulary = lambda *args, **kwargs: ()
    tokenizer.save_pretrained(place)
    return {path.name: path.read_bytes() for path in sorted(place.iterdir())}


def with_baked(tokenizer: Any) -> Any:
    tokenizer.backend_tokenizer.enable_truncation(7, strategy="only_first")
    tokenizer.backend_tokenizer.enable_padding(length=9, pad_id=0, pad_token="[PAD]")
    return tokenizer


@pytest.mark.parametrize("kind", TOKENIZERS)
@pytest.mark.parametrize("baked", [False, True])
def test_tokenizer_files_stay_byte_equal(kind: str, baked: bool, tmp_path: Path) -> None:
    tokenizer = TOKENIZERS[kind]()
    if baked and tokenizer.is_fast:
        with_baked(tokenizer)
    before = files_of(tokenizer, tmp_path / "before")
    model = bert_with(tokenizer, vocab_size=len(tokenizer))
    method = elision.LeaveOneOut(removal="mask")
    net, _ = build("bert", "MaskedLM")
    net.resize_token_embeddings(len(tokenizer), mean_resizing=False)
    likelihood = elision.MaskedLanguageModel(net, tokenizer)
    elision.InputMarginalization(likelihood=likelihood, tolerance=5.0)(model, "a fine film")
    method(model, "a fine film")
    with pytest.warns(elision.ElisionWarning, match="reads 64 tokens"):
        method(model, LONG)
    with pytest.warns(elision.ElisionWarning, match="reads 64 tokens"):
        method(model, ("a fine film", LONG))
    assert files_of(tokenizer, tmp_path / "after") == before
    assert ("tokenizer.json" in before) == tokenizer.is_fast


@pytest.mark.parametrize("prepare", [lambda tokenizer: tokenizer, with_baked])
@pytest.mark.parametrize("task", ["text-classification", "zero-shot-classification"])
def test_a_pipelines_tokenizer_stays_byte_equal(prepare: Callable[[Any], Any], task: str) -> None:
    net, tokenizer = build("bert")
    net.config.label2id, net.config.id2label = {"entailment": 0, "b": 1, "c": 2}, {0: "entailment", 1: "b", 2: "c"}
    own = {"truncation": True} if task.startswith("text") else {}
    pipe = transformers.pipeline(task, model=net, tokenizer=prepare(tokenizer), device="cpu", **own)
    before = tokenizer.backend_tokenizer.to_str()
    model = elision.load(pipe, labels=["x", "y", "z"])
    assert np.isfinite(elision.LeaveOneOut(removal="delete")(model, "a fine film").scores).all()
    assert tokenizer.backend_tokenizer.to_str() == before


@pytest.mark.parametrize("prepare", [lambda tokenizer: tokenizer, with_baked])
def test_settings_are_given_back(prepare: Callable[[Any], Any]) -> None:
    tokenizer = prepare(wordpiece_tokenizer())
    before = tokenizer.backend_tokenizer.to_str()
    with tokenization.kept_settings(tokenizer):
        tokenizer("a fine film", truncation=True, max_length=3, padding="max_length")
        assert tokenizer.backend_tokenizer.to_str() != before
    assert tokenizer.backend_tokenizer.to_str() == before


def test_eight_threads_read_long_and_short_texts_at_once() -> None:
    model = bert_with(wordpiece_tokenizer())
    texts = [LONG * 10 + str(i) if i % 2 else f"a fine film {i}" for i in range(64)]

    def read(text: str) -> list[int]:
        return model.encode(text).ids.tolist()

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(read, texts * 4))
    assert found == [read(text) for text in texts] * 4


def test_two_copies_are_made_however_many_texts_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    monkeypatch.setattr(
        tokenization, "private_copy", lambda tokenizer: made.append(tokenizer) or private_copy(tokenizer)
    )
    model = bert_with(wordpiece_tokenizer())
    for text in ("a fine film", LONG, LONG + "film", "a film"):
        model.encode(text)
    assert len(made) == 2


def test_a_copy_shares_the_vocabulary_and_reads_alike() -> None:
    tokenizer = byte_tokenizer()
    tokenizer.add_tokens([AddedToken("film noir", lstrip=True), "<new>"])
    tokenizer.add_special_tokens({"additional_special_tokens": ["<extra>"]})
    copy = private_copy(tokenizer)
    assert copy.backend_tokenizer.to_str() == tokenizer.backend_tokenizer.to_str()
    text = "a film noir <new> <extra> <mask>"
    assert copy(text)["input_ids"] == tokenizer(text)["input_ids"]
    copy(LONG, truncation=True, max_length=5)
    assert tokenizer.backend_tokenizer.truncation is None
    assert pickle.loads(pickle.dumps(copy))(text)["input_ids"] == tokenizer(text)["input_ids"]


def with_new_tokens(**special: str) -> tuple[elision.HuggingFaceModel, Any]:
    tokenizer = wordpiece_tokenizer()
    size = len(tokenizer)
    tokenizer.add_tokens(["zyx"])
    tokenizer.add_special_tokens(special)
    return bert_with(tokenizer, vocab_size=size), tokenizer


def test_a_token_without_an_embedding_is_refused_only_where_it_occurs() -> None:
    model, tokenizer = with_new_tokens()
    size = len(tokenizer) - 1
    assert np.isfinite(elision.LeaveOneOut(removal="mask")(model, "a fine film").scores).all()
    message = f"the model has {size} embeddings and none for the token 'zyx', whose id is {size}; call model.resize"
    with pytest.raises(elision.ExampleError, match=message) as caught:
        model.encode("a zyx film")
    assert "\n" not in str(caught.value)
    assert model.vocabulary.pieces("zyx", " ") == [tokenizer.unk_token_id]


@pytest.mark.parametrize("kind", ["mask", "unk"])
def test_a_special_token_without_an_embedding_is_none(kind: str) -> None:
    model, _ = with_new_tokens(**{f"{kind}_token": "[NEW]"})
    assert getattr(model.vocabulary, f"{kind}_id") is None
    with pytest.raises(elision.UnsupportedError, match=f"has no {kind} token"):
        elision.LeaveOneOut(removal=kind)(model, "a fine film")


def test_padding_without_an_embedding_is_the_configs() -> None:
    model, _ = with_new_tokens(pad_token="[NEW]")
    assert model.vocabulary.pad_id is None
    assert model.transformer.pad_id == model.transformer.config.pad_token_id
    assert np.isfinite(elision.LeaveOneOut(removal="delete")(model, "a meaningful film").scores).all()


@pytest.mark.parametrize(
    ("example", "note"),
    [
        ("a fine film", None),
        (LONG, "the model reads 64 tokens; the text after them is left out"),
        (("a fine film", LONG), "the model reads 64 tokens; the end of the second text is left out"),
        ((LONG, "a fine film"), "the model reads 64 tokens; the end of the first text is left out"),
        ((LONG, LONG), "the model reads 64 tokens; the ends of both texts are left out"),
    ],
)
@pytest.mark.parametrize("kind", [wordpiece_tokenizer, SlowTokenizer])
def test_a_note_says_which_text_was_cut(kind: Any, example: elision.text.Example, note: str | None) -> None:
    tokenizer = kind()
    notes = bert_with(tokenizer, vocab_size=len(tokenizer)).encode(example).notes
    assert notes == (() if note is None else (note,))
    tokenizer = kind(truncation_side="left")
    notes = bert_with(tokenizer, vocab_size=len(tokenizer)).encode(example).notes
    start = note and note.replace("after", "before").replace("the end", "the start")
    assert notes == (() if note is None else (start,))


def test_a_text_that_fits_exactly_is_not_cut() -> None:
    encoding = bert_with(wordpiece_tokenizer()).encode("film " * 62 + "\x00")
    assert len(encoding.ids) == 64
    assert encoding.notes == ()
