"""Seconds from the shell to the printed explanation with the built-in models.

    python benchmarks/cold_start.py [--runs 7] [--json FILE]

Each run starts a new process. "imports" is what a process needs that only imports torch and the model classes of
transformers; "own" is the rest, the library's own work: loading its models, marginalizing, printing.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

SENTENCE = "a deep and meaningful film ."
COMMANDS = {
    "explain": [sys.executable, "-m", "elision", "explain", SENTENCE],
    "imports": [
        sys.executable,
        "-c",
        "import torch, transformers;"
        "transformers.AutoTokenizer;"
        "transformers.ElectraForSequenceClassification;"
        "transformers.ElectraForMaskedLM",
    ],
    "help": [sys.executable, "-m", "elision", "--help"],
}


def seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for run in range(options.runs + 1):
        for name, command in COMMANDS.items():
            taken = seconds(command)
            if run:
                times[name].append(taken)
    times["own"] = [whole - imports for whole, imports in zip(times["explain"], times["imports"], strict=True)]
    print(f"{'':10}{'median s':>10}{'least':>8}{'most':>8}   ({options.runs} runs, one more to warm up)")
    for name, taken in times.items():
        print(f"{name:10}{statistics.median(taken):10.2f}{min(taken):8.2f}{max(taken):8.2f}")
    if options.json:
        options.json.write_text(json.dumps(times, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
