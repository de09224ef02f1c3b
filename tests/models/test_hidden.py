"""Hidden layers: which one is chosen, what it holds, and what the model says of other states there."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from toys.models import build

import elision
from elision.errors import OptionError
from elision.models.hidden import block_names, choose_layer
from elision.models.white_box import WhiteBox

TEXT = "a good film"


def opened(kind: str) -> tuple[elision.HuggingFaceModel, WhiteBox]:
    net, tokenizer = build(kind)
    model = elision.HuggingFaceModel(net.double(), tokenizer)
    return model, model.white_box(model.encode(TEXT).untouched)


@pytest.mark.parametrize(
    ("layer", "name"),
    [
        (0, "bert.embeddings.word_embeddings"),
        (1, "bert.encoder.layer.0"),
        (2, "bert.encoder.layer.1"),
        (None, "bert.encoder.layer.0"),
        ("bert.encoder.layer.1.attention", "bert.encoder.layer.1.attention"),
    ],
)
def test_a_layer_by_number_or_name(layer: int | str | None, name: str) -> None:
    model, box = opened("bert")
    found = choose_layer(box, layer)
    assert found.name == name
    assert found.states.shape == (len(model.encode(TEXT).untouched.ids[0]), 16)


@pytest.mark.parametrize("kind", ["bert", "roberta", "distilbert", "electra", "gpt2", "xlnet"])
def test_a_layers_own_states_give_the_models_answer_and_others_another(kind: str) -> None:
    model, box = opened(kind)
    wanted = model.answers([model.encode(TEXT).untouched])[0]
    layer = choose_layer(box, None)
    with torch.no_grad():
        own, other = layer.answers(torch.stack([layer.states, layer.states.roll(1, 0)])).numpy()
    np.testing.assert_allclose(own, wanted, atol=1e-9)
    assert np.abs(own - other).max() > 1e-6
    np.testing.assert_array_equal(model.answers([model.encode(TEXT).untouched])[0], wanted)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("none", "layer must be a number or the name of one of the model's modules, got 'none'"),
        (3, "layer must be at most 2, the model's blocks, got 3"),
        ("classifier", "layer must give a vector for each token; 'classifier' does not"),
    ],
)
def test_layers_that_are_none(layer: int | str, message: str) -> None:
    _, box = opened("bert")
    with pytest.raises(OptionError, match=f"^{message}$"):
        choose_layer(box, layer)


def test_blocks_are_the_longest_list_of_one_kind() -> None:
    def layers(*kinds: type) -> torch.nn.ModuleList:
        return torch.nn.ModuleList(kind(2, 2) for kind in kinds)

    mixed = layers(torch.nn.Linear, torch.nn.Embedding, torch.nn.Linear, torch.nn.Linear)
    found = {"short": layers(torch.nn.Linear), "long": layers(torch.nn.Linear, torch.nn.Linear), "mixed": mixed}
    assert block_names(found) == ["long.0", "long.1"]
    assert block_names({"mixed": mixed}) == []
