"""Shapes of the papers' target models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from transformers import PreTrainedConfig


class PaperConfig(PreTrainedConfig):
    """What all of them have.

    Args:
        vocab_size: number of tokens.
        embedding_size: numbers a token.
        embedding_dropout: rate on the embeddings, in training.
        dropout: rate between the other layers, in training.
        initializer_range: standard deviation of random embeddings.
        pad_token_id: the token whose embedding is 0.
        n_texts: how many texts the model reads.
        options: everything that a configuration of the transformers library takes.
    """

    def __init__(
        self,
        *,
        vocab_size: int = 30522,
        embedding_size: int = 100,
        embedding_dropout: float = 0.0,
        dropout: float = 0.0,
        initializer_range: float = 0.1,
        pad_token_id: int = 0,
        n_texts: int | None = None,
        **options: Any,
    ) -> None:
        self.vocab_size = vocab_size
        self.embedding_size = embedding_size
        self.embedding_dropout = embedding_dropout
        self.dropout = dropout
        self.initializer_range = initializer_range
        self.pad_token_id = pad_token_id
        self.n_texts = n_texts
        super().__init__(**options)


class CnnConfig(PaperConfig):
    """Convolutions side by side, each with its own width (Kim et al. 2020, A1.2).

    Args:
        filter_sizes: tokens that a convolution sees.
        n_filters: filters of each convolution.
        options: see PaperConfig.
    """

    model_type = "elision-cnn"

    def __init__(
        self,
        *,
        filter_sizes: Sequence[int] = (3, 4, 5),
        n_filters: int = 100,
        dropout: float = 0.5,
        **options: Any,
    ) -> None:
        self.filter_sizes = list(filter_sizes)
        self.n_filters = n_filters
        super().__init__(dropout=dropout, **options)


class LstmConfig(PaperConfig):
    """Bidirectional LSTM with attention (Kim et al. 2020, A1.2).

    Args:
        hidden_size: units of each direction.
        n_layers: bidirectional layers.
        options: see PaperConfig.
    """

    model_type = "elision-lstm"

    def __init__(
        self,
        *,
        hidden_size: int = 200,
        n_layers: int = 2,
        embedding_dropout: float = 0.3,
        dropout: float = 0.5,
        **options: Any,
    ) -> None:
        self.hidden_size = hidden_size
        self.n_layers = n_layers
        super().__init__(embedding_dropout=embedding_dropout, dropout=dropout, **options)


class PairLstmConfig(PaperConfig):
    """The LSTM for SNLI: both texts through one encoder (Kim et al. 2020, A1.2).

    Args:
        projection_size: what an embedding is projected to.
        hidden_size: units of each direction.
        n_dense: fully connected layers, the last of which gives the classes.
        options: see PaperConfig.
    """

    model_type = "elision-pair-lstm"

    def __init__(
        self,
        *,
        projection_size: int = 300,
        hidden_size: int = 300,
        n_dense: int = 4,
        dropout: float = 0.2,
        **options: Any,
    ) -> None:
        self.projection_size = projection_size
        self.hidden_size = hidden_size
        self.n_dense = n_dense
        super().__init__(dropout=dropout, **{"n_texts": 2, **options})


class DecomposableAttentionConfig(PaperConfig):
    """Decomposable attention (Parikh et al. 2016) of the size in Chen et al. 2021, appendix B.

    Args:
        hidden_size: of the projection and of the three feed-forward networks.
        options: see PaperConfig.
    """

    model_type = "elision-decomposable-attention"

    def __init__(
        self,
        *,
        embedding_size: int = 300,
        hidden_size: int = 300,
        dropout: float = 0.2,
        initializer_range: float = 0.5,
        **options: Any,
    ) -> None:
        self.hidden_size = hidden_size
        super().__init__(
            embedding_size=embedding_size,
            dropout=dropout,
            initializer_range=initializer_range,
            **{"n_texts": 2, **options},
        )
