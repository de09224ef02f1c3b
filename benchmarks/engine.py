"""What the engine costs beside the model: rows a second against plain loops over ready tensors.

    python benchmarks/engine.py [--rounds 5] [--rows 384] [--dtype fast] [--threads N] [--out FILE]

Rows as leave-one-out and marginalization make them, of sst2-minilm and snli-minilm. "over best": the library's rows a
second over those of the same model, dtype and attention in a bare loop over ready tensors, sorted by length, at the
best of several batch sizes; 'one by one' gives the library one example at a time, whose few rows are all it can
send together. "over plain": over a loop in float32, in batches of 32 in the order given, padded to the longest of each
batch. "padding": the share of the tokens sent that is padding. "eager": rows a second with eager attention over those
with SDPA, in the bare loop. All loops take turns in one process; medians of the rounds' ratios, least to most in the
file. Then the classifiers' answers with the last block run at the first token over those with all of it, the masked
language model's at one position a row over logits for all, eight methods on one engine against each alone, and 40
texts by five methods, one by one and together by `many`: batches, padding, seconds.
ELISION_DATA and ELISION_MODELS name the folders.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from common import lines, models, snli_pairs

import elision
from elision.models.rows import TokenRows

SIZES = (16, 32, 64, 128)


def texts(name: str, n: int) -> list[Any]:
    """Return the first n examples of the data set that a model was trained for."""
    if name == "snli-minilm":
        return list(snli_pairs(n))
    return [" ".join(line["tokens"]) for line in lines("sst", "test_binary.jsonl")[:n]]


def leave_one_out(model: Any, examples: Sequence[Any], n_rows: int) -> list[list[TokenRows]]:
    """Return for each example its rows with one word deleted, by length, at least n_rows in all."""
    found: list[list[TokenRows]] = []
    for example in examples:
        encoding = model.encode(example)
        found.append([rows for rows, _ in encoding.delete(~np.eye(len(encoding.units), dtype=bool))])
        if sum(map(len, (rows for blocks in found for rows in blocks))) >= n_rows:
            break
    return found


def marginalization(model: Any, examples: Sequence[Any], n_rows: int) -> list[list[TokenRows]]:
    """Return two examples' rows with one token replaced by n_rows / 2 others, spread over the tokens."""
    found = []
    for example in examples[:2]:
        encoding = model.encode(example, "token")
        places = np.flatnonzero(encoding.unit_of_token >= 0)
        blocks = []
        for place, own in zip(places, np.array_split(np.arange(n_rows // 2), len(places)), strict=True):
            ids = np.repeat(encoding.ids[None], len(own), axis=0)
            ids[:, place] = 2000 + own
            blocks.append(encoding.rows(ids))
        found.append(blocks)
    return found


def ready(rows: Sequence[TokenRows], size: int) -> list[dict[str, torch.Tensor]]:
    """Return padded batches of single rows, in the order given, as tensors."""
    batches = []
    for start in range(0, len(rows), size):
        part = rows[start : start + size]
        length = max(row.length for row in part)

        def stack(name: str, part: Any = part, length: int = length) -> torch.Tensor:
            arrays = [np.pad(getattr(row, name), ((0, 0), (0, length - row.length))) for row in part]
            return torch.from_numpy(np.concatenate(arrays).astype(np.int64))

        batches.append(
            {"input_ids": stack("ids"), "attention_mask": stack("attended"), "token_type_ids": stack("segment_ids")}
        )
    return batches


def loop(net: Any, batches: list[dict[str, torch.Tensor]]) -> Callable[[], None]:
    def run() -> None:
        with torch.inference_mode():
            for batch in batches:
                net(**batch).logits.float().softmax(-1)

    return run


def speed(work: Callable[[], Any], n: int) -> float:
    started = time.perf_counter()
    work()
    return n / (time.perf_counter() - started)


def padding(model: Any, examples: list[list[TokenRows]]) -> float:
    """Return the share of padding in the batches that the engine sends."""
    sent = kept = 0
    for blocks in examples:
        lengths = np.repeat([rows.length for rows in blocks], [len(rows) for rows in blocks])
        for batch in model.batches(lengths):
            sent += int(lengths[batch].max()) * len(batch)
            kept += int(lengths[batch].sum())
    return 1.0 - kept / sent


def measure(name: str, kind: str, options: argparse.Namespace) -> dict[str, Any]:
    """Return one line of the table."""
    model = elision.load(models() / name, dtype=options.dtype)
    nets = {a: elision.load(models() / name, dtype=options.dtype, attention=a) for a in ("eager", "sdpa")}
    exact = elision.load(models() / name, dtype="float32").transformer.model
    make = marginalization if kind == "marginalization" else leave_one_out
    examples = make(model, texts(name, options.rows), options.rows)
    if not kind.endswith("one by one"):
        examples = [[rows for blocks in examples for rows in blocks]]
    rows = [block.take(slice(i, i + 1)) for blocks in examples for block in blocks for i in range(len(block))]
    by_length = sorted(rows, key=lambda row: row.length)

    def library() -> None:
        engine = elision.Engine(model)
        for blocks in examples:
            engine.evaluate(blocks)

    loops: dict[Any, Callable[[], None]] = {"library": library, "plain": loop(exact, ready(rows, 32))}
    bare = model.transformer.model
    loops |= {size: loop(bare, ready(by_length, size)) for size in SIZES}
    loops |= {a: loop(net.transformer.model, ready(by_length, 64)) for a, net in nets.items()}
    found: dict[Any, list[float]] = {key: [] for key in loops}
    for turn in range(options.rounds + 1):
        for key, work in loops.items():
            rate = speed(work, len(rows))
            if turn:
                found[key].append(rate)
    best = max(SIZES, key=lambda size: statistics.median(found[size]))
    ratios = {
        "over best": ratio(found["library"], found[best]),
        "over plain": ratio(found["library"], found["plain"]),
        "eager": ratio(found["eager"], found["sdpa"]),
    }
    return {
        "rows": len(rows),
        "tokens": sum(row.length for row in rows) / len(rows),
        "dtype": model.describe()["dtype"],
        "rows a second": statistics.median(found["library"]),
        "best size": best,
        "padding": padding(model, examples),
        **{key: statistics.median(values) for key, values in ratios.items()},
        "spread": {key: [min(values), max(values)] for key, values in ratios.items()},
        "by size": {str(size): statistics.median(found[size]) for size in SIZES},
    }


def ratio(above: list[float], below: list[float]) -> list[float]:
    return [a / b for a, b in zip(above, below, strict=True)]


def measure_last_block(options: argparse.Namespace) -> dict[str, Any]:
    """Return how much faster answers are with the last block run at the first token only, and what it changes."""
    table = {}
    for name in ("sst2-minilm", "snli-minilm"):
        model = elision.load(models() / name, dtype=options.dtype)
        blocks = [rows for own in marginalization(model, texts(name, 2), options.rows) for rows in own]
        found: dict[bool, list[float]] = {True: [], False: []}
        answers = {}
        for turn in range(2 * options.rounds + 1):
            for first in found:
                model._reads_first = first
                engine = elision.Engine(model)
                started = time.perf_counter()
                answers[first] = np.concatenate(engine.evaluate(blocks))
                if turn:
                    found[first].append(len(answers[first]) / (time.perf_counter() - started))
        gain = ratio(found[True], found[False])
        table[name] = {
            "gain": statistics.median(gain),
            "spread": [min(gain), max(gain)],
            "largest difference": float(np.abs(answers[True] - answers[False]).max()),
        }
    return table


def measure_head(options: argparse.Namespace) -> dict[str, Any]:
    """Return how much faster the likelihoods of one position a row are than logits for all positions."""
    likelihood = elision.MaskedLanguageModel(models() / "mlm-minilm", dtype=options.dtype)
    model = elision.load(models() / "sst2-minilm", dtype="fast")
    encoding = model.encode(texts("sst2-minilm", 1)[0], "token")
    places = np.flatnonzero(encoding.unit_of_token >= 0)
    ids = np.repeat(encoding.ids[None], len(places), axis=0)
    ids[np.arange(len(places)), places] = likelihood.vocabulary.mask_id
    rows = encoding.rows(ids)
    head = likelihood._head
    head.logits(rows, np.arange(len(places)), places)
    found: dict[bool, list[float]] = {True: [], False: []}
    for turn in range(2 * options.rounds + 1):
        for selects in found:
            head.selects = head.narrows = selects
            rate = speed(lambda: likelihood._logits(rows, np.arange(len(places)), places), len(places))
            if turn:
                found[selects].append(rate)
    gain = ratio(found[True], found[False])
    return {
        "rows": len(places),
        "tokens": len(encoding.ids),
        "gain": statistics.median(gain),
        "spread": [min(gain), max(gain)],
    }


def measure_sharing(options: argparse.Namespace) -> dict[str, Any]:
    """Return rows and seconds of eight methods on one sentence, each alone and all on one engine."""
    model = elision.load("builtin:sentiment", dtype=options.dtype)
    likelihood = elision.MaskedLanguageModel("builtin:mlm")
    methods = [
        elision.InputMarginalization(likelihood, threshold=1e-4),
        elision.InputMarginalization(likelihood, threshold=1e-3),
        elision.InputMarginalization(likelihood, threshold=1e-4, original="exclude"),
        elision.InputMarginalization(likelihood, tolerance=0.2),
        elision.GroupMasks(k=6),
        elision.LeaveOneOut(removal="drop"),
        elision.LeaveOneOut(removal="mask"),
        elision.Random(),
    ]
    text = texts("sst2-minilm", 1)[0]
    alone = [method(model, text) for method in methods]
    engine = elision.Engine(model)
    started = time.perf_counter()
    for method in methods:
        method(model, text, engine=engine)
    costs = [explanation.provenance for explanation in alone]
    return {
        "rows of the dearest": max(cost["evaluations"] for cost in costs),
        "rows one by one": sum(cost["evaluations"] for cost in costs),
        "rows together": engine.evaluations,
        "seconds of the dearest": max(cost["seconds"] for cost in costs),
        "seconds one by one": sum(cost["seconds"] for cost in costs),
        "seconds together": time.perf_counter() - started,
    }


class Batches:
    """Counts a model's batches, the tokens in them and how much of these is padding."""

    def __init__(self, model: Any) -> None:
        self.n, self.sent, self.padding = 0, 0, 0
        own = model.answers

        def answers(blocks: Sequence[TokenRows]) -> Any:
            longest = max(rows.length for rows in blocks)
            self.n += 1
            self.sent += longest * sum(map(len, blocks))
            self.padding += sum((longest - rows.length) * len(rows) for rows in blocks)
            return own(blocks)

        model.answers = answers


MANY = {
    "leave-one-out": elision.LeaveOneOut,
    "lime": elision.Lime,
    "shapley": elision.Shapley,
    "word-masks": elision.WordMasks,
    "group-masks": elision.GroupMasks,
}


def measure_many(name: str, options: argparse.Namespace) -> dict[str, Any]:
    """Return batches, padding and seconds of 40 texts, of at most ten words, explained one by one and together."""
    examples = [text for text in texts("sst2-minilm", 400) if len(text.split()) <= 10][:40]
    found: dict[str, Any] = {"texts": len(examples)}
    scores = {}
    for way in ("one by one", "together"):
        model = elision.load("builtin:sentiment", dtype="float32")
        method = MANY[name]()
        method(model, examples[0])
        counted, started = Batches(model), time.perf_counter()
        made = method.many(model, examples) if way == "together" else [method(model, text) for text in examples]
        found[f"{way}: seconds"] = time.perf_counter() - started
        found[f"{way}: batches"] = counted.n
        found[f"{way}: padding"] = counted.padding / counted.sent
        scores[way] = np.concatenate([one.scores for one in made])
    found["largest difference of a score"] = float(np.abs(scores["one by one"] - scores["together"]).max())
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=384)
    parser.add_argument("--dtype", default="fast")
    parser.add_argument("--threads", type=int, help="torch.set_num_threads; its own default otherwise")
    parser.add_argument("--out", type=Path, default=Path("engine.json"))
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    table: dict[str, Any] = {"threads": torch.get_num_threads()}
    print(f"{torch.get_num_threads()} threads, {options.rounds} rounds")
    columns = ("rows", "tokens", "rows a second", "best size", "over best", "over plain", "eager", "padding")
    print(f"{'':40}" + "".join(f"{column:>14}" for column in columns))
    for name in ("sst2-minilm", "snli-minilm"):
        for kind in ("leave-one-out", "marginalization", "leave-one-out one by one"):
            line = table[f"{name}, {kind}"] = measure(name, kind, options)
            print(f"{f'{name}, {kind}':40}" + "".join(f"{line[column]:14.3g}" for column in columns), flush=True)
            options.out.write_text(json.dumps(table, indent=1))
    for title, work in (
        ("last block at the first token", measure_last_block),
        ("one position a row", measure_head),
        ("eight methods", measure_sharing),
        *((f"many by {name}", partial(measure_many, name)) for name in MANY),
    ):
        table[title] = work(options)
        print(title + ": " + ", ".join(f"{key} {value}" for key, value in table[title].items()), flush=True)
        options.out.write_text(json.dumps(table, indent=1))


if __name__ == "__main__":
    main()
