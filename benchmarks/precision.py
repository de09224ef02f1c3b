"""Attributions in the fast dtype against float32.

    python benchmarks/precision.py [--sentences 50] [--dtype fast]

Leave-one-out (mask) over the first sentences of at most 20 tokens of sst/test_binary.jsonl, sst2-minilm. ELISION_DATA
and ELISION_MODELS name the folders.
"""

from __future__ import annotations

import argparse

import numpy as np
from common import models, sst_sentences

import elision


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sentences", type=int, default=50)
    parser.add_argument("--dtype", default="fast")
    options = parser.parse_args()
    exact = elision.load(models() / "sst2-minilm", dtype="float32")
    quick = elision.load(models() / "sst2-minilm", dtype=options.dtype)
    method = elision.LeaveOneOut(removal="mask")
    texts = sst_sentences(exact, options.sentences, most_tokens=20)
    wanted = np.concatenate([method(exact, text, target="positive").scores for text in texts])
    explanations = [method(quick, text, target="positive") for text in texts]
    found = np.concatenate([explanation.scores for explanation in explanations])
    stated = np.repeat(
        [explanation.provenance["rounding"]["moves"] for explanation in explanations],
        [len(explanation.scores) for explanation in explanations],
    )
    difference = np.abs(wanted - found)
    print(f"{quick.describe()['dtype']} against float32, {len(wanted)} words of {len(texts)} sentences:")
    print(f"Pearson {np.corrcoef(wanted, found)[0, 1]:.5f}, largest difference {difference.max():.2f} bits,")
    print(
        f"root mean square {np.sqrt((difference**2).mean()):.3f} bits; the scores' spread is {wanted.std():.2f} bits;"
    )
    print(f"{(difference <= stated).mean():.1%} differ by no more than was stated, {stated.mean():.2f} bits on average")


if __name__ == "__main__":
    main()
