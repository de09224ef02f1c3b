"""Search beside leave-one-out, LIME, Shapley values, masks and marginalization, under four removals and AUC_rep.

    python benchmarks/search.py [--data snli quora mrpc sst] [--model encoder|decomposable-attention] [--examples 100]
        [--methods NAME ...] [--dtype fast] [--likelihood builtin:mlm|FOLDER] [--out FOLDER]
    python benchmarks/search.py --table FOLDER
    python benchmarks/search.py --tune [--data snli sst]

Examples are drawn from the test split by a seed, of those with 8 to 40 words. Printed for each method:
rows and seconds an example, AOPC (Eq. 9, U = 10), post-hoc accuracy (v = 1..10) and the degradation score, with units
removed by drop, mask, delete and zero, the area under the probability over the first fifth, and AUC_rep; with paired
bootstrap intervals of the differences to search. What is measured stands in FOLDER, an example a line, and a run that
was stopped goes on where it was; --table prints what is there. --tune sets search's settings and constants beside
each other on dev splits. ELISION_DATA and ELISION_MODELS name the folders.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from common import folder, models

import elision
from elision.approximators import guided, subset_surrogate
from elision.data.samples import load_split
from elision.memory import keep_freed_memory
from elision.metrics import aopc, auc_rep, degradation, deletion_auc, post_hoc_accuracy
from elision.progress import Progress
from elision.removal.marginal import make_likelihood
from elision.results.intervals import difference
from elision.results.measurement import Measurement

REMOVALS = ("drop", "mask", "delete", "zero")
ENCODERS = {"snli": "snli-minilm", "quora": "quora-minilm", "mrpc": "quora-minilm", "sst": "sst2-minilm"}
LEAST_WORDS, MOST_WORDS = 8, 40
METHODS: dict[str, Any] = {
    "search": lambda mlm: elision.Search(),
    "search, drop": lambda mlm: elision.Search(removal="drop"),
    "leave-one-out": lambda mlm: elision.LeaveOneOut(removal="drop"),
    "word masks": lambda mlm: elision.WordMasks(removal="drop"),
    "LIME": lambda mlm: elision.Lime(removal="drop"),
    "LIME, three removals": lambda mlm: elision.Lime(removal="drop+mask+delete", n_samples=683),
    "Shapley": lambda mlm: elision.Shapley(removal="drop"),
    "group masks": lambda mlm: elision.GroupMasks(removal="drop"),
    "marginalization": lambda mlm: elision.InputMarginalization(likelihood=mlm, tolerance=0.3, budget=3000),
}
WIDE = 24


def examples_of(data: str, split: str, n: int, seed: int = 0) -> list[Any]:
    """Return n examples of a split that are neither short nor long, drawn by a seed."""
    part = load_split("sst2" if data == "sst" else data, split)
    given = part.lowered().examples if data == "sst" else part.examples
    order = np.random.default_rng(seed).permutation(len(given))
    words = (len((given[i] if data == "sst" else " ".join(given[i])).split()) for i in order)
    fitting = (given[i] for i, n_words in zip(order, words, strict=True) if LEAST_WORDS <= n_words <= MOST_WORDS)
    return [example for example, _ in zip(dict.fromkeys(fitting), range(n), strict=False)]


def measured(model: Any, explanation: Any, engine: Any, mlm: Any) -> dict[str, Any]:
    """Return all figures of one explanation."""
    found: dict[str, Any] = {}
    told = {"engine": engine}
    for removal in REMOVALS:
        try:
            found[f"aopc {removal}"] = float(aopc(model, [explanation], removal=removal, **told).values[0])
            accuracy = post_hoc_accuracy(model, [explanation], removal=removal, **told)
            found[f"post-hoc {removal}"] = float(accuracy.values[0])
            area = degradation(model, [explanation], removal=removal, **told)
            found[f"degradation {removal}"] = [float(area.values[0]), float(area.weights[0])]
            found[f"first fifth {removal}"] = float(
                deletion_auc(model, [explanation], removal=removal, share=0.2, **told).values[0]
            )
        except elision.UnsupportedError:
            continue
    if mlm is not None:
        found["auc-rep"] = float(auc_rep(model, [explanation], likelihood=mlm, **told).values[0])
    return found


def run(options: argparse.Namespace, data: str) -> None:
    """Explain and measure what is missing, a line an example and method."""
    name = ENCODERS[data] if options.model == "encoder" else f"{data}-decomposable-attention"
    place = models() if options.model == "encoder" else options.attention
    model = elision.load(place / name, dtype=options.dtype)
    mlm = make_likelihood(options.likelihood) if data == "sst" and options.model == "encoder" else None
    path = options.out / f"{options.model}-{data}.jsonl"
    done = {(line["example"], line["method"]) for line in _lines(path)}
    chosen = {k: v for k, v in METHODS.items() if not options.methods or k in options.methods}
    for i, example in enumerate(examples_of(data, "test", options.examples)):
        for method, make in chosen.items():
            if (i, method) in done or (method == "marginalization" and mlm is None):
                continue
            explainer = make(mlm)
            started = time.perf_counter()
            try:
                explanation = explainer(model, example, engine=elision.Engine(model, progress=Progress(False)))
            except elision.UnsupportedError as error:
                print(f"{data}: {method}: {error}", flush=True)
                chosen = {k: v for k, v in chosen.items() if k != method}
                continue
            seconds = time.perf_counter() - started
            line = {
                "example": i,
                "method": method,
                "units": len(explanation.units),
                "rows": explanation.origin.evaluations,
                "seconds": seconds,
                **measured(model, explanation, elision.Engine(model, progress=Progress(False)), mlm),
            }
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if path.exists():
        with path.open(encoding="utf-8") as file:
            yield from map(json.loads, file)


def measurement(name: str, lines: list[dict[str, Any]]) -> Measurement:
    """Return a figure of several examples as a Measurement, with its intervals."""
    values = np.array([line[name] for line in lines], dtype=np.float64)
    higher = not name.startswith(("first", "auc"))
    if values.ndim == 1:
        return Measurement(name=name, values=values, higher_is_better=higher)
    return Measurement(name=name, values=values[:, 0], weights=values[:, 1], higher_is_better=higher)


def table(path: Path) -> None:
    """Print each method's figures, and its differences to search with intervals."""
    by_method: dict[str, dict[int, dict[str, Any]]] = {}
    for line in _lines(path):
        by_method.setdefault(line["method"], {})[line["example"]] = line
    shared = sorted(set.intersection(*(set(own) for own in by_method.values())))
    if not shared:
        return
    first = by_method["search"][shared[0]]
    figures = [name for name in first if name not in ("example", "method", "units", "rows", "seconds")]
    units = [by_method["search"][i]["units"] for i in shared]
    print(f"\n{path.stem}: {len(shared)} examples, {min(units)} to {max(units)} units, {np.mean(units):.1f} on average")
    for kind in dict.fromkeys(name.split()[0] for name in figures):
        own = [name for name in figures if name.split()[0] == kind]
        print(f"\n| method | rows | seconds | {' | '.join(own)} |\n|---|---|---|{'---|' * len(own)}")
        for method, lines in by_method.items():
            chosen = [lines[i] for i in shared]
            cells = [_cell(name, chosen, [by_method["search"][i] for i in shared], method) for name in own]
            rows = f"{np.mean([line['rows'] for line in chosen]):,.0f}"
            print(f"| {method} | {rows} | {np.mean([line['seconds'] for line in chosen]):.2f} | {' | '.join(cells)} |")


def _cell(name: str, lines: list[dict[str, Any]], best: list[dict[str, Any]], method: str) -> str:
    figure = measurement(name, lines)
    if method == "search":
        return f"{figure.mean:.3f}"
    _, low, high, _ = difference(figure, measurement(name, best))
    return f"{figure.mean:.3f} ({low:+.3f} to {high:+.3f})"


TUNED: dict[str, dict[str, Any]] = {
    **{f"removed_share={share}": {"removed_share": share} for share in (0.5, 0.67, 0.75, 0.8, 0.85, 0.9, 1.0)},
    **{f"front={front}": {"front": front} for front in (0.5, 1.0)},
    "beam=10": {"beam": 10},
    "solver=local": {"solver": "local"},
    "removal=drop": {"removal": "drop"},
    "removal=drop+mask": {"removal": "drop+mask"},
}


CONSTANTS: dict[str, tuple[Any, str, Any]] = {
    **{f"near moves {n}": (guided, "_NEAR_MOVES", n) for n in (0, 3, 32)},
    "kernel without pairs": (subset_surrogate, "TERMS", (1.0, 4.0, 0.0, 1.0)),
    "kernel more local": (subset_surrogate, "TERMS", (1.0, 4.0, 2.0, 3.0)),
    **{f"removals' own {own}": (subset_surrogate, "OWN", own) for own in (0.15, 0.5)},
    "noise 0.005": (subset_surrogate, "NOISE", 0.005),
}


def tune(options: argparse.Namespace) -> None:
    """Print figures of search's settings on examples of dev splits."""
    for data in options.data:
        model = elision.load(models() / ENCODERS[data], dtype=options.dtype)
        given = examples_of(data, "dev", options.examples)
        print(f"\n{data}, dev, {len(given)} examples")
        for title in (*TUNED, *CONSTANTS):
            settings, lines = TUNED.get(title, {}), []
            module, name, other = CONSTANTS.get(title, (guided, "_NEAR_MOVES", guided._NEAR_MOVES))
            usual = getattr(module, name)
            setattr(module, name, other)
            for example in given:
                explanation = elision.Search(**settings)(model, example)
                found = measured(model, explanation, elision.Engine(model, progress=Progress(False)), None)
                lines.append({"rows": explanation.origin.evaluations, **found})
            setattr(module, name, usual)
            figures = " ".join(f"{measurement(name, lines).mean:6.3f}" for name in lines[0] if name != "rows")
            print(f"{title:{WIDE}} {np.mean([line['rows'] for line in lines]):6.0f} rows {figures}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", nargs="+", default=["snli", "sst", "quora", "mrpc"], choices=ENCODERS)
    parser.add_argument("--model", default="encoder", choices=("encoder", "decomposable-attention"))
    parser.add_argument("--attention", type=Path, default=Path("models"), help="the folder of trained pair models")
    parser.add_argument("--examples", type=int, default=100)
    parser.add_argument("--methods", nargs="+", help="only these")
    parser.add_argument("--dtype", default="fast")
    parser.add_argument("--likelihood", default=str(models() / "mlm-minilm"))
    parser.add_argument("--out", type=Path, default=Path("search"))
    parser.add_argument("--table", action="store_true", help="print what is in the folder")
    parser.add_argument("--tune", action="store_true")
    options = parser.parse_args()
    os.environ["ELISION_DATA"] = str(folder("ELISION_DATA", "data"))
    keep_freed_memory()
    if options.tune:
        tune(options)
        return
    if not options.table:
        options.out.mkdir(parents=True, exist_ok=True)
        for data in options.data:
            run(options, data)
    for path in sorted(options.out.glob("*.jsonl")):
        table(path)


if __name__ == "__main__":
    main()
