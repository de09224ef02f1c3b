"""What the model says of every likely candidate of some sentences: the reference for marginalization.

    python benchmarks/reference.py [--sentences 20] [--threshold 1e-6] [--dtype bfloat16] --out FOLDER

The first sentences of at most 20 tokens of sst/test_binary.jsonl, sst2-minilm and mlm-minilm, token by token: some
3 million model rows in all. Each sentence is a file of its own and is not computed again. ELISION_DATA and
ELISION_MODELS name the folders.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from common import models, sst_sentences

import elision
from elision.memory import keep_freed_memory

MOST_TOKENS = 20


def compute(model: elision.HuggingFaceModel, method: elision.InputMarginalization, text: str) -> dict[str, np.ndarray]:
    """Return for each unit u: candidates ids_u int32 (n,), likelihoods q_u (n,), target's probabilities p_u (n,)."""
    v = method.value_function(model, text, units="token")
    found: dict[str, np.ndarray] = {"p": v.prediction, "target": np.array(v.target)}
    for unit, filling in enumerate(v.bound.fillings([(unit,) for unit in range(len(v.units))])):
        answers = np.empty(len(filling.fills), dtype=np.float64)
        blocks = v.bound.rows(filling)
        for (_, index), answer in zip(blocks, v.evaluate([rows for rows, _ in blocks]), strict=True):
            answers[index] = answer[:, v.target]
        found[f"ids_{unit}"] = filling.fills
        found[f"q_{unit}"] = filling.likelihood
        found[f"p_{unit}"] = answers
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sentences", type=int, default=20)
    parser.add_argument("--threshold", type=float, default=1e-6)
    parser.add_argument("--dtype", default="bfloat16")
    parser.add_argument("--out", type=Path, required=True, help="a folder outside the repository")
    options = parser.parse_args()
    keep_freed_memory()
    options.out.mkdir(parents=True, exist_ok=True)
    model = elision.load(models() / "sst2-minilm", dtype=options.dtype)
    method = elision.InputMarginalization(
        elision.MaskedLanguageModel(models() / "mlm-minilm"), threshold=options.threshold
    )
    for i, text in enumerate(sst_sentences(model, options.sentences, most_tokens=MOST_TOKENS)):
        file = options.out / f"{i}.npz"
        if file.exists():
            continue
        started = time.perf_counter()
        found = compute(model, method, text)
        np.savez(file, **found)
        rows = sum(len(found[name]) for name in found if name.startswith("q_"))
        print(f"sentence {i + 1}: {rows:,} rows, {rows / (time.perf_counter() - started):,.0f} a second", flush=True)


if __name__ == "__main__":
    main()
