"""Tokenizers of each kind, made on the spot of a few words; nothing is downloaded."""

from __future__ import annotations

import transformers
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

WORDS = (
    "a the an and not very deep dull good bad fine film movie story plot actor is was it this that man woman plays "
    "sings on in with banjo guitar floor stage well made moving boring great . , ! ? ' - 1 2 3"
).split()
PIECES = ["##s", "##ing", "##ed", "##ful", "##ly", "mean", "##a", "##b", "##c", "##d", "##e", "##f", "##1"]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
LETTERS = list("abcdefghijklmnopqrstuvwxyz")


def _wrap(tokenizer: Tokenizer, **names: object) -> PreTrainedTokenizerFast:
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=64, **names)


def wordpiece_tokenizer(**options: object) -> PreTrainedTokenizerFast:
    """BERT's kind: lower case, ## continues a word, [CLS] a [SEP] b [SEP]."""
    vocabulary = list(dict.fromkeys([*SPECIAL, *WORDS, *PIECES, *LETTERS]))
    ids = {token: i for i, token in enumerate(vocabulary)}
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", ids["[CLS]"]), ("[SEP]", ids["[SEP]"])],
    )
    names = {"pad": "[PAD]", "unk": "[UNK]", "cls": "[CLS]", "sep": "[SEP]", "mask": "[MASK]"}
    own = {f"{name}_token": token for name, token in names.items()} | {
        "model_input_names": ["input_ids", "token_type_ids", "attention_mask"]
    }
    return _wrap(tokenizer, **(own | options))


def byte_tokenizer(*, special: bool = True, **options: object) -> PreTrainedTokenizerFast:
    """RoBERTa's and GPT-2's kind: bytes, a leading space is part of the token."""
    names = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    corpus = [" ".join(WORDS), "a deep and meaningful film . the man plays the guitar on the stage ."] * 3
    tokenizer.train_from_iterator(
        corpus,
        trainers.BpeTrainer(
            vocab_size=420,
            special_tokens=names,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    if special:
        tokenizer.post_processor = processors.TemplateProcessing(
            single="<s> $A </s>",
            pair="<s> $A </s> </s> $B </s>",
            special_tokens=[("<s>", 0), ("</s>", 2)],
        )
    own = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>", "mask_token": "<mask>"}
    own |= {"cls_token": "<s>", "sep_token": "</s>"} if special else {}
    return _wrap(tokenizer, **(own | {"model_input_names": ["input_ids", "attention_mask"]} | options))


def unigram_tokenizer(**options: object) -> PreTrainedTokenizerFast:
    """SentencePiece's kind: ▁ starts a word."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    names = ["<pad>", "<unk>", "<cls>", "<sep>", "<mask>"]
    corpus = [" ".join(WORDS), "a deep and meaningful film.", "the man plays the guitar on the stage."] * 20
    tokenizer.train_from_iterator(
        corpus, trainers.UnigramTrainer(vocab_size=120, special_tokens=names, unk_token="<unk>", show_progress=False)
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A <sep> <cls>", pair="$A <sep> $B:1 <sep>:1 <cls>:2", special_tokens=[("<sep>", 3), ("<cls>", 2)]
    )
    own = {
        "pad_token": "<pad>",
        "unk_token": "<unk>",
        "cls_token": "<cls>",
        "sep_token": "<sep>",
        "mask_token": "<mask>",
    }
    return _wrap(tokenizer, **(own | options))


class SlowTokenizer(transformers.PreTrainedTokenizer):
    """A tokenizer in Python, without offsets: lower case, words and punctuation, unknown words in letters with ##."""

    model_input_names = ["input_ids", "token_type_ids", "attention_mask"]  # noqa: RUF012

    def __init__(self, **options: object) -> None:
        letters = [f"##{letter}" for letter in LETTERS]
        tokens = list(dict.fromkeys([*SPECIAL, *WORDS, *LETTERS, *letters]))
        self._ids = {token: i for i, token in enumerate(tokens)}
        names = {"pad": "[PAD]", "unk": "[UNK]", "cls": "[CLS]", "sep": "[SEP]", "mask": "[MASK]"}
        own = {f"{name}_token": token for name, token in names.items()}
        super().__init__(**(own | {"model_max_length": 64} | options))

    @property
    def vocab_size(self) -> int:
        return len(self._ids)

    def get_vocab(self) -> dict[str, int]:
        return dict(self._ids)

    def _tokenize(self, text: str, **kwargs: object) -> list[str]:
        pieces: list[str] = []
        for word in "".join(c if c.isalnum() or c.isspace() else f" {c} " for c in text.lower()).split():
            if word in self._ids:
                pieces.append(word)
            else:
                pieces += [word[0]] + [f"##{letter}" for letter in word[1:]]
        return pieces

    def _convert_token_to_id(self, token: str) -> int:
        return self._ids.get(token, 1)

    def _convert_id_to_token(self, index: int) -> str:
        return list(self._ids)[index]

    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        return " ".join(tokens).replace(" ##", "")

    def build_inputs_with_special_tokens(self, first: list[int], second: list[int] | None = None) -> list[int]:
        return [2, *first, 3] + ([] if second is None else [*second, 3])

    def create_token_type_ids_from_sequences(self, first: list[int], second: list[int] | None = None) -> list[int]:
        return [0] * (len(first) + 2) + [1] * (0 if second is None else len(second) + 1)

    def get_special_tokens_mask(
        self, first: list[int], second: list[int] | None = None, already_has_special_tokens: bool = False
    ) -> list[int]:
        return [1, *[0] * len(first), 1] + ([] if second is None else [*[0] * len(second), 1])
