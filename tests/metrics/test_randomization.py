"""Models of drawn weights: layers from the head down, each drawn as before training."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
import transformers
from toys.additive import toy
from toys.models import build

import elision
from elision.metrics.randomization import layers, randomized
from elision.models.papers import CnnConfig, DecomposableAttentionConfig, LstmConfig, PairLstmConfig

STAGES = {
    "bert": "classifier bert.pooler bert.encoder.layer.1 bert.encoder.layer.0 bert.embeddings",
    "roberta": "classifier roberta.encoder.layer.1 roberta.encoder.layer.0 roberta.embeddings",
    "electra": "classifier electra.encoder.layer.1 electra.encoder.layer.0 electra.embeddings_project "
    "electra.embeddings",
    "distilbert": "classifier pre_classifier distilbert.transformer.layer.1 distilbert.transformer.layer.0 "
    "distilbert.embeddings",
    "gpt2": "score transformer.ln_f transformer.h.1 transformer.h.0 transformer.wpe transformer.wte",
    "xlnet": "logits_proj sequence_summary transformer.layer.1 transformer.layer.0 transformer.word_embedding "
    "transformer",
}
PAPERS = {
    CnnConfig: "classifier convolutions.2 convolutions.1 convolutions.0 embeddings",
    LstmConfig: "classifier attention layers.1 layers.0 embeddings",
    PairLstmConfig: "classifier dense.2 dense.1 dense.0 encoder projection embeddings",
    DecomposableAttentionConfig: "classifier aggregate compare attend projection embeddings",
}


def every_net() -> list[tuple[torch.nn.Module, str]]:
    """Return a tiny network of each family, with its layers from the head down."""
    found = [(build(kind)[0], stages) for kind, stages in STAGES.items()]
    for config, stages in PAPERS.items():
        net = transformers.AutoModelForSequenceClassification.from_config(config(vocab_size=30, num_labels=3))
        found.append((net, stages))
    return found


@pytest.mark.parametrize(("net", "stages"), every_net(), ids=[*STAGES, *(config.__name__ for config in PAPERS)])
def test_layers_go_from_the_head_down_and_leave_no_weight_out(net: torch.nn.Module, stages: str) -> None:
    found = layers(net)
    assert [name for name, _ in found] == stages.split()
    held = [id(weight) for _, modules in found for module in modules for weight in module.parameters(recurse=False)]
    assert sorted(held) == sorted(id(weight) for weight in net.parameters())


def test_a_block_is_one_layer_whatever_it_holds() -> None:
    parts = torch.nn.ModuleList([torch.nn.Linear(2, 2), torch.nn.Linear(2, 2)])
    net = torch.nn.ModuleDict({"blocks": torch.nn.ModuleList([torch.nn.ModuleDict({"parts": parts})]), "off": parts[1]})
    assert [name for name, _ in layers(net)] == ["off", "blocks.0"]
    base = toy().transformer.model
    del base.layers
    assert [name for name, _ in layers(torch.nn.ModuleDict({"model": base}))] == ["model.weight", "model.embeddings"]


@pytest.mark.parametrize(("net", "stages"), every_net(), ids=[*STAGES, *(config.__name__ for config in PAPERS)])
def test_each_stage_draws_its_layer_alone(net: torch.nn.Module, stages: str, tmp_path) -> None:
    with torch.no_grad():
        for weight in net.parameters():
            weight.add_(0.1 * torch.randn(weight.shape))
    # Weights read from a file carry a flag that keeps the library from drawing them.
    net.save_pretrained(tmp_path)
    net = transformers.AutoModelForSequenceClassification.from_pretrained(tmp_path)
    model = elision.HuggingFaceModel(net, build("bert")[1])
    before = {key: weight.clone() for key, weight in net.state_dict().items()}
    state = torch.get_rng_state()
    states = [before]
    names = []
    for name, other in randomized(model, 4):
        states.append({key: weight.clone() for key, weight in other.transformer.model.state_dict().items()})
        names.append(name)
    assert names == stages.split()
    weights = dict(net.named_parameters())
    for (_, modules), (one, after) in zip(layers(net), pairwise(states), strict=True):
        drawn = {id(weight) for module in modules for weight in module.parameters(recurse=False)}
        assert {key for key in weights if not torch.equal(one[key], after[key])} == {
            key for key, weight in weights.items() if id(weight) in drawn
        }
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(weight, before[key]) for key, weight in net.state_dict().items())
    again = [other.transformer.model.state_dict() for _, other in randomized(model, 4)][-1]
    assert all(torch.equal(weight, again[key]) for key, weight in states[-1].items())
    for _, other in randomized(model, 5):
        last = other.transformer.model.state_dict()
    assert not all(torch.equal(weight, again[key]) for key, weight in last.items())


@torch.no_grad()
def test_weights_are_drawn_as_before_training() -> None:
    model, tokenizer = build("bert", initializer_range=0.5)
    for _, other in randomized(elision.HuggingFaceModel(model, tokenizer), 0):
        net = other.transformer.model
    words = net.bert.embeddings.word_embeddings.weight
    assert float(words[1:].std()) == pytest.approx(0.5, rel=0.1)
    assert float(words[tokenizer.pad_token_id].abs().max()) == 0.0
    norm = net.bert.encoder.layer[0].output.LayerNorm
    assert (float(norm.weight.min()), float(norm.weight.max()), float(norm.bias.abs().max())) == (1.0, 1.0, 0.0)


@torch.no_grad()
def test_modules_that_the_family_does_not_know_are_drawn_as_pytorch_does() -> None:
    model = toy()
    model.transformer.model.weight.weight.mul_(100.0)
    for _, other in randomized(model, 0):
        drawn = other.transformer.model.weight.weight
    # A dense layer of four inputs starts between -1/2 and 1/2.
    assert 0.0 < float(drawn.abs().max()) <= 0.5


@torch.no_grad()
def test_weights_that_no_one_knows_are_drawn_with_their_spread() -> None:
    model = toy()
    net = model.transformer.model
    net.own = torch.nn.Parameter(3.0 + 2.0 * torch.randn(4000, dtype=torch.float64))
    assert layers(net)[-1][0] == "Toy"
    for _, other in randomized(model, 0):
        drawn = other.transformer.model.own
    assert not bool((drawn == net.own).any())
    assert float(drawn.mean()) == pytest.approx(float(net.own.mean()), abs=0.2)
    assert float(drawn.std()) == pytest.approx(float(net.own.std()), rel=0.1)
