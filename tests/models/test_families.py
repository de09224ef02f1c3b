"""Every architecture family, tokenizer and head gives its own untouched answer, and the same whatever the batch."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from toys.models import build
from toys.tokenizers import wordpiece_tokenizer

import elision
from elision.game.engine import Engine

FAMILIES = ("bert", "electra", "distilbert", "roberta", "gpt2", "xlnet", "slow")
TEXT = "the man plays a moving story , well made !"
PAIR = ("the man plays guitar .", "a woman sings on stage")
REMOVALS = ("pad", "zero", "unk", "mask", "drop", "delete")


def own_answer(model, tokenizer, *segments: str) -> np.ndarray:
    """Return the probabilities that the model gives by itself."""
    with torch.inference_mode():
        logits = model(**tokenizer(*segments, return_tensors="pt")).logits[0].double()
    return torch.softmax(logits, -1).numpy()


@pytest.mark.parametrize("kind", FAMILIES)
@pytest.mark.parametrize("example", [TEXT, PAIR])
def test_all_known_is_the_untouched_model(kind: str, example: str | tuple[str, str]) -> None:
    net, tokenizer = build(kind)
    v = elision.ValueFunction(elision.HuggingFaceModel(net, tokenizer), example, removal="delete")
    segments = (example,) if isinstance(example, str) else example
    whole = v.probabilities(np.ones((1, len(v.units)), dtype=bool))[0]
    np.testing.assert_allclose(whole, own_answer(net, tokenizer, *segments), atol=2e-6)


@pytest.mark.parametrize("kind", FAMILIES)
@pytest.mark.parametrize("removal", REMOVALS)
def test_scores_do_not_depend_on_batch_size(kind: str, removal: str) -> None:
    net, tokenizer = build(kind)
    if (kind, removal) == ("gpt2", "drop"):
        with pytest.raises(elision.UnsupportedError, match="reads tokens that are hidden from attention all the same"):
            elision.ValueFunction(elision.HuggingFaceModel(net, tokenizer), TEXT, removal=removal)
        return
    known = np.random.default_rng(0).random((12, 10)) > 0.4
    answers = []
    for batch_tokens in (1, 37, 4096):
        model = elision.HuggingFaceModel(net.double(), tokenizer, batch_tokens=batch_tokens)
        v = elision.ValueFunction(model, TEXT, removal=removal)
        answers.append(v.probabilities(known))
    np.testing.assert_allclose(answers[1], answers[0], atol=1e-9)
    np.testing.assert_allclose(answers[2], answers[0], atol=1e-9)
    assert np.ptp(answers[0], axis=0).max() > 1e-3


def test_pad_in_the_middle_does_not_move_the_words_after_it_in_roberta() -> None:
    net, tokenizer = build("roberta")
    model = elision.HuggingFaceModel(net.double(), tokenizer)
    v = elision.ValueFunction(model, "the man plays", removal="pad")
    ids = torch.tensor(tokenizer("the man plays")["input_ids"])[None]
    tokens = np.flatnonzero(v.encoding.unit_of_token == 1)
    ids[0, tokens] = tokenizer.pad_token_id
    with torch.inference_mode():
        positions = torch.arange(ids.shape[1])[None] + net.roberta.embeddings.padding_idx + 1
        expected = torch.softmax(net(ids, attention_mask=torch.ones_like(ids), position_ids=positions).logits, -1)
    np.testing.assert_allclose(v.probabilities(np.array([[True, False, True]]))[0], expected[0].numpy(), atol=1e-12)


def test_zero_multiplies_the_embeddings() -> None:
    net, tokenizer = build("bert")
    v = elision.ValueFunction(elision.HuggingFaceModel(net.double(), tokenizer), "a deep film", removal="zero")
    ids = torch.tensor(tokenizer("a deep film")["input_ids"])[None]
    with torch.inference_mode():
        embeddings = net.get_input_embeddings()(ids)
        embeddings[0, 2] = 0
        expected = torch.softmax(net(inputs_embeds=embeddings).logits, -1)[0].numpy()
    np.testing.assert_allclose(v.probabilities(np.array([[True, False, True]]))[0], expected, atol=1e-12)


def test_drop_hides_from_attention_and_keeps_positions() -> None:
    net, tokenizer = build("bert")
    v = elision.ValueFunction(elision.HuggingFaceModel(net.double(), tokenizer), "a deep film", removal="drop")
    inputs = tokenizer("a deep film", return_tensors="pt")
    inputs["attention_mask"][0, 2] = 0
    with torch.inference_mode():
        expected = torch.softmax(net(**inputs).logits, -1)[0].numpy()
    np.testing.assert_allclose(v.probabilities(np.array([[True, False, True]]))[0], expected, atol=1e-12)


@pytest.mark.parametrize(("removal", "token"), [("pad", "[PAD]"), ("unk", "[UNK]"), ("mask", "[MASK]")])
def test_token_removals_put_one_token_in_the_place_of_each_token(removal: str, token: str) -> None:
    net, tokenizer = build("bert")
    v = elision.ValueFunction(elision.HuggingFaceModel(net.double(), tokenizer), "a meaningful film", removal=removal)
    ids = tokenizer("a meaningful film")["input_ids"]
    middle = np.flatnonzero(v.encoding.unit_of_token == 1)
    assert len(middle) > 1
    ids = [tokenizer.convert_tokens_to_ids(token) if i in middle else t for i, t in enumerate(ids)]
    with torch.inference_mode():
        expected = torch.softmax(net(torch.tensor([ids])).logits, -1)[0].numpy()
    np.testing.assert_allclose(v.probabilities(np.array([[True, False, True]]))[0], expected, atol=1e-12)


def test_delete_equals_the_shorter_text() -> None:
    net, tokenizer = build("bert")
    v = elision.ValueFunction(elision.HuggingFaceModel(net, tokenizer), PAIR, removal="delete")
    known = np.ones((1, len(v.units)), dtype=bool)
    known[0, [1, 6]] = False
    expected = own_answer(net, tokenizer, "the plays guitar .", "a sings on stage")
    np.testing.assert_allclose(v.probabilities(known)[0], expected, atol=2e-6)


def test_everything_deleted_still_gives_an_answer() -> None:
    for kind in ("bert", "gpt2"):
        net, tokenizer = build(kind)
        v = elision.ValueFunction(elision.HuggingFaceModel(net, tokenizer), "a film", removal="delete")
        assert np.isfinite(v(np.zeros((1, 2), dtype=bool))).all()


def test_single_logit_of_a_classifier_is_a_sigmoid_with_two_classes() -> None:
    net, tokenizer = build("bert", n_labels=1, problem_type="multi_label_classification")
    model = elision.HuggingFaceModel(net, tokenizer)
    assert model.labels == ("not LABEL_0", "LABEL_0")
    with torch.inference_mode():
        logit = float(net(**tokenizer("a film", return_tensors="pt")).logits[0, 0])
    v = elision.ValueFunction(model, "a film", behaviour="logit", target="LABEL_0")
    assert v.full == pytest.approx(logit, abs=1e-5)
    assert v.prediction.sum() == pytest.approx(1.0, abs=1e-12)


def test_multi_label_heads_are_sigmoids() -> None:
    net, tokenizer = build("bert", problem_type="multi_label_classification")
    model = elision.HuggingFaceModel(net, tokenizer)
    with torch.inference_mode():
        expected = torch.sigmoid(net(**tokenizer("a film", return_tensors="pt")).logits[0].double()).numpy()
    v = elision.ValueFunction(model, "a film")
    np.testing.assert_allclose(v.prediction, expected, atol=1e-6)
    assert model.head == "sigmoid"
    assert elision.HuggingFaceModel(net, tokenizer, head="softmax").head == "softmax"


def test_nothing_of_the_callers_is_changed() -> None:
    net, tokenizer = build("bert")
    net.train()
    net.bert.encoder.layer[0].eval()
    modes = [module.training for module in net.modules()]
    weights = copy.deepcopy(net.state_dict())
    side = tokenizer.padding_side
    for removal in REMOVALS:
        elision.LeaveOneOut(removal=removal)(elision.load(net, tokenizer), TEXT)
    assert [module.training for module in net.modules()] == modes
    assert tokenizer.padding_side == side
    for name, weight in net.state_dict().items():
        assert torch.equal(weight, weights[name])


def test_dropout_is_off_even_in_training_mode() -> None:
    net, tokenizer = build("bert")
    expected = elision.LeaveOneOut()(elision.load(net, tokenizer), TEXT).scores
    net.train()
    np.testing.assert_allclose(elision.LeaveOneOut()(elision.load(net, tokenizer), TEXT).scores, expected, atol=1e-6)


def test_a_model_without_padding_answers_row_by_row() -> None:
    net, tokenizer = build("gpt2")
    tokenizer.pad_token = None
    net.config.pad_token_id = None
    model = elision.HuggingFaceModel(net, tokenizer)
    assert all(len(batch) == 1 for batch in model.batches(np.array([3, 3, 4])))
    assert np.isfinite(elision.LeaveOneOut(removal="delete")(model, TEXT).scores).all()
    with pytest.raises(elision.UnsupportedError, match="has no pad token"):
        elision.LeaveOneOut(removal="pad")(model, TEXT)


def test_batches_waste_little_and_hold_every_row_once() -> None:
    model = elision.HuggingFaceModel(*build("bert"), batch_tokens=200)
    lengths = np.random.default_rng(3).integers(3, 30, size=500)
    batches = list(model.batches(lengths))
    assert sorted(np.concatenate(batches).tolist()) == list(range(500))
    for batch in batches:
        area = lengths[batch].max() * len(batch)
        assert area <= 200
        assert lengths[batch].sum() >= 0.95 * area


def test_long_text_is_cut_with_a_note_and_a_warning() -> None:
    model = elision.HuggingFaceModel(*build("bert"))
    with pytest.warns(elision.ElisionWarning, match="reads 64 tokens"):
        explanation = elision.LeaveOneOut(removal="mask")(model, "a good film " * 100)
    assert len(explanation.units) == 62
    assert explanation.units[-1].end < len(explanation.example)


def test_engine_answers_each_row_once() -> None:
    calls: list[int] = []
    model = elision.HuggingFaceModel(*build("bert"))
    original = model.answers
    model.answers = lambda blocks: (calls.append(sum(map(len, blocks))), original(blocks))[1]  # type: ignore[method-assign]
    engine = Engine(model)
    v = elision.ValueFunction(model, "a a a film", removal="delete", engine=engine)
    known = ~np.eye(4, dtype=bool)
    first = v(np.concatenate([known, known]))
    assert sum(calls) == engine.evaluations == 3
    np.testing.assert_array_equal(v(known), first[:4])
    assert engine.evaluations == 3


def test_the_oldest_answers_are_forgotten_first() -> None:
    model = elision.HuggingFaceModel(*build("bert"))
    v = elision.ValueFunction(model, "a good film", removal="mask", engine=Engine(model, cache_rows=2))
    known = ~np.eye(3, dtype=bool)
    before = v(known)
    np.testing.assert_allclose(v(known), before, atol=1e-6)
    assert v.evaluations > 4


def test_padding_side_and_types_of_a_left_padded_pair() -> None:
    net, _ = build("bert")
    left = wordpiece_tokenizer(padding_side="left")
    v = elision.ValueFunction(elision.HuggingFaceModel(net.double(), left), PAIR, removal="delete")
    known = np.ones((3, len(v.units)), dtype=bool)
    known[1, 0] = known[2, :3] = False
    right = elision.ValueFunction(elision.HuggingFaceModel(net.double(), wordpiece_tokenizer()), PAIR, removal="delete")
    np.testing.assert_allclose(v.probabilities(known), right.probabilities(known), atol=1e-9)
