"""What the model says of every likely candidate of some sentences: the reference for marginalization.

    python benchmarks/reference.py [--task sst2] [--examples 20] [--skip 0] [--threshold 1e-6] --out FOLDER

The first sentences of at most 20 tokens (--most-tokens) of sst/test_binary.jsonl and sst2-minilm, or with --task snli
the first such pairs of snli/test.jsonl and snli-minilm; mlm-minilm; token by token: some 3 million model rows for 20
sentences. --skip passes over the first such sentences; --threshold 0 takes the whole vocabulary. Each example is a
file of its own and is not computed again. ELISION_DATA and ELISION_MODELS name the folders.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
from common import models, short_pairs, sst_sentences

import elision
from elision.memory import keep_freed_memory


def examples(task: str, model: elision.HuggingFaceModel, n: int, most_tokens: int, skip: int) -> list[Any]:
    """Return n short examples of a task, after the first `skip` such."""
    return (short_pairs if task == "snli" else sst_sentences)(model, n, most_tokens=most_tokens, skip=skip)


def compute(model: elision.HuggingFaceModel, method: elision.InputMarginalization, text: Any) -> dict[str, np.ndarray]:
    """Return for each unit u: candidates ids_u int32 (n,), likelihoods q_u (n,), all probabilities p_u (n, c)."""
    v = method.value_function(model, text, units="token")
    found: dict[str, np.ndarray] = {"p": v.prediction, "target": np.array(v.target)}
    for unit, filling in enumerate(v.bound.fillings([(unit,) for unit in range(len(v.units))])):
        answers = np.empty((len(filling.fills), len(model.labels)))
        blocks = v.bound.rows(filling)
        for (_, index), answer in zip(blocks, v.evaluate([rows for rows, _ in blocks]), strict=True):
            answers[index] = answer
        found[f"ids_{unit}"] = filling.fills
        found[f"q_{unit}"] = filling.likelihood
        found[f"p_{unit}"] = answers
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--task", choices=("sst2", "snli"), default="sst2")
    parser.add_argument("--examples", type=int, default=20)
    parser.add_argument("--skip", type=int, default=0)
    parser.add_argument("--most-tokens", type=int, default=20)
    parser.add_argument("--threshold", type=float, default=1e-6)
    parser.add_argument("--dtype", default="bfloat16")
    parser.add_argument("--out", type=Path, required=True, help="a folder outside the repository")
    options = parser.parse_args()
    keep_freed_memory()
    options.out.mkdir(parents=True, exist_ok=True)
    model = elision.load(models() / f"{options.task}-minilm", dtype=options.dtype)
    method = elision.InputMarginalization(
        elision.MaskedLanguageModel(models() / "mlm-minilm"), threshold=options.threshold
    )
    for i, text in enumerate(examples(options.task, model, options.examples, options.most_tokens, options.skip)):
        file = options.out / f"{i}.npz"
        if file.exists():
            continue
        started = time.perf_counter()
        found = compute(model, method, text)
        np.savez(file, **found)
        rows = sum(len(found[name]) for name in found if name.startswith("q_"))
        print(f"example {i + 1}: {rows:,} rows, {rows / (time.perf_counter() - started):,.0f} a second", flush=True)


if __name__ == "__main__":
    main()
