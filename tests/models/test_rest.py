"""Models at rest: dropout off while somebody asks, and everything as it was afterwards."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from toys.models import build, small
from toys.tokenizers import wordpiece_tokenizer

import elision

TEXTS = [
    f"{first} {second} film was {third} ."
    for first in ("a", "the")
    for second in ("deep", "dull", "fine", "bad")
    for third in ("good", "boring", "great", "bad", "fine", "dull", "deep", "well made")
]


def test_threads_that_ask_one_model_in_training_find_dropout_off() -> None:
    net, tokenizer = build("bert")
    net.train()
    model = elision.load(net, tokenizer)
    method = elision.LeaveOneOut(removal="mask")
    wanted = [method(model, text).scores for text in TEXTS]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda text: method(model, text).scores, TEXTS))
    np.testing.assert_allclose(np.concatenate(found), np.concatenate(wanted), atol=1e-5)
    assert len(TEXTS) == 64
    assert all(module.training for module in net.modules())


def test_the_last_thread_out_turns_dropout_on_again() -> None:
    from elision.models.rest import at_rest

    net, _ = build("bert")
    net.train()
    inside, leave = threading.Event(), threading.Event()

    def stay() -> None:
        with at_rest(net):
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=stay)
    thread.start()
    inside.wait(10)
    with at_rest(net):
        pass
    assert not any(module.training for module in net.modules())
    leave.set()
    thread.join()
    assert all(module.training for module in net.modules())


def test_a_short_row_leaves_a_model_s_attention_sparse() -> None:
    tokenizer = wordpiece_tokenizer()
    net = small("BigBird", tokenizer, attention_type="block_sparse", block_size=2, num_random_blocks=1)
    net.train()
    state = torch.random.get_rng_state()
    model = elision.load(net, tokenizer)
    elision.LeaveOneOut(removal="mask")(model, "a film")
    assert net.bert.attention_type == "block_sparse"
    assert {type(layer.attention.self).__name__ for layer in net.bert.encoder.layer} == {"BigBirdBlockSparseAttention"}
    assert all(module.training for module in net.modules())
    assert torch.equal(torch.random.get_rng_state(), state)


def test_models_that_share_modules_keep_dropout_off_while_one_is_asked() -> None:
    import logging

    from elision.models.rest import at_rest

    one, _ = build("bert")
    other, _ = build("bert")
    other.bert = one.bert
    one.train()
    other.train()
    log = logging.getLogger(type(one).__module__)
    level = log.level
    first, second = at_rest(one), at_rest(other)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert not any(module.training for module in other.modules())
    assert one.classifier.training
    second.__exit__(None, None, None)
    assert all(module.training for net in (one, other) for module in net.modules())
    assert log.level == level
