"""Tokenizers of the families' kinds, trained on the spot: their special tokens, ids, templates and inputs."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import transformers
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from toys.tokenizers import LETTERS, PIECES, WORDS

LENGTH = 64
_SENTENCES = (" ".join(WORDS), "a deep and meaningful film . the man plays the guitar on the stage .")
_BERT = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_ROBERTA = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")


@lru_cache
def _core(style: str, special: tuple[str, ...], single: str, pair: str) -> str:
    """Return a fast tokenizer's file: "words" in pieces (##), "bytes" (Ġ) or "unigram" (▁)."""
    if style == "words":
        unknown = next(token for token in special if "unk" in token.lower())
        vocabulary = list(dict.fromkeys([*special, *WORDS, *PIECES, *LETTERS]))
        core = Tokenizer(models.WordPiece({token: i for i, token in enumerate(vocabulary)}, unk_token=unknown))
        core.normalizer = normalizers.BertNormalizer(lowercase=True)
        core.pre_tokenizer, core.decoder = pre_tokenizers.BertPreTokenizer(), decoders.WordPiece()
    elif style == "bytes":
        core = Tokenizer(models.BPE())
        core.pre_tokenizer, core.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        core.train_from_iterator(
            _SENTENCES * 3,
            trainers.BpeTrainer(
                vocab_size=420, special_tokens=list(special), initial_alphabet=alphabet, show_progress=False
            ),
        )
    else:
        core = Tokenizer(models.Unigram(_unigram(special), unk_id=special.index("<unk>")))
        core.normalizer = normalizers.NFKC()
        core.pre_tokenizer, core.decoder = pre_tokenizers.Metaspace(), decoders.Metaspace()
        core.add_special_tokens(list(special))
    used = sorted({word.split(":")[0] for word in f"{single} {pair}".split() if not word.startswith("$")})
    if used:
        ids = [(token, core.token_to_id(token)) for token in used]
        core.post_processor = processors.TemplateProcessing(single=single, pair=pair, special_tokens=ids)
    return str(core.to_str())


def _unigram(special: tuple[str, ...]) -> list[tuple[str, float]]:
    """Return pieces and their scores, the longer the better; a trainer would draw others in each process."""
    words = [f"▁{word}" for word in WORDS]
    pieces = [piece.removeprefix("##") for piece in PIECES if len(piece) > 3]
    found = [(piece, 0.0) for piece in special] + [(piece, -4.0) for piece in words] + [(p, -6.0) for p in pieces]
    return [*found, *((letter, -9.0) for letter in ["▁", *LETTERS])]


def tokenizer_of(
    style: str, special: tuple[str, ...], single: str, pair: str, *, types: bool = False, **options: Any
) -> transformers.PreTrainedTokenizerFast:
    """Return a fast tokenizer whose special tokens have the roles that their names tell.

    Args:
        style: "words", "bytes" or "unigram".
        special: its special tokens; their ids are their places.
        single: what a text becomes, with $A.
        pair: what a pair becomes, with $A and $B.
        types: whether it gives token type ids.
        options: further options of the tokenizer.
    """
    names: dict[str, Any] = {}
    for token in special:
        for role in ("pad", "unk", "cls", "sep", "mask"):
            if role in token.lower():
                names[f"{role}_token"] = token
    if "<s>" in special:
        names |= {"bos_token": "<s>", "cls_token": "<s>"}
    if "</s>" in special:
        names |= {"eos_token": "</s>", "sep_token": "</s>"}
    inputs = ["input_ids", "token_type_ids", "attention_mask"] if types else ["input_ids", "attention_mask"]
    own = names | {"model_input_names": inputs, "model_max_length": LENGTH}
    core = Tokenizer.from_str(_core(style, special, single, pair))
    return transformers.PreTrainedTokenizerFast(tokenizer_object=core, **(own | options))


def bert_tokenizer(style: str = "words", *, cls_type: int = 0, types: bool = True, **options: Any) -> Any:
    special = _BERT if style == "words" else ("<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]")
    single, pair = f"[CLS]:{cls_type} $A [SEP]", f"[CLS]:{cls_type} $A [SEP] $B:1 [SEP]:1"
    return tokenizer_of(style, special, single, pair, types=types, **options)


def roberta_tokenizer(style: str = "bytes", **options: Any) -> Any:
    return tokenizer_of(style, _ROBERTA, "<s> $A </s>", "<s> $A </s> </s> $B </s>", **options)


def t5_tokenizer(**options: Any) -> Any:
    return tokenizer_of("unigram", ("<pad>", "</s>", "<unk>"), "$A </s>", "$A </s> $B </s>", **options)


def gpt_tokenizer(*, pad: bool = True, **options: Any) -> Any:
    """No special tokens around a text; one for the end, and one for padding."""
    special = ("<|endoftext|>", "<pad>") if pad else ("<|endoftext|>",)
    own = {"eos_token": "<|endoftext|>", "bos_token": "<|endoftext|>", "unk_token": "<|endoftext|>"}
    return tokenizer_of("bytes", special, "$A", "$A $B", **(own | options))


def llama_tokenizer(*, pad: bool = True, **options: Any) -> Any:
    special = ("<unk>", "<s>", "</s>", "<pad>")[: 4 if pad else 3]
    return tokenizer_of("unigram", special, "<s> $A", "<s> $A <s> $B", **options)


def xlm_tokenizer() -> Any:
    special = ("<s>", "</s>", "<pad>", "<unk>", "<mask>")
    return tokenizer_of("unigram", special, "<s> $A </s>", "<s> $A </s> $B </s>")


def xlnet_tokenizer() -> Any:
    special = ("<unk>", "<s>", "</s>", "<cls>", "<sep>", "<pad>", "<mask>")
    options = {"cls_token": "<cls>", "sep_token": "<sep>", "padding_side": "left"}
    single, pair = "$A <sep> <cls>:2", "$A <sep> $B:1 <sep>:1 <cls>:2"
    return tokenizer_of("unigram", special, single, pair, types=True, **options)


def mbart_tokenizer() -> Any:
    special = (*_ROBERTA, "en_XX")
    return tokenizer_of("unigram", special, "$A </s> en_XX", "$A $B </s> en_XX")


def mpnet_tokenizer() -> Any:
    special = ("<s>", "<pad>", "</s>", "[UNK]", "<mask>")
    return tokenizer_of("words", special, "<s> $A </s>", "<s> $A </s> </s> $B </s>")


def esm_tokenizer() -> Any:
    special = ("<cls>", "<pad>", "<eos>", "<unk>", "<mask>")
    return tokenizer_of("words", special, "<cls> $A <eos>", "<cls> $A <eos> $B <eos>", eos_token="<eos>")
