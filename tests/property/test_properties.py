"""What holds for every text: emoji, marks, every direction, no spaces, control characters, punctuation alone."""

from __future__ import annotations

import re
import time
import unicodedata
import zlib
from html import unescape
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from toys.models import build

import elision
from elision.models.encoding import TokenEncoding
from elision.models.rows import TextRows, TokenRows
from elision.models.tokenization import Reader
from elision.results.explanation import Explanation
from elision.text import clusters, split_words, unit_spans
from elision.views.html import fragment
from elision.views.terminal import render

PIECES = [
    *("a good film", "don't", "isn’t", "well-made", "3.50", "1,000", "U.S.", "e.g.", "not", "A", "I", "x²", "a_b"),
    *(".", ",", "...", "…", "!!", "?!", "(", ")", '"', "'", "$5", "50%", "--", "@", "\\"),
    *("[MASK]", "[UNK]", "<s>", "##ing", "\U0001f600", "\U0001f468\u200d\U0001f469\u200d\U0001f467"),
    *("\U0001f44d\U0001f3fd", "\U0001f1e9\U0001f1ea", "1\ufe0f\u20e3"),
    "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    *("cafe\u0301", "\u0301", "Z\u0351\u036b\u0343", "नमस्ते", "ক্ষমা", "வணக்கம்", "می\u200cخواهم", "שָׁלוֹם", "جيد،"),
    *("我喜欢电影", "。", "映画が好き", "ดีมาก", "ខ្មែរ", "မြန်မာ", "좋은", "ﾊﾞ", "ー", "々"),
    *("\x00", "\x1b[31m", "\x7f", "\u0085", "\u200b", "\u200d", "\u202e", "\ufeff", "\u00ad"),
    *("\r\n", "\t", "\u3000", "\u00a0"),
    *("ß", "İ", "ﬁ", "½", "Ⅷ", "ª", "Ωραία", "щи", "\U0001d4d0", "\ufffd", "\u0600", "\ue000"),
]
PIECE = st.one_of(st.sampled_from(PIECES), st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=4))
TEXTS = st.lists(st.tuples(PIECE, st.sampled_from([" ", " ", "", "\n"])), min_size=1, max_size=7).map(
    lambda parts: "".join(piece + space for piece, space in parts)
)
VISIBLE = TEXTS.filter(split_words)
SEVERAL = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
LABELS = ["negative", "positive"]


def shown(text: str) -> bool:
    """Tell whether a character of the text is neither white space nor a control or format character."""
    return any(not c.isspace() and unicodedata.category(c) not in ("Cc", "Cf") for c in text)


def weight(character: str, ignored: str = "") -> float:
    """Return a letter's own weight between -0.3 and 0.3; 0 for white space, which goes with its neighbours."""
    if character.isspace() or character in ignored:
        return 0.0
    return zlib.crc32(character.encode()) / 2**32 * 0.6 - 0.3


def additive(ignored: str = "") -> elision.BlackBox:
    """A black box whose log-odds are the sum of its letters' weights."""

    def answer(examples: list[Any]) -> np.ndarray:
        texts = ["".join(example) if isinstance(example, tuple) else example for example in examples]
        p = 1.0 / (1.0 + np.exp([-sum(weight(c, ignored) for c in text) for text in texts]))
        return np.stack([1.0 - p, p], axis=1)

    return elision.BlackBox(answer, LABELS)


@pytest.fixture(scope="module", params=["bert", "roberta", "xlnet", "slow"])
def family(request: pytest.FixtureRequest) -> tuple[Any, Any, elision.HuggingFaceModel]:
    """A tiny model with its tokenizer, alone and as elision sees it."""
    net, tokenizer = build(request.param)
    net = net.double()
    return net, tokenizer, elision.HuggingFaceModel(net, tokenizer)


@SEVERAL
@given(TEXTS)
@example("a \u0301b !!\u200d ok")
@example("\u0600film \U0001f468\u200d\U0001f469\u200d\U0001f467.")
def test_words_are_ascending_and_disjoint_on_cluster_edges_and_cover_what_is_visible(text: str) -> None:
    edges = {edge for span in clusters(text) for edge in span}
    spans = split_words(text)
    last = 0
    for start, end in spans:
        assert last <= start < end <= len(text)
        assert {start, end} <= edges
        assert text[start:end].strip()
        last = end
    covered = {i for start, end in spans for i in range(start, end)}
    for start, end in clusters(text):
        if shown(text[start:end]):
            assert covered.issuperset(range(start, end)), repr(text[start:end])


@SEVERAL
@given(TEXTS, st.sets(st.integers(0, 60)))
def test_cuts_join_words_and_never_split_them_further(text: str, cuts: set[int]) -> None:
    fine, coarse = split_words(text), split_words(text, cuts)
    assert {i for a, b in fine for i in range(a, b)} == {i for a, b in coarse for i in range(a, b)}
    for start, end in fine:
        assert sum(a <= start and end <= b for a, b in coarse) == 1


@SEVERAL
@given(VISIBLE, st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9)), max_size=12))
def test_no_token_lies_in_two_units(text: str, sizes: list[tuple[int, int]]) -> None:
    tokens = sorted((a, min(a + n, len(text))) for a, n in sizes if a < len(text))
    tokens = [span for i, span in enumerate(tokens) if i == 0 or span[0] >= tokens[i - 1][1]]
    spans = unit_spans(text, "word", tokens)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    for start, end in tokens:
        assert sum(a < end and b > start for a, b in spans) <= 1


@SEVERAL
@given(text=VISIBLE)
def test_every_unit_has_a_token_and_no_token_is_in_two(family: Any, text: str) -> None:
    _, tokenizer, model = family
    try:
        encoding = model.encode(text)
    except elision.ExampleError as error:
        assert "nothing of the text reaches the model" in str(error)  # noqa: PT017
        return
    assert isinstance(encoding, TokenEncoding)
    owners = encoding.unit_of_token
    assert set(owners.tolist()) - {-1} == set(range(len(encoding.units)))
    assert np.array_equal(encoding.ids, tokenizer(text, truncation=True, max_length=64)["input_ids"])
    own = owners[owners >= 0]
    assert (np.diff(own) >= 0).all(), "units in reading order have tokens in reading order"
    for start, end in Reader(tokenizer).read([text], 64).spans_of(0):
        assert sum(u.start < end and u.end > start for u in encoding.units) <= 1
    for unit in encoding.units:
        assert unit.text == text[unit.start : unit.end]


def test_words_that_the_vocabulary_lacks_are_units_too(family: Any) -> None:
    encoding = family[2].encode("good щука film 鯨, \U0001f600 story")
    assert [unit.text for unit in encoding.units] == ["good", "щука", "film", "鯨", ",", "\U0001f600", "story"]


@SEVERAL
@given(first=VISIBLE, second=VISIBLE)
def test_units_of_a_pair_stay_on_their_side(family: Any, first: str, second: str) -> None:
    _, tokenizer, model = family
    assume(len(tokenizer(first, second)["input_ids"]) <= 64)
    try:
        encoding = model.encode((first, second))
    except elision.ExampleError:
        assume(False)
    tokens = Reader(tokenizer).read([first, second], 64)
    for owner, segment in zip(encoding.unit_of_token, tokens.segments, strict=True):
        assert owner == -1 or encoding.units[owner].segment == segment
    for unit in encoding.units:
        assert unit.text == (first, second)[unit.segment][unit.start : unit.end]


@settings(SEVERAL, max_examples=25)
@given(text=VISIBLE)
def test_all_known_is_the_untouched_model(family: Any, text: str) -> None:
    net, tokenizer, model = family
    try:
        v = elision.ValueFunction(model, text, removal="delete")
    except elision.ExampleError:
        assume(False)
    everything = np.ones((1, len(v.units)), dtype=bool)
    with torch.inference_mode():
        logits = net(**tokenizer(text, return_tensors="pt", truncation=True, max_length=64)).logits[0].double()
    # one row alone on both sides, in float64: only the order of additions may differ
    np.testing.assert_allclose(v.probabilities(everything)[0], torch.softmax(logits, -1).numpy(), atol=1e-9)
    for rows in (v.encoding.untouched, *(v.encoding.replace(everything, 0), v.encoding.hide(everything))):  # type: ignore[attr-defined]
        assert isinstance(rows, TokenRows)
        np.testing.assert_array_equal(rows.ids[0], v.encoding.ids)  # type: ignore[attr-defined]


@settings(SEVERAL, max_examples=15)
@given(text=VISIBLE, seed=st.integers(0, 99))
def test_scores_do_not_depend_on_the_order_of_subsets(family: Any, text: str, seed: int) -> None:
    try:
        v = elision.ValueFunction(family[2], text, removal="mask")
    except elision.ExampleError:
        assume(False)
    generator = np.random.default_rng(seed)
    known = generator.random((6, len(v.units))) > 0.5
    order = generator.permutation(6)
    again = elision.ValueFunction(family[2], text, removal="mask")
    # rows share batches in another order: float64 additions, no more
    np.testing.assert_allclose(again(known[order]), v(known)[order], atol=1e-8)


@SEVERAL
@given(VISIBLE)
def test_a_black_box_is_sent_the_text_to_the_letter(text: str) -> None:
    rows = additive().encode(text).untouched
    assert isinstance(rows, TextRows)
    assert rows.examples == (text,)


@SEVERAL
@given(VISIBLE)
def test_an_additive_model_gives_its_own_weights_back(text: str) -> None:
    explanation = elision.LeaveOneOut(removal="delete", behaviour="logit")(additive(), text, target="positive")
    expected = [sum(weight(c) for c in unit.text) for unit in explanation.units]
    # log-odds up to 20 lose 9 of 16 digits where 1 - p is formed; these stay below 12
    assume(abs(sum(weight(c) for c in text)) < 8)
    np.testing.assert_allclose(explanation.scores, expected, atol=1e-9)
    np.testing.assert_allclose(explanation.scores_for("negative"), -np.array(expected), atol=1e-9)


@SEVERAL
@given(VISIBLE, VISIBLE)
def test_an_additive_model_of_pairs_gives_its_own_weights_back(first: str, second: str) -> None:
    explanation = elision.LeaveOneOut(removal="delete", behaviour="logit")(additive(), (first, second), target=1)
    assume(abs(sum(weight(c) for c in first + second)) < 8)
    expected = [sum(weight(c) for c in unit.text) for unit in explanation.units]
    np.testing.assert_allclose(explanation.scores, expected, atol=1e-9)


@SEVERAL
@given(VISIBLE, st.integers(0, 10_000))
def test_a_unit_that_the_model_ignores_scores_zero(text: str, choice: int) -> None:
    units = additive().encode(text).units
    ignored = units[choice % len(units)]
    explanation = elision.LeaveOneOut(removal="delete")(additive(ignored=ignored.text), text)
    assert explanation.units == units
    # the sum of weights skips zeros: nothing is rounded differently
    assert explanation.scores[choice % len(units)] == 0.0


@SEVERAL
@given(VISIBLE, st.integers(0, 99), st.sampled_from(["delete", "mask", "unk"]))
def test_a_black_box_does_not_see_the_order_of_subsets(text: str, seed: int, removal: str) -> None:
    model = additive()
    v = elision.ValueFunction(model, text, removal=removal)
    generator = np.random.default_rng(seed)
    known = generator.random((8, len(v.units))) > 0.5
    order = generator.permutation(8)
    again = elision.ValueFunction(model, text, removal=removal)
    np.testing.assert_array_equal(again(known[order]), v(known)[order])
    np.testing.assert_array_equal([again(row[None])[0] for row in known], v(known))


@SEVERAL
@given(st.one_of(VISIBLE, st.tuples(VISIBLE, VISIBLE)))
def test_json_out_and_in_is_the_same(text: str | tuple[str, str]) -> None:
    before = elision.LeaveOneOut(removal="delete")(additive(), text)
    after = Explanation.from_json(before.to_json())
    assert after == before
    assert after.segments == before.segments
    assert after.example == text
    assert after.to_json() == before.to_json()
    assert str(after) == str(before)


@SEVERAL
@given(st.one_of(VISIBLE, st.tuples(VISIBLE, VISIBLE)), st.sampled_from([40, 80]))
@example("a < b & c > d &lt; <s>", 80)
def test_views_of_any_text_steer_nothing(text: str | tuple[str, str], width: int) -> None:
    explanation = elision.Random(seed=1)(additive(), text)
    written = render(explanation, width=width)
    assert all(c == "\n" or unicodedata.category(c) not in ("Cc", "Zl", "Zp") for c in written)
    assert written.count("│") == len(explanation.units) + 1 + "".join(explanation.segments).count("│") * 2
    read = unescape(re.sub(r"<[^>]*>", "", fragment(explanation)))
    for segment in explanation.segments:
        assert segment in read


@pytest.mark.parametrize("text", ["!", "…", "a", "\U0001f600", "我", "\u0301", "...", "\x00a\x00"])
def test_a_single_unit(text: str) -> None:
    explanation = elision.LeaveOneOut(removal="delete", behaviour="logit")(additive(), text, target="positive")
    assert len(explanation.units) == 1
    assert explanation.scores[0] == pytest.approx(sum(weight(c) for c in explanation.units[0].text), abs=1e-12)


LONG = " ".join(f"word{i}" if i % 7 else "good," for i in range(10_000))


def cheap() -> elision.BlackBox:
    """A black box that only counts."""

    def answer(texts: list[Any]) -> np.ndarray:
        p = np.array([text.count("good") for text in texts]) / 2_000
        return np.stack([1 - p, p], axis=1)

    return elision.BlackBox(answer, LABELS)


def test_ten_thousand_words_are_explained_written_and_read_at_once() -> None:
    started = time.process_time()
    explanation = elision.Random(seed=3)(cheap(), LONG)
    assert len(explanation.units) == 10_000 + 1_429
    assert explanation.probability == pytest.approx(1_429 / 2_000)
    assert Explanation.from_json(explanation.to_json()) == explanation
    assert len(explanation.top(5)) == 5
    assert render(explanation, top=5).count("│") == 6
    assert time.process_time() - started < 20, "about a second; quadratic work would take minutes"


def test_subsets_of_ten_thousand_words_are_valued_at_once() -> None:
    v = elision.ValueFunction(cheap(), LONG, removal="delete", behaviour="probability", target="positive")
    known = np.ones((20, len(v.units)), dtype=bool)
    goods = [i for i, unit in enumerate(v.units) if unit.text == "good"]
    for row in range(20):
        known[row, goods[: 10 * row]] = False
    started = time.process_time()
    np.testing.assert_allclose(v(known), (1_429 - 10 * np.arange(20)) / 2_000, atol=1e-12)
    assert v.evaluations == 20
    assert time.process_time() - started < 10, "well under a second; quadratic work would take minutes"


def test_a_text_of_ten_thousand_words_reaches_a_small_model_cut(family: Any) -> None:
    started = time.process_time()
    encoding = family[2].encode(LONG)
    assert encoding.notes == ("the model reads 64 tokens; the text after them is left out",)
    assert len(encoding.ids) == 64
    assert time.process_time() - started < 10
