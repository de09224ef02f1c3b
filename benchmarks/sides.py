"""Group masks that ask both sides beside those that ask one, on the same pairs.

    python benchmarks/sides.py [--pairs 100] [--split test] [--skip 0] [--shares 0.5] [--out sides.jsonl]

Pairs of snli/test.jsonl, or of another split, snli-minilm, k = 10, removal drop. Printed: AOPC (U = 10), post-hoc
accuracy and the degradation score, each under drop, mask, delete and zero, the rows of a pair, and how far both sides
are above one, with 95 % intervals of the paired bootstrap. Of the removed side's --shares in the loss 0.5 is what the
library takes; others are there to choose it on --split dev. Each pair's figures are a line of --out, and pairs that
are there are not measured again. ELISION_DATA and ELISION_MODELS name the folders.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from common import models, snli_pairs

import elision
from elision.approximators.lattice import posterior
from elision.explainers.masks.lattice import evaluate
from elision.explainers.masks.sides import SHARE_REMOVED, total
from elision.game.driver import converse
from elision.memory import keep_freed_memory
from elision.metrics import aopc, degradation, difference, post_hoc_accuracy

REMOVALS = ("drop", "mask", "delete", "zero")
METRICS = {"AOPC": aopc, "post-hoc": post_hoc_accuracy, "degradation": degradation}
ONE, BOTH = "group masks, one side", "group masks, both sides"
METHODS = {
    "word masks": elision.WordMasks(),
    ONE: elision.GroupMasks(),
    BOTH: elision.GroupMasks(sides="both"),
}


def explained(engine: elision.Engine, pair: Any, shares: list[float]) -> dict[str, elision.Explanation]:
    """Return the methods' explanations; of other shares than the library's their posterior is in the scores' place."""
    model = engine.model
    found = {name: method(model, pair, engine=engine) for name, method in METHODS.items()}
    both = found[BOTH]
    v = elision.ValueFunction(model, pair, removal="drop", behaviour="log_probability", engine=engine)
    units = both.provenance["solution"]["units"]
    for share in shares:
        if share == SHARE_REMOVED:
            continue
        lattice = converse(v, evaluate(v, units, sides="both"))
        weights = (1.0 - share, share)
        parts = tuple(replace(part, weight=own) for part, own in zip(lattice.parts, weights, strict=True))
        rho = 1.0 / max(both.provenance["solution"]["n_groups"], 2)
        scores = np.array(both.scores)
        scores[units] = posterior(total(parts, v.behaviour, v.target), rho=rho)
        found[f"{BOTH}, {share} removed"] = both.replace(scores=scores, std_error=None, lower=None, upper=None)
    return found


def measure(model: Any, pair: Any, shares: list[float]) -> dict[str, dict[str, Any]]:
    """Return for each method its rows, and value and weight of each metric under each removal."""
    engine = elision.Engine(model)
    result: dict[str, dict[str, Any]] = {}
    rows = 0
    for name, explanation in explained(engine, pair, shares).items():
        # Each method asks all that the one before asked, which the engine remembers, and more.
        rows += explanation.provenance["evaluations"] if name in METHODS else 0
        own: dict[str, Any] = {"rows": rows}
        for label, metric in METRICS.items():
            for removal in REMOVALS:
                told = metric(model, [explanation], removal=removal, engine=engine)
                weight = 1.0 if told.weights is None else float(told.weights[0])
                own[f"{label} {removal}"] = [float(told.values[0]), weight]
        result[name] = own
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=100)
    parser.add_argument("--split", default="test")
    parser.add_argument("--skip", type=int, default=0)
    parser.add_argument("--shares", type=lambda text: [float(own) for own in text.split(",")], default=[SHARE_REMOVED])
    parser.add_argument("--dtype", default="bfloat16")
    parser.add_argument("--out", type=Path, default=Path("sides.jsonl"))
    options = parser.parse_args()
    keep_freed_memory()
    model = elision.load(models() / "snli-minilm", dtype=options.dtype)
    results = [json.loads(line) for line in options.out.read_text().splitlines()] if options.out.exists() else []
    with options.out.open("a") as file:
        for pair in snli_pairs(options.pairs, split=options.split, skip=options.skip)[len(results) :]:
            results.append(measure(model, pair, options.shares))
            file.write(json.dumps(results[-1]) + "\n")
            file.flush()
            print(f"pair {len(results)}", flush=True)
    print_tables(results)


def measured(results: list[dict[str, dict[str, Any]]], name: str, key: str) -> elision.metrics.Measurement:
    values, weights = np.array([found[name][key] for found in results]).T
    return elision.metrics.Measurement(name=key, values=values, weights=weights)


def print_tables(results: list[dict[str, dict[str, Any]]]) -> None:
    names = [name for name in results[0] if all(name in found for found in results)]
    print(f"\n{len(results)} pairs\n\n| method | rows | " + " | ".join(METRICS) + " |")
    print("|---|---|" + "---|" * len(METRICS))
    for name in names:
        rows = np.mean([found[name]["rows"] for found in results])
        cells = [
            " ".join(f"{measured(results, name, f'{label} {removal}').mean:.3f}" for removal in REMOVALS)
            for label in METRICS
        ]
        print(f"| {name} | {rows:,.0f} | " + " | ".join(cells) + " |")
    print("\n| both sides above | metric | " + " | ".join(REMOVALS) + " |\n|---|---|" + "---|" * len(REMOVALS))
    for name in names:
        for label in METRICS if name != BOTH else ():
            cells = []
            for removal in REMOVALS:
                key = f"{label} {removal}"
                d, low, high, _ = difference(measured(results, BOTH, key), measured(results, name, key))
                cells.append(f"{d:+.3f} ({low:+.3f} to {high:+.3f})")
            print(f"| {name} | {label} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
