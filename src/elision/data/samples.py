"""Data sets as texts and labels: the papers' by name, or anybody's JSON-lines."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elision.data.annotation import Annotation
from elision.data.columns import PAIRS, SINGLES
from elision.data.names import NAMES
from elision.data.rows import read_rows
from elision.errors import OptionError, brief, did_you_mean, require_count, require_one_of
from elision.text import Example

SPLITS = ("train", "dev", "test")
_NLI = ("entailment", "neutral", "contradiction")
_PARAPHRASE = ("not_paraphrase", "paraphrase")
LABELS = {
    "sst2": ("negative", "positive"),
    "snli": _NLI,
    "esnli": _NLI,
    "quora": _PARAPHRASE,
    "qqp": _PARAPHRASE,
    "mrpc": _PARAPHRASE,
}
# e-SNLI explains SNLI's own pairs, so its models are trained on those.
_FILES = {
    "sst2": ("sst/train_binary", "sst/dev_binary", "sst/test_binary"),
    "snli": ("snli/train", "snli/dev", "snli/test"),
    "esnli": ("snli/train", "snli/dev", "snli/test"),
    "quora": ("quora/train_balanced", "quora/dev", "quora/test"),
    "qqp": ("qqp/train", "qqp/dev", "qqp/test"),
    "mrpc": ("mrpc/train", "mrpc/dev", "mrpc/test"),
}
_HIGHLIGHTS = (
    (("premise_tokens", "hypothesis_tokens"), ("premise_highlight", "hypothesis_highlight")),
    (("tokens",), ("highlight",)),
)
_NO_LABEL = (None, "-", "", -1)
_HELD_OUT_SHARE, _MOST_HELD_OUT = 0.1, 10_000
"""What is held out of training rows where a data set has no dev split. A choice."""


@dataclass(frozen=True, eq=False)
class Split:
    """Examples with their classes.

    Attributes:
        examples: texts or pairs, n of them.
        labels: int64 (n,), indices of classes.
    """

    examples: tuple[Example, ...]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.examples)

    def take(self, chosen: NDArray[np.int64]) -> Split:
        """Return the chosen ones, in that order."""
        return Split(tuple(self.examples[i] for i in chosen), self.labels[chosen])

    def lowered(self) -> Split:
        """Return the same in lower case."""
        return Split(tuple(_lower(example) for example in self.examples), self.labels)


@dataclass(frozen=True, eq=False)
class DataSet:
    """A classification task.

    Attributes:
        name: what the user called it.
        labels: the classes' names.
        n_texts: 1, or 2 for pairs.
        train: to learn from.
        dev: to choose by.
        test: to measure once, or None where no labelled one exists.
        sources: where each split came from, for the model card.
    """

    name: str
    labels: tuple[str, ...]
    n_texts: int
    train: Split
    dev: Split
    test: Split | None
    sources: Mapping[str, str]


Raw = list[tuple[Example, Any]]


def load_data(
    data: str | os.PathLike[str],
    *,
    dev: str | os.PathLike[str] | None = None,
    test: str | os.PathLike[str] | None = None,
    limit: int | None = None,
    seed: int = 0,
) -> DataSet:
    """Return a data set.

    Args:
        data: one of NAMES, from the folder that ELISION_DATA names or else from the hub; or a JSON-lines file.
        dev: a JSON-lines file in place of the data set's own dev split.
        test: the same for its test split.
        limit: only so many rows of the training split, drawn by the seed.
        seed: of every draw.
    Returns:
        The data set; where it has no dev split, a tenth of the training split is held out.
    Raises:
        OptionError: there is no such data set, or a file's rows cannot be used.
    """
    name = os.fspath(data)
    raws, sources = _raw(name)
    for split, file in (("dev", dev), ("test", test)):
        if file is not None:
            raws[split], sources[split] = read_examples(file), Path(file).name
    raws = {split: [row for row in rows if row[1] not in _NO_LABEL] for split, rows in raws.items()}
    if not raws["train"]:
        raise OptionError(f"the training rows of {name} have no labels")
    labels = _label_names(name, [label for _, label in raws["train"]])
    splits = {split: _split(rows, labels, sources[split]) for split, rows in raws.items() if rows}
    n_texts = {len(e) if isinstance(e, tuple) else 1 for split in splits.values() for e in split.examples}
    if len(n_texts) > 1:
        raise OptionError(f"{name} mixes single texts and pairs; a model reads one or the other")
    train, held_out = splits["train"], splits.get("dev")
    draws = np.random.default_rng(seed)
    if held_out is None:
        train, held_out = _hold_out(train, draws)
        sources["dev"] = f"held out from {sources['train']}"
    if limit is not None and limit < len(train):
        train = train.take(np.sort(draws.permutation(len(train))[:limit]))
    return DataSet(name, labels, n_texts.pop(), train, held_out, splits.get("test"), sources)


def load_split(name: str, split: str) -> Split:
    """Return one split of a data set that has a name, from where `load_data` has it.

    Args:
        name: one of NAMES.
        split: one of SPLITS.
    Returns:
        Its labelled rows.
    Raises:
        OptionError: there is no such data set, or it has no such split with labels.
    """
    require_one_of("data", name, NAMES)
    require_one_of("split", split, SPLITS)
    raws, sources = _raw(name, (split,))
    rows = [row for row in raws.get(split, ()) if row[1] not in _NO_LABEL]
    if not rows:
        raise OptionError(f"{name} has no {split} split with labels here; set ELISION_DATA to a folder that has it")
    return _split(rows, LABELS[name], sources[split])


def load_texts(data: str | os.PathLike[str]) -> list[str]:
    """Return the texts that a language model can learn from.

    Args:
        data: one of NAMES, whose training texts are taken; a JSON-lines file; or a file with one text a line (which
            may be packed by gzip).
    Returns:
        The texts, each once, in the order of the file.
    Raises:
        OptionError: there is no such data set, or the file cannot be read.
    """
    name = os.fspath(data)
    if name in NAMES:
        examples = [example for example, _ in _raw(name, ("train",))[0]["train"]]
    elif ".jsonl" in Path(name).suffixes:
        examples = [example for example, _ in read_examples(name, labelled=False)]
    else:
        examples = [line for line in _lines(name) if line]
    texts = dict.fromkeys(text for e in examples for text in (e if isinstance(e, tuple) else (e,)))
    if not texts:
        raise OptionError(f"there is no text in {name}")
    return list(texts)


def read_examples(file: str | os.PathLike[str], *, labelled: bool = True) -> Raw:
    """Return a JSON-lines file's examples with their labels as they stand there.

    Args:
        file: each line an object with `text`, `sentence` or `tokens`, or with two texts: `premise` and `hypothesis`,
            `text1` and `text2`, `sentence1` and `sentence2`, or `question1` and `question2`; and with `label`.
        labelled: False for rows that need no label.
    Returns:
        Pairs of an example and a label, which is None, "-" or -1 where nobody gave one.
    Raises:
        OptionError: the file cannot be read, or a row has no text or no label.
    """
    found: Raw = []
    for number, line in enumerate(_lines(file), 1):
        if line:
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise OptionError(f"{file}, line {number}: not JSON: {error.msg}") from error
            found.append(_row(row, f"{file}, line {number}", labelled=labelled))
    if not found:
        raise OptionError(f"{file} has no rows")
    return found


@dataclass(frozen=True, eq=False)
class Sample:
    """Examples of a file.

    Attributes:
        examples: texts or pairs; the error that says why in place of one that cannot be used.
        annotations: what people highlighted, where all rows have that, else None.
        names: what each row is called.
        said: what was taken for what, in a line.
    """

    examples: list[Any]
    annotations: list[Annotation] | None
    names: list[str]
    said: str


def sample_rows(file: str | os.PathLike[str], limit: int | None, *, seed: int = 0, text: Sequence[str] = ()) -> Sample:
    """Return the examples of a file, and what people highlighted.

    Args:
        file: as for `elision.data.rows.read_rows`. Rows of `tokens` may have `highlight`, rows of `premise_tokens` and
            `hypothesis_tokens` both `premise_highlight` and `hypothesis_highlight`: 0 or 1 for each token.
        limit: only so many, drawn by the seed, in the file's order; None for all.
        seed: of the draw.
        text: the columns of the texts; by default those with plain names.
    Raises:
        OptionError: the file cannot be read or is empty, mixes texts and pairs, its highlights do not fit its tokens,
            or limit is less than 1.
    """
    found = read_rows(file, text=text)
    usable = [row for row in found.rows if not isinstance(row.example, Exception)]
    if len({isinstance(row.example, str) for row in usable}) > 1:
        raise OptionError(f"{file} mixes single texts and pairs; a model reads one or the other")
    chosen = list(range(len(found.rows)))
    if limit is not None:
        require_count("limit", limit, 1)
        chosen = sorted(np.random.default_rng(seed).permutation(len(found.rows))[:limit].tolist())
    rows = [found.rows[i] for i in chosen]
    told = [_highlights(row.record, file) for row in rows]
    marked = [own for own in told if own is not None]
    return Sample(
        [row.example for row in rows],
        marked if len(marked) == len(rows) else None,
        [f"row {row.number}" for row in rows],
        found.said(),
    )


def sample_examples(
    file: str | os.PathLike[str], limit: int | None, *, seed: int = 0
) -> tuple[list[Example], list[Annotation] | None]:
    """Return the examples and annotations of `sample_rows`."""
    found = sample_rows(file, limit, seed=seed)
    return found.examples, found.annotations


def _highlights(row: Mapping[str, Any], file: str | os.PathLike[str]) -> Annotation | None:
    for keys, marks in _HIGHLIGHTS:
        if all(key in row for key in (*keys, *marks)):
            try:
                return Annotation.of_tokens([row[key] for key in keys], [row[mark] for mark in marks])
            except (OptionError, TypeError) as error:
                raise OptionError(f"{file}: {' and '.join(marks)} must be 0 or 1 for each token: {error}") from error
    return None


def rows_of(rows: Iterable[Any], name: str) -> Raw:
    """Return the same for rows that are objects already, as the hub gives them."""
    return [_row(row, name, labelled=True) for row in rows]


def _raw(name: str, splits: Sequence[str] = SPLITS) -> tuple[dict[str, Raw], dict[str, str]]:
    """Return the rows of each split, and where they are from."""
    if name not in NAMES:
        if ".jsonl" in Path(name).suffixes or Path(name).is_file():
            return {"train": read_examples(name)}, {"train": Path(name).name}
        near = did_you_mean(name, NAMES)
        raise OptionError(f"data must be one of {', '.join(NAMES)} or a JSON-lines file; got {brief(repr(name))}{near}")
    folder = os.environ.get("ELISION_DATA")
    files = dict(zip(SPLITS, (f"{stem}.jsonl" for stem in _FILES[name]), strict=True))
    if folder and (Path(folder) / files["train"]).is_file():
        there = {split: file for split, file in files.items() if split in splits and (Path(folder) / file).is_file()}
        return {split: read_examples(Path(folder) / file) for split, file in there.items()}, there
    from elision.data.hub import fetch

    return fetch(name, splits, missing=f"{folder or 'ELISION_DATA'} has no {files['train']}")


def _lines(file: str | os.PathLike[str]) -> Iterator[str]:
    path = Path(file)
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8-sig")
            if path.suffix == ".gz"
            else path.open(encoding="utf-8-sig") as lines
        ):
            for line in lines:
                yield line.strip()
    except UnicodeDecodeError as error:
        raise OptionError(f"{file} is not UTF-8 text") from error
    except (OSError, EOFError) as error:
        raise OptionError(f"cannot read {file}: {getattr(error, 'strerror', None) or error}") from error


def _row(row: Any, place: str, *, labelled: bool) -> tuple[Example, Any]:
    if not isinstance(row, Mapping):
        raise OptionError(f"{place}: each line must be an object, got {str(row)[:40]!r}")
    if labelled and "label" not in row:
        raise OptionError(f"{place}: there is no label")
    label = row.get("label")
    if not isinstance(label, str | int | None) or isinstance(label, bool):
        raise OptionError(f"{place}: label must be a name or a whole number, got {label!r}")
    for first, second in PAIRS:
        if first in row and second in row:
            return (_text(row[first], place, first), _text(row[second], place, second)), label
    for key in SINGLES:
        if key in row:
            return _text(row[key], place, key), label
    raise OptionError(f"{place}: there is no text; give text, or premise and hypothesis, or text1 and text2")


def _text(value: Any, place: str, key: str) -> str:
    if isinstance(value, list) and all(isinstance(token, str) for token in value):
        return " ".join(value)
    if not isinstance(value, str):
        raise OptionError(f"{place}: {key} must be a text, got {value!r:.40}")
    return value.strip()


def _label_names(name: str, found: Sequence[Any]) -> tuple[str, ...]:
    """Return the classes' names, in the order of their indices."""
    kinds = {type(label) for label in found}
    if len(kinds) > 1:
        raise OptionError(f"{name} mixes labels that are names and labels that are numbers")
    if name in LABELS:
        return LABELS[name]
    if kinds == {int}:
        labels = tuple(str(i) for i in range(max(found) + 1))
    else:
        labels = _NLI if set(found) <= set(_NLI) else tuple(sorted(set(found)))
    if len(set(found)) < 2:
        raise OptionError(f"{name} has one class only, {found[0]!r}; a classifier needs two")
    return labels


def _split(rows: Raw, labels: tuple[str, ...], source: str) -> Split:
    indices = {label: i for i, label in enumerate(labels)} | {i: i for i in range(len(labels))}
    unknown = next((label for _, label in rows if label not in indices), None)
    if unknown is not None:
        raise OptionError(f"{source} has the label {unknown!r}; the classes are {', '.join(labels)}")
    return Split(tuple(example for example, _ in rows), np.array([indices[label] for _, label in rows], dtype=np.int64))


def _lower(example: Example) -> Example:
    return example.lower() if isinstance(example, str) else (example[0].lower(), example[1].lower())


def _hold_out(train: Split, draws: np.random.Generator) -> tuple[Split, Split]:
    """Return the training split without a tenth of it, and that tenth."""
    size = min(_MOST_HELD_OUT, max(1, int(_HELD_OUT_SHARE * len(train))))
    order = draws.permutation(len(train))
    if len(train) < 2:
        raise OptionError("one row is too few to train on")
    return train.take(np.sort(order[size:])), train.take(np.sort(order[:size]))
