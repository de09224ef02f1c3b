"""Plain computations of what the library should say: one row at a time, by the model's and the tokenizer's own calls.

They know nothing of the library: words come from white space, tokens from the tokenizer's offsets, and a removal is an
edit of the plain call's inputs, or a hook on the layer that embeds tokens.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
import torch

Inputs = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Word:
    """A word between white space.

    Attributes:
        text: its characters.
        segment: 0 for the first text, 1 for the second.
        start: its first character's index.
        end: behind its last character.
    """

    text: str
    segment: int
    start: int
    end: int


def words_of(segments: Sequence[str]) -> list[Word]:
    """Return the words of texts in which every word stands between spaces."""
    found = []
    for s, text in enumerate(segments):
        cursor = 0
        for piece in text.split():
            start = text.index(piece, cursor)
            cursor = start + len(piece)
            found.append(Word(piece, s, start, cursor))
    return found


def written(segments: Sequence[str], absent: Sequence[Word], instead: str) -> tuple[str, ...]:
    """Return the texts with something in the place of words, or without them."""
    gone = set(absent)
    kept = [
        [instead if word in gone else word.text for word in words_of(segments) if word.segment == s] for s in (0, 1)
    ]
    return tuple(" ".join(piece for piece in own if piece) for own in kept[: len(segments)])


class Plain:
    """One example's answers by plain one-row calls of a network that nothing else has touched.

    Args:
        net: a classifier; it is copied.
        tokenizer: its tokenizer.
        segments: one text or two.
    """

    def __init__(self, net: Any, tokenizer: Any, segments: Sequence[str]) -> None:
        self.net = copy.deepcopy(net).eval()
        self.tokenizer = tokenizer
        self.segments = tuple(segments)
        self.words = words_of(segments)
        self.inputs: Inputs = dict(tokenizer(*segments, return_tensors="pt"))
        self.row: list[int] = self.inputs["input_ids"][0].tolist()
        self.positions = _positions(tokenizer, self.segments, self.words)
        self.embedding_layers = _embedding_layers(self.net)

    @property
    def scores(self) -> bool:
        """Whether the outputs are real numbers: a single one is trained as such where nothing else is said."""
        problem, n_outputs = self.net.config.problem_type, self.net.config.num_labels
        return problem == "regression" or (problem is None and n_outputs == 1)

    def numbers(self, logits: torch.Tensor) -> torch.Tensor:
        """Return probabilities (c,) of a row's logits, or the scores that they are."""
        values = logits[0].double()
        if self.scores:
            return values
        if len(values) == 1:
            return torch.sigmoid(torch.cat([-values, values]))
        multi = self.net.config.problem_type == "multi_label_classification"
        return torch.sigmoid(values) if multi else torch.softmax(values, -1)

    def ask(self, inputs: Inputs) -> np.ndarray:
        """Return the probabilities or scores (c,) of one row."""
        with torch.no_grad():
            return self.numbers(self._network(**inputs).logits).numpy()

    @property
    def _network(self) -> Any:
        # BigBird's attention goes over to another kind for good when it meets a short row.
        return copy.deepcopy(self.net) if hasattr(self.net.config, "attention_type") else self.net

    def everything(self) -> np.ndarray:
        """Return v(all)."""
        return self.ask(self.inputs)

    def without(self, removal: str, absent: Sequence[int]) -> np.ndarray:
        """Return the probabilities or scores when words are absent."""
        places = [place for word in absent for place in self.positions[word]]
        if removal == "zero":
            with self._embedding(lambda found, places: _scaled(found, places, 0.0), places):
                return self.ask(self.inputs)
        if removal == "pad" and self.embedding_layers:
            with self._reading(self.tokenizer.pad_token_id, places):
                return self.ask(self.inputs)
        if removal == "drop":
            return self.ask(self._hidden(places))
        if removal == "delete":
            # A row of no tokens cannot be read: its first one stays.
            kept = torch.tensor([i for i in range(len(self.row)) if i not in places] or [0])
            return self.ask({name: value[:, kept] for name, value in self.inputs.items()})
        return self.ask(self._replaced(self.inputs, places, getattr(self.tokenizer, f"{removal}_token_id")))

    def marginal(self, word: int, instead: Sequence[str]) -> np.ndarray:
        """Return the mean over words that stand in a word's place, each text tokenised as it is."""
        texts = [written(self.segments, [self.words[word]], own) for own in instead]
        return np.mean([self.ask(dict(self.tokenizer(*own, return_tensors="pt"))) for own in texts], axis=0)

    def hiding_leaks(self, other_id: int) -> float:
        """Return by how much an answer changes with the token at a hidden position, at most."""
        leaks = []
        for places in self.positions:
            hidden = self._hidden(places)
            leaks.append(np.abs(self.ask(self._replaced(hidden, places, other_id)) - self.ask(hidden)).max())
        return float(max(leaks))

    def gradient(self, target: int) -> tuple[np.ndarray, np.ndarray]:
        """Return for each word the sums of |gradient| and of gradient x embedding, of log2 odds or the score."""
        leaf: list[torch.Tensor] = []

        def put(found: torch.Tensor, shift: int) -> torch.Tensor:
            if not leaf:
                leaf.append(found[:, : len(self.row)].detach().clone().requires_grad_())
            own = leaf[0][:, : len(self.row) - shift]
            return torch.cat([found[:, :shift].detach(), own, found[:, len(self.row) :].detach()], 1)

        with self._outputs(put), torch.enable_grad():
            number = self.numbers(self._network(**self.inputs).logits)[target]
            watched = number if self.scores else (torch.log(number) - torch.log1p(-number)) / np.log(2.0)
            (gradient,) = torch.autograd.grad(watched, leaf[0])
        size = gradient.abs().sum(-1)[0].numpy()
        product = (gradient * leaf[0].detach()).sum(-1)[0].numpy()
        return tuple(np.array([by[own].sum() for own in self.positions], dtype=float) for by in (size, product))  # type: ignore[return-value]

    def _hidden(self, places: Sequence[int]) -> Inputs:
        attention = torch.ones_like(self.inputs["input_ids"])
        attention[:, list(places)] = 0
        return self.inputs | {"attention_mask": attention}

    def _replaced(self, inputs: Inputs, places: Sequence[int], token_id: int) -> Inputs:
        ids = inputs["input_ids"].clone()
        ids[:, list(places)] = token_id
        return inputs | {"input_ids": ids}

    def _shift(self, ids: torch.Tensor) -> int:
        """Return how far a row that is embedded is moved to the right: 0, or 1 for a decoder's copy."""
        given = ids.reshape(-1).tolist()
        shift = next(k for k in (0, 1) if given[k : len(self.row)] == self.row[: len(self.row) - k])
        return shift

    @contextmanager
    def _reading(self, token_id: int, places: Sequence[int]) -> Iterator[None]:
        """Let the embedding layers read another token at some places, while all else goes by the row's own ids."""

        def hook(module: Any, inputs: Any) -> Any:
            ids = inputs[0].clone()
            shift = self._shift(ids)
            moved = [place + shift for place in places if place + shift < len(self.row)]
            ids.reshape(-1)[moved] = token_id
            return (ids, *inputs[1:])

        handles = [layer.register_forward_pre_hook(hook) for layer in self.embedding_layers]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    @contextmanager
    def _outputs(self, change: Callable[[torch.Tensor, int], torch.Tensor]) -> Iterator[None]:
        """Change what the embedding layers give, known how far the row is moved."""

        def hook(module: Any, inputs: Any, output: Any) -> Any:
            shift = self._shift(inputs[0])
            first = output[0] if isinstance(output, tuple) else output
            flat = first.reshape(1, -1, first.shape[-1])
            changed = change(flat, shift).reshape(first.shape)
            return (changed, *output[1:]) if isinstance(output, tuple) else changed

        handles = [layer.register_forward_hook(hook) for layer in self.embedding_layers]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _embedding(self, change: Any, places: Sequence[int]) -> Any:
        def moved(found: torch.Tensor, shift: int) -> torch.Tensor:
            return change(found, [place + shift for place in places if place + shift < len(self.row)])

        return self._outputs(moved)


class PlainFunction:
    """The same for a function of texts.

    Args:
        function: from texts or pairs to probabilities, or an object with such a `predict_proba`, or with a `predict`.
        segments: one text or two.
    """

    def __init__(self, function: Any, segments: Sequence[str]) -> None:
        self.scores = hasattr(function, "predict")
        self.function = getattr(function, "predict" if self.scores else "predict_proba", function)
        self.segments = tuple(segments)
        self.words = words_of(segments)

    def _ask(self, segments: tuple[str, ...]) -> np.ndarray:
        return np.atleast_1d(self.function([segments[0] if len(segments) == 1 else segments])[0])

    def everything(self) -> np.ndarray:
        """Return v(all)."""
        return self._ask(self.segments)

    def without(self, removal: str, absent: Sequence[int]) -> np.ndarray:
        """Return the probabilities or scores when words are absent."""
        instead = {"delete": "", "mask": "[MASK]", "unk": "[UNK]"}[removal]
        return self._ask(written(self.segments, [self.words[word] for word in absent], instead))

    def marginal(self, word: int, instead: Sequence[str]) -> np.ndarray:
        """Return the mean over words that stand in a word's place."""
        return np.mean([self._ask(written(self.segments, [self.words[word]], own)) for own in instead], axis=0)


def shapley(value: Callable[[tuple[int, ...]], float], n: int) -> np.ndarray:
    """Return the Shapley values of a game on n players by its definition; `value` is given who is absent."""
    found = np.zeros(n)
    for player in range(n):
        others = [other for other in range(n) if other != player]
        for size in range(n):
            weight = factorial(size) * factorial(n - size - 1) / factorial(n)
            for present in combinations(others, size):
                absent = tuple(other for other in others if other not in present)
                without = tuple(sorted((*absent, player)))
                found[player] += weight * (value(absent) - value(without))
    return found


def log_odds(p: Any) -> np.ndarray:
    """Return log2 odds."""
    return np.log2(p) - np.log2(1 - np.asarray(p))


def _scaled(found: torch.Tensor, places: Sequence[int], factor: float) -> torch.Tensor:
    changed = found.clone()
    changed[:, list(places)] *= factor
    return changed


def _embedding_layers(net: Any) -> list[Any]:
    """Return the layers that embed token ids: the model's own, and those that share its weights."""
    try:
        own = net.get_input_embeddings()
    except NotImplementedError:
        return []
    table = getattr(own, "weight", None)
    if table is None:
        return []
    return [
        module
        for module in net.modules()
        if getattr(module, "weight", None) is table and not isinstance(module, torch.nn.Linear)
    ]


def _positions(tokenizer: Any, segments: tuple[str, ...], words: Sequence[Word]) -> list[list[int]]:
    """Return each word's token positions; a token without characters goes with the word behind it."""
    found: list[list[int]] = [[] for _ in words]
    for position, segment, last in _last_characters(tokenizer, segments):
        own = [i for i, word in enumerate(words) if word.segment == segment and word.end > last]
        if own:
            found[own[0]].append(position)
    return found


def _last_characters(tokenizer: Any, segments: tuple[str, ...]) -> Iterator[tuple[int, int, int]]:
    """Yield each token's position, segment and last character."""
    if tokenizer.is_fast:
        encoded = tokenizer(*segments, return_offsets_mapping=True)
        for position, segment in enumerate(encoded.sequence_ids(0)):
            start, end = encoded["offset_mapping"][position]
            if segment is not None:
                yield position, segment, max(end - 1, start)
        return
    encoded = tokenizer(*segments, return_special_tokens_mask=True)
    tokens = tokenizer.convert_ids_to_tokens(encoded["input_ids"])
    segment, cursor = 0, 0
    for position, (token, special) in enumerate(zip(tokens, encoded["special_tokens_mask"], strict=True)):
        if special:
            segment, cursor = segment + (cursor > 0), 0
            continue
        cursor = segments[segment].index(token.removeprefix("##"), cursor) + len(token.removeprefix("##"))
        yield position, segment, cursor - 1
