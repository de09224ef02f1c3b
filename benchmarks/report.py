"""Seconds, megabytes and memory of the page about many explanations.

    python benchmarks/report.py [--explanations 10000] [--words 25] [--candidates 0] [--out FILE]

The explanations are made up: words drawn from some 400, a weight each, noise. --out keeps the page.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import elision

SYLLABLES = ([*"bdfgklmnprst"], ["a", "e", "io", "ou"], ["n", "st", "ll", "ring", "ful", "ly", "ment", "d"])
VOCABULARY = [first + second + third for first in SYLLABLES[0] for second in SYLLABLES[1] for third in SYLLABLES[2]]


def made_up(n: int, n_words: int, n_candidates: int) -> Iterator[elision.Recorded]:
    rng = np.random.default_rng(0)
    weights = rng.normal(size=len(VOCABULARY))
    often = 1 / np.arange(1, len(VOCABULARY) + 1) ** 0.8
    candidates = (elision.Candidate("candidate", 0.123456789, 0.987654321),) * n_candidates
    for _ in range(n):
        drawn = rng.choice(len(VOCABULARY), n_words, p=often / often.sum())
        words = [VOCABULARY[i] for i in drawn]
        starts = np.cumsum([0, *(len(word) + 1 for word in words)]).tolist()
        scores = weights[drawn] + rng.normal(0, 0.5, n_words)
        p = 1 / (1 + np.exp(-scores.sum() / 3))
        explanation = elision.Explanation(
            segments=(" ".join(words),),
            units=tuple(elision.Unit(word, at, at + len(word)) for word, at in zip(words, starts, strict=False)),
            scores=scores,
            target="positive",
            labels=("negative", "positive"),
            probabilities=np.array([1 - p, p]),
            std_error=rng.uniform(0.05, 0.3, n_words),
            likelihoods=rng.uniform(size=n_words),
            candidates=(candidates,) * n_words if n_candidates else None,
            provenance={"method": "made up", "behaviour": {"name": "log_odds", "unit": "bits"}},
        )
        yield elision.Recorded(explanation, "positive" if rng.uniform() < 0.9 * p else "negative")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--explanations", type=int, default=10_000)
    parser.add_argument("--words", type=int, default=25)
    parser.add_argument("--candidates", type=int, default=0)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run.jsonl"
        elision.write_run(run, made_up(options.explanations, options.words, options.candidates))
        print(f"run   {run.stat().st_size / 1e6:8.1f} MB")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started = time.perf_counter()
        page = elision.report(run)
        taken = time.perf_counter() - started
        above = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(f"page  {len(page.encode()) / 1e6:8.1f} MB, {taken:.1f} s, {above / 1024:.0f} MiB above writing the run")
    if options.out:
        options.out.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
