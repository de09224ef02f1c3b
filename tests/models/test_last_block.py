"""The last block where it is read: the same answers from fewer positions, and all of them where more are read."""

from __future__ import annotations

import copy
import threading
from typing import Any

import numpy as np
import pytest
import torch
from toys.masked import masked_language_model
from toys.models import build

import elision
from elision.models.rows import TokenRows

TEXTS = ("a moving story , well made !", "a dull plot .", "the man plays guitar on stage .")
FIRST = ("bert", "electra", "roberta", "slow")


def rows_of(model: elision.HuggingFaceModel, text: str) -> TokenRows:
    rows = model.encode(text).untouched
    assert isinstance(rows, TokenRows)
    return rows


def watched(net: Any) -> list[tuple[int, ...]]:
    """Return a list that gets the shape of what the last block's feed-forward part is given, each time."""
    shapes: list[tuple[int, ...]] = []
    parts = [m for name, m in net.named_modules() if name.endswith(("intermediate.dense", "lin1"))]
    parts[-1].register_forward_hook(lambda module, inputs, output: shapes.append(tuple(inputs[0].shape)))
    return shapes


@pytest.mark.parametrize("kind", [*FIRST, "distilbert", "gpt2", "xlnet"])
def test_answers_are_those_of_all_positions(kind: str) -> None:
    net, tokenizer = build(kind)
    net.eval().double()
    model, plain = (elision.HuggingFaceModel(copy.deepcopy(net), tokenizer) for _ in range(2))
    plain._reads_first = False
    blocks = [rows_of(model, text) for text in TEXTS] if kind in FIRST else [rows_of(model, TEXTS[0])]
    np.testing.assert_allclose(model.predict(blocks), plain.predict(blocks), rtol=1e-9)
    assert model._reads_first == (kind in FIRST)
    assert not any(m._forward_pre_hooks or m._forward_hooks for m in model.transformer.model.modules())


def test_only_the_first_token_goes_through_the_last_block() -> None:
    net, tokenizer = build("bert")
    model = elision.HuggingFaceModel(net, tokenizer)
    blocks = [rows_of(model, text) for text in TEXTS]
    assert model.transformer.can_pad
    shapes = watched(net)
    model.predict(blocks)
    length = blocks[0].length
    assert [shape[:2] for shape in shapes] == [(1, length), (1, length), (1, 1), (len(TEXTS), 1)]


class MeanOfAll(torch.nn.Module):
    """A head that reads all tokens, and so little of them that the answers would pass for equal."""

    def __init__(self, inner: Any) -> None:
        super().__init__()
        self.inner = inner
        self.dense = torch.nn.Linear(16, 16)

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        return states[:, 0] + 1e-3 * states.mean(1)


def test_a_model_that_reads_more_gets_all_positions() -> None:
    net, tokenizer = build("bert")
    net.bert.pooler = MeanOfAll(net.bert.pooler)
    plain = elision.HuggingFaceModel(copy.deepcopy(net), tokenizer)
    plain._reads_first = False
    model = elision.HuggingFaceModel(net, tokenizer)
    found = model.predict([rows_of(model, TEXTS[0])])
    assert model._reads_first is False
    np.testing.assert_array_equal(found, plain.predict([rows_of(plain, TEXTS[0])]))


def test_a_row_with_hidden_tokens_decides_nothing() -> None:
    """All but the first token hidden, a mean over the attended ones is the first one."""
    net, tokenizer = build("bert")
    model = elision.HuggingFaceModel(net, tokenizer)
    whole = rows_of(model, TEXTS[0])
    hidden = TokenRows(whole.ids, np.arange(whole.length)[None] < 1, whole.segment_ids)
    model.predict([hidden])
    assert model._reads_first is None
    model.predict([whole])
    assert model._reads_first is True


def test_an_error_in_the_trial_means_all_positions(monkeypatch: pytest.MonkeyPatch) -> None:
    net, tokenizer = build("bert")
    forward = net.bert.encoder.layer[-1].intermediate.forward

    def picky(states: torch.Tensor) -> Any:
        if states.shape[1] == 1:
            raise ValueError("one position is too few")
        return forward(states)

    monkeypatch.setattr(net.bert.encoder.layer[-1].intermediate, "forward", picky)
    model = elision.HuggingFaceModel(net, tokenizer)
    assert model.predict([rows_of(model, TEXTS[0])]).shape == (1, 3)
    assert model._reads_first is False
    assert not any(m._forward_pre_hooks or m._forward_hooks for m in net.modules())


def test_the_same_model_with_other_weights_runs_its_own_last_block() -> None:
    net, tokenizer = build("bert")
    model = elision.HuggingFaceModel(net, tokenizer)
    blocks = [rows_of(model, text) for text in TEXTS]
    before = model.predict(blocks)
    twin = copy.deepcopy(net)
    with torch.no_grad():
        twin.bert.encoder.layer[-1].intermediate.dense.weight.mul_(-3)
    shapes = watched(twin)
    found = model.with_network(twin).predict(blocks)
    assert [shape[:2] for shape in shapes] == [(len(TEXTS), 1)]
    np.testing.assert_allclose(found, elision.HuggingFaceModel(twin, tokenizer).predict(blocks), atol=1e-6)
    assert np.abs(found - before).max() > 1e-3
    np.testing.assert_array_equal(model.predict(blocks), before)


def test_two_threads_may_ask_the_same_model_at_once() -> None:
    """One waits inside its forward pass while the other goes all the way."""
    net, tokenizer = build("bert")
    model = elision.HuggingFaceModel(net, tokenizer)
    slow, quick = [rows_of(model, TEXTS[0])] * 3, [rows_of(model, text) for text in TEXTS[1:]]
    wanted = model.predict(slow), model.predict(quick)
    assert model._reads_first
    inside, go_on, found = threading.Event(), threading.Event(), []

    def wait(module: Any, inputs: Any, output: Any) -> None:
        if threading.current_thread() is waiting:
            inside.set()
            assert go_on.wait(60)

    handle = net.bert.embeddings.register_forward_hook(wait)
    waiting = threading.Thread(target=lambda: found.append(model.predict(slow)))
    try:
        waiting.start()
        assert inside.wait(60)
        np.testing.assert_allclose(model.predict(quick), wanted[1], atol=1e-6)
    finally:
        go_on.set()
        waiting.join()
        handle.remove()
    np.testing.assert_allclose(found[0], wanted[0], atol=1e-6)


@pytest.mark.parametrize("kind", ["bert", "roberta", "electra", "deberta", "distilbert"])
def test_masked_language_models_run_it_at_the_masked_token(kind: str) -> None:
    net, tokenizer = masked_language_model(kind)
    shapes = watched(net)
    likelihood = elision.MaskedLanguageModel(net, tokenizer)
    size = len(likelihood.vocabulary)
    ids = np.random.default_rng(0).integers(5, size, size=(3, 7), dtype=np.int32)
    at = np.array([3, 5, 1])
    ids[np.arange(3), at] = likelihood.vocabulary.mask_id
    rows = TokenRows(ids, np.ones(ids.shape, dtype=bool))
    found = likelihood._logits(rows, np.arange(3), at)
    with torch.no_grad():
        full = likelihood.transformer.forward([rows]).logits.double().numpy()
    np.testing.assert_allclose(found, full[np.arange(3), at][:, :size], atol=1e-10)
    narrows = kind != "distilbert"
    assert likelihood._head.narrows is narrows
    assert shapes[-2][:2] == ((3, 1) if narrows else (3, 7))
    assert shapes[-1][:2] == (3, 7)
    twice = likelihood._logits(rows, np.array([0, 0, 2]), np.array([3, 4, 1]))
    np.testing.assert_allclose(twice, full[[0, 0, 2], [3, 4, 1]][:, :size], atol=1e-10)
