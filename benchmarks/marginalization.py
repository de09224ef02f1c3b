"""Rows a unit against closeness to the sum: threshold, top-n and adaptive marginalization (Table 3's question).

    python benchmarks/reference.py --out FOLDER
    python benchmarks/marginalization.py --reference FOLDER [--sentences 20] [--out FILE]

The reference holds what the model says of every candidate above 1e-6 of the first sentences of at most 20 tokens of
SST-2 test; every method here works on the same candidates and is answered from it, so that only the choice of
candidates differs. Pearson correlation with the reference's scores, all units pooled; the share of units whose 95 %
interval holds the reference. ELISION_DATA and ELISION_MODELS name the folders.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from common import models, sst_sentences

import elision
from elision.adaptive.run import Candidates, marginalize

TOLERANCES = (0.4, 0.3, 0.2, 0.15, 0.1, 0.05)


def log_odds(p: Any) -> Any:
    inside = np.clip(p, 1e-9, 1.0 - 1e-9)
    return np.log2(inside) - np.log2(1.0 - inside)


class Sentence:
    """One sentence of the reference."""

    def __init__(self, file: Path, model: elision.HuggingFaceModel, text: str) -> None:
        data = np.load(file)
        encoding = model.encode(text, "token")
        self.original = [int(encoding.ids[encoding.unit_of_token == u][0]) for u in range(len(encoding.units))]
        self.target = int(data["target"])
        self.full = float(log_odds(data["p"][self.target]))
        n = sum(name.startswith("q_") for name in data.files)
        self.ids = [data[f"ids_{unit}"][:, 0] for unit in range(n)]
        self.likelihood = [data[f"q_{unit}"] / data[f"q_{unit}"].sum() for unit in range(n)]
        self.answers = [data[f"p_{unit}"] for unit in range(n)]
        self.mean = np.array([q @ p for q, p in zip(self.likelihood, self.answers, strict=True)])

    def truncated(self, keep: Any) -> tuple[np.ndarray, np.ndarray]:
        """Return the means over the kept candidates, and their numbers."""
        means, rows = [], []
        for q, p in zip(self.likelihood, self.answers, strict=True):
            chosen = keep(q)
            means.append(q[chosen] @ p[chosen] / q[chosen].sum())
            rows.append(len(q[chosen]))
        return np.array(means), np.array(rows)

    def adaptive(self, features: Any, order: Any, tolerance: float, seed: int) -> tuple[np.ndarray, ...]:
        """Return estimated means, their errors in bits, and the numbers of candidates asked for."""
        units = [
            Candidates(q, features[ids], order[ids], np.flatnonzero(ids == original))
            for q, ids, original in zip(self.likelihood, self.ids, self.original, strict=True)
        ]
        both = [np.stack([1.0 - p, p], axis=1) for p in self.answers]

        def width(estimate: Any) -> float:
            p = float(np.clip(estimate.mean[1], 1e-9, 1 - 1e-9))
            return float(estimate.std_error[1] / (p * (1 - p) * np.log(2)))

        found = marginalize(
            units,
            lambda index: [own[chosen] for own, chosen in zip(both, index, strict=True)],
            width,
            target=1,
            n_classes=2,
            tolerance=tolerance,
            budget=None,
            seed=seed,
        )
        estimates = [estimate for _, estimate in found]
        return (
            np.array([estimate.mean[1] for estimate in estimates]),
            np.array([width(estimate) for estimate in estimates]),
            np.array([len(pool.seen) for pool, _ in found]),
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reference", type=Path, required=True)
    parser.add_argument("--sentences", type=int, default=20)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("marginalization.json"))
    options = parser.parse_args()
    model = elision.load(models() / "sst2-minilm")
    texts = sst_sentences(model, options.sentences, most_tokens=20)
    files = [options.reference / f"{i}.npz" for i in range(len(texts))]
    sentences = [Sentence(file, model, text) for file, text in zip(files, texts, strict=True) if file.exists()]
    features, order = elision.MaskedLanguageModel(models() / "mlm-minilm")._features()
    wanted = np.concatenate([sentence.full - log_odds(sentence.mean) for sentence in sentences])
    print(f"{len(sentences)} sentences, {len(wanted)} units, reference {sum(map(total, sentences)):,} rows")
    print(f"{'':18}{'rows a unit':>12}{'Pearson':>9}{'rms bits':>10}{'largest':>9}{'in 95 %':>9}{'own s':>7}")
    cuts = {f"sigma {sigma:g}": (lambda q, s=sigma: q > s) for sigma in (1e-3, 1e-4, 1e-5)}
    cuts |= {f"top {n}": (lambda q, n=n: slice(0, n)) for n in (100, 1000)}
    table: dict[str, Any] = {}
    for name, keep in cuts.items():
        parts = [sentence.truncated(keep) for sentence in sentences]
        scores = np.concatenate([s.full - log_odds(mean) for s, (mean, _) in zip(sentences, parts, strict=True)])
        table[name] = report(name, wanted, scores, np.concatenate([rows for _, rows in parts]), None, None)
    for tolerance in TOLERANCES:
        runs, started = [], time.perf_counter()
        for seed in range(options.seeds):
            runs += [sentence.adaptive(features, order, tolerance, seed) for sentence in sentences]
        seconds = (time.perf_counter() - started) / len(runs)
        owners = sentences * options.seeds
        scores = np.concatenate([s.full - log_odds(mean) for s, (mean, _, _) in zip(owners, runs, strict=True)])
        rows, errors = (np.concatenate([run[i] for run in runs]) for i in (2, 1))
        name = f"adaptive {tolerance:g}"
        table[name] = report(name, np.tile(wanted, options.seeds), scores, rows, errors, seconds)
    options.out.write_text(json.dumps(table, indent=1))


def total(sentence: Sentence) -> int:
    return sum(map(len, sentence.answers))


def report(name: str, wanted: Any, scores: Any, rows: Any, errors: Any, seconds: float | None) -> dict[str, float]:
    """Print and return one line of the table."""
    difference = scores - wanted
    line = {
        "rows": float(rows.mean()),
        "pearson": float(np.corrcoef(wanted, scores)[0, 1]),
        "rms": float(np.sqrt((difference**2).mean())),
        "largest": float(np.abs(difference).max()),
    }
    print(f"{name:18}{line['rows']:12,.0f}{line['pearson']:9.4f}{line['rms']:10.3f}{line['largest']:9.2f}", end="")
    if errors is not None:
        line["covered"] = float((np.abs(difference) <= 1.96 * errors + 1e-9).mean())
        print(f"{line['covered']:9.3f}{seconds:7.2f}", end="")
    print(flush=True)
    return line


if __name__ == "__main__":
    main()
