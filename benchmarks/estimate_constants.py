"""What the estimate's constants are worth: rows, errors and coverage with each of them halved and doubled.

    python benchmarks/reference.py --examples 5 --out FOLDER
    python benchmarks/estimate_constants.py --reference FOLDER [--examples 5] [--tolerance 0.1] [--only NOISE SHARED]

The sentences and the reference are those of benchmarks/marginalization.py. "rows at equal error" are the rows a token
times (rms / rms as it is)^2: what a change would cost or save were the error to stay. The first line has the spread of
a text's first look in nats of log-odds, to which scores are scaled (`links.SPREAD`). ELISION_DATA and ELISION_MODELS
name the folders.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from common import models
from marginalization import Known, Replay, Sentence, key
from reference import examples

import elision
from elision.explainers.marginalization import (
    adaptive_estimate,
    adaptive_sampling,
    candidate_features,
    links,
    surrogate,
    warm_start,
)

PARTS = (surrogate, adaptive_sampling, candidate_features, links, warm_start, adaptive_estimate)
CONSTANTS = {
    "INTERCEPT": surrogate,
    "SHARED": surrogate,
    "OWN": surrogate,
    "SCALE": surrogate,
    "OUTLIERS": surrogate,
    "NOISE": surrogate,
    "_DEGREES": surrogate,
    "_LIKELIEST": adaptive_sampling,
    "_FIRST": adaptive_sampling,
    "_POWER": adaptive_sampling,
    "_GROWTH": adaptive_sampling,
    "_FLOOR": adaptive_sampling,
    "_ALONG": candidate_features,
    "_PREDICTED": candidate_features,
    "_OWN_COMPONENTS": candidate_features,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reference", type=Path, required=True)
    parser.add_argument("--examples", type=int, default=5)
    parser.add_argument("--skip", type=int, default=0, help="as for the reference")
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--tolerance", type=float, default=0.1)
    parser.add_argument("--only", nargs="*", default=list(CONSTANTS), choices=list(CONSTANTS))
    options = parser.parse_args()
    model = elision.load(models() / "sst2-minilm", dtype="fast")
    texts = examples("sst2", model, options.examples, 20, options.skip)
    files = [options.reference / f"{i}.npz" for i in range(len(texts))]
    known = {key(text): Sentence(file, model, text) for file, text in zip(files, texts, strict=True) if file.exists()}
    likelihood = Known(elision.MaskedLanguageModel(models() / "mlm-minilm"), known)

    def run() -> dict[str, float]:
        replay, found, wanted = Replay(model, known), [], []
        for seed in range(options.seeds):
            method = elision.InputMarginalization(likelihood, seed=seed, n_candidates=0, tolerance=options.tolerance)
            for text in texts:
                if key(text) in known:
                    found.append(method(replay, text, units="token"))
                    wanted.append(known[key(text)].scores)
        return figures(found, np.concatenate(wanted))

    print(f"{len(known)} sentences; log-odds of a first look are {first_spread(run):.2f} nats apart")
    usual = run()
    print(f"{'':24}{'rows a token':>13}{'rms bits':>10}{'in 95 %':>9}{'rows at equal error':>21}")
    report("as it is", usual, usual)
    for name in options.only:
        value = getattr(CONSTANTS[name], name)
        for factor in (0.5, 2.0):
            other = type(value)(value * factor)
            with changed(name, other):
                report(f"{name} {value:g} -> {other:g}", run(), usual)


@contextmanager
def changed(name: str, value: Any) -> Iterator[None]:
    """Give a constant another value, in all modules that took it in, and in what is made of it."""
    before = {part: getattr(part, name) for part in PARTS if hasattr(part, name)}
    defaults = surrogate.Prior.__init__.__defaults__
    for part in before:
        setattr(part, name, value)
    surrogate.Prior.__init__.__defaults__ = (surrogate.SCALE, surrogate.OUTLIERS)
    try:
        yield
    finally:
        for part, old in before.items():
            setattr(part, name, old)
        surrogate.Prior.__init__.__defaults__ = defaults


def first_spread(run: Any) -> float:
    """Return the mean standard deviation of a text's first log-odds, in nats."""
    spreads: list[float] = []
    link_of = adaptive_estimate.link_of

    def noting(kind: Any, first: Any, unit: Any) -> Any:
        link = link_of(kind, first, unit)
        spreads.append(float(link.of(kind.watch(np.concatenate(list(first)))).std(axis=0)[-1]))
        return link

    adaptive_estimate.link_of = noting
    try:
        run()
    finally:
        adaptive_estimate.link_of = link_of
    return float(np.mean(spreads))


def figures(found: list[elision.Explanation], wanted: np.ndarray) -> dict[str, float]:
    off = np.abs(np.concatenate([explanation.scores for explanation in found]) - wanted)
    errors = np.concatenate([explanation.std_error for explanation in found])
    return {
        "rows": sum(explanation.provenance["evaluations"] for explanation in found) / len(wanted),
        "rms": float(np.sqrt((off**2).mean())),
        "covered": float((off <= 1.96 * errors + 1e-9).mean()),
    }


def report(name: str, own: dict[str, float], usual: dict[str, float]) -> None:
    equal = own["rows"] * (own["rms"] / usual["rms"]) ** 2
    print(f"{name:24}{own['rows']:13,.0f}{own['rms']:10.3f}{own['covered']:9.3f}{equal:21,.0f}", flush=True)


if __name__ == "__main__":
    main()
