"""Tiny models, one for each architecture family, built on the spot with random weights; nothing is downloaded."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from command import Command
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast
from transformers.utils import logging

import elision
from elision.models import loading

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


def build(kind: str, head: str = "SequenceClassification", *, seed: int = 0, n_labels: int = 3, **config: object):
    """Return a tiny model of a family and its tokenizer, with weights large enough that answers differ."""
    tokenizers = {
        "bert": wordpiece_tokenizer,
        "electra": wordpiece_tokenizer,
        "distilbert": lambda: wordpiece_tokenizer(model_input_names=["input_ids", "attention_mask"]),
        "roberta": byte_tokenizer,
        "gpt2": lambda: byte_tokenizer(special=False, padding_side="left"),
        "xlnet": lambda: unigram_tokenizer(padding_side="left"),
        "slow": SlowTokenizer,
    }
    tokenizer = tokenizers[kind]()
    size, pad = len(tokenizer), tokenizer.pad_token_id
    small = {"vocab_size": size, "pad_token_id": pad}
    usual = small | {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    labels = {"num_labels": n_labels} | config
    made = {
        "bert": ("Bert", usual | {"max_position_embeddings": 64}),
        "slow": ("Bert", usual | {"max_position_embeddings": 64}),
        "electra": ("Electra", usual | {"embedding_size": 8, "max_position_embeddings": 64}),
        "roberta": ("Roberta", usual | {"max_position_embeddings": 66}),
        "distilbert": ("DistilBert", small | {"dim": 16, "n_layers": 2, "n_heads": 2, "hidden_dim": 32}),
        "gpt2": ("GPT2", small | {"n_embd": 16, "n_layer": 2, "n_head": 2, "n_positions": 64}),
        "xlnet": ("XLNet", small | {"d_model": 16, "n_layer": 2, "n_head": 2, "d_inner": 32}),
    }
    family, settings = made[kind]
    settings = settings | (labels if head == "SequenceClassification" else {})
    torch.manual_seed(seed)
    model = getattr(transformers, f"{family}For{head}")(getattr(transformers, f"{family}Config")(**settings))
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.ndim > 1:
                weight.mul_(30.0 if "classif" in name or "out_proj" in name or "score" in name else 12.0)
    return model.eval(), tokenizer


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes minutes and is asked for by its marker: `-m matrix`."""
    if "matrix" in (config.option.markexpr or ""):
        return
    left_out = [item for item in items if item.get_closest_marker("matrix")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


@pytest.fixture(scope="session")
def bert() -> elision.HuggingFaceModel:
    """A tiny BERT classifier of three classes, in float64."""
    model, tokenizer = build("bert")
    return elision.HuggingFaceModel(model.double(), tokenizer, name="tiny-bert")


@pytest.fixture(scope="session")
def masked_lm() -> elision.MaskedLanguageModel:
    """A tiny BERT masked language model with the vocabulary of `bert`, in float64."""
    model, tokenizer = build("bert", "MaskedLM", seed=1)
    return elision.MaskedLanguageModel(model.double(), tokenizer)


@pytest.fixture(scope="session")
def byte_masked_lm() -> elision.MaskedLanguageModel:
    """A tiny RoBERTa masked language model, with another tokenizer than `bert`, in float64."""
    model, tokenizer = build("roberta", "MaskedLM", seed=2)
    return elision.MaskedLanguageModel(model.double(), tokenizer)


def keyword_model(weights: dict[str, float] | None = None) -> elision.BlackBox:
    """A function of texts whose log-odds are the sum of its words' weights."""
    chosen = {"good": 2.0, "bad": -3.0, "film": 0.5} if weights is None else weights

    def answer(texts: list[object]) -> np.ndarray:
        joined = [" ".join(text) if isinstance(text, tuple) else str(text) for text in texts]
        z = np.array([sum(chosen.get(word, 0.0) for word in text.split()) for text in joined])
        p = 1.0 / (1.0 + np.exp(-z))
        return np.stack([1.0 - p, p], axis=1)

    return elision.BlackBox(answer, ["negative", "positive"], name="keywords")


@pytest.fixture
def keywords() -> elision.BlackBox:
    """An additive black box."""
    return keyword_model()


def _shared(variable: str, name: str) -> Path:
    default = Path(__file__).parents[2] / "shared" / name
    return Path(os.environ.get(variable, default))


@pytest.fixture(scope="session")
def models_folder() -> Path:
    """The folder of trained models; tests that need it are skipped where it is missing."""
    folder = _shared("ELISION_MODELS", "models")
    if not (folder / "sst2-minilm").is_dir():
        pytest.skip("the trained models are missing; set ELISION_MODELS to their folder")
    return folder


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of data sets; tests that need it are skipped where it is missing."""
    folder = _shared("ELISION_DATA", "data")
    if not (folder / "sst").is_dir():
        pytest.skip("the data sets are missing; set ELISION_DATA to their folder")
    return folder


@pytest.fixture(scope="session")
def commands_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny classifier and a tiny masked language model."""
    place = tmp_path_factory.mktemp("models")
    bars = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    for name, head in (("classifier", "SequenceClassification"), ("masked", "MaskedLM")):
        model, tokenizer = build("bert", head)
        if name == "classifier":
            model.config.id2label = {0: "bad", 1: "so-so", 2: "good"}
        model.save_pretrained(place / name)
        tokenizer.save_pretrained(place / name)
    if bars:
        logging.enable_progress_bar()
    (place / "empty").mkdir()
    return place


@pytest.fixture
def run(commands_folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command, far from any hub, 100 columns wide, without colours."""
    monkeypatch.setattr(loading, "_hub_reachable", lambda: False)
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    return Command(commands_folder, capfd, monkeypatch)
