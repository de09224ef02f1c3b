"""What a model can do is found out by asking it; the caller's model is as it was, whoever asks it meanwhile."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
import transformers
from toys.models import build, small
from toys.tokenizers import byte_tokenizer, wordpiece_tokenizer

import elision

TEXT = "the man plays a moving story , well made !"


def probabilities(net: Any, **inputs: Any) -> np.ndarray:
    with torch.inference_mode():
        return torch.softmax(net(**inputs).logits, -1)[0].numpy()


def test_a_model_that_takes_no_attention_mask_is_padded_by_nobody() -> None:
    tokenizer = wordpiece_tokenizer(model_input_names=["input_ids", "token_type_ids"])
    net = small("FNet", tokenizer)
    model = elision.HuggingFaceModel(net, tokenizer)
    v = elision.ValueFunction(model, TEXT, removal="delete")
    known = np.random.default_rng(0).random((12, 10)) > 0.4
    kept = [" ".join(unit.text for unit, there in zip(v.units, row, strict=True) if there) for row in known]
    wanted = [probabilities(net, **tokenizer(text, return_tensors="pt")) for text in kept]
    np.testing.assert_allclose(v.probabilities(known), wanted, atol=1e-12)
    assert not model.transformer.can_pad
    with pytest.raises(elision.UnsupportedError, match="'drop' would leave them in; use 'delete'"):
        elision.LeaveOneOut(removal="drop")(model, TEXT)
    found = elision.Lime(n_samples=50)(model, TEXT)
    assert found.provenance["removal"]["name"] == "delete"
    assert np.abs(found.scores).max() > 1e-3


@pytest.mark.parametrize(
    "kind", ["MPNet", "Longformer", "IBert", "Luke", "XLMRoberta", "RobertaPreLayerNorm", "Camembert"]
)
def test_a_pad_in_a_word_s_place_moves_no_word(kind: str) -> None:
    tokenizer = byte_tokenizer()
    own = {"attention_window": 8} if kind == "Longformer" else {"entity_vocab_size": 4} if kind == "Luke" else {}
    net = small(kind, tokenizer, **own)
    model = elision.HuggingFaceModel(net, tokenizer)
    v = elision.ValueFunction(model, TEXT, removal="pad")
    known = ~np.eye(len(v.units), dtype=bool)
    wanted = []
    for row in known:
        ids = torch.tensor(v.encoding.ids.astype(np.int64))[None]
        ids[0, v.encoding.unit_of_token == int(np.flatnonzero(~row)[0])] = tokenizer.pad_token_id
        positions = torch.arange(ids.shape[1])[None] + tokenizer.pad_token_id + 1
        wanted.append(probabilities(net, input_ids=ids, attention_mask=torch.ones_like(ids), position_ids=positions))
    np.testing.assert_allclose(v.probabilities(known), wanted, atol=1e-9)
    assert model.transformer.limit == 62
    with pytest.warns(elision.ElisionWarning, match="reads 62 tokens"):
        elision.LeaveOneOut(removal="mask")(model, "film " * 80)


@pytest.mark.parametrize("kind", ["Bart", "MBart", "T5", "UMT5"])
def test_zero_reaches_encoder_and_decoder(kind: str) -> None:
    tokenizer = byte_tokenizer()
    torch.manual_seed(3)
    sizes = {"d_model": 16, "num_labels": 2, "vocab_size": len(tokenizer), "pad_token_id": 1, "eos_token_id": 2}
    if "T5" in kind:
        sizes |= {
            "d_kv": 8,
            "d_ff": 32,
            "num_layers": 2,
            "num_heads": 2,
            "decoder_start_token_id": 1,
            "initializer_factor": 3.0,
        }
    else:
        sizes |= {
            f"{side}_{what}": n
            for side in ("encoder", "decoder")
            for what, n in {"layers": 2, "attention_heads": 2, "ffn_dim": 32}.items()
        }
        sizes |= {"max_position_embeddings": 64, "init_std": 0.4, "scale_embedding": True, "decoder_start_token_id": 2}
    net = getattr(transformers, f"{kind}ForSequenceClassification")(getattr(transformers, f"{kind}Config")(**sizes))
    net = net.eval().double()
    model = elision.HuggingFaceModel(net, tokenizer)
    v = elision.ValueFunction(model, TEXT, removal="zero")
    known = ~np.eye(len(v.units), dtype=bool)
    inputs = {"input_ids": torch.tensor(v.encoding.ids.astype(np.int64))[None]}
    inputs["attention_mask"] = torch.ones_like(inputs["input_ids"])
    wanted = []
    for row in known:
        gone = np.flatnonzero(v.encoding.unit_of_token == int(np.flatnonzero(~row)[0]))
        shape = inputs["input_ids"].shape

        def silence(
            module: Any, given: Any, output: torch.Tensor, gone: np.ndarray = gone, shape: Any = shape
        ) -> torch.Tensor:
            first = bool((given[0] == inputs["input_ids"]).all())
            output = output.clone()
            output[:, gone if first else gone + 1] = 0
            return output

        handles = [
            m.register_forward_hook(silence)
            for m in net.modules()
            if type(m).__name__ in ("Embedding", "BartScaledWordEmbedding", "MBartScaledWordEmbedding")
            and m.num_embeddings == len(tokenizer)
        ]
        wanted.append(probabilities(net, **inputs))
        for handle in handles:
            handle.remove()
    np.testing.assert_allclose(v.probabilities(known), wanted, atol=1e-9)
    assert np.ptp(v.probabilities(known), axis=0).max() > 1e-4
    for method in ("saliency", "input-x-gradient"):
        assert np.abs(elision.explain(TEXT, model=model, method=method).scores).max() > 1e-6


def test_rows_with_other_numbers_of_end_tokens_go_apart() -> None:
    tokenizer = byte_tokenizer()
    torch.manual_seed(3)
    config = transformers.BartConfig(
        vocab_size=len(tokenizer),
        d_model=16,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        max_position_embeddings=64,
        init_std=0.4,
        pad_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=2,
        num_labels=2,
    )
    net = transformers.BartForSequenceClassification(config).eval().double()
    model = elision.HuggingFaceModel(net, tokenizer)
    texts = ["a fine film", "a bad </s> film", "a dull film"]
    found = model.predict([model.encode(text).untouched for text in texts])
    wanted = [probabilities(net, **tokenizer(text, return_tensors="pt")) for text in texts]
    np.testing.assert_allclose(found, wanted, atol=1e-9)


@pytest.mark.parametrize("method", ["integrated-gradients", "iba", "gradient-shap"])
def test_a_model_without_a_pad_token_gives_gradients(method: str) -> None:
    net, tokenizer = build("gpt2")
    tokenizer.pad_token = None
    net.config.pad_token_id = None
    found = elision.explain("a deep film", model=elision.load(net, tokenizer), method=method)
    assert np.isfinite(found.scores).all()
    assert net.config.pad_token_id is None
    padded, tokenizer = build("gpt2")
    other = elision.explain("a deep film", model=elision.load(padded, tokenizer), method=method)
    np.testing.assert_allclose(found.scores, other.scores, rtol=1e-4, atol=1e-6)


def test_ctrl_gives_gradients() -> None:
    tokenizer = byte_tokenizer(special=False)
    torch.manual_seed(3)
    config = transformers.CTRLConfig(
        vocab_size=len(tokenizer), n_embd=16, n_layer=2, n_head=2, dff=32, n_positions=64, num_labels=2
    )
    net = transformers.CTRLForSequenceClassification(config).eval()
    found = elision.explain("a deep film", model=elision.load(net, tokenizer), method="integrated-gradients")
    assert np.isfinite(found.scores).all()


def test_canine_has_no_embeddings_and_is_explained_all_the_same() -> None:
    tokenizer = transformers.CanineTokenizer()
    torch.manual_seed(3)
    config = transformers.CanineConfig(
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=256,
        num_hash_buckets=64,
        local_transformer_stride=16,
        initializer_range=0.3,
        num_labels=2,
    )
    net = transformers.CanineForSequenceClassification(config).eval()
    model = elision.load(net, tokenizer)
    for removal in ("pad", "mask", "delete"):
        assert np.abs(elision.LeaveOneOut(removal=removal)(model, "a deep film").scores).max() > 1e-6
    for ask in (elision.LeaveOneOut(removal="zero"), elision.Saliency()):
        with pytest.raises(
            elision.UnsupportedError, match="takes embeddings, which CanineForSequenceClassification does not"
        ):
            ask(model, "a deep film")


def test_a_window_that_the_first_row_fills_takes_shorter_rows_too() -> None:
    tokenizer = byte_tokenizer()
    net = small("Longformer", tokenizer, attention_window=8)
    model = elision.HuggingFaceModel(net, tokenizer)
    text = next(t for n in range(1, 20) if len(t := " a" * n) and len(tokenizer(t)["input_ids"]) == 8)
    v = elision.ValueFunction(model, text, removal="delete")
    known = np.ones((2, len(v.units)), dtype=bool)
    known[1, 0] = False
    assert np.isfinite(v(known)).all()


@pytest.mark.parametrize("n_labels", [1, 3])
def test_regressions_are_scores_until_somebody_says_how_to_read_them(n_labels: int) -> None:
    net, tokenizer = build("bert", n_labels=n_labels, problem_type="regression")
    model = elision.load(net, tokenizer)
    assert model.head == "scores"
    with torch.inference_mode():
        outputs = net(**tokenizer("a film", return_tensors="pt")).logits.numpy()
    np.testing.assert_allclose(model.predict([model.encode("a film").untouched]), outputs, rtol=1e-5)
    assert elision.load(net, tokenizer, head="sigmoid").head == "sigmoid"


def test_rows_padded_on_the_left_are_read_at_their_own_first_token() -> None:
    net, _ = build("bert")
    left, right = (wordpiece_tokenizer(padding_side=side) for side in ("left", "right"))
    texts = ["a film", "the man plays a moving story , well made !", "a dull plot"]
    found = []
    for tokenizer in (left, right):
        model = elision.HuggingFaceModel(net.double(), tokenizer)
        model.predict([model.encode(texts[1]).untouched])
        assert model._reads_first
        found.append(np.concatenate(elision.Engine(model).evaluate([model.encode(t).untouched for t in texts])))
        assert model.transformer.can_pad == (tokenizer is right)
    np.testing.assert_allclose(found[0], found[1], atol=1e-9)


def test_a_pad_in_the_last_word_s_place_is_read_there() -> None:
    net, tokenizer = build("gpt2")
    net = net.double()
    model = elision.HuggingFaceModel(net, tokenizer)
    v = elision.ValueFunction(model, "a deep film", removal="pad")
    ids = torch.tensor(v.encoding.ids.astype(np.int64))[None]
    last = np.flatnonzero(v.encoding.unit_of_token == 2)
    embeddings = net.get_input_embeddings()(ids).detach()
    embeddings[0, last] = net.get_input_embeddings()(torch.tensor(tokenizer.pad_token_id)).detach()
    with torch.inference_mode():
        expected = torch.softmax(net(inputs_embeds=embeddings).logits, -1)[0].numpy()
    np.testing.assert_allclose(v.probabilities(np.array([[True, True, False]]))[0], expected, atol=1e-9)


def test_a_text_that_ends_in_a_space_says_nothing_of_others() -> None:
    net, tokenizer = build("gpt2")
    model = elision.HuggingFaceModel(net.double(), tokenizer)
    method = elision.Lime(n_samples=30)
    alone = method(elision.HuggingFaceModel(net, tokenizer), "a deep film")
    after = method.many(model, ["the man plays ", "a deep film"])[1]
    np.testing.assert_allclose(after.scores, alone.scores, atol=1e-9)
    assert after.provenance["removal"]["name"] == "delete"


def test_padding_is_tried_at_the_length_of_the_rows() -> None:
    tokenizer = wordpiece_tokenizer()
    tokenizer.model_max_length = 512
    torch.manual_seed(3)
    sizes = {"hidden_size": 16, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 32}
    config = transformers.BigBirdConfig(
        vocab_size=len(tokenizer),
        max_position_embeddings=512,
        block_size=16,
        num_random_blocks=1,
        initializer_range=0.4,
        num_labels=2,
        **sizes,
    )
    net = transformers.BigBirdForSequenceClassification(config).eval().double()
    model = elision.HuggingFaceModel(net, tokenizer)
    assert model.transformer.can_pad
    assert not model.transformer.trials.pads_to(113)
    # Rows of 112 tokens are read in full, longer ones in blocks.
    v = elision.ValueFunction(model, "film " * 111, removal="delete")
    known = np.ones((2, 111), dtype=bool)
    known[1, :2] = False
    wanted = [probabilities(net, **tokenizer("film " * n, return_tensors="pt")) for n in (111, 109)]
    np.testing.assert_allclose(v.probabilities(known), wanted, atol=1e-9)


def test_a_vocabulary_that_knows_no_letter_is_no_trial_of_nothing() -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    names = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "<mask>": 4}
    core = Tokenizer(models.WordLevel({**names, "man": 5, "plays": 6, "film": 7}, unk_token="<unk>"))
    core.pre_tokenizer = pre_tokenizers.Whitespace()
    core.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    roles = {f"{role}_token": name for role, name in zip(("bos", "pad", "eos", "unk", "mask"), names, strict=True)}
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=core, model_max_length=64, **roles)
    assert elision.HuggingFaceModel(small("Roberta", tokenizer), tokenizer).transformer.trials.carries_pads
