"""The papers' models of one text: a convolutional network and an LSTM with attention."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from elision.models.papers.base import PaperClassifier
from elision.models.papers.configs import CnnConfig, LstmConfig
from elision.models.papers.layers import SharedDropout, TwoWayLstm, masked_softmax, move_left


class CnnForSequenceClassification(PaperClassifier):
    """Three convolutions of 100 filters over 3, 4 and 5 tokens, the largest value of each filter, one dense layer.

    Windows may hang over the text's ends; those without any attended token do not count.

    Source: Kim et al. 2020, A1.2. Deviations: none known; the paper leaves pooling and padding open.
    """

    config_class = CnnConfig

    def __init__(self, config: CnnConfig) -> None:
        super().__init__(config)
        self.convolutions = nn.ModuleList(
            nn.Conv1d(config.embedding_size, config.n_filters, size, padding=size - 1) for size in config.filter_sizes
        )
        self.dropout = SharedDropout(config.dropout)
        self.classifier = nn.Linear(config.n_filters * len(config.filter_sizes), int(config.num_labels or 0))
        self.post_init()

    def classify(self, embedded: Tensor, attended: Tensor, second: Tensor) -> Tensor:
        """Return the logits (b, c)."""
        signal, there = embedded.transpose(1, 2), attended[:, None].to(embedded.dtype)
        found = []
        for convolution, size in zip(self.convolutions, self.config.filter_sizes, strict=True):
            counts = nn.functional.max_pool1d(nn.functional.pad(there, (size - 1, size - 1)), size, stride=1)
            # Rectified values are at least 0, so a window times 0 never is the largest against its will.
            found.append((torch.relu(convolution(signal)) * counts).amax(dim=2))
        logits: Tensor = self.classifier(self.dropout(torch.cat(found, dim=1)))
        return logits


class LstmForSequenceClassification(PaperClassifier):
    """Two bidirectional LSTM layers of 200, attention over their states, one dense layer.

    A token that is not attended is not read at all: the state passes it by.

    Source: Kim et al. 2020, A1.2; attention after Zhou et al. 2016 (Att-BLSTM), which the paper leaves open.
    Deviations: dropout is drawn once a row and feature, not once a token and feature.
    """

    config_class = LstmConfig

    def __init__(self, config: LstmConfig) -> None:
        super().__init__(config)
        sizes = [config.embedding_size] + [2 * config.hidden_size] * (config.n_layers - 1)
        self.layers = nn.ModuleList(TwoWayLstm(size, config.hidden_size) for size in sizes)
        self.attention = nn.Linear(2 * config.hidden_size, 1, bias=False)
        self.dropout = SharedDropout(config.dropout)
        self.classifier = nn.Linear(2 * config.hidden_size, int(config.num_labels or 0))
        self.post_init()

    def classify(self, embedded: Tensor, attended: Tensor, second: Tensor) -> Tensor:
        """Return the logits (b, c)."""
        states, lengths, inside = move_left(embedded, attended)
        for layer in self.layers:
            states = self.dropout(layer(states, lengths)[0])
        weights = masked_softmax(self.attention(torch.tanh(states))[:, :, 0], inside)
        pooled = torch.tanh((weights[:, :, None] * states).sum(dim=1))
        logits: Tensor = self.classifier(self.dropout(pooled))
        return logits
