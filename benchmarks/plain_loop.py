"""Input marginalization against a plain loop that follows Algorithm 1 of Kim et al. 2020 word by word.

    python benchmarks/plain_loop.py [--sentences 5] [--tolerance 0.1] [--sigma 1e-5] [--threads N] [--out FILE]

The loop is what public re-implementations do with transformers and torch alone: mask a token, take the softmax of the
masked language model, send every candidate above sigma through the classifier in batches of 32, weigh and sum. Both
sides explain the same tokens of the first sentences of at most 20 tokens of sst/test_binary.jsonl with sst2-minilm and
mlm-minilm, taking turns in one process; all models are warm. Ratios are medians over sentences; Pearson is that of all
tokens pooled with the loop in float32. Processor time with one thread (OPENBLAS_NUM_THREADS=1 and --threads 1) holds
where others use the machine too. The library keeps freed memory in the whole process, which speeds the loop up as well.
ELISION_DATA and ELISION_MODELS name the folders. The loop takes minutes a sentence; what is in the --out file is not
computed again.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from common import models, spread, sst_sentences

import elision

BATCH = 32
WARM = 0.01
CLOCKS = "seconds", "cpu"

Found = list[dict[str, dict[str, Any]]]


class PlainLoop:
    """Algorithm 1 with the classifier in one dtype, and the normalisation of Eq. 4."""

    def __init__(self, dtype: torch.dtype) -> None:
        classifier, likelihood = models() / "sst2-minilm", models() / "mlm-minilm"
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(classifier)
        heads = transformers.AutoModelForSequenceClassification, transformers.AutoModelForMaskedLM
        self.classifier = heads[0].from_pretrained(classifier, dtype=dtype).eval()
        self.likelihood = heads[1].from_pretrained(likelihood, dtype=torch.float32).eval()

    def probabilities(self, ids: torch.Tensor) -> torch.Tensor:
        return torch.softmax(self.classifier(input_ids=ids).logits.float(), dim=-1)

    @torch.no_grad()
    def target(self, text: str) -> int:
        return int(self.probabilities(self.tokenizer(text, return_tensors="pt")["input_ids"])[0].argmax())

    @torch.no_grad()
    def explain(self, text: str, sigma: float) -> dict[str, Any]:
        """Return scores in bits, the same without Eq. 4's normalisation, rows and target."""
        ids = self.tokenizer(text, return_tensors="pt")["input_ids"]
        full = self.probabilities(ids)[0]
        target = int(full.argmax())
        absent, printed, rows = [], [], 1
        for i in range(1, ids.shape[1] - 1):
            masked = ids.clone()
            masked[0, i] = self.tokenizer.mask_token_id
            likelihood = torch.softmax(self.likelihood(input_ids=masked).logits[0, i], dim=-1)
            candidates = torch.nonzero(likelihood > sigma)[:, 0]
            total = 0.0
            for batch in candidates.split(BATCH):
                filled = ids.repeat(len(batch), 1)
                filled[:, i] = batch
                total += float((likelihood[batch] * self.probabilities(filled)[:, target]).sum())
            rows += len(candidates)
            absent.append(total / float(likelihood[candidates].sum()))
            printed.append(total)
        here = log_odds(float(full[target]))
        return {
            "scores": (here - log_odds(np.array(absent))).tolist(),
            "scores as printed": (here - log_odds(np.array(printed))).tolist(),
            "rows": rows,
            "target": target,
        }


def log_odds(p: Any) -> Any:
    inside = np.clip(p, 1e-9, 1.0 - 1e-9)
    return np.log2(inside) - np.log2(1.0 - inside)


def timed(call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    started, cpu = time.perf_counter(), time.process_time()
    found = call()
    return {**found, "seconds": time.perf_counter() - started, "cpu": time.process_time() - cpu}


def compare(n: int, out: Path, *, tolerance: float, sigma: float) -> Found:
    """Return for each side what it found of each sentence; `out` keeps them, and they are not computed again."""
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    model = elision.load(models() / "sst2-minilm", dtype="fast")
    likelihood = elision.MaskedLanguageModel(models() / "mlm-minilm")
    loops = {f"loop, {dtype}": PlainLoop(getattr(torch, dtype)) for dtype in ("float32", "bfloat16")}
    texts = sst_sentences(model, n, most_tokens=20)
    settings = {"tolerance": tolerance, "sigma": sigma, "threads": torch.get_num_threads()}
    kept = json.loads(out.read_text()) if out.exists() else {}
    found: Found = kept["sentences"] if kept.get("settings") == settings else []
    for warming in (True, *[False] * (n - len(found))):
        methods = {
            f"elision, sigma {sigma:g}": elision.InputMarginalization(likelihood, threshold=WARM if warming else sigma),
            f"elision, tolerance {tolerance:g}": elision.InputMarginalization(likelihood, tolerance=tolerance),
        }
        text = texts[min(len(found), n - 1)]
        one = explain(text, WARM if warming else sigma, loops, model, methods)
        if not warming:
            found.append(one)
            seconds = ", ".join(f"{name} {line['seconds']:.2f} s" for name, line in one.items())
            print(f"sentence {len(found)} of {n}: {seconds}", flush=True)
            out.write_text(json.dumps({"settings": settings, "sentences": found}, indent=1) + "\n", encoding="utf-8")
    return found[:n]


def explain(
    text: str,
    sigma: float,
    loops: dict[str, PlainLoop],
    model: elision.Model,
    methods: dict[str, elision.InputMarginalization],
) -> dict[str, dict[str, Any]]:
    """Return what each side finds of a sentence; the quickest runs before, between and after the slow ones."""
    target = next(iter(loops.values())).target(text)
    *others, quick = methods
    dtype = model.describe()["dtype"]

    def library(name: str) -> dict[str, Any]:
        found = methods[name](model, text, units="token", target=target)
        return {"scores": found.scores.tolist(), "rows": found.provenance["evaluations"]}

    runs, found = [], {}
    calls = {name: partial(loop.explain, text, sigma) for name, loop in loops.items()}
    calls |= {f"{name}, {dtype}": partial(library, name) for name in others}
    for name, call in calls.items():
        runs.append(timed(partial(library, quick)))
        found[name] = timed(call)
    runs.append(timed(partial(library, quick)))
    medians = {clock: float(np.median([run[clock] for run in runs])) for clock in CLOCKS}
    found[f"{quick}, {dtype}"] = {**runs[0], **medians}
    return found


def report(found: Found) -> None:
    """Print the table."""
    reference = [one["loop, float32"] for one in found]
    wanted = np.concatenate([line["scores"] for line in reference])
    print(f"\n{len(found)} sentences, {len(wanted)} tokens, {torch.get_num_threads()} threads")
    print(f"{'':36}{'seconds':>9}{'rows':>9}{'Pearson':>10}{'largest':>9}  loop's / this: seconds; processor time")
    for name in found[0]:
        lines = [one[name] for one in found]
        scores = np.concatenate([line["scores"] for line in lines])
        ratios = [spread([a[clock] / b[clock] for a, b in zip(reference, lines, strict=True)]) for clock in CLOCKS]
        seconds, rows = (np.median([line[key] for line in lines]) for key in ("seconds", "rows"))
        pearson, largest = np.corrcoef(wanted, scores)[0, 1], np.abs(wanted - scores).max()
        print(f"{name:36}{seconds:9.2f}{rows:9,.0f}{pearson:10.5f}{largest:9.2f}  {'; '.join(ratios)}")
    printed = np.concatenate([line["scores as printed"] for line in reference])
    pearson, largest = np.corrcoef(wanted, printed)[0, 1], np.abs(wanted - printed).max()
    print("seconds, rows, ratios: medians over sentences (least to most); Pearson and largest difference in bits: all")
    print(f"tokens. Algorithm 1 as printed, without the normalisation of Eq. 4: {pearson:.5f}, {largest:.2f} bits")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sentences", type=int, default=5)
    parser.add_argument("--tolerance", type=float, default=0.1)
    parser.add_argument("--sigma", type=float, default=1e-5)
    parser.add_argument("--threads", type=int, help="PyTorch's, for both sides; NumPy's are OPENBLAS_NUM_THREADS")
    parser.add_argument("--out", type=Path, default=Path("plain_loop.json"))
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    report(compare(options.sentences, options.out, tolerance=options.tolerance, sigma=options.sigma))


if __name__ == "__main__":
    main()
