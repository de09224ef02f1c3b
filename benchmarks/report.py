"""Seconds, megabytes and memory of the page about many explanations.

    python benchmarks/report.py [--explanations 10000] [--words 25] [--candidates 0] [--browser] [--out FILE]

The explanations are made up: words drawn from some 400, a weight each, noise. --out keeps the page. --browser also
takes the times in a headless Chromium, five of each: to load the page, and until a search, another order or the next
page is drawn.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import elision

SYLLABLES = ([*"bdfgklmnprst"], ["a", "e", "io", "ou"], ["n", "st", "ll", "ring", "ful", "ly", "ment", "d"])
VOCABULARY = [first + second + third for first in SYLLABLES[0] for second in SYLLABLES[1] for third in SYLLABLES[2]]


def made_up(n: int, n_words: int, n_candidates: int) -> Iterator[elision.LabelledExplanation]:
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
        yield elision.LabelledExplanation(explanation, "positive" if rng.uniform() < 0.9 * p else "negative")


ACTS = {
    "search": 'set("search", "ring")',
    "order": 'set("order", "wide")',
    "page": 'list.querySelector(".next").click()',
}
UNTIL_DRAWN = """async (act) => {
  const list = document.querySelector("#all");
  const set = (name, value) => {
    const control = list.querySelector(`[name=${name}]`);
    control.value = value;
    control.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const start = performance.now();
  eval(act);
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return performance.now() - start;
}"""


def browse(page: str) -> dict[str, list[float]]:
    """Return milliseconds of each act, five times."""
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    found: dict[str, list[float]] = {name: [] for name in ("load", *ACTS)}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "page.html"
        file.write_text(page, encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"] * (os.geteuid() == 0))
        for _ in range(5):
            # The page forbids eval, which only the measuring needs.
            window = browser.new_context(bypass_csp=True).new_page()
            started = time.perf_counter()
            window.goto(file.as_uri())
            found["load"].append(1000 * (time.perf_counter() - started))
            for name, act in ACTS.items():
                found[name].append(window.evaluate(UNTIL_DRAWN, act))
        browser.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--explanations", type=int, default=10_000)
    parser.add_argument("--words", type=int, default=25)
    parser.add_argument("--candidates", type=int, default=0)
    parser.add_argument("--browser", action="store_true")
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
    for name, times in browse(page).items() if options.browser else ():
        print(f"{name:6}{min(times):8.0f} to {max(times):.0f} ms, median {np.median(times):.0f}")
    if options.out:
        options.out.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
