"""The papers' target models: what they compute, that padding has no part in it, saving, loading and explaining."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from toys.papers import KINDS, OF_PAIRS, PAIR, TEXT, small

import elision
from elision.models import papers
from elision.models.papers.layers import SharedDropout, TwoWayLstm, masked_softmax, move_left

REMOVALS = ("pad", "zero", "unk", "mask", "drop", "delete")


def example_of(kind: str):
    return PAIR if kind in OF_PAIRS else TEXT


def segments_of(kind: str) -> tuple[str, ...]:
    return PAIR if kind in OF_PAIRS else (TEXT,)


@pytest.mark.parametrize("kind", KINDS)
def test_outputs_are_those_of_any_sequence_classifier(kind: str) -> None:
    net, tokenizer = small(kind)
    rows = [list(side) for side in zip(*[segments_of(kind)] * 4, strict=True)]
    inputs = tokenizer(*rows, return_tensors="pt")
    labels = torch.tensor([0, 1, 2, 1])
    output = net(**inputs, labels=labels)
    assert isinstance(output, transformers.modeling_outputs.SequenceClassifierOutput)
    assert output.logits.shape == (4, 3)
    expected = -torch.log_softmax(output.logits.float(), -1)[torch.arange(4), labels].mean()
    assert output.loss.item() == pytest.approx(expected.item(), abs=1e-6)
    as_tuple = net(**inputs, labels=labels, return_dict=False)
    assert torch.equal(as_tuple[1], output.logits)
    assert torch.equal(net(**inputs, return_dict=False)[0], output.logits)
    embedded = net.get_input_embeddings()(inputs.pop("input_ids"))
    assert torch.equal(net(inputs_embeds=embedded, **inputs).logits, output.logits)


@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize("kind", KINDS)
def test_padding_changes_no_answer(kind: str, side: str) -> None:
    net, tokenizer = small(kind, dtype=torch.float32)
    tokenizer.padding_side = side
    texts = [TEXT, "a film", "the actor sings on the stage with a banjo and a guitar . not very good !", "!"]
    others = ["a woman sings", "the man plays guitar on stage .", "a dull story", "this"]
    rows = (texts, others) if kind in OF_PAIRS else (texts,)
    with torch.inference_mode():
        together = net(**tokenizer(*rows, padding=True, return_tensors="pt")).logits
        alone = [net(**tokenizer(*[r[i] for r in rows], return_tensors="pt")).logits[0] for i in range(4)]
        wide = net(**tokenizer(*rows, padding="max_length", max_length=64, return_tensors="pt")).logits
    torch.testing.assert_close(together, torch.stack(alone), atol=1e-6, rtol=0)
    torch.testing.assert_close(wide, together, atol=1e-6, rtol=0)
    assert float(together.std(dim=0).max()) > 0.01


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_attended_has_no_part(kind: str) -> None:
    net, tokenizer = small(kind)
    inputs = tokenizer(*segments_of(kind), return_tensors="pt")
    inputs["attention_mask"][0, 2] = 0
    other = {name: values.clone() for name, values in inputs.items()}
    other["input_ids"][0, 2] = tokenizer.convert_tokens_to_ids("great")
    with torch.inference_mode():
        assert torch.equal(net(**inputs).logits, net(**other).logits)
        whole = net(**(dict(inputs) | {"attention_mask": torch.ones_like(inputs["attention_mask"])})).logits
        nothing = net(**(dict(inputs) | {"attention_mask": torch.zeros_like(inputs["attention_mask"])})).logits
        assert float((whole - net(**inputs).logits).abs().max()) > 1e-4
    assert torch.isfinite(nothing).all()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("removal", REMOVALS)
def test_every_removal_explains(kind: str, removal: str) -> None:
    net, tokenizer = small(kind)
    answers = []
    known = np.random.default_rng(0).random((12, 10)) > 0.4
    for batch_tokens in (1, 37, 4096):
        model = elision.HuggingFaceModel(net, tokenizer, batch_tokens=batch_tokens)
        v = elision.ValueFunction(model, example_of(kind), removal=removal)
        answers.append(v.probabilities(known[:, : len(v.units)]))
    np.testing.assert_allclose(answers[1], answers[0], atol=1e-9)
    np.testing.assert_allclose(answers[2], answers[0], atol=1e-9)
    assert np.ptp(answers[0], axis=0).max() > 1e-3
    with torch.inference_mode():
        own = torch.softmax(net(**tokenizer(*segments_of(kind), return_tensors="pt")).logits[0], -1).numpy()
    np.testing.assert_allclose(v.prediction, own, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_pad_and_zero_are_one_thing(kind: str) -> None:
    net, tokenizer = small(kind)
    model = elision.HuggingFaceModel(net, tokenizer)
    pad = elision.LeaveOneOut(removal="pad")(model, example_of(kind)).scores
    zero = elision.LeaveOneOut(removal="zero")(model, example_of(kind)).scores
    np.testing.assert_allclose(pad, zero, atol=1e-9)
    assert np.abs(pad).max() > 1e-3


@pytest.mark.parametrize("kind", ["lstm", *OF_PAIRS])
def test_drop_is_delete_where_there_are_no_positions(kind: str) -> None:
    net, tokenizer = small(kind)
    model = elision.HuggingFaceModel(net, tokenizer)
    drop = elision.LeaveOneOut(removal="drop")(model, example_of(kind)).scores
    delete = elision.LeaveOneOut(removal="delete")(model, example_of(kind)).scores
    np.testing.assert_allclose(drop, delete, atol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_those_of_finite_differences(kind: str) -> None:
    net, tokenizer = small(kind)
    model = elision.HuggingFaceModel(net, tokenizer)
    row = model.encode(example_of(kind)).untouched
    _, slopes = model.gradient(row, 1)
    step = 1e-6
    for position in (1, 3):
        logs = []
        for sign in (1, -1):
            scale = np.ones(row.ids.shape)
            scale[0, position] += sign * step
            inputs = tokenizer(*segments_of(kind), return_tensors="pt")
            embedded = net.embeddings(inputs.pop("input_ids")) * torch.from_numpy(scale)[:, :, None]
            logs.append(torch.log_softmax(net(inputs_embeds=embedded, **inputs).logits, -1)[0, 1].item())
        assert slopes[0, position] == pytest.approx((logs[0] - logs[1]) / (2 * step), abs=1e-6)


def test_windows_on_padding_alone_do_not_count() -> None:
    net, tokenizer = small("cnn")
    with torch.no_grad():
        net.embeddings.weight.abs_()
        for convolution in net.convolutions:
            convolution.weight.fill_(-1.0)
            convolution.bias.fill_(1e-3)
    # Every window on a word is negative, so rectified 0; one on padding alone would be its bias.
    inputs = tokenizer("a film", padding="max_length", max_length=32, return_tensors="pt")
    torch.testing.assert_close(net(**inputs).logits[0], net.classifier.bias, atol=1e-12, rtol=0)


def test_cnn_equals_its_definition() -> None:
    net, tokenizer = small("cnn")
    with torch.no_grad():
        for convolution in net.convolutions:
            # A filter that no window activates.
            convolution.bias[0] = -100.0
    ids = tokenizer(TEXT)["input_ids"]
    values = net.embeddings.weight.detach().numpy()[ids]
    features = []
    for convolution, size in zip(net.convolutions, (3, 4, 5), strict=True):
        padded = np.pad(values, ((size - 1, size - 1), (0, 0)))
        weight, bias = convolution.weight.detach().numpy(), convolution.bias.detach().numpy()
        windows = [padded[i : i + size] for i in range(len(values) + size - 1)]
        found = np.array([np.einsum("fdk,kd->f", weight, window) + bias for window in windows])
        features.append(np.maximum(found, 0).max(axis=0))
    dense = net.classifier
    expected = dense.weight.detach().numpy() @ np.concatenate(features) + dense.bias.detach().numpy()
    logits = net(torch.tensor([ids])).logits[0].detach().numpy()
    np.testing.assert_allclose(logits, expected, atol=1e-12)


def test_two_way_lstm_equals_a_packed_bidirectional_one() -> None:
    torch.manual_seed(0)
    ours = TwoWayLstm(5, 4).double()
    theirs = torch.nn.LSTM(5, 4, batch_first=True, bidirectional=True).double()
    weights = {name: values for name, values in ours.forwards.state_dict().items()}
    weights |= {f"{name}_reverse": values for name, values in ours.backwards.state_dict().items()}
    theirs.load_state_dict(weights)
    values, lengths = torch.randn(3, 6, 5, dtype=torch.float64), torch.tensor([6, 2, 4])
    packed, (last, _) = theirs(pack_padded_sequence(values, lengths, batch_first=True, enforce_sorted=False))
    expected, _ = pad_packed_sequence(packed, batch_first=True)
    states, ends = ours(values, lengths)
    for i, n in enumerate(lengths):
        torch.testing.assert_close(states[i, :n], expected[i, :n], atol=1e-12, rtol=0)
    torch.testing.assert_close(ends, torch.cat([last[0], last[1]], dim=-1), atol=1e-12, rtol=0)
    assert not ours(values, torch.tensor([6, 0, 4]))[1][1].any()


def test_decomposable_attention_equals_its_definition() -> None:
    net, tokenizer = small("decomposable-attention")
    inputs = tokenizer(*PAIR, return_tensors="pt")
    second = inputs["token_type_ids"][0].bool()
    with torch.inference_mode():
        values = net.projection(net.embeddings(inputs["input_ids"][0]))
        a, b = values[~second], values[second]
        e = torch.stack([torch.stack([(net.attend(x) * net.attend(y)).sum() for y in b]) for x in a])
        beta = torch.stack([torch.softmax(row, 0) @ b for row in e])
        alpha = torch.stack([torch.softmax(column, 0) @ a for column in e.T])
        v1 = sum(net.compare(torch.cat([x, y])) for x, y in zip(a, beta, strict=True))
        v2 = sum(net.compare(torch.cat([x, y])) for x, y in zip(b, alpha, strict=True))
        expected = net.classifier(net.aggregate(torch.cat([v1, v2])))
        torch.testing.assert_close(net(**inputs).logits[0], expected, atol=1e-12, rtol=0)


def test_decomposable_attention_has_the_parameters_that_the_paper_states() -> None:
    config = papers.DecomposableAttentionConfig(vocab_size=34_112, num_labels=3)
    with torch.device("meta"):
        net = papers.DecomposableAttentionForSequenceClassification(config)
    assert sum(p.numel() for p in net.parameters()) == 11_046_303


def test_sizes_are_the_papers() -> None:
    with torch.device("meta"):
        cnn = papers.CnnForSequenceClassification(papers.CnnConfig())
        lstm = papers.LstmForSequenceClassification(papers.LstmConfig())
        pair = papers.PairLstmForSequenceClassification(papers.PairLstmConfig(num_labels=3))
    assert [tuple(c.weight.shape) for c in cnn.convolutions] == [(100, 100, 3), (100, 100, 4), (100, 100, 5)]
    assert [(m.forwards.input_size, m.backwards.hidden_size) for m in lstm.layers] == [(100, 200), (400, 200)]
    assert (pair.projection.out_features, pair.encoder.forwards.hidden_size) == (300, 300)
    assert len(pair.dense) + 1 == 4
    assert {net.config.embedding_size for net in (cnn, lstm, pair)} == {100}


def test_tokens_move_left_in_their_order() -> None:
    values = torch.arange(12.0).reshape(2, 6, 1)
    kept = torch.tensor([[0, 1, 0, 1, 1, 0], [0, 0, 0, 0, 0, 1]], dtype=torch.bool)
    moved, lengths, inside = move_left(values, kept)
    assert moved[:, :, 0].tolist() == [[1, 3, 4, 0], [11, 0, 0, 0]]
    assert lengths.tolist() == [3, 1]
    assert inside.tolist() == [[True, True, True, False], [True, False, False, False]]


def test_softmax_over_nothing_is_zero() -> None:
    kept = torch.tensor([[True, False, True], [False, False, False]])
    weights = masked_softmax(torch.tensor([[1.0, 9.0, 1.0], [1.0, 2.0, 3.0]]), kept)
    assert weights.tolist() == [[0.5, 0.0, 0.5], [0.0, 0.0, 0.0]]


def test_dropout_is_one_draw_a_row_and_keeps_the_mean() -> None:
    torch.manual_seed(0)
    dropout, values = SharedDropout(0.3), torch.ones(400, 5, 8)
    dropped = dropout(values)
    assert torch.equal(dropped, dropped[:, :1].expand_as(dropped))
    # The standard error of the mean of 3,200 draws is 0.012.
    assert float(dropped.mean()) == pytest.approx(1.0, abs=0.05)
    assert float((dropped == 0).float().mean()) == pytest.approx(0.3, abs=0.04)
    assert torch.equal(dropout.eval()(values), values)


@pytest.mark.parametrize("kind", KINDS)
def test_saved_models_load_through_the_auto_classes(kind: str, tmp_path: Path) -> None:
    net, tokenizer = small(kind, dtype=torch.float32)
    net.config.id2label = {0: "bad", 1: "so-so", 2: "good"}
    net.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    again = transformers.AutoModelForSequenceClassification.from_pretrained(tmp_path)
    inputs = tokenizer(*segments_of(kind), return_tensors="pt")
    assert type(again) is type(net)
    torch.testing.assert_close(again(**inputs).logits, net(**inputs).logits, atol=1e-5, rtol=0)
    model = elision.load(tmp_path, dtype="float32")
    assert model.labels == ("bad", "so-so", "good")
    expected = torch.softmax(net(**inputs).logits[0].double(), -1).detach().numpy()
    np.testing.assert_allclose(elision.ValueFunction(model, example_of(kind)).prediction, expected, atol=1e-6)
    # bfloat16 keeps eight bits of each number.
    narrow = elision.load(tmp_path, dtype="bfloat16")
    np.testing.assert_allclose(elision.ValueFunction(narrow, example_of(kind)).prediction, expected, atol=0.05)
    if kind in OF_PAIRS:
        with pytest.raises(elision.ExampleError, match="reads a pair of texts, got one text"):
            model.encode(TEXT)


def test_elision_loads_them_without_being_told(tmp_path: Path) -> None:
    net, tokenizer = small("cnn", dtype=torch.float32)
    net.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    code = (
        "import sys, elision; assert 'elision.models.papers' not in sys.modules and 'torch' not in sys.modules; "
        f"print(type(elision.load({str(tmp_path)!r}).transformer.model).__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["CnnForSequenceClassification"]


def test_wrong_inputs_are_refused() -> None:
    net, tokenizer = small("decomposable-attention")
    ids = torch.tensor([tokenizer(*PAIR)["input_ids"]])
    with pytest.raises(ValueError, match="either input_ids or inputs_embeds"):
        net(ids, inputs_embeds=net.embeddings(ids))
    with pytest.raises(ValueError, match="either input_ids or inputs_embeds"):
        net(token_type_ids=torch.zeros_like(ids))
    with pytest.raises(ValueError, match="needs token_type_ids"):
        net(ids)


def test_embeddings_can_be_put_in_and_pad_is_zero() -> None:
    net, _ = small("cnn")
    assert not net.embeddings.weight[0].any()
    assert net.embeddings.weight[1:].any(dim=1).all()
    other = torch.nn.Embedding(9, 8, padding_idx=0)
    net.set_input_embeddings(other)
    assert net.get_input_embeddings() is other
