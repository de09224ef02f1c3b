"""Models small enough that their explanations are known beforehand."""

from __future__ import annotations

import numpy as np
import torch
import transformers
from transformers.modeling_outputs import SequenceClassifierOutput

import elision
from toys.tokenizers import wordpiece_tokenizer


class ToyConfig(transformers.PretrainedConfig):
    model_type = "elision-toy"

    def __init__(self, vocab_size: int = 80, rectified: bool = False, deaf_to: int | None = None, **options: object):
        self.vocab_size, self.rectified, self.deaf_to = vocab_size, rectified, deaf_to
        super().__init__(**options)


class Toy(transformers.PreTrainedModel):
    """Log-odds that are the sum of a number for each attended token: w E, or u relu(W E) where `rectified`.

    It does not attend to the position `deaf_to`, whatever stands there.
    """

    config_class = ToyConfig
    _supports_sdpa = True

    def __init__(self, config: ToyConfig) -> None:
        super().__init__(config)
        self.embeddings = torch.nn.Embedding(config.vocab_size, 4)
        self.layers = torch.nn.ModuleList(torch.nn.Linear(4, 4) for _ in range(2))
        self.relu = torch.nn.ReLU()
        self.weight = torch.nn.Linear(4, 1, bias=False)
        self.post_init()

    def get_input_embeddings(self) -> torch.nn.Module:
        return self.embeddings

    def _init_weights(self, module: torch.nn.Module) -> None:
        return

    def forward(self, input_ids=None, attention_mask=None, inputs_embeds=None) -> SequenceClassifierOutput:
        hidden = self.embeddings(input_ids) if inputs_embeds is None else inputs_embeds
        attended = attention_mask.to(hidden.dtype).clone()
        if self.config.deaf_to is not None:
            attended[:, self.config.deaf_to] = 0
        for layer in self.layers if self.config.rectified else []:
            hidden = layer(hidden)
        if self.config.rectified:
            hidden = self.relu(hidden)
        score = (self.weight(hidden)[..., 0] * attended).sum(1)
        return SequenceClassifierOutput(logits=torch.stack([torch.zeros_like(score), score], 1))


def toy(**options: object) -> elision.HuggingFaceModel:
    """Return a toy model in float64, in which special tokens say nothing."""
    tokenizer = wordpiece_tokenizer(model_input_names=["input_ids", "attention_mask"])
    torch.manual_seed(5)
    net = Toy(ToyConfig(vocab_size=len(tokenizer), num_labels=2, **options)).double().eval()
    return elision.HuggingFaceModel(net, tokenizer, name="toy", labels=["no", "yes"])


def weights_of(model: elision.HuggingFaceModel, example: object) -> np.ndarray:
    """Return each unit's share of an additive toy's log-odds, in bits."""
    encoding = model.encode(example)
    net = model.transformer.model
    with torch.no_grad():
        by_token = net.weight(net.embeddings(torch.tensor(encoding.ids.astype(np.int64))))[:, 0].numpy() / np.log(2)
    return np.array([by_token[encoding.unit_of_token == unit].sum() for unit in range(len(encoding.units))])
