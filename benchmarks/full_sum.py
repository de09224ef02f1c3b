"""Input marginalization truncated at sigma against the sum over the whole vocabulary (Table 3's question).

    python benchmarks/full_sum.py [--sentences 3] [--threshold 1e-5] [--dtype float32] [--out FILE]

Explains the first sentences of at most 10 tokens of sst/test_binary.jsonl with sst2-minilm and mlm-minilm, token by
token, and prints the Pearson correlation of all units pooled. ELISION_DATA and ELISION_MODELS name the folders. The
full sums cost some 300,000 model rows a sentence; they are kept in the --out file and not computed again.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
from common import models, sst_sentences

import elision


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sentences", type=int, default=3)
    parser.add_argument("--threshold", type=float, default=1e-5)
    parser.add_argument("--dtype", default="float32", help="of the explained model, for both sums")
    parser.add_argument("--out", type=Path, default=Path("full_sum.json"))
    options = parser.parse_args()
    model = elision.load(models() / "sst2-minilm", dtype=options.dtype)
    likelihood = elision.MaskedLanguageModel(models() / "mlm-minilm")
    kept: dict[str, list[float]] = json.loads(options.out.read_text()) if options.out.exists() else {}
    exact, cut, rows, seconds = [], [], [], []
    for i, text in enumerate(sst_sentences(model, options.sentences, most_tokens=10)):
        started = time.perf_counter()
        short = elision.InputMarginalization(likelihood, threshold=options.threshold, n_candidates=0)
        explanation = short(model, text, target="positive", units="token")
        seconds.append(time.perf_counter() - started)
        if text not in kept:
            full = elision.InputMarginalization(likelihood, threshold=0, n_candidates=0)
            kept[text] = full(model, text, target="positive", units="token").scores.tolist()
            options.out.write_text(json.dumps(kept))
        exact += kept[text]
        cut += explanation.scores.tolist()
        rows.append(explanation.provenance["evaluations"] / len(explanation.units))
        print(f"sentence {i + 1}: {len(explanation.units)} units, {rows[-1]:,.0f} rows a unit, {seconds[-1]:.1f} s")
    difference = np.abs(np.array(exact) - np.array(cut))
    pearson = np.corrcoef(exact, cut)[0, 1]
    print(f"sigma {options.threshold:g}, {options.dtype}: Pearson {pearson:.6f} over {len(exact)} units,")
    print(f"largest difference {difference.max():.3f} bits, mean rows a unit {np.mean(rows):,.0f}")


if __name__ == "__main__":
    main()
