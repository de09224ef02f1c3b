"""What the papers' target models share: embeddings, inputs, loss."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.modeling_outputs import SequenceClassifierOutput

from elision.models.papers.configs import PaperConfig
from elision.models.papers.layers import SharedDropout


class PaperClassifier(PreTrainedModel, ABC):
    """A classifier of token rows that starts from an embedding of each token.

    A token that is not attended has no part in the answer, so padding never changes it. [PAD] embeds to 0, which makes
    a [PAD] in a word's place (the papers' zero erasure) and an embedding times 0 the same thing.
    """

    config_class = PaperConfig
    base_model_prefix = ""
    main_input_name = "input_ids"
    reads_pairs = False

    def __init__(self, config: PaperConfig) -> None:
        super().__init__(config)
        self.embeddings: nn.Module = nn.Embedding(
            config.vocab_size, config.embedding_size, padding_idx=config.pad_token_id
        )
        self.embedding_dropout = SharedDropout(config.embedding_dropout)

    @abstractmethod
    def classify(self, embedded: Tensor, attended: Tensor, second: Tensor) -> Tensor:
        """Return the logits (b, c).

        Args:
            embedded: (b, l, d), 0 where not attended.
            attended: bool (b, l).
            second: bool (b, l), True on tokens of the second text.
        """

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        labels: Tensor | None = None,
        return_dict: bool | None = None,
    ) -> SequenceClassifierOutput | tuple[Tensor, ...]:
        """Return logits, and the cross entropy where labels are given.

        Args:
            input_ids: int (b, l).
            attention_mask: (b, l), 0 on tokens that have no part in the answer; all have one by default.
            token_type_ids: int (b, l), 1 on tokens of the second text; models of pairs need it.
            inputs_embeds: (b, l, d), in place of input_ids.
            labels: int (b,).
            return_dict: False returns a tuple.
        Raises:
            ValueError: not exactly one of input_ids and inputs_embeds is given, or a model of pairs gets no
                token_type_ids.
        """
        if (input_ids is None) == (inputs_embeds is None):
            raise ValueError("give either input_ids or inputs_embeds")
        if self.reads_pairs and token_type_ids is None:
            raise ValueError("a model of pairs needs token_type_ids, which tell its two texts apart")
        embedded = self.embeddings(input_ids) if inputs_embeds is None else inputs_embeds
        shape, device = embedded.shape[:2], embedded.device
        attended = torch.ones(shape, dtype=torch.bool, device=device) if attention_mask is None else attention_mask > 0
        second = torch.zeros(shape, dtype=torch.bool, device=device) if token_type_ids is None else token_type_ids > 0
        embedded = self.embedding_dropout(embedded) * attended[:, :, None]
        logits = self.classify(embedded, attended, second & attended)
        loss = None if labels is None else nn.functional.cross_entropy(logits.float(), labels)
        if return_dict is False:
            return (logits,) if loss is None else (loss, logits)
        return SequenceClassifierOutput(loss=loss, logits=logits)

    def get_input_embeddings(self) -> nn.Module:
        """Return the layer that embeds token ids."""
        return self.embeddings

    def set_input_embeddings(self, value: nn.Module) -> None:
        """Put another layer in its place."""
        self.embeddings = value

    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=self.config.initializer_range)
            if module.padding_idx is not None:
                nn.init.zeros_(module.weight[module.padding_idx])
        elif isinstance(module, nn.Linear | nn.Conv1d | nn.LSTM):
            module.reset_parameters()
