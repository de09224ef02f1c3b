"""Group masks: the exact solver against the papers' sampling solver, on the same short-lists, in one process.

    python benchmarks/group_masks.py [--pairs 20] [--written 3] [--dtype float32] [--out FILE]

The first pairs of snli/test.jsonl, snli-minilm, removal zero (the sampling solver can do no other), k = 10.
ELISION_DATA and ELISION_MODELS name the folders. Each pair is solved exactly and by sampling, 100 and 500 samples x 100
epochs, each different mask sent through the model once; and, on the first `--written` pairs, by sampling as the paper
has it, where every draw is a model row. "objective" is Eq. 7 in closed form, at the solution of each. Pairs that are in
the --out file are not solved again.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from common import models, snli_pairs

import elision
from elision.explainers.masks.lattice import Lattice, evaluate
from elision.explainers.masks.objective import group_objective
from elision.explainers.masks.shortlist import shortlist
from elision.game.driver import converse
from elision.memory import keep_freed_memory

TOP = 4


class Clock:
    """Seconds spent inside a model."""

    def __init__(self, model: elision.HuggingFaceModel) -> None:
        self.seconds = 0.0
        for name in ("predict", "gradient"):
            setattr(model, name, self._timed(getattr(model, name)))

    def _timed(self, call: Any) -> Any:
        def timed(*arguments: Any) -> Any:
            started = time.perf_counter()
            try:
                return call(*arguments)
            finally:
                self.seconds += time.perf_counter() - started

        return timed


def objective(lattice: Lattice, explanation: elision.Explanation) -> float:
    """Return Eq. 7 at an explanation's groups."""
    phi = np.stack([group.membership for group in explanation.groups or ()], axis=1)[lattice.units]
    psi = np.array([group.importance for group in explanation.groups or ()])
    return group_objective(lattice.losses, phi, psi, lattice.sides).total


def keeps_answer(v: elision.ValueFunction, scores: np.ndarray) -> bool:
    """Tell whether the model still answers the same on the top words alone."""
    known = np.zeros((1, len(v.units)), dtype=bool)
    known[0, np.argsort(-scores, kind="stable")[:TOP]] = True
    return int(v.probabilities(known)[0].argmax()) == v.target


def measure(model: Any, clock: Clock, example: Any, seed: int, as_written: bool) -> dict[str, dict[str, float]]:
    ranking = elision.WordMasks(removal="zero", seed=seed)(model, example)
    sides = np.array([unit.segment for unit in ranking.units])
    units = shortlist(ranking.scores, sides, 10).chosen.tolist()
    v = elision.ValueFunction(model, example, removal="zero", behaviour="log_probability")
    lattice = converse(v, evaluate(v, units))
    methods = {"exact": elision.GroupMasks(shortlist=units, removal="zero", seed=seed)}
    for n in (100, 500):
        for reuse in (True, False) if as_written else (True,):
            settings = elision.Sampling(n_samples=n, n_epochs=100, tolerance=0, reuse=reuse)
            name = f"sampling {n} x 100" + ("" if reuse else ", every draw a row")
            methods[name] = elision.GroupMasks(shortlist=units, solver=settings, seed=seed)
    found = {}
    for name, method in methods.items():
        clock.seconds, started = 0.0, time.perf_counter()
        explanation = method(model, example)
        seconds = time.perf_counter() - started
        record = explanation.provenance["solution"].get("minimum", {})
        found[name] = {
            "rows": explanation.provenance["evaluations"],
            "seconds": seconds,
            "own seconds": seconds - clock.seconds,
            "objective": record["total"] if name == "exact" else objective(lattice, explanation),
            "top 4": float(keeps_answer(v, explanation.scores)),
        }
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--written", type=int, default=3, help="pairs on which every draw is also sent as a row")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("group_masks.json"))
    options = parser.parse_args()
    keep_freed_memory()
    model = elision.load(models() / "snli-minilm", dtype=options.dtype)
    clock = Clock(model)
    results: list[dict[str, dict[str, float]]] = json.loads(options.out.read_text()) if options.out.exists() else []
    for i, example in list(enumerate(snli_pairs(options.pairs)))[len(results) :]:
        results.append(measure(model, clock, example, options.seed, i < options.written))
        options.out.write_text(json.dumps(results, indent=1))
        own = results[-1]
        print(
            f"pair {i + 1}: " + "; ".join(f"{name} {found['objective']:.4f}" for name, found in own.items()), flush=True
        )
    print_table(results)


def print_table(results: list[dict[str, dict[str, float]]]) -> None:
    names = sorted({name for own in results for name in own}, key=lambda name: ("every" in name, name))
    print(
        f"\n{'':36}{'pairs':>6}{'rows':>9}{'seconds':>9}{'own s':>8}{'above':>8}{'never below':>12}{'top 4':>7}"
        f"{'rows/exact':>11}{'time/exact':>11}"
    )
    for name in names:
        pairs = [(own["exact"], own[name]) for own in results if name in own]
        column = {key: np.array([found[key] for _, found in pairs]) for key in pairs[0][1]}
        above = np.array([found["objective"] - exact["objective"] for exact, found in pairs])
        rows = np.median([found["rows"] / exact["rows"] for exact, found in pairs])
        seconds = np.median([found["seconds"] / exact["seconds"] for exact, found in pairs])
        print(
            f"{name:36}{len(pairs):6}{np.median(column['rows']):9,.0f}{np.median(column['seconds']):9.2f}"
            f"{np.median(column['own seconds']):8.3f}{np.median(above):8.3f}{bool((above >= -1e-9).all())!s:>12}"
            f"{column['top 4'].mean():7.2f}{rows:11.1f}{seconds:11.1f}"
        )
    print("medians over pairs; above: objective minus the exact solver's; top 4: the answer stays on the top 4 words")


if __name__ == "__main__":
    main()
