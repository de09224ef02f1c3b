"""Random texts on tiny models of many architectures: does the library read each as the plain call does, or refuse it?

    python benchmarks/fuzz.py [--texts 20000] [--seed 0] [--every 10] [--only NAME ...]

The texts (tests/toys/fuzzing.py) are words, punctuation, many scripts, emoji, combining marks, control characters,
special tokens written out, very long words, white space of all kinds, and pairs of such. Each goes to one
architecture: its token ids must be the plain call's, and the value of the whole text the plain call's probabilities;
of `--every` texts one is explained by leaving out one unit at a time. A fault is anything else than that or a refusal
by the library. The exit code is 1 where there is a fault.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections import Counter
from pathlib import Path

import torch
from transformers.utils import logging

import elision

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from toys.fuzzing import NAMES, fuzz


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--every", type=int, default=10)
    parser.add_argument("--only", nargs="+", default=NAMES, choices=NAMES, metavar="NAME")
    parser.add_argument("--show", type=int, default=5, help="faults to print of each architecture")
    options = parser.parse_args()
    warnings.simplefilter("ignore", elision.ElisionWarning)
    logging.set_verbosity_error()
    torch.set_num_threads(1)
    started = time.perf_counter()
    refused: Counter[str] = Counter()
    n_faults = 0
    print(f"{'architecture':24}{'texts':>8}{'units':>10}{'explained':>11}{'refused':>9}{'v(all) off':>12}{'faults':>8}")
    for name, found in fuzz(options.texts, options.seed, every=options.every, names=options.only):
        n_refused = found.refused.total()
        counts = f"{found.n:8,}{found.units:10,}{found.explained:11,}{n_refused:9,}{found.largest:12.0e}"
        print(f"{name:24}{counts}{len(found.faults):8,}")
        for fault, example in found.faults[: options.show]:
            print(f"  {fault}: {example!a}")
        refused += found.refused
        n_faults += len(found.faults)
    print("refused:", "; ".join(f"{reason} {n:,}" for reason, n in refused.most_common()))
    print(f"{n_faults:,} faults in {options.texts:,} texts; {time.perf_counter() - started:,.0f} s")
    sys.exit(n_faults > 0)


if __name__ == "__main__":
    main()
