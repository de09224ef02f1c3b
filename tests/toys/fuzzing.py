"""Random texts of all that Unicode holds, and what becomes of them on tiny models of many architectures."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import numpy as np
import torch

import elision
from elision.errors import ElisionError
from elision.text import Example
from toys.architectures import ARCHITECTURES
from toys.tokenizers import WORDS

NAMES = (
    "bert",
    "bert (slow tokenizer)",
    "albert",
    "bart",
    "deberta-v2",
    "fnet",
    "gpt2",
    "llama",
    "longformer",
    "luke",
    "mbart",
    "mpnet",
    "opt",
    "roberta",
    "t5",
    "xlm-roberta",
    "xlnet",
)
REMOVALS = ("delete", "pad", "unk")
TOLERANCE = 1e-5
"""Of probabilities in float32: batches of other shapes are summed up in another order."""

LITERALS = [
    *"<pad> </s> <s> <unk> <mask> <cls> <sep> <eod> <|endoftext|> <extra_id_0> < /s >".split(),
    *"[PAD] [UNK] [CLS] [SEP] [MASK] [mask]".split(),
]
SPACES = [*"    \t\n\x0b\x85\u00a0\u1680\u2003\u2028\u3000", "", "  ", "\r\n"]
SCRIPTS = {
    "latin": (0x61, 0x17F),
    "greek": (0x391, 0x3C9),
    "cyrillic": (0x410, 0x44F),
    "hebrew": (0x5D0, 0x5EA),
    "arabic": (0x621, 0x64A),
    "devanagari": (0x905, 0x94D),
    "tamil": (0xB85, 0xBCD),
    "thai": (0xE01, 0xE4E),
    "georgian": (0x10D0, 0x10F0),
    "hangul": (0xAC00, 0xD7A3),
    "jamo": (0x1100, 0x11FF),
    "kana": (0x3041, 0x30FF),
    "han": (0x4E00, 0x9FFF),
    "rare han": (0x20000, 0x2A6DF),
    "letters for mathematics": (0x1D400, 0x1D7FF),
    "full width": (0xFF01, 0xFF5E),
    "runes": (0x16A0, 0x16EA),
}
MARKS = "!?.,;:'\"()[]{}<>/\\|#@&*+=~^`_-…“”„«»¿。、"
EMOJI = [
    "\U0001f600",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\U0001f44d\U0001f3fd",
    "\U0001f1e9\U0001f1ea",
    "1\ufe0f\u20e3",
    "\u2764\ufe0f\u200d\U0001f525",
    "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "\U0001f3fd",
    "\u200d",
]
CONTROLS = [chr(i) for i in (*range(0x20), *range(0x7F, 0xA0))] + list(
    "\u00ad\u200b\u200c\u200e\u200f\u202a\u202c\u202e\u2060\u2066\u2069\ufeff\ufffc\ufffd\ufffe\uffff\ue000\ufe0f\U0010ffff"
)
CAPRICES = [*"İẞﬁǅŉ½Ⅷ\u212aſﷺ\u1f71\u0344▁ĠĊ", "e\u0301", "##s", "</w>", "@@"]


def _script(rng: random.Random) -> str:
    first, last = rng.choice(list(SCRIPTS.values()))
    return "".join(chr(rng.randint(first, last)) for _ in range(rng.randint(1, 9)))


def _marked(rng: random.Random) -> str:
    return "".join(
        rng.choice("aeiounAEO ") + "".join(chr(rng.randint(0x300, 0x36F)) for _ in range(rng.randint(0, 4)))
        for _ in range(rng.randint(1, 5))
    )


def _long(rng: random.Random) -> str:
    return "".join(rng.choice("abcdefgh01äя中") for _ in range(rng.randint(60, 400)))


def _any(rng: random.Random) -> str:
    """Return any characters but surrogates, assigned or not."""
    codes = (rng.randrange(0x110000 - 0x800) for _ in range(rng.randint(1, 4)))
    return "".join(chr(code + 0x800 if code >= 0xD800 else code) for code in codes)


FRAGMENTS: list[tuple[int, Callable[[random.Random], str]]] = [
    (12, lambda rng: rng.choice(WORDS)),
    (4, lambda rng: rng.choice(WORDS).title() + rng.choice(["'s", "n't", "-", "...", "!?", ""])),
    (3, lambda rng: "".join(rng.choice("0123456789.,%$€-:/") for _ in range(rng.randint(1, 8)))),
    (3, lambda rng: "".join(rng.choice(MARKS) for _ in range(rng.randint(1, 4)))),
    (5, _script),
    (2, _marked),
    (2, lambda rng: "".join(rng.choice(EMOJI) for _ in range(rng.randint(1, 3)))),
    (2, lambda rng: "".join(rng.choice(CONTROLS) for _ in range(rng.randint(1, 3)))),
    (3, lambda rng: rng.choice(LITERALS)),
    (2, lambda rng: rng.choice(CAPRICES)),
    (2, _any),
]


def random_text(rng: random.Random) -> str:
    """Return one text: most are short, some are longer than the models read, some seem empty."""
    kind = rng.random()
    if kind < 0.02:
        return "".join(rng.choice(SPACES + CONTROLS) for _ in range(rng.randint(0, 6)))
    if kind < 0.04:
        return " ".join(rng.choice(LITERALS) for _ in range(rng.randint(1, 4)))
    if kind < 0.06:
        return rng.choice(WORDS) + rng.choice(SPACES) + _long(rng)
    if kind < 0.065:
        return rng.choice(WORDS) + rng.choice("\ud800\udfff")
    weights, makers = zip(*FRAGMENTS, strict=True)
    n = rng.randint(20, 60) if kind > 0.95 else rng.randint(1, 10)
    return "".join(maker(rng) + rng.choice(SPACES) for maker in rng.choices(makers, weights, k=n))


def random_examples(n: int, seed: int) -> Iterator[Example]:
    """Yield n texts and pairs; a longer run begins with those of a shorter one."""
    rng = random.Random(seed)
    for _ in range(n):
        yield (random_text(rng), random_text(rng)) if rng.random() < 0.3 else random_text(rng)


@dataclass
class Outcome:
    """What became of the texts of one architecture.

    Attributes:
        n: texts.
        units: of the texts that were read.
        refused: the library's refusals by reason.
        explained: texts explained by leaving one unit out at a time.
        largest: the largest difference between v(all) and the plain call, of probabilities.
        faults: what went wrong, with the example.
    """

    n: int = 0
    units: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    explained: int = 0
    largest: float = 0.0
    faults: list[tuple[str, Example]] = field(default_factory=list)


class Subject:
    """A network explained by the library, and asked by itself with a tokenizer of its own."""

    def __init__(self, make: Callable[[], tuple[Any, Any]]) -> None:
        net, tokenizer = make()
        net.float()
        self._net, self._tokenizer = net, deepcopy(tokenizer)
        self.model = elision.HuggingFaceModel(net, tokenizer)
        self.outcome = Outcome()
        self._methods = cycle(elision.LeaveOneOut(removal=removal) for removal in REMOVALS)

    def plain_ids(self, example: Example) -> list[int]:
        """Return the token ids that the plain call has."""
        return list(self._tokenizer(*_segments(example), truncation=True, verbose=False)["input_ids"])

    def plain(self, example: Example) -> np.ndarray:
        """Return the plain call's probabilities."""
        inputs = self._tokenizer(*_segments(example), truncation=True, verbose=False, return_tensors="pt")
        with torch.inference_mode():
            return torch.softmax(self._net(**inputs).logits[0].double(), -1).numpy()

    def meet(self, example: Example, *, explain: bool) -> None:
        """Compare an example's v(all) with the plain call, and explain it if asked for."""
        self.outcome.n += 1
        try:
            fault = self._fault(example, explain=explain)
        except ElisionError as error:
            self.outcome.refused[re.split("[:,;]", str(error))[0]] += 1
        except Exception as error:
            self.outcome.faults.append((f"{type(error).__name__}: {error}", example))
        else:
            if fault:
                self.outcome.faults.append((fault, example))

    def _fault(self, example: Example, *, explain: bool) -> str | None:
        v = elision.ValueFunction(self.model, example, removal="delete")
        self.outcome.units += len(v.units)
        if v.encoding.ids.tolist() != self.plain_ids(example):
            return "other token ids than the plain call's"
        found = v.probabilities(np.ones((1, len(v.units)), dtype=bool))[0]
        self.outcome.largest = max(self.outcome.largest, away := float(np.abs(found - self.plain(example)).max()))
        if not away <= TOLERANCE:
            return f"v(all) is off by {away:.1e}"
        if explain:
            self.outcome.explained += 1
            if not np.isfinite(next(self._methods)(self.model, example).scores).all():
                return "a score is not finite"
        return None


def _segments(example: Example) -> tuple[str, ...]:
    return (example,) if isinstance(example, str) else example


def fuzz(n: int, seed: int, *, every: int = 10, names: Sequence[str] = NAMES) -> Iterator[tuple[str, Outcome]]:
    """Share n random examples out among architectures, one after another; yield each one's name and outcome at the end.

    Args:
        n: examples over all.
        seed: of the texts.
        every: of so many examples one is explained.
        names: of the architectures.
    """
    subjects = {name: Subject(ARCHITECTURES[name]) for name in names}
    turn = cycle(subjects.values())
    for i, (subject, example) in enumerate(zip(turn, random_examples(n, seed))):  # noqa: B905
        subject.meet(example, explain=i // len(subjects) % every == 0)
    yield from ((name, subject.outcome) for name, subject in subjects.items())
