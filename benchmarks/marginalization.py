"""Rows a unit against closeness to the sum: threshold, top-n and adaptive marginalization (Table 3's question).

    python benchmarks/reference.py [--skip 0] --out FOLDER
    python benchmarks/marginalization.py --reference FOLDER [--task sst2] [--warm 300] [--sure 6] [--out FILE]

The reference holds what the model says of every candidate above 1e-6 of the first sentences of at most 20 tokens of
SST-2 test; every method here works on the same candidates and is answered from it, so that only the choice of
candidates differs. Pearson correlation with the reference's scores, all units pooled; the share of units whose 95 %
interval holds the reference. --sure multiplies the model's logits. ELISION_DATA and ELISION_MODELS name the folders.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from common import models, sst_sentences
from reference import examples

import elision
from elision.game.behaviour import BEHAVIOURS
from elision.likelihood.likelihood import Likelihood
from elision.models.answers import CLASSES
from elision.models.model import Model

TOLERANCES = (0.5, 0.3, 0.2, 0.12, 0.1, 0.05)


class Known(Likelihood):
    """The reference's likelihoods, as a likelihood model's; everything else it has from that model."""

    name = "reference"

    def __init__(self, likelihood: Likelihood, sentences: dict[str, Sentence]) -> None:
        self.likelihood, self.sentences = likelihood, sentences

    def bind(self, model: Any, encoding: Any) -> Any:
        known = self.sentences[key(encoding.segments)].likelihood
        bound = self.likelihood.bind(model.model, encoding)
        return replace(bound, distribution=lambda states, slots: known[slots])


class Replay(Model):
    """The reference's answers, as a model's; everything else it has from that model."""

    name = "reference"
    gives_gradients = True
    answer = CLASSES

    def __init__(self, model: elision.HuggingFaceModel, sentences: dict[str, Sentence]) -> None:
        self.model, self.labels, self.vocabulary = model, model.labels, model.vocabulary
        self.sentences = sentences
        self.current = next(iter(sentences.values()))

    def encode(self, example: Any, units: Any = "word") -> Any:
        self.current = self.sentences[key(example)]
        return self.model.encode(example, units)

    def answers(self, blocks: Any) -> Any:
        ids = np.concatenate([block.ids for block in blocks])
        changed = ids != self.current.encoding.ids
        place = changed.argmax(axis=1)
        answers = self.current.answers[place, ids[np.arange(len(ids)), place]]
        answers = np.where(changed.any(axis=1)[:, None], answers, self.current.prediction)
        assert np.isfinite(answers).all()
        return answers

    def linearize(self, rows: Any, classes: Any) -> Any:
        return self.current.sure * self.model.linearize(rows, classes)

    def embed(self, ids: Any) -> Any:
        return self.model.embed(ids)


class Sentence:
    """One sentence of the reference; its answers are logarithms, of a model that is so many times as sure."""

    def __init__(self, file: Path, model: elision.HuggingFaceModel, text: Any, sure: float = 1.0) -> None:
        data = np.load(file)
        self.encoding, self.sure = model.encode(text, "token"), sure
        self.prediction, target = surer(data["p"], sure), int(data["target"])
        size = len(model.vocabulary)
        self.answers = np.full((len(self.encoding.ids), size, len(model.labels)), np.nan)
        self.likelihood = np.zeros((len(self.encoding.ids), size))
        places = np.flatnonzero(self.encoding.unit_of_token >= 0)
        for unit, place in enumerate(places):
            ids, q = data[f"ids_{unit}"][:, 0], data[f"q_{unit}"]
            self.answers[place, ids] = surer(data[f"p_{unit}"], sure)
            self.likelihood[place, ids] = q / q.sum()
        with np.errstate(divide="ignore"):
            logs = np.log(self.likelihood[places])[:, :, None] + np.nan_to_num(self.answers[places])
        mean = CLASSES.watch(np.logaddexp.reduce(logs, axis=1), target)
        bits = BEHAVIOURS["log_odds"]
        self.scores = bits.of(CLASSES.watch(self.prediction, target)) - bits.of(mean)


def surer(p: np.ndarray, times: float) -> np.ndarray:
    """Return the log-probabilities of a model whose logits are so many times those of probabilities (..., c)."""
    logits = times * np.log(p)
    return logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reference", type=Path, required=True)
    parser.add_argument("--task", choices=("sst2", "snli"), default="sst2")
    parser.add_argument("--examples", type=int, default=20)
    parser.add_argument("--skip", type=int, default=0, help="as for the reference")
    parser.add_argument("--most-tokens", type=int, default=20)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--warm", type=int, default=0, help="how many other sentences are learnt from beforehand")
    parser.add_argument(
        "--warm-skip", type=int, help="where those others start, among the sentences [after the examples]"
    )
    parser.add_argument("--sure", type=float, default=1.0, help="how many times as sure the model is to be")
    parser.add_argument("--learn", type=float, default=0.3, help="the tolerance of the method that learns")
    parser.add_argument("--sigma", type=float, nargs="*", default=[1e-3, 1e-4, 1e-5, 1e-6])
    parser.add_argument("--top", type=int, nargs="*", default=[100, 1000])
    parser.add_argument("--tolerance", type=float, nargs="*", default=TOLERANCES)
    parser.add_argument("--out", type=Path, default=Path("marginalization.json"))
    options = parser.parse_args()
    model = elision.load(models() / f"{options.task}-minilm", dtype="fast")
    texts = examples(options.task, model, options.examples, options.most_tokens, options.skip)
    files = [options.reference / f"{i}.npz" for i in range(len(texts))]
    known = {key(t): Sentence(f, model, t, options.sure) for f, t in zip(files, texts, strict=True) if f.exists()}
    masked_lm = elision.MaskedLanguageModel(models() / "mlm-minilm")
    likelihood, replay = Known(masked_lm, known), Replay(model, known)
    wanted = np.concatenate([sentence.scores for sentence in known.values()])
    rows = sum(int((sentence.likelihood > 0).sum()) for sentence in known.values())
    print(f"{len(known)} examples, {len(wanted)} units, reference {rows:,} rows")
    learnt = elision.InputMarginalization(masked_lm, tolerance=options.learn)
    if options.warm:
        started = time.perf_counter()
        start = options.skip + options.examples if options.warm_skip is None else options.warm_skip
        others = sst_sentences(model, options.warm, most_tokens=20, skip=start)
        learnt.warm(model, others, units="token")
        print(f"learnt from {options.warm} other sentences in {time.perf_counter() - started:,.0f} s")
    print(f"{'':18}{'rows a unit':>12}{'Pearson':>9}{'rms bits':>10}{'largest':>9}{'in 95 %':>9}{'seconds':>9}")
    cuts: dict[str, dict[str, Any]] = {f"sigma {sigma:g}": {"threshold": sigma} for sigma in options.sigma}
    cuts |= {f"top {n}": {"threshold": 0, "top_n": n} for n in options.top}
    cuts |= {f"tolerance {tolerance:g}": {"tolerance": tolerance} for tolerance in options.tolerance}
    table: dict[str, Any] = {}
    for name, settings in cuts.items():
        found, started = [], time.perf_counter()
        for seed in range(options.seeds if "tolerance" in settings else 1):
            method = elision.InputMarginalization(likelihood, seed=seed, n_candidates=0, **settings)
            if learnt._learnt:
                method._learnt = replay, learnt._learnt[1]
            found += [method(replay, text, units="token") for text in texts if key(text) in known]
        seconds = (time.perf_counter() - started) / len(found)
        table[name] = report(name, np.tile(wanted, len(found) // len(known)), found, seconds)
    options.out.write_text(json.dumps(table, indent=1))


def key(example: Any) -> str:
    return example if isinstance(example, str) else "\n".join(example)


def report(name: str, wanted: Any, found: list[elision.Explanation], seconds: float) -> dict[str, float]:
    """Print and return one line of the table."""
    difference = np.concatenate([explanation.scores for explanation in found]) - wanted
    line = {
        "rows": sum(explanation.provenance["evaluations"] for explanation in found) / len(wanted),
        "pearson": float(np.corrcoef(wanted, wanted + difference)[0, 1]),
        "rms": float(np.sqrt((difference**2).mean())),
        "largest": float(np.abs(difference).max()),
        "seconds": seconds,
    }
    print(f"{name:18}{line['rows']:12,.0f}{line['pearson']:9.4f}{line['rms']:10.3f}{line['largest']:9.2f}", end="")
    if found[0].std_error is not None and found[0].std_error.any():
        errors = np.concatenate([explanation.std_error for explanation in found])
        line["covered"] = float((np.abs(difference) <= 1.96 * errors + 1e-9).mean())
    print(f"{line['covered']:9.3f}" if "covered" in line else " " * 9, f"{seconds:8.2f}", flush=True)
    return line


if __name__ == "__main__":
    main()
