"""The students' shared WordPiece vocabulary: a subset of the teachers' vocabulary, so that teacher rows carry over."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tokenizers import Tokenizer

from .settings import CLS, SEP, SPECIAL_TOKENS, Settings

_LAST_LATIN = 0x250


def load_tokenizer(folder: Path) -> Tokenizer:
    """A folder's tokenizer without truncation and padding, which some saved files switch on."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _is_kept_character(piece: str) -> bool:
    """Whether a one-character piece is always kept: Latin letters, digits, punctuation and symbols."""
    character = piece.removeprefix("##")
    if len(character) != 1:
        return False
    return ord(character) < _LAST_LATIN or unicodedata.category(character)[0] in "PS"


def _count_pieces(tokenizer: Tokenizer, texts: list[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for start in range(0, len(texts), 20_000):
        for encoding in tokenizer.encode_batch(texts[start : start + 20_000], add_special_tokens=False):
            counts.update(encoding.tokens)
    return counts


def _choose(counts: Counter[str], pieces: Iterable[str], size: int) -> list[str]:
    """The ``size`` pieces to keep: special tokens, single characters, then the most frequent ones."""
    known = set(pieces)
    characters = sorted(piece for piece in known if _is_kept_character(piece))
    fixed = [*SPECIAL_TOKENS, *characters]
    taken = set(fixed)
    frequent = sorted((piece for piece in counts if piece in known), key=lambda piece: (-counts[piece], piece))
    chosen = [piece for piece in frequent if piece not in taken]
    return (fixed + chosen)[:size]


def build_tokenizer(settings: Settings, texts: list[str]) -> Tokenizer:
    """The small tokenizer.

    Pieces are counted twice: pieces that are dropped in the first round fall apart into shorter ones, and
    only the second round sees how often those are needed.
    """
    teacher = load_tokenizer(settings.models / "mlm-minilm")
    size = settings.architecture.vocab_size
    pieces = _choose(_count_pieces(teacher, texts), teacher.get_vocab(), size + size // 5)
    wider = _small_tokenizer(teacher, pieces)
    return _small_tokenizer(teacher, _choose(_count_pieces(wider, texts), pieces, size))


def _small_tokenizer(teacher: Tokenizer, pieces: list[str]) -> Tokenizer:
    """The teacher's tokenizer with its vocabulary cut down to ``pieces``."""
    description = json.loads(teacher.to_str())
    ids = {piece: index for index, piece in enumerate(pieces)}
    description["model"]["vocab"] = ids
    for token in description["added_tokens"]:
        token["id"] = ids[token["content"]]
    description["post_processor"] = _post_processor()
    return Tokenizer.from_str(json.dumps(description))


def _post_processor() -> dict[str, object]:
    """BERT's template: [CLS] first [SEP], and second [SEP] with segment number 1."""

    def special(name: str, segment: int) -> dict[str, object]:
        return {"SpecialToken": {"id": name, "type_id": segment}}

    single = [special("[CLS]", 0), {"Sequence": {"id": "A", "type_id": 0}}, special("[SEP]", 0)]
    pair = [*single, {"Sequence": {"id": "B", "type_id": 1}}, special("[SEP]", 1)]
    tokens = {name: {"id": name, "ids": [index], "tokens": [name]} for name, index in (("[CLS]", CLS), ("[SEP]", SEP))}
    return {"type": "TemplateProcessing", "single": single, "pair": pair, "special_tokens": tokens}


def teacher_ids(settings: Settings, tokenizer: Tokenizer) -> list[int]:
    """For every student piece, in order, its number in the teachers' vocabulary."""
    numbers = load_tokenizer(settings.models / "mlm-minilm").get_vocab()
    own = tokenizer.get_vocab()
    return [numbers[piece] for piece in sorted(own, key=lambda piece: own[piece])]


def save_tokenizer(tokenizer: Tokenizer, folder: Path, max_length: int) -> None:
    """Write the tokenizer files, compact, because they are stored once per model."""
    compact = json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False, separators=(",", ":"))
    (folder / "tokenizer.json").write_text(compact, encoding="utf-8")
    names = dict(zip(("pad_token", "unk_token", "cls_token", "sep_token", "mask_token"), SPECIAL_TOKENS, strict=True))
    config = {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": max_length, **names}
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
