"""Tiny classifiers with random weights: architectures of the transformers library, heads, tokenizers, functions.

`ARCHITECTURES` maps a name to a builder, which returns a network and its tokenizer, or a function of texts and None.
Nothing is downloaded. Weights are large, so that answers differ by far more than rounding, and in float64 where the
family computes in it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
import transformers

from elision.models import papers
from toys.family_tokenizers import (
    LENGTH,
    bert_tokenizer,
    esm_tokenizer,
    gpt_tokenizer,
    llama_tokenizer,
    mbart_tokenizer,
    mpnet_tokenizer,
    roberta_tokenizer,
    t5_tokenizer,
    tokenizer_of,
    xlm_tokenizer,
    xlnet_tokenizer,
)
from toys.tokenizers import SlowTokenizer


def enlarge(net: torch.nn.Module, *, seed: int, spread: float) -> None:
    """Draw all weights anew, so that answers differ by far more than rounding: matrices N(0, spread^2), biases 0.1."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in net.named_parameters():
            draw = torch.randn(weight.shape, generator=generator).to(weight.dtype)
            if weight.ndim > 1:
                weight.copy_(spread * draw)
            elif name.endswith("bias"):
                weight.copy_(0.1 * draw)
        for module in net.modules():
            if isinstance(module, torch.nn.Embedding) and module.padding_idx is not None:
                module.weight[module.padding_idx] *= 0.5


_USUAL = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
_DECODER = {"num_key_value_heads": 2, "max_position_embeddings": LENGTH}
_SEQ2SEQ = {
    "d_model": 32,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "encoder_ffn_dim": 64,
    "decoder_ffn_dim": 64,
    "max_position_embeddings": LENGTH,
}
_T5 = {
    "d_model": 32,
    "d_kv": 8,
    "num_layers": 2,
    "num_decoder_layers": 2,
    "num_heads": 4,
    "d_ff": 64,
    "decoder_start_token_id": 0,
}
_XLM = {"emb_dim": 32, "n_layers": 2, "n_heads": 4, "max_position_embeddings": LENGTH}
_GPT = {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": LENGTH}
_BIG_BIRD = {"max_position_embeddings": LENGTH, "block_size": 2, "num_random_blocks": 1}


def network(
    family: str,
    tokenizer: Callable[[], Any],
    *,
    config: str | None = None,
    usual: bool = True,
    dtype: torch.dtype = torch.float64,
    spread: float = 0.35,
    seed: int = 0,
    **settings: Any,
) -> tuple[Any, Any]:
    """Return a tiny sequence classifier of a family, and its tokenizer.

    Args:
        family: the classes' names begin with it.
        tokenizer: makes the tokenizer.
        config: what the configuration's name begins with, where it is another.
        usual: whether sizes go by BERT's names.
        dtype: of the weights.
        spread: of the weights.
        seed: of the weights.
        settings: of the configuration; num_labels is 3 by default.
    """
    own = tokenizer()
    given: dict[str, Any] = {"vocab_size": len(own), "pad_token_id": own.pad_token_id, "num_labels": 3}
    for role in ("bos", "eos"):
        if getattr(own, f"{role}_token_id") is not None:
            given[f"{role}_token_id"] = getattr(own, f"{role}_token_id")
    given |= (_USUAL if usual else {}) | settings
    torch.manual_seed(seed)
    made = getattr(transformers, f"{config or family}Config")(**given)
    net = getattr(transformers, f"{family}ForSequenceClassification")(made)
    enlarge(net, seed=seed, spread=spread)
    return net.to(dtype).eval(), own


def canine(**settings: Any) -> tuple[Any, Any]:
    """Characters in place of tokens, hashed into embeddings."""
    sizes = {"max_position_embeddings": 256, "num_hash_buckets": 64, "local_transformer_stride": 8, "num_labels": 3}
    torch.manual_seed(0)
    net = transformers.CanineForSequenceClassification(transformers.CanineConfig(**(_USUAL | sizes | settings)))
    enlarge(net, seed=0, spread=0.35)
    return net.eval(), transformers.CanineTokenizer(model_max_length=256)


def paper(kind: str) -> tuple[Any, Any]:
    """One of the papers' own models."""
    tokenizer = bert_tokenizer()
    family, sizes = {
        "cnn": (papers.CnnForSequenceClassification, {"n_filters": 6}),
        "lstm": (papers.LstmForSequenceClassification, {"hidden_size": 8}),
        "pair-lstm": (papers.PairLstmForSequenceClassification, {"hidden_size": 8, "projection_size": 8}),
        "attention": (papers.DecomposableAttentionForSequenceClassification, {"hidden_size": 8}),
    }[kind]
    torch.manual_seed(0)
    made = family.config_class(
        vocab_size=len(tokenizer), embedding_size=8, num_labels=3, initializer_range=1.0, **sizes
    )
    net = family(made)
    enlarge(net, seed=0, spread=0.3 if kind == "attention" else 0.7)
    with torch.no_grad():
        for module in net.modules():
            if isinstance(module, torch.nn.Embedding) and module.padding_idx is not None:
                module.weight[module.padding_idx] = 0
    return net.double().eval(), tokenizer


def function_of_texts() -> tuple[Any, None]:
    """A function from texts or pairs to probabilities of three classes."""

    def answer(texts: list[Any]) -> np.ndarray:
        found = []
        for text in texts:
            joined = text if isinstance(text, str) else " | ".join(text)
            counts = np.array([joined.count(letter) for letter in "aeiouydt|"], dtype=float)
            logits = np.sin(np.outer([0.7, 1.3, 2.1], counts)).sum(1)
            found.append(np.exp(logits) / np.exp(logits).sum())
        return np.array(found).reshape(-1, 3)

    return answer, None


class Counting:
    """A classifier as scikit-learn has them: `predict_proba` and `classes_`, on lists of texts."""

    classes_ = ("no", "perhaps", "yes")

    def predict_proba(self, texts: list[Any]) -> np.ndarray:
        return function_of_texts()[0](texts)


class Measuring:
    """A regressor as scikit-learn has them: `predict` alone."""

    def predict(self, texts: list[Any]) -> np.ndarray:
        return -3.0 * np.log(function_of_texts()[0](texts)[:, 1])


def sklearn_like() -> tuple[Any, None]:
    """An object like scikit-learn's classifiers."""
    return Counting(), None


_bert = partial(network, "Bert", bert_tokenizer, max_position_embeddings=LENGTH)
_types = partial(bert_tokenizer, "unigram")
_plain = partial(bert_tokenizer, types=False)
_past = {"max_position_embeddings": LENGTH + 2}
_left = {"padding_side": "left"}

ARCHITECTURES: dict[str, Callable[[], tuple[Any, Any]]] = {
    "bert": _bert,
    "bert (2 classes)": partial(_bert, num_labels=2),
    "bert (1 logit)": partial(_bert, num_labels=1, problem_type="multi_label_classification"),
    "bert (multi-label)": partial(_bert, problem_type="multi_label_classification"),
    "bert (regression)": partial(_bert, num_labels=1, problem_type="regression"),
    "bert (3 regressions)": partial(_bert, problem_type="regression"),
    "bert (reranker)": partial(_bert, num_labels=1),
    "bert (slow tokenizer)": partial(network, "Bert", SlowTokenizer, max_position_embeddings=LENGTH),
    "bert (left padding)": partial(network, "Bert", partial(bert_tokenizer, **_left), max_position_embeddings=LENGTH),
    "albert": partial(network, "Albert", _types, embedding_size=16, max_position_embeddings=LENGTH),
    "bart": partial(network, "Bart", roberta_tokenizer, usual=False, **_SEQ2SEQ),
    "big_bird (full)": partial(network, "BigBird", _types, attention_type="original_full", **_BIG_BIRD),
    "big_bird (sparse)": partial(network, "BigBird", _types, attention_type="block_sparse", **_BIG_BIRD),
    "bloom": partial(
        network, "Bloom", partial(gpt_tokenizer, **_left), usual=False, hidden_size=32, n_layer=2, n_head=4
    ),
    "camembert": partial(network, "Camembert", partial(roberta_tokenizer, "unigram"), **_past),
    "canine": canine,
    "convbert": partial(
        network, "ConvBert", bert_tokenizer, embedding_size=16, max_position_embeddings=LENGTH, head_ratio=2
    ),
    "ctrl": partial(network, "CTRL", gpt_tokenizer, usual=False, dff=64, **_GPT),
    "data2vec-text": partial(network, "Data2VecText", roberta_tokenizer, **_past),
    "deberta": partial(
        network,
        "Deberta",
        _types,
        max_position_embeddings=LENGTH,
        relative_attention=True,
        pos_att_type=["c2p", "p2c"],
        type_vocab_size=2,
    ),
    "deberta-v2": partial(
        network,
        "DebertaV2",
        _types,
        max_position_embeddings=LENGTH,
        relative_attention=True,
        position_buckets=8,
        norm_rel_ebd="layer_norm",
        share_att_key=True,
        pos_att_type=["c2p", "p2c"],
        conv_kernel_size=3,
    ),
    "distilbert": partial(
        network,
        "DistilBert",
        _plain,
        usual=False,
        dim=32,
        n_layers=2,
        n_heads=4,
        hidden_dim=64,
        max_position_embeddings=LENGTH,
    ),
    "electra": partial(network, "Electra", bert_tokenizer, embedding_size=16, max_position_embeddings=LENGTH),
    "ernie": partial(network, "Ernie", bert_tokenizer, max_position_embeddings=LENGTH),
    "esm": partial(network, "Esm", esm_tokenizer, mask_token_id=4, token_dropout=True, **_past),
    "eurobert": partial(network, "EuroBert", partial(bert_tokenizer, "unigram", types=False), **_DECODER),
    "falcon": partial(network, "Falcon", partial(gpt_tokenizer, **_left)),
    "flaubert": partial(network, "Flaubert", xlm_tokenizer, usual=False, **_XLM),
    "fnet": partial(network, "FNet", _types, max_position_embeddings=LENGTH),
    "funnel": partial(
        network,
        "Funnel",
        partial(bert_tokenizer, cls_type=2),
        usual=False,
        block_sizes=[1, 1],
        d_model=32,
        n_head=4,
        d_head=8,
        d_inner=64,
        num_decoder_layers=1,
    ),
    "gemma": partial(network, "Gemma", partial(llama_tokenizer, **_left), head_dim=8, **_DECODER),
    "gpt2": partial(network, "GPT2", partial(gpt_tokenizer, **_left), usual=False, **_GPT),
    "gpt2 (no pad token)": partial(network, "GPT2", partial(gpt_tokenizer, pad=False), usual=False, **_GPT),
    "gpt_neo": partial(
        network,
        "GPTNeo",
        gpt_tokenizer,
        usual=False,
        hidden_size=32,
        num_layers=2,
        num_heads=4,
        attention_types=[[["global", "local"], 1]],
        window_size=4,
        max_position_embeddings=LENGTH,
    ),
    "gpt_neox": partial(network, "GPTNeoX", gpt_tokenizer, max_position_embeddings=LENGTH),
    "ibert": partial(network, "IBert", roberta_tokenizer, **_past),
    "llama": partial(network, "Llama", partial(llama_tokenizer, **_left), **_DECODER),
    "llama (no pad token)": partial(network, "Llama", partial(llama_tokenizer, pad=False), **_DECODER),
    "longformer": partial(network, "Longformer", roberta_tokenizer, attention_window=8, **_past),
    "luke": partial(network, "Luke", roberta_tokenizer, entity_vocab_size=5, entity_emb_size=16, **_past),
    "mbart": partial(network, "MBart", mbart_tokenizer, usual=False, **_SEQ2SEQ),
    "mistral": partial(network, "Mistral", partial(llama_tokenizer, **_left), sliding_window=6, **_DECODER),
    "mobilebert": partial(
        network,
        "MobileBert",
        bert_tokenizer,
        embedding_size=32,
        intra_bottleneck_size=32,
        num_feedforward_networks=2,
        max_position_embeddings=LENGTH,
    ),
    "modernbert": partial(
        network,
        "ModernBert",
        partial(bert_tokenizer, "bytes", types=False),
        local_attention=8,
        max_position_embeddings=LENGTH,
    ),
    "mpnet": partial(network, "MPNet", mpnet_tokenizer, **_past),
    "nystromformer": partial(network, "Nystromformer", _types, conv_kernel_size=5, max_position_embeddings=LENGTH),
    "opt": partial(
        network,
        "OPT",
        partial(tokenizer_of, "bytes", ("<s>", "<pad>", "</s>", "<unk>"), "</s> $A", "</s> $A </s> $B"),
        usual=False,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        ffn_dim=64,
        word_embed_proj_dim=32,
        max_position_embeddings=LENGTH,
    ),
    "perceiver": partial(
        network,
        "Perceiver",
        _plain,
        usual=False,
        spread=0.2,
        d_model=32,
        d_latents=32,
        num_latents=8,
        num_self_attends_per_block=2,
        num_self_attention_heads=4,
        num_cross_attention_heads=4,
        max_position_embeddings=LENGTH,
    ),
    "qwen2": partial(network, "Qwen2", gpt_tokenizer, **_DECODER),
    "reformer": partial(
        network,
        "Reformer",
        llama_tokenizer,
        usual=False,
        hidden_size=32,
        num_attention_heads=4,
        attention_head_size=8,
        feed_forward_size=64,
        attn_layers=["local", "local"],
        local_attn_chunk_length=8,
        axial_pos_embds=True,
        axial_pos_shape=[8, 8],
        axial_pos_embds_dim=[16, 16],
        max_position_embeddings=LENGTH,
        is_decoder=False,
    ),
    "rembert": partial(
        network, "RemBert", _types, input_embedding_size=16, output_embedding_size=32, max_position_embeddings=LENGTH
    ),
    "roberta": partial(network, "Roberta", roberta_tokenizer, **_past),
    "roberta-prelayernorm": partial(network, "RobertaPreLayerNorm", roberta_tokenizer, **_past),
    "roformer": partial(network, "RoFormer", bert_tokenizer, embedding_size=16, max_position_embeddings=LENGTH),
    "squeezebert": partial(network, "SqueezeBert", bert_tokenizer, embedding_size=32, max_position_embeddings=LENGTH),
    "t5": partial(network, "T5", t5_tokenizer, usual=False, **_T5),
    "umt5": partial(network, "UMT5", t5_tokenizer, usual=False, **_T5),
    "xlm": partial(network, "XLM", xlm_tokenizer, usual=False, **_XLM),
    "xlm-roberta": partial(network, "XLMRoberta", partial(roberta_tokenizer, "unigram"), **_past),
    "xlnet": partial(network, "XLNet", xlnet_tokenizer, usual=False, d_model=32, n_layer=2, n_head=4, d_inner=64),
    "xmod": partial(
        network,
        "Xmod",
        partial(roberta_tokenizer, "unigram"),
        languages=["en_XX"],
        default_language="en_XX",
        **_past,
    ),
    "yoso": partial(network, "Yoso", _types, use_expectation=True, type_vocab_size=2, **_past),
    "the papers' cnn": partial(paper, "cnn"),
    "the papers' lstm": partial(paper, "lstm"),
    "the papers' pair-lstm": partial(paper, "pair-lstm"),
    "the papers' attention": partial(paper, "attention"),
    "a function of texts": function_of_texts,
    "sklearn-like": sklearn_like,
    "sklearn-like (regressor)": lambda: (Measuring(), None),
}
